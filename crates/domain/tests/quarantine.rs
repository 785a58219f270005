//! A saga whose definition this program does not know stands still, alone; everything else goes on around it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::order::OrderState;
use guichet_domain::saga::SagaRef;
use guichet_domain::{Event, Record};

use support::{DEADLINE_MS, Run, STALLS, TTL_MS, done, report_of, seats};

/// A run with one order, as a later program would have left it: its saga is of a version that nobody here knows.
fn from_the_future() -> Run {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.order(&[hold]);
    let Some((_, Record::Accepted { events, .. })) = run.journal.last_mut() else { panic!("the order is the last record") };
    let started = events.iter().position(|event| matches!(event, Event::SagaStarted { .. })).unwrap();
    events.truncate(started + 1);
    let Some(Event::SagaStarted { definition, .. }) = events.last_mut() else { panic!("the saga has started") };
    *definition = SagaRef { kind: 1, version: 200 };
    run.state = run.replayed();
    run
}

#[test]
fn an_unknown_saga_is_named_and_does_nothing() {
    let mut run = from_the_future();
    let unknown: Vec<_> = run.state.quarantined_sagas().map(|saga| (saga.id, saga.order)).collect();
    let [(saga, order)] = unknown[..] else { panic!("{unknown:?}") };
    assert!(run.state.pending_effects().is_empty());
    let refused = run.refuse(report_of(saga, 1, guichet_domain::saga::Direction::Forward, done()));
    assert_eq!(refused.code(), "step_not_pending");
    assert_eq!(run.the_order(order).state, OrderState::Placed);
}

#[test]
fn other_orders_go_on_and_its_seats_come_back_with_its_deadline() {
    let mut run = from_the_future();
    let hold = run.hold(1, &[seats(STALLS, &[1])], TTL_MS);
    let other = run.order(&[hold]);
    for _ in 0..3 {
        run.report(done());
    }
    assert_eq!(run.the_order(other).state, OrderState::Confirmed);
    run.pass(DEADLINE_MS);
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    assert_eq!(run.state.quarantined_sagas().count(), 1);
}
