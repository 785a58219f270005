//! The door: scans, and the lists that a gate takes along.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::CheckInList;

/// `POST /v1/shows/{show}/check-ins`: a scan at a gate. Its idempotency key names the scan: sent again, it gets the same answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// What was read from the ticket.
    pub code: String,
    /// The gate's name.
    pub gate: String,
    /// Name of the check-in list. Default: the show's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// When a gate without connection scanned it. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<Timestamp>,
}

/// Somebody may enter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Admission {
    /// Id of the ticket.
    pub ticket: String,
    /// Id of its order.
    pub order: String,
    /// The order's short code.
    pub order_code: String,
    /// Number of the position in the order.
    pub position: u32,
    /// Name of the product.
    pub product: String,
    /// Label path of the seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Whether this very scan was answered before.
    pub repeated: bool,
}

/// The controls at the doors of a show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckInLists {
    /// The lists.
    pub check_in_lists: Vec<CheckInList>,
}

/// A page of a check-in list: every ticket that may pass there, and who has passed. The latest order first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckInSheet {
    /// The tickets.
    pub entries: Vec<CheckInEntry>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One ticket of a check-in list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckInEntry {
    /// Id of the ticket.
    pub ticket: String,
    /// Its order's short code.
    pub order_code: String,
    /// Name of its product.
    pub product: String,
    /// Label path of its seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Whether it was cancelled: its holder may not pass.
    pub cancelled: bool,
    /// When its holder passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_in_at: Option<Timestamp>,
    /// At which gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
}
