//! After the sale: cancellations, refunds, payments by hand, late money and the door, through the engine and across restarts.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::time::Duration;

use guichet_core::clock::{Clock, SystemClock};
use guichet_core::domain::show::LatePayment;
use guichet_core::{
    CancelReason, Cancellation, CommandError, Guichet, IdempotencyKey, Item, OrderFilter, OrderId, OrderState, PaymentState, Receipt, Scan,
    ShowId,
};
use support::House;

fn code(answer: Result<Receipt, CommandError>) -> &'static str {
    match answer {
        Ok(_) => "accepted",
        Err(CommandError::Rejected(rejection)) => rejection.reason.code(),
        Err(other) => panic!("{other}"),
    }
}

fn stalls(seats: &[&str]) -> Item {
    Item::seats("Stalls", seats.iter().copied())
}

fn free_seats(engine: &Guichet, show: ShowId) -> u64 {
    engine.show_report(show).unwrap().seats_free
}

/// The show's deadline for orders is a second: what is not paid by then is cancelled.
async fn house_with_a_short_deadline(policy: LatePayment) -> (House, ShowId) {
    let house = House::open().await;
    let show = house
        .show_with(|draft| {
            draft.transfer_deadline_ms = Some(1_000);
            draft.late_payment = policy;
        })
        .await;
    (house, show)
}

async fn unpaid(house: &House, show: ShowId, seats: &[&str]) -> OrderId {
    let order = house.order(show, [stalls(seats)], "manual", "").await;
    house.order_when(order.id, |order| order.state == OrderState::Cancelled).await.id
}

#[tokio::test]
async fn an_order_is_cancelled_in_part_then_whole_and_a_restart_changes_nothing() {
    let house = House::open().await;
    let show = house.show().await;
    let order = house.sell_items(show, [stalls(&["A-1", "A-2", "A-3"])]).await;
    let key = IdempotencyKey::generate();
    let part = Cancellation { positions: Some(vec![1]), ..Cancellation::by_buyer() };
    house.engine.cancel_order(order.id, part.clone()).key(key.clone()).await.unwrap();
    let after = house.order_when(order.id, |order| order.payment == PaymentState::PartiallyRefunded).await;
    assert_eq!((after.state, after.cancelled.as_slice(), after.refunded_minor()), (OrderState::Confirmed, &[1][..], 1_000));
    assert_eq!(house.engine.tickets(&after).len(), 2);
    assert_eq!(free_seats(&house.engine, show), 8);

    let house = house.reopen_after(|_| {}).await.unwrap();
    // The same key is the same cancellation; the seat can be sold again; another cancellation of it is refused.
    assert!(house.engine.cancel_order(order.id, part.clone()).key(key).await.unwrap().repeated);
    assert_eq!(code(house.engine.cancel_order(order.id, part).await), "position_cancelled");
    house.sell_items(show, [stalls(&["A-2"])]).await;
    house.engine.cancel_order(order.id, Cancellation::by_operator()).await.unwrap();
    let after = house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!((after.state, after.cancel_reason), (OrderState::Cancelled, Some(CancelReason::ByOperator)));
    assert_eq!((after.refunded_minor(), free_seats(&house.engine, show)), (3_000, 9));
    assert_eq!(code(house.engine.cancel_order(order.id, Cancellation::by_operator()).await), "order_already_cancelled");
    house.verified().await;
    let house = house.reopen_after(|data| std::fs::remove_dir_all(data.join("projections")).unwrap()).await.unwrap();
    let listed = house.listed(show, 2).await;
    assert_eq!(listed.iter().find(|listed| listed.id == order.id), Some(&after));
    house.engine.close().await;
}

#[tokio::test]
async fn a_late_cancellation_costs_what_the_show_says_and_goodwill_gives_it_back() {
    let house = House::open().await;
    let hour = 3_600_000;
    let starts = SystemClock::default().wall_unix_ms() + hour;
    let fee = |within_ms, price_bp, fixed_minor| guichet_core::domain::show::CancellationFee { within_ms, price_bp, fixed_minor };
    let show = house
        .show_with(|draft| {
            draft.starts_at_unix_ms = Some(starts);
            draft.cancellation_fees = vec![fee(24 * hour, 2_500, 50), fee(hour / 2, 10_000, 0)];
        })
        .await;
    let order = house.sell_items(show, [stalls(&["A-1", "A-2"])]).await;
    house.engine.cancel_order(order.id, Cancellation::by_buyer()).await.unwrap();
    let after = house.order_when(order.id, |order| order.refunded_minor() > 0).await;
    assert_eq!((after.fees_minor, after.refunded_minor(), after.payment), (600, 1_400, PaymentState::PartiallyRefunded));
    assert_eq!(code(house.engine.refund_order(order.id, 601, "too much").await), "refund_too_large");
    house.engine.refund_order(order.id, 600, "illness").await.unwrap();
    let after = house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!(after.refunds.iter().map(|refund| refund.note.as_str()).collect::<Vec<_>>(), ["", "illness"]);
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn a_transfer_is_waited_for_across_a_restart_and_counts_once() {
    let house = House::open().await;
    let show = house.show().await;
    let order = house.order(show, [stalls(&["B-1"])], "manual", "").await;
    house.order_when(order.id, |order| order.state == OrderState::AwaitingPayment).await;
    assert_eq!(code(house.engine.confirm_payment(order.id, "manual", 999, "statement 7/1").await), "wrong_amount");
    assert_eq!(code(house.engine.confirm_payment(order.id, "simulated", 1_000, "statement 7/1").await), "wrong_provider");
    let house = house.reopen_after(|_| {}).await.unwrap();
    house.engine.confirm_payment(order.id, "manual", 1_000, "statement 7/1").await.unwrap();
    let paid = house.order_when(order.id, |order| order.state == OrderState::Confirmed).await;
    assert_eq!((paid.payment, house.engine.tickets(&paid).len()), (PaymentState::Captured, 1));
    assert_eq!(code(house.engine.confirm_payment(order.id, "manual", 1_000, "statement 7/1").await), "payment_already_known");
    assert_eq!(code(house.engine.confirm_payment(order.id, "manual", 1_000, "statement 7/2").await), "order_already_paid");

    // The refund of a transfer waits for somebody to make it.
    house.engine.cancel_order(order.id, Cancellation::by_operator()).await.unwrap();
    let house = house.reopen_after(|_| {}).await.unwrap();
    let waiting = house.order_when(order.id, |order| order.state == OrderState::Cancelled).await;
    assert_eq!((waiting.payment, waiting.refunded_minor()), (PaymentState::Captured, 0));
    assert_eq!(code(house.engine.confirm_payout(order.id, "manual", 1, "transfer 9").await), "no_payout_pending");
    house.engine.confirm_payout(order.id, "manual", 1_000, "transfer 9").await.unwrap();
    house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!(code(house.engine.confirm_payout(order.id, "manual", 1_000, "transfer 9").await), "no_payout_pending");
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn late_money_gets_the_same_seat_while_it_is_free() {
    let (house, show) = house_with_a_short_deadline(LatePayment::SameSeat).await;
    let (first, second) = (unpaid(&house, show, &["A-1", "A-2"]).await, unpaid(&house, show, &["A-2"]).await);
    house.engine.confirm_payment(first, "manual", 2_000, "late 1").await.unwrap();
    let sold = house.order_when(first, |order| order.state == OrderState::Confirmed).await;
    assert_eq!((sold.payment, house.engine.tickets(&sold).len()), (PaymentState::Captured, 2));
    // Its seat is somebody else's now: the money has to go back, which somebody does by hand.
    house.engine.confirm_payment(second, "manual", 1_000, "late 2").await.unwrap();
    let owed = house.order_when(second, |order| order.payment == PaymentState::PaidUnfulfilled).await;
    assert_eq!(owed.state, OrderState::Cancelled);
    let filter = OrderFilter { payment: Some(PaymentState::PaidUnfulfilled), ..OrderFilter::default() };
    let seen = house.engine.orders(show.partition(), &filter, None, 10).unwrap().orders;
    assert_eq!(seen.iter().map(|order| order.id).collect::<Vec<_>>(), [second]);
    house.engine.confirm_payout(second, "manual", 1_000, "transfer 1").await.unwrap();
    house.order_when(second, |order| order.payment == PaymentState::Refunded).await;
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn late_money_gets_equivalent_seats_side_by_side_if_the_show_says_so() {
    let (house, show) = house_with_a_short_deadline(LatePayment::EquivalentSeat).await;
    let order = unpaid(&house, show, &["A-1", "A-2"]).await;
    house.sell_items(show, [stalls(&["A-2", "A-4"])]).await;
    house.engine.confirm_payment(order, "manual", 2_000, "late 1").await.unwrap();
    let sold = house.order_when(order, |order| order.state == OrderState::Confirmed).await;
    let seats: Vec<_> = sold.positions().iter().filter_map(|position| position.seat).collect();
    assert_eq!(seats, [5, 6], "the nearest pair of one row, B-1 and B-2");
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn providers_that_call_back_by_themselves_are_heard_once() {
    let house = House::open().await;
    let show = house.show_with(|draft| draft.order_deadline_ms = Some(1_500)).await;
    for token in ["callback", "duplicate", "outage:2", "flapping"] {
        let order = house.order(show, [Item::quantity("Standing", 1)], "simulated", token).await;
        let order = order.settled(Duration::from_secs(10)).await.unwrap();
        assert_eq!((order.state, order.payment), (OrderState::Confirmed, PaymentState::Captured), "{token}");
    }
    // In progress beyond the deadline: cancelled first, and sold when the money is there after all.
    let order = house.order(show, [stalls(&["A-1"])], "simulated", "late:2500").await;
    house.order_when(order.id, |order| order.state == OrderState::Cancelled).await;
    let sold = house.order_when(order.id, |order| order.state == OrderState::Confirmed).await;
    assert_eq!(sold.late.map(|late| late.amount_minor), Some(1_000));
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn a_ticket_opens_one_door_once() {
    let house = House::open().await;
    let show = house.show().await;
    let order = house.sell_items(show, [stalls(&["A-1", "A-2"])]).await;
    let tickets = house.engine.tickets(&order);
    let scan = |gate: &str, code: &str| Scan {
        code: code.to_owned(),
        list: None,
        gate: gate.to_owned(),
        scanned_offline_at_unix_ms: None,
        nonce: None,
        caller: guichet_core::Caller::EMBEDDER,
    };
    let (north, south) = tokio::join!(
        house.engine.check_in(show, scan("north", &tickets[0].code)),
        house.engine.check_in(show, scan("south", &tickets[0].code)),
    );
    assert_eq!(usize::from(north.is_ok()) + usize::from(south.is_ok()), 1);
    let admission = north.or(south).unwrap();
    assert_eq!((admission.product.as_str(), admission.seat.as_deref()), ("Stalls", Some("A-1")));

    let house = house.reopen_after(|_| {}).await.unwrap();
    let refused = house.engine.check_in(show, scan("east", &tickets[0].code)).await;
    assert!(matches!(refused, Err(CommandError::Rejected(rejection)) if rejection.reason.code() == "ticket_already_used"));
    house.engine.cancel_order(order.id, Cancellation { positions: Some(vec![1]), ..Cancellation::by_buyer() }).await.unwrap();
    let refused = house.engine.check_in(show, scan("east", &tickets[1].code)).await;
    assert!(matches!(refused, Err(CommandError::Rejected(rejection)) if rejection.reason.code() == "ticket_cancelled"));
    assert!(matches!(house.engine.check_in(show, scan("east", "FORGED")).await, Err(CommandError::Invalid(_))));
    let sheet = house.engine.check_in_sheet(show, Some("main"), None, 10).unwrap().entries;
    let rows: Vec<_> = sheet.iter().map(|entry| (entry.seat.as_deref(), entry.checked_in.is_some(), entry.cancelled)).collect();
    assert_eq!(rows, [(Some("A-1"), true, false), (Some("A-2"), false, true)]);
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn blocked_seats_are_not_sold_and_the_report_counts_everything() {
    let house = House::open().await;
    let show = house.show().await;
    let labels = ["B-4".to_owned(), "B-5".to_owned()];
    house.engine.block_seats(show, &labels, "camera").unwrap().await.unwrap();
    let refused = house.engine.place_hold(show, [stalls(&["B-5"])]).await;
    assert!(matches!(refused, Err(CommandError::Rejected(rejection)) if rejection.reason.code() == "seat_taken"));
    house.sell_items(show, [stalls(&["A-1", "A-2"]), Item::quantity("Standing", 3)]).await;
    let hold = house.engine.place_hold(show, [stalls(&["A-5"])]).await.unwrap();
    house.engine.wait_for(&hold.position).await.unwrap();
    let report = house.engine.show_report(show).unwrap();
    assert_eq!((report.seats_free, report.seats_held, report.seats_booked), (5, 1, 2));
    assert_eq!(report.blocked, [("camera".to_owned(), 2)]);
    let money: Vec<_> = report.products.iter().map(|of| (of.product.as_str(), of.tally.booked, of.revenue_minor)).collect();
    assert_eq!(money, [("Standing", 3, 300), ("Stalls", 2, 2_000)]);
    house.engine.unblock_seats(show, &labels).unwrap().await.unwrap();
    assert_eq!(code(house.engine.unblock_seats(show, &labels).unwrap().await), "seat_not_blocked");
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn an_order_spans_shows_of_one_partition_or_is_not_placed_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Guichet::open(guichet_core::Config::at(directory.path().join("data")).show_partitions(1)).await.unwrap();
    let house = House { engine, directory };
    let (friday, saturday) = (house.show().await, house.show().await);
    let holds = [
        house.engine.place_hold(friday, [stalls(&["A-1"])]).await.unwrap().id,
        house.engine.place_hold(saturday, [stalls(&["A-1", "A-2"])]).await.unwrap().id,
    ];
    let payment = guichet_core::PaymentRequest { provider: "simulated".into(), token: "approve".into() };
    let order = house.engine.place_order(&holds, None, payment).await.unwrap();
    let order = order.settled(Duration::from_secs(10)).await.unwrap();
    assert_eq!((order.state, order.total_minor), (OrderState::Confirmed, 3_000));
    assert_eq!(house.engine.tickets(&order).iter().map(|ticket| ticket.show).collect::<Vec<_>>(), [friday, saturday, saturday]);
    house.engine.cancel_order(order.id, Cancellation { positions: Some(vec![1]), ..Cancellation::by_buyer() }).await.unwrap();
    house.order_when(order.id, |order| order.refunded_minor() == 1_000).await;
    assert_eq!((free_seats(&house.engine, friday), free_seats(&house.engine, saturday)), (9, 9));
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn what_costs_nothing_is_sold_without_a_payment() {
    let house = House::open().await;
    let show = house.show_with(|draft| draft.products[0].price_minor = 0).await;
    let order = house.sell_items(show, [Item::quantity("Standing", 2)]).await;
    assert_eq!((order.payment, house.engine.tickets(&order).len()), (PaymentState::None, 2));
    house.engine.cancel_order(order.id, Cancellation::by_buyer()).await.unwrap();
    let after = house.order_when(order.id, |order| order.state == OrderState::Cancelled).await;
    assert_eq!((after.payment, after.refunds.len()), (PaymentState::None, 0));
    house.verified().await;
    house.engine.close().await;
}

#[tokio::test]
async fn orders_are_found_by_the_code_that_people_read_to_each_other() {
    let house = House::open().await;
    let show = house.show().await;
    let order = house.sell(show).await;
    assert_eq!(house.engine.order_by_code(&order.code.to_lowercase()).unwrap().map(|found| found.id), Some(order.id));
    assert_eq!(house.engine.order_by_code("ZZZZZZZ").unwrap(), None);
    house.engine.close().await;
}
