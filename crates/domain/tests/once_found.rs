//! Faults that were found once and must not come back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use guichet_domain::commands::{AdoptShow, CreateShow, RegisterVenue, Request};
use guichet_domain::id::PARTITIONS_MAX;
use guichet_domain::order::PaymentState;
use guichet_domain::show::SaleState;
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, Record, State};

use support::{PARTITION, Run, STALLS, START_MS, TTL_MS, definition, done, order_of, plan, refused, report_of, seats, standing, unknown};

/// A provider refuses to void what it has captured: that way round would end stuck, and the order would forget its refund.
#[test]
fn money_that_was_taken_and_given_back_is_not_voided_as_well() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    for outcome in [done(), done(), refused(), done()] {
        run.report(outcome);
    }
    assert_eq!(run.the_order(order).payment, PaymentState::Refunded);
    assert_eq!(run.state.live_sagas(), 0, "{:?}", run.state.pending_effects());
}

#[test]
fn a_report_that_settles_nothing_counts_once_for_each_attempt() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.order(&[hold]);
    let (saga, pending) = run.state.pending_effects().remove(0);
    run.report(unknown());
    let before = run.state.clone();
    let repeated = run.refuse(report_of(saga, pending.step, pending.direction, unknown()));
    assert_eq!(repeated.code(), "step_not_pending");
    assert_eq!(run.state, before);
    // What settles it is welcome at any time.
    run.accept(report_of(saga, pending.step, pending.direction, done()));
}

#[test]
fn an_order_deadline_that_cannot_work_is_refused_with_the_show() {
    for order_deadline_ms in [0, u64::MAX] {
        let mut run = Run::empty();
        let mut odd = definition(2);
        odd.order_deadline_ms = order_deadline_ms;
        let adopted = run.ask(&Command::AdoptShow(AdoptShow { definition: Arc::new(odd), plan: Arc::new(plan()) }).into());
        let sold = adopted.map(|_| {
            run.set_sale(2, SaleState::Open);
            let hold = run.hold(2, &[standing(0, 1)], TTL_MS);
            catch_unwind(AssertUnwindSafe(|| run.submit(&Request::from(order_of(&[hold])))))
        });
        assert!(sold.is_err(), "{order_deadline_ms} ms: {sold:?}");
    }
}

#[test]
fn a_show_cannot_be_assigned_to_a_partition_that_no_id_can_name() {
    let mut state = State::new(0, 0);
    state.pass_time(START_MS);
    let venue = state.submit(&Request::from(Command::RegisterVenue(RegisterVenue { plan: Arc::new(plan()), organiser: None })), 0);
    let Decision::Decided(Record::Accepted { events, .. }) = venue else { panic!("{venue:?}") };
    let [Event::VenueRegistered { venue, .. }] = events[..] else { panic!("{events:?}") };
    let mut draft = definition(1);
    draft.venue = venue;
    for (partition, fits) in [(PARTITION, true), (PARTITIONS_MAX, false)] {
        let request = Request::from(Command::CreateShow(CreateShow { draft: draft.clone(), partition, organiser: None }));
        let decision = catch_unwind(AssertUnwindSafe(|| state.submit(&request, 1)));
        assert_eq!(matches!(decision, Ok(Decision::Decided(Record::Accepted { .. }))), fits, "{partition}: {decision:?}");
        assert!(decision.is_ok(), "{partition}: a refusal, not a panic");
    }
}
