//! What comes after a sale: each rule has a journal that breaks it and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeSet;

use guichet_audit::{AfterSaleCounts, Audit, Report, Rule};
use guichet_domain::hold::Claim;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState};
use guichet_domain::saga::{Effect, StepError};
use guichet_domain::show::LatePayment;
use guichet_domain::{Event, Record, Rejection};

use support::after::*;
use support::{accepted, authorise, capture, done, hold, intend, issued, order, payment, refund, refused, saga, seats, show};

/// The correct journal up to `cut`, then these records with this stamp.
fn audit(cut: usize, stamp_unix_ms: u64, planted: Vec<Record>) -> Report {
    let mut journal = after_journal();
    journal.truncate(cut);
    journal.extend(planted.into_iter().map(|record| (stamp_unix_ms, record)));
    let mut audit = Audit::new(support::PARTITION);
    for (offset, (stamp, record)) in (0_u64..).zip(&journal) {
        audit.record(offset, *stamp, record);
    }
    audit.finish()
}

/// The events of the record at an offset, changed.
fn changed(offset: usize, change: impl FnOnce(&mut Vec<Event>)) -> Vec<Record> {
    let mut events = after_journal()[offset].1.events().to_vec();
    change(&mut events);
    vec![accepted(events)]
}

fn rules(report: &Report) -> Vec<Rule> {
    let rules: BTreeSet<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.into_iter().collect()
}

#[test]
fn a_correct_journal_has_no_findings_and_is_counted() {
    let report = audit(usize::MAX, 0, vec![]);
    assert_eq!(report.findings, vec![]);
    let expected = AfterSaleCounts {
        refunds: 4,
        refunded_minor: 2_200 + 2_500 + 100 + 2_500,
        positions_cancelled: 2,
        check_ins: 1,
        late_reinstated: 1,
        late_refunded: 1,
        ..AfterSaleCounts::default()
    };
    assert_eq!(report.after_sale, expected);
    assert_eq!((report.orders.placed, report.orders.confirmed, report.orders.cancelled, report.orders.stuck), (4, 2, 2, 0));
    let counts = &report.shows[&show(1)];
    assert_eq!((counts.seats_held, counts.seats_booked, counts.seats_blocked, counts.quotas[0].booked), (0, 1, 0, 1));
    assert_eq!((report.shows[&show(3)].quotas[0].booked, report.tickets), (1, 5));
}

#[test]
fn what_is_on_its_way_is_counted() {
    assert_eq!(audit(BLOCKED, 0, vec![]).shows[&show(1)].seats_blocked, 1);
    assert_eq!((audit(TAKEN_BACK, 0, vec![]).after_sale.refunds, audit(GIVEN_BACK, 0, vec![]).after_sale.refunds), (0, 1));
    let stuck = audit(STUCK, 0, vec![]);
    assert_eq!((stuck.orders.stuck, stuck.after_sale.sagas_stuck, stuck.after_sale.paid_unfulfilled), (1, 1, 1));
    let resumed = audit(RESUMED, 0, vec![]);
    assert_eq!((resumed.orders.stuck, resumed.after_sale.sagas_stuck, resumed.after_sale.paid_unfulfilled), (0, 0, 1));
    assert_eq!(audit(SETTLED, 0, vec![]).after_sale.paid_unfulfilled, 0);
    assert_eq!(audit(REINSTATED, 0, vec![]).after_sale.paid_unfulfilled, 0);
}

type Planted = (Rule, usize, u64, Vec<Record>);

#[test]
fn every_rule_finds_its_planted_record_and_no_other_rule_does() {
    let cases: Vec<Planted> = [sale(), cancellations(), refunds(), late_payments(), turning(), door()].into_iter().flatten().collect();
    for (rule, cut, stamp, planted) in &cases {
        assert!(audit(*cut, 0, vec![]).is_clean(), "{rule:?}: the journal before the plant is correct");
        let report = audit(*cut, *stamp, planted.clone());
        assert_eq!(rules(&report), [*rule], "{rule:?}: {planted:#?} {:#?}", report.findings);
        assert!(report.findings.iter().all(|finding| finding.offset >= *cut as u64), "{rule:?}");
    }
    let covered: BTreeSet<Rule> = cases.iter().map(|(rule, ..)| *rule).collect();
    let missing: Vec<_> = AFTER_SALE.iter().filter(|rule| !covered.contains(rule)).collect();
    assert!(missing.is_empty(), "rules without a test: {missing:?}");
}

fn sale() -> Vec<Planted> {
    let one = |event| vec![accepted(vec![event])];
    let free = |quantity| place(2, Claim::Quantity(quantity));
    let standing = || place(1, Claim::Quantity(1));
    let unblock = |seats: &[u32]| Event::SeatsUnblocked { show: show(1), seats: seats.to_vec() };
    let block = |seats: &[u32]| Event::SeatsBlocked { show: show(1), seats: seats.to_vec(), reason: String::new() };
    let dollars = vec![
        accepted(vec![held(3, 1, seats(&[2]), 10_000, BERT)]),
        accepted(vec![held(4, 2, place(0, Claim::Quantity(1)), 10_000, None)]),
        accepted(ordered_over(2, 2, &[3, 4], 3_400, 60_000).into()),
    ];
    let in_dollars = |events: &mut Vec<Event>| {
        let (order, currency) = (order(1), Currency::from_code("USD").unwrap());
        events[3] = intend(1, 1, FORWARD, Effect::Authorise { order, amount_minor: 5_900, currency, payment: payment() });
    };
    let asks_for_nothing = |events: &mut Vec<Event>| drop(events.splice(3.., [intend(5, 1, FORWARD, authorise(3, 0))]));
    let takes_nothing = |events: &mut Vec<Event>| drop(events.splice(6.., [intend(5, 3, FORWARD, capture(3))]));
    vec![
        (Rule::OutsideItsWindow, ON_SALE, 1_499, one(held(1, 1, seats(&[2]), 9_000, BERT))),
        (Rule::OutsideItsWindow, SETTLED, 900_000, one(held(6, 1, seats(&[3]), 990_000, CARL))),
        (Rule::OutsideItsWindow, SOLD, 100_000, one(held(3, 1, standing(), 110_000, BERT))),
        (Rule::BuyerUnknown, HELD, 2_500, one(held(3, 1, seats(&[2]), 9_000, None))),
        (Rule::BuyerAboveLimit, HELD, 2_500, one(held(3, 1, seats(&[2]), 9_000, ANNA))),
        (Rule::BuyerAboveLimit, HELD, 2_500, one(held(3, 1, free(3), 9_000, BERT))),
        // What is owned counts, and what was taken back does not.
        (Rule::BuyerAboveLimit, ENTERED, 8_000, one(held(3, 1, free(1), 9_000, ANNA))),
        (Rule::BuyerAboveLimit, GIVEN_BACK, 601_000, one(held(3, 1, free(2), 700_000, ANNA))),
        (Rule::BuyerAboveLimit, LATE_SOLD, 620_400, one(held(4, 1, free(2), 700_000, BERT))),
        (Rule::SeatWasNotBlocked, UNBLOCKED, 600_300, one(unblock(&[2]))),
        (Rule::SeatWasNotBlocked, BLOCKED, 600_300, one(unblock(&[0, 2]))),
        (Rule::SeatInTwoHands, BLOCKED, 600_300, one(block(&[2, 3]))),
        (Rule::SeatInTwoHands, BLOCKED, 600_300, one(block(&[0]))),
        (Rule::SeatInTwoHands, BLOCKED, 600_300, one(held(3, 1, seats(&[2]), 610_000, BERT))),
        (Rule::UnknownShow, BLOCKED, 600_300, one(Event::SeatsBlocked { show: show(9), seats: vec![1], reason: String::new() })),
        (Rule::MixedCurrencies, HELD, 2_500, dollars),
        (Rule::MixedCurrencies, HELD, 3_000, changed(HELD, in_dollars)),
        (Rule::FreeOrderPaid, FREE_HELD, 620_500, changed(FREE_HELD, asks_for_nothing)),
        (Rule::FreeOrderPaid, FREE_HELD, 620_500, changed(FREE_HELD, takes_nothing)),
        (Rule::WrongTicketCount, FREE_HELD, 620_500, changed(FREE_HELD, |events| events[7] = intend(5, 4, FORWARD, issues(3, 6, 1)))),
    ]
}

fn cancellations() -> Vec<Planted> {
    let refund_of = |positions: &[u32], fees: &[i64], amount: i64| {
        let mut events = vec![takes_back(1, positions, fees)];
        events.extend(refunding(1, 2, amount));
        vec![accepted(events)]
    };
    let only = |event| vec![accepted(vec![event])];
    let other_half = |events: &mut Vec<Event>| {
        events.insert(1, cancelled(1, CancelReason::ByBuyer));
    };
    vec![
        (Rule::PositionNotSold, GIVEN_BACK, 600_100, only(takes_back(1, &[1], &[300]))),
        (Rule::PositionNotSold, ENTERED, 600_000, only(takes_back(1, &[3], &[0]))),
        (Rule::PositionNotSold, ENTERED, 600_000, refund_of(&[1, 1], &[300, 300], 2_200)),
        (Rule::PositionNotSold, FREE_PLACED, 620_550, only(takes_back(3, &[0], &[0]))),
        // 10 % of 2 500 and 50, less than 500 s before the start; nothing before; the third show has no fee at all.
        (Rule::WrongFee, ENTERED, 600_000, refund_of(&[1], &[299], 2_201)),
        (Rule::WrongFee, ENTERED, 600_000, only(takes_back(1, &[1], &[2_500]))),
        (Rule::WrongFee, ENTERED, 500_000, refund_of(&[1], &[300], 2_200)),
        (Rule::WrongFee, ENTERED, 600_000, refund_of(&[2], &[140], 760)),
        (Rule::WrongAmount, ENTERED, 600_000, refund_of(&[1], &[300], 2_500)),
        (Rule::WrongAmount, ENTERED, 600_000, refund_of(&[1], &[300], 2_199)),
        (Rule::RefundLost, ENTERED, 600_000, only(takes_back(1, &[1], &[300]))),
        (Rule::CancelledInPart, ENTERED, 600_000, changed(ENTERED, other_half)),
        (Rule::CancelledInPart, ENTERED, 600_000, refund_of(&[0, 1, 2], &[0, 0, 0], 5_900)),
        // What was freed is free once: whoever has it next has it alone.
        (
            Rule::SeatInTwoHands,
            GIVEN_BACK,
            600_200,
            vec![accepted(vec![held(3, 1, seats(&[1]), 700_000, BERT)]), accepted(vec![held(4, 1, seats(&[1]), 700_000, CARL)])],
        ),
        (Rule::SeatInTwoHands, GIVEN_BACK, 600_200, vec![accepted(vec![held(3, 1, seats(&[0]), 700_000, BERT)])]),
    ]
}

fn refunds() -> Vec<Planted> {
    let started_with = |amount: i64| vec![accepted(refunding(1, 2, amount).into())];
    let lost = |events: &mut Vec<Event>| drop(events.remove(0));
    let half = |events: &mut Vec<Event>| events[0] = given_back(1, 2, 1_100);
    let twice = |events: &mut Vec<Event>| events.insert(0, events[0].clone());
    let other_intent = |events: &mut Vec<Event>| *events.last_mut().unwrap() = intend(2, 0, FORWARD, refund(1, 2_000));
    let without_saga = |events: &mut Vec<Event>| events.truncate(2);
    let unannounced = vec![accepted(vec![started(2, 2, 1)])];
    let gives_up = vec![fails(2, 0, StepError::Failed("no".into()), 0), Event::SagaCompensated { saga: saga(2) }];
    let mut two = refunding(1, 2, 3_000).to_vec();
    two.extend(refunding(1, 3, 3_000));
    vec![
        (Rule::RefundedTooMuch, ENTERED, 8_000, started_with(5_901)),
        (Rule::RefundedTooMuch, GIVEN_BACK, 700_000, vec![accepted(refunding(1, 3, 3_701).into())]),
        (Rule::RefundedTooMuch, ENTERED, 8_000, vec![accepted(two)]),
        // Late money goes back already.
        (Rule::RefundedTooMuch, LATE_BACK, 621_400, vec![accepted(refunding(4, 8, 100).into())]),
        (Rule::WrongAmount, ENTERED, 8_000, started_with(0)),
        (Rule::RefundedTwice, TAKEN_BACK, 600_100, changed(TAKEN_BACK, twice)),
        (Rule::WrongAmount, TAKEN_BACK, 600_100, changed(TAKEN_BACK, half)),
        (Rule::RefundLost, TAKEN_BACK, 600_100, changed(TAKEN_BACK, lost)),
        (Rule::WrongAmount, ENTERED, 600_000, changed(ENTERED, other_intent)),
        (Rule::RefundLost, ENTERED, 600_000, changed(ENTERED, without_saga)),
        (Rule::RefundLost, ENTERED, 600_000, unannounced),
        (Rule::RefundLost, TAKEN_BACK, 600_100, vec![accepted(gives_up)]),
        (Rule::EffectWithoutIntent, GIVEN_BACK, 700_000, vec![accepted(vec![given_back(1, 9, 100)])]),
    ]
}

fn late_payments() -> Vec<Planted> {
    let late = |change: &dyn Fn(&mut Vec<Event>)| changed(LAPSED, |events| change(events));
    let until_received = |policy| move |events: &mut Vec<Event>| drop(events.splice(.., too_late(2, 4, 2_500, policy)));
    let seat = |seat: u32| move |events: &mut Vec<Event>| events[3] = reinstated(2, seats(&[seat]), 4);
    let settled_by = |policy| {
        let mut events = too_late(4, 7, 2_500, policy).to_vec();
        events.extend([reinstated(4, seats(&[1]), 7), done(7, 1, FORWARD), intend(7, 2, FORWARD, issues(4, 7, 1))]);
        vec![accepted(events)]
    };
    let again = too_late(4, 8, 100, LatePayment::Refund);
    let to_rebook = vec![
        Event::LatePolicyChosen { order: order(4), policy: LatePayment::SameSeat },
        Event::SagaResumed { saga: saga(7), step: 1, direction: FORWARD },
    ];
    let resumed = |step, direction| vec![accepted(vec![Event::SagaResumed { saga: saga(7), step, direction }])];
    let without_refund = changed(RESUMED, |events| drop(events.remove(0)));
    let early = vec![Event::LatePolicyChosen { order: order(4), policy: LatePayment::SameSeat }];
    let bought_anyway = [to_rebook, vec![reinstated(4, seats(&[1]), 7)]].concat();
    vec![
        (Rule::LatePaymentWithoutCause, ENTERED, 8_000, vec![accepted(too_late(1, 2, 100, LatePayment::Refund).into())]),
        (Rule::LatePaymentWithoutCause, LATE_BACK, 621_400, vec![accepted(again.into())]),
        (Rule::LatePaymentWithoutCause, LATE_BACK, 621_400, vec![accepted(early)]),
        (Rule::LatePaymentWithoutCause, LAPSED, 620_200, vec![accepted(vec![started(4, 3, 2)])]),
        (Rule::LatePolicyIgnored, LAPSED, 620_200, late(&until_received(LatePayment::SameSeat))),
        (Rule::LatePolicyIgnored, TURNED, 621_300, vec![accepted(too_late(4, 7, 100, LatePayment::EquivalentSeat).into())]),
        // Another category; another product; not for want of money, whoever chose the policy.
        (Rule::LatePolicyIgnored, LAPSED, 620_200, late(&seat(4))),
        (Rule::LatePolicyIgnored, LAPSED, 620_200, late(&|events| events[3] = reinstated(2, place(2, Claim::Quantity(1)), 4))),
        (Rule::LatePolicyIgnored, TURNED, 621_300, settled_by(LatePayment::EquivalentSeat)),
        (Rule::LatePolicyIgnored, STUCK, 621_500, vec![accepted(bought_anyway)]),
        (Rule::SeatInTwoHands, LAPSED, 620_200, late(&seat(0))),
        (
            Rule::DuplicateId,
            LAPSED,
            620_200,
            late(&|events| {
                events[3] = reinstated(2, seats(&[2]), 3);
                events[5] = intend(4, 2, FORWARD, issues(2, 3, 1));
            }),
        ),
        (Rule::RefundLost, LAPSED, 620_200, late(&|events| events.truncate(1))),
        (Rule::RefundLost, RESUMED, 621_600, without_refund),
        (Rule::OrderLeftOpen, REINSTATED, 620_300, changed(REINSTATED, |events| drop(events.remove(2)))),
        (Rule::ResumedElsewhere, STUCK, 621_500, resumed(0, FORWARD)),
        (Rule::ResumedElsewhere, STUCK, 621_500, resumed(1, BACKWARD)),
        (Rule::ResumedElsewhere, LATE_BACK, 621_400, resumed(0, BACKWARD)),
        (Rule::StepOutOfOrder, STUCK, 621_500, vec![accepted(vec![done(7, 0, BACKWARD)])]),
    ]
}

fn turning() -> Vec<Planted> {
    let by_buyer = || StepError::Cancelled(CancelReason::ByBuyer);
    let goes_on = vec![
        Event::PaymentCaptured { order: order(4) },
        done(6, 3, FORWARD),
        intend(6, 4, FORWARD, issues(4, 6, 1)),
        issued(4),
        done(6, 4, FORWARD),
        Event::OrderConfirmed { order: order(4) },
        Event::SagaCompleted { saga: saga(6) },
    ];
    let requested = Event::CancelRequested { order: order(1), reason: CancelReason::ByBuyer };
    vec![
        (Rule::CancelRequestIgnored, ASKED_TO_CANCEL, 621_100, vec![accepted(goes_on)]),
        (Rule::OrderEndedTwice, ENTERED, 8_000, vec![accepted(vec![requested])]),
        // While somebody takes the money nobody knows whether it was taken.
        (Rule::EffectAbandoned, ASKED_TO_CANCEL, 621_100, vec![accepted(vec![fails(6, 3, by_buyer(), 3)])]),
        (Rule::StepOutOfOrder, ASKED_TO_CANCEL, 621_100, vec![accepted(vec![fails(6, 4, by_buyer(), 4)])]),
        (Rule::RefundedTwice, TURNING, 621_200, changed(TURNING, |events| events.insert(0, events[0].clone()))),
        (Rule::CancelledOrderKeepsSeats, TURNING, 621_200, changed(TURNING, |events| drop(events.remove(2)))),
        (Rule::CancelledOrderKeepsMoney, TURNING, 621_200, changed(TURNING, |events| drop(events.remove(0)))),
        (Rule::OrderEndedTwice, SETTLED, 621_700, vec![accepted(vec![Event::OrderStuck { order: order(4) }])]),
    ]
}

fn door() -> Vec<Planted> {
    let one = |event| vec![accepted(vec![event])];
    let turned_round = vec![
        accepted(vec![Event::PaymentCaptured { order: order(4) }, done(6, 3, FORWARD), intend(6, 4, FORWARD, issues(4, 6, 1))]),
        accepted(vec![
            issued(4),
            done(6, 4, FORWARD),
            fails(6, 5, StepError::Cancelled(CancelReason::ByBuyer), 5),
            done(6, 4, BACKWARD),
            intend(6, 3, BACKWARD, refund(4, 2_500)),
        ]),
    ];
    assert!(audit(ASKED_TO_CANCEL, 621_100, turned_round.clone()).is_clean(), "also beyond its last step an order can turn round");
    vec![
        (Rule::TicketOfNobody, ENTERED, 8_000, one(enters(1, 4, 0))),
        (Rule::TicketOfNobody, LATE_SOLD, 620_400, one(enters(2, 3, 0))),
        (Rule::TicketOfNobody, SOLD - 1, 5_500, one(enters(1, 1, 0))),
        (Rule::TicketOfNobody, FREE_PLACED, 620_550, one(enters(3, 5, 0))),
        (Rule::TicketOfNobody, ASKED_TO_CANCEL, 621_100, [turned_round, one(enters(4, 6, 0))].concat()),
        (Rule::CancelledTicketUsed, TAKEN_BACK, 600_050, one(enters(1, 2, 0))),
        (Rule::TicketUsedTwice, ENTERED, 8_000, one(enters(1, 1, 0))),
        (Rule::TicketNotOnList, ENTERED, 8_000, one(enters(1, 1, 2))),
        (Rule::TicketNotOnList, ENTERED, 8_000, one(enters(1, 3, 1))),
    ]
}

#[test]
fn correct_ways_that_the_journal_does_not_show_are_clean() {
    let waived = {
        let mut events = vec![takes_back(1, &[0, 1, 2], &[0, 0, 0]), cancelled(1, CancelReason::ByOperator)];
        events.extend(refunding(1, 2, 5_900));
        accepted(events)
    };
    // Something has been given back before, so that less is left than the prices.
    let mut capped = vec![takes_back(1, &[0, 1, 2], &[0, 0, 0]), cancelled(1, CancelReason::ByOperator)];
    capped.extend(refunding(1, 3, 900));
    let mut same_time = refunding(1, 2, 3_000).to_vec();
    same_time.extend(refunding(1, 3, 2_900));
    let same_place = changed(LAPSED, |events| events[3] = reinstated(2, seats(&[3]), 4));
    let resolved = vec![
        Event::LatePolicyChosen { order: order(4), policy: LatePayment::SameSeat },
        Event::SagaResumed { saga: saga(7), step: 1, direction: FORWARD },
        fails(7, 1, StepError::GivenBack, 1),
        intend(7, 0, BACKWARD, refund(4, 100)),
    ];
    let cases = [
        (ENTERED, 600_000, vec![waived]),
        (ENTERED, 8_000, vec![accepted(refunding(1, 2, 5_000).into()), accepted(refunded(1, 2, 5_000).into()), accepted(capped)]),
        (ENTERED, 8_000, vec![accepted(same_time), accepted(refunded(1, 3, 2_900).into()), accepted(refunded(1, 2, 3_000).into())]),
        (LAPSED, 620_200, same_place),
        (STUCK, 621_500, vec![accepted(resolved)]),
        (ENTERED, 8_000, vec![accepted(vec![enters(1, 1, 1)]), accepted(vec![enters(1, 2, 0)])]),
        (GIVEN_BACK, 600_200, vec![accepted(vec![held(3, 1, seats(&[1]), 700_000, ANNA)])]),
    ];
    for (cut, stamp, planted) in cases {
        let report = audit(cut, stamp, planted.clone());
        assert_eq!(report.findings, vec![], "{planted:#?}");
    }
}

#[test]
fn refusals_that_were_not_true_are_found() {
    let limit = |has, requested| Rejection::LimitExceeded { show: show(1), limit: 2, has, requested };
    let window = |product, opens_at_unix_ms, closes_at_unix_ms| Rejection::OutsideSaleWindow {
        show: show(1),
        product,
        opens_at_unix_ms,
        closes_at_unix_ms,
    };
    let used = |gate: &str, number| Rejection::TicketAlreadyUsed { ticket: tickets(number), gate: gate.into(), scanned_at_unix_ms: 7_000 };
    let not_blocked = |seats: &[u32]| Rejection::SeatNotBlocked { show: show(1), seats: seats.to_vec() };
    let gone = |number| Rejection::OrderAlreadyCancelled { order: order(number) };
    let too_large = |requested_minor| Rejection::RefundTooLarge { order: order(1), requested_minor, left_minor: 3_700 };
    let not_confirmed = |number| Rejection::OrderNotConfirmed { order: order(number), state: OrderState::Placed };
    let cases = [
        (ENTERED, 8_000, limit(2, 1), true),
        (ENTERED, 8_000, limit(1, 2), false),
        (ENTERED, 8_000, limit(0, 3), true),
        (ENTERED, 8_000, limit(2, 0), false),
        (ENTERED, 8_000, Rejection::LimitExceeded { show: show(3), limit: 2, has: 0, requested: 3 }, false),
        (GIVEN_BACK, 601_000, limit(1, 2), true),
        (GIVEN_BACK, 601_000, limit(2, 1), false),
        (ON_SALE, 1_400, window(None, Some(1_500), Some(900_000)), true),
        (ON_SALE, 1_600, window(None, Some(1_500), Some(900_000)), false),
        (SETTLED, 900_000, window(None, Some(1_500), Some(900_000)), true),
        (SETTLED, 900_000, window(None, Some(1_500), Some(800_000)), false),
        (SOLD, 100_000, window(Some(1), None, Some(100_000)), true),
        (SOLD, 99_999, window(Some(1), None, Some(100_000)), false),
        (SOLD, 8_000, Rejection::BuyerRefRequired { show: show(1) }, true),
        (SOLD, 8_000, Rejection::BuyerRefRequired { show: show(3) }, false),
        (ENTERED, 8_000, used("north", 1), true),
        (ENTERED, 8_000, used("south", 1), false),
        (ENTERED, 8_000, used("north", 2), false),
        (TAKEN_BACK, 601_000, Rejection::TicketCancelled { ticket: tickets(2) }, true),
        (TAKEN_BACK, 601_000, Rejection::TicketCancelled { ticket: tickets(1) }, false),
        (ENTERED, 8_000, Rejection::TicketNotFound { ticket: tickets(3) }, false),
        (ENTERED, 8_000, Rejection::TicketNotFound { ticket: tickets(4) }, true),
        (ENTERED, 8_000, Rejection::UnknownCheckInList { show: show(1), list: 2 }, true),
        (ENTERED, 8_000, Rejection::UnknownCheckInList { show: show(1), list: 1 }, false),
        (BLOCKED, 600_250, not_blocked(&[2]), false),
        (BLOCKED, 600_250, not_blocked(&[0, 3]), true),
        (BLOCKED, 600_250, Rejection::SeatTaken { show: show(1), seats: vec![0, 2] }, true),
        (UNBLOCKED, 600_350, Rejection::SeatTaken { show: show(1), seats: vec![0, 2] }, false),
        (UNBLOCKED, 600_350, not_blocked(&[2]), true),
        (LAPSED, 620_150, gone(2), true),
        (LAPSED, 620_150, gone(1), false),
        (LAPSED - 1, 620_050, gone(2), true),
        (ASKED_TO_CANCEL, 621_050, gone(4), true),
        (ASKED_TO_CANCEL - 1, 620_950, gone(4), false),
        (LATE_SOLD, 620_350, gone(2), false),
        (LATE_SOLD, 620_350, not_confirmed(2), false),
        (LAPSED, 620_150, not_confirmed(2), true),
        (STUCK, 621_450, Rejection::OrderStuck { order: order(4) }, true),
        (RESUMED, 621_550, Rejection::OrderStuck { order: order(4) }, false),
        (TAKEN_BACK, 600_050, Rejection::PositionCancelled { order: order(1), position: 1 }, true),
        (TAKEN_BACK, 600_050, Rejection::PositionCancelled { order: order(1), position: 0 }, false),
        (TAKEN_BACK, 600_050, too_large(3_701), true),
        (TAKEN_BACK, 600_050, too_large(3_700), false),
        (PLACED, 3_500, Rejection::OrderNotFound { order: order(1) }, false),
        (PLACED, 3_500, Rejection::OrderNotFound { order: order(2) }, true),
        (PLACED, 3_500, Rejection::HoldInOrder { hold: hold(2), order: order(1) }, true),
    ];
    for (cut, stamp, rejection, is_true) in cases {
        let report = audit(cut, stamp, vec![refused(rejection.clone())]);
        let expected = if is_true { vec![] } else { vec![Rule::FalseRefusal] };
        assert_eq!(rules(&report), expected, "{rejection:?}: {:#?}", report.findings);
    }
}
