//! What befalls the machine between two events.

use super::{Event, World};
use crate::oracle::Verdict;
use crate::plan::{HOUR_US, SECOND_US};
use crate::trace::note;

/// Most disk operations that a fuse takes: about as many as a recovery needs.
const FUSE_MAX: u64 = 60;

impl World {
    /// Draws what goes wrong now, if anything.
    pub(super) fn misfortune(&mut self) -> Verdict {
        let faults = self.plan.machine.clone();
        if self.rng.chance(faults.jump) {
            let most_ms = [10_000, 3_600_000][self.rng.index(2)];
            let ms = i64::try_from(self.rng.below(2 * most_ms)).unwrap_or(0) - i64::try_from(most_ms).unwrap_or(0);
            note!(self.trace, "the wall clock is set by {ms} ms");
            self.stats.jumps += 1;
            self.clock.jump(ms);
        }
        if self.rng.chance(faults.full) {
            note!(self.trace, "the disk is full");
            self.disk.set_full(true);
            let for_us = self.rng.spread(1_000, 600 * SECOND_US);
            self.after(for_us, Event::RoomAgain);
        }
        if self.rng.chance(self.plan.payments.outage) {
            self.outage(true);
            let for_us = self.rng.spread(SECOND_US, 6 * HOUR_US);
            self.after(for_us, Event::OutageEnds);
        }
        if self.rng.chance(faults.fuse) {
            let operations = self.rng.below(FUSE_MAX);
            note!(self.trace, "the power will fail after {operations} disk operations");
            self.disk.light_fuse(operations);
        }
        if self.rng.chance(faults.rot) {
            self.rot_snapshot();
        }
        if self.up && self.rng.chance(faults.snapshot) {
            self.take_snapshot()?;
        }
        if self.up && self.rng.chance(faults.shutdown) {
            return self.shut_down();
        }
        if self.up && self.rng.chance(faults.kill) {
            return self.kill();
        }
        if self.rng.chance(faults.power) {
            return self.power_failure();
        }
        Ok(())
    }
}
