//! Many commands in one request, one reply each, in order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Hold, HoldItem, Problem};

/// One command of `POST /v1/batch`, whose body is an array of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchCommand {
    /// Places a hold.
    PlaceHold(BatchPlaceHold),
}

/// A [`crate::PlaceHold`] that names its show and its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchPlaceHold {
    /// Id of the show.
    pub show: String,
    /// The same key with the same hold is the same hold. Without one the server makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// An opaque name of whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_ref: Option<String>,
    /// What is claimed.
    pub items: Vec<HoldItem>,
    /// How long it lives, in seconds. Default: 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
}

/// The reply to one command of a batch; the answer is an array of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchReply {
    /// The key of the command, the caller's or a made one; absent when the caller's was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Whether this reply was given before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
    /// The answer itself: `"hold": {...}` or `"problem": {...}`.
    #[serde(flatten)]
    pub outcome: BatchOutcome,
}

/// What became of one command of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOutcome {
    /// The hold was placed.
    Hold(Hold),
    /// It was not done.
    Problem(Box<Problem>),
}
