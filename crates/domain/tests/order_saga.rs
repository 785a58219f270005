//! Every way in which an order can go: each outcome of each effect, late deadlines included, to the end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeMap;

use guichet_domain::inventory::SeatState;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::saga::{Direction, Effect, Progress};
use guichet_domain::{Event, OrderId};

use support::{BOX, DEADLINE_MS, HOUR_MS, Run, STALLS, STANDING, TTL_MS, declined, done, refused, report_of, seats, show, standing};
use support::{unavailable, unknown};

const PLACES: u32 = 5;
const TOTAL_MINOR: i64 = 2 * 2_500 + 2 * 900 + 9_000;

fn ordered() -> (Run, OrderId) {
    let mut run = Run::on_sale();
    let both = [seats(STALLS, &[0, 1]), standing(STANDING, 2)];
    let holds = [run.hold(1, &both, TTL_MS), run.hold(1, &[seats(BOX, &[4])], TTL_MS)];
    let order = run.order(&holds);
    (run, order)
}

fn happened(run: &Run, is: impl Fn(&Event) -> bool) -> bool {
    run.events().any(is)
}

fn is_stuck(run: &Run, order: OrderId) -> bool {
    run.state.saga(run.the_order(order).saga).is_some_and(|saga| matches!(saga.progress, Progress::Stuck { .. }))
}

/// Visits every end that can be reached with so many outcomes that settle nothing, and with or without the deadline passing.
fn walk(run: &Run, order: OrderId, soft_left: u32, deadline_left: bool, visit: &mut impl FnMut(&Run)) {
    if run.state.live_sagas() == 0 || is_stuck(run, order) {
        return visit(run);
    }
    if deadline_left {
        let mut late = run.clone();
        late.pass(DEADLINE_MS);
        walk(&late, order, soft_left, false, visit);
    }
    if run.state.pending_effects().is_empty() {
        let mut later = run.clone();
        later.pass(run.state.next_timer_unix_ms().expect("a saga that does not wait for a role waits for a timer") - run.now_unix_ms);
        return walk(&later, order, soft_left, deadline_left, visit);
    }
    for (outcome, soft) in [(done(), 0), (declined(), 0), (refused(), 0), (unavailable(), 1), (unknown(), 1)] {
        if soft <= soft_left {
            let mut next = run.clone();
            next.report(outcome);
            walk(&next, order, soft_left - soft, deadline_left, visit);
        }
    }
}

#[test]
fn every_order_ends_confirmed_or_undone_or_stuck_and_the_money_agrees() {
    let (run, order) = ordered();
    let mut ends = BTreeMap::new();
    walk(&run, order, 2, true, &mut |run| {
        let row = run.the_order(order);
        match row.state {
            _ if row.stuck => assert!(is_stuck(run, order)),
            OrderState::Confirmed => assert_confirmed(run, order),
            OrderState::Cancelled => assert_undone(run, order),
            other => panic!("ended as {other:?}"),
        }
        let report = run.audit();
        assert!(report.is_clean(), "{:#?}\n{:#?}", report.findings, run.journal);
        assert_eq!(run.replayed().order(order), Some(row));
        *ends
            .entry(format!("{}{:?} {:?} {:?}", if row.stuck { "stuck " } else { "" }, row.state, row.cancel_reason, row.payment))
            .or_insert(0) += 1;
    });
    for wanted in [
        "Confirmed None Captured",
        "Cancelled Some(PaymentDeclined) Declined",
        "Cancelled Some(StepFailed) Declined",
        "Cancelled Some(StepFailed) Voided",
        "Cancelled Some(DeadlinePassed) Voided",
        "stuck AwaitingPayment None Captured",
    ] {
        assert!(ends.contains_key(wanted), "{wanted} is not among {ends:#?}");
    }
}

fn assert_confirmed(run: &Run, order: OrderId) {
    let (row, inventory) = (run.the_order(order), &run.state.show(show(1)).unwrap().inventory);
    assert_eq!((row.payment, row.total_minor, row.places()), (PaymentState::Captured, TOTAL_MINOR, PLACES));
    assert!(row.first_ticket.is_some() && row.cancel_reason.is_none());
    assert!([0, 1, 4].iter().all(|seat| inventory.seats.get(*seat) == SeatState::Booked));
    assert_eq!(inventory.quotas.iter().map(|count| (count.held, count.booked)).collect::<Vec<_>>(), [(0, 4), (0, 2)]);
    assert!(happened(run, |event| matches!(event, Event::TicketsIssued { .. })));
    assert_eq!(undone_steps(run), Vec::<u8>::new());
}

fn assert_undone(run: &Run, order: OrderId) {
    let (row, inventory) = (run.the_order(order), &run.state.show(show(1)).unwrap().inventory);
    assert!(row.cancel_reason.is_some() && row.first_ticket.is_none());
    assert!((0..inventory.seats.len()).all(|seat| inventory.seats.get(seat) == SeatState::Free));
    assert!(inventory.quotas.iter().all(|count| (count.held, count.booked) == (0, 0)));
    assert_eq!(run.state.live_holds(), 0);

    let captured = happened(run, |event| matches!(event, Event::PaymentCaptured { .. }));
    let refunded = happened(run, |event| matches!(event, Event::PaymentRefunded { .. }));
    let declined = happened(run, |event| matches!(event, Event::PaymentDeclined { .. }));
    let voided = happened(run, |event| matches!(event, Event::PaymentVoided { .. }));
    assert_eq!(captured, refunded, "what was taken is given back, and nothing else");
    assert!(declined || voided || refunded, "the authorisation is still there");

    // Backwards from where it turned, and no step is left out.
    let turned = run.events().find_map(|event| if let Event::StepFailed { undo_below, .. } = event { Some(*undo_below) } else { None });
    assert_eq!(undone_steps(run), (0..turned.unwrap()).rev().collect::<Vec<_>>());
}

fn undone_steps(run: &Run) -> Vec<u8> {
    let undone = |event: &Event| match event {
        Event::StepDone { step, direction: Direction::Backward, .. } => Some(*step),
        _ => None,
    };
    run.events().filter_map(undone).collect()
}

#[test]
fn an_intent_stands_in_the_journal_before_its_report_and_asks_for_the_right_amount() {
    let (mut run, order) = ordered();
    let intents = |run: &Run| {
        let effect = |event: &Event| if let Event::EffectIntended { effect, .. } = event { Some(effect.clone()) } else { None };
        run.events().filter_map(effect).collect::<Vec<_>>()
    };
    assert!(matches!(intents(&run)[..], [Effect::Authorise { amount_minor: TOTAL_MINOR, .. }]));
    run.report(done());
    assert!(matches!(&intents(&run)[1..], [Effect::Capture { authorisation, .. }] if authorisation == "receipt"));
    run.report(done());
    let first_ticket = run.the_order(order).first_ticket.unwrap();
    let issue = Effect::IssueTickets { order, first_ticket, tickets: PLACES };
    assert_eq!(intents(&run)[2..], [issue]);
    run.report(refused());
    assert!(matches!(intents(&run)[3..], [Effect::Refund { amount_minor: TOTAL_MINOR, .. }]));
}

#[test]
fn a_second_report_of_a_step_is_refused_and_changes_nothing() {
    let (mut run, _) = ordered();
    let (saga, pending) = run.state.pending_effects().remove(0);
    run.report(done());
    let before = run.state.clone();
    for outcome in [done(), declined(), unknown()] {
        let rejection = run.refuse(report_of(saga, pending.step, pending.direction, outcome));
        assert_eq!(rejection.code(), "step_not_pending");
    }
    assert_eq!(run.state, before);
}

#[test]
fn a_confirmation_after_the_deadline_does_not_book_and_the_reservation_is_given_back() {
    let (mut run, order) = ordered();
    let (saga, authorise) = run.state.pending_effects().remove(0);
    run.pass(DEADLINE_MS);
    let late = report_of(saga, authorise.step, authorise.direction, done());
    assert_eq!(run.refuse(late).code(), "step_not_pending");
    let (_, void) = run.state.pending_effects().remove(0);
    assert!(matches!(void.effect, Effect::Void { authorisation: None, .. }), "nobody knows whether there is one");
    run.report(done());
    let row = run.the_order(order);
    assert_eq!((row.state, row.cancel_reason), (OrderState::Cancelled, Some(CancelReason::DeadlinePassed)));
}

#[test]
fn after_the_booking_the_deadline_changes_nothing() {
    let (mut run, order) = ordered();
    run.report(done());
    assert_eq!(run.pass(DEADLINE_MS + HOUR_MS), []);
    run.report(done());
    run.report(done());
    assert_eq!(run.the_order(order).state, OrderState::Confirmed);
}

/// An effect that never gets anywhere is given up after a bounded number of tries, and an operator is asked.
#[test]
fn an_effect_that_never_settles_ends_stuck() {
    let (mut run, order) = ordered();
    run.report(done());
    let mut tries = 0;
    let mut waits_ms = Vec::new();
    while !is_stuck(&run, order) {
        run.report(unknown());
        tries += 1;
        assert!(tries <= 200);
        if let Some(due) = run.state.next_timer_unix_ms() {
            waits_ms.push(due - run.now_unix_ms);
            run.pass(due - run.now_unix_ms);
        }
    }
    assert_eq!(tries, 200);
    assert!(waits_ms.iter().all(|wait| (25..=60_000).contains(wait)), "{waits_ms:?}");
    assert!(run.the_order(order).stuck);
    assert_eq!(run.state.next_timer_unix_ms(), None);
    assert!(run.audit().is_clean());
}

#[test]
fn what_a_cancelled_order_gave_back_can_be_sold_again() {
    let (mut run, _) = ordered();
    run.report(declined());
    let again = [seats(STALLS, &[0, 1, 2, 3]), seats(BOX, &[4]), standing(STANDING, 4)];
    run.hold(1, &again, TTL_MS);
}
