//! Taking a sale back: at every stage of it, in whole and in part, with and without a fee, and the money that follows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::{CancelOrder, ConfirmPayout, RefundOrder, RetrySaga};
use guichet_domain::inventory::SeatState;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::saga::{Direction, Effect, EffectOutcome, Progress};
use guichet_domain::show::{CancellationFee, ShowDefinition};
use guichet_domain::{Command, Event, OrderId, Rejection, SagaId};

use support::{BOX, DEADLINE_MS, GUEST, HOUR_MS, PROVIDER, Run, STALLS, STANDING, START_MS, TTL_MS};
use support::{cancel_of, declined, definition, done, order_of, plan, refused, seats, standing, unavailable, unknown};

fn refund_of(order: OrderId, amount_minor: i64) -> Command {
    Command::RefundOrder(RefundOrder { order, amount_minor, note: "rain".into() })
}

fn payout_of(order: OrderId, amount_minor: i64) -> Command {
    Command::ConfirmPayout(ConfirmPayout { order, provider: PROVIDER.into(), amount_minor, reference: "till".into() })
}

/// The refunds of an order: how much, and whether they are done.
fn refunds(run: &Run, order: OrderId) -> Vec<(i64, bool)> {
    run.the_order(order).after.iter().flat_map(|after| &after.refunds).map(|refund| (refund.amount_minor, refund.done)).collect()
}

fn refund_sagas(run: &Run, order: OrderId) -> Vec<SagaId> {
    run.the_order(order).after.iter().flat_map(|after| &after.refunds).map(|refund| refund.saga).collect()
}

fn ordered() -> (Run, OrderId) {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0, 1]), standing(STANDING, 1)], TTL_MS);
    let order = run.order(&[hold]);
    (run, order)
}

const TOTAL_MINOR: i64 = 2 * 2_500 + 900;

/// Reports one after the other, and lets the time pass to the next try where one is waited for.
fn settle(run: &mut Run, outcomes: &[EffectOutcome]) {
    for outcome in outcomes {
        if run.state.pending_effects().is_empty() {
            run.pass(run.state.next_timer_unix_ms().unwrap() - run.now_unix_ms);
        }
        run.report(outcome.clone());
    }
}

/// Reports before the cancellation, whether it comes at once, reports after it, and where the money is then.
type Stage = (&'static str, Vec<EffectOutcome>, bool, Vec<EffectOutcome>, PaymentState);

#[test]
fn an_order_on_its_way_turns_round_as_soon_as_it_can() {
    let stages: Vec<Stage> = vec![
        ("authorisation pending", vec![], true, vec![done()], PaymentState::Voided),
        ("authorisation waits", vec![unavailable()], true, vec![done()], PaymentState::Voided),
        ("authorisation unknown", vec![unknown()], true, vec![unavailable(), done()], PaymentState::Voided),
        ("capture pending, done", vec![done()], false, vec![done(), done()], PaymentState::Refunded),
        ("capture pending, declined", vec![done()], false, vec![declined(), done()], PaymentState::Voided),
        ("capture pending, refused", vec![done()], false, vec![refused(), done()], PaymentState::Voided),
        ("capture unknown", vec![done(), unknown()], false, vec![done(), done()], PaymentState::Refunded),
        ("capture unknown, twice", vec![done(), unknown()], false, vec![unknown(), done(), done()], PaymentState::Refunded),
        ("issue pending, done", vec![done(), done()], false, vec![done(), done()], PaymentState::Refunded),
        ("issue pending, refused", vec![done(), done()], false, vec![refused(), done()], PaymentState::Refunded),
        ("issue unknown", vec![done(), done(), unknown()], false, vec![done(), done()], PaymentState::Refunded),
    ];
    for (name, before, at_once, after, payment) in stages {
        let (mut run, order) = ordered();
        settle(&mut run, &before);
        let state = run.the_order(order).state;
        let part = run.refuse(cancel_of(order, Some(&[0])));
        assert_eq!(part, Rejection::OrderNotConfirmed { order, state }, "{name}: a part of what is not sold yet");
        assert_eq!(run.refuse(refund_of(order, 1)), Rejection::OrderNotConfirmed { order, state }, "{name}");

        let events = run.accept(cancel_of(order, None));
        let requested = Event::CancelRequested { order, reason: CancelReason::ByBuyer };
        assert_eq!(events == [requested], !at_once, "{name}: {events:?}");
        assert_eq!(run.refuse(cancel_of(order, None)), Rejection::OrderAlreadyCancelled { order }, "{name}: twice");
        settle(&mut run, &after);

        let row = run.the_order(order);
        assert_eq!((row.state, row.payment), (OrderState::Cancelled, payment), "{name}");
        assert_eq!(row.cancel_reason, Some(CancelReason::ByBuyer), "{name}: whatever became of the payment");
        assert!((0..6).all(|seat| run.seat(1, seat) == SeatState::Free), "{name}");
        assert_eq!((run.quota(1, 0).left(), run.quota(1, 1).left()), (8, 6), "{name}");
        assert_eq!((run.state.live_sagas(), run.state.live_holds(), run.state.next_timer_unix_ms()), (0, 0, None), "{name}");
        assert!(run.tickets(order).is_empty(), "{name}");
        run.agrees();
    }
}

#[test]
fn what_unwinds_or_has_ended_or_is_stuck_is_not_cancelled_again() {
    let (mut run, order) = ordered();
    run.pass(DEADLINE_MS);
    assert_eq!(run.refuse(cancel_of(order, None)), Rejection::OrderAlreadyCancelled { order }, "it unwinds");
    assert_eq!(run.refuse(cancel_of(order, Some(&[0]))).code(), "order_not_confirmed");
    run.report(refused());
    assert!(run.the_order(order).stuck);
    assert_eq!(run.refuse(cancel_of(order, None)), Rejection::OrderStuck { order });
    run.accept(Command::RetrySaga(RetrySaga { saga: run.the_order(order).saga }));
    run.report(done());
    assert_eq!(run.the_order(order).cancel_reason, Some(CancelReason::DeadlinePassed));
    for positions in [None, Some(&[][..]), Some(&[77][..])] {
        assert_eq!(run.refuse(cancel_of(order, positions)), Rejection::OrderAlreadyCancelled { order }, "{positions:?}");
    }
    run.agrees();
}

/// A step whose outcome nobody knows can be neither left nor undone: it is asked again, and only then the order turns round.
#[test]
fn a_capture_that_was_stuck_is_asked_again_before_its_order_turns_round() {
    for outcome in [done(), refused()] {
        let (mut run, order) = ordered();
        run.report(done());
        run.accept(cancel_of(order, None));
        let saga = run.the_order(order).saga;
        while !run.is_stuck(saga) {
            settle(&mut run, &[unknown()]);
        }
        let events = run.accept(Command::RetrySaga(RetrySaga { saga }));
        let asked = matches!(&events[..], [Event::SagaResumed { .. }, Event::EffectIntended { effect: Effect::Capture { .. }, .. }]);
        assert!(asked, "{events:?}");
        let captured = outcome == done();
        run.report(outcome);
        assert_eq!(matches!(run.asked(), Effect::Refund { amount_minor: TOTAL_MINOR, .. }), captured);
        assert_eq!(matches!(run.asked(), Effect::Void { .. }), !captured);
        run.report(done());
        assert_eq!(run.the_order(order).cancel_reason, Some(CancelReason::ByBuyer));
        run.agrees();
    }
}

#[test]
fn a_part_goes_then_the_rest_and_each_brings_its_own_money_back() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0, 1]), standing(STANDING, 2), seats(BOX, &[4])]);
    let tickets = run.tickets(order);
    let events = run.accept(cancel_of(order, Some(&[2, 1])));
    let cancelled = Event::PositionsCancelled { order, positions: vec![1, 2], fees_minor: vec![0, 0], reason: CancelReason::ByBuyer };
    assert_eq!(events[0], cancelled);
    assert!(!events.iter().any(|event| matches!(event, Event::OrderCancelled { .. })));
    assert_eq!((run.seat(1, 0), run.seat(1, 1), run.seat(1, 4)), (SeatState::Booked, SeatState::Free, SeatState::Booked));
    assert_eq!((run.quota(1, 0).booked, run.quota(1, 1).booked), (2, 1));
    assert!(matches!(run.asked(), Effect::Refund { amount_minor: 3_400, .. }));
    assert_eq!(run.the_order(order).payment, PaymentState::Captured, "until it is done");
    run.report(done());
    assert_eq!((run.the_order(order).state, run.the_order(order).payment), (OrderState::Confirmed, PaymentState::PartiallyRefunded));
    assert_eq!(run.tickets(order), tickets, "the others keep theirs");

    let refusals = [
        (Some(&[][..]), Rejection::NothingSelected),
        (Some(&[0, 5]), Rejection::UnknownPosition { order, position: 5 }),
        (Some(&[0, 2]), Rejection::PositionCancelled { order, position: 2 }),
        // In the order of the positions, not of their faults.
        (Some(&[9, 1]), Rejection::PositionCancelled { order, position: 1 }),
    ];
    for (positions, expected) in refusals {
        assert_eq!(run.refuse(cancel_of(order, positions)), expected, "{positions:?}");
    }
    // Its seat is somebody else's by now, and stays theirs.
    let other = run.sold(1, &[seats(STALLS, &[1])]);
    let events = run.accept(cancel_of(order, None));
    let all =
        matches!(&events[..], [Event::PositionsCancelled { positions, .. }, Event::OrderCancelled { .. }, ..] if *positions == [0, 3, 4]);
    assert!(all, "{events:?}");
    run.report(done());
    let row = run.the_order(order);
    assert_eq!((row.state, row.payment, row.cancel_reason), (OrderState::Cancelled, PaymentState::Refunded, Some(CancelReason::ByBuyer)));
    assert_eq!(refunds(&run, order), [(3_400, true), (12_400, true)]);
    assert_eq!((run.seat(1, 1), run.the_order(other).state), (SeatState::Booked, OrderState::Confirmed));
    run.agrees();
}

#[test]
fn a_position_that_is_named_twice_goes_once() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0, 1])]);
    run.accept(cancel_of(order, Some(&[1, 1])));
    assert_eq!(refunds(&run, order), [(2_500, false)]);
    run.agrees();
}

#[test]
fn an_order_over_several_shows_is_cancelled_place_by_place_under_the_rules_of_each() {
    let mut run = Run::on_sale();
    let fee = CancellationFee { within_ms: HOUR_MS, price_bp: 10_000, fixed_minor: 0 };
    run.sell(ShowDefinition { starts_at_unix_ms: Some(START_MS), cancellation_fees: vec![fee], ..definition(4) }, plan());
    let holds = [run.hold(4, &[standing(0, 1)], TTL_MS), run.hold(1, &[seats(STALLS, &[3])], TTL_MS)];
    let order = run.order(&holds);
    (0..3).for_each(|_| drop(run.report(done())));
    assert_eq!(run.the_order(order).total_minor, 3_000);
    run.accept(cancel_of(order, None));
    // The first has begun and keeps its price, the other has no fee.
    assert_eq!(run.the_order(order).after.as_ref().unwrap().fees_minor, 500);
    assert!(matches!(run.asked(), Effect::Refund { amount_minor: 2_500, .. }));
    assert_eq!((run.quota(4, 0).booked, run.seat(1, 3)), (0, SeatState::Free));
    run.agrees();
}

#[test]
fn the_fee_is_that_of_the_shortest_time_that_applies() {
    let starts = START_MS + 100 * HOUR_MS;
    let fee = |within_ms, price_bp, fixed_minor| CancellationFee { within_ms, price_bp, fixed_minor };
    // In no order, as a definition may have them.
    let fees = vec![fee(10 * HOUR_MS, 2_500, 70), fee(HOUR_MS, 10_000, 0), fee(50 * HOUR_MS, 333, 0)];
    let cases = [
        (100 * HOUR_MS, 0),
        (50 * HOUR_MS, 0),
        // 83.25 is rounded up.
        (50 * HOUR_MS - 1, 84),
        (10 * HOUR_MS, 84),
        (10 * HOUR_MS - 1, 625 + 70),
        (HOUR_MS, 625 + 70),
        (HOUR_MS - 1, 2_500),
        (0, 2_500),
    ];
    for (before_ms, kept_minor) in cases {
        for (reason, waive_fee) in [(CancelReason::ByBuyer, false), (CancelReason::ByOperator, false), (CancelReason::ByOperator, true)] {
            let mut run = Run::empty();
            run.sell(ShowDefinition { starts_at_unix_ms: Some(starts), cancellation_fees: fees.clone(), ..definition(1) }, plan());
            let order = run.sold(1, &[seats(STALLS, &[0, 1])]);
            run.pass(starts - before_ms - run.now_unix_ms);
            run.accept(Command::CancelOrder(CancelOrder { order, positions: Some(vec![0]), reason, waive_fee }));
            let kept_minor = if waive_fee { 0 } else { kept_minor };
            let expected = if kept_minor == 2_500 { vec![] } else { vec![(2_500 - kept_minor, false)] };
            assert_eq!(refunds(&run, order), expected, "{before_ms} ms before the start, {reason:?}, waived: {waive_fee}");
            assert_eq!(run.the_order(order).after.as_ref().unwrap().fees_minor, kept_minor);
            run.agrees();
        }
    }
}

#[test]
fn a_fee_is_never_more_than_the_price() {
    let mut run = Run::empty();
    let fee = CancellationFee { within_ms: u64::MAX, price_bp: 10_000, fixed_minor: i64::MAX };
    let mut show = definition(3);
    (show.starts_at_unix_ms, show.cancellation_fees) = (Some(START_MS), vec![fee]);
    run.sell(show, plan());
    let order = run.sold(3, &[standing(GUEST, 1), standing(STANDING, 1)]);
    run.accept(cancel_of(order, None));
    let row = run.the_order(order);
    assert_eq!((row.after.as_ref().unwrap().fees_minor, row.refundable_minor(), row.payment), (900, 900, PaymentState::Captured));
    assert_eq!(run.state.live_sagas(), 0, "nothing is given back");
    // What was kept can still be given back, and no more.
    assert_eq!(run.refuse(refund_of(order, 901)), Rejection::RefundTooLarge { order, requested_minor: 901, left_minor: 900 });
    run.accept(refund_of(order, 900));
    run.report(done());
    assert_eq!(run.the_order(order).payment, PaymentState::Refunded);
    run.agrees();
}

#[test]
fn no_more_is_given_back_than_was_paid_whoever_asks_first() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0, 1])]);
    for amount_minor in [0, -1, i64::MIN] {
        assert_eq!(run.refuse(refund_of(order, amount_minor)), Rejection::NothingSelected);
    }
    let too_large = |requested_minor, left_minor| Rejection::RefundTooLarge { order, requested_minor, left_minor };
    assert_eq!(run.refuse(refund_of(order, 5_001)), too_large(5_001, 5_000));
    run.accept(refund_of(order, 3_000));
    assert_eq!(run.the_order(order).state, OrderState::Confirmed, "the places stay sold");
    // Under way counts as given.
    assert_eq!(run.refuse(refund_of(order, 2_001)), too_large(2_001, 2_000));
    run.accept(cancel_of(order, Some(&[0])));
    assert_eq!(refunds(&run, order), [(3_000, false), (2_000, false)], "the goodwill is part of the price");
    assert_eq!(run.refuse(refund_of(order, 1)), too_large(1, 0));
    run.accept(cancel_of(order, None));
    assert_eq!(run.state.live_sagas(), 2, "there is nothing left for the other place");
    run.report(done());
    assert_eq!(run.the_order(order).payment, PaymentState::PartiallyRefunded);
    run.report(done());
    assert_eq!(run.the_order(order).payment, PaymentState::Refunded);
    run.agrees();
}

#[test]
fn what_costs_nothing_is_neither_paid_nor_given_back() {
    let mut run = Run::empty();
    run.sell(definition(3), plan());
    let hold = run.hold(3, &[standing(GUEST, 2)], TTL_MS);
    let order = run.order(&[hold]);
    assert!(matches!(run.asked(), Effect::IssueTickets { tickets: 2, .. }), "it is booked at once");
    let mut other = run.clone();
    run.report(done());
    assert_eq!((run.the_order(order).state, run.the_order(order).payment), (OrderState::Confirmed, PaymentState::None));
    assert_eq!(run.refuse(refund_of(order, 1)), Rejection::RefundTooLarge { order, requested_minor: 1, left_minor: 0 });
    run.accept(cancel_of(order, Some(&[0])));
    run.accept(cancel_of(order, None));
    assert_eq!((run.the_order(order).state, run.state.live_sagas()), (OrderState::Cancelled, 0));
    run.agrees();

    // Unwinding needs no provider either.
    other.report(refused());
    assert_eq!((other.the_order(order).state, other.state.live_sagas()), (OrderState::Cancelled, 0));
    assert_eq!(other.quota(3, 2).left(), 4);
    other.agrees();
}

#[test]
fn a_refund_that_is_refused_waits_for_an_operator_and_is_asked_again() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0])]);
    run.accept(cancel_of(order, None));
    run.report(refused());
    let saga = refund_sagas(&run, order)[0];
    assert_eq!(run.state.saga(saga).unwrap().progress, Progress::Stuck { step: 0, direction: Direction::Forward });
    assert!(run.the_order(order).stuck);
    assert_eq!(run.seat(1, 0), SeatState::Free, "the money alone is stuck");
    assert_eq!(run.refuse(cancel_of(order, None)), Rejection::OrderStuck { order });
    assert_eq!(run.refuse(refund_of(order, 1)), Rejection::OrderStuck { order });
    assert_eq!(run.refuse(payout_of(order, 2_500)), Rejection::NoPayoutPending { order, amount_minor: 2_500 });
    let events = run.accept(Command::RetrySaga(RetrySaga { saga }));
    let again = matches!(
        &events[..],
        [Event::SagaResumed { .. }, Event::EffectIntended { attempt: 0, effect: Effect::Refund { amount_minor: 2_500, .. }, .. }]
    );
    assert!(again, "{events:?}");
    assert!(!run.the_order(order).stuck);
    assert_eq!(run.refuse(Command::RetrySaga(RetrySaga { saga })), Rejection::SagaNotStuck { saga });
    run.report(done());
    assert_eq!(run.the_order(order).payment, PaymentState::Refunded);
    assert_eq!(run.refuse(Command::RetrySaga(RetrySaga { saga })), Rejection::SagaNotFound { saga });
    run.agrees();
}

#[test]
fn an_order_is_stuck_as_long_as_one_of_its_refunds_is() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0])]);
    run.accept(refund_of(order, 100));
    run.accept(refund_of(order, 200));
    run.report(refused());
    run.report(refused());
    for (saga, stuck) in refund_sagas(&run, order).into_iter().zip([true, false]) {
        run.accept(Command::RetrySaga(RetrySaga { saga }));
        assert_eq!(run.the_order(order).stuck, stuck);
    }
    run.agrees();
}

#[test]
fn a_refund_by_hand_is_confirmed_once_and_to_the_cent() {
    let mut run = Run::on_sale();
    let order = run.sold(1, &[seats(STALLS, &[0])]);
    run.accept(refund_of(order, 100));
    run.accept(refund_of(order, 100));
    let nobody = ConfirmPayout { order, provider: "other".into(), amount_minor: 100, reference: "till".into() };
    assert_eq!(run.refuse(Command::ConfirmPayout(nobody)), Rejection::WrongProvider { order, provider: PROVIDER.into() });
    assert_eq!(run.refuse(payout_of(order, 99)), Rejection::NoPayoutPending { order, amount_minor: 99 });
    run.accept(payout_of(order, 100));
    assert_eq!(refunds(&run, order), [(100, true), (100, false)], "one of two that are alike");
    // The provider may be waited for just then.
    run.report(unavailable());
    run.accept(payout_of(order, 100));
    assert_eq!(run.refuse(payout_of(order, 100)), Rejection::NoPayoutPending { order, amount_minor: 100 });
    assert_eq!((run.state.next_timer_unix_ms(), run.state.live_sagas()), (None, 0));
    run.agrees();
}

/// An order that unwinds by itself is paid out by hand as well.
#[test]
fn the_refund_of_an_order_that_failed_can_be_confirmed_by_hand() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.accept(order_of(&[hold]));
    let order = run.state.orders().next().unwrap().id;
    settle(&mut run, &[done(), done(), refused()]);
    run.accept(payout_of(order, 2_500));
    assert_eq!((run.the_order(order).state, run.the_order(order).payment), (OrderState::Cancelled, PaymentState::Refunded));
    run.agrees();
}
