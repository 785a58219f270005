//! Fills the store from one partition: one write for each durable batch that ended something.
//!
//! Before it writes, it checks what is there; until then the lists are not served. A store that is damaged, or ahead of the journal,
//! is cleared and filled from the start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use guichet_domain::Event;
use parking_lot::RwLock;

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
    /// The views that rows are made of. Its own, so that it can be as far behind as it likes.
    model: ReadModel,
    status: Arc<ListStatus>,
    live: Arc<RwLock<ReadModel>>,
}

impl Projector {
    pub(crate) fn new(store: Arc<dyn Store>, feed: Arc<Feed>, live: Arc<RwLock<ReadModel>>, status: Arc<ListStatus>) -> Self {
        Self { partition: feed.partition(), store, feed, model: ReadModel::default(), status, live }
    }

    /// Checks, then follows the feed until it ends.
    pub(crate) async fn run(mut self) -> Result<(), ProjectorError> {
        let applied = self.check()?;
        self.status.stored_offset.store(applied, Ordering::Release);
        self.status.verified.store(true, Ordering::Release);
        let mut subscription = self.feed.subscribe(0);
        while let Some(batch) = subscription.next().await? {
            self.model.apply(&batch);
            if batch.base_offset >= applied {
                let rows = self.rows(&batch);
                self.store.apply(self.partition, batch.next_offset, &rows)?;
                self.status.stored_offset.store(batch.next_offset, Ordering::Release);
                self.live.write().forget_ended(batch.next_offset);
            }
            self.model.forget_ended(batch.next_offset);
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
        let events = batch.records.iter().flat_map(|(_, record)| record.events());
        events.filter_map(|event| self.row(event)).collect()
    }

    fn row(&self, event: &Event) -> Option<KeyValue> {
        match event {
            Event::HoldReleased { hold } | Event::HoldExpired { hold } => {
                self.model.hold(*hold).map(|view| (HoldView::key(*hold), view.to_bytes()))
            }
            Event::OrderConfirmed { order } | Event::OrderCancelled { order, .. } => {
                self.model.order(*order).map(|view| (OrderView::key(*order), view.to_bytes()))
            }
            _ => None,
        }
    }
}
