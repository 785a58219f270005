//! Why a request was not done: RFC 9457, with a stable code.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Money;

/// A refusal or a fault, as `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Problem {
    /// Names the kind of problem: `urn:guichet:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence for people about this very request.
    pub detail: String,
    /// Stable, for programs: `seat_taken`, `busy`, ...
    pub code: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub advice: String,
    /// The seats that it is about, by their labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<String>,
    /// The quota that it is about, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// The product that it is about, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Most places that one buyer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Places that the buyer has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has: Option<u32>,
    /// Places that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested: Option<u32>,
    /// Seats that are left of those that would do, one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats_left: Option<u32>,
    /// The largest smaller group that would have been seated together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub together_max: Option<u32>,
    /// When the sale begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// When the sale ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Timestamp>,
    /// What can still be given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Money>,
    /// What was to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Money>,
    /// What came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<Money>,
    /// The gate at which the ticket was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// When the ticket was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<Timestamp>,
    /// When to try again, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Where the refusal is written; it can be explained later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Records that the read model is behind the position asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<u64>,
    /// Everything that is wrong with a document, each with its path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemError {
    /// Where: a path such as `rows[3].seats[7].label`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code)?;
        if !self.seats.is_empty() {
            write!(f, ": {}", self.seats.join(", "))?;
        }
        if let Some(quota) = &self.quota {
            write!(f, ": {quota}")?;
        }
        Ok(())
    }
}
