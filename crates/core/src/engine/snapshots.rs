//! Snapshots on demand.

use super::{Fault, Guichet};
use crate::snapshot::SnapshotTaken;

impl Guichet {
    /// Takes a snapshot of everything that is durable in a partition, in the background; the shard goes on meanwhile. The next start
    /// begins there. When nothing is new since the newest one, that one is the answer.
    ///
    /// # Errors
    /// [`Fault::Snapshot`] when it cannot be taken, as on a full disk; nothing else is concerned.
    pub async fn take_snapshot(&self, partition: u16) -> Result<SnapshotTaken, Fault> {
        self.partition(partition)?;
        let answer = self.inner.keeper.ask(partition).ok_or(Fault::Closing)?;
        let taken = answer.await.map_err(|_| Fault::Closing)?;
        taken.map_err(|why| Fault::Snapshot { partition, why })
    }
}
