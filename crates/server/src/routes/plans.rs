//! Plans, in Guichet's own format: what a venue was registered with, and what a show sells.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::{ShowId, VenueId};

use crate::app::App;
use crate::extract::Id;
use crate::failure::Failure;
use crate::reply::Reply;

/// `GET /v1/venues/{venue}/plan`
pub(super) async fn of_venue(State(app): State<Arc<App>>, Id(id): Id<VenueId>) -> Result<Reply, Failure> {
    let plan = app.engine.venue(id).ok_or_else(|| Failure::not_found("venue_not_found", format!("There is no venue {id}.")))?;
    written(plan).await
}

/// `GET /v1/shows/{show}/plan`: what it sells now, which a revision may have changed since.
pub(super) async fn of_show(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    let plan = app.engine.with_show(id, |show| Arc::clone(&show.plan))?;
    written(plan).await
}

async fn written(plan: Arc<SeatingPlan>) -> Result<Reply, Failure> {
    // Megabytes to write: not on a worker that answers others.
    let text = tokio::task::spawn_blocking(move || guichet_plans::write_plan(&plan)).await;
    let text = text.map_err(|_| Failure::invalid("invalid_plan", "The plan could not be written."))?;
    Ok(Reply::written(text).header(CACHE_CONTROL, "no-cache"))
}
