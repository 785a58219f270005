//! Venues. A request to make one is a plan, in any format that is understood.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A venue and what its plan has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Venue {
    /// Its id.
    pub venue: String,
    /// Id of the organiser that alone may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Its name.
    pub name: String,
    /// Seats.
    pub seats: u32,
    /// Rows.
    pub rows: u32,
    /// Sections.
    pub sections: u32,
    /// Zones.
    pub zones: u32,
    /// General-admission areas.
    pub areas: Vec<Area>,
    /// Price groups.
    pub categories: Vec<Category>,
    /// What the file holds that cannot be sold yet, each with its path; only in the answer to the import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsold: Vec<String>,
}

/// A general-admission area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Area {
    /// Its name; a show has a quota of this name.
    pub name: String,
    /// How many people it takes.
    pub capacity: u32,
    /// Its price group.
    pub category: String,
}

/// A price group of seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Category {
    /// The name that products use.
    pub name: String,
    /// A colour for drawings, as `#rrggbb`.
    pub colour: String,
    /// Seats in it.
    pub seats: u32,
}

/// A page of venues, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VenueList {
    /// The venues.
    pub venues: Vec<Venue>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
