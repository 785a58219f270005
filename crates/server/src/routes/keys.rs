//! API keys: make, list, revoke.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use guichet_api as api;
use guichet_core::domain::Rejection;
use guichet_core::{ApiKeyId, IdempotencyKey};
use tokio::sync::Mutex;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Answers kept for a repeat: nobody makes more keys than this before a lost answer is asked for again.
const ANSWERS_KEPT: usize = 256;

/// What was answered to whom. A secret is stored nowhere, so the engine cannot answer a repeat: this process can, as long as it lives.
#[derive(Default)]
pub(crate) struct CreatedKeys(Mutex<VecDeque<Created>>);

struct Created {
    caller: guichet_core::Caller,
    key: IdempotencyKey,
    request: api::CreateApiKey,
    answer: api::CreatedApiKey,
}

/// `POST /v1/keys`: the answer shows the secret, once.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::CreateApiKey>,
) -> Result<Reply, Failure> {
    // Held over the creation: of two equal requests at once, the second waits and is answered with the first one's key.
    let mut answers = app.created_keys.0.lock().await;
    if let Some(earlier) = answers.iter().find(|answer| answer.caller == identity.caller && answer.key == key.key) {
        if earlier.request != request {
            let reused = Rejection::IdempotencyKeyReused;
            return Err(Failure::new(reused.code(), reused));
        }
        return Ok(created(&earlier.answer).replayed(true));
    }
    let made = app.engine.create_api_key(&request.name, view::scope_named(request.scope)).await;
    let made = made.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    let answer = api::CreatedApiKey { key: made.id.to_string(), name: request.name.clone(), scope: request.scope, secret: made.secret };
    let reply = created(&answer);
    if answers.len() == ANSWERS_KEPT {
        answers.pop_front();
    }
    answers.push_back(Created { caller: identity.caller, key: key.key, request, answer });
    Ok(reply)
}

fn created(key: &api::CreatedApiKey) -> Reply {
    Reply::created(key, &format!("/v1/keys/{}", key.key))
}

/// `GET /v1/keys`
pub(super) async fn list(State(app): State<Arc<App>>) -> Reply {
    let mut keys = app.engine.api_keys();
    keys.sort_unstable_by_key(|key| key.id);
    let keys = keys.into_iter().map(|key| api::ApiKey { key: key.id.to_string(), name: key.name, scope: view::scope(key.scope) });
    Reply::ok(&api::ApiKeyList { keys: keys.collect() })
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

    use crate::description::operation::Operation;

    pub(crate) fn create() -> Operation {
        let operation = Operation::new("create_key", "Makes an API key.").notes("The secret is shown once; only its hash is kept.");
        operation.takes::<api::CreateApiKey>().command().creates::<api::CreatedApiKey>("The key and its secret.")
    }

    pub(crate) fn list() -> Operation {
        Operation::new("list_keys", "All API keys, without their secrets.").answers::<api::ApiKeyList>("The keys.")
    }

    pub(crate) fn revoke() -> Operation {
        let operation = Operation::new("revoke_key", "Revokes an API key: it opens nothing from the next request on.").command();
        operation.answers_nothing(StatusCode::NO_CONTENT, "It is revoked.")
    }
}
