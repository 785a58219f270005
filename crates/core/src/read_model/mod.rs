//! What a partition looks like from outside: the live part of the queries, in memory, fed by durable records.
//!
//! Everything here follows the journal and can be dropped and rebuilt. Holds and orders that have ended stay for a while and then
//! live in the store alone; [`ReadModel::forget_ended`] says how long.

mod catalogue;
mod layout;
mod order_view;
mod show_view;

pub(crate) use catalogue::Catalogue;
pub use order_view::{OrderView, PositionView, SagaView};
pub use show_view::{QuotaView, ShowView};

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_domain::dense::Dense;
use guichet_domain::hold::HoldItem;
use guichet_domain::inventory::Move;
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId};
use rustc_hash::FxHashMap;

use crate::shard::DurableBatch;

/// Ended holds and orders kept in memory beyond what the store has: enough that a buyer who looks again finds them fast.
const ENDED_KEPT: usize = 50_000;

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// Claims its places.
    Live,
    /// Belongs to an order that is not booked yet.
    InOrder,
    /// Became a sale.
    Booked,
    /// Given back by its owner or its order.
    Released,
    /// Ended by itself.
    Expired,
}

/// A hold, for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// The show.
    pub show: ShowId,
    /// What it claims.
    pub items: Arc<[HoldItem]>,
    /// When it ends by itself.
    pub expires_at_unix_ms: u64,
    /// Where it stands.
    pub state: HoldState,
    /// The order that took it.
    pub order: Option<OrderId>,
}

/// What has ended with a batch, for the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A hold.
    Hold(HoldId),
    /// An order.
    Order(OrderId),
}

/// The live projection of one partition.
#[derive(Debug, Default)]
pub(crate) struct ReadModel {
    /// Offset up to which (exclusive) records are in.
    pub next_offset: u64,
    /// Logged time of the last batch.
    pub stamp_unix_ms: u64,
    /// Venues, shows and keys; only partition 0 has any.
    pub catalogue: Catalogue,
    shows: FxHashMap<ShowId, ShowView>,
    holds: Dense<HoldView>,
    orders: Dense<OrderView>,
    sagas: FxHashMap<SagaId, OrderId>,
    ended: VecDeque<(u64, Ended)>,
}

impl ReadModel {
    /// Takes a durable batch in.
    pub(crate) fn apply(&mut self, batch: &DurableBatch) {
        self.stamp_unix_ms = self.stamp_unix_ms.max(batch.stamp_unix_ms);
        for (offset, record) in &batch.records {
            for event in record.events() {
                self.apply_event(*offset, batch.stamp_unix_ms, event);
            }
        }
        self.next_offset = batch.next_offset;
    }

    fn apply_event(&mut self, offset: u64, stamp_unix_ms: u64, event: &Event) {
        self.catalogue.apply(event);
        match event {
            Event::ShowAdopted { definition, plan } => {
                self.shows.insert(definition.id, ShowView::new(Arc::clone(definition), Arc::clone(plan), offset));
            }
            Event::SaleStateChanged { show, state } => {
                if let Some(show) = self.shows.get_mut(show) {
                    show.sale = *state;
                    show.changed_at_offset = offset;
                }
            }
            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, .. } => {
                let expires_at_unix_ms = *expires_at_unix_ms;
                let view =
                    HoldView { id: *hold, show: *show, items: Arc::clone(items), expires_at_unix_ms, state: HoldState::Live, order: None };
                self.shift(*show, items, Move::Hold, offset);
                self.holds.insert(hold.sequence(), view);
            }
            Event::HoldExtended { hold, expires_at_unix_ms } => {
                if let Some(hold) = self.holds.get_mut(hold.sequence()) {
                    hold.expires_at_unix_ms = *expires_at_unix_ms;
                }
            }
            Event::HoldReleased { hold } => self.end_hold(*hold, HoldState::Released, Move::Release, offset),
            Event::HoldExpired { hold } => self.end_hold(*hold, HoldState::Expired, Move::Release, offset),
            Event::ReopenGraceGranted { until_unix_ms } => {
                let live = self.holds.values_mut().filter(|hold| matches!(hold.state, HoldState::Live | HoldState::InOrder));
                live.for_each(|hold| hold.expires_at_unix_ms = hold.expires_at_unix_ms.max(*until_unix_ms));
            }
            Event::OrderPlaced { order, saga, show, holds, total_minor, payment, deadline_unix_ms, buyer } => {
                let mut items = Vec::new();
                for hold in holds {
                    if let Some(hold) = self.holds.get_mut(hold.sequence()) {
                        hold.state = HoldState::InOrder;
                        hold.order = Some(*order);
                        hold.expires_at_unix_ms = *deadline_unix_ms;
                        items.push(Arc::clone(&hold.items));
                    }
                }
                let definition = self.shows.get(show).map(|show| Arc::clone(&show.definition));
                if let Some(definition) = definition {
                    self.sagas.insert(*saga, *order);
                    let mut view = OrderView::new(*order, *saga, &definition, holds, items, *total_minor, &payment.provider, stamp_unix_ms);
                    view.deadline_unix_ms = *deadline_unix_ms;
                    view.buyer = *buyer;
                    self.orders.insert(order.sequence(), view);
                }
            }
            Event::SeatsBooked { order, first_ticket, .. } => {
                let Some(view) = self.orders.get_mut(order.sequence()) else { return };
                view.first_ticket = Some(*first_ticket);
                for hold in view.holds.clone() {
                    self.end_hold(hold, HoldState::Booked, Move::Book, offset);
                }
            }
            Event::BookingReversed { order } => {
                let Some(view) = self.orders.get_mut(order.sequence()) else { return };
                view.first_ticket = None;
                let (show, items) = (view.show, view.items.clone());
                items.iter().for_each(|items| self.shift(show, items, Move::Unbook, offset));
            }
            _ => self.apply_to_order(offset, stamp_unix_ms, event),
        }
    }

    fn apply_to_order(&mut self, offset: u64, stamp_unix_ms: u64, event: &Event) {
        let order = order_view::subject(event, &self.sagas);
        let Some(view) = order.and_then(|order| self.orders.get_mut(order.sequence())) else { return };
        let ended_before = view.ended();
        view.apply(event);
        view.updated_at_unix_ms = stamp_unix_ms;
        if view.ended() && !ended_before {
            self.sagas.remove(&view.saga);
            self.ended.push_back((offset, Ended::Order(view.id)));
        }
    }

    fn end_hold(&mut self, id: HoldId, state: HoldState, way: Move, offset: u64) {
        let Some(hold) = self.holds.get_mut(id.sequence()) else { return };
        hold.state = state;
        let (show, items) = (hold.show, Arc::clone(&hold.items));
        self.shift(show, &items, way, offset);
        self.ended.push_back((offset, Ended::Hold(id)));
    }

    fn shift(&mut self, show: ShowId, items: &[HoldItem], way: Move, offset: u64) {
        if let Some(show) = self.shows.get_mut(&show) {
            show.inventory.shift(&show.definition, items, way);
            show.changed_at_offset = offset;
        }
    }

    /// Lets go of what has ended and is in the store (which has everything below `stored_offset`), but for the last few.
    pub(crate) fn forget_ended(&mut self, stored_offset: u64) {
        while self.ended.len() > ENDED_KEPT && self.ended.front().is_some_and(|(offset, _)| *offset < stored_offset) {
            match self.ended.pop_front() {
                Some((_, Ended::Hold(hold))) => drop(self.holds.remove(hold.sequence())),
                Some((_, Ended::Order(order))) => drop(self.orders.remove(order.sequence())),
                None => {}
            }
        }
    }

    /// All shows of this partition.
    pub(crate) fn shows(&self) -> impl Iterator<Item = &ShowView> {
        self.shows.values()
    }

    /// A show.
    #[must_use]
    pub(crate) fn show(&self, id: ShowId) -> Option<&ShowView> {
        self.shows.get(&id)
    }

    /// A hold that is live or has ended not long ago.
    #[must_use]
    pub(crate) fn hold(&self, id: HoldId) -> Option<&HoldView> {
        self.holds.get(id.sequence()).filter(|hold| hold.id == id)
    }

    /// An order that is under way or has ended not long ago.
    #[must_use]
    pub(crate) fn order(&self, id: OrderId) -> Option<&OrderView> {
        self.orders.get(id.sequence()).filter(|order| order.id == id)
    }

    /// Orders whose saga has not ended.
    #[must_use]
    pub(crate) fn live_orders(&self) -> usize {
        self.sagas.len()
    }
}
