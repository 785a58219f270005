//! After the sale: cancel an order, give money back, say that money has come or gone, decide on late money.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::domain::key::Scope;
use guichet_core::{CancelReason, Cancellation, Change, OrderView};

use super::orders::reachable;
use crate::access::{Identity, scope_missing};
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, OrderName, Token};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Who handles money that nobody says anything else about.
const PROVIDER_DEFAULT: &str = "manual";

/// `POST /v1/orders/{order}/cancel`. With the token of one of its holds a shop cancels on the buyer's wish; an admin as it likes.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Token(token): Token,
    Body(request): Body<api::CancelOrder>,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, token.as_deref()).await?;
    let by = request.by.unwrap_or(if identity.admin { api::CancelledBy::Operator } else { api::CancelledBy::Buyer });
    for (what, wanted) in [("Cancelling on an operator's wish", by == api::CancelledBy::Operator), ("Waiving the fee", request.waive_fee)] {
        if wanted && !identity.admin {
            return Err(scope_missing(what, &[Scope::Admin], Scope::Shop));
        }
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
    Err(Failure::invalid("wrong_currency", detail).advice("Name the amount in the order's currency."))
}

/// The order with the change in it, and whatever has followed.
async fn changed(app: &App, order: &OrderView, identity: Identity, key: RequestKey, change: Change<'_>) -> Result<Reply, Failure> {
    let receipt = change.caller(identity.caller).key(key.key).await;
    let receipt = receipt.map_err(|error| Failure::of_command(&app.engine, error, Some(order.show)))?;
    app.engine.wait_for(&receipt.position).await?;
    let order = app.engine.order(order.id)?.ok_or_else(|| OrderName::Id(order.id).not_found())?;
    Ok(Reply::ok(&view::order(&app.engine, &order)).at(&receipt.position).replayed(receipt.repeated))
}
