//! Shows: what is on sale, and what is left of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Money, SaleState};

/// `POST /v1/shows`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateShow {
    /// Id of the venue.
    pub venue: String,
    /// The show's name.
    pub name: String,
    /// When it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// The currency of all its prices.
    pub currency: String,
    /// What is sold.
    pub products: Vec<CreateProduct>,
    /// Counted limits. Every general-admission area has one of its name and capacity already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<Quota>,
    /// How long an order may take to be paid, in seconds. Default: 15 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_deadline_s: Option<u64>,
}

/// One product of a [`CreateShow`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    /// Its name, unique in the show.
    pub name: String,
    /// Price of one, in the show's currency.
    pub price: Money,
    /// Categories of the seats that it sells; none for a product by quantity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Quotas that each one draws on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<String>,
}

/// A counted limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Its name, unique in the show.
    pub name: String,
    /// How many may be held and booked together.
    pub size: u32,
}

/// A show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// Its id.
    pub show: String,
    /// Id of its venue.
    pub venue: String,
    /// Its name.
    pub name: String,
    /// When it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Whether it is on sale.
    pub sale: SaleState,
    /// The currency of all its prices.
    pub currency: String,
    /// What is sold.
    pub products: Vec<Product>,
    /// Counted limits.
    pub quotas: Vec<Quota>,
    /// How long an order may take to be paid, in seconds.
    pub order_deadline_s: u64,
}

/// A sellable thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name; holds use it.
    pub name: String,
    /// Price of one.
    pub price: Money,
    /// Categories of the seats that it sells; none for a product by quantity.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Quotas that each one draws on.
    #[serde(default)]
    pub quotas: Vec<String>,
}

/// All shows, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowList {
    /// The shows.
    pub shows: Vec<Show>,
}

/// What is left of a show, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// How far these numbers have seen.
    pub position: String,
    /// Whether the show is on sale.
    pub sale: SaleState,
    /// Its seats.
    pub seats: SeatAvailability,
    /// Its quotas.
    pub quotas: Vec<QuotaAvailability>,
    /// Its products.
    pub products: Vec<ProductAvailability>,
}

/// Seats by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatCounts {
    /// Can be held.
    pub free: u32,
    /// In a hold.
    pub held: u32,
    /// Sold.
    pub booked: u32,
    /// Not for sale.
    pub blocked: u32,
}

/// The seats of a show, in total and by category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatAvailability {
    /// All of them.
    #[serde(flatten)]
    pub total: SeatCounts,
    /// By category.
    pub by_category: Vec<CategoryAvailability>,
}

/// The seats of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryAvailability {
    /// Its name.
    pub category: String,
    /// Its seats.
    #[serde(flatten)]
    pub seats: SeatCounts,
}

/// One quota, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaAvailability {
    /// Its name.
    pub name: String,
    /// Its limit.
    pub size: u32,
    /// In live holds.
    pub held: u32,
    /// Sold.
    pub booked: u32,
    /// What is left.
    pub left: u32,
}

/// One product, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductAvailability {
    /// Its name.
    pub name: String,
    /// Price of one.
    pub price: Money,
    /// How many can be had now: free seats of its categories, as far as its quotas let them.
    pub left: u32,
}

/// The state of every seat, one letter each, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// How far this has seen.
    pub position: String,
    /// `f` free, `h` held, `b` booked, `x` blocked.
    pub states: String,
    /// The label path of every seat, in the same order; only when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
}
