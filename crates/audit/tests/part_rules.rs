//! Journals of a home and of a part, made by hand: each record is changed so that it breaks one rule, and that one is found.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeSet;

use guichet_audit::{Audit, Report, Rule};
use guichet_domain::across::PartRequest;
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::order::CancelReason;
use guichet_domain::saga::{Effect, SagaRef, StepError};
use guichet_domain::{Event, OrderId, Record, SagaId};

use support::after::{FORWARD, cancelled, fails, given_back, takes_back};
use support::*;

const ELSEWHERE: u16 = PARTITION + 1;
const DEADLINE_MS: u64 = 60_000;
const NO_KEY: [u8; 4] = [1; 4];

/// Offsets of the records that are changed.
const PLACED: usize = 3;
const RESERVED: usize = 4;
const BOOKED_HERE: usize = 5;
const ISSUED: usize = 8;
const SOLD: usize = 9;
const TAKEN_BACK: usize = 10;
const PARTS_BACK: usize = 11;
const MONEY_BACK: usize = 12;
const PART_PAID: usize = 13;
const PART_SOLD: usize = 4;
const PART_CANCELLED: usize = 5;
const HANDED_OVER: usize = 6;

fn ids(sequence: u64) -> IdParts {
    IdParts { partition: ELSEWHERE, incarnation: 0, created_at_unix_ms: 1_000, sequence }
}

fn far_order() -> OrderId {
    OrderId::new(ids(1))
}

fn far_saga() -> SagaId {
    SagaId::new(ids(9))
}

fn wanted() -> Vec<PartRequest> {
    let currency = Currency::from_code("EUR").unwrap();
    vec![PartRequest { partition: ELSEWHERE, holds: vec![foreign_hold(1)], total_minor: 1_000, currency }]
}

fn wants(parts: Vec<PartRequest>) -> Event {
    Event::PartsWanted { order: order(1), parts, deadline_unix_ms: DEADLINE_MS }
}

fn started(number: u64, kind: u8) -> Event {
    Event::SagaStarted { saga: saga(number), definition: SagaRef { kind, version: 1 }, order: order(1) }
}

fn reserve() -> Effect {
    Effect::ReserveParts { order: order(1), parts: wanted(), deadline_unix_ms: DEADLINE_MS }
}

fn to_parts(is: fn(OrderId, Vec<OrderId>) -> Effect) -> Effect {
    is(order(1), vec![far_order()])
}

fn starts_refund(number: u64, amount_minor: i64) -> Event {
    Event::RefundStarted { order: order(1), saga: saga(number), amount_minor, note: String::new() }
}

/// An order at home: sold, cancelled whole, and its part's money given back.
fn home() -> Vec<(u64, Vec<Event>)> {
    let book_parts = to_parts(|order, parts| Effect::BookParts { order, parts });
    let confirm_parts = to_parts(|order, parts| Effect::ConfirmParts { order, parts, key_id: NO_KEY });
    let cancel_parts = to_parts(|order, parts| Effect::CancelParts { order, parts, reason: CancelReason::ByBuyer, waive_fee: false });
    let placed = ordered(1, 1, 6_000, DEADLINE_MS).remove(0);
    let by = far_saga();
    let later = vec![
        (3_000, vec![placed, wants(wanted()), started(1, 4), done(1, 0, FORWARD), intend(1, 1, FORWARD, reserve())]),
        (
            4_000,
            vec![
                Event::PartsReserved { order: order(1), parts: vec![far_order()] },
                done(1, 1, FORWARD),
                intend(1, 2, FORWARD, authorise(1, 6_000)),
            ],
        ),
        (5_000, vec![authorised(1), done(1, 2, FORWARD), booked(2), done(1, 3, FORWARD), intend(1, 4, FORWARD, book_parts)]),
        (5_500, vec![done(1, 4, FORWARD), intend(1, 5, FORWARD, capture(1))]),
        (6_000, vec![Event::PaymentCaptured { order: order(1) }, done(1, 5, FORWARD), intend(1, 6, FORWARD, issue(1))]),
        (6_500, vec![issued(1), done(1, 6, FORWARD), intend(1, 7, FORWARD, confirm_parts)]),
        (7_000, vec![done(1, 7, FORWARD), Event::OrderConfirmed { order: order(1) }, Event::SagaCompleted { saga: saga(1) }]),
        (
            8_000,
            vec![
                takes_back(1, &[0, 1], &[0, 0]),
                cancelled(1, CancelReason::ByBuyer),
                Event::PartsCancelled { order: order(1), saga: saga(2), waive_fee: false },
                starts_refund(2, 5_000),
                started(2, 5),
                intend(2, 0, FORWARD, cancel_parts),
            ],
        ),
        (8_500, vec![done(2, 0, FORWARD), intend(2, 1, FORWARD, refund(1, 5_000))]),
        (9_000, vec![given_back(1, 2, 5_000), done(2, 1, FORWARD), Event::SagaCompleted { saga: saga(2) }]),
        (
            9_500,
            vec![
                Event::PartRefundTaken { order: order(1), part: far_order(), by, amount_minor: 1_000 },
                starts_refund(3, 1_000),
                started(3, 2),
                intend(3, 0, FORWARD, refund(1, 1_000)),
            ],
        ),
    ];
    after_the_hold(later)
}

/// A part: pinned, sold, and one position of it cancelled.
fn part() -> Vec<(u64, Vec<Event>)> {
    let placed = Event::PartPlaced {
        order: order(1),
        home: far_order(),
        saga: far_saga(),
        show: show(1),
        holds: vec![hold(1)],
        total_minor: 5_000,
        deadline_unix_ms: DEADLINE_MS,
    };
    let hand_over = Effect::RefundPart { order: order(1), home: far_order(), amount_minor: 2_500 };
    let over = Event::RefundHandedOver { order: order(1), saga: saga(1) };
    let later = vec![
        (3_000, vec![placed]),
        // The hold would have ended long ago, and its home may take its time.
        (60_500, vec![booked(2), issued(1), Event::OrderConfirmed { order: order(1) }]),
        (70_000, vec![takes_back(1, &[1], &[0]), starts_refund(1, 2_500), started(1, 6), intend(1, 0, FORWARD, hand_over)]),
        (71_000, vec![over, done(1, 0, FORWARD), Event::SagaCompleted { saga: saga(1) }]),
    ];
    after_the_hold(later)
}

fn after_the_hold(later: Vec<(u64, Vec<Event>)>) -> Vec<(u64, Vec<Event>)> {
    let before = journal().into_iter().take(FIRST_HOLD).map(|(stamp, record)| (stamp, record.events().to_vec()));
    before.chain(later).collect()
}

fn audit(journal: &[(u64, Vec<Event>)]) -> Report {
    let mut audit = Audit::new(PARTITION);
    for (offset, (stamp, events)) in (0_u64..).zip(journal) {
        audit.record(offset, *stamp, &Record::Accepted { key: None, events: events.clone() });
    }
    audit.finish()
}

#[test]
fn a_correct_home_and_a_correct_part_have_no_findings() {
    assert_eq!(audit(&home()).findings, vec![]);
    assert_eq!(audit(&part()).findings, vec![]);
}

type Change = fn(&mut Vec<Event>);

fn check(journal: fn() -> Vec<(u64, Vec<Event>)>, cases: &[(&[Rule], usize, Change)]) {
    for (number, (expected, offset, change)) in cases.iter().enumerate() {
        let mut journal = journal();
        journal.truncate(offset + 1);
        change(&mut journal[*offset].1);
        let report = audit(&journal);
        let found: BTreeSet<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
        let expected: BTreeSet<Rule> = expected.iter().copied().collect();
        assert_eq!(found, expected, "{number}: {:#?}", report.findings);
    }
}

#[test]
fn what_a_home_does_wrong_is_found() {
    let wants_otherwise: Change = |events| {
        let mut parts = wanted();
        parts[0].currency = Currency::from_code("CHF").unwrap();
        events[1] = wants(parts);
        events.truncate(4);
    };
    let wants_its_own: Change = |events| {
        let mut parts = wanted();
        parts[0].partition = PARTITION;
        events[1] = wants(parts);
        events.truncate(4);
    };
    let wants_later: Change = |events| events.insert(0, wants(wanted()));
    let cases: Vec<(&[Rule], usize, Change)> = vec![
        (&[Rule::MixedCurrencies], PLACED, wants_otherwise),
        (&[Rule::PartNotAsOrdered], PLACED, wants_its_own),
        // Without its parts it would cost less, and would have another saga.
        (&[Rule::WrongAmount, Rule::UnknownOrder], PLACED, |events| {
            events.remove(1);
            events.truncate(3);
        }),
        (&[Rule::PartNotAsOrdered], RESERVED, |events| events[0] = Event::PartsReserved { order: order(1), parts: Vec::new() }),
        (&[Rule::EffectWithoutIntent], RESERVED, |events| events.swap(0, 1)),
        (&[Rule::PartNotAsOrdered], RESERVED, wants_later),
        (&[Rule::EffectAbandoned], RESERVED, |events| {
            *events = vec![fails(1, 1, StepError::Failed("no".into()), 1)];
        }),
        (&[Rule::BookedWithoutAuthorisation], BOOKED_HERE, |events| drop(events.remove(2))),
        (&[Rule::StepOutOfOrder], BOOKED_HERE, |events| events[4] = intend(1, 4, FORWARD, capture(1))),
        (&[Rule::TicketsWithoutCapture], ISSUED, |events| drop(events.remove(0))),
        (&[Rule::StepOutOfOrder], ISSUED, |events| {
            events.truncate(2);
            events.extend([Event::OrderConfirmed { order: order(1) }, Event::SagaCompleted { saga: saga(1) }]);
        }),
        (&[Rule::StepOutOfOrder], SOLD, |events| *events = vec![fails(1, 7, StepError::Failed("no".into()), 8)]),
        (&[Rule::CancelledInPart], TAKEN_BACK, |events| {
            events.truncate(5);
            events.drain(..2);
        }),
        (&[Rule::RefundLost], TAKEN_BACK, |events| events.truncate(4)),
        (&[Rule::RefundLost], TAKEN_BACK, |events| {
            // A second saga takes the same parts back.
            events.push(started(3, 5));
        }),
        (&[Rule::StepOutOfOrder], PARTS_BACK, |events| *events = vec![fails(2, 0, StepError::Failed("no".into()), 1)]),
        (&[Rule::RefundLost], MONEY_BACK, |events| drop(events.remove(0))),
        (&[Rule::RefundedTooMuch], PART_PAID, |events| {
            events[0] = Event::PartRefundTaken { order: order(1), part: far_order(), by: far_saga(), amount_minor: 1_001 };
            events[1] = starts_refund(3, 1_001);
            events[3] = intend(3, 0, FORWARD, refund(1, 1_001));
        }),
        (&[Rule::RefundLost], PART_PAID, |events| events.truncate(1)),
        (&[Rule::WrongAmount], PART_PAID, |events| {
            events[1] = starts_refund(3, 999);
            events[3] = intend(3, 0, FORWARD, refund(1, 999));
        }),
    ];
    check(home, &cases);
    // Without a name for each part nothing is sold at home.
    let mut nameless = home();
    nameless.truncate(BOOKED_HERE + 1);
    nameless[RESERVED].1.remove(0);
    nameless[BOOKED_HERE].1.truncate(3);
    assert_eq!(audit(&nameless).findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::PartNotAsOrdered]);
    // Its places were given back before, so no money is owed at home, but its part is forgotten.
    let mut forgotten = home();
    forgotten.truncate(SOLD + 1);
    let gives = vec![takes_back(1, &[0, 1], &[0, 0]), starts_refund(2, 5_000), started(2, 2), intend(2, 0, FORWARD, refund(1, 5_000))];
    forgotten.push((7_500, gives));
    assert_eq!(audit(&forgotten).findings, vec![]);
    let whole = Event::PartsCancelled { order: order(1), saga: saga(3), waive_fee: false };
    forgotten.push((7_600, vec![takes_back(1, &[], &[]), cancelled(1, CancelReason::ByBuyer), whole]));
    assert_eq!(audit(&forgotten).findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::RefundLost]);
    // No more than is left is given back for a part, whatever it cost.
    let mut given = home();
    given.truncate(SOLD + 1);
    given.push((7_500, vec![starts_refund(2, 5_500), started(2, 2), intend(2, 0, FORWARD, refund(1, 5_500))]));
    let taken = Event::PartRefundTaken { order: order(1), part: far_order(), by: far_saga(), amount_minor: 1_000 };
    given.push((7_600, vec![taken]));
    assert_eq!(audit(&given).findings.iter().filter(|finding| finding.rule == Rule::RefundedTooMuch).count(), 1);
}

#[test]
fn what_a_part_does_wrong_is_found() {
    let barred = |events: &mut Vec<Event>| {
        events.insert(0, Event::PartBarred { home: far_order(), saga: far_saga(), until_unix_ms: DEADLINE_MS });
        events.truncate(1);
    };
    let cases: Vec<(&[Rule], usize, Change)> = vec![
        (&[Rule::PartNotAsOrdered], PLACED, |events| {
            if let Event::PartPlaced { home, .. } = &mut events[0] {
                *home = order(7);
            }
        }),
        (&[Rule::PartAfterRelease], PART_SOLD, barred),
        (&[Rule::WrongTicketCount], PART_SOLD, |events| events[0] = booked(3)),
        (&[Rule::DuplicateId, Rule::HoldEndedTwice, Rule::OrderEndedTwice], PART_SOLD, |events| events.insert(0, booked(2))),
        (&[Rule::OrderEndedTwice], PART_SOLD, |events| events.insert(1, issued(1))),
        (&[Rule::WrongAmount], PART_CANCELLED, |events| drop(events.remove(0))),
        (&[Rule::StepOutOfOrder], HANDED_OVER, |events| *events = vec![fails(1, 0, StepError::Failed("no".into()), 0)]),
        (&[Rule::EffectWithoutIntent], HANDED_OVER, |events| events.swap(0, 1)),
        (&[Rule::RefundLost], HANDED_OVER, |events| drop(events.remove(0))),
    ];
    check(part, &cases);
}
