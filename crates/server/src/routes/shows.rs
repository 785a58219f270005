//! Shows: made, put on sale, looked at.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use guichet_api as api;
use guichet_core::domain::show::SaleState;
use guichet_core::{ShowId, VenueId};

use super::draft;
use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, parse_id};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// `POST /v1/shows`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::CreateShow>,
) -> Result<Reply, Failure> {
    let venue: VenueId = parse_id(&app.engine, &request.venue)?;
    let plan = app.engine.venue(venue).ok_or_else(|| Failure::not_found("venue_not_found", format!("There is no venue {venue}.")))?;
    let made = app.engine.create_show(draft::of(venue, request)?, identity.caller, Some(key.key)).await;
    let (definition, receipt) = made.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    let show = view::show(&definition, &plan, SaleState::Draft);
    Ok(Reply::created(&show, &format!("/v1/shows/{}", definition.id)).at(&receipt.position).replayed(receipt.repeated))
}

/// `GET /v1/shows`
pub(super) async fn list(State(app): State<Arc<App>>) -> Reply {
    let mut shows = Vec::new();
    for definition in app.engine.shows() {
        let Some(plan) = app.engine.venue(definition.venue) else { continue };
        let sale = app.engine.with_show(definition.id, |show| show.sale).unwrap_or(SaleState::Draft);
        shows.push(view::show(&definition, &plan, sale));
    }
    Reply::ok(&api::ShowList { shows })
}

/// `GET /v1/shows/{show}`
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    let show = app.engine.with_show(id, |show| view::show(&show.definition, &show.plan, show.sale))?;
    Ok(Reply::ok(&show))
}

/// `POST /v1/shows/{show}/open`
pub(super) async fn open(
    state: State<Arc<App>>,
    id: Id<ShowId>,
    identity: Extension<Identity>,
    key: Extension<RequestKey>,
) -> Result<Reply, Failure> {
    set_sale(state, id, identity, key, SaleState::Open).await
}

/// `POST /v1/shows/{show}/pause`
pub(super) async fn pause(
    state: State<Arc<App>>,
    id: Id<ShowId>,
    identity: Extension<Identity>,
    key: Extension<RequestKey>,
) -> Result<Reply, Failure> {
    set_sale(state, id, identity, key, SaleState::Paused).await
}

/// `POST /v1/shows/{show}/close`
pub(super) async fn close(
    state: State<Arc<App>>,
    id: Id<ShowId>,
    identity: Extension<Identity>,
    key: Extension<RequestKey>,
) -> Result<Reply, Failure> {
    set_sale(state, id, identity, key, SaleState::Closed).await
}

async fn set_sale(
    State(app): State<Arc<App>>,
    Id(id): Id<ShowId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    to: SaleState,
) -> Result<Reply, Failure> {
    let set = app.engine.set_sale_state(id, to, identity.caller, Some(key.key)).await;
    let receipt = set.map_err(|error| Failure::of_command(&app.engine, error, Some(id)))?;
    // What this command made of it, whatever has happened since.
    let show = app.engine.with_show(id, |show| view::show(&show.definition, &show.plan, to))?;
    Ok(Reply::ok(&show).at(&receipt.position).replayed(receipt.repeated))
}

/// `GET /v1/shows/{show}/availability`
pub(super) async fn availability(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    // Read before: what is counted has seen at least this.
    let position = app.engine.position().to_string();
    let availability = app.engine.with_show(id, |show| view::availability(show, position))?;
    Ok(Reply::ok(&availability).header(CACHE_CONTROL, "no-cache"))
}
