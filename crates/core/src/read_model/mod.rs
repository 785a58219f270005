//! What a partition looks like from outside: the live part of the queries, in memory, fed by durable records.
//!
//! Everything here follows the journal and can be dropped and rebuilt. Holds and orders that have ended stay for a while and then
//! live in the store alone; [`ReadModel::forget_ended`] says how long. An order that changes after that, because it is cancelled or
//! somebody comes to the door with its ticket, is brought back from the store first: [`ReadModel::missing`] names it.

mod catalogue;
mod layout;
mod order_view;
mod parts;
mod seat_names;
mod show_view;

pub(crate) use catalogue::Catalogue;
pub use order_view::{LateView, LineView, OrderView, PositionView, RefundView, SagaView};
pub(crate) use parts::{ModelParts, ShowRest};
pub use seat_names::SeatNames;
pub use show_view::{ProductTally, QuotaView, ShowView};

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_domain::dense::Dense;
use guichet_domain::hold::HoldItem;
use guichet_domain::inventory::Move;
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::shard::DurableBatch;
use crate::store::{Row, Store};

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
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ReadModel {
    /// Offset up to which (exclusive) records are in.
    pub next_offset: u64,
    /// Logged time of the last batch.
    pub stamp_unix_ms: u64,
    /// Some of what ended below this offset has been forgotten; everything that ended later is still here.
    pub forgotten_below: u64,
    /// Venues, shows and keys; only partition 0 has any.
    pub catalogue: Catalogue,
    shows: FxHashMap<ShowId, ShowView>,
    holds: Dense<HoldView>,
    orders: Dense<OrderView>,
    sagas: FxHashMap<SagaId, OrderId>,
    /// Parts of orders of other partitions that are not decided yet, by the sagas that drive them.
    parts: FxHashMap<SagaId, OrderId>,
    ended: VecDeque<(u64, Ended)>,
}

/// Where an event stands, and when it was decided.
#[derive(Clone, Copy)]
struct At {
    offset: u64,
    /// Its place in its record.
    index: u32,
    stamp_unix_ms: u64,
}

impl ReadModel {
    /// Takes a durable batch in.
    pub(crate) fn apply(&mut self, batch: &DurableBatch) {
        self.stamp_unix_ms = self.stamp_unix_ms.max(batch.stamp_unix_ms);
        for (offset, record) in &batch.records {
            for (index, event) in (0..).zip(record.events()) {
                self.apply_event(At { offset: *offset, index, stamp_unix_ms: batch.stamp_unix_ms }, event);
            }
        }
        self.next_offset = batch.next_offset;
    }

    fn apply_event(&mut self, at: At, event: &Event) {
        let At { offset, stamp_unix_ms, .. } = at;
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
            Event::PlanRevised { show, plan, added, withdrawn, .. } => {
                self.with_show_changed(*show, offset, |show| show.revise(plan, added, withdrawn));
            }
            Event::SeatsBlocked { show, seats, reason } => self.with_show_changed(*show, offset, |show| show.block(seats, Some(reason))),
            Event::SeatsUnblocked { show, seats } => self.with_show_changed(*show, offset, |show| show.block(seats, None)),
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
                // What a part has pinned has no time of its own.
                let orders = &self.orders;
                let pinned = |hold: &HoldView| {
                    hold.order.and_then(|order| orders.get(order.sequence())).is_some_and(|order| order.part_of.is_some())
                };
                let live = self.holds.values_mut().filter(|hold| matches!(hold.state, HoldState::Live | HoldState::InOrder));
                live.filter(|hold| !pinned(hold)).for_each(|hold| hold.expires_at_unix_ms = hold.expires_at_unix_ms.max(*until_unix_ms));
            }
            Event::OrderPlaced { order, show, holds, deadline_unix_ms, .. }
            | Event::PartPlaced { order, show, holds, deadline_unix_ms, .. } => {
                if let Event::PartPlaced { saga, .. } = event {
                    self.parts.insert(*saga, *order);
                }
                let mut lines = Vec::with_capacity(holds.len());
                for hold in holds {
                    let Some(hold) = self.holds.get_mut(hold.sequence()) else { continue };
                    hold.state = HoldState::InOrder;
                    hold.order = Some(*order);
                    hold.expires_at_unix_ms = *deadline_unix_ms;
                    let (show, items) = (hold.show, Arc::clone(&hold.items));
                    let prices_minor = self.shows.get(&show).map(|show| show.prices_minor(&items)).unwrap_or_default();
                    lines.push(LineView { show, items, prices_minor });
                }
                let home = self.shows.get(show);
                if let Some(view) = home.and_then(|home| order_view::placed(event, lines, home, stamp_unix_ms)) {
                    self.orders.insert(order.sequence(), view);
                }
            }
            Event::SeatsBooked { order, .. } => {
                let holds = self.orders.get(order.sequence()).map(|view| view.holds.clone()).unwrap_or_default();
                holds.into_iter().for_each(|hold| self.end_hold(hold, HoldState::Booked, Move::Book, offset));
                self.apply_to_order(at, event);
            }
            Event::BookingReversed { order } => {
                let lines = self.orders.get(order.sequence()).map(|view| view.lines.clone()).unwrap_or_default();
                lines.iter().for_each(|line| self.shift(line.show, &line.items, Move::Unbook, offset));
                self.apply_to_order(at, event);
            }
            Event::PositionsCancelled { order, positions, fees_minor, .. } => {
                let bought = self.orders.get(order.sequence()).map(OrderView::positions).unwrap_or_default();
                for (position, fee_minor) in positions.iter().zip(fees_minor) {
                    if let Some(position) = bought.get(*position as usize) {
                        self.with_show_changed(position.show, offset, |show| show.cancel(position, *fee_minor));
                    }
                }
                self.apply_to_order(at, event);
            }
            Event::OrderReinstated { order, items, .. } => {
                let lines = self.orders.get(order.sequence()).map(|view| view.lines.clone()).unwrap_or_default();
                lines.iter().zip(items).for_each(|(line, items)| self.shift(line.show, items, Move::Sell, offset));
                self.apply_to_order(at, event);
            }
            Event::SagaStarted { saga, order, .. } => {
                self.sagas.insert(*saga, *order);
                self.apply_to_order(at, event);
            }
            _ => self.apply_to_order(at, event),
        }
    }

    fn apply_to_order(&mut self, at: At, event: &Event) {
        let At { offset, index, stamp_unix_ms } = at;
        let driven = event.saga().and_then(|saga| self.sagas.get(&saga).copied());
        if let Event::SagaCompleted { saga } | Event::SagaCompensated { saga } = event {
            self.sagas.remove(saga);
        }
        let order = event.order().or(driven);
        let Some(view) = order.and_then(|order| self.orders.get_mut(order.sequence())) else { return };
        // One that was brought back from the store may be further than the journal has been read so far.
        if (offset, index) <= (view.changed_at_offset, view.changed_at_index) {
            return;
        }
        view.apply(event);
        view.updated_at_unix_ms = stamp_unix_ms;
        (view.changed_at_offset, view.changed_at_index) = (offset, index);
        if view.ended() {
            if view.part_of.is_some() {
                self.parts.remove(&view.saga);
            }
            let ended = (offset, Ended::Order(view.id));
            if self.ended.back() != Some(&ended) {
                self.ended.push_back(ended);
            }
        }
    }

    /// Brings back what a batch changes and what is in the store alone. Goes before [`ReadModel::apply`]; what is not to be found is
    /// said, and its places are then counted wrongly, which `verify` finds.
    pub(crate) fn bring_back_for(&mut self, batch: &DurableBatch, store: &dyn Store) {
        for order in self.missing(batch) {
            match store.get(batch.partition, &OrderView::key(order)).and_then(|row| row.map(|row| OrderView::from_bytes(&row)).transpose())
            {
                Ok(Some(view)) => drop(self.orders.insert(order.sequence(), view)),
                Ok(None) => tracing::error!(%order, "an order that is changed is neither in memory nor in the lists"),
                Err(error) => tracing::error!(%order, %error, "an order that is changed cannot be read from the lists"),
            }
        }
    }

    /// Orders that a batch changes and that are not here: those that ended long ago.
    pub(crate) fn missing(&self, batch: &DurableBatch) -> Vec<OrderId> {
        let (mut placed, mut missing) = (FxHashSet::default(), Vec::new());
        for event in batch.records.iter().flat_map(|(_, record)| record.events()) {
            if let Event::OrderPlaced { order, .. } | Event::PartPlaced { order, .. } = event {
                placed.insert(*order);
            }
            let order = event.order().or_else(|| event.saga().and_then(|saga| self.sagas.get(&saga).copied()));
            if let Some(order) = order.filter(|order| self.order(*order).is_none() && !placed.contains(order) && !missing.contains(order)) {
                missing.push(order);
            }
        }
        missing
    }

    fn end_hold(&mut self, id: HoldId, state: HoldState, way: Move, offset: u64) {
        let Some(hold) = self.holds.get_mut(id.sequence()) else { return };
        hold.state = state;
        let (show, items) = (hold.show, Arc::clone(&hold.items));
        self.shift(show, &items, way, offset);
        self.ended.push_back((offset, Ended::Hold(id)));
    }

    fn shift(&mut self, show: ShowId, items: &[HoldItem], way: Move, offset: u64) {
        self.with_show_changed(show, offset, |show| show.shift(items, way));
    }

    fn with_show_changed(&mut self, show: ShowId, offset: u64, change: impl FnOnce(&mut ShowView)) {
        if let Some(show) = self.shows.get_mut(&show) {
            change(show);
            show.changed_at_offset = offset;
        }
    }

    /// Lets go of what has ended and is in the store (which has everything below `stored_offset`), but for the last few.
    pub(crate) fn forget_ended(&mut self, stored_offset: u64) {
        while self.ended.len() > ENDED_KEPT && self.ended.front().is_some_and(|(offset, _)| *offset < stored_offset) {
            let Some((offset, ended)) = self.ended.pop_front() else { return };
            self.forgotten_below = offset + 1;
            match ended {
                Ended::Hold(hold) => drop(self.holds.remove(hold.sequence())),
                Ended::Order(order) => {
                    // Changed again since: a later entry of the queue stands for it.
                    let at_rest = |view: &OrderView| view.ended() && view.changed_at_offset == offset;
                    if self.orders.get(order.sequence()).is_some_and(at_rest) {
                        self.orders.remove(order.sequence());
                    }
                }
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

    /// The part that a saga of another partition has here, as long as it is not decided.
    #[must_use]
    pub(crate) fn part_of_saga(&self, saga: SagaId) -> Option<OrderId> {
        self.parts.get(&saga).copied()
    }

    /// The orders in memory: those under way, and those that ended not long ago.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &OrderView> {
        self.orders.values()
    }

    /// An order by its number in this partition.
    #[must_use]
    pub(crate) fn order_by_number(&self, number: u64) -> Option<&OrderView> {
        self.orders.get(number)
    }

    /// The order of a saga: of any that has not ended, and of those that an order in memory names.
    #[must_use]
    pub(crate) fn order_of_saga(&self, saga: SagaId) -> Option<OrderId> {
        let names_it = |order: &&OrderView| order.saga == saga || order.refunds.iter().any(|refund| refund.saga == saga);
        self.sagas.get(&saga).copied().or_else(|| self.orders.values().find(names_it).map(|order| order.id))
    }

    /// Sagas that have not ended.
    #[must_use]
    pub(crate) fn live_sagas(&self) -> usize {
        self.sagas.len()
    }
}
