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

/// Whoever buys, as a keyed hash of what the caller calls them.
pub type BuyerRef = [u8; 16];

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

impl HoldItem {
    /// The seats that it claims by number.
    #[must_use]
    pub fn seats(&self) -> &[u32] {
        match &self.claim {
            Claim::Seats(seats) => seats,
            Claim::Quantity(_) => &[],
        }
    }

    /// The seat, if it claims exactly one.
    #[must_use]
    pub fn seat(&self) -> Option<u32> {
        match &self.claim {
            Claim::Seats(seats) => seats.first().copied().filter(|_| seats.len() == 1),
            Claim::Quantity(_) => None,
        }
    }

    /// Each place that it claims, as an item of its own.
    pub fn places(&self) -> impl Iterator<Item = HoldItem> + '_ {
        (0..self.claim.quantity()).map(|place| {
            let claim = match &self.claim {
                Claim::Seats(seats) => Claim::Seats(vec![seats[place as usize]]),
                Claim::Quantity(_) => Claim::Quantity(1),
            };
            HoldItem { product: self.product, claim }
        })
    }
}

/// How many places items claim together.
#[must_use]
pub fn places_of(items: &[HoldItem]) -> u32 {
    items.iter().fold(0, |sum, item| sum.saturating_add(item.claim.quantity()))
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
    /// Keyed hash of whoever asked. In a box: most shows have no limit for each buyer, and this is the largest table.
    pub buyer_ref: Option<Box<BuyerRef>>,
    /// Idempotency keys that stay known as long as the hold does.
    pub keys: Vec<KeyHash>,
}
