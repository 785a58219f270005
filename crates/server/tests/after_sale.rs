//! After the sale: cancellations with their fees, refunds, and money that is stuck until somebody decides.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_api::{
    CancelOrder, CancelReason, CancellationFee, CancelledBy, CreateApiKey, CreateOrganiser, CreateShow, LatePayment, Money, MoneyMoved,
    Order, OrderState, PaymentState, RefundOrder, ResolveLatePayment, Scope, StreamFilter,
};
use guichet_core::domain::saga::{EffectOutcome, StepError};
use guichet_core::{Answer, Authorisation, EffectId, LookUp, OrderId, PaymentProvider, SimulatedProvider};
use jiff::Timestamp;
use support::{House, eur, hold_seats, order, refusal};

fn only(positions: &[u32]) -> CancelOrder {
    CancelOrder { positions: Some(positions.to_vec()), ..CancelOrder::default() }
}

#[tokio::test]
async fn a_buyer_cancels_one_place_with_the_token_and_pays_the_fee_of_the_show() {
    let house = House::open().await;
    let soon = Timestamp::now() + Duration::from_secs(3_600);
    let fee = CancellationFee { within_s: 86_400, price_percent: "50".parse().unwrap(), fixed: Some(eur(100)) };
    let show = house.open_show_with(|show| CreateShow { starts_at: Some(soon), cancellation_fees: vec![fee], ..show }).await;
    let shop = house.shop().await;
    let hold = shop.place_hold(&show, &hold_seats(&["A-1", "A-2", "A-3"])).await.unwrap().value;
    let token = hold.token.clone().unwrap();
    let bought = shop.place_order(&order(&hold, "approve")).wait(Duration::from_secs(10)).await.unwrap().value;

    assert_eq!(refusal(shop.cancel_order(&bought.order, &only(&[1])).await), ("hold_token_required".into(), 403));
    for more in [CancelOrder { by: Some(CancelledBy::Operator), ..only(&[1]) }, CancelOrder { waive_fee: true, ..only(&[1]) }] {
        assert_eq!(refusal(shop.cancel_order(&bought.order, &more).hold_token(&token).await), ("scope_missing".into(), 403));
    }
    // By the short code, as somebody would type it.
    let name = bought.code.to_lowercase();
    let cancelled = shop.cancel_order(&name, &only(&[1])).hold_token(&token).idempotency_key("c").await.unwrap();
    let states =
        house.admin.seats(&show, false).min_position(&cancelled.position.unwrap()).await.unwrap().value.decode().unwrap().to_string();
    assert_eq!(states, "bfbfff", "only the place is free again");
    let order = cancelled.value;
    assert_eq!((order.state, order.tickets, order.fees.clone()), (OrderState::Confirmed, 2, eur(2_350)));
    assert_eq!(
        order.positions.iter().map(|position| (position.number, position.cancelled)).collect::<Vec<_>>(),
        [(0, false), (1, true), (2, false)]
    );
    assert_eq!((order.refunds.len(), order.refunds[0].amount.clone()), (1, eur(2_150)));
    let again = shop.cancel_order(&name, &only(&[1])).hold_token(&token).idempotency_key("c").await.unwrap();
    assert!(again.replayed);
    let order = house.until(&bought.order, "the money goes back", |order| order.refunds[0].done).await;
    assert_eq!((order.refunded, order.payment.state), (eur(2_150), PaymentState::PartiallyRefunded));
    let seats: Vec<_> = shop.tickets(&name).hold_token(&token).await.unwrap().value.tickets.into_iter().map(|t| t.seat.unwrap()).collect();
    assert_eq!(seats, ["A-1", "A-3"]);

    assert_eq!(refusal(house.admin.cancel_order(&name, &only(&[1])).await), ("position_cancelled".into(), 409));
    assert_eq!(refusal(house.admin.cancel_order(&name, &only(&[3])).await), ("unknown_position".into(), 422));
    let rest = CancelOrder { waive_fee: true, ..CancelOrder::default() };
    let order = house.admin.cancel_order(&name, &rest).await.unwrap().value;
    assert_eq!((order.state, order.cancel_reason, order.tickets), (OrderState::Cancelled, Some(CancelReason::ByOperator), 0));
    let order = house.until(&bought.order, "all goes back", |order| order.refunds.iter().all(|refund| refund.done)).await;
    assert_eq!((order.refunded, order.fees), (eur(2_150 + 9_000), eur(2_350)));
    assert_eq!(refusal(house.admin.cancel_order(&name, &rest).await), ("order_already_cancelled".into(), 409));
}

#[tokio::test]
async fn a_refund_leaves_the_places_sold_and_never_gives_more_than_came() {
    let house = House::open().await;
    let show = house.open_show().await;
    let bought = house.buy(&show, &["A-1", "A-2"], "approve").await;
    // An order of its own, so that orders and sagas are not numbered alike any more.
    let other = house.buy(&show, &["A-3"], "approve").await;
    let refund = |amount: Money| RefundOrder { amount, note: Some("the pillar".into()) };

    let other_currency = house.admin.refund_order(&bought.order, &refund(Money::new(100, "CHF"))).await.unwrap_err();
    let problem = other_currency.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("wrong_currency", 422));
    assert!(problem.detail.contains("CHF") && problem.detail.contains("EUR"), "{}", problem.detail);
    let too_large = house.admin.refund_order(&bought.order, &refund(eur(9_001))).await.unwrap_err();
    let problem = too_large.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status, problem.left.clone()), ("refund_too_large", 409, Some(eur(9_000))));

    let filter = |show: Option<&str>, order: Option<&str>| StreamFilter {
        show: show.map(str::to_owned),
        order: order.map(str::to_owned),
        topic: Some("sagas".into()),
        last_event_id: None,
    };
    let mut of_order = house.admin.stream(&filter(None, Some(&bought.code))).await.unwrap();
    let mut of_show = house.admin.stream(&filter(Some(&show), None)).await.unwrap();
    let mut of_other = house.admin.stream(&filter(None, Some(&other.order))).await.unwrap();

    let first = house.admin.refund_order(&bought.order, &refund(eur(1_000))).idempotency_key("r").await.unwrap();
    let again = house.admin.refund_order(&bought.order, &refund(eur(1_000))).idempotency_key("r").await.unwrap();
    assert!(!first.replayed && again.replayed);
    let order = house.until(&bought.order, "the money goes back", |order| order.refunds.iter().all(|refund| refund.done)).await;
    assert_eq!((order.refunds.len(), order.refunded, order.refunds[0].note.as_str()), (1, eur(1_000), "the pillar"));
    assert_eq!((order.state, order.payment.state, order.tickets), (OrderState::Confirmed, PaymentState::PartiallyRefunded, 2));
    assert_eq!((order.saga.definition.as_str(), order.saga.step.as_str()), ("refund", "refund"));
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bbbfff");
    let left = house.admin.refund_order(&bought.order, &refund(eur(8_001))).await.unwrap_err();
    assert_eq!(left.problem().unwrap().left, Some(eur(8_000)));

    // Whoever follows the order or the show hears of the refund's saga, step by step; whoever follows another order does not.
    for events in [&mut of_order, &mut of_show] {
        let mut told = Vec::new();
        while told.last().is_none_or(|name| name != "saga_completed") {
            let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap().unwrap();
            let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!((&data["order"], &data["saga"]), (&bought.order.clone().into(), &order.refunds[0].saga.clone().into()));
            assert!(event.event.starts_with("saga_") || data["step"] == "refund", "{}", event.data);
            told.push(event.event);
        }
        assert_eq!(told, ["saga_started", "effect_intended", "step_done", "saga_completed"]);
    }
    assert!(tokio::time::timeout(Duration::from_millis(300), of_other.next()).await.is_err());
}

/// The simulated provider, as long as it is willing to give money back.
#[derive(Default)]
struct Stubborn {
    simulated: SimulatedProvider,
    willing: AtomicBool,
}

impl PaymentProvider for Stubborn {
    fn authorise<'a>(&'a self, id: &'a EffectId, authorisation: &'a Authorisation) -> Answer<'a> {
        self.simulated.authorise(id, authorisation)
    }

    fn capture<'a>(&'a self, id: &'a EffectId, authorisation: &'a str) -> Answer<'a> {
        self.simulated.capture(id, authorisation)
    }

    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, authorisation: Option<&'a str>) -> Answer<'a> {
        self.simulated.void(id, order, authorisation)
    }

    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a> {
        if self.willing.load(Ordering::Acquire) {
            return self.simulated.refund(id, authorisation, amount_minor);
        }
        let error = StepError::Failed("not today".into());
        Box::pin(std::future::ready(Some(EffectOutcome::Refused { error })))
    }

    fn look_up<'a>(&'a self, id: &'a EffectId) -> std::pin::Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        self.simulated.look_up(id)
    }
}

/// Orders seats from the stubborn provider and waits for the end.
async fn buy_stubbornly(house: &House, show: &str, seats: &[&str], token: &str) -> Order {
    let hold = house.admin.place_hold(show, &hold_seats(seats)).await.unwrap().value;
    let mut request = order(&hold, token);
    request.payment.provider = "stubborn".into();
    house.admin.place_order(&request).wait(Duration::from_secs(10)).await.unwrap().value
}

#[tokio::test]
async fn late_money_that_cannot_go_back_is_stuck_until_an_operator_decides_on_it() {
    let provider = Arc::new(Stubborn::default());
    let house = House::open_with(|config| config.payment_provider("stubborn", Arc::clone(&provider) as _)).await;
    let show = house.open_show_with(|show| CreateShow { late_payment: Some(LatePayment::Refund), ..show }).await;
    let declined = buy_stubbornly(&house, &show, &["A-1"], "decline").await;
    assert_eq!(declined.state, OrderState::Cancelled);
    let money = MoneyMoved { amount: eur(4_500), reference: "late".into(), provider: Some("stubborn".into()) };
    house.admin.confirm_payment(&declined.order, &money).await.unwrap();
    let stuck = house.until(&declined.order, "it is stuck", |order| order.state == OrderState::Stuck).await;
    assert_eq!((stuck.payment.state, stuck.late_payment.unwrap().policy), (PaymentState::PaidUnfulfilled, LatePayment::Refund));

    let policy = ResolveLatePayment { policy: LatePayment::SameSeat };
    let resolved = house.admin.resolve_late_payment(&declined.order, &policy).idempotency_key("d").await.unwrap();
    assert_eq!(resolved.value.late_payment.unwrap().policy, LatePayment::SameSeat);
    let order = house.until(&declined.order, "it is sold after all", |order| order.state == OrderState::Confirmed).await;
    assert_eq!((order.payment.state, order.tickets, order.cancel_reason), (PaymentState::Captured, 1, None));
    assert!(house.admin.resolve_late_payment(&declined.order, &policy).idempotency_key("d").await.unwrap().replayed);
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bfffff");
}

#[tokio::test]
async fn a_refund_that_the_provider_refuses_is_stuck_until_an_operator_lets_it_go_on() {
    let provider = Arc::new(Stubborn::default());
    let house = House::open_with(|config| config.payment_provider("stubborn", Arc::clone(&provider) as _)).await;
    let show = house.open_show().await;
    let bought = buy_stubbornly(&house, &show, &["A-1"], "approve").await;
    assert_eq!(refusal(house.admin.retry_saga(&bought.saga.saga).await), ("saga_not_found".into(), 404), "it has ended");

    house.admin.refund_order(&bought.order, &RefundOrder { amount: eur(500), note: None }).await.unwrap();
    let stuck = house.until(&bought.order, "it is stuck", |order| order.state == OrderState::Stuck).await;
    assert!(stuck.saga.last_error.as_deref().unwrap().contains("not today"));
    assert_eq!(refusal(house.admin.cancel_order(&bought.order, &CancelOrder::default()).await), ("order_stuck".into(), 409));

    provider.willing.store(true, Ordering::Release);
    let saga = stuck.refunds[0].saga.clone();
    let organiser = house.admin.create_organiser(&CreateOrganiser { name: "other".into() }).await.unwrap().value.organiser;
    let other = CreateApiKey { organiser: Some(organiser), ..CreateApiKey::new("other", Scope::Organiser) };
    let other = house.admin.with_key(Some(&house.admin.create_key(&other).await.unwrap().value.secret));
    assert_eq!(refusal(other.retry_saga(&saga).await), ("saga_not_found".into(), 404), "it is another organiser's");
    let retried = house.admin.retry_saga(&saga).idempotency_key("again").await.unwrap();
    assert_eq!(retried.value.order.unwrap().order, bought.order);
    assert!(retried.position.is_some());
    let order = house.until(&bought.order, "it goes on", |order| order.refunds[0].done).await;
    assert_eq!((order.state, order.refunded), (OrderState::Confirmed, eur(500)));
    assert_eq!(refusal(house.admin.retry_saga(&saga).await), ("saga_not_found".into(), 404));
    assert!(house.admin.verify().await.unwrap().value.ok);
}
