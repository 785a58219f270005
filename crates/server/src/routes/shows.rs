//! Shows: made, put on sale, looked at.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use guichet_api as api;
use guichet_core::domain::show::SaleState;
use guichet_core::{Position, ShowId, VenueId};
use serde::Deserialize;

use super::draft;
use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, Query, parse_id};
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

/// What a caller wants of the seats.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    labels: bool,
}

/// `GET /v1/shows/{show}/seats`: 304 as long as nothing has changed.
pub(super) async fn seats(
    State(app): State<Arc<App>>,
    Id(id): Id<ShowId>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Reply, Failure> {
    let asked: Vec<_> = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).collect();
    let (position, seats) = app.engine.with_show(id, |show| {
        let position = Position::of(id.partition(), show.changed_at_offset).to_string();
        let known = asked.iter().flat_map(|tags| tags.split(',')).any(|tag| is_tag(tag.trim(), &position));
        let labels = || (0..view::count(show.plan.seats.len())).map(|seat| show.plan.seat_label(seat)).collect();
        let seats = (!known).then(|| api::Seats {
            position: position.clone(),
            states: view::seat_states(show),
            labels: wanted.labels.then(labels),
        });
        (position, seats)
    })?;
    let reply = seats.map_or_else(|| Reply::empty(StatusCode::NOT_MODIFIED), |seats| Reply::ok(&seats));
    Ok(reply.header(ETAG, &format!("\"{position}\"")).header(CACHE_CONTROL, "no-cache"))
}

/// Whether an entity tag, strong or weak, is of this position.
fn is_tag(tag: &str, position: &str) -> bool {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    tag == "*" || quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) == Some(position)
}
