//! Keys of ticket codes: list their public halves, change the one that signs.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{TicketKeyInfo, ticket_key_name};

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::failure::Failure;
use crate::remembered::Remembered;
use crate::reply::Reply;
use crate::view;

/// A rotation is no command of a shard, so no journal knows its idempotency key.
pub(crate) type RotatedTicketKeys = Remembered<(), api::TicketKey>;

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
    let make = async |(): &()| Ok(answer(&app.engine.rotate_ticket_key().await?));
    let (made, repeated) = app.rotated_ticket_keys.answer(identity, key, (), make).await?;
    Ok(Reply::created(&made, "/v1/ticket-keys").replayed(repeated))
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
