//! Keys of ticket codes: their public halves, which are no secret. Who has them checks codes offline.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key of ticket codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketKey {
    /// Names it in every code that it signed: 8 hexadecimal digits.
    pub key_id: String,
    /// The Ed25519 public key: 64 hexadecimal digits.
    pub public_key: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether it signs the tickets that are issued now.
    pub current: bool,
}

/// All keys that ever signed tickets, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketKeyList {
    /// The keys; the last is the current one.
    pub keys: Vec<TicketKey>,
}
