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
/// Longest time that an order can wait for a bank transfer, in milliseconds: a quarter of a year.
pub const TRANSFER_DEADLINE_MS_MAX: u64 = 92 * 24 * 60 * 60 * 1_000;
/// Most steps in the fees of late cancellations, and most check-in lists, of one show.
pub const RULES_MAX: usize = 100;
/// A whole, in the hundredths of a percent that fees are given in.
pub const BASIS_POINTS: i64 = 10_000;

/// When something is sold; without an end it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaleWindow {
    /// From then on.
    pub opens_at_unix_ms: Option<u64>,
    /// Until then, exclusive.
    pub closes_at_unix_ms: Option<u64>,
}

impl SaleWindow {
    /// Whether an instant is inside.
    #[must_use]
    pub fn contains(&self, now_unix_ms: u64) -> bool {
        self.opens_at_unix_ms.is_none_or(|opens| opens <= now_unix_ms) && self.closes_at_unix_ms.is_none_or(|closes| now_unix_ms < closes)
    }

    fn is_empty(&self) -> bool {
        matches!((self.opens_at_unix_ms, self.closes_at_unix_ms), (Some(opens), Some(closes)) if closes <= opens)
    }
}

/// What happens to money that comes for an order whose places have been given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LatePayment {
    /// The same places, if they are still free; otherwise the money goes back.
    #[default]
    SameSeat,
    /// The same places, or as many of the same product and category; otherwise the money goes back.
    EquivalentSeat,
    /// The money goes back.
    Refund,
}

/// Whether a seat may be left alone between taken ones: hardly anybody buys it then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Orphans {
    /// Nobody cares.
    #[default]
    Off,
    /// Best available leaves no seat alone as long as there is another place.
    Prefer,
    /// No hold may leave a seat alone that was not alone before.
    Forbid,
}

/// Rules of the house for its numbered seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatingRules {
    /// Seats left alone.
    pub orphans: Orphans,
    /// Best available gives wheelchair places and seats of companions to those who ask for them; from so many milliseconds before the
    /// start on, to everybody.
    pub accessible_released_before_start_ms: Option<u64>,
    /// It gives them to everybody where no other seats are left for a group.
    pub accessible_released_when_sold_out: bool,
}

impl SeatingRules {
    /// Whether the time has come at which kept seats are for everybody.
    #[must_use]
    pub fn accessible_released_by_time(&self, starts_at_unix_ms: Option<u64>, now_unix_ms: u64) -> bool {
        let Some((before_ms, starts)) = self.accessible_released_before_start_ms.zip(starts_at_unix_ms) else { return false };
        now_unix_ms >= starts.saturating_sub(before_ms)
    }
}

/// What a cancellation costs when it comes late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancellationFee {
    /// It applies when the show starts in less than this, in milliseconds.
    pub within_ms: u64,
    /// Part of the price that is kept, in hundredths of a percent.
    pub price_bp: u16,
    /// Kept for each place besides, in minor units. Never more than the price is kept.
    pub fixed_minor: i64,
}

/// A control at the door: who may pass there, each ticket once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInList {
    /// Its name, unique in the show.
    pub name: String,
    /// Indices of the products whose tickets may pass; empty means all.
    pub products: Vec<u16>,
}

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
    /// When it is sold, inside the window of the show.
    pub window: SaleWindow,
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
    /// How long an order may wait for a payment that people make by themselves, such as a bank transfer, in milliseconds.
    pub transfer_deadline_ms: u64,
    /// When it is sold, as long as its sale is open.
    pub window: SaleWindow,
    /// Most places that one buyer may hold and own.
    pub per_buyer_max: Option<u32>,
    /// What happens to money that comes too late.
    pub late_payment: LatePayment,
    /// What late cancellations cost; the smallest `within_ms` that applies counts.
    pub cancellation_fees: Vec<CancellationFee>,
    /// Controls at the door.
    pub check_in_lists: Vec<CheckInList>,
    /// Rules for its numbered seats.
    pub seating: SeatingRules,
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

impl SaleState {
    /// Its name at the edge.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
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
        if !(ORDER_DEADLINE_MS_MIN..=TRANSFER_DEADLINE_MS_MAX).contains(&self.transfer_deadline_ms) {
            return refuse(format!("an order cannot wait {} ms for a transfer; 1 s to 92 days is possible", self.transfer_deadline_ms));
        }
        if self.window.is_empty() {
            return refuse("its sale would close before it opens".into());
        }
        if self.per_buyer_max == Some(0) {
            return refuse("nobody could buy anything: the limit for each buyer is 0".into());
        }
        if self.seating.accessible_released_before_start_ms.is_some() && self.starts_at_unix_ms.is_none() {
            return refuse("its accessible seats are released before it starts, and it does not say when that is".into());
        }
        self.check_fees()?;
        self.check_lists()?;
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
            if product.window.is_empty() {
                return refuse(format!("the sale of product \"{name}\" would close before it opens"));
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

    fn check_fees(&self) -> Result<(), Rejection> {
        let refuse = |what: String| Err(Rejection::InvalidShow { what });
        if self.cancellation_fees.len() > RULES_MAX {
            return refuse(format!("it has more than {RULES_MAX} cancellation fees"));
        }
        if !self.cancellation_fees.is_empty() && self.starts_at_unix_ms.is_none() {
            return refuse("its cancellation fees depend on when it starts, and it does not say when".into());
        }
        for (index, fee) in self.cancellation_fees.iter().enumerate() {
            if i64::from(fee.price_bp) > BASIS_POINTS || fee.fixed_minor < 0 {
                return refuse("a cancellation fee is from 0 to 100 % of the price and not negative".into());
            }
            if self.cancellation_fees[..index].iter().any(|other| other.within_ms == fee.within_ms) {
                return refuse(format!("two cancellation fees apply from {} ms before the start", fee.within_ms));
            }
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), Rejection> {
        let refuse = |what: String| Err(Rejection::InvalidShow { what });
        if self.check_in_lists.is_empty() || self.check_in_lists.len() > RULES_MAX {
            return refuse(format!("a show has 1 to {RULES_MAX} check-in lists"));
        }
        for (index, list) in self.check_in_lists.iter().enumerate() {
            if self.check_in_lists[..index].iter().any(|other| other.name == list.name) {
                return refuse(format!("check-in list \"{}\" is there twice", list.name));
            }
            if list.products.iter().any(|product| usize::from(*product) >= self.products.len()) {
                return refuse(format!("check-in list \"{}\" names a product that does not exist", list.name));
            }
        }
        Ok(())
    }

    /// What is kept of a price when a place is cancelled now.
    #[must_use]
    pub fn cancellation_fee_minor(&self, price_minor: i64, now_unix_ms: u64) -> i64 {
        let Some(starts) = self.starts_at_unix_ms else { return 0 };
        let applies = |fee: &&CancellationFee| starts.saturating_sub(now_unix_ms) < fee.within_ms;
        let Some(fee) = self.cancellation_fees.iter().filter(applies).min_by_key(|fee| fee.within_ms) else { return 0 };
        // Rounded up to a whole minor unit, in 128 bits because a price may be as large as an amount can be.
        let whole = i128::from(BASIS_POINTS);
        let part = (i128::from(price_minor) * i128::from(fee.price_bp) + whole - 1) / whole + i128::from(fee.fixed_minor);
        i64::try_from(part).unwrap_or(i64::MAX).min(price_minor)
    }
}
