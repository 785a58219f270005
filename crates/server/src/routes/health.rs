//! Whether the server lives, and whether it can serve.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use guichet_api as api;

use crate::app::App;
use crate::reply::Reply;

/// `GET /healthz`
pub(super) async fn alive() -> Reply {
    Reply::ok(&api::Health { status: "ok".into(), version: env!("CARGO_PKG_VERSION").into() })
}

/// `GET /readyz`: 503 with the reasons when it cannot.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Reply {
    let reasons = app.reasons_not_ready();
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Reply::ok(&api::Readiness { ready: reasons.is_empty(), reasons }).status(status)
}

/// What is said of it.
pub(super) mod about {
    use axum::http::StatusCode;
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn alive() -> Operation {
        Operation::new("healthz", "The process lives.").answers::<api::Health>("It does.")
    }

    pub(crate) fn ready() -> Operation {
        let operation = Operation::new("readyz", "Whether everything can be served now.").answers::<api::Readiness>("It can.");
        operation.answers_with::<api::Readiness>(StatusCode::SERVICE_UNAVAILABLE, "Not now, and why.")
    }
}
