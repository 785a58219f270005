//! What can go wrong, said so that an operator knows where and what to do next.
//!
//! [`JournalError::Damaged`] is never repaired here: one node promises detection, a backup repairs.

use std::io;
use std::path::PathBuf;

use crate::batch::BatchError;
use crate::frame::FrameError;

/// Why bytes of a partition are not what they must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamageReason {
    /// The batch is incomplete, fails its checksum or its records cannot be read.
    #[error("{0}")]
    Batch(#[from] BatchError),
    /// The first record is not a frame that this version can read.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// A valid batch without a frame: this is not a journal's batch.
    #[error("the batch carries no journal frame; this topic was not written by the journal")]
    NoFrame,
    /// A valid batch of another partition.
    #[error("the batch belongs to partition {found}; it was written to the wrong place")]
    WrongPartition {
        /// The partition named by the frame.
        found: u32,
    },
    /// The batch does not start where the one before ended.
    #[error("the batch starts at offset {found}, the one before ends at {expected}")]
    WrongOffset {
        /// The offset that must come next.
        expected: u64,
        /// The offset in the batch header.
        found: i64,
    },
    /// The frame counts other records before it than there are.
    #[error("the frame counts {found} records before it, there are {expected}")]
    WrongSequence {
        /// Records before this batch.
        expected: u64,
        /// Records before this batch by its frame.
        found: u64,
    },
    /// The frame does not carry the hash of the batch before.
    #[error("the hash of the batch before does not match: a batch is stale, missing or changed")]
    WrongChain,
    /// The header, the frame and the segment do not agree about the generation.
    #[error("the batch is of generation {found} where {expected} is expected")]
    WrongGeneration {
        /// Generation of the segment, or of the frame.
        expected: u32,
        /// Generation found.
        found: u32,
    },
    /// The frame or the header contradicts itself.
    #[error("the frame contradicts the batch: {0}")]
    Contradiction(&'static str),
    /// Batches between two segments are missing.
    #[error("offsets {from} to {to} (exclusive) are missing: a segment file is gone or cut short")]
    Missing {
        /// First missing offset.
        from: u64,
        /// First offset that is there again.
        to: u64,
    },
    /// A batch reaches beyond the start of the next segment.
    #[error("the batch reaches beyond offset {next}, where the next segment starts")]
    Overlap {
        /// Base offset of the next segment.
        next: u64,
    },
    /// Bytes follow the last batch of a segment that is not the last.
    #[error("{bytes} bytes follow the last batch of a closed segment")]
    BytesAfterRoll {
        /// How many.
        bytes: u64,
    },
    /// Everything that is left is valid, but it ends before an offset that was synced.
    #[error("the log ends here, but offsets below {synced} were synced: synced data is gone")]
    SyncedDataGone {
        /// The synced offset on record.
        synced: u64,
    },
    /// The synced offset lies inside a batch.
    #[error("the synced offset {synced} lies inside a batch")]
    SyncedInsideBatch {
        /// The synced offset.
        synced: u64,
    },
    /// `replication.chk` is not one non-negative big-endian `i64`.
    #[error("the file holds {bytes} bytes that are not a synced offset")]
    Checkpoint {
        /// Size of the file.
        bytes: u64,
    },
}

/// Why the journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused. A writer that returned this is poisoned.
    #[error("{topic}-{partition}: cannot {action} {}: {source}", path.display())]
    Io {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// What was tried.
        action: &'static str,
        /// On which file or directory, relative to the disk's root.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Bytes that were synced, or that cannot be a torn tail, are wrong. Nothing was changed on disk.
    #[error(
        "{topic}-{partition}: damaged at offset {offset} ({segment}, byte {position}): {reason}. \
         Nothing was changed. Check the disk, then restore this partition from a backup"
    )]
    Damaged {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// File name of the segment, or of the checkpoint.
        segment: String,
        /// Byte position in that file.
        position: u64,
        /// Offset expected at that position.
        offset: u64,
        /// What is wrong.
        reason: DamageReason,
    },
    /// An intact batch was written by a version of this program that this one does not know.
    #[error(
        "{topic}-{partition}: the batch at offset {offset} ({segment}, byte {position}) has frame version {version}, \
         this program knows {}. Start the program version that wrote it, or a later one",
        crate::frame::FRAME_VERSION
    )]
    WrongVersion {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// File name of the segment.
        segment: String,
        /// Byte position in that file.
        position: u64,
        /// Offset expected at that position.
        offset: u64,
        /// The unknown version.
        version: u8,
    },
    /// An earlier write or fsync failed, so nothing past `synced` may be believed.
    #[error(
        "{topic}-{partition}: stopped after an error ({reason}); everything from offset {synced} on is untrusted. \
         Reopen the partition with `Trust::SyncedOnly {{ synced: {synced} }}`"
    )]
    Poisoned {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// Every offset below this one is fsynced.
        synced: u64,
        /// The first error.
        reason: String,
    },
    /// A batch was written while the one before is not synced.
    #[error("{topic}-{partition}: the batch at offset {offset} is written but not synced; call `sync` first")]
    SyncPending {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// Base offset of the unsynced batch.
        offset: u64,
    },
    /// `sync` without a written batch.
    #[error("{topic}-{partition}: no batch is waiting to be synced; call `write` first")]
    NothingToSync {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
    },
    /// The batch cannot be written: no reader would accept its size. Nothing was written.
    #[error("{topic}-{partition}: the batch has {bytes} bytes, the limit is {limit}; commit fewer records at once")]
    BatchTooLarge {
        /// Topic name.
        topic: String,
        /// Partition number.
        partition: u32,
        /// Encoded size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The configuration cannot work.
    #[error("journal configuration: {reason}")]
    BadConfig {
        /// What to change.
        reason: String,
    },
}

impl JournalError {
    /// Whether data is damaged, which only a backup repairs.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    /// Whether a write found no room: nothing is wrong with what stands there, and it passes. A failed sync is never that, whatever it
    /// says: nobody knows what the disk has kept.
    #[must_use]
    pub fn is_full_disk(&self) -> bool {
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        matches!(self, Self::Io { source, action, .. } if kinds.contains(&source.kind()) && !action.starts_with("sync"))
    }
}
