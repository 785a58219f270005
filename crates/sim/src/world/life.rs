//! The life of the process: it starts, dies in several ways, and is started again.

use std::sync::Arc;

use guichet_broker::{Journal, JournalConfig, JournalError, Trust};
use guichet_core::shard::{Pipeline, RecoverError};
use guichet_domain::State;

use super::commit::{Shard, is_disk_fault, opened_ms};
use super::payments::Order;
use super::{Event, World};
use crate::oracle::Verdict;
use crate::plan::SECOND_US;
use crate::trace::note;

impl World {
    fn config(&self, partition: usize) -> JournalConfig {
        let number = u32::try_from(partition).unwrap_or(u32::MAX);
        JournalConfig { segment_bytes: self.plan.segment_bytes, ..JournalConfig::new("journal", number) }
    }

    /// Starts the process, if it does not run.
    pub(super) fn start(&mut self) -> Verdict {
        if self.up {
            return Ok(());
        }
        for partition in 0..self.shards.len() {
            match self.open(partition) {
                Ok(shard) => self.shards[partition] = Some(shard),
                Err(Refusal::Disk(_)) if self.disk.is_off() => return self.power_failure(),
                Err(Refusal::Disk(why)) => {
                    note!(self.trace, "the process cannot start: p{partition}: {why}");
                    return self.end_process(10 * SECOND_US);
                }
                Err(Refusal::Worse(why)) => return Err(format!("partition {partition} cannot be opened: {why}")),
            }
        }
        note!(self.trace, "the process runs");
        self.up = true;
        for partition in 0..self.shards.len() {
            let Some(shard) = self.shards[partition].as_ref() else { continue };
            let pending = unfinished(shard.pipeline.state());
            for order in pending {
                self.execute(partition, order);
            }
            self.wake(partition, 0);
        }
        Ok(())
    }

    fn open(&mut self, partition: usize) -> Result<Shard, Refusal> {
        let config = self.config(partition);
        let (journal, recovery) = Journal::open(Arc::clone(&self.disk.arc()), config.clone(), Trust::Tail)?;
        let reader = journal.reader();
        let recovered = self.recover(partition, &reader).map_err(Refusal::Worse)??;
        let pipeline = Pipeline::new(recovered.state, recovered.next_offset, &self.clock);
        note!(self.trace, "p{partition} opened at {}, cut {:?}", recovery.next_offset, recovery.cut.map(|cut| cut.bytes));
        let (logged_unix_ms, _) = opened_ms(pipeline.state(), &self.clock);
        self.disk.quietly(|| self.oracles[partition].recovered(&reader, pipeline.state(), logged_unix_ms)).map_err(Refusal::Worse)?;
        Ok(Shard::new(config, journal, pipeline, &self.clock))
    }

    /// Whatever the process knew is gone; callers see their connections break.
    fn end_process(&mut self, away_us_max: u64) -> Verdict {
        self.life += 1;
        self.up = false;
        self.disk.kill_process();
        self.shards.iter_mut().for_each(|shard| *shard = None);
        self.tasks.clear();
        self.errands.clear();
        self.break_connections();
        let away_us = self.rng.spread(1_000, away_us_max);
        self.after(away_us, Event::Start);
        Ok(())
    }

    /// The power fails.
    pub(super) fn power_failure(&mut self) -> Verdict {
        note!(self.trace, "the power fails");
        self.stats.power_failures += 1;
        self.disk.crash();
        let monotonic_us = self.rng.below(1_000 * SECOND_US);
        self.clock.reboot(monotonic_us);
        self.end_process(self.plan.machine.away_us_max)
    }

    /// The process is killed.
    pub(super) fn kill(&mut self) -> Verdict {
        note!(self.trace, "the process is killed");
        self.stats.kills += 1;
        self.end_process(self.plan.machine.away_us_max)
    }

    /// An operator sees that a partition has stopped, and starts the process anew.
    pub(super) fn restart_stopped(&mut self) {
        note!(self.trace, "an operator restarts the process");
        // A proper end would wait for the partition that cannot end.
        if let Err(never) = self.end_process(SECOND_US) {
            note!(self.trace, "{never}");
        }
    }

    /// The process ends properly: what it was given it decides, commits and answers; the journals are closed.
    pub(super) fn shut_down(&mut self) -> Verdict {
        note!(self.trace, "the process is told to end");
        let life = self.life;
        for partition in 0..self.shards.len() {
            // More turns than a full mailbox taken one by one needs.
            for _ in 0..10 * (self.plan.mailbox + 10) {
                if !self.hurry(partition)? {
                    break;
                }
            }
            if self.life != life {
                return Ok(());
            }
            if self.shards[partition].as_ref().is_none_or(|shard| !shard.is_idle()) {
                return self.kill();
            }
        }
        for partition in 0..self.shards.len() {
            let journal = self.shards[partition].as_mut().and_then(Shard::take_journal);
            let Some(closed) = journal.map(Journal::close) else { continue };
            if self.disk.is_off() {
                return self.power_failure();
            }
            if let Err(error) = closed {
                note!(self.trace, "p{partition} did not close: {error}");
                return self.kill();
            }
        }
        self.stats.shutdowns += 1;
        self.end_process(self.plan.machine.away_us_max)
    }
}

/// Why a partition cannot be opened.
enum Refusal {
    /// The disk failed; another start may go better.
    Disk(String),
    /// Something that must not be.
    Worse(String),
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        if is_disk_fault(&error) { Self::Disk(error.to_string()) } else { Self::Worse(error.to_string()) }
    }
}

impl From<RecoverError> for Refusal {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::Journal(error) => error.into(),
            RecoverError::Record { .. } => Self::Worse(error.to_string()),
        }
    }
}

/// What roles have to finish. It may have been executed before: they look first.
fn unfinished(state: &State) -> Vec<Order> {
    let pending = state.pending_effects().into_iter();
    pending
        .map(|(saga, pending)| Order {
            saga,
            step: pending.step,
            direction: pending.direction,
            attempt: pending.attempt + 1,
            effect: pending.effect,
        })
        .collect()
}
