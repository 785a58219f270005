//! A show: one dated unit on sale, its products and quotas.

use crate::money::Currency;
use crate::seating::SeatingPlan;
use crate::{Rejection, ShowId, VenueId};

/// Most products and most quotas of one show: indices are `u16`, and a list of this length is still readable.
pub const PRODUCTS_MAX: usize = 1_000;

/// Shortest time that an order can have to be paid, in milliseconds.
pub const ORDER_DEADLINE_MS_MIN: u64 = 1_000;
/// Longest time that an order can have to be paid, in milliseconds.
pub const ORDER_DEADLINE_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// A counted limit that products draw on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Its name, unique in the show.
    pub name: String,
    /// How many may be held and booked together.
    pub size: u32,
}

/// What a product lets its buyer claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admits {
    /// Numbered seats of these categories (indices into the plan).
    Seats {
        /// Indices into the plan's categories.
        categories: Vec<u16>,
    },
    /// A number of places without numbers, limited by the quotas alone.
    Quantity,
}

/// A sellable thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name, unique in the show; API calls use it.
    pub name: String,
    /// Price of one, in minor units of the show's currency.
    pub price_minor: i64,
    /// Seats or a quantity.
    pub admits: Admits,
    /// Indices of the quotas that each one sold draws on.
    pub quotas: Vec<u16>,
}

/// Everything about a show but its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowDefinition {
    /// Its id; the partition in it is where it is sold.
    pub id: ShowId,
    /// The venue whose plan it uses.
    pub venue: VenueId,
    /// Its name.
    pub name: String,
    /// When it starts.
    pub starts_at_unix_ms: Option<u64>,
    /// The currency of all its prices.
    pub currency: Currency,
    /// What is sold.
    pub products: Vec<Product>,
    /// The limits.
    pub quotas: Vec<Quota>,
    /// How long an order may take to be paid, in milliseconds.
    pub order_deadline_ms: u64,
}

/// Where the sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaleState {
    /// Made, not yet on sale.
    Draft,
    /// On sale.
    Open,
    /// Stopped for a while; orders in flight go on.
    Paused,
    /// Over.
    Closed,
}

impl ShowDefinition {
    /// Everything that contradicts the plan or itself.
    ///
    /// # Errors
    /// The first contradiction, as a rejection that names the product or quota.
    pub fn check(&self, plan: &SeatingPlan) -> Result<(), Rejection> {
        let refuse = |what: String| Err(Rejection::InvalidShow { what });
        if !(ORDER_DEADLINE_MS_MIN..=ORDER_DEADLINE_MS_MAX).contains(&self.order_deadline_ms) {
            return refuse(format!("an order cannot have {} ms to be paid; 1 s to 24 h is possible", self.order_deadline_ms));
        }
        if self.products.is_empty() {
            return refuse("a show needs at least one product".into());
        }
        if self.products.len() > PRODUCTS_MAX || self.quotas.len() > PRODUCTS_MAX {
            return refuse(format!("a show has at most {PRODUCTS_MAX} products and as many quotas"));
        }
        for (index, quota) in self.quotas.iter().enumerate() {
            if self.quotas[..index].iter().any(|other| other.name == quota.name) {
                return refuse(format!("quota \"{}\" is there twice", quota.name));
            }
        }
        for (index, product) in self.products.iter().enumerate() {
            let name = &product.name;
            if self.products[..index].iter().any(|other| other.name == *name) {
                return refuse(format!("product \"{name}\" is there twice"));
            }
            if product.price_minor < 0 {
                return refuse(format!("product \"{name}\" has a negative price"));
            }
            if product.quotas.iter().any(|quota| usize::from(*quota) >= self.quotas.len()) {
                return refuse(format!("product \"{name}\" draws on a quota that does not exist"));
            }
            if product.quotas.iter().enumerate().any(|(at, quota)| product.quotas[..at].contains(quota)) {
                return refuse(format!("product \"{name}\" draws on one quota twice"));
            }
            match &product.admits {
                Admits::Seats { categories } if categories.is_empty() => {
                    return refuse(format!("product \"{name}\" names no seat category"));
                }
                Admits::Seats { categories } if categories.iter().any(|category| usize::from(*category) >= plan.categories.len()) => {
                    return refuse(format!("product \"{name}\" names a category that the plan does not have"));
                }
                Admits::Quantity if product.quotas.is_empty() => {
                    return refuse(format!("product \"{name}\" has neither seats nor a quota: nothing would limit it"));
                }
                Admits::Seats { .. } | Admits::Quantity => {}
            }
        }
        Ok(())
    }
}
