//! How every partition is.

use std::sync::Arc;

use axum::extract::State;
use guichet_api as api;

use crate::app::App;
use crate::reply::Reply;

/// `GET /v1/status`
pub(super) async fn show(State(app): State<Arc<App>>) -> Reply {
    let reasons = app.reasons_not_ready();
    let partition = |partition: guichet_core::PartitionStatus| api::PartitionStatus {
        partition: partition.partition,
        durable_end: partition.durable_end,
        mailbox: partition.mailbox as u64,
        projection_lag: partition.projection_lag,
        lists_lag: partition.lists_lag,
        live_orders: partition.live_sagas as u64,
        stopped: partition.stopped.map(|why| why.to_string()),
    };
    Reply::ok(&api::Status {
        version: env!("CARGO_PKG_VERSION").into(),
        durability: app.config.durability.to_string(),
        position: app.engine.position().to_string(),
        ready: reasons.is_empty(),
        reasons,
        partitions: app.engine.status().partitions.into_iter().map(partition).collect(),
    })
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn show() -> Operation {
        Operation::new("get_status", "How the server and every partition are.").answers::<api::Status>("How they are.")
    }
}
