//! A shard: the only writer of its partition.
//!
//! [`Pipeline`] is the state machine, free of I/O and threads: it decides requests on the staged state and hands out whole batches.
//! `thread` drives it over a real journal with two threads, one that decides while the other commits; the simulator drives the same
//! pipeline step by step.

mod mailbox;
mod pipeline;
mod thread;

pub use mailbox::Mailbox;
pub use pipeline::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, DecidedBatch, Pipeline, RecoverError, Settled};
pub(crate) use thread::{Parts, Reply, Response, Responses, ShardHandle, Submission, spawn};

use std::sync::Arc;

use guichet_broker::OwnedBatch;
use guichet_domain::Record;

use crate::codec;

/// Records that are durable, as they came from one commit.
#[derive(Debug, PartialEq)]
pub struct DurableBatch {
    /// The partition.
    pub partition: u16,
    /// Offset of the batch; its first record is one further.
    pub base_offset: u64,
    /// Offset of the next batch.
    pub next_offset: u64,
    /// When it was decided, logged time.
    pub stamp_unix_ms: u64,
    /// The records, without the frame, each with its offset.
    pub records: Vec<(u64, Record)>,
}

impl DurableBatch {
    /// Reads the records of a batch of the journal.
    ///
    /// # Errors
    /// When this program cannot read one.
    pub(crate) fn decode(partition: u16, batch: &OwnedBatch) -> Result<Self, RecoverError> {
        let mut records = Vec::with_capacity(batch.len());
        for (offset, bytes) in batch.records() {
            let record = codec::decode_record(bytes).map_err(|source| RecoverError::Record { partition, offset, source })?;
            records.push((offset, record));
        }
        let (base_offset, next_offset, stamp_unix_ms) = (batch.base_offset, batch.next_offset, batch.stamp_unix_ms());
        Ok(Self { partition, base_offset, next_offset, stamp_unix_ms, records })
    }
}

/// The answer to one request, durable when it is given.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Offset of the record that answers.
    pub offset: u64,
    /// The batch with the record; `None` for a repeat, whose record was written some time ago.
    pub batch: Option<(Arc<DurableBatch>, usize)>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Not accepted, certainly not done.
    #[error("busy")]
    Busy,
    /// Decided, but nobody knows whether it is durable; the same key finds out.
    #[error("outcome unknown")]
    Unknown,
    /// The partition does not serve any more.
    #[error("partition {partition} has stopped: {why}")]
    Stopped {
        /// Which.
        partition: u16,
        /// Why.
        why: Arc<str>,
    },
}
