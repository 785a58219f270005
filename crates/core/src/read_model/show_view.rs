//! A show as it sells: the names of its seats and what is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::inventory::{Inventory, Move};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};

use super::PositionView;
use super::seat_names::SeatNames;

/// A show.
#[derive(Debug, PartialEq)]
pub struct ShowView {
    /// What it is.
    pub definition: Arc<ShowDefinition>,
    /// Its seats.
    pub plan: Arc<SeatingPlan>,
    /// Seats on sale by label path; shared by all shows of one plan.
    pub(super) names: Arc<SeatNames>,
    /// Whether it is on sale.
    pub sale: SaleState,
    /// What is left.
    pub inventory: Inventory,
    /// What was sold of each product.
    pub products: Vec<ProductTally>,
    /// Why seats are blocked.
    pub blocked: BTreeMap<u32, Arc<str>>,
    /// Offset of the last record that changed it.
    pub changed_at_offset: u64,
}

/// One product, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductTally {
    /// Places in live holds.
    pub held: u64,
    /// Places sold and not cancelled.
    pub booked: u64,
    /// Places cancelled after the sale.
    pub cancelled: u64,
    /// What was kept of the prices of cancelled places, in minor units.
    pub fees_minor: i64,
}

/// One quota, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaView {
    /// Its name.
    pub name: String,
    /// Its limit.
    pub size: u32,
    /// In live holds.
    pub held: u32,
    /// Sold.
    pub booked: u32,
}

impl ShowView {
    pub(super) fn new(definition: Arc<ShowDefinition>, plan: Arc<SeatingPlan>, offset: u64) -> Self {
        let inventory = Inventory::new(&plan, &definition.quotas);
        let names = Arc::new(SeatNames::of(&plan));
        let (products, blocked) = (vec![ProductTally::default(); definition.products.len()], BTreeMap::new());
        Self { definition, plan, names, sale: SaleState::Draft, inventory, products, blocked, changed_at_offset: offset }
    }

    /// The number of a seat on sale, by its label path.
    #[must_use]
    pub fn seat(&self, label: &str) -> Option<u32> {
        self.names.seat(&self.plan, label)
    }

    /// The label path of some seat, to show what they look like; none where nothing has a number.
    #[must_use]
    pub fn example_seat(&self) -> Option<String> {
        self.plan.rows.iter().find_map(|row| row.seats.first()).map(|seat| self.plan.seat_label(*seat))
    }

    pub(super) fn shift(&mut self, items: &[HoldItem], way: Move) {
        self.inventory.shift(&self.definition, items, way);
        for item in items {
            let Some(tally) = self.products.get_mut(usize::from(item.product)) else { continue };
            let places = u64::from(item.claim.quantity());
            match way {
                Move::Hold => tally.held += places,
                Move::Release => tally.held -= places,
                Move::Book => (tally.held, tally.booked) = (tally.held - places, tally.booked + places),
                Move::Unbook => tally.booked -= places,
                Move::Sell => tally.booked += places,
            }
        }
    }

    pub(super) fn cancel(&mut self, position: &PositionView, fee_minor: i64) {
        let claim = position.seat.map_or(Claim::Quantity(1), |seat| Claim::Seats(vec![seat]));
        self.shift(&[HoldItem { product: position.product, claim }], Move::Unbook);
        if let Some(tally) = self.products.get_mut(usize::from(position.product)) {
            tally.cancelled += 1;
            tally.fees_minor += fee_minor;
        }
    }

    /// Takes seats from sale with a reason, or gives them back.
    pub(super) fn block(&mut self, seats: &[u32], reason: Option<&String>) {
        self.inventory.block(seats, reason.is_some());
        let reason: Option<Arc<str>> = reason.map(|reason| reason.as_str().into());
        for seat in seats {
            match &reason {
                Some(reason) => drop(self.blocked.insert(*seat, Arc::clone(reason))),
                None => drop(self.blocked.remove(seat)),
            }
        }
    }

    /// Goes over to a revised plan. Whatever a seat was blocked for ends when it is withdrawn.
    pub(super) fn revise(&mut self, plan: &Arc<SeatingPlan>, added: &[u32], withdrawn: &[u32]) {
        self.inventory.revise(plan, added, withdrawn);
        withdrawn.iter().for_each(|seat| drop(self.blocked.remove(seat)));
        self.names = Arc::new(SeatNames::of(plan));
        self.plan = Arc::clone(plan);
    }

    pub(crate) fn prices_minor(&self, items: &[HoldItem]) -> Vec<i64> {
        let price = |item: &HoldItem| self.definition.products.get(usize::from(item.product)).map_or(0, |product| product.price_minor);
        items.iter().map(price).collect()
    }

    /// Its quotas, counted.
    pub fn quotas(&self) -> impl Iterator<Item = QuotaView> + '_ {
        self.definition.quotas.iter().zip(&self.inventory.quotas).map(|(quota, count)| QuotaView {
            name: quota.name.clone(),
            size: count.size,
            held: count.held,
            booked: count.booked,
        })
    }
}
