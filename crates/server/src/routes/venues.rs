//! Venues: import of plans, and what they have.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use guichet_api as api;
use guichet_core::VenueId;
use serde::Deserialize;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Id, Query};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::routes::keys::organiser_of;
use crate::routes::paging::page;
use crate::routes::plans::read_plan;
use crate::view;

/// What the query of a new venue may say.
#[derive(Deserialize)]
pub(super) struct Wanted {
    organiser: Option<String>,
}

/// `POST /v1/venues`: a plan, in any format that is understood.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Result<Reply, Failure> {
    let organiser = organiser_of(&app, identity, wanted.organiser.as_deref())?;
    let read = read_plan(request).await?;
    let registered = app.engine.register_venue(read.plan.clone(), organiser, identity.caller, Some(key.key)).await;
    let (id, receipt) = registered.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    let venue = view::venue(id, &read.plan, organiser, read.unsold);
    Ok(Reply::created(&venue, &format!("/v1/venues/{id}")).at(&receipt.position).replayed(receipt.repeated))
}

/// Which part of the list.
#[derive(Deserialize)]
pub(super) struct Listed {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/venues`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(wanted): Query<Listed>,
) -> Result<Reply, Failure> {
    let reached = app.engine.venues().into_iter().filter(|(id, _)| identity.reaches_venue(&app.engine, *id));
    let (venues, next) = page(reached, |(id, _)| *id, wanted.cursor.as_deref(), wanted.limit)?;
    let venues = venues.into_iter().map(|(id, plan)| view::venue(id, &plan, app.engine.organiser_of_venue(id), Vec::new()));
    Ok(Reply::ok(&api::VenueList { venues: venues.collect(), next }))
}

/// `GET /v1/venues/{venue}`
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id<VenueId>) -> Result<Reply, Failure> {
    let plan = app.engine.venue(id).ok_or_else(|| Failure::new("venue_not_found", format!("There is no venue {id}.")))?;
    Ok(Reply::ok(&view::venue(id, &plan, app.engine.organiser_of_venue(id), Vec::new())))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size, text};

    pub(crate) fn create() -> Operation {
        let operation = Operation::new("create_venue", "Registers a venue by its seating plan.");
        operation
            .notes("The format is found out. All faults of a plan come at once, each with its path.")
            .query("organiser", "Id of the organiser that alone may use it. Default: that of the key, else all may.", text())
            .takes_plan()
            .command()
            .creates::<api::Venue>("The venue, and what of the plan cannot be sold.")
            .refuses(&["organiser_not_found"])
    }

    pub(crate) fn list() -> Operation {
        Operation::new("list_venues", "The venues that the key reaches: of its organiser, and of nobody.")
            .query("limit", "Venues on the page: 50 unless told, 500 at most.", page_size())
            .lists::<api::VenueList, api::Venue>("venues")
    }

    pub(crate) fn show() -> Operation {
        Operation::new("get_venue", "A venue and what its plan has.").answers::<api::Venue>("The venue.")
    }
}
