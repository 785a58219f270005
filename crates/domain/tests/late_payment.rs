//! Money that comes by itself: in time, twice, wrong, and when the places have gone.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::{ConfirmPayment, PaymentTerms, RefundOrder, ResolveLatePayment, RetrySaga};
use guichet_domain::inventory::SeatState;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::saga::Effect;
use guichet_domain::show::{Admits, LatePayment, ShowDefinition};
use guichet_domain::{Command, OrderId, Rejection};

use support::{DEADLINE_MS, PROVIDER, Run, STALLS, STANDING, TRANSFER_MS, TTL_MS};
use support::{cancel_of, declined, definition, done, order_by, payment_of, plan_of, product, refused, scan_of, seats, standing};

const PRICE_MINOR: i64 = 2_500;
/// Sells stalls and boxes alike.
const ANY: u16 = 3;

/// Two rows of four stalls, seats 0 to 7, and a row of two boxes, 8 and 9; the house has room for so many.
fn world(policy: LatePayment, house: u32) -> Run {
    let mut run = Run::empty();
    let mut show = ShowDefinition { late_payment: policy, ..definition(1) };
    show.quotas[0].size = house;
    show.products.push(product("any", PRICE_MINOR, Admits::Seats { categories: vec![0, 1] }, vec![]));
    run.sell(show, plan_of(&[(4, 4), (4, 4), (2, 0)]));
    run
}

fn total_minor(run: &Run, order: OrderId) -> i64 {
    run.the_order(order).total_minor
}

fn pay(run: &mut Run, order: OrderId, reference: &str) {
    let amount_minor = total_minor(run, order);
    run.accept(payment_of(order, amount_minor, reference));
}

/// The seats of an order, in the order of its tickets.
fn seats_of(run: &Run, order: OrderId) -> Vec<u32> {
    run.the_order(order).positions().filter_map(|place| place.item.seat()).collect()
}

/// The late money went back, or is asked to.
#[track_caller]
fn goes_back(run: &mut Run, order: OrderId, amount: i64, reference: &str, case: &str) {
    let asked = run.asked();
    let right =
        matches!(&asked, Effect::Refund { amount_minor, authorisation, .. } if *amount_minor == amount && authorisation == reference);
    assert!(right, "{case}: {asked:?}");
    assert_eq!(run.the_order(order).payment, PaymentState::PaidUnfulfilled, "{case}");
    let early = RefundOrder { order, amount_minor: 1, note: String::new() };
    assert_eq!(run.refuse(Command::RefundOrder(early)).code(), "refund_too_large", "all of it is on its way back already");
    run.report(done());
    let row = run.the_order(order);
    assert_eq!((row.state, row.payment, row.first_ticket), (OrderState::Cancelled, PaymentState::Refunded, None), "{case}");
    assert_eq!(run.state.live_sagas(), 0);
    run.agrees();
}

#[track_caller]
fn is_sold(run: &mut Run, order: OrderId, expected: &[u32], case: &str) {
    let places = run.the_order(order).places();
    assert!(matches!(run.asked(), Effect::IssueTickets { tickets, .. } if tickets == places), "{case}: {:?}", run.asked());
    run.report(done());
    let row = run.the_order(order);
    assert_eq!((row.state, row.payment, row.cancel_reason), (OrderState::Confirmed, PaymentState::Captured, None), "{case}");
    assert_eq!(seats_of(run, order), expected, "{case}");
    assert!(expected.iter().all(|seat| run.seat(1, *seat) == SeatState::Booked));
    for ticket in run.tickets(order) {
        run.accept(scan_of(ticket, 1, 0, "gate"));
    }
    run.agrees();
}

/// What others took meanwhile, and the seats that the order for 1 and 2 gets: the same, equivalent ones, or none.
type Taken = (&'static str, u32, &'static [u32], &'static [u32], &'static [u32]);

#[test]
fn each_policy_gives_what_is_left_and_never_what_somebody_has() {
    let cases: [Taken; 8] = [
        ("nothing", 100, &[], &[1, 2], &[1, 2]),
        ("others", 100, &[0, 3, 5], &[1, 2], &[1, 2]),
        ("one of them", 100, &[1], &[], &[2, 3]),
        ("both, a pair in the other row", 100, &[1, 3], &[], &[4, 5]),
        ("all pairs", 100, &[1, 3, 5, 7], &[], &[0, 2]),
        ("all but two far apart", 100, &[0, 1, 3, 4, 5, 6], &[], &[2, 7]),
        ("all stalls but one", 100, &[0, 1, 3, 4, 5, 6, 7], &[], &[]),
        ("the quota, not the seats", 3, &[4, 5], &[], &[]),
    ];
    for (name, house, others, same, equivalent) in cases {
        for policy in [LatePayment::SameSeat, LatePayment::EquivalentSeat, LatePayment::Refund] {
            let mut run = world(policy, house);
            let order = run.lapsed(1, &[seats(STALLS, &[1, 2])]);
            if !others.is_empty() {
                run.hold(1, &[seats(STALLS, others)], TTL_MS);
            }
            pay(&mut run, order, "late");
            let expected = match policy {
                LatePayment::SameSeat => same,
                LatePayment::EquivalentSeat => equivalent,
                LatePayment::Refund => &[],
            };
            let case = format!("{name}, {policy:?}");
            if expected.is_empty() {
                goes_back(&mut run, order, 2 * PRICE_MINOR, "late", &case);
            } else {
                is_sold(&mut run, order, expected, &case);
            }
        }
    }
}

#[test]
fn a_blocked_seat_is_not_sold_to_late_money_either() {
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[1])]);
    run.accept(Command::BlockSeats(guichet_domain::commands::BlockSeats { show: support::show(1), seats: vec![1], reason: String::new() }));
    pay(&mut run, order, "late");
    goes_back(&mut run, order, PRICE_MINOR, "late", "");
}

#[test]
fn equivalent_places_are_of_the_same_category_and_go_to_one_line_each() {
    // A stall and a box in one item: each is replaced by its like.
    let mut run = world(LatePayment::EquivalentSeat, 100);
    let order = run.lapsed(1, &[seats(ANY, &[3, 8])]);
    run.hold(1, &[seats(ANY, &[3, 8])], TTL_MS);
    pay(&mut run, order, "late");
    is_sold(&mut run, order, &[2, 9], "");

    // Two lines, and two items of one line, that would all like the same seat.
    let mut run = world(LatePayment::EquivalentSeat, 100);
    let holds = [run.hold(1, &[seats(STALLS, &[0]), seats(STALLS, &[1])], TTL_MS), run.hold(1, &[seats(STALLS, &[2])], TTL_MS)];
    let order = run.order(&holds);
    run.pass(DEADLINE_MS);
    run.report(done());
    run.hold(1, &[seats(STALLS, &[0, 1, 2])], TTL_MS);
    pay(&mut run, order, "late");
    is_sold(&mut run, order, &[3, 4, 5], "");
}

#[test]
fn equivalent_places_are_near_and_not_those_of_the_next_line() {
    let mut run = world(LatePayment::EquivalentSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[5, 6])]);
    run.hold(1, &[seats(STALLS, &[6])], TTL_MS);
    pay(&mut run, order, "late");
    is_sold(&mut run, order, &[4, 5], "the nearest pair, not the first");

    let mut run = world(LatePayment::EquivalentSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[0]), seats(STALLS, &[1])]);
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    pay(&mut run, order, "late");
    is_sold(&mut run, order, &[1, 2], "the second gives way to the first");
}

#[test]
fn all_lines_together_must_fit_a_quota_or_none_is_sold() {
    for (yard_taken, fits) in [(2, true), (3, false)] {
        let mut run = world(LatePayment::EquivalentSeat, 100);
        let holds = [run.hold(1, &[standing(STANDING, 2)], TTL_MS), run.hold(1, &[standing(STANDING, 2), seats(STALLS, &[0])], TTL_MS)];
        let order = run.order(&holds);
        run.pass(DEADLINE_MS);
        run.report(done());
        run.hold(1, &[standing(STANDING, yard_taken)], TTL_MS);
        pay(&mut run, order, "late");
        if fits {
            is_sold(&mut run, order, &[0], "");
        } else {
            assert_eq!(run.seat(1, 0), SeatState::Free);
            goes_back(&mut run, order, 4 * 900 + PRICE_MINOR, "late", "");
        }
    }
}

/// How an order ended without a sale, and whether late money may turn that.
type Ending = (&'static str, fn(&mut Run, OrderId), CancelReason, bool);

#[test]
fn only_what_ended_for_want_of_money_is_sold_after_all() {
    let endings: [Ending; 6] = [
        ("deadline", |run, _| drop(run.pass(DEADLINE_MS)), CancelReason::DeadlinePassed, true),
        ("declined", |run, _| drop(run.report(declined())), CancelReason::PaymentDeclined, true),
        ("failed", |run, _| drop(run.report(refused())), CancelReason::StepFailed, false),
        ("cancelled", |run, order| drop(run.accept(cancel_of(order, None))), CancelReason::ByBuyer, false),
        (
            "cancelled, then declined",
            |run, order| {
                run.report(done());
                run.accept(cancel_of(order, None));
                run.report(declined());
            },
            CancelReason::ByBuyer,
            false,
        ),
        // What is stuck on its way back forgets nothing of why it went.
        (
            "cancelled, then stuck",
            |run, order| {
                run.accept(cancel_of(order, None));
                run.report(declined());
                run.accept(Command::RetrySaga(RetrySaga { saga: run.the_order(order).saga }));
            },
            CancelReason::ByBuyer,
            false,
        ),
    ];
    for (name, end, reason, sold) in endings {
        let mut run = world(LatePayment::SameSeat, 100);
        let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
        let order = run.order(&[hold]);
        end(&mut run, order);
        while run.state.live_sagas() > 0 {
            run.report(done());
        }
        assert_eq!(run.the_order(order).cancel_reason, Some(reason), "{name}");
        pay(&mut run, order, "late");
        let case = name;
        if sold {
            is_sold(&mut run, order, &[0], case);
        } else {
            goes_back(&mut run, order, PRICE_MINOR, "late", case);
        }
    }
}

#[test]
fn a_wrong_amount_goes_back_as_it_came_and_buys_nothing() {
    for excess_minor in [-PRICE_MINOR + 1, -1, 1, 1_000_000] {
        let mut run = world(LatePayment::EquivalentSeat, 100);
        let order = run.lapsed(1, &[seats(STALLS, &[0])]);
        run.accept(payment_of(order, PRICE_MINOR + excess_minor, "late"));
        goes_back(&mut run, order, PRICE_MINOR + excess_minor, "late", "");
    }
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[0])]);
    for received_minor in [0, -1, i64::MIN] {
        let expected = Rejection::WrongAmount { order, expected_minor: PRICE_MINOR, received_minor };
        assert_eq!(run.refuse(payment_of(order, received_minor, "late")), expected, "that is no money");
    }
}

#[test]
fn a_payment_in_time_is_booked_and_once() {
    let mut run = world(LatePayment::SameSeat, 100);
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.accept(order_by(&[hold], PaymentTerms::Transfer));
    let order = run.state.orders().next().unwrap().id;
    run.pass(TRANSFER_MS - 1);
    let wrong = Rejection::WrongAmount { order, expected_minor: PRICE_MINOR, received_minor: PRICE_MINOR - 1 };
    assert_eq!(run.refuse(payment_of(order, PRICE_MINOR - 1, "short")), wrong);
    let mut late = run.clone();
    pay(&mut run, order, "bank");
    assert_eq!(run.the_order(order).authorisation.as_deref(), Some("bank"));
    assert_eq!(run.seat(1, 0), SeatState::Booked);
    for (stage, other) in [("capture", "not_awaiting_payment"), ("issue", "not_awaiting_payment"), ("sold", "order_already_paid")] {
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "bank")), Rejection::PaymentAlreadyKnown { order }, "{stage}");
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "twice")).code(), other, "{stage}");
        if stage != "sold" {
            run.report(done());
        }
    }
    run.agrees();

    // One instant later it is just being undone, and then it is too late.
    late.pass(1);
    assert_eq!(late.refuse(payment_of(order, PRICE_MINOR, "bank")), Rejection::NotAwaitingPayment { order });
    late.report(done());
    pay(&mut late, order, "bank");
    is_sold(&mut late, order, &[0], "");
}

#[test]
fn late_money_that_is_told_again_is_not_given_back_twice() {
    for policy in [LatePayment::SameSeat, LatePayment::Refund] {
        let mut run = world(policy, 100);
        let order = run.lapsed(1, &[seats(STALLS, &[0])]);
        pay(&mut run, order, "late");
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "late")), Rejection::PaymentAlreadyKnown { order }, "on its way");
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "more")), Rejection::OrderAlreadyPaid { order }, "on its way");
        run.report(done());
        assert_eq!(run.state.live_sagas(), 0);
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "late")), Rejection::PaymentAlreadyKnown { order }, "sold, or given back");
        if policy == LatePayment::SameSeat {
            assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "more")), Rejection::OrderAlreadyPaid { order });
        }
        run.agrees();
    }
}

/// The first money went back because the seat was taken; the second finds it free. It is the second that a cancellation gives back.
#[test]
fn money_that_came_twice_is_counted_once_each() {
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[0, 1])]);
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    pay(&mut run, order, "first");
    goes_back(&mut run, order, 2 * PRICE_MINOR, "first", "");
    run.pass(TTL_MS);
    pay(&mut run, order, "second");
    is_sold(&mut run, order, &[0, 1], "");
    assert_eq!((run.the_order(order).paid_minor(), run.the_order(order).refundable_minor()), (2 * PRICE_MINOR, 2 * PRICE_MINOR));
    for payment in [PaymentState::PartiallyRefunded, PaymentState::Refunded] {
        let first = u32::from(payment == PaymentState::Refunded);
        run.accept(cancel_of(order, Some(&[first])));
        assert!(matches!(run.asked(), Effect::Refund { amount_minor: PRICE_MINOR, authorisation, .. } if authorisation == "second"));
        run.report(done());
        assert_eq!(run.the_order(order).payment, payment);
    }
    run.agrees();
}

#[test]
fn late_money_whose_tickets_cannot_be_issued_goes_back() {
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[0])]);
    pay(&mut run, order, "late");
    run.report(refused());
    assert_eq!(run.seat(1, 0), SeatState::Free);
    assert!(matches!(run.asked(), Effect::Refund { amount_minor: PRICE_MINOR, .. }));
    let early = RefundOrder { order, amount_minor: 1, note: String::new() };
    assert_eq!(run.refuse(Command::RefundOrder(early)), Rejection::RefundTooLarge { order, requested_minor: 1, left_minor: 0 });
    run.report(done());
    assert_eq!((run.the_order(order).state, run.the_order(order).payment), (OrderState::Cancelled, PaymentState::Refunded));
    run.agrees();
}

fn resolve(order: OrderId, policy: LatePayment) -> Command {
    Command::ResolveLatePayment(ResolveLatePayment { order, policy })
}

/// Late money that the provider will not take back: the seat was taken then.
fn stuck() -> (Run, OrderId) {
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[0])]);
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    pay(&mut run, order, "late");
    assert_eq!(run.refuse(resolve(order, LatePayment::Refund)), Rejection::SagaNotStuck { saga: run.the_order(order).saga });
    run.report(refused());
    assert!(run.the_order(order).stuck);
    (run, order)
}

#[test]
fn an_operator_resolves_what_is_stuck() {
    // With which policy, with the seat free again or not, and what follows.
    let cases: [(LatePayment, bool, &[u32]); 6] = [
        (LatePayment::SameSeat, true, &[0]),
        (LatePayment::SameSeat, false, &[]),
        (LatePayment::EquivalentSeat, true, &[0]),
        (LatePayment::EquivalentSeat, false, &[1]),
        (LatePayment::Refund, true, &[]),
        (LatePayment::Refund, false, &[]),
    ];
    for (policy, free, expected) in cases {
        let (mut run, order) = stuck();
        if free {
            run.pass(TTL_MS);
        }
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "late")), Rejection::PaymentAlreadyKnown { order });
        assert_eq!(run.refuse(payment_of(order, PRICE_MINOR, "more")), Rejection::OrderStuck { order });
        run.accept(resolve(order, policy));
        assert!(!run.the_order(order).stuck);
        let case = format!("{policy:?}, free: {free}");
        if expected.is_empty() {
            goes_back(&mut run, order, PRICE_MINOR, "late", &case);
        } else {
            is_sold(&mut run, order, expected, &case);
        }
        assert_eq!(run.refuse(resolve(order, policy)), Rejection::NoLatePayment { order });
    }
}

#[test]
fn a_stuck_refund_of_late_money_can_just_be_tried_again() {
    let (mut run, order) = stuck();
    run.accept(Command::RetrySaga(RetrySaga { saga: run.the_order(order).saga }));
    goes_back(&mut run, order, PRICE_MINOR, "late", "");
}

#[test]
fn what_was_cancelled_stays_cancelled_whatever_an_operator_chooses() {
    let mut run = world(LatePayment::SameSeat, 100);
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    run.accept(cancel_of(order, None));
    run.report(done());
    pay(&mut run, order, "late");
    run.report(refused());
    run.accept(resolve(order, LatePayment::SameSeat));
    goes_back(&mut run, order, PRICE_MINOR, "late", "");
}

#[test]
fn a_payment_is_refused_for_the_first_of_its_faults() {
    let (mut run, order) = stuck();
    let nowhere = OrderId::from_bits(order.bits() + 77);
    let with = |order, provider: &str, amount_minor, reference: &str| {
        Command::ConfirmPayment(ConfirmPayment { order, provider: provider.into(), amount_minor, reference: reference.into(), taken: true })
    };
    let cases = [
        (with(nowhere, "other", 0, "late"), Rejection::OrderNotFound { order: nowhere }),
        (with(order, "other", 0, "late"), Rejection::WrongProvider { order, provider: PROVIDER.into() }),
        (with(order, PROVIDER, 0, "late"), Rejection::PaymentAlreadyKnown { order }),
        (with(order, PROVIDER, 0, "more"), Rejection::OrderStuck { order }),
        (resolve(nowhere, LatePayment::Refund), Rejection::OrderNotFound { order: nowhere }),
    ];
    for (command, expected) in cases {
        assert_eq!(run.refuse(command.clone()), expected, "{command:?}");
    }
    // Its saga is not stuck, and its payment not late.
    let other = run.sold(1, &[seats(STALLS, &[5])]);
    assert_eq!(run.refuse(resolve(other, LatePayment::Refund)), Rejection::NoLatePayment { order: other });

    let hold = run.hold(1, &[seats(STALLS, &[6])], TTL_MS);
    let placed = run.order(&[hold]);
    assert_eq!(run.refuse(resolve(placed, LatePayment::Refund)), Rejection::NoLatePayment { order: placed });
}

#[test]
fn a_reservation_never_comes_too_late() {
    // The saga that ends an order gives back what is reserved for it; only money that was taken needs somebody to decide.
    let mut run = world(LatePayment::SameSeat, 100);
    let order = run.lapsed(1, &[seats(STALLS, &[1, 2])]);
    let amount_minor = total_minor(&run, order);
    let news = |taken| {
        let (provider, reference) = (PROVIDER.into(), "late".into());
        Command::ConfirmPayment(ConfirmPayment { order, provider, amount_minor, reference, taken })
    };
    assert_eq!(run.refuse(news(false)), Rejection::OrderAlreadyCancelled { order });
    run.accept(news(true));
}
