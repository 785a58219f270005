//! Each rule has a journal that breaks it and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet_audit::{Audit, Report, Rule};
use guichet_domain::id::IdParts;
use guichet_domain::key::{ApiKey, Scope};
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::organiser::Organiser;
use guichet_domain::saga::{Direction, Effect};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};
use guichet_domain::{ApiKeyId, Event, OrganiserId, Record, Rejection, VenueId};

use support::after::{AFTER_SALE, OVER_PARTITIONS};
use support::*;

/// The test of groups plants these.
const OF_GROUPS: [Rule; 2] = [Rule::TableTornApart, Rule::SeatLeftAlone];

/// The correct journal up to `cut`, then these records with this stamp.
fn audit(cut: usize, stamp_unix_ms: u64, planted: Vec<Record>) -> Report {
    let mut audit = Audit::new(PARTITION);
    let mut journal = journal();
    journal.truncate(cut);
    journal.extend(planted.into_iter().map(|record| (stamp_unix_ms, record)));
    for (offset, (stamp, record)) in (0_u64..).zip(&journal) {
        audit.record(offset, *stamp, record);
    }
    audit.finish()
}

fn without(events: Vec<Event>, left_out: usize) -> Vec<Event> {
    events.into_iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, event)| event).collect()
}

fn events_at(offset: usize) -> Vec<Event> {
    journal()[offset].1.events().to_vec()
}

#[test]
fn a_correct_journal_has_no_findings_and_is_counted() {
    let report = audit(usize::MAX, 0, vec![]);
    assert_eq!(report.findings, vec![]);
    assert!(report.is_clean());
    assert_eq!((report.records_checked, report.events_checked), (19, 39));
    assert_eq!((report.holds.placed, report.holds.released, report.holds.expired, report.holds.booked), (5, 1, 3, 1));
    assert_eq!((report.orders.placed, report.orders.confirmed, report.orders.cancelled, report.orders.stuck), (2, 1, 1, 0));
    assert_eq!((report.tickets, report.oversold, report.false_refusals), (2, 0, 0));
    let counts = &report.shows[&show(1)];
    assert_eq!((counts.seats, counts.seats_held, counts.seats_booked), (5, 0, 2));
    assert_eq!((counts.quotas[0].held, counts.quotas[0].booked, counts.quotas[0].size), (0, 0, 10));
    assert_eq!(report.refusals.into_iter().collect::<Vec<_>>(), [("seat_taken", 1), ("sold_out", 1)]);
}

#[test]
fn a_report_can_be_taken_on_the_way() {
    let report = audit(DEADLINE_PASSED - 1, 0, vec![]);
    let counts = &report.shows[&show(1)];
    assert_eq!((counts.seats_held, counts.seats_booked, counts.quotas[0].held), (1, 2, 4));
}

#[test]
fn the_grace_after_an_absence_is_respected() {
    let grace = Record::Timely { events: vec![Event::ReopenGraceGranted { until_unix_ms: 90_000 }] };
    let early = Record::Timely { events: vec![Event::HoldExpired { hold: hold(1) }] };
    assert!(audit(FIRST_HOLD, 30_000, vec![grace.clone(), refused(Rejection::EmptyHold)]).is_clean());
    assert_eq!(rules(&audit(FIRST_HOLD, 30_000, vec![grace, early])), [Rule::ExpiredEarly]);
}

#[test]
fn findings_speak_of_seats_by_their_labels() {
    let report = audit(FIRST_HOLD, 3_000, vec![accepted(vec![placed(hold(2), seats(&[1, 2]), 9_000)])]);
    let text = report.findings[0].to_string();
    let expected =
        format!("record 3: a seat is in two hands: seat A-1-2 of \"Hamlet\" belongs to hold {} and was given to hold {}", hold(1), hold(2));
    assert_eq!(text, expected);
    assert_eq!(report.oversold, 1);
}

fn rules(report: &Report) -> Vec<Rule> {
    let rules: BTreeSet<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.into_iter().collect()
}

fn revised(draw: impl FnOnce(&mut SeatingPlan)) -> Event {
    let mut plan = plan();
    draw(&mut plan);
    Event::PlanRevised { show: show(1), plan: Arc::new(plan), added: vec![], withdrawn: vec![], moved: vec![] }
}

fn withdraw(plan: &mut SeatingPlan, seat: u32) {
    plan.seats[seat as usize].withdrawn = true;
    plan.rows.iter_mut().for_each(|row| row.seats.retain(|other| *other != seat));
}

#[test]
fn a_seat_that_was_withdrawn_and_came_back_is_free_again() {
    let block = |seat| accepted(vec![Event::SeatsBlocked { show: show(1), seats: vec![seat], reason: String::new() }]);
    let gone = || accepted(vec![revised(|plan| withdraw(plan, 2))]);
    let back = || accepted(vec![revised(|_| ())]);
    let held = accepted(vec![placed(hold(2), seats(&[2]), 10_000)]);
    assert_eq!(audit(FIRST_HOLD, 3_000, vec![block(2), block(3), gone(), back(), held.clone()]).findings, vec![]);
    // What an operator has blocked and the plan still has stays blocked.
    let held_blocked = accepted(vec![placed(hold(2), seats(&[3]), 10_000)]);
    assert_eq!(rules(&audit(FIRST_HOLD, 3_000, vec![block(3), gone(), back(), held_blocked])), [Rule::SeatInTwoHands]);
    assert_eq!(rules(&audit(FIRST_HOLD, 3_000, vec![gone(), held])), [Rule::SeatOutsideProduct, Rule::SeatInTwoHands]);
}

#[test]
fn a_revision_is_refused_for_what_somebody_has_and_for_nothing_else() {
    let conflict =
        |lost: &[u32], parted: &[u32]| refused(Rejection::PlanConflict { show: show(1), lost: lost.to_vec(), parted: parted.to_vec() });
    for (lost, parted) in [(&[1][..], &[][..]), (&[], &[2]), (&[1], &[2])] {
        assert_eq!(audit(FIRST_HOLD, 3_000, vec![conflict(lost, parted)]).findings, vec![]);
    }
    for (lost, parted) in [(&[2][..], &[][..]), (&[], &[1]), (&[], &[]), (&[1, 2], &[])] {
        assert_eq!(rules(&audit(FIRST_HOLD, 3_000, vec![conflict(lost, parted)])), [Rule::FalseRefusal]);
    }
}

type Planted = (Rule, usize, u64, Vec<Record>);

#[test]
fn every_rule_finds_its_planted_record_and_no_other_rule_does() {
    let cases: Vec<Planted> = [holds(), orders(), sagas(), catalogue()].into_iter().flatten().collect();
    for (rule, cut, stamp, planted) in &cases {
        assert!(audit(*cut, 0, vec![]).is_clean(), "{rule:?}: the journal before the plant is correct");
        let report = audit(*cut, *stamp, planted.clone());
        assert_eq!(rules(&report), [*rule], "{rule:?}: {:#?}", report.findings);
        let first_planted = u64::try_from(*cut).unwrap();
        assert!(report.findings.iter().all(|finding| finding.offset >= first_planted), "{rule:?}");
    }
    let covered: BTreeSet<Rule> = cases
        .iter()
        .map(|(rule, ..)| *rule)
        .chain([Rule::FalseRefusal])
        .chain(AFTER_SALE)
        .chain(OVER_PARTITIONS)
        .chain(OF_GROUPS)
        .collect();
    let missing: Vec<_> = Rule::ALL.iter().filter(|rule| !covered.contains(rule)).collect();
    assert!(missing.is_empty(), "rules without a test: {missing:?}");
}

fn holds() -> Vec<Planted> {
    let one = |event| vec![accepted(vec![event])];
    let timely = |events| vec![Record::Timely { events }];
    let expired = |number| Event::HoldExpired { hold: hold(number) };
    let elsewhere = Event::HoldPlaced { hold: hold(2), show: show(9), items: standing(1), expires_at_unix_ms: 9_000, buyer_ref: None };
    let again = vec![Record::Refused { key: key(), rejection: Rejection::EmptyHold }];
    vec![
        (Rule::StampWentBack, FIRST_HOLD, 1_999, vec![refused(Rejection::EmptyHold)]),
        (Rule::DuplicateId, FIRST_HOLD, 3_000, one(placed(hold(1), seats(&[2]), 10_000))),
        (Rule::ForeignId, FIRST_HOLD, 3_000, one(placed(foreign_hold(2), seats(&[2]), 10_000))),
        (Rule::KeyDecidedTwice, THIRD_RELEASED, 6_000, again),
        (Rule::UnknownShow, FIRST_HOLD, 3_000, one(elsewhere)),
        (Rule::UnknownHold, FIRST_HOLD, 3_000, one(Event::HoldReleased { hold: hold(50) })),
        (Rule::SeatLost, FIRST_HOLD, 3_000, one(revised(|plan| withdraw(plan, 1)))),
        (Rule::SeatRenumbered, FIRST_HOLD, 3_000, one(revised(|plan| plan.seats[3].label = "9".into()))),
        (Rule::SeatRenumbered, FIRST_HOLD, 3_000, one(revised(|plan| plan.categories[0].name = "box".into()))),
        (Rule::SeatRenumbered, FIRST_HOLD, 3_000, one(revised(|plan| drop(plan.seats.pop())))),
        (
            Rule::SeatOutsideProduct,
            FIRST_HOLD,
            3_000,
            [one(revised(|plan| plan.seats[2].category = 1)), one(placed(hold(2), seats(&[2]), 10_000))].concat(),
        ),
        (
            Rule::SeatWasNotBlocked,
            FIRST_HOLD,
            3_000,
            [one(revised(|plan| withdraw(plan, 2))), one(Event::SeatsUnblocked { show: show(1), seats: vec![2] })].concat(),
        ),
        (Rule::SaleWasNotOpen, ADOPTED, 3_000, one(placed(hold(1), seats(&[2]), 10_000))),
        (Rule::SeatOutsideProduct, FIRST_HOLD, 3_000, one(placed(hold(2), seats(&[4]), 10_000))),
        (Rule::SeatOutsideProduct, FIRST_HOLD, 3_000, one(placed(hold(2), seats(&[5]), 10_000))),
        (Rule::SeatInTwoHands, FIRST_HOLD, 3_000, one(placed(hold(2), seats(&[1, 2]), 10_000))),
        (Rule::SeatInTwoHands, CONFIRMED, 9_000, one(placed(hold(4), seats(&[0]), 20_000))),
        (Rule::QuotaOversold, THIRD_RELEASED, 6_000, one(placed(hold(4), standing(8), 10_000))),
        (Rule::HoldEndedTwice, THIRD_RELEASED, 6_000, one(Event::HoldReleased { hold: hold(3) })),
        (Rule::HoldEndedTwice, CONFIRMED, 60_000, timely(vec![expired(1)])),
        (Rule::HoldPastItsTime, THIRD_RELEASED, 10_000, vec![refused(Rejection::EmptyHold)]),
        (Rule::HoldShortened, FIRST_HOLD, 3_000, one(Event::HoldExtended { hold: hold(1), expires_at_unix_ms: 9_999 })),
        (Rule::HoldTakenFromOrder, ORDERED, 7_000, one(Event::HoldReleased { hold: hold(1) })),
        (Rule::HoldTakenFromOrder, ORDERED, 7_000, one(Event::HoldExtended { hold: hold(1), expires_at_unix_ms: 70_000 })),
        (Rule::HoldTakenFromOrder, ORDERED, 7_000, vec![accepted(ordered(2, 1, 5_000, 60_000))]),
        (Rule::ExpiredEarly, FIRST_HOLD, 9_999, timely(vec![expired(1)])),
        (Rule::ExpiryOutOfOrder, THIRD_RELEASED, 13_000, timely(vec![expired(2), expired(1)])),
    ]
}

/// A journal of a show is as good as one of the catalogue: nothing in it is of another kind than here.
fn catalogue() -> Vec<Planted> {
    let parts = |sequence| IdParts { partition: PARTITION, incarnation: 0, created_at_unix_ms: 0, sequence };
    let (venue, key) = (VenueId::new(parts(1)), ApiKeyId::new(parts(1)));
    let organiser = |number| OrganiserId::new(parts(number));
    let organised = |number, name: &str| Event::OrganiserCreated { organiser: Organiser { id: organiser(number), name: name.into() } };
    let two = || vec![organised(1, "ours"), organised(2, "theirs")];
    let registered = || Event::VenueRegistered { venue, plan: Arc::new(SeatingPlan::default()) };
    let owned = |number| Event::VenueOwned { venue, organiser: organiser(number) };
    let made = || {
        let Event::ShowAdopted { definition, .. } = &events_at(0)[0] else { panic!("the journal begins with a show") };
        let definition = ShowDefinition { id: show(1), venue, ..(**definition).clone() };
        vec![Event::ShowCreated { definition: Arc::new(definition) }, Event::ShowOwned { show: show(1), organiser: organiser(1) }]
    };
    let key_of = |scope, organiser| {
        let (secret_sha256, name) = ([1; 32], "till".into());
        let key = ApiKey { id: key, name, scope, organiser, requests_per_s: None, secret_sha256, previous: None, last_used_unix_ms: None };
        Event::ApiKeyCreated { key }
    };
    let used = |at| Event::ApiKeysUsed { uses: vec![(key, at)] };
    let case = |rule, events: Vec<Event>| (rule, FIRST_HOLD, 3_000, vec![accepted(events)]);
    let right = [two(), vec![registered(), owned(1)], made(), vec![key_of(Scope::Shop, Some(organiser(2))), used(1), used(2)]].concat();
    assert_eq!(audit(FIRST_HOLD, 3_000, vec![accepted(right)]).findings, vec![]);
    vec![
        case(Rule::OrganiserTwice, vec![organised(1, "ours"), organised(2, "ours")]),
        case(Rule::UnknownOrganiser, vec![registered(), owned(1)]),
        case(Rule::VenueOfAnother, [two(), vec![registered(), owned(2)], made()].concat()),
        case(Rule::KeyReachesTooFar, vec![key_of(Scope::Organiser, None)]),
        case(Rule::UnknownKey, vec![Event::ApiKeyRevoked { key }]),
        case(Rule::UnknownKey, vec![key_of(Scope::Shop, None), Event::ApiKeyRevoked { key }, used(1)]),
        case(Rule::KeyUseWentBack, vec![key_of(Scope::Shop, None), used(2), used(2)]),
    ]
}

fn orders() -> Vec<Planted> {
    let one = |event| vec![accepted(vec![event])];
    let captured = Event::PaymentCaptured { order: order(1) };
    let not_released = vec![
        Event::PaymentDeclined { order: order(1) },
        failed(1, 1, 1),
        done(1, 0, Direction::Backward),
        Event::OrderCancelled { order: order(1), reason: CancelReason::PaymentDeclined },
    ];
    let booking = events_at(ORDERED);
    let mut three_tickets = booking.clone();
    three_tickets[2] = booked(3);
    let neither_authorised_nor_booked = without(without(booking.clone(), 2), 0);
    let given_back = Event::PaymentRefunded { order: order(1), saga: saga(1), amount_minor: 5_000 };
    let undone = vec![failed(1, 3, 4), intend(1, 3, Direction::Backward, refund(1, 5_000)), given_back];
    let voided = vec![failed(1, 4, 4), intend(1, 3, Direction::Backward, void(1)), Event::PaymentVoided { order: order(1) }];
    let no_capture = without(events_at(BOOKED), 0);
    let confirmation = events_at(CAPTURED);
    vec![
        (Rule::UnknownOrder, ORDERED, 7_000, one(Event::OrderStuck { order: order(9) })),
        (Rule::WrongAmount, THIRD_RELEASED, 6_000, vec![accepted(ordered(1, 1, 4_999, 60_000))]),
        (Rule::BookedWithoutAuthorisation, ORDERED, 7_000, vec![accepted(without(booking, 0))]),
        (Rule::WrongTicketCount, ORDERED, 7_000, vec![accepted(three_tickets)]),
        (Rule::ReversedWithoutBooking, ORDERED, 7_000, one(Event::BookingReversed { order: order(1) })),
        (Rule::CapturedTooSoon, ORDERED, 7_000, vec![accepted(neither_authorised_nor_booked), accepted(vec![captured.clone()])]),
        (Rule::CapturedTwice, BOOKED, 8_000, vec![accepted(vec![captured.clone(), captured])]),
        (Rule::RefundedWithoutCapture, BOOKED, 8_000, vec![accepted(undone)]),
        (Rule::VoidedAfterCapture, CAPTURED, 8_000, vec![accepted(voided)]),
        (Rule::TicketsWithoutCapture, BOOKED, 8_000, vec![accepted(no_capture), accepted(vec![issued(1)])]),
        (Rule::ConfirmedWithoutTickets, CAPTURED, 9_000, vec![accepted(without(confirmation.clone(), 0))]),
        (Rule::OrderEndedTwice, CONFIRMED, 9_000, one(Event::OrderConfirmed { order: order(1) })),
        (Rule::OrderLeftOpen, CAPTURED, 9_000, vec![accepted(without(confirmation, 2))]),
        (Rule::CancelledOrderKeepsSeats, ORDERED, 7_000, vec![accepted(not_released)]),
        (Rule::CancelledOrderKeepsMoney, DEADLINE_PASSED, 31_000, vec![accepted(without(events_at(DEADLINE_PASSED), 0))]),
    ]
}

fn sagas() -> Vec<Planted> {
    let one = |event| vec![accepted(vec![event])];
    let other_payment = Effect::Authorise {
        order: order(1),
        amount_minor: 5_000,
        currency: Currency::from_code("EUR").unwrap(),
        payment: PaymentRequest { provider: "other".into(), token: "tok".into() },
    };
    let wrong_amount = vec![failed(1, 4, 4), intend(1, 3, Direction::Backward, refund(1, 4_999))];
    vec![
        (Rule::UnknownSaga, ORDERED, 7_000, one(done(9, 1, Direction::Forward))),
        (Rule::EffectWithoutIntent, ORDERED, 7_000, one(Event::PaymentVoided { order: order(1) })),
        (Rule::EffectAbandoned, ORDERED, 7_000, one(intend(1, 1, Direction::Forward, other_payment))),
        (Rule::WrongAmount, CAPTURED, 9_000, vec![accepted(wrong_amount)]),
        (Rule::StepOutOfOrder, ORDERED, 7_000, one(done(1, 2, Direction::Forward))),
        (Rule::StepOutOfOrder, ORDERED, 7_000, one(done(1, 1, Direction::Backward))),
        (Rule::StepOutOfOrder, CAPTURED, 9_000, vec![accepted(vec![failed(1, 4, 4), done(1, 2, Direction::Backward)])]),
    ]
}

#[test]
fn refusals_that_were_not_true_are_found() {
    let show_id = show(1);
    let sold_out = |requested, left| Rejection::SoldOut { show: show_id, quota: 0, requested, left };
    let cases = [
        (CONFIRMED, Rejection::SeatTaken { show: show_id, seats: vec![0, 3] }, false),
        (CONFIRMED, Rejection::SeatTaken { show: show_id, seats: vec![0, 1] }, true),
        (CONFIRMED, sold_out(7, 7), false),
        (CONFIRMED, sold_out(8, 7), true),
        (CONFIRMED, sold_out(8, 6), false),
        (ADOPTED, Rejection::SaleNotOpen { show: show_id, state: SaleState::Draft }, true),
        (ADOPTED, Rejection::SaleNotOpen { show: show_id, state: SaleState::Paused }, false),
        (CONFIRMED, Rejection::SaleNotOpen { show: show_id, state: SaleState::Open }, false),
        (CONFIRMED, Rejection::SaleStateConflict { show: show_id, state: SaleState::Open }, true),
        (CONFIRMED, Rejection::SaleStateConflict { show: show_id, state: SaleState::Closed }, false),
        (CONFIRMED, Rejection::ShowNotFound { show: show_id }, false),
        (CONFIRMED, Rejection::ShowNotFound { show: show(2) }, true),
        (CONFIRMED, Rejection::HoldExpired { hold: hold(1) }, true),
        (CONFIRMED, Rejection::HoldExpired { hold: hold(2) }, false),
        (CONFIRMED, Rejection::HoldExpired { hold: hold(77) }, false),
        (CONFIRMED, Rejection::HoldNotFound { hold: hold(2) }, false),
        (CONFIRMED, Rejection::HoldNotFound { hold: hold(77) }, true),
        (ORDERED, Rejection::HoldInOrder { hold: hold(1), order: order(1) }, true),
        (ORDERED, Rejection::HoldInOrder { hold: hold(1), order: order(2) }, false),
        (ORDERED, Rejection::HoldInOrder { hold: hold(2), order: order(1) }, false),
    ];
    for (cut, rejection, is_true) in cases {
        let report = audit(cut, 9_500, vec![refused(rejection.clone())]);
        let expected = if is_true { vec![] } else { vec![Rule::FalseRefusal] };
        assert_eq!(rules(&report), expected, "{rejection:?}: {:#?}", report.findings);
        assert_eq!(report.false_refusals, u64::from(!is_true));
    }
}

#[test]
fn a_key_may_come_back_after_its_retention() {
    let day_ms = 24 * 60 * 60 * 1_000;
    let again = |stamp| {
        let ended = Record::Timely { events: vec![Event::HoldExpired { hold: hold(1) }] };
        audit(FIRST_HOLD, stamp, vec![ended, Record::Refused { key: key(), rejection: Rejection::EmptyHold }])
    };
    assert_eq!(rules(&again(2_000 + day_ms - 1)), [Rule::KeyDecidedTwice]);
    assert!(again(2_000 + day_ms).is_clean());
}
