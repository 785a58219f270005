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
    /// What a timer leads to is written twice.
    TimerFiredTwice,
    /// What is due is written at the end of a batch, after the commands that should have seen it.
    TimePassesAfterCommands,
    /// A hold ends and nobody writes it down.
    HoldOrphaned,
    /// Recovery goes on one batch too far behind a snapshot.
    SnapshotPositionWrong,
    /// A refund that is tried again is another refund.
    RefundTwice,
}

/// All of them, each with its name on a command line.
pub const ALL: [(&str, PlantedBug); 13] = [
    ("skip-fsync", PlantedBug::SkipFsync),
    ("torn-tail-kept", PlantedBug::TornTailKept),
    ("reply-before-sync", PlantedBug::ReplyBeforeSync),
    ("keep-staged-after-failed-append", PlantedBug::KeepStagedAfterFailedAppend),
    ("drop-dedup-in-snapshot", PlantedBug::DropDedupInSnapshot),
    ("answer-second-gate", PlantedBug::AnswerSecondGate),
    ("skip-compensation", PlantedBug::SkipCompensation),
    ("drop-dedup-entry", PlantedBug::DropDedupEntry),
    ("timer-fired-twice", PlantedBug::TimerFiredTwice),
    ("time-passes-after-commands", PlantedBug::TimePassesAfterCommands),
    ("hold-orphaned", PlantedBug::HoldOrphaned),
    ("snapshot-position-wrong", PlantedBug::SnapshotPositionWrong),
    ("refund-twice", PlantedBug::RefundTwice),
];

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
