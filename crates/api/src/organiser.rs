//! Who sells.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/organisers`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrganiser {
    /// What people call it; no other organiser is called so. At most 200 bytes.
    pub name: String,
}

/// Who sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organiser {
    /// Its id.
    pub organiser: String,
    /// What people call it.
    pub name: String,
}

/// A page of organisers, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganiserList {
    /// The organisers, in the order in which they were made.
    pub organisers: Vec<Organiser>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
