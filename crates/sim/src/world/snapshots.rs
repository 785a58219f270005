//! Snapshots, taken at any moment without threads: between two steps of a shard, which must not notice.

use std::sync::atomic::AtomicBool;

use guichet_broker::JournalReader;
use guichet_core::shard::RecoverError;
use guichet_core::snapshot::{Recovered, SnapshotError, Snapshots};

use super::World;
use crate::oracle::{INCARNATION, Verdict};
use crate::trace::note;

impl World {
    pub(super) fn snapshots(&self, partition: usize) -> Snapshots {
        Snapshots::new(self.disk.arc(), u16::try_from(partition).unwrap_or(u16::MAX), INCARNATION)
    }

    /// Takes a snapshot of a partition, if that runs.
    pub(super) fn take_snapshot(&mut self) -> Verdict {
        let partition = self.rng.index(self.shards.len());
        let Some(reader) = self.shards[partition].as_ref().and_then(super::commit::Shard::reader) else { return Ok(()) };
        let taken = self.snapshots(partition).take(&reader, &AtomicBool::new(false));
        if self.disk.is_off() {
            return self.power_failure();
        }
        match taken {
            Ok(written) => {
                note!(self.trace, "p{partition} has a snapshot up to {}, {} bytes", written.offset, written.bytes);
                self.stats.snapshots += 1;
            }
            Err(SnapshotError::Empty) => {}
            Err(error) if error.is_disk_fault() => {
                note!(self.trace, "p{partition} has no new snapshot: {error}");
                self.stats.failed_snapshots += 1;
            }
            Err(error) => return Err(format!("partition {partition}: no snapshot can be taken, and not because of the disk: {error}")),
        }
        Ok(())
    }

    /// A bit of a snapshot turns over by itself.
    pub(super) fn rot_snapshot(&mut self) {
        let partition = self.rng.index(self.shards.len());
        if self.disk.rot(format!("snapshots-{partition}").as_ref()) {
            note!(self.trace, "a bit of a snapshot of p{partition} turns over");
            self.stats.rotten_bits += 1;
        }
    }

    /// Recovers a partition. Unless bits turned over, every snapshot that can be read is good: neither a crash nor a failure leaves
    /// half of one.
    pub(super) fn recover(&mut self, partition: usize, reader: &JournalReader) -> Verdict<Result<Recovered, RecoverError>> {
        let recovered = self.snapshots(partition).recover(reader);
        if let Ok(Recovered { snapshot, skipped, .. }) = &recovered {
            self.stats.shortened += u64::from(snapshot.is_some());
            self.stats.passed_over += skipped.len() as u64;
            let bad = skipped.iter().find(|skipped| !skipped.reason.contains("cannot be read"));
            if let Some(bad) = bad.filter(|_| self.stats.rotten_bits == 0) {
                return Err(format!("partition {partition}: a snapshot that nobody damaged is bad: {bad:?}"));
            }
        }
        Ok(recovered)
    }
}
