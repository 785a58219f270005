//! API keys: make, list, rotate, revoke.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use guichet_api as api;
use guichet_core::domain::key::{ApiKey, Scope};
use guichet_core::{ApiKeyDraft, ApiKeyId, OrganiserId};
use serde::Deserialize;

use super::paging::page;
use crate::access::{Identity, scope_missing};
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, Query, parse_id, reached};
use crate::failure::Failure;
use crate::remembered::Remembered;
use crate::reply::Reply;
use crate::view;

/// Secrets are stored nowhere, so the engine cannot answer a repeat.
pub(crate) type CreatedKeys = Remembered<api::CreateApiKey, api::CreatedApiKey>;
pub(crate) type RotatedKeys = Remembered<(ApiKeyId, api::RotateApiKey), api::RotatedApiKey>;

/// `POST /v1/keys`: the answer shows the secret, once. An organiser makes keys of its own.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::CreateApiKey>,
) -> Result<Reply, Failure> {
    if request.scope == api::Scope::Admin && identity.scope != Scope::Admin {
        return Err(scope_missing("Making a key of scope admin", &[Scope::Admin], identity.scope));
    }
    let organiser = organiser_of(&app, identity, request.organiser.as_deref())?;
    let make = async |request: &api::CreateApiKey| {
        let draft = ApiKeyDraft {
            organiser,
            requests_per_s: request.requests_per_s,
            ..ApiKeyDraft::new(&request.name, view::scope_named(request.scope))
        };
        let made = app.engine.create_api_key(draft).await.map_err(|error| Failure::of_command(&app.engine, error, None))?;
        Ok(api::CreatedApiKey {
            key: made.id.to_string(),
            name: request.name.clone(),
            scope: request.scope,
            organiser: organiser.map(|organiser| organiser.to_string()),
            requests_per_s: request.requests_per_s,
            secret: made.secret,
        })
    };
    let (made, repeated) = app.created_keys.answer(identity, key, request, make).await?;
    Ok(Reply::created(&made, &format!("/v1/keys/{}", made.key)).replayed(repeated))
}

/// The organiser that something new is of: the caller's own, or the one that is named.
pub(super) fn organiser_of(app: &App, identity: Identity, named: Option<&str>) -> Result<Option<OrganiserId>, Failure> {
    let named = named.map(|named| reached_organiser(app, identity, named)).transpose()?;
    Ok(named.or(identity.organiser))
}

/// An organiser that somebody names.
pub(super) fn reached_organiser(app: &App, identity: Identity, named: &str) -> Result<OrganiserId, Failure> {
    parse_id(&app.engine, named).and_then(|id| reached(&app.engine, identity, id))
}

/// Which keys a list shows.
#[derive(Deserialize)]
pub(super) struct Wanted {
    organiser: Option<String>,
    scope: Option<api::Scope>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/keys`: all, or those of the caller's organiser.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Failure> {
    let organiser = wanted.organiser.as_deref().map(|named| reached_organiser(&app, identity, named)).transpose()?;
    let scope = wanted.scope.map(view::scope_named);
    let reached = app.engine.api_keys().into_iter().filter(|key| {
        identity.reaches(key.organiser)
            && scope.is_none_or(|scope| key.scope == scope)
            && organiser.is_none_or(|organiser| key.organiser == Some(organiser))
    });
    let (keys, next) = page(reached, |key| key.id, wanted.cursor.as_deref(), wanted.limit)?;
    Ok(Reply::ok(&api::ApiKeyList { keys: keys.into_iter().map(shown).collect(), next }))
}

fn shown(key: ApiKey) -> api::ApiKey {
    api::ApiKey {
        key: key.id.to_string(),
        name: key.name,
        scope: view::scope(key.scope),
        organiser: key.organiser.map(|organiser| organiser.to_string()),
        requests_per_s: key.requests_per_s,
        created_at: view::time(key.id.parts().created_at_unix_ms),
        last_used_at: key.last_used_unix_ms.map(view::time),
        previous_secret_until: key.previous.map(|previous| view::time(previous.until_unix_ms)),
    }
}

/// `POST /v1/keys/{key}/rotate`: the answer shows the new secret, once.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Id(id): Id<ApiKeyId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::RotateApiKey>,
) -> Result<Reply, Failure> {
    let make = async |(id, request): &(ApiKeyId, api::RotateApiKey)| {
        let overlap = Duration::from_secs(request.overlap_s);
        let made = app.engine.rotate_api_key(*id, overlap).await.map_err(|error| Failure::of_command(&app.engine, error, None))?;
        Ok(api::RotatedApiKey { key: id.to_string(), secret: made.secret })
    };
    let (made, repeated) = app.rotated_keys.answer(identity, key, (id, request), make).await?;
    Ok(Reply::ok(&made).replayed(repeated))
}

/// `DELETE /v1/keys/{key}`: it opens nothing from the next request on.
pub(super) async fn revoke(State(app): State<Arc<App>>, Id(id): Id<ApiKeyId>) -> Result<Reply, Failure> {
    let revoked = app.engine.revoke_api_key(id).await;
    let receipt = revoked.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).at(&receipt.position))
}

/// What is said of it.
pub(super) mod about {
    use axum::http::StatusCode;
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size, text};

    pub(crate) fn create() -> Operation {
        let operation = Operation::new("create_key", "Makes an API key.");
        operation
            .notes("The secret is shown once; only its hash is kept. Who asks with a key of an organiser makes keys of that organiser.")
            .takes::<api::CreateApiKey>()
            .command()
            .creates::<api::CreatedApiKey>("The key and its secret.")
            .refuses(&["invalid_api_key", "organiser_not_found"])
    }

    pub(crate) fn list() -> Operation {
        Operation::new("list_keys", "The API keys that the key reaches, without their secrets.")
            .query("organiser", "Only keys of this organiser.", text())
            .query_of::<api::Scope>("scope", "Only keys of this scope.")
            .query("limit", "Keys on the page: 50 unless told, 500 at most.", page_size())
            .lists::<api::ApiKeyList, api::ApiKey>("keys")
            .refuses(&["organiser_not_found"])
    }

    pub(crate) fn rotate() -> Operation {
        let operation = Operation::new("rotate_key", "Gives an API key another secret; the one before stays good for a while.");
        operation
            .notes("The secret is shown once. One that was replaced earlier is good for nothing from now on.")
            .takes::<api::RotateApiKey>()
            .command()
            .answers::<api::RotatedApiKey>("The key and its new secret.")
            .refuses(&["invalid_api_key"])
    }

    pub(crate) fn revoke() -> Operation {
        let operation = Operation::new("revoke_key", "Revokes an API key: it opens nothing from the next request on.").command();
        operation.answers_nothing(StatusCode::NO_CONTENT, "It is revoked.")
    }
}
