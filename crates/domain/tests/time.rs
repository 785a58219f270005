//! What is due happens before what is asked, in one order.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::{AdoptShow, ExtendHold, ReleaseHold};
use guichet_domain::order::OrderState;
use guichet_domain::state::REOPEN_GRACE_MS;
use guichet_domain::{Command, Event, HoldId, Rejection};
use proptest::prelude::*;

use support::{DEADLINE_MS, HOUR_MS, Run, STALLS, STANDING, TTL_MS, done, hold_of, order_of, report_of, seats, standing, unavailable};

fn expired(events: &[Event]) -> Vec<HoldId> {
    events.iter().filter_map(|event| if let Event::HoldExpired { hold } = event { Some(*hold) } else { None }).collect()
}

proptest! {
    #[test]
    fn holds_expire_by_time_then_by_id_and_none_before_its_time(ttls in prop::collection::vec(1_u64..20, 1..5), wait in 0_u64..25) {
        let mut run = Run::on_sale();
        let mut due: Vec<_> = ttls
            .iter()
            .map(|ttl| (run.now_unix_ms + ttl * 1_000, run.hold(2, &[standing(0, 1)], ttl * 1_000)))
            .collect();
        due.sort_unstable();
        let until = run.now_unix_ms + wait * 1_000;
        let happened = expired(&run.pass(wait * 1_000));
        let expected: Vec<_> = due.iter().filter(|(at, _)| *at <= until).map(|(_, hold)| *hold).collect();
        prop_assert_eq!(happened, expected);
        prop_assert!(run.audit().is_clean());
    }

    /// Around the deadline exactly one of the two wins: the confirmation or the expiry.
    #[test]
    fn confirmation_and_expiry_have_one_winner(before_ms in 0_u64..3, after_ms in 0_u64..3) {
        let mut run = Run::on_sale();
        let hold = run.hold(1, &[seats(STALLS, &[0, 1])], TTL_MS);
        let order = run.order(&[hold]);
        let (saga, pending) = run.state.pending_effects().remove(0);
        run.pass(DEADLINE_MS - before_ms);
        let answer = run.ask(&report_of(saga, pending.step, pending.direction, done()).into());
        run.pass(after_ms + before_ms);
        let booked = run.events().any(|event| matches!(event, Event::SeatsBooked { .. }));
        let expired = run.events().any(|event| matches!(event, Event::HoldExpired { .. }));
        prop_assert!(booked != expired);
        prop_assert_eq!(booked, before_ms > 0);
        prop_assert_eq!(answer.is_ok(), booked);
        prop_assert_eq!(run.the_order(order).first_ticket.is_some(), booked);
        prop_assert!(run.audit().is_clean());
    }
}

#[test]
fn in_the_instant_of_its_end_a_hold_can_be_neither_extended_nor_released_nor_ordered() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.pass(TTL_MS - 1);
    let mut early = run.clone();
    assert!(early.ask(&order_of(&[hold]).into()).is_ok());
    run.pass(1);
    let gone = Rejection::HoldExpired { hold };
    assert_eq!(run.refuse(Command::ExtendHold(ExtendHold { hold, ttl_ms: TTL_MS })), gone);
    assert_eq!(run.refuse(Command::ReleaseHold(ReleaseHold { hold })), gone);
    assert_eq!(run.refuse(order_of(&[hold])), gone);
    assert!(run.ask(&hold_of(1, &[seats(STALLS, &[0])], TTL_MS).into()).is_ok(), "its seat is free in the same instant");
}

#[test]
fn an_extension_never_shortens() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[standing(STANDING, 1)], HOUR_MS);
    let before = run.state.hold(hold).unwrap().expires_at_unix_ms;
    run.accept(Command::ExtendHold(ExtendHold { hold, ttl_ms: 1_000 }));
    assert_eq!(run.state.hold(hold).unwrap().expires_at_unix_ms, before);
    run.pass(1_000);
    run.accept(Command::ExtendHold(ExtendHold { hold, ttl_ms: HOUR_MS }));
    assert_eq!(run.state.hold(hold).unwrap().expires_at_unix_ms, before + 1_000);
}

#[test]
fn holds_that_were_live_get_their_grace_on_reopening() {
    let mut run = Run::on_sale();
    let (gone, short) = (run.hold(2, &[standing(0, 1)], 1_000), run.hold(2, &[standing(0, 1)], 2_000));
    let long = run.hold(2, &[standing(0, 1)], HOUR_MS);
    assert_eq!(expired(&run.pass(1_000)), [gone]);
    let away_ms = 10_000;
    let events = run.reopen(away_ms);
    assert_eq!(events, [Event::ReopenGraceGranted { until_unix_ms: run.now_unix_ms + REOPEN_GRACE_MS }]);
    assert_eq!(run.state.hold(short).unwrap().expires_at_unix_ms, run.now_unix_ms + REOPEN_GRACE_MS);
    assert_eq!(run.state.hold(long).unwrap().expires_at_unix_ms, run.now_unix_ms + HOUR_MS - 1_000 - away_ms);
    assert_eq!(expired(&run.pass(REOPEN_GRACE_MS - 1)), []);
    assert_eq!(expired(&run.pass(1)), [short]);
    assert!(run.audit().is_clean());
}

#[test]
fn the_grace_covers_the_holds_of_orders_whose_deadline_passed_meanwhile() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    run.reopen(DEADLINE_MS + HOUR_MS);
    run.report(done());
    assert!(run.the_order(order).first_ticket.is_some());
    assert!(run.audit().is_clean());
}

#[test]
fn an_order_moves_its_holds_to_its_deadline_and_all_of_them_end_with_it() {
    let mut run = Run::on_sale();
    let holds = [run.hold(1, &[seats(STALLS, &[0])], 1_000), run.hold(1, &[seats(STALLS, &[1])], HOUR_MS)];
    let order = run.order(&holds);
    assert_eq!(run.pass(DEADLINE_MS - 1), []);
    let events = run.pass(1);
    assert_eq!(expired(&events), holds);
    let turned = events.iter().filter(|event| matches!(event, Event::StepFailed { .. })).count();
    assert_eq!(turned, 1, "the saga turns round once: {events:?}");
    run.report(done());
    assert_eq!(run.the_order(order).state, OrderState::Cancelled);
    assert!(run.audit().is_clean());
}

#[test]
fn a_retry_comes_when_it_is_due_and_not_again() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.order(&[hold]);
    run.report(unavailable());
    assert_eq!(run.state.pending_effects(), []);
    let due = run.state.next_timer_unix_ms().unwrap();
    assert_eq!(run.pass(due - run.now_unix_ms - 1), []);
    assert!(matches!(run.pass(1)[..], [Event::EffectIntended { attempt: 1, .. }]));
    assert_eq!(run.state.pending_effects().len(), 1);
    assert_eq!(run.pass(1_000), []);
}

#[test]
fn a_retry_that_is_waited_for_is_forgotten_when_the_deadline_turns_the_saga() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    let mut last = run.now_unix_ms;
    // Always unavailable: the delays double up to a minute.
    while run.the_order(order).state == OrderState::AwaitingPayment && run.state.hold(hold).is_some() {
        if run.state.pending_effects().is_empty() {
            last = run.state.next_timer_unix_ms().unwrap();
            run.pass(last - run.now_unix_ms);
        } else {
            run.report(unavailable());
        }
    }
    assert!(last >= run.now_unix_ms);
    run.report(done());
    assert_eq!(run.the_order(order).state, OrderState::Cancelled);
    assert_eq!(run.state.next_timer_unix_ms(), None, "no timer is left behind");
    assert_eq!(run.state.live_sagas(), 0);
    assert!(run.audit().is_clean());
}

#[test]
#[should_panic(expected = "logged time went back")]
fn logged_time_never_goes_back() {
    let mut run = Run::on_sale();
    run.state.pass_time(run.now_unix_ms - 1);
}

#[test]
fn adopting_a_show_twice_changes_nothing() {
    let mut run = Run::on_sale();
    let before = run.state.clone();
    let command = AdoptShow { definition: support::definition(1).into(), plan: support::plan().into() };
    assert_eq!(run.accept(Command::AdoptShow(command)), []);
    assert_eq!(run.state, before);
}
