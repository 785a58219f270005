//! Shows: what is on sale, and what is left of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{LatePayment, Money, Orphans, Percent, SaleState};

/// `POST /v1/shows`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateShow {
    /// Id of the venue.
    pub venue: String,
    /// Id of the organiser whose it is. Default: that of the key that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
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
    /// How long an order may wait for a transfer, in seconds. Default: 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_deadline_s: Option<u64>,
    /// When the sale begins, as long as the show is open. Default: as soon as it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_opens_at: Option<Timestamp>,
    /// When the sale ends. Default: when the show is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_closes_at: Option<Timestamp>,
    /// Most places that one buyer, by the `buyer_ref` of the holds, may hold and own. Default: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_buyer_max: Option<u32>,
    /// What happens to money that comes too late. Default: the same seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_payment: Option<LatePayment>,
    /// What late cancellations cost. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancellation_fees: Vec<CancellationFee>,
    /// Controls at the door. Default: one called `main` for all products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check_in_lists: Vec<CheckInList>,
    /// Rules for its numbered seats.
    #[serde(default)]
    pub seating: SeatingRules,
}

/// Rules of the house for its numbered seats. `{}` is: none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SeatingRules {
    /// Seats left alone between taken ones.
    pub orphans: Orphans,
    /// Wheelchair places and seats of companions are chosen for those who ask for them; from so many seconds before the start on, for
    /// everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessible_released_before_start_s: Option<u64>,
    /// They are chosen for everybody where a group finds no other seats.
    pub accessible_released_when_sold_out: bool,
}

impl Default for SeatingRules {
    fn default() -> Self {
        Self { orphans: Orphans::Off, accessible_released_before_start_s: None, accessible_released_when_sold_out: false }
    }
}

/// What a cancellation costs when it comes late; of several that apply, the one with the smallest `within_s` counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationFee {
    /// It applies when the show starts in less than this, in seconds.
    pub within_s: u64,
    /// Part of the price that is kept.
    #[serde(default)]
    pub price_percent: Percent,
    /// Kept for each place besides. Never more than the price is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Money>,
}

/// A control at the door: each ticket passes once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInList {
    /// Its name, unique in the show.
    pub name: String,
    /// Names of the products whose tickets may pass; none means all.
    #[serde(default)]
    pub products: Vec<String>,
}

/// One product of a [`CreateShow`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// When its sale begins. Default: with the show's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_opens_at: Option<Timestamp>,
    /// When its sale ends. Default: with the show's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_closes_at: Option<Timestamp>,
}

/// A counted limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Its name, unique in the show.
    pub name: String,
    /// How many may be held and booked together.
    pub size: u32,
}

/// A show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Show {
    /// Its id.
    pub show: String,
    /// Id of its venue.
    pub venue: String,
    /// Id of the organiser whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
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
    /// How long an order may wait for a transfer, in seconds.
    pub transfer_deadline_s: u64,
    /// When the sale begins, as long as the show is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_opens_at: Option<Timestamp>,
    /// When the sale ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_closes_at: Option<Timestamp>,
    /// Most places that one buyer may hold and own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_buyer_max: Option<u32>,
    /// What happens to money that comes too late.
    pub late_payment: LatePayment,
    /// What late cancellations cost.
    pub cancellation_fees: Vec<CancellationFee>,
    /// Controls at the door.
    pub check_in_lists: Vec<CheckInList>,
    /// Rules for its numbered seats.
    #[serde(default)]
    pub seating: SeatingRules,
}

/// A sellable thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// When its sale begins, where that differs from the show's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_opens_at: Option<Timestamp>,
    /// When its sale ends, where that differs from the show's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale_closes_at: Option<Timestamp>,
}

/// A page of shows, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShowList {
    /// The shows.
    pub shows: Vec<Show>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What is left of a show, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatAvailability {
    /// All of them.
    #[serde(flatten)]
    pub total: SeatCounts,
    /// By category.
    pub by_category: Vec<CategoryAvailability>,
}

/// The seats of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryAvailability {
    /// Its name.
    pub category: String,
    /// Its seats.
    #[serde(flatten)]
    pub seats: SeatCounts,
}

/// One quota, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductAvailability {
    /// Its name.
    pub name: String,
    /// Price of one.
    pub price: Money,
    /// How many can be had now: free seats of its categories, as far as its quotas let them.
    pub left: u32,
}
