//! Fills the store from one partition: one write for each durable batch that ended something.
//!
//! Before it writes, it checks what is there; until then the lists are not served. A store that is damaged, or ahead of the journal,
//! is cleared and filled from the start.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use guichet_domain::{Event, HoldId};
use parking_lot::RwLock;
use tokio::sync::watch;

use super::{KeyValue, Row, Store, StoreError, order_number_key};
use crate::feed::Feed;
use crate::read_model::{HoldView, OrderView, ReadModel};
use crate::shard::{DurableBatch, RecoverError};

/// How far the lists of a partition are.
#[derive(Debug, Default)]
pub(crate) struct ListStatus {
    verified: AtomicBool,
    failed: AtomicBool,
    stored_offset: AtomicU64,
}

/// How often somebody looks who cannot go on without the lists.
const LOOK_EVERY: Duration = Duration::from_millis(10);

impl ListStatus {
    /// Whether the rows have been checked since the start.
    pub(crate) fn verified(&self) -> bool {
        self.verified.load(Ordering::Acquire)
    }

    /// Waits until the lists are whole, or will never be.
    pub(crate) async fn settled(&self) {
        while !self.verified() && !self.failed.load(Ordering::Acquire) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
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
    live: Live,
}

/// What rows are made of.
pub(crate) struct Live {
    /// Keeps everything that has ended until it is stored, and then no more changes it.
    pub model: Arc<RwLock<ReadModel>>,
    /// How far it is.
    pub offset: watch::Receiver<u64>,
    /// Where it began.
    pub began: LiveStart,
}

/// Where a live projection began: at the journal's start, or at a snapshot's end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveStart {
    /// It did not see the records below.
    pub from: u64,
    /// It has everything that ended from here on; what ended earlier may be in the lists alone.
    pub complete_from: u64,
}

impl Projector {
    pub(crate) fn new(store: Arc<dyn Store>, feed: Arc<Feed>, live: Live, status: Arc<ListStatus>) -> Self {
        Self { partition: feed.partition(), store, feed, status, live }
    }

    /// Checks, then follows the feed until it ends. When it fails, what has ended stays in memory: nowhere else is it to be found.
    pub(crate) async fn run(mut self) -> Result<(), ProjectorError> {
        let result = self.follow().await;
        self.status.failed.store(result.is_err(), Ordering::Release);
        result
    }

    async fn follow(&mut self) -> Result<(), ProjectorError> {
        let mut applied = self.check()?;
        self.status.stored_offset.store(applied, Ordering::Release);
        if applied < self.live.began.complete_from {
            match self.catch_up(applied).await? {
                Some(stored) => applied = stored,
                None => return Ok(()),
            }
        }
        self.status.verified.store(true, Ordering::Release);
        let mut subscription = self.feed.subscribe(applied);
        while let Some(batch) = subscription.next().await? {
            if self.live.offset.wait_for(|offset| *offset >= batch.next_offset).await.is_err() {
                break;
            }
            let rows = rows(&self.live.model.read(), &batch);
            self.put(&batch, &rows)?;
            self.live.model.write().forget_ended(batch.next_offset);
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn put(&self, batch: &DurableBatch, rows: &[KeyValue]) -> Result<(), StoreError> {
        if !rows.is_empty() {
            self.store.apply(self.partition, batch.next_offset, rows)?;
        }
        self.status.stored_offset.store(batch.next_offset, Ordering::Release);
        Ok(())
    }

    /// The lists miss what the live projection, begun at a snapshot, has never seen: a projection of their own follows the journal
    /// from its start until the two meet. Gives the offset where they do; nothing when the engine closes before.
    async fn catch_up(&self, applied: u64) -> Result<Option<u64>, ProjectorError> {
        let LiveStart { from, complete_from } = self.live.began;
        tracing::info!(partition = self.partition, applied, complete_from, "the lists are behind the snapshot: filled from the journal");
        let mut model = ReadModel::default();
        let mut subscription = self.feed.subscribe(0);
        while model.next_offset < from {
            if self.feed.is_closed() {
                return Ok(None);
            }
            let Some(batch) = subscription.next().await? else { return Ok(None) };
            model.bring_back_for(&batch, &*self.store);
            model.apply(&batch);
            if batch.next_offset > applied {
                let rows = rows(&model, &batch);
                self.put(&batch, &rows)?;
            }
            model.forget_ended(batch.next_offset);
            tokio::task::yield_now().await;
        }
        Ok(Some(model.next_offset))
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
}

/// One final row for everything that ended in this batch, or had ended and changed again.
fn rows(live: &ReadModel, batch: &DurableBatch) -> Vec<KeyValue> {
    let mut rows = BTreeMap::new();
    for event in batch.records.iter().flat_map(|(_, record)| record.events()) {
        rows_of(live, event, &mut rows);
    }
    rows.into_iter().collect()
}

/// The live model is at the end of the batch or beyond, and a row says how far it is: written again later, it is the same again.
fn rows_of(live: &ReadModel, event: &Event, rows: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
    let mut hold = |id: HoldId| {
        if let Some(view) = live.hold(id) {
            rows.insert(HoldView::key(id), view.to_bytes());
        }
    };
    match event {
        Event::HoldReleased { hold: id } | Event::HoldExpired { hold: id } => hold(*id),
        Event::SeatsBooked { order, .. } => live.order(*order).iter().flat_map(|order| &order.holds).for_each(|id| hold(*id)),
        _ => {}
    }
    if let Some(view) = event.order().and_then(|order| live.order(order)).filter(|view| view.ended()) {
        rows.insert(OrderView::key(view.id), view.to_bytes());
        rows.insert(order_number_key(view.id.sequence()), view.id.bits().to_be_bytes().to_vec());
    }
}
