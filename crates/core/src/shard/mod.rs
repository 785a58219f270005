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

use guichet_domain::Record;

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
