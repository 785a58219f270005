//! Shows: made, put on sale, looked at.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use guichet_api as api;
use guichet_core::domain::show::{SaleState, ShowDefinition};
use guichet_core::{ShowDraft, ShowId, VenueId};
use serde::Deserialize;

use super::draft;
use super::keys::{organiser_of, reached_organiser};
use super::paging::page;
use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, Query, parse_id, reached};
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
    let organiser = organiser_of(&app, identity, request.organiser.as_deref())?;
    let venue: VenueId = parse_id(&app.engine, &request.venue).and_then(|venue| reached(&app.engine, identity, venue))?;
    let plan = app.engine.venue(venue).ok_or_else(|| Failure::new("venue_not_found", format!("There is no venue {venue}.")))?;
    let made = app.engine.create_show(ShowDraft { organiser, ..draft::of(venue, request)? }, identity.caller, Some(key.key)).await;
    let (definition, receipt) = made.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    let show = view::show(&definition, &plan, SaleState::Draft, organiser);
    Ok(Reply::created(&show, &format!("/v1/shows/{}", definition.id)).at(&receipt.position).replayed(receipt.repeated))
}

/// Which shows a list shows.
#[derive(Deserialize)]
pub(super) struct Wanted {
    venue: Option<String>,
    organiser: Option<String>,
    sale: Option<api::SaleState>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/shows`: those that the key reaches.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Failure> {
    let engine = &app.engine;
    let venue = wanted.venue.as_deref().map(|venue| parse_id::<VenueId>(engine, venue)).transpose()?;
    let organiser = wanted.organiser.as_deref().map(|named| reached_organiser(&app, identity, named)).transpose()?;
    let sale_of = |show: &ShowDefinition| engine.with_show(show.id, |show| show.sale).unwrap_or(SaleState::Draft);
    let sale = wanted.sale.map(view::sale_state_named);
    let reached = engine.shows().into_iter().filter(|show| {
        venue.is_none_or(|venue| show.venue == venue)
            && identity.reaches_show(engine, show.id)
            && organiser.is_none_or(|organiser| engine.organiser_of_show(show.id) == Some(organiser))
            && sale.is_none_or(|sale| sale_of(show) == sale)
    });
    let (definitions, next) = page(reached, |show| show.id, wanted.cursor.as_deref(), wanted.limit)?;
    let shown = |definition: Arc<ShowDefinition>| {
        let plan = engine.venue(definition.venue)?;
        Some(view::show(&definition, &plan, sale_of(&definition), engine.organiser_of_show(definition.id)))
    };
    Ok(Reply::ok(&api::ShowList { shows: definitions.into_iter().filter_map(shown).collect(), next }))
}

/// `GET /v1/shows/{show}`
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    let organiser = app.engine.organiser_of_show(id);
    let show = app.engine.with_show(id, |show| view::show(&show.definition, &show.plan, show.sale, organiser))?;
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
    let organiser = app.engine.organiser_of_show(id);
    let show = app.engine.with_show(id, |show| view::show(&show.definition, &show.plan, to, organiser))?;
    Ok(Reply::ok(&show).at(&receipt.position).replayed(receipt.repeated))
}

/// `GET /v1/shows/{show}/availability`
pub(super) async fn availability(State(app): State<Arc<App>>, Id(id): Id<ShowId>) -> Result<Reply, Failure> {
    // Read before: what is counted has seen at least this.
    let position = app.engine.position().to_string();
    let availability = app.engine.with_show(id, |show| view::availability(show, position))?;
    Ok(Reply::ok(&availability).header(CACHE_CONTROL, "no-cache"))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size, text};

    pub(crate) fn create() -> Operation {
        let operation = Operation::new("create_show", "Makes a show: what is sold, at what price, by which rules.");
        operation
            .notes("It is a draft until it is opened. It is of the organiser of the key, or of the one that is named, at a venue of that organiser or of nobody.")
            .takes::<api::CreateShow>()
            .command()
            .creates::<api::Show>("The show.")
            .refuses(&["venue_not_found", "organiser_not_found", "invalid_show"])
    }

    pub(crate) fn list() -> Operation {
        Operation::new("list_shows", "The shows that the key reaches, in the order in which they were made.")
            .query("venue", "Only shows at this venue.", text())
            .query("organiser", "Only shows of this organiser.", text())
            .query_of::<api::SaleState>("sale", "Only shows whose sale stands so.")
            .query("limit", "Shows on the page: 50 unless told, 500 at most.", page_size())
            .lists::<api::ShowList, api::Show>("shows")
            .refuses(&["venue_not_found", "organiser_not_found"])
    }

    pub(crate) fn show() -> Operation {
        Operation::new("get_show", "A show.").answers::<api::Show>("The show.")
    }

    pub(crate) fn open() -> Operation {
        sale(Operation::new("open_show", "Puts a show on sale."))
    }

    pub(crate) fn pause() -> Operation {
        sale(Operation::new("pause_show", "Stops the sale for a while; orders under way go on."))
    }

    pub(crate) fn close() -> Operation {
        sale(Operation::new("close_show", "Ends the sale for good."))
    }

    fn sale(operation: Operation) -> Operation {
        operation.command().answers::<api::Show>("The show as this made it.").refuses(&["sale_state_conflict"])
    }

    pub(crate) fn availability() -> Operation {
        Operation::new("get_availability", "What is left of a show, in numbers.").answers::<api::Availability>("The numbers.")
    }
}
