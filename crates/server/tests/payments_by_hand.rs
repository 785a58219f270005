//! Payments by hand: an order waits for a transfer, a refund for its payout; and money that comes too late.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use std::time::Duration;

use guichet_api::{
    CancelOrder, CancelReason, CreateShow, LatePayment, Money, MoneyMoved, Order, OrderState, PaymentState, PlaceOrder, ResolveLatePayment,
};
use support::{House, eur, hold_seats, order, refusal};

fn moved(amount: Money, reference: &str) -> MoneyMoved {
    MoneyMoved { amount, reference: reference.into(), provider: None }
}

async fn order_by_transfer(house: &House, show: &str, seats: &[&str]) -> Order {
    let hold = house.admin.place_hold(show, &hold_seats(seats)).await.unwrap().value;
    let mut request: PlaceOrder = order(&hold, "");
    request.payment.provider = "manual".into();
    let placed = house.admin.place_order(&request).await.unwrap().value;
    house.until(&placed.order, "it waits", |order| order.state == OrderState::AwaitingPayment).await
}

#[tokio::test]
async fn an_order_waits_for_its_transfer_and_its_refund_for_the_payout() {
    let house = House::open().await;
    let show = house.open_show().await;
    let placed = order_by_transfer(&house, &show, &["A-1", "A-2"]).await;
    // A week, and not the quarter of an hour of a card.
    assert!(placed.deadline.duration_since(placed.placed_at).as_secs() > 6 * 86_400);

    let short = house.admin.confirm_payment(&placed.code, &moved(eur(8_999), "bank-1")).await.unwrap_err();
    let problem = short.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("wrong_amount", 422));
    assert_eq!((problem.expected.clone(), problem.received.clone()), (Some(eur(9_000)), Some(eur(8_999))));
    let other = house.admin.confirm_payment(&placed.code, &moved(Money::new(9_000, "USD"), "bank-1")).await;
    assert_eq!(refusal(other), ("wrong_currency".into(), 422));
    let elsewhere = MoneyMoved { provider: Some("simulated".into()), ..moved(eur(9_000), "bank-1") };
    assert_eq!(refusal(house.admin.confirm_payment(&placed.code, &elsewhere).await), ("wrong_provider".into(), 422));

    house.admin.confirm_payment(&placed.code, &moved(eur(9_000), "bank-1")).await.unwrap();
    let paid = house.until(&placed.order, "it is sold", |order| order.state == OrderState::Confirmed).await;
    assert_eq!((paid.payment.state, paid.tickets, paid.late_payment), (PaymentState::Captured, 2, None));
    assert!(paid.positions.iter().all(|position| position.ticket.is_some()));
    let again = house.admin.confirm_payment(&placed.code, &moved(eur(9_000), "bank-1")).await;
    assert_eq!(refusal(again), ("payment_already_known".into(), 409));
    let another = house.admin.confirm_payment(&placed.code, &moved(eur(9_000), "bank-2")).await;
    assert_eq!(refusal(another), ("order_already_paid".into(), 409));

    let cancelled = house.admin.cancel_order(&placed.order, &CancelOrder::default()).await.unwrap().value;
    assert_eq!((cancelled.state, cancelled.refunds[0].done, cancelled.refunded), (OrderState::Cancelled, false, eur(0)));
    assert_eq!(refusal(house.admin.confirm_payout(&placed.order, &moved(eur(1), "out-1")).await), ("no_payout_pending".into(), 409));
    let payout = house.admin.confirm_payout(&placed.order, &moved(eur(9_000), "out-1"));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    let mut answer = payout.await;
    // The refund's saga asks for it a moment after the cancellation.
    while answer.is_err() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
        answer = house.admin.confirm_payout(&placed.order, &moved(eur(9_000), "out-1")).await;
    }
    let paid_out = answer.unwrap().value;
    assert_eq!((paid_out.payment.state, paid_out.refunds[0].done, paid_out.refunded), (PaymentState::Refunded, true, eur(9_000)));
}

#[tokio::test]
async fn late_money_gets_its_seat_when_it_is_still_free_and_otherwise_waits_to_go_back() {
    let house = House::open().await;
    let show = house.open_show_with(|show| CreateShow { transfer_deadline_s: Some(1), ..show }).await;
    let lucky = order_by_transfer(&house, &show, &["A-1"]).await;
    let unlucky = order_by_transfer(&house, &show, &["A-2"]).await;
    for order in [&lucky, &unlucky] {
        let order = house.until(&order.order, "its deadline passes", |order| order.state == OrderState::Cancelled).await;
        assert_eq!(order.cancel_reason, Some(CancelReason::DeadlinePassed));
    }
    house.buy(&show, &["A-2"], "approve").await;
    for order in [&lucky, &unlucky] {
        house.admin.confirm_payment(&order.order, &moved(eur(4_500), "late")).await.unwrap();
    }
    let sold = house.until(&lucky.order, "it is sold after all", |order| order.state == OrderState::Confirmed).await;
    let late = sold.late_payment.unwrap();
    assert_eq!((late.amount, late.reference.as_str(), late.policy), (eur(4_500), "late", LatePayment::SameSeat));
    assert_eq!((sold.payment.state, sold.saga.definition.as_str()), (PaymentState::Captured, "late_payment"));

    let paid_out = loop {
        match house.admin.confirm_payout(&unlucky.order, &moved(eur(4_500), "out")).await {
            Ok(answer) => break answer.value,
            Err(error) => assert_eq!(error.code(), Some("no_payout_pending"), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!((paid_out.state, paid_out.payment.state), (OrderState::Cancelled, PaymentState::Refunded));
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bbffff");
    let nothing = house.admin.resolve_late_payment(&lucky.order, &ResolveLatePayment { policy: LatePayment::Refund }).await;
    assert_eq!(refusal(nothing), ("no_late_payment".into(), 409));
}
