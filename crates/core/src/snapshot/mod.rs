//! Snapshots of shards: a partition comes back from the newest good one and the journal's tail, not from its whole history.
//!
//! A snapshot is a shortcut and nothing more. It covers only what is durable, it is checked before it is believed, and whatever is
//! wrong with it costs time: the one before it is used, and without any the journal is replayed from its start. It is taken by a
//! thread of its own that recovers the partition from disk a second time, so the shard never waits for it, and each snapshot is
//! also a proof that the one before it can be recovered from.
//!
//! Must never be true: a partition that serves a state that its journal does not give; a snapshot under its final name that was not
//! written and synced as a whole; a failure here that stops a shard.
//!
//! Reading order: `file` (the bytes around it), `body` and `layout` (what is in it), `recover`, `take`, `keeper` (the thread).

mod body;
mod file;
mod keeper;
mod layout;
mod recover;
mod take;
#[cfg(test)]
mod tests;

pub use keeper::SnapshotTaken;
pub(crate) use keeper::{Keeper, Watched};
pub use recover::{Recovered, Skipped, Snapshots};
pub use take::{SnapshotError, Written};
