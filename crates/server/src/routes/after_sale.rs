//! After the sale: cancel an order, give money back, say that money has come or gone, decide on late money.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{CancelReason, Cancellation, Change, OrderView};

use super::orders::reachable;
use crate::access::{Identity, Need, scope_missing};
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, OrderName, Token};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Who handles money that nobody says anything else about.
const PROVIDER_DEFAULT: &str = "manual";

/// `POST /v1/orders/{order}/cancel`. With the token of one of its holds a shop cancels on the buyer's wish; the box office as it likes.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Token(token): Token,
    Body(request): Body<api::CancelOrder>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, token.as_deref()).await?;
    let by = request.by.unwrap_or(if identity.sells() { api::CancelledBy::Operator } else { api::CancelledBy::Buyer });
    if by == api::CancelledBy::Operator && !identity.sells() {
        return Err(scope_missing("Cancelling on an operator's wish", Need::Sell.scopes(), identity.scope));
    }
    if request.waive_fee && !identity.manages() {
        return Err(scope_missing("Waiving the fee", Need::Manage.scopes(), identity.scope));
    }
    let reason = match by {
        api::CancelledBy::Buyer => CancelReason::ByBuyer,
        api::CancelledBy::Operator => CancelReason::ByOperator,
    };
    let cancellation = Cancellation { positions: request.positions, reason, waive_fee: request.waive_fee };
    changed(&app, &order, identity, key, app.engine.cancel_order(order.id, cancellation)).await
}

/// `POST /v1/orders/{order}/refunds`
pub(super) async fn refund(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::RefundOrder>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, None).await?;
    let amount_minor = minor(&order, &request.amount)?;
    let note = request.note.unwrap_or_default();
    changed(&app, &order, identity, key, app.engine.refund_order(order.id, amount_minor, &note)).await
}

/// `POST /v1/orders/{order}/payments`: money has come.
pub(super) async fn payment(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::MoneyMoved>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, None).await?;
    let amount_minor = minor(&order, &request.amount)?;
    let provider = request.provider.as_deref().unwrap_or(PROVIDER_DEFAULT);
    changed(&app, &order, identity, key, app.engine.confirm_payment(order.id, provider, amount_minor, &request.reference)).await
}

/// `POST /v1/orders/{order}/payouts`: a refund was paid out by hand.
pub(super) async fn payout(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::MoneyMoved>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, None).await?;
    let amount_minor = minor(&order, &request.amount)?;
    let provider = request.provider.as_deref().unwrap_or(PROVIDER_DEFAULT);
    changed(&app, &order, identity, key, app.engine.confirm_payout(order.id, provider, amount_minor, &request.reference)).await
}

/// `POST /v1/orders/{order}/late-payment`: decides on late money that is stuck.
pub(super) async fn late_payment(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::ResolveLatePayment>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, None).await?;
    let policy = view::late_payment_named(request.policy);
    changed(&app, &order, identity, key, app.engine.resolve_late_payment(order.id, policy)).await
}

/// An amount in the order's currency, in minor units.
fn minor(order: &OrderView, amount: &api::Money) -> Result<i64, Failure> {
    let currency = order.currency.code();
    if amount.currency == currency {
        return Ok(amount.amount_minor);
    }
    let detail = format!("The amount is in {}, order {} is in {currency}.", amount.currency, order.code);
    Err(Failure::new("wrong_currency", detail))
}

/// The order with the change in it, and whatever has followed.
async fn changed(app: &App, order: &OrderView, identity: Identity, key: RequestKey, change: Change<'_>) -> Result<Reply, Failure> {
    let receipt = change.caller(identity.caller).key(key.key).await;
    let receipt = receipt.map_err(|error| Failure::of_command(&app.engine, error, Some(order.show)))?;
    app.engine.wait_for(&receipt.position).await?;
    let order = app.engine.order(order.id)?.ok_or_else(|| OrderName::Id(order.id).not_found())?;
    Ok(Reply::ok(&view::order(&app.engine, &order)).at(&receipt.position).replayed(receipt.repeated))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;
    use guichet_api::header;

    use super::super::holds::about::OWNED;
    use super::super::orders::about::TOKEN;
    use crate::description::operation::Operation;

    pub(crate) fn cancel() -> Operation {
        Operation::new("cancel_order", "Takes an order back, or some of its positions; the money follows by the rules of the show.")
            .header(header::HOLD_TOKEN, TOKEN)
            .takes::<api::CancelOrder>()
            .change()
            .refuses(OWNED)
            .refuses(&["order_already_cancelled", "order_not_confirmed", "unknown_position", "position_cancelled", "nothing_selected"])
            .refuses(&["part_of_order", "reserved_too_late", "show_not_found"])
    }

    pub(crate) fn refund() -> Operation {
        let operation = Operation::new("refund_order", "Gives money back; the places stay sold.").takes::<api::RefundOrder>().change();
        operation.refuses(&["wrong_currency", "order_not_confirmed", "nothing_selected", "refund_too_large", "part_of_order"])
    }

    pub(crate) fn payment() -> Operation {
        Operation::new("report_payment", "Says that money has come, by a transfer for instance.")
            .takes::<api::MoneyMoved>()
            .change()
            .refuses(&["wrong_currency", "unknown_provider", "wrong_provider", "wrong_amount", "payment_already_known"])
            .refuses(&["order_already_paid", "not_awaiting_payment", "order_already_cancelled", "part_of_order", "show_not_found"])
    }

    pub(crate) fn payout() -> Operation {
        let operation = Operation::new("report_payout", "Says that a refund was paid out by hand.").takes::<api::MoneyMoved>().change();
        operation.refuses(&["wrong_currency", "unknown_provider", "wrong_provider", "no_payout_pending", "part_of_order"])
    }

    pub(crate) fn late_payment() -> Operation {
        let operation = Operation::new("resolve_late_payment", "Decides on money that came when the places had been given back.");
        operation.takes::<api::ResolveLatePayment>().change().refuses(&["no_late_payment", "saga_not_stuck", "part_of_order"])
    }

    impl Operation {
        /// A command to an order, which is answered with it.
        fn change(self) -> Self {
            self.command().reads_lists().answers::<api::Order>("The order with the change in it.").refuses(&["order_stuck"])
        }
    }
}
