//! The embedded stream: a durable, partitioned journal in Fluvio's on-disk format.
//!
//! A partition is one writer ([`Journal`]), any number of readers ([`JournalReader`]) and a directory of segments. The
//! journal sees bytes, not events: what a record means is its owner's business.
//!
//! What must never be true here:
//! - a batch is called committed before its bytes are where [`Durability`] says they are;
//! - a failed fsync is tried again, or the page cache is believed after one;
//! - bytes that were once reported synced are cut, skipped or returned changed: they are [`JournalError::Damaged`];
//! - bytes read from disk make this crate panic or allocate more than they measure.
//!
//! Reading order: [`config`], [`disk`], [`batch`] and [`frame`] (the format), [`builder`], [`journal`] (writing),
//! `walk` and [`recovery`] (opening), [`reader`], [`verify`].

pub mod batch;
pub mod builder;
mod checkpoint;
pub mod config;
pub mod disk;
pub mod error;
pub mod frame;
mod fs_disk;
mod index;
pub mod journal;
mod lock;
mod owned;
pub mod planted;
pub mod reader;
pub mod recovery;
mod segment;
pub mod verify;
mod walk;
mod wire;

pub use builder::{BatchBuilder, UnsealedBatch};
pub use config::{Durability, JournalConfig};
pub use disk::{Disk, DiskFile, read_full};
pub use error::{DamageReason, JournalError};
pub use frame::{ChainHash, Frame};
pub use fs_disk::FsDisk;
pub use journal::{CommittedBatch, Journal, Written};
pub use lock::{DirectoryLock, LockError};
pub use owned::{OwnedBatch, Records};
pub use planted::PlantedBug;
pub use reader::{Batches, JournalReader};
pub use recovery::{Cut, Recovery, Trust};
pub use verify::{VerifiedBatch, Verifier, VerifySummary, verify_partition};
