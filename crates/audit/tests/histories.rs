//! Histories that the engine itself has recorded: nothing is wrong with them, and whatever is changed in them afterwards is found.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_audit::{Audit, Rule};
use guichet_domain::hold::Claim;
use guichet_domain::saga::Direction;
use guichet_domain::show::LatePayment;
use guichet_domain::{Event, Record};

use support::after::place;
use support::live::*;
use support::seats;

/// How many answers an order with a price needs to be sold.
const TO_BE_SOLD: usize = 3;

#[track_caller]
fn clean(run: &Run) {
    let report = run.audit();
    assert_eq!(report.findings, vec![], "{:#?}", run.journal.last());
}

/// An order over two shows that is entered, refunded, taken back in parts, and its seats blocked for a while.
fn after_the_sale() -> Run {
    let mut run = Run::on_sale();
    let holds = vec![run.hold(1, seats(&[0, 1]), 1), run.hold(2, place(1, Claim::Quantity(2)), 1)];
    let order = run.order(holds, TO_BE_SOLD);
    let first = run.state.order(order).unwrap().first_ticket.unwrap();
    run.accept(enter(first, 1, 0));
    run.ask(enter(first, 1, 0)).unwrap_err();
    run.accept(give_back(order, 500));
    run.answer(yes());
    // The fee applies from now on.
    run.pass(5_400_000);
    run.accept(cancel(order, Some(&[1, 2]), false));
    run.ask(enter(first.later(1), 1, 0)).unwrap_err();
    run.accept(block(1, &[1, 3]));
    run.ask(Run::hold_of(1, &seats(&[1]), 2)).unwrap_err();
    run.ask(unblock(1, &[0, 1])).unwrap_err();
    run.accept(unblock(1, &[1, 3]));
    let hold = run.hold(1, seats(&[1, 3]), 2);
    // Two refunds of one order at the same time, and the second is done first.
    run.accept(cancel(order, None, true));
    run.drain();
    run.ask(cancel(order, None, true)).unwrap_err();
    run.ask(give_back(order, 9_000)).unwrap_err();
    run.order(vec![hold], TO_BE_SOLD);
    run
}

/// Orders that are paid when their places have been given back, under each policy.
fn late_money() -> Run {
    let mut run = Run::on_sale();
    for (number, seat_taken) in [(1, false), (1, true), (2, false), (2, true), (3, false)] {
        let hold = run.hold(number, seats(&[0]), 1);
        let order = run.order(vec![hold], 0);
        run.pass(DEADLINE_MS);
        run.drain();
        if seat_taken {
            run.hold(number, seats(&[0]), 2);
        }
        run.accept(money_comes(order, 2_500, "late"));
        run.drain();
        run.ask(money_comes(order, 2_500, "late")).unwrap_err();
        let _ = run.ask(cancel(order, None, true));
        run.drain();
        run.pass(30_000);
    }
    // What is not the whole price goes back, and what cannot go back waits for somebody to decide.
    let hold = run.hold(2, seats(&[2]), 3);
    let order = run.order(vec![hold], 0);
    run.pass(DEADLINE_MS);
    run.drain();
    let other = run.hold(2, seats(&[2]), 4);
    run.accept(money_comes(order, 2_500, "late"));
    run.answer(no());
    run.ask(give_back(order, 1)).unwrap_err();
    run.accept(resolve(order, LatePayment::EquivalentSeat));
    run.answer(no());
    run.drain();
    run.pass(30_000);
    assert!(run.state.hold(other).is_none());
    run
}

/// Orders that cost nothing, and orders that turn round wherever they are.
fn turned_round() -> Run {
    let mut run = Run::on_sale();
    let hold = run.hold(1, place(2, Claim::Quantity(2)), 1);
    let free = run.order(vec![hold], 1);
    run.accept(cancel(free, Some(&[1]), false));
    let hold = run.hold(1, place(2, Claim::Quantity(1)), 2);
    let free = run.order(vec![hold], 0);
    run.accept(cancel(free, None, false));
    run.drain();
    for answered in 0..TO_BE_SOLD {
        let hold = run.hold(1, seats(&[3]), 3);
        let order = run.order(vec![hold], answered);
        run.accept(cancel(order, None, false));
        run.ask(cancel(order, None, false)).unwrap_err();
        run.drain();
    }
    let hold = run.hold(1, seats(&[3]), 3);
    let order = run.order(vec![hold], TO_BE_SOLD);
    run.accept(give_back(order, 100));
    run.answer(no());
    let saga = run.state.order(order).unwrap().after.as_ref().unwrap().refunds[0].saga;
    run.ask(cancel(order, None, false)).unwrap_err();
    run.accept(retry(saga));
    run.drain();
    run
}

#[test]
fn what_the_engine_records_is_clean() {
    let run = after_the_sale();
    clean(&run);
    let report = run.audit();
    assert_eq!((report.after_sale.refunds, report.after_sale.positions_cancelled, report.after_sale.check_ins), (3, 4, 1));
    let run = late_money();
    clean(&run);
    let report = run.audit();
    assert_eq!((report.after_sale.late_reinstated, report.after_sale.late_refunded), (3, 3));
    assert_eq!((report.after_sale.paid_unfulfilled, report.orders.stuck), (0, 0), "{:#?}", run.journal.last());
    let run = turned_round();
    clean(&run);
    assert_eq!(run.audit().orders.stuck, 0);
}

#[test]
fn whatever_is_changed_in_a_history_is_found() {
    type Change = fn(&Event) -> Vec<Event>;
    type Case = (Rule, fn() -> Run, fn(&Event) -> bool, Change);
    let left_out = |_: &Event| Vec::new();
    let doubled = |event: &Event| vec![event.clone(), event.clone()];
    let is_resumed = |event: &Event| matches!(event, Event::SagaResumed { direction: Direction::Forward, .. });
    let cases: [Case; 14] = [
        (Rule::SeatInTwoHands, after_the_sale, |event| matches!(event, Event::SeatsUnblocked { .. }), left_out),
        (Rule::SeatWasNotBlocked, after_the_sale, |event| matches!(event, Event::SeatsBlocked { .. }), left_out),
        (Rule::RefundedTwice, after_the_sale, |event| matches!(event, Event::PaymentRefunded { .. }), doubled),
        (Rule::RefundLost, after_the_sale, |event| matches!(event, Event::PaymentRefunded { .. }), left_out),
        (Rule::RefundLost, after_the_sale, |event| matches!(event, Event::RefundStarted { .. }), left_out),
        (Rule::PositionNotSold, after_the_sale, |event| matches!(event, Event::PositionsCancelled { .. }), doubled),
        (Rule::CancelledInPart, after_the_sale, |event| matches!(event, Event::OrderCancelled { .. }), left_out),
        (Rule::TicketUsedTwice, after_the_sale, |event| matches!(event, Event::TicketCheckedIn { .. }), doubled),
        (Rule::FalseRefusal, after_the_sale, |event| matches!(event, Event::TicketCheckedIn { .. }), left_out),
        (Rule::SeatInTwoHands, late_money, |event| matches!(event, Event::OrderReinstated { .. }), doubled),
        (Rule::LatePaymentWithoutCause, late_money, |event| matches!(event, Event::PaymentArrivedLate { .. }), left_out),
        (Rule::CancelledOrderKeepsSeats, turned_round, |event| matches!(event, Event::BookingReversed { .. }), left_out),
        (Rule::FalseRefusal, turned_round, |event| matches!(event, Event::CancelRequested { .. }), left_out),
        (Rule::StepOutOfOrder, turned_round, is_resumed, left_out),
    ];
    for (rule, history, is_it, change) in cases {
        let (run, mut audit, mut hit) = (history(), Audit::new(support::PARTITION), false);
        for (offset, (stamp, record)) in (0_u64..).zip(run.journal) {
            let mut changed = |events: Vec<Event>| {
                let change_one = |event: Event| {
                    if is_it(&event) {
                        hit = true;
                        change(&event)
                    } else {
                        vec![event]
                    }
                };
                events.into_iter().flat_map(change_one).collect()
            };
            let record = match record {
                Record::Accepted { key, events } => Record::Accepted { key, events: changed(events) },
                Record::Timely { events } => Record::Timely { events: changed(events) },
                refused => refused,
            };
            audit.record(offset, stamp, &record);
        }
        let report = audit.finish();
        assert!(hit && report.findings.iter().any(|finding| finding.rule == rule), "{rule:?}: {:#?}", report.findings);
    }
}
