//! A recount of everything that is durable.

use std::sync::Arc;

use axum::extract::State;
use guichet_api as api;

use crate::app::App;
use crate::failure::Failure;
use crate::reply::Reply;

/// How long a caller waits before asking again while another recount runs, in milliseconds.
const RETRY_AFTER_MS: u64 = 5_000;

/// `GET /v1/verify`: reads the whole journal with a checker that shares no code with the engine. One at a time.
pub(super) async fn run(State(app): State<Arc<App>>) -> Result<Reply, Failure> {
    let Ok(_alone) = app.verifying.try_lock() else {
        return Err(Failure::new("busy", "Another verification is running.")
            .advice("Ask again when it has ended.")
            .retry_after_ms(RETRY_AFTER_MS));
    };
    let verification = app.engine.verify().await.map_err(|error| Failure::new("journal_unreadable", error))?;
    let findings = verification
        .reports
        .iter()
        .flat_map(|report| report.findings.iter().map(|finding| format!("partition {}, {finding}", report.partition)));
    Ok(Reply::ok(&api::Verification {
        ok: verification.ok(),
        checked_events: verification.checked_events(),
        oversold: verification.oversold(),
        false_refusals: verification.false_refusals(),
        findings: findings.collect(),
        differences: verification.differences.clone(),
    }))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn run() -> Operation {
        Operation::new("verify", "Recounts the whole journal with a checker that shares no code with the engine.")
            .answers::<api::Verification>("What was found.")
            .refuses(&["busy", "journal_unreadable"])
    }
}
