//! From a hold to tickets, and what happens when the money does not come.

mod support;

use std::time::Duration;

use guichet_api::{Buyer, CancelReason, CheckIn, OrderFilter, OrderState, PaymentState, PlaceOrder};
use guichet_core::verify_ticket;
use support::{House, hold_seats, order};

#[tokio::test]
async fn an_approved_order_is_confirmed_and_its_ticket_codes_verify() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1", "A-2"])).await.unwrap().value;
    let mut request = order(&hold, "approve");
    request.buyer = Some(Buyer { email: "ada@example.org".into(), name: "Ada".into() });
    let order = house.admin.place_order(&request).wait(Duration::from_secs(10)).await.unwrap().value;
    assert_eq!((order.state, order.payment.state, order.tickets), (OrderState::Confirmed, PaymentState::Captured, 2));
    assert_eq!(order.total.amount_minor, 9_000);
    assert_eq!(order.positions[1].seat.as_deref(), Some("A-2"));
    let tickets = house.admin.tickets(&order.order).await.unwrap().value.tickets;
    assert_eq!(tickets.iter().map(|ticket| ticket.seat.as_deref().unwrap()).collect::<Vec<_>>(), ["A-1", "A-2"]);
    for ticket in &tickets {
        let id = verify_ticket(&ticket.code, &house.engine.ticket_public_key()).unwrap();
        assert_eq!(id.to_string(), ticket.ticket);
    }
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bbffff");
    assert_eq!(house.admin.order(&order.order).await.unwrap().value, order);
    let verification = house.admin.verify().await.unwrap().value;
    assert!(verification.ok && verification.checked_events > 10 && verification.oversold == 0, "{verification:?}");
}

#[tokio::test]
async fn a_declined_order_is_cancelled_and_its_seats_are_free_again() {
    let house = House::open().await;
    let show = house.open_show().await;
    let order = house.buy(&show, &["A-1"], "decline").await;
    assert_eq!((order.state, order.payment.state), (OrderState::Cancelled, PaymentState::Declined));
    assert_eq!((order.cancel_reason, order.tickets), (Some(CancelReason::PaymentDeclined), 0));
    assert!(house.admin.tickets(&order.order).await.unwrap().value.tickets.is_empty());
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap();
}

#[tokio::test]
async fn without_waiting_a_slow_payment_is_under_way_and_with_it_confirmed() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let request = order(&hold, "slow:300");
    let placed = house.admin.place_order(&request).idempotency_key("o").await.unwrap().value;
    assert!(matches!(placed.state, OrderState::Placed | OrderState::AwaitingPayment), "{:?}", placed.state);
    let settled = house.admin.place_order(&request).idempotency_key("o").wait(Duration::from_secs(10)).await.unwrap();
    assert_eq!((settled.replayed, settled.value.state), (true, OrderState::Confirmed));
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_up_at_the_provider() {
    let house = House::open_with(|config| config.provider_patience(Duration::from_millis(200))).await;
    let show = house.open_show().await;
    let approved = house.buy(&show, &["A-1"], "timeout").await;
    assert_eq!((approved.state, approved.payment.state), (OrderState::Confirmed, PaymentState::Captured));
    let declined = house.buy(&show, &["A-2"], "timeout_declined").await;
    assert_eq!(declined.state, OrderState::Cancelled);
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bfffff");
}

#[tokio::test]
async fn preferences_are_answered_and_bounded() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let body = serde_json::to_vec(&order(&hold, "approve")).unwrap();
    let request = house.raw(reqwest::Method::POST, "/v1/orders").header("prefer", "respond-async, wait=100").body(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    assert_eq!(answer.headers()["preference-applied"], "wait=30");
    assert!(answer.headers()["location"].to_str().unwrap().starts_with("/v1/orders/"));
}

#[tokio::test]
async fn orders_of_all_partitions_are_listed_in_pages() {
    let house = House::open().await;
    let (show, other) = (house.open_show().await, house.open_show().await);
    let mut expected = Vec::new();
    for (show, seat, token) in [(&show, "A-1", "approve"), (&other, "A-1", "approve"), (&show, "A-2", "decline"), (&show, "A-3", "approve")]
    {
        expected.insert(0, house.buy(show, &[seat], token).await.order);
        // Ids sort by milliseconds across partitions.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let admin = &house.admin;
    let list = |filter: OrderFilter, limit: u32| async move {
        let (mut ids, mut pages) = (Vec::new(), admin.orders(&filter).pages(limit));
        while let Some(page) = pages.next().await.unwrap() {
            ids.extend(page.into_iter().map(|order| order.order));
        }
        ids
    };
    house.lists_are_there().await;
    assert_eq!(list(OrderFilter::default(), 1).await, expected);
    assert_eq!(list(OrderFilter::default(), 3).await, expected);
    let cancelled = OrderFilter { state: Some(OrderState::Cancelled), ..OrderFilter::default() };
    assert_eq!(list(cancelled, 1).await, [expected[1].clone()]);
    let of_other = OrderFilter { show: Some(other), ..OrderFilter::default() };
    assert_eq!(list(of_other, 50).await, [expected[2].clone()]);
}

#[tokio::test]
async fn a_hold_that_has_ended_cannot_be_ordered() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    house.admin.release_hold(&hold.hold).await.unwrap();
    let refused = house.admin.place_order(&order(&hold, "approve")).await.unwrap_err();
    assert_eq!(refused.code(), Some("hold_expired"));
    let mut unknown = order(&hold, "approve");
    unknown.payment.provider = "nobody".into();
    assert_eq!(house.admin.place_order(&unknown).await.unwrap_err().code(), Some("unknown_provider"));
}

#[tokio::test]
async fn one_order_buys_places_of_two_shows_that_live_together() {
    let house = House::open().await;
    // There are two partitions for shows: of three shows the first and the third live together.
    let shows = [house.open_show().await, house.open_show().await, house.open_show().await];
    let mut holds = Vec::new();
    for show in &shows {
        holds.push(house.admin.place_hold(show, &hold_seats(&["A-1"])).await.unwrap().value);
    }
    let of = |chosen: &[usize]| PlaceOrder {
        holds: chosen.iter().map(|index| holds[*index].hold.clone()).collect(),
        tokens: Vec::new(),
        ..order(&holds[0], "approve")
    };
    let bought = house.admin.place_order(&of(&[0, 2])).wait(Duration::from_secs(10)).await.unwrap().value;
    let places = |of: Vec<(&String, Option<&str>)>| of == [(&shows[0], Some("A-1")), (&shows[2], Some("A-1"))];
    assert!(places(bought.positions.iter().map(|position| (&position.show, position.seat.as_deref())).collect()), "{bought:?}");
    let tickets = house.admin.tickets(&bought.order).await.unwrap().value.tickets;
    assert!(places(tickets.iter().map(|ticket| (&ticket.show, ticket.seat.as_deref())).collect()), "{tickets:?}");
    house.lists_are_there().await;
    for (show, expected) in [(&shows[0], 1), (&shows[1], 0), (&shows[2], 1)] {
        let filter = OrderFilter { show: Some(show.clone()), ..OrderFilter::default() };
        assert_eq!(house.admin.orders(&filter).await.unwrap().value.orders.len(), expected);
    }
    // Each ticket opens the door of its own show.
    let scan = CheckIn { code: tickets[1].code.clone(), gate: "north".into(), ..CheckIn::default() };
    let wrong = house.admin.check_in(&shows[0], &scan).await.unwrap_err();
    assert_eq!(wrong.code(), Some("ticket_of_other_show"));
    house.admin.check_in(&shows[2], &scan).await.unwrap();
}

#[tokio::test]
async fn one_order_buys_places_of_two_shows_that_live_apart() {
    let house = House::open().await;
    let shows = [house.open_show().await, house.open_show().await];
    let mut holds = Vec::new();
    for show in &shows {
        holds.push(house.admin.place_hold(show, &hold_seats(&["A-1"])).await.unwrap().value);
    }
    let both =
        PlaceOrder { holds: holds.iter().map(|hold| hold.hold.clone()).collect(), tokens: Vec::new(), ..order(&holds[0], "approve") };
    let bought = house.admin.place_order(&both).wait(Duration::from_secs(10)).await.unwrap().value;
    assert_eq!((bought.state, bought.positions.len(), bought.parts.len()), (OrderState::Confirmed, 1, 1), "{bought:?}");
    let part = house.admin.order(&bought.parts[0]).await.unwrap().value;
    assert_eq!((part.part_of.as_ref(), &part.show), (Some(&bought.order), &shows[1]));
    // The whole order's tickets, each with the order that it is listed under at the door.
    let tickets = house.admin.tickets(&bought.order).await.unwrap().value.tickets;
    let of: Vec<_> = tickets.iter().map(|ticket| (&ticket.show, &ticket.order)).collect();
    assert_eq!(of, [(&shows[0], &bought.order), (&shows[1], &part.order)]);
    assert!(house.admin.verify().await.unwrap().value.ok);
}
