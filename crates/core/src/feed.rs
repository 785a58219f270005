//! The durable records of a partition, for whoever wants to follow: projections, roles, live updates.
//!
//! Each subscriber reads at its own pace. Who keeps up gets the batches that the committer has just published; who has fallen behind
//! reads the journal. A slow subscriber costs the shard nothing.

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_broker::JournalReader;
use guichet_domain::Record;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::shard::{DurableBatch, RecoverError};

/// Records kept in memory for those who keep up: a few batches of the largest size, at about 200 B each.
const RECENT_RECORDS_MAX: usize = 32_768;

#[derive(Default)]
struct Recent {
    batches: VecDeque<Arc<DurableBatch>>,
    records: usize,
}

/// How far the partition is, and whether it goes on.
#[derive(Clone, Copy, Debug)]
struct End {
    offset: u64,
    closed: bool,
}

/// What a partition has made durable.
pub(crate) struct Feed {
    partition: u16,
    recent: Mutex<Recent>,
    reader: RwLock<JournalReader>,
    end: watch::Sender<End>,
}

impl Feed {
    pub(crate) fn new(partition: u16, reader: JournalReader, durable_end: u64) -> Self {
        let (end, _) = watch::channel(End { offset: durable_end, closed: false });
        Self { partition, recent: Mutex::default(), reader: RwLock::new(reader), end }
    }

    pub(crate) fn publish(&self, batch: &Arc<DurableBatch>) {
        let mut recent = self.recent.lock();
        recent.records += batch.records.len();
        recent.batches.push_back(Arc::clone(batch));
        while recent.records > RECENT_RECORDS_MAX && recent.batches.len() > 1 {
            let oldest = recent.batches.pop_front().map_or(0, |batch| batch.records.len());
            recent.records -= oldest;
        }
        drop(recent);
        self.end.send_modify(|end| end.offset = batch.next_offset);
    }

    /// Lets every subscriber come to its end.
    pub(crate) fn close(&self) {
        self.end.send_modify(|end| end.closed = true);
    }

    pub(crate) fn replace_reader(&self, reader: JournalReader) {
        *self.reader.write() = reader;
    }

    /// A reader of what is durable, until the partition reopens.
    pub(crate) fn reader(&self) -> JournalReader {
        self.reader.read().clone()
    }

    /// Whether the engine is closing.
    pub(crate) fn is_closed(&self) -> bool {
        self.end.borrow().closed
    }

    /// The partition.
    #[must_use]
    pub(crate) fn partition(&self) -> u16 {
        self.partition
    }

    /// The offset that the next batch will have.
    #[must_use]
    pub(crate) fn durable_end(&self) -> u64 {
        self.end.borrow().offset
    }

    /// Follows the partition from the batch that contains `offset`.
    #[must_use]
    pub(crate) fn subscribe(self: &Arc<Self>, offset: u64) -> Subscription {
        Subscription { end: self.end.subscribe(), feed: Arc::clone(self), next: offset }
    }

    /// The batch that contains an offset; `None` beyond the durable end.
    ///
    /// # Errors
    /// When the journal cannot be read there.
    pub(crate) fn batch_at(&self, offset: u64) -> Result<Option<Arc<DurableBatch>>, RecoverError> {
        if let Some(batch) = self.recent_batch(offset) {
            return Ok(Some(batch));
        }
        let Some(batch) = self.reader.read().read_batch_at(offset)? else { return Ok(None) };
        Ok(Some(Arc::new(DurableBatch::decode(self.partition, &batch)?)))
    }

    fn recent_batch(&self, offset: u64) -> Option<Arc<DurableBatch>> {
        let recent = self.recent.lock();
        let after = recent.batches.partition_point(|batch| batch.next_offset <= offset);
        recent.batches.get(after).filter(|batch| batch.base_offset <= offset).cloned()
    }

    /// One record with its stamp.
    ///
    /// # Errors
    /// As [`Feed::batch_at`].
    pub(crate) fn record_at(&self, offset: u64) -> Result<Option<(u64, Record)>, RecoverError> {
        let Some(batch) = self.batch_at(offset)? else { return Ok(None) };
        let record = batch.records.iter().find(|(at, _)| *at == offset);
        Ok(record.map(|(_, record)| (batch.stamp_unix_ms, record.clone())))
    }
}

/// One reader's way through a partition.
pub(crate) struct Subscription {
    feed: Arc<Feed>,
    next: u64,
    end: watch::Receiver<End>,
}

impl Subscription {
    /// The next batch, as soon as it is durable; `None` when the engine has closed.
    ///
    /// # Errors
    /// When the journal cannot be read there.
    pub(crate) async fn next(&mut self) -> Result<Option<Arc<DurableBatch>>, RecoverError> {
        let next = self.next;
        match self.end.wait_for(|end| end.offset > next || end.closed).await {
            Ok(end) if end.offset > next => {}
            _ => return Ok(None),
        }
        let batch = self.feed.batch_at(self.next)?;
        if let Some(batch) = &batch {
            self.next = batch.next_offset;
        }
        Ok(batch)
    }
}
