//! Sagas that are stuck: an operator lets them go on.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::SagaId;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::Id;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// `POST /v1/sagas/{saga}/retry`: the step at which it is stuck is tried again.
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Id(id): Id<SagaId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
) -> Result<Reply, Failure> {
    // Looked up before: once it has ended, nobody may know any more.
    let order = app.engine.order_of_saga(id);
    if identity.organiser.is_some() {
        let order = order.map(|order| app.engine.order(order)).transpose()?.flatten();
        if !order.is_some_and(|order| identity.reaches_order(&app.engine, &order)) {
            return Err(Failure::new("saga_not_found", format!("There is no saga {id}.")));
        }
    }
    let receipt = app.engine.retry_saga(id).caller(identity.caller).key(key.key).await;
    let receipt = receipt.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    app.engine.wait_for(&receipt.position).await?;
    let order = order.map(|order| app.engine.order(order)).transpose()?.flatten();
    let retried = api::RetriedSaga { order: order.map(|order| view::order(&app.engine, &order)) };
    Ok(Reply::ok(&retried).at(&receipt.position).replayed(receipt.repeated))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn retry() -> Operation {
        let operation = Operation::new("retry_saga", "Lets a saga that is stuck try its step again.").command().reads_lists();
        operation.answers::<api::RetriedSaga>("The order that the saga drives, where it is known.").refuses(&["saga_not_stuck"])
    }
}
