//! Bugs on demand, so that the simulator can be shown to catch them.
//!
//! Without the cargo feature `planted-bugs` nothing can be planted and every check is a constant `false`.

/// A bug that must make the simulator red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlantedBug {
    /// The journal leaves out the fsync and still calls the batch committed.
    SkipFsync,
    /// Recovery leaves a torn tail in place and appends behind it.
    TornTailKept,
    /// Replies leave before their batch is durable.
    ReplyBeforeSync,
    /// State staged for a batch survives the failure of its append.
    KeepStagedAfterFailedAppend,
    /// A snapshot leaves the idempotency keys out.
    DropDedupInSnapshot,
    /// A gate that scans a ticket which is used already lets its holder in.
    AnswerSecondGate,
    /// What undoes a step is reported as done and was not asked for.
    SkipCompensation,
    /// Recovery forgets the idempotency keys of what was refused.
    DropDedupEntry,
}

#[cfg(feature = "planted-bugs")]
mod on {
    use super::PlantedBug;
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<PlantedBug>> = const { Cell::new(None) };
    }

    /// Plants one bug in this thread, or none.
    pub fn set(bug: Option<PlantedBug>) {
        PLANTED.set(bug);
    }

    /// The bug planted in this thread.
    #[must_use]
    pub fn get() -> Option<PlantedBug> {
        PLANTED.get()
    }

    /// Whether this bug is planted in this thread.
    #[must_use]
    pub fn is(bug: PlantedBug) -> bool {
        get() == Some(bug)
    }
}

#[cfg(feature = "planted-bugs")]
pub use on::{get, is, set};

/// Whether this bug is planted in this thread: never, without the feature `planted-bugs`.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn is(_bug: PlantedBug) -> bool {
    false
}
