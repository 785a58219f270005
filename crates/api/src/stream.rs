//! Live events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What `GET /v1/stream` is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamFilter {
    /// Only events of this show, its holds, its orders and their sagas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// Only events of this order, by its id or its short code, and of its sagas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Only events of this topic: `shows`, `holds`, `orders` or `sagas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Goes on after this id, which is the [`StreamEvent::id`] of the last event that was seen. Without it only what happens from
    /// now on is told.
    #[serde(skip)]
    pub last_event_id: Option<String>,
}

/// A server-sent event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// Where to go on after it.
    pub id: String,
    /// Its type, such as `hold_placed`.
    pub event: String,
    /// A JSON object: `type`, `partition`, `offset`, `at` and what the event is about.
    pub data: String,
}
