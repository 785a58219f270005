//! Fills the store from one partition: one write for each durable batch that ended something.
//!
//! Before it writes, it checks what is there; until then the lists are not served. A store that is damaged, or ahead of the journal,
//! is cleared and filled from the start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use guichet_domain::{Event, HoldId};
use parking_lot::RwLock;
use tokio::sync::watch;

use super::{KeyValue, Row, Store, StoreError};
use crate::feed::Feed;
use crate::read_model::{HoldView, OrderView, ReadModel};
use crate::shard::{DurableBatch, RecoverError};

/// How far the lists of a partition are.
#[derive(Debug, Default)]
pub(crate) struct ListStatus {
    verified: AtomicBool,
    stored_offset: AtomicU64,
}

impl ListStatus {
    /// Whether the rows have been checked since the start.
    pub(crate) fn verified(&self) -> bool {
        self.verified.load(Ordering::Acquire)
    }

    /// Offset up to which (exclusive) the journal is in the store.
    pub(crate) fn stored_offset(&self) -> u64 {
        self.stored_offset.load(Ordering::Acquire)
    }
}

/// Why a projector stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectorError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] RecoverError),
}

/// One partition's way into the store.
pub(crate) struct Projector {
    partition: u16,
    store: Arc<dyn Store>,
    feed: Arc<Feed>,
    status: Arc<ListStatus>,
    /// What rows are made of: it keeps everything that has ended until it is stored, and then no more changes it.
    live: Arc<RwLock<ReadModel>>,
    /// How far `live` is.
    live_offset: watch::Receiver<u64>,
}

impl Projector {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        feed: Arc<Feed>,
        live: Arc<RwLock<ReadModel>>,
        live_offset: watch::Receiver<u64>,
        status: Arc<ListStatus>,
    ) -> Self {
        Self { partition: feed.partition(), store, feed, status, live, live_offset }
    }

    /// Checks, then follows the feed until it ends.
    pub(crate) async fn run(mut self) -> Result<(), ProjectorError> {
        let result = self.follow().await;
        if result.is_err() {
            // Nothing will be stored any more: what has ended must not fill the memory.
            self.status.stored_offset.store(u64::MAX, Ordering::Release);
        }
        result
    }

    async fn follow(&mut self) -> Result<(), ProjectorError> {
        let applied = self.check()?;
        self.status.stored_offset.store(applied, Ordering::Release);
        self.status.verified.store(true, Ordering::Release);
        let mut subscription = self.feed.subscribe(applied);
        while let Some(batch) = subscription.next().await? {
            if self.live_offset.wait_for(|offset| *offset >= batch.next_offset).await.is_err() {
                break;
            }
            let rows = self.rows(&batch);
            if !rows.is_empty() {
                self.store.apply(self.partition, batch.next_offset, &rows)?;
            }
            self.status.stored_offset.store(batch.next_offset, Ordering::Release);
            self.live.write().forget_ended(batch.next_offset);
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn check(&self) -> Result<u64, StoreError> {
        let applied = self.store.applied(self.partition)?.unwrap_or(0);
        let count = self.store.check(self.partition)?;
        if count.intact && applied <= self.feed.durable_end() {
            return Ok(applied);
        }
        tracing::warn!(partition = self.partition, "the lists do not match the journal: they are rebuilt");
        self.store.clear(self.partition)?;
        Ok(0)
    }

    /// One final row for everything that ended in this batch.
    fn rows(&self, batch: &DurableBatch) -> Vec<KeyValue> {
        let live = self.live.read();
        let events = batch.records.iter().flat_map(|(_, record)| record.events());
        events.flat_map(|event| rows_of(&live, event)).collect()
    }
}

fn rows_of(live: &ReadModel, event: &Event) -> Vec<KeyValue> {
    let hold = |id: HoldId| live.hold(id).map(|view| (HoldView::key(id), view.to_bytes()));
    match event {
        Event::HoldReleased { hold: id } | Event::HoldExpired { hold: id } => hold(*id).into_iter().collect(),
        Event::SeatsBooked { order, .. } => live.order(*order).iter().flat_map(|order| &order.holds).filter_map(|id| hold(*id)).collect(),
        Event::OrderConfirmed { order } | Event::OrderCancelled { order, .. } => {
            live.order(*order).map(|view| (OrderView::key(*order), view.to_bytes())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
