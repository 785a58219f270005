//! A hold: a temporary claim on seats and quantities.

use std::sync::Arc;

use crate::record::KeyHash;
use crate::{HoldId, OrderId, ShowId};

/// Most places that one hold claims: more than any group that books by itself, little enough to keep one command short.
pub const PLACES_PER_HOLD_MAX: u32 = 100;
/// Shortest life of a hold, in milliseconds.
pub const TTL_MS_MIN: u64 = 1_000;
/// Longest life of a hold, in milliseconds.
pub const TTL_MS_MAX: u64 = 60 * 60 * 1_000;
/// Life of a hold that asks for none, in milliseconds.
pub const TTL_MS_DEFAULT: u64 = 10 * 60 * 1_000;

/// What one item claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// These seats (indices into the plan).
    Seats(Vec<u32>),
    /// So many places without numbers.
    Quantity(u32),
}

impl Claim {
    /// How many places it claims.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        match self {
            Self::Seats(seats) => u32::try_from(seats.len()).unwrap_or(u32::MAX),
            Self::Quantity(quantity) => *quantity,
        }
    }
}

/// One line of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldItem {
    /// Index of the product.
    pub product: u16,
    /// What of it.
    pub claim: Claim,
}

/// A live hold. Ended holds are forgotten here; the journal remembers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The show that it claims from.
    pub show: ShowId,
    /// What it claims, all or nothing.
    pub items: Arc<[HoldItem]>,
    /// When it ends by itself, logged time.
    pub expires_at_unix_ms: u64,
    /// The order that took it, from then on its master.
    pub order: Option<OrderId>,
    /// Idempotency keys that stay known as long as the hold does.
    pub keys: Vec<KeyHash>,
}
