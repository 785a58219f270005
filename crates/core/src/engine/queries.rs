//! Queries: answered from the projections, never by a shard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::order::{OrderState, PaymentState, order_of_code};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{HoldId, OrderId, SagaId, ShowId, VenueId};

use super::{Fault, Guichet, Invalid, Partition};
use crate::feed::Feed;
use crate::position::Position;
use crate::read_model::{HoldView, OrderView, ShowView};
use crate::store::{Row, StoreError, Table, order_number_key};
use crate::verify::{Counted, ShowCount};

/// Longest that a query waits for a position.
const POSITION_PATIENCE: Duration = Duration::from_secs(5);
/// Longest that the name of a show is waited for: it is durable already, only the projection is behind.
const SHOW_PATIENCE: Duration = Duration::from_secs(1);

/// Which orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only of this show.
    pub show: Option<ShowId>,
    /// Only orders all of whose places are of these shows.
    pub shows: Option<BTreeSet<ShowId>>,
    /// Only in this state.
    pub state: Option<OrderState>,
    /// Only with this state of the payment.
    pub payment: Option<PaymentState>,
    /// Only paid through this provider.
    pub provider: Option<String>,
    /// Only placed at this time or later.
    pub placed_from_unix_ms: Option<u64>,
    /// Only placed before this time.
    pub placed_before_unix_ms: Option<u64>,
}

impl OrderFilter {
    /// Whether an order is one of them.
    #[must_use]
    pub fn fits(&self, order: &OrderView) -> bool {
        self.show.is_none_or(|show| order.lines.iter().any(|line| line.show == show))
            && self.shows.as_ref().is_none_or(|shows| order.lines.iter().all(|line| shows.contains(&line.show)))
            && self.state.is_none_or(|state| order.state == state)
            && self.payment.is_none_or(|payment| order.payment == payment)
            && self.provider.as_ref().is_none_or(|provider| order.provider == *provider)
            && self.placed_from_unix_ms.is_none_or(|from| order.placed_at_unix_ms >= from)
            && self.placed_before_unix_ms.is_none_or(|before| order.placed_at_unix_ms < before)
    }
}

/// Orders, the latest first.
#[derive(Clone, Debug)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<OrderView>,
    /// Where the next page begins.
    pub next: Option<OrderId>,
}

/// How a partition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionStatus {
    /// Its number.
    pub partition: u16,
    /// Offset that the next batch will have.
    pub durable_end: u64,
    /// Requests that wait in front of its shard.
    pub mailbox: usize,
    /// Records that the live projection is behind.
    pub projection_lag: u64,
    /// Records that the lists are behind.
    pub lists_lag: u64,
    /// Sagas that have not ended.
    pub live_sagas: usize,
    /// Why it has stopped.
    pub stopped: Option<Arc<str>>,
}

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Each partition.
    pub partitions: Vec<PartitionStatus>,
}

impl Status {
    /// Whether every partition serves.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.partitions.iter().all(|partition| partition.stopped.is_none())
    }
}

impl Guichet {
    /// How every partition is.
    #[must_use]
    pub fn status(&self) -> Status {
        let of = |partition: &Partition| {
            let shard = partition.shard.read();
            let durable_end = partition.feed.durable_end();
            let model = partition.model.read();
            PartitionStatus {
                partition: partition.feed.partition(),
                durable_end,
                mailbox: shard.as_ref().map_or(0, |shard| shard.mailbox.len()),
                projection_lag: durable_end.saturating_sub(model.next_offset),
                lists_lag: durable_end.saturating_sub(partition.lists.stored_offset()),
                live_sagas: model.live_sagas(),
                stopped: match shard.as_ref() {
                    Some(shard) => shard.stopped().cloned(),
                    None => Some("the engine is closing".into()),
                },
            }
        };
        Status { partitions: self.inner.partitions.iter().map(of).collect() }
    }

    /// How far the read model is, all partitions that have records.
    #[must_use]
    pub fn position(&self) -> Position {
        let mut position = Position::default();
        for partition in &self.inner.partitions {
            // In an empty partition nothing has been seen, and nobody may wait for its first record.
            if let Some(last) = partition.applied.borrow().checked_sub(1) {
                position.include(partition.feed.partition(), last);
            }
        }
        position
    }

    /// Waits until the read model has seen a position, at most 5 s.
    ///
    /// # Errors
    /// [`Fault::PositionNotReached`] with the lag.
    pub async fn wait_for(&self, position: &Position) -> Result<(), Fault> {
        let deadline = tokio::time::Instant::now() + POSITION_PATIENCE;
        for (number, offset) in position.iter() {
            let mut applied = self.partition(number)?.applied.clone();
            let reached = matches!(tokio::time::timeout_at(deadline, applied.wait_for(|next| *next > offset)).await, Ok(Ok(_)));
            if !reached {
                return Err(Fault::PositionNotReached { lag: (offset + 1).saturating_sub(*applied.borrow()) });
            }
        }
        Ok(())
    }

    pub(super) async fn caught_up(&self, partition: &Partition) {
        let end = partition.feed.durable_end();
        let _ = partition.applied.clone().wait_for(|next| *next >= end).await;
    }

    /// A venue's plan.
    #[must_use]
    pub fn venue(&self, id: VenueId) -> Option<Arc<SeatingPlan>> {
        self.catalogue().model.read().catalogue.venues.get(&id).cloned()
    }

    /// All venues.
    #[must_use]
    pub fn venues(&self) -> Vec<(VenueId, Arc<SeatingPlan>)> {
        self.catalogue().model.read().catalogue.venues.iter().map(|(id, plan)| (*id, Arc::clone(plan))).collect()
    }

    /// All shows, in the order in which they were made.
    #[must_use]
    pub fn shows(&self) -> Vec<Arc<ShowDefinition>> {
        self.catalogue().model.read().catalogue.shows.values().cloned().collect()
    }

    /// Looks at a show as it sells. The projection stands still meanwhile: be quick.
    ///
    /// # Errors
    /// When there is no such show.
    pub fn with_show<T>(&self, id: ShowId, look: impl FnOnce(&ShowView) -> T) -> Result<T, Invalid> {
        let missing = || Invalid::ShowNotFound(id.to_string());
        let partition = self.partition(id.partition()).map_err(|_| missing())?;
        let model = partition.model.read();
        model.show(id).map(look).ok_or_else(missing)
    }

    /// A show that was just made may not be in the projection yet.
    pub(super) async fn show_is_known(&self, id: ShowId) -> Result<(), Invalid> {
        if self.with_show(id, |_| ()).is_err()
            && let Ok(partition) = self.partition(id.partition())
        {
            let _ = tokio::time::timeout(SHOW_PATIENCE, self.caught_up(partition)).await;
        }
        self.with_show(id, |_| ())
    }

    /// A hold, live or ended.
    ///
    /// # Errors
    /// When the lists cannot be read.
    pub fn hold(&self, id: HoldId) -> Result<Option<HoldView>, Fault> {
        let Ok(partition) = self.partition(id.partition()) else { return Ok(None) };
        if let Some(hold) = partition.model.read().hold(id) {
            return Ok(Some(hold.clone()));
        }
        self.row(partition, &HoldView::key(id))
    }

    /// An order, under way or ended.
    ///
    /// # Errors
    /// When the lists cannot be read.
    pub fn order(&self, id: OrderId) -> Result<Option<OrderView>, Fault> {
        let Ok(partition) = self.partition(id.partition()) else { return Ok(None) };
        if let Some(order) = partition.model.read().order(id) {
            return Ok(Some(order.clone()));
        }
        self.row(partition, &OrderView::key(id))
    }

    /// Orders of one partition, under way or ended, the latest first; `before` continues a page.
    ///
    /// # Errors
    /// When the lists cannot be read, or are still being checked.
    pub fn orders(&self, partition: u16, filter: &OrderFilter, before: Option<OrderId>, limit: usize) -> Result<OrderPage, Fault> {
        let of = self.partition(partition)?;
        if !of.lists.verified() {
            return Err(Fault::ListsVerifying);
        }
        // What is in memory is at least as new as its row. Read before the rows: what ends meanwhile is then found in both.
        let mut orders: BTreeMap<OrderId, OrderView> = {
            let model = of.model.read();
            let recent = model.orders().filter(|order| before.is_none_or(|before| order.id < before) && filter.fits(order));
            let mut recent: Vec<&OrderView> = recent.collect();
            // Only the page is copied: in the rush of a sale there are many more.
            recent.sort_unstable_by_key(|order| std::cmp::Reverse(order.id));
            recent.into_iter().take(limit).map(|order| (order.id, order.clone())).collect()
        };
        let mut from = before.map(OrderView::key);
        let mut stored = 0;
        while stored < limit {
            let rows = self.inner.store.page(partition, Table::Orders, from.as_deref(), limit).map_err(lists)?;
            for (_, row) in &rows {
                let order = OrderView::from_bytes(row).map_err(lists)?;
                let in_memory = of.model.read().order(order.id).is_some();
                if !in_memory && filter.fits(&order) {
                    stored += 1;
                    orders.entry(order.id).or_insert(order);
                }
            }
            match rows.last() {
                Some((key, _)) if rows.len() == limit => from = Some(key.clone()),
                _ => break,
            }
        }
        let orders: Vec<OrderView> = orders.into_values().rev().take(limit).collect();
        let next = (orders.len() == limit).then(|| orders.last().map(|order| order.id)).flatten();
        Ok(OrderPage { orders, next })
    }

    /// The order with a short code, in any case and with `O`, `I` and `L` read as the digits that they look like.
    ///
    /// # Errors
    /// When the lists cannot be read.
    pub fn order_by_code(&self, code: &str) -> Result<Option<OrderView>, Fault> {
        let Some((partition, number)) = order_of_code(code) else { return Ok(None) };
        let Ok(of) = self.partition(partition) else { return Ok(None) };
        if let Some(order) = of.model.read().order_by_number(number) {
            return Ok(Some(order.clone()));
        }
        let id = self.inner.store.get(partition, &order_number_key(number)).map_err(lists)?;
        let id = id.and_then(|bytes| bytes.try_into().ok()).map(|bytes| OrderId::from_bits(u128::from_be_bytes(bytes)));
        id.map_or(Ok(None), |id| self.order(id))
    }

    /// The order that a saga drives. Of a saga that has ended it is known only for a while.
    #[must_use]
    pub fn order_of_saga(&self, saga: SagaId) -> Option<OrderId> {
        self.partition(saga.partition()).ok()?.model.read().order_of_saga(saga)
    }

    /// Seats and quota places in live holds, over all shows; a place that draws on several quotas counts in each.
    #[must_use]
    pub fn held_places(&self) -> u64 {
        let of = |show: &ShowView| {
            let count = ShowCount::of_inventory(&show.inventory);
            count.seats_held + count.quotas.iter().map(|(held, _)| held).sum::<u64>()
        };
        self.inner.partitions.iter().map(|partition| partition.model.read().shows().map(of).sum::<u64>()).sum()
    }

    /// How many partitions there are, the catalogue included.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        u16::try_from(self.inner.partitions.len()).unwrap_or(u16::MAX)
    }

    /// Every partition's feed with what its read model counts.
    pub(crate) fn counted(&self) -> Vec<(Arc<Feed>, Counted)> {
        let of = |partition: &Partition| {
            let model = partition.model.read();
            let shows = model.shows().map(|show| (show.definition.id, ShowCount::of_inventory(&show.inventory))).collect();
            (Arc::clone(&partition.feed), Counted { next_offset: model.next_offset, shows })
        };
        self.inner.partitions.iter().map(of).collect()
    }

    fn row<T: Row>(&self, partition: &Partition, key: &[u8]) -> Result<Option<T>, Fault> {
        match self.inner.store.get(partition.feed.partition(), key).map_err(lists)? {
            Some(row) => T::from_bytes(&row).map(Some).map_err(lists),
            // It may be in lists that are being filled again, and nowhere else.
            None if !partition.lists.verified() && partition.model.read().forgotten_below > 0 => Err(Fault::ListsVerifying),
            None => Ok(None),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape of a conversion of errors")]
fn lists(error: StoreError) -> Fault {
    Fault::Lists(error.to_string())
}
