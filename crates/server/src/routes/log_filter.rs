//! What of the log is written, looked at and changed while the server runs.

use std::sync::Arc;

use axum::extract::State;
use guichet_api as api;

use crate::app::App;
use crate::config::LogFilter;
use crate::extract::Body;
use crate::failure::Failure;
use crate::reply::Reply;

/// `GET /v1/log-filter`
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Reply, Failure> {
    Ok(answer(filter_of(&app)?))
}

/// `POST /v1/log-filter`: from the next line on, until the next start.
pub(super) async fn change(State(app): State<Arc<App>>, Body(request): Body<api::LogFilter>) -> Result<Reply, Failure> {
    let filter = filter_of(&app)?;
    filter.set(&request.filter).map_err(|why| Failure::new("invalid_log_filter", why))?;
    tracing::info!(filter = request.filter, "the log has another filter");
    Ok(answer(filter))
}

fn filter_of(app: &App) -> Result<&dyn LogFilter, Failure> {
    let none = || Failure::new("log_not_here", "The program that runs this server writes the log.");
    app.config.log_filter.as_deref().ok_or_else(none)
}

fn answer(filter: &dyn LogFilter) -> Reply {
    Reply::ok(&api::LogFilter { filter: filter.get() })
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn show() -> Operation {
        let operation = Operation::new("get_log_filter", "What of the log is written.");
        operation.answers::<api::LogFilter>("The filter.").refuses(&["log_not_here"])
    }

    pub(crate) fn change() -> Operation {
        Operation::new("set_log_filter", "Changes what of the log is written, from the next line on and until the next start.")
            .takes::<api::LogFilter>()
            .answers::<api::LogFilter>("The filter.")
            .refuses(&["log_not_here", "invalid_log_filter"])
    }
}
