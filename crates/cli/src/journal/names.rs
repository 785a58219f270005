//! What earlier events say about the things that later ones name. The names of products and seats come from the show's own event, which
//! stands before all that uses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_api::{HoldItem, Money};
use guichet_core::domain::Record;
use guichet_core::domain::hold::{self, Claim};
use guichet_core::domain::saga::{self, SagaRef};
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::ShowDefinition;
use guichet_core::{Event, OrderId, SagaId, ShowId};
use serde_json::{Value, json};

/// What is known by name.
#[derive(Default)]
pub(crate) struct Names {
    shows: BTreeMap<ShowId, (Arc<ShowDefinition>, Option<Arc<SeatingPlan>>)>,
    orders: BTreeMap<OrderId, ShowId>,
    sagas: BTreeMap<SagaId, SagaRef>,
}

impl Names {
    /// Learns from a record.
    pub(crate) fn learn(&mut self, record: &Record) {
        for event in record.events() {
            match event {
                Event::ShowCreated { definition } => {
                    self.shows.insert(definition.id, (Arc::clone(definition), None));
                }
                Event::ShowAdopted { definition, plan } => {
                    self.shows.insert(definition.id, (Arc::clone(definition), Some(Arc::clone(plan))));
                }
                Event::PlanRevised { show, plan, .. } => {
                    if let Some((_, known)) = self.shows.get_mut(show) {
                        *known = Some(Arc::clone(plan));
                    }
                }
                Event::OrderPlaced { order, show, .. } => {
                    self.orders.insert(*order, *show);
                }
                Event::SagaStarted { saga, definition, .. } => {
                    self.sagas.insert(*saga, *definition);
                }
                _ => {}
            }
        }
    }

    pub(super) fn show(&self, show: ShowId) -> Option<&ShowDefinition> {
        self.shows.get(&show).map(|(definition, _)| &**definition)
    }

    pub(super) fn product(&self, show: ShowId, product: u16) -> String {
        let known = self.show(show).and_then(|show| show.products.get(usize::from(product)));
        known.map_or_else(|| format!("product number {product}"), |product| product.name.clone())
    }

    pub(super) fn quota(&self, show: ShowId, quota: u16) -> String {
        let known = self.show(show).and_then(|show| show.quotas.get(usize::from(quota)));
        known.map_or_else(|| format!("quota number {quota}"), |quota| quota.name.clone())
    }

    pub(super) fn seat(&self, show: ShowId, seat: u32) -> String {
        let plan = self.shows.get(&show).and_then(|(_, plan)| plan.as_ref());
        let plan = plan.filter(|plan| (seat as usize) < plan.seats.len());
        plan.map_or_else(|| format!("seat number {seat}"), |plan| plan.seat_label(seat))
    }

    pub(super) fn items(&self, show: ShowId, items: &[hold::HoldItem]) -> Vec<HoldItem> {
        let item = |item: &hold::HoldItem| {
            let product = self.product(show, item.product);
            match &item.claim {
                Claim::Seats(seats) => HoldItem::seats(product, seats.iter().map(|seat| self.seat(show, *seat))),
                Claim::Quantity(quantity) => HoldItem::quantity(product, *quantity),
            }
        };
        items.iter().map(item).collect()
    }

    pub(super) fn seats(&self, show: ShowId, seats: &[u32]) -> Vec<String> {
        seats.iter().map(|seat| self.seat(show, *seat)).collect()
    }

    /// An amount of an order.
    pub(super) fn money_of(&self, order: OrderId, amount_minor: i64) -> Value {
        self.money(self.orders.get(&order).copied(), amount_minor)
    }

    /// Without a known show the currency is left out: minor units of nothing known.
    pub(super) fn money(&self, show: Option<ShowId>, amount_minor: i64) -> Value {
        match show.and_then(|show| self.show(show)) {
            Some(show) => json!(Money::new(amount_minor, show.currency.code())),
            None => json!({"amount_minor": amount_minor}),
        }
    }

    pub(super) fn step(&self, saga: SagaId, step: u8) -> Value {
        let definition = self.sagas.get(&saga).and_then(|reference| saga::definition(*reference));
        definition.and_then(|definition| definition.steps.get(usize::from(step))).map_or_else(|| json!(step), |step| json!(step.name))
    }
}
