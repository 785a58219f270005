//! The office: seats taken from sale, and what a show has sold.

use serde::{Deserialize, Serialize};

use crate::Money;

/// `POST /v1/shows/{show}/seats/block`: takes free seats from sale, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSeats {
    /// Seats by their label paths.
    pub seats: Vec<String>,
    /// Why, for the report.
    pub reason: String,
}

/// `POST /v1/shows/{show}/seats/unblock`: puts blocked seats on sale again, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnblockSeats {
    /// Seats by their label paths.
    pub seats: Vec<String>,
}

/// The answer to [`BlockSeats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedSeats {
    /// How many were taken from sale.
    pub blocked: u32,
}

/// The answer to [`UnblockSeats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnblockedSeats {
    /// How many are on sale again.
    pub unblocked: u32,
}

/// `GET /v1/shows/{show}/report`: what a show has sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedFor {
    /// The reason.
    pub reason: String,
    /// How many.
    pub seats: u64,
}
