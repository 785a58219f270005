//! The office: seats taken from sale, what a show has sold, and orders found again.

mod support;

use std::time::Duration;

use guichet_api::{BlockSeats, BlockedFor, CancelOrder, OrderFilter, OrderState, PaymentState, PlaceOrder, UnblockSeats, UnblockedSeats};
use support::{House, eur, hold_quantity, hold_seats, order, refusal};

fn block(seats: &[&str], reason: &str) -> BlockSeats {
    BlockSeats { seats: seats.iter().map(ToString::to_string).collect(), reason: reason.into() }
}

fn unblock(seats: &[&str]) -> UnblockSeats {
    UnblockSeats { seats: seats.iter().map(ToString::to_string).collect() }
}

#[tokio::test]
async fn blocked_seats_are_not_sold_and_those_that_are_not_free_are_named() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let taken = house.admin.block_seats(&show, &block(&["A-1", "A-2"], "camera")).await.unwrap_err();
    let problem = taken.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status, problem.seats.as_slice()), ("seat_taken", 409, ["A-1".to_owned()].as_slice()));
    assert_eq!(refusal(house.admin.block_seats(&show, &block(&["Q-9"], "camera")).await), ("unknown_seat".into(), 422));
    assert_eq!(refusal(house.admin.block_seats(&show, &block(&[], "camera")).await), ("nothing_selected".into(), 422));

    let request = block(&["A-2", "A-3"], "camera");
    let blocked = house.admin.block_seats(&show, &request).idempotency_key("b").await.unwrap();
    let again = house.admin.block_seats(&show, &request).idempotency_key("b").await.unwrap();
    assert_eq!((blocked.value.blocked, again.value.blocked, again.replayed), (2, 2, true));
    let position = blocked.position.unwrap();
    assert_eq!(house.admin.seats(&show, false).min_position(&position).await.unwrap().value.decode().unwrap().to_string(), "hxxfff");
    assert_eq!(refusal(house.admin.place_hold(&show, &hold_seats(&["A-2"])).await), ("seat_taken".into(), 409));

    let not_blocked = house.admin.unblock_seats(&show, &unblock(&["A-1", "A-2", "A-4"])).await.unwrap_err();
    let problem = not_blocked.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("seat_not_blocked", 409));
    assert_eq!(problem.seats, ["A-1", "A-4"]);
    assert_eq!(house.admin.unblock_seats(&show, &unblock(&["A-2"])).await.unwrap().value, UnblockedSeats { unblocked: 1 });
    house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap();
    house.admin.release_hold(&hold.hold).await.unwrap();
}

#[tokio::test]
async fn the_report_counts_what_was_sold_kept_and_blocked() {
    let house = House::open().await;
    let show = house.open_show().await;
    let bought = house.buy(&show, &["A-1", "A-2"], "approve").await;
    let standing = house.admin.place_hold(&show, &hold_quantity("Standing", 3)).await.unwrap().value;
    house.admin.place_order(&order(&standing, "approve")).wait(Duration::from_secs(10)).await.unwrap();
    house.admin.place_hold(&show, &hold_seats(&["A-3"])).await.unwrap();
    house.admin.cancel_order(&bought.order, &CancelOrder { positions: Some(vec![1]), ..CancelOrder::default() }).await.unwrap();
    house.admin.block_seats(&show, &block(&["A-5"], "camera")).await.unwrap();
    let last = house.admin.block_seats(&show, &block(&["A-6", "A-2"], "wet")).await.unwrap().position.unwrap();

    let report = house.admin.show_report(&show).min_position(&last).await.unwrap().value;
    assert_eq!((report.show.as_str(), report.products.len()), (show.as_str(), 4));
    let product = |name: &str| report.products.iter().find(|product| product.product == name).unwrap();
    let (seat, standing) = (product("Seat"), product("Standing"));
    assert_eq!((seat.held, seat.sold, seat.cancelled, seat.price.clone(), seat.revenue.clone()), (1, 1, 1, eur(4_500), eur(4_500)));
    assert_eq!((standing.sold, standing.revenue.clone(), standing.fees.clone()), (3, eur(6_000), eur(0)));
    let totals = &report.totals;
    assert_eq!((totals.held, totals.sold, totals.cancelled, totals.revenue.clone()), (1, 4, 1, eur(10_500)));
    assert_eq!((report.seats.free, report.seats.held, report.seats.booked), (1, 1, 1));
    let blocked = |reason: &str, seats| BlockedFor { reason: reason.into(), seats };
    let mut by_reason = report.seats.blocked.clone();
    by_reason.sort_by(|one, other| one.reason.cmp(&other.reason));
    assert_eq!(by_reason, [blocked("camera", 1), blocked("wet", 2)]);
}

#[tokio::test]
async fn orders_are_found_by_what_is_known_of_them_whether_they_have_ended_or_not() {
    let house = House::open().await;
    let (show, other) = (house.open_show().await, house.open_show().await);
    let sold = house.buy(&show, &["A-1"], "approve").await;
    let declined = house.buy(&other, &["A-1"], "decline").await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap().value;
    let mut by_transfer: PlaceOrder = order(&hold, "");
    by_transfer.payment.provider = "manual".into();
    let waiting = house.admin.place_order(&by_transfer).await.unwrap().value;
    house.until(&waiting.order, "it waits", |order| order.state == OrderState::AwaitingPayment).await;
    house.lists_are_there().await;

    let admin = &house.admin;
    let (sold_id, declined_id, waiting_id) = (sold.order.as_str(), declined.order.as_str(), waiting.order.as_str());
    let found = |filter: OrderFilter| async move {
        let orders = admin.orders(&filter).await.unwrap().value.orders;
        orders.into_iter().map(|order| order.order).collect::<Vec<_>>()
    };
    let all = || OrderFilter::default();
    assert_eq!(found(all()).await, [waiting_id, declined_id, sold_id], "the latest first");
    assert_eq!(found(OrderFilter { show: Some(show.clone()), ..all() }).await, [waiting_id, sold_id]);
    assert_eq!(found(OrderFilter { state: Some(OrderState::AwaitingPayment), ..all() }).await, [waiting_id]);
    assert_eq!(found(OrderFilter { payment: Some(PaymentState::Declined), ..all() }).await, [declined_id]);
    assert_eq!(found(OrderFilter { provider: Some("manual".into()), ..all() }).await, [waiting_id]);
    let at = declined.placed_at;
    assert_eq!(found(OrderFilter { placed_before: Some(at), ..all() }).await, [sold_id]);
    assert_eq!(found(OrderFilter { placed_from: Some(at), ..all() }).await, [waiting_id, declined_id]);
    let page = admin.orders(&all()).limit(2).await.unwrap().value;
    let rest = admin.orders(&all()).limit(2).after(page.next.as_deref().unwrap()).await.unwrap().value;
    assert_eq!((page.orders.len(), rest.orders.len(), rest.next), (2, 1, None));
    assert!(admin.orders(&all()).limit(3).await.unwrap().value.next.is_none(), "a full last page is the last");
    assert_eq!(refusal(admin.orders(&all()).after("x").await), ("malformed_cursor".into(), 400));

    // The short code, as somebody reads it from a screen, before and after a restart.
    let spoken = sold.code.to_lowercase().replace('0', "o").replace('1', "l");
    assert_eq!(admin.order(&spoken).await.unwrap().value.order, sold.order);
    assert_eq!(refusal(admin.order("0000ZZZZZ").await), ("order_not_found".into(), 404));
    let shop = house.shop().await;
    assert_eq!(refusal(shop.order("0000ZZZZZ").hold_token("x").await), ("hold_token_wrong".into(), 403), "says nothing of what exists");
    let house = house.restart().await;
    assert_eq!(house.admin.order(&spoken).await.unwrap().value.order, sold.order);
    assert_eq!(house.admin.tickets(&spoken).await.unwrap().value.tickets.len(), 1);
}
