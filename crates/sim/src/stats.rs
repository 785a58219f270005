//! What a run did, counted.

use crate::disk::DiskStats;

/// The counts of one seed, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events that happened.
    pub events: u64,
    /// Simulated time.
    pub simulated_s: u64,
    /// Times that the power failed.
    pub power_failures: u64,
    /// Times that the process died.
    pub kills: u64,
    /// Proper ends.
    pub shutdowns: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Partitions that came back by themselves after one.
    pub reopened: u64,
    /// Partitions that did not.
    pub stopped: u64,
    /// Times that the wall clock was set.
    pub jumps: u64,
    /// Answers that callers were given, refusals included; each was checked, and found again after each recovery.
    pub acknowledged: u64,
    /// Answers to a key that had one.
    pub repeats: u64,
    /// Durable records.
    pub records: u64,
    /// Effects that a role was asked for.
    pub effects: u64,
    /// Orders placed.
    pub orders: u64,
    /// Orders confirmed.
    pub confirmed: u64,
    /// Orders cancelled.
    pub cancelled: u64,
    /// Orders that an operator must look at.
    pub stuck: u64,
    /// What the disk saw.
    pub disk: DiskStats,
}

impl Stats {
    /// Crashes of either kind.
    #[must_use]
    pub fn crashes(&self) -> u64 {
        self.power_failures + self.kills
    }

    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        let pairs: [(&mut u64, u64); 23] = [
            (&mut self.events, other.events),
            (&mut self.simulated_s, other.simulated_s),
            (&mut self.power_failures, other.power_failures),
            (&mut self.kills, other.kills),
            (&mut self.shutdowns, other.shutdowns),
            (&mut self.failed_commits, other.failed_commits),
            (&mut self.reopened, other.reopened),
            (&mut self.stopped, other.stopped),
            (&mut self.jumps, other.jumps),
            (&mut self.acknowledged, other.acknowledged),
            (&mut self.repeats, other.repeats),
            (&mut self.records, other.records),
            (&mut self.effects, other.effects),
            (&mut self.orders, other.orders),
            (&mut self.confirmed, other.confirmed),
            (&mut self.cancelled, other.cancelled),
            (&mut self.stuck, other.stuck),
            (&mut self.disk.operations, other.disk.operations),
            (&mut self.disk.syncs, other.disk.syncs),
            (&mut self.disk.sync_failures, other.disk.sync_failures),
            (&mut self.disk.write_failures, other.disk.write_failures),
            (&mut self.disk.read_failures, other.disk.read_failures),
            (&mut self.disk.torn_writes, other.disk.torn_writes),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
    }
}
