//! Plans: what a venue was registered with, what a show sells, and what it shall sell instead.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::{ShowId, VenueId};
use guichet_plans::ReadPlan;
use serde::Deserialize;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Id, Query, read_body};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Largest plan: a stadium of 100,000 seats has some 30 MB in the wordiest format.
const PLAN_BYTES_MAX: usize = 64 << 20;

/// `GET /v1/venues/{venue}/plan`
pub(super) async fn of_venue(State(app): State<Arc<App>>, Id(id): Id<VenueId>) -> Result<Reply, Failure> {
    let plan = app.engine.venue(id).ok_or_else(|| Failure::new("venue_not_found", format!("There is no venue {id}.")))?;
    written(plan).await
}

/// `GET /v1/shows/{show}/plan`: what it sells now, which a revision may have changed since.
pub(super) async fn of_show(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    let plan = app.engine.with_show(id, |show| Arc::clone(&show.plan))?;
    written(plan).await
}

/// What a caller wants of a revision.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    dry_run: bool,
}

/// `POST /v1/shows/{show}/plan`: another plan, in any format that is understood, while the show is sold.
pub(super) async fn revise(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    Query(wanted): Query<Wanted>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    request: Request,
) -> Result<Reply, Failure> {
    let ReadPlan { plan, unsold, .. } = read_plan(request).await?;
    if wanted.dry_run {
        let engine = app.engine.clone();
        let preview = tokio::task::spawn_blocking(move || engine.preview_revision(show, &plan)).await;
        let preview = preview.map_err(|_| Failure::new("internal_error", "The plan could not be compared."))??;
        return Ok(Reply::ok(&view::revision_preview(&preview, unsold)));
    }
    let change = app.engine.revise_plan(show, plan)?;
    let receipt = change.caller(identity.caller).key(key.key).await;
    let receipt = receipt.map_err(|error| Failure::of_command(&app.engine, error, Some(show)))?;
    Ok(Reply::ok(&view::revision(receipt.events(), unsold)).at(&receipt.position).replayed(receipt.repeated))
}

/// A plan that was sent, in any format that is understood.
pub(super) async fn read_plan(request: Request) -> Result<ReadPlan, Failure> {
    let bytes = read_body(request, PLAN_BYTES_MAX).await?;
    // Megabytes to parse: not on a worker that answers others.
    let read = tokio::task::spawn_blocking(move || guichet_plans::read_plan(&bytes)).await;
    let read = read.map_err(|_| Failure::new("internal_error", "The plan could not be read."))?;
    read.map_err(|errors| Failure::plan(errors.faults(), errors.count()))
}

async fn written(plan: Arc<SeatingPlan>) -> Result<Reply, Failure> {
    // Megabytes to write: not on a worker that answers others.
    let text = tokio::task::spawn_blocking(move || guichet_plans::write_plan(&plan)).await;
    let text = text.map_err(|_| Failure::new("internal_error", "The plan could not be written."))?;
    Ok(Reply::written(text).header(CACHE_CONTROL, "no-cache"))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, flag};

    pub(crate) fn of_venue() -> Operation {
        Operation::new("get_venue_plan", "The plan that a venue was registered with.").answers_plan("The plan, in Guichet's own format.")
    }

    pub(crate) fn of_show() -> Operation {
        Operation::new("get_show_plan", "The plan that a show sells now.").answers_plan("The plan, in Guichet's own format.")
    }

    pub(crate) fn revise() -> Operation {
        Operation::new("revise_plan", "Gives a show another plan while it is sold.")
            .notes("Seats are the same when they have the same label path. What is held or sold must stay in the plan.")
            .takes_plan()
            .query("dry_run", "Only says what would change and what stands against it.", flag())
            .command()
            .answers::<api::PlanRevision>("What has changed, or would.")
            .refuses(&["plan_conflict", "invalid_show"])
    }
}
