//! A show as it sells: the names of its seats and what is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::inventory::Inventory;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};

/// A show.
#[derive(Debug)]
pub struct ShowView {
    /// What it is.
    pub definition: Arc<ShowDefinition>,
    /// Its seats.
    pub plan: Arc<SeatingPlan>,
    /// Seats by label path; shared, because it never changes.
    pub seats_by_label: Arc<BTreeMap<String, u32>>,
    /// Whether it is on sale.
    pub sale: SaleState,
    /// What is left.
    pub inventory: Inventory,
    /// Offset of the last record that changed it.
    pub changed_at_offset: u64,
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
        let seats_by_label = Arc::new(plan.labels());
        Self { definition, plan, seats_by_label, sale: SaleState::Draft, inventory, changed_at_offset: offset }
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
