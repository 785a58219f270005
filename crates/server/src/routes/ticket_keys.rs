//! Keys of ticket codes: list their public halves, change the one that signs.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{Caller, IdempotencyKey, TicketKeyInfo, ticket_key_name};
use tokio::sync::Mutex;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Answers kept for a repeat. A key is changed once in months; a repeat comes within seconds.
const ANSWERS_KEPT: usize = 16;

/// What was answered to whom. A rotation is no command of a shard, so no journal knows its idempotency key: this process does, as long
/// as it lives. A repeat after a restart makes one more key, which does no harm.
#[derive(Default)]
pub(crate) struct Rotations(Mutex<VecDeque<Rotated>>);

struct Rotated {
    caller: Caller,
    key: IdempotencyKey,
    answer: api::TicketKey,
}

/// `GET /v1/ticket-keys`: public keys are no secret; a shop needs them to check its own codes.
pub(super) async fn list(State(app): State<Arc<App>>) -> Reply {
    Reply::ok(&api::TicketKeyList { keys: app.engine.ticket_keys().iter().map(answer).collect() })
}

/// `POST /v1/ticket-keys/rotate`: the answer is the new key, which signs from now on.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
) -> Result<Reply, Failure> {
    // Held over the rotation: of two equal requests at once, the second waits and is answered with the first one's key.
    let mut answers = app.rotations.0.lock().await;
    if let Some(earlier) = answers.iter().find(|earlier| earlier.caller == identity.caller && earlier.key == key.key) {
        return Ok(rotated(&earlier.answer).replayed(true));
    }
    let made = answer(&app.engine.rotate_ticket_key().await?);
    let reply = rotated(&made);
    if answers.len() == ANSWERS_KEPT {
        answers.pop_front();
    }
    answers.push_back(Rotated { caller: identity.caller, key: key.key, answer: made });
    Ok(reply)
}

fn rotated(key: &api::TicketKey) -> Reply {
    Reply::created(key, "/v1/ticket-keys")
}

fn answer(key: &TicketKeyInfo) -> api::TicketKey {
    api::TicketKey {
        key_id: ticket_key_name(key.key_id),
        public_key: key.public_key.to_string(),
        made_at: view::time(key.made_unix_ms),
        current: key.current,
    }
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn list() -> Operation {
        let operation = Operation::new("list_ticket_keys", "The public keys of ticket codes: who has them checks codes offline.");
        operation.answers::<api::TicketKeyList>("The keys, the oldest first.")
    }

    pub(crate) fn rotate() -> Operation {
        let operation = Operation::new("rotate_ticket_key", "Makes a new key that signs the tickets from now on.").command();
        operation.creates::<api::TicketKey>("The new key.").refuses(&["ticket_key_not_kept"])
    }
}
