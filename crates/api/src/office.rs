//! The office: seats taken from sale, and what a show has sold.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Money;

/// `POST /v1/shows/{show}/seats/block`: takes free seats from sale, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockSeats {
    /// Seats by their label paths.
    pub seats: Vec<String>,
    /// Why, for the report.
    pub reason: String,
}

/// `POST /v1/shows/{show}/seats/unblock`: puts blocked seats on sale again, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnblockSeats {
    /// Seats by their label paths.
    pub seats: Vec<String>,
}

/// The answer to `POST /v1/shows/{show}/plan`: what a revision has done, or would do if it was a dry run. Seats by their label paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanRevision {
    /// Nothing has been changed.
    pub dry_run: bool,
    /// On sale now and not before.
    pub added: Vec<String>,
    /// Not on sale any more.
    pub withdrawn: Vec<String>,
    /// In another category than before; what is held or sold keeps its product and price.
    pub moved: Vec<String>,
    /// What stands against it; only in a dry run, because nothing is revised against conflicts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<PlanConflict>,
    /// What the file holds that cannot be sold yet, each with its path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsold: Vec<String>,
}

/// A seat that stands against a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanConflict {
    /// The seat.
    pub seat: String,
    /// Why.
    pub reason: PlanConflictReason,
}

/// Why a seat stands against a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanConflictReason {
    /// Somebody holds it, and the plan lacks it.
    Held,
    /// It is sold, and the plan lacks it.
    Booked,
    /// It is free and would stand at a table that is sold as a whole, of which others are held or sold.
    TableSoldInPart,
}

impl fmt::Display for PlanConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            PlanConflictReason::Held => "somebody holds it, and the plan lacks it",
            PlanConflictReason::Booked => "it is sold, and the plan lacks it",
            PlanConflictReason::TableSoldInPart => "its table would be sold as a whole, and a part of that is held or sold",
        };
        write!(f, "{}: {why}", self.seat)
    }
}

/// The answer to [`BlockSeats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockedSeats {
    /// How many were taken from sale.
    pub blocked: u32,
}

/// The answer to [`UnblockSeats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnblockedSeats {
    /// How many are on sale again.
    pub unblocked: u32,
}

/// `GET /v1/shows/{show}/report`: what a show has sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShowReport {
    /// Id of the show.
    pub show: String,
    /// How far these numbers have seen.
    pub position: String,
    /// All products together.
    pub totals: ReportTotals,
    /// Each product.
    pub products: Vec<ProductReport>,
    /// The seats.
    pub seats: SeatReport,
}

/// Places and money of several products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportTotals {
    /// Places in live holds.
    pub held: u64,
    /// Places sold and not cancelled.
    pub sold: u64,
    /// Places cancelled after the sale.
    pub cancelled: u64,
    /// What was kept of the prices of cancelled places.
    pub fees: Money,
    /// What the sold places cost together, and the fees.
    pub revenue: Money,
}

/// One product of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductReport {
    /// Its name.
    pub product: String,
    /// Price of one.
    pub price: Money,
    /// Places in live holds.
    pub held: u64,
    /// Places sold and not cancelled.
    pub sold: u64,
    /// Places cancelled after the sale.
    pub cancelled: u64,
    /// What was kept of the prices of cancelled places.
    pub fees: Money,
    /// What the sold places cost together, and the fees.
    pub revenue: Money,
}

/// The seats of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatReport {
    /// Can be held.
    pub free: u64,
    /// In live holds.
    pub held: u64,
    /// Sold.
    pub booked: u64,
    /// Taken from sale, by reason.
    pub blocked: Vec<BlockedFor>,
}

/// Seats that were taken from sale for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockedFor {
    /// The reason.
    pub reason: String,
    /// How many.
    pub seats: u64,
}
