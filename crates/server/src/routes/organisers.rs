//! Who sells here.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::domain::organiser::Organiser;
use serde::Deserialize;

use super::paging::page;
use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Query};
use crate::failure::Failure;
use crate::reply::Reply;

/// `POST /v1/organisers`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::CreateOrganiser>,
) -> Result<Reply, Failure> {
    let made = app.engine.create_organiser(&request.name, identity.caller, Some(key.key)).await;
    let (organiser, receipt) = made.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    Ok(Reply::created(&shown(organiser), "/v1/organisers").at(&receipt.position).replayed(receipt.repeated))
}

/// Which part of the list.
#[derive(Deserialize)]
pub(super) struct Wanted {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/organisers`: all, or the one that the key is of.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Failure> {
    let reached = app.engine.organisers().into_iter().filter(|organiser| identity.reaches(Some(organiser.id)));
    let (organisers, next) = page(reached, |organiser| organiser.id, wanted.cursor.as_deref(), wanted.limit)?;
    Ok(Reply::ok(&api::OrganiserList { organisers: organisers.into_iter().map(shown).collect(), next }))
}

fn shown(organiser: Organiser) -> api::Organiser {
    api::Organiser { organiser: organiser.id.to_string(), name: organiser.name }
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size};

    pub(crate) fn create() -> Operation {
        let operation = Operation::new("create_organiser", "Makes an organiser: somebody who sells here, beside others.");
        operation
            .notes("Venues, shows and API keys may be of an organiser; a key of one reaches nothing of another.")
            .takes::<api::CreateOrganiser>()
            .command()
            .creates::<api::Organiser>("The organiser.")
            .refuses(&["invalid_organiser", "organiser_exists"])
    }

    pub(crate) fn list() -> Operation {
        Operation::new("list_organisers", "The organisers that the key reaches, in the order in which they were made.")
            .query("limit", "Organisers on the page: 50 unless told, 500 at most.", page_size())
            .lists::<api::OrganiserList, api::Organiser>("organisers")
    }
}
