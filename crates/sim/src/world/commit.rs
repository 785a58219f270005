//! A shard, step by step: what its two threads do, cut where a crash can come between.
//!
//! Mirrors `guichet_core::shard`'s threads: one batch is written and synced while the next is gathered; a failed commit abandons both,
//! gives back what waits as busy, and reopens at the synced offset; a partition that cannot reopen stops.

use std::collections::VecDeque;
use std::rc::Rc;

use guichet_broker::planted::{self, PlantedBug};
use guichet_broker::{Journal, JournalConfig, JournalError, JournalReader, Trust};
use guichet_core::clock::Clock;
use guichet_core::shard::{DecidedBatch, NoAnswer, Pipeline, RecoverError};
use guichet_domain::State;
use guichet_domain::commands::Request;

use super::{Event, World};
use crate::disk::Extent;
use crate::oracle::Verdict;
use crate::plan::SECOND_US;
use crate::trace::note;

/// How often the synced offset goes to its file.
const CHECKPOINT_US: u64 = SECOND_US;

/// How often a partition looks whether a full disk has room again.
const ROOM_US: u64 = SECOND_US / 2;

/// How far a batch is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Decided,
    Written,
    Synced,
}

/// A batch on its way to the disk.
struct Flight {
    stage: Stage,
    /// Gone once it is settled.
    batch: Option<DecidedBatch<u64>>,
    /// Where it was written.
    extent: Option<Extent>,
}

/// A running shard.
pub(super) struct Shard {
    pub(super) config: JournalConfig,
    journal: Option<Journal>,
    pub(super) pipeline: Pipeline<u64>,
    pub(super) mailbox: VecDeque<(u64, Rc<Request>)>,
    flight: Option<Flight>,
    /// A commit failed, and the partition has not come back yet.
    failed: bool,
    /// Because a write found no room, which is waited for.
    found_no_room: bool,
    /// It does not come back before the next start.
    pub(super) stopped: Option<Rc<str>>,
    /// When it looks next.
    decide_at_us: Option<u64>,
    checkpoint_planned: bool,
    /// Logged and monotonic time when it opened.
    opened_ms: (u64, u64),
}

/// Whether an error is the disk's, and nothing worse.
pub(super) fn is_disk_fault(error: &JournalError) -> bool {
    matches!(error, JournalError::Io { .. })
}

/// Logged time and monotonic time at which a partition comes back.
pub(super) fn opened_ms(state: &State, clock: &dyn Clock) -> (u64, u64) {
    (clock.wall_unix_ms().max(state.logged_unix_ms()), clock.monotonic_ms())
}

impl Shard {
    pub(super) fn new(config: JournalConfig, journal: Journal, pipeline: Pipeline<u64>, clock: &dyn Clock) -> Self {
        let opened_ms = opened_ms(pipeline.state(), clock);
        Self {
            config,
            journal: Some(journal),
            pipeline,
            mailbox: VecDeque::new(),
            flight: None,
            failed: false,
            found_no_room: false,
            stopped: None,
            decide_at_us: None,
            checkpoint_planned: false,
            opened_ms,
        }
    }

    /// Whether everything that it was given is durable and answered.
    pub(super) fn is_idle(&self) -> bool {
        self.mailbox.is_empty() && self.is_at_rest()
    }

    fn is_at_rest(&self) -> bool {
        self.flight.is_none() && !self.pipeline.has_open_batch() && !self.failed && self.stopped.is_none()
    }

    /// Of what is durable, unless the partition has failed.
    pub(super) fn reader(&self) -> Option<JournalReader> {
        self.journal.as_ref().map(Journal::reader)
    }

    pub(super) fn take_journal(&mut self) -> Option<Journal> {
        self.journal.take()
    }
}

impl World {
    /// A shard looks soon, unless it looks sooner anyway.
    pub(super) fn wake(&mut self, partition: usize, delay_us: u64) {
        let (at_us, life) = (self.now_us + delay_us, self.life);
        let Some(shard) = self.shards[partition].as_mut() else { return };
        if shard.decide_at_us.is_none_or(|at| at > at_us) {
            shard.decide_at_us = Some(at_us);
            self.after(delay_us, Event::Decide { partition, life });
        }
    }

    pub(super) fn decide(&mut self, partition: usize) -> Verdict {
        let now_us = self.now_us;
        let take = usize::try_from(self.rng.between(1, self.plan.take_max)).unwrap_or(1);
        let life = self.life;
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        if shard.decide_at_us != Some(now_us) {
            return Ok(());
        }
        shard.decide_at_us = None;
        if shard.failed || shard.stopped.is_some() {
            return Ok(());
        }
        let take = if shard.pipeline.is_full() { 0 } else { take.min(shard.mailbox.len()) };
        for (call, request) in shard.mailbox.drain(..take) {
            shard.pipeline.submit(&request, call, &self.clock);
        }
        shard.pipeline.tick(&self.clock);
        // An open batch with nothing in it is dropped.
        if shard.pipeline.has_open_batch()
            && shard.flight.is_none()
            && let Some(batch) = shard.pipeline.take_batch()
        {
            note!(self.trace, "p{partition} decided {take} requests into the batch at {}", batch.base_offset());
            shard.flight = Some(Flight { stage: Stage::Decided, batch: Some(batch), extent: None });
            self.after(0, Event::Write { partition, life });
        }
        self.wake_again(partition);
        Ok(())
    }

    /// Plans when the shard looks next by itself.
    fn wake_again(&mut self, partition: usize) {
        let Some(shard) = self.shards[partition].as_mut() else { return };
        let waits = shard.pipeline.is_full() && shard.flight.is_some();
        if !waits && !shard.mailbox.is_empty() {
            self.wake(partition, 50);
        } else if !shard.pipeline.has_open_batch()
            && let Some(idle_ms) = shard.pipeline.idle_ms(&self.clock)
        {
            self.wake(partition, idle_ms.max(1) * 1_000);
        }
    }

    pub(super) fn write(&mut self, partition: usize) -> Verdict {
        let life = self.life;
        let way_us = self.rng.below(self.plan.commit_us_max) + 1;
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let (Some(flight), Some(journal)) = (shard.flight.as_mut(), shard.journal.as_mut()) else { return Ok(()) };
        let Some(batch) = flight.batch.as_mut() else { return Ok(()) };
        let Some(bytes) = batch.take_bytes() else {
            flight.stage = Stage::Synced;
            self.after(0, Event::Settle { partition, life });
            return Ok(());
        };
        let size = bytes.bytes() as u64;
        match journal.write(bytes) {
            Ok(written) if written.base_offset != batch.base_offset() => {
                Err(format!("partition {partition}: the batch decided for {} was written at {}", batch.base_offset(), written.base_offset))
            }
            Ok(written) => {
                flight.stage = Stage::Written;
                flight.extent = self.disk.last_write();
                if flight.extent.as_ref().map(Extent::bytes) != Some(size) {
                    return Err(format!("partition {partition}: {size} bytes were to be written, not {:?}", flight.extent));
                }
                note!(self.trace, "p{partition} wrote {size} bytes at {}", written.base_offset);
                self.after(way_us, Event::Sync { partition, life });
                if planted::is(PlantedBug::ReplyBeforeSync) {
                    return self.release(partition);
                }
                Ok(())
            }
            Err(error) => self.commit_failed(partition, &error),
        }
    }

    pub(super) fn sync(&mut self, partition: usize) -> Verdict {
        let life = self.life;
        let way_us = self.rng.below(self.plan.commit_us_max / 4 + 1);
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let (Some(flight), Some(journal)) = (shard.flight.as_mut(), shard.journal.as_mut()) else { return Ok(()) };
        match journal.sync() {
            Ok(committed) => {
                flight.stage = Stage::Synced;
                note!(self.trace, "p{partition} synced {}", committed.base_offset);
                self.after(way_us, Event::Settle { partition, life });
                Ok(())
            }
            Err(error) => self.commit_failed(partition, &error),
        }
    }

    /// Does what comes next without waiting, for a process that ends. False when there is nothing to do, or nothing more can be done.
    pub(super) fn hurry(&mut self, partition: usize) -> Verdict<bool> {
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(false) };
        if shard.failed || shard.stopped.is_some() {
            return Ok(false);
        }
        match shard.flight.as_ref().map(|flight| flight.stage) {
            Some(Stage::Decided) => self.write(partition)?,
            Some(Stage::Written) => self.sync(partition)?,
            Some(Stage::Synced) => self.settle(partition)?,
            None if shard.is_idle() => return Ok(false),
            None => {
                self.wake(partition, 0);
                self.decide(partition)?;
            }
        }
        Ok(true)
    }

    pub(super) fn settle(&mut self, partition: usize) -> Verdict {
        self.release(partition)?;
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        shard.flight = None;
        if shard.is_at_rest() {
            self.oracles[partition].at_rest(shard.pipeline.state())?;
        }
        if !std::mem::replace(&mut shard.checkpoint_planned, true) {
            self.after(CHECKPOINT_US, Event::Checkpoint { partition, life: self.life });
        }
        self.wake(partition, 0);
        Ok(())
    }

    /// Records and replies leave.
    fn release(&mut self, partition: usize) -> Verdict {
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let Some(flight) = shard.flight.as_mut() else { return Ok(()) };
        let (Some(batch), extent) = (flight.batch.take(), flight.extent.clone()) else { return Ok(()) };
        let opened_ms = shard.opened_ms;
        let settled = batch.settle();
        if let Some(batch) = &settled.batch {
            if !extent.is_some_and(|extent| self.disk.is_durable(&extent)) {
                return Err(format!("partition {partition}: replies leave for the batch at {}, which is not durable", batch.base_offset));
            }
            // A wall clock far ahead is followed 10 % faster, never jumped to.
            let elapsed_ms = self.clock.monotonic_ms() - opened_ms.1;
            if batch.stamp_unix_ms > opened_ms.0 + elapsed_ms + elapsed_ms / 10 + 1 {
                return Err(format!("partition {partition}: logged time jumped to {} within {elapsed_ms} ms", batch.stamp_unix_ms));
            }
            note!(self.trace, "p{partition} settled {} records at {}", batch.records.len(), batch.base_offset);
            self.oracles[partition].settled(batch)?;
            self.publish(partition, batch);
        }
        for (call, outcome) in settled.replies {
            self.respond(call, Ok(outcome))?;
        }
        Ok(())
    }

    pub(super) fn checkpoint(&mut self, partition: usize) -> Verdict {
        let life = self.life;
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        // The committer does one thing after the other.
        if shard.flight.as_ref().is_some_and(|flight| flight.stage != Stage::Decided) {
            self.after(10_000, Event::Checkpoint { partition, life });
            return Ok(());
        }
        shard.checkpoint_planned = false;
        let Some(journal) = shard.journal.as_mut() else { return Ok(()) };
        journal.checkpoint().or_else(|error| self.commit_failed(partition, &error))
    }

    /// What is on its way has an unknown outcome; everything past the synced offset is untrusted.
    fn commit_failed(&mut self, partition: usize, error: &JournalError) -> Verdict {
        if self.disk.is_off() {
            return self.power_failure();
        }
        if !is_disk_fault(error) {
            return Err(format!("partition {partition}: a commit failed, and not because of the disk: {error}"));
        }
        note!(self.trace, "p{partition} commit failed: {error}");
        self.stats.failed_commits += 1;
        let life = self.life;
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let Some(journal) = shard.journal.take() else { return Ok(()) };
        let synced = journal.synced_offset();
        drop(journal);
        (shard.failed, shard.found_no_room) = (true, error.is_full_disk());
        let abandoned = shard.flight.take().and_then(|flight| flight.batch);
        for (call, unknown) in abandoned.into_iter().flat_map(DecidedBatch::abandon) {
            self.respond(call, Err(unknown))?;
        }
        let delay_us = self.rng.below(20_000);
        self.after(delay_us, Event::Reopen { partition, life, synced });
        Ok(())
    }

    pub(super) fn reopen(&mut self, partition: usize, synced: u64) -> Verdict {
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let waiting: Vec<u64> = shard.mailbox.drain(..).map(|(call, _)| call).collect();
        let abandoned: Vec<_> = shard.pipeline.take_batch().into_iter().flat_map(DecidedBatch::abandon).collect();
        let config = shard.config.clone();
        for call in waiting {
            self.respond(call, Err(NoAnswer::Busy))?;
        }
        for (call, unknown) in abandoned {
            self.respond(call, Err(unknown))?;
        }
        let opened = Journal::open(self.disk.arc(), config, Trust::SyncedOnly { synced });
        if self.disk.is_off() {
            return self.power_failure();
        }
        let snapshots = self.snapshots(partition);
        let Some(shard) = self.shards[partition].as_mut() else { return Ok(()) };
        let journal = match opened {
            Ok((journal, _)) => journal,
            Err(error) if shard.found_no_room && error.is_full_disk() => {
                note!(self.trace, "p{partition} waits for room: {error}");
                let life = self.life;
                self.after(ROOM_US, Event::Reopen { partition, life, synced });
                return Ok(());
            }
            Err(error) if is_disk_fault(&error) => return self.stop(partition, &error.to_string()),
            Err(error) => return Err(format!("partition {partition} cannot be reopened at {synced}: {error}")),
        };
        let reader = journal.reader();
        let restarted = shard.pipeline.restart(&reader, &snapshots, &self.clock);
        if self.disk.is_off() {
            return self.power_failure();
        }
        match restarted {
            Ok(()) => {}
            Err(RecoverError::Journal(error)) if is_disk_fault(&error) => return self.stop(partition, &error.to_string()),
            Err(error) => return Err(format!("partition {partition} cannot be replayed: {error}")),
        }
        note!(self.trace, "p{partition} reopened at {}", journal.next_offset());
        self.stats.reopened += 1;
        let state = shard.pipeline.state();
        shard.opened_ms = opened_ms(state, &self.clock);
        self.disk.quietly(|| self.oracles[partition].recovered(&reader, state, shard.opened_ms.0))?;
        shard.journal = Some(journal);
        shard.failed = false;
        self.wake(partition, 0);
        Ok(())
    }

    /// The partition does not serve any more; somebody will notice and start the process anew.
    fn stop(&mut self, partition: usize, why: &str) -> Verdict {
        note!(self.trace, "p{partition} stopped: {why}");
        self.stats.stopped += 1;
        let (life, delay_us) = (self.life, self.rng.spread(1_000, 60 * SECOND_US));
        if let Some(shard) = self.shards[partition].as_mut() {
            shard.stopped = Some(why.into());
        }
        self.after(delay_us, Event::Restart { life });
        Ok(())
    }
}
