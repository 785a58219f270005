//! What may be held at all: the sale and its windows, what a product sells, and how much one buyer may have.
//!
//! Must never be true: a place sold outside its window; a buyer who holds and owns more than the show allows.

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{Admits, SaleState, SaleWindow, ShowDefinition};
use guichet_domain::{HoldId, ShowId};

use crate::fold::{Audit, Line, Show};
use crate::report::Rule;

impl Audit {
    /// Checks a new hold; says whether its show is known at all.
    pub(crate) fn sale_rules(&mut self, hold: HoldId, line: &Line) -> bool {
        let Some(Show(definition, plan, sale, _)) = self.shows.get(&line.show) else {
            self.found(Rule::UnknownShow, format!("hold {hold} is of show {}", line.show));
            return false;
        };
        let now = self.stamp_unix_ms;
        let products = line.items.iter().filter_map(|item| definition.products.get(usize::from(item.product)));
        let rules = [
            (*sale == SaleState::Open, Rule::SaleWasNotOpen),
            (line.items.iter().all(|item| sells(definition, plan, item)), Rule::SeatOutsideProduct),
            (products.map(|product| product.window).chain([definition.window]).all(|window| is_open(window, now)), Rule::OutsideItsWindow),
            (definition.per_buyer_max.is_none() || line.buyer.is_some(), Rule::BuyerUnknown),
        ];
        for (holds, rule) in rules {
            self.check(holds, rule, || format!("hold {hold}"));
        }
        true
    }

    /// Counts a line for its buyer, where its show has a limit: `had` before, `has` now.
    pub(crate) fn count_buyer(&mut self, line: &Line, had: bool, has: bool) {
        let limit = self.shows.get(&line.show).and_then(|show| show.0.per_buyer_max);
        let (Some(limit), Some(buyer), true) = (limit, line.buyer, had != has) else { return };
        let places = count(&line.items);
        let sum = self.buyers.entry((line.show, buyer)).or_default();
        let before = *sum;
        *sum = if has { before + places } else { before.saturating_sub(places) };
        let after = *sum;
        if let Some(others) = self.buyers_with.get_mut(&(line.show, before)) {
            *others = others.saturating_sub(1);
        }
        *self.buyers_with.entry((line.show, after)).or_default() += 1;
        let within = !has || after <= u64::from(limit);
        self.check(within, Rule::BuyerAboveLimit, || format!("{after} places of show {} are one buyer's, {limit} are allowed", line.show));
    }

    /// What an item costs.
    pub(crate) fn price(&self, show: ShowId, item: &HoldItem) -> i128 {
        let product = self.shows.get(&show).and_then(|show| show.0.products.get(usize::from(item.product)));
        product.map_or(0, |product| i128::from(product.price_minor) * i128::from(item.claim.quantity()))
    }
}

/// How many places items claim.
pub(crate) fn count(items: &[HoldItem]) -> u64 {
    items.iter().map(|item| u64::from(item.claim.quantity())).sum()
}

/// From its opening on, until before its close.
pub(crate) fn is_open(window: SaleWindow, now_unix_ms: u64) -> bool {
    let (opens, closes) = (window.opens_at_unix_ms.unwrap_or(0), window.closes_at_unix_ms);
    opens <= now_unix_ms && closes.is_none_or(|closes| closes > now_unix_ms)
}

/// Whether the item is something that its product sells.
fn sells(definition: &ShowDefinition, plan: &SeatingPlan, item: &HoldItem) -> bool {
    let Some(product) = definition.products.get(usize::from(item.product)) else { return false };
    match (&item.claim, &product.admits) {
        (Claim::Seats(seats), Admits::Seats { categories }) => {
            let fits =
                |seat: &u32| plan.seats.get(*seat as usize).is_some_and(|seat| !seat.withdrawn && categories.contains(&seat.category));
            seats.iter().all(fits)
        }
        (Claim::Quantity(_), Admits::Quantity) => true,
        _ => false,
    }
}
