//! Decides requests into batches, ahead of the disk.
//!
//! The state here is staged: it runs ahead of what is durable by the batch that is being committed and the one that is being
//! gathered. Nothing leaves before its batch is durable, so nobody sees the difference; and when a commit fails the whole pipeline is
//! dropped and rebuilt from the journal, so the staged state never outlives its batches.

use std::sync::Arc;

use guichet_broker::planted::{self, PlantedBug};
use guichet_broker::{BatchBuilder, JournalError, JournalReader, UnsealedBatch};
use guichet_domain::commands::Request;
use guichet_domain::state::Decision;
use guichet_domain::{Event, Record, Rejection, State};

use super::{DurableBatch, NoAnswer, Outcome};
use crate::clock::{Clock, LoggedClock};
use crate::codec;
use crate::snapshot::Snapshots;

/// Most records of a batch: at the target rate a batch of this size is 8 ms of work, which bounds what a single request waits for.
pub const BATCH_RECORDS_MAX: usize = 8_192;
/// A batch that has reached this size is not added to. One record may exceed it (a large plan); it then has a batch to itself.
pub const BATCH_BYTES_MAX: usize = 1 << 20;

/// A journal that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record cannot be understood: this partition halts.
    #[error("partition {partition}: the record at offset {offset} cannot be read: {source}")]
    Record {
        /// Which partition.
        partition: u16,
        /// Where.
        offset: u64,
        /// Why.
        source: codec::CodecError,
    },
}

/// Where the answer to a request is to be found.
#[derive(Clone, Copy, Debug)]
enum Answer {
    InBatch(usize),
    Earlier(u64),
}

/// A batch that is decided, not durable.
pub struct DecidedBatch<R> {
    builder: BatchBuilder,
    content: DurableBatch,
    replies: Vec<(R, Answer)>,
}

/// Everything that leaves once a batch is durable.
pub struct Settled<R> {
    /// The records; `None` when the batch had only repeats.
    pub batch: Option<Arc<DurableBatch>>,
    /// The replies.
    pub replies: Vec<(R, Outcome)>,
}

impl<R> DecidedBatch<R> {
    /// Takes the bytes for the journal; nothing when the batch holds only repeats, which wait for the batches before it.
    pub fn take_bytes(&mut self) -> Option<UnsealedBatch> {
        if self.content.records.is_empty() {
            return None;
        }
        Some(std::mem::replace(&mut self.builder, BatchBuilder::new(0)).finish())
    }

    /// Where it will stand.
    pub fn base_offset(&self) -> u64 {
        self.content.base_offset
    }

    /// Releases records and replies. Call it when the batch is durable, never earlier.
    pub fn settle(self) -> Settled<R> {
        let batch = Arc::new(self.content);
        let outcome = |answer| match answer {
            Answer::InBatch(index) => Outcome { offset: batch.records[index].0, batch: Some((Arc::clone(&batch), index)) },
            Answer::Earlier(offset) => Outcome { offset, batch: None },
        };
        let replies = self.replies.into_iter().map(|(reply, answer)| (reply, outcome(answer))).collect();
        Settled { replies, batch: (!batch.records.is_empty()).then_some(batch) }
    }

    /// Gives the replies back after a failed commit, each to be told that its outcome is unknown.
    pub fn abandon(self) -> impl Iterator<Item = (R, NoAnswer)> {
        self.replies.into_iter().map(|(reply, _)| (reply, NoAnswer::Unknown))
    }
}

/// The state machine of a shard. `R` is whatever finds its way back to a caller.
pub struct Pipeline<R> {
    state: State,
    clock: LoggedClock,
    next_offset: u64,
    open: Option<DecidedBatch<R>>,
    /// After recovery: grace is due at the head of the first batch.
    reopened: bool,
    scratch: Vec<u8>,
}

impl<R> Pipeline<R> {
    /// Goes on with a state that was rebuilt.
    pub fn new(state: State, next_offset: u64, clock: &dyn Clock) -> Self {
        let clock = LoggedClock::open(clock, state.logged_unix_ms());
        Self { state, clock, next_offset, open: None, reopened: next_offset > 0, scratch: Vec::new() }
    }

    /// Rebuilds the state from the newest snapshot and the journal.
    ///
    /// # Errors
    /// When the journal is damaged or holds a record that this program cannot read.
    pub fn recover(reader: &JournalReader, snapshots: &Snapshots, clock: &dyn Clock) -> Result<Self, RecoverError> {
        let recovered = snapshots.recover(reader)?;
        Ok(Self::new(recovered.state, recovered.next_offset, clock))
    }

    /// Decides a request into the open batch, or into a new one stamped now.
    pub fn submit(&mut self, request: &Request, reply: R, clock: &dyn Clock) {
        self.open_batch(clock);
        let Some(batch) = &mut self.open else { return };
        let offset = batch.content.base_offset + 1 + batch.content.records.len() as u64;
        let answer = match self.state.submit(request, offset) {
            Decision::Decided(mut record) => {
                if planted::is(PlantedBug::AnswerSecondGate) {
                    let_in_again(&mut record);
                }
                push(batch, &mut self.scratch, record);
                Answer::InBatch(batch.content.records.len() - 1)
            }
            Decision::Repeated { offset } => Answer::Earlier(offset),
        };
        batch.replies.push((reply, answer));
    }

    /// Lets the time pass: a batch is opened when something is due.
    pub fn tick(&mut self, clock: &dyn Clock) {
        if self.open.is_none() && self.due(clock) {
            self.open_batch(clock);
        }
    }

    fn due(&mut self, clock: &dyn Clock) -> bool {
        let now_unix_ms = self.clock.now_unix_ms(clock);
        self.reopened || self.state.next_timer_unix_ms().is_some_and(|at| at <= now_unix_ms)
    }

    /// How long nothing is due, in milliseconds; `None` when nothing is planned.
    pub fn idle_ms(&mut self, clock: &dyn Clock) -> Option<u64> {
        let now_unix_ms = self.clock.now_unix_ms(clock);
        self.state.next_timer_unix_ms().map(|at| at.saturating_sub(now_unix_ms))
    }

    /// Stamps a new batch. Everything that is due stands at its head: no command sees a hold past its time.
    fn open_batch(&mut self, clock: &dyn Clock) {
        if self.open.is_some() {
            return;
        }
        let stamp_unix_ms = self.clock.now_unix_ms(clock).max(self.state.logged_unix_ms());
        let content = DurableBatch {
            partition: self.state.partition(),
            base_offset: self.next_offset,
            next_offset: self.next_offset,
            stamp_unix_ms,
            records: Vec::new(),
        };
        let mut batch = DecidedBatch { builder: BatchBuilder::new(stamp_unix_ms), content, replies: Vec::new() };
        let grace = if std::mem::take(&mut self.reopened) { self.state.reopen(stamp_unix_ms) } else { None };
        if let Some(record) = grace {
            push(&mut batch, &mut self.scratch, record);
        }
        if !planted::is(PlantedBug::TimePassesAfterCommands) {
            self.pass_time(&mut batch);
        }
        self.open = Some(batch);
    }

    /// Writes what is due when the batch is stamped.
    fn pass_time(&mut self, batch: &mut DecidedBatch<R>) {
        let Some(mut record) = self.state.pass_time(batch.content.stamp_unix_ms) else { return };
        if planted::is(PlantedBug::TimerFiredTwice) {
            push(batch, &mut self.scratch, record.clone());
        }
        if planted::is(PlantedBug::HoldOrphaned) {
            keep_holds(&mut record);
        }
        push(batch, &mut self.scratch, record);
    }

    /// Whether the open batch should not grow any more.
    pub fn is_full(&self) -> bool {
        self.open.as_ref().is_some_and(|batch| batch.content.records.len() >= BATCH_RECORDS_MAX || batch.builder.bytes() >= BATCH_BYTES_MAX)
    }

    /// Whether a batch is open.
    pub fn has_open_batch(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the open batch and hands it out for its commit.
    pub fn take_batch(&mut self) -> Option<DecidedBatch<R>> {
        let mut batch = self.open.take()?;
        if planted::is(PlantedBug::TimePassesAfterCommands) {
            self.pass_time(&mut batch);
        }
        if batch.content.records.is_empty() && batch.replies.is_empty() {
            return None;
        }
        if !batch.content.records.is_empty() {
            batch.content.next_offset = batch.content.base_offset + 1 + batch.content.records.len() as u64;
            self.next_offset = batch.content.next_offset;
        }
        Some(batch)
    }

    /// The staged state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// After a failed commit: goes on with the state that the journal gives, with nothing of what was staged.
    ///
    /// # Errors
    /// As [`Pipeline::recover`].
    pub fn restart(&mut self, reader: &JournalReader, snapshots: &Snapshots, clock: &dyn Clock) -> Result<(), RecoverError> {
        let recovered = Self::recover(reader, snapshots, clock)?;
        if planted::is(PlantedBug::KeepStagedAfterFailedAppend) {
            self.next_offset = recovered.next_offset;
            self.open = None;
            return Ok(());
        }
        *self = recovered;
        Ok(())
    }
}

fn push<R>(batch: &mut DecidedBatch<R>, scratch: &mut Vec<u8>, record: Record) {
    scratch.clear();
    codec::encode_record(&record, scratch);
    let delta = batch.builder.push(scratch);
    let offset = batch.content.base_offset + u64::from(delta);
    batch.content.records.push((offset, record));
}

/// A planted bug: what ends a hold is left out.
fn keep_holds(record: &mut Record) {
    if let Record::Timely { events } = record {
        events.retain(|event| !matches!(event, Event::HoldExpired { .. }));
    }
}

/// A planted bug: the second gate is answered like the first.
fn let_in_again(record: &mut Record) {
    if let Record::Refused { key, rejection: Rejection::TicketAlreadyUsed { .. } } = record {
        *record = Record::Accepted { key: *key, events: Vec::new() };
    }
}
