//! Queries: answered from the projections, never by a shard.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{HoldId, OrderId, ShowId, VenueId};

use super::{Fault, Guichet, Invalid, Partition};
use crate::feed::Feed;
use crate::position::Position;
use crate::read_model::{HoldView, OrderView, ShowView};
use crate::store::{Row, Table};
use crate::verify::{Counted, ShowCount};

/// Longest that a query waits for a position.
const POSITION_PATIENCE: Duration = Duration::from_secs(5);
/// Longest that the name of a show is waited for: it is durable already, only the projection is behind.
const SHOW_PATIENCE: Duration = Duration::from_secs(1);

/// Orders that have ended, the latest first.
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
    /// Orders whose saga has not ended.
    pub live_orders: usize,
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
                live_orders: model.live_orders(),
                stopped: match shard.as_ref() {
                    Some(shard) => shard.stopped().cloned(),
                    None => Some("the engine is closing".into()),
                },
            }
        };
        Status { partitions: self.inner.partitions.iter().map(of).collect() }
    }

    /// How far the read model is, all partitions.
    #[must_use]
    pub fn position(&self) -> Position {
        let mut position = Position::default();
        for partition in &self.inner.partitions {
            position.include(partition.feed.partition(), partition.applied.borrow().saturating_sub(1));
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
        self.row(id.partition(), &HoldView::key(id))
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
        self.row(id.partition(), &OrderView::key(id))
    }

    /// Orders that have ended, of one partition, the latest first; `before` continues a page.
    ///
    /// # Errors
    /// When the lists cannot be read, or are still being checked.
    pub fn ended_orders(&self, partition: u16, before: Option<OrderId>, limit: usize) -> Result<OrderPage, Fault> {
        if !self.partition(partition)?.lists.verified() {
            return Err(Fault::ListsVerifying);
        }
        let before = before.map(OrderView::key);
        let rows = self.inner.store.page(partition, Table::Orders, before.as_deref(), limit);
        let rows = rows.map_err(|error| Fault::Lists(error.to_string()))?;
        let orders: Vec<OrderView> = rows
            .iter()
            .map(|(_, row)| OrderView::from_bytes(row))
            .collect::<Result<_, _>>()
            .map_err(|error| Fault::Lists(error.to_string()))?;
        let next = (orders.len() == limit).then(|| orders.last().map(|order| order.id)).flatten();
        Ok(OrderPage { orders, next })
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

    /// The public half of the key that signs ticket codes, for whoever checks them offline with [`crate::verify_ticket`].
    #[must_use]
    pub fn ticket_public_key(&self) -> [u8; 32] {
        self.inner.signer.public_key()
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

    fn row<T: Row>(&self, partition: u16, key: &[u8]) -> Result<Option<T>, Fault> {
        let fault = |error: crate::store::StoreError| Fault::Lists(error.to_string());
        self.inner.store.get(partition, key).map_err(fault)?.map(|row| T::from_bytes(&row).map_err(fault)).transpose()
    }
}
