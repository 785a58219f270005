//! What a partition is called, how large its segments grow and what an acknowledgement promises.
//!
//! File names are part of the format: Fluvio finds segments by them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::JournalError;

/// Default size at which a segment is closed and the next one begun.
pub const DEFAULT_SEGMENT_BYTES: u64 = 256 * 1024 * 1024;

/// The largest segment: positions in the index are `u32`, and a segment may end with one batch of [`MAX_BATCH_BYTES`].
pub const MAX_SEGMENT_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The largest batch that is written or believed. It bounds what a hostile length field can make a reader allocate.
pub const MAX_BATCH_BYTES: usize = 64 * 1024 * 1024;

const _: () = assert!(MAX_SEGMENT_BYTES + MAX_BATCH_BYTES as u64 <= u32::MAX as u64);

/// The file that holds the synced offset, under the name that Fluvio gives its high watermark.
pub(crate) const CHECKPOINT_FILE: &str = "replication.chk";
/// Files under construction end so; recovery removes those that a crash left.
pub(crate) const TEMP_SUFFIX: &str = ".tmp";

/// What has happened to a batch when it is called committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Durability {
    /// The batch is written and fsynced. A crash of the process or of the machine loses nothing that was committed.
    #[default]
    Fsync,
    /// The batch is written to the operating system. A crash of the process loses nothing; a crash of the machine loses
    /// what was committed since the last checkpoint (about a second) and a failed fsync loses it too.
    Os,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Durability::Fsync => "fsync",
            Durability::Os => "os",
        })
    }
}

/// The text is neither `fsync` nor `os`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown durability `{0}`: use `fsync` or `os`")]
pub struct UnknownDurability(pub String);

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "fsync" => Ok(Durability::Fsync),
            "os" => Ok(Durability::Os),
            other => Err(UnknownDurability(other.to_owned())),
        }
    }
}

/// One partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalConfig {
    /// Topic name: lower-case letters, digits and `-`; it becomes part of a directory name.
    pub topic: String,
    /// Partition number, also stored in every frame.
    pub partition: u32,
    /// A batch that would grow its segment beyond this many bytes starts the next segment.
    pub segment_bytes: u64,
    /// What a commit promises.
    pub durability: Durability,
}

impl JournalConfig {
    /// A partition with the default segment size and `fsync` durability.
    #[must_use]
    pub fn new(topic: impl Into<String>, partition: u32) -> Self {
        Self { topic: topic.into(), partition, segment_bytes: DEFAULT_SEGMENT_BYTES, durability: Durability::Fsync }
    }

    /// The partition's directory, relative to the disk's root: `<topic>-<partition>`.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        PathBuf::from(format!("{}-{}", self.topic, self.partition))
    }

    pub(crate) fn check(&self) -> Result<(), JournalError> {
        let named = !self.topic.is_empty() && self.topic.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named {
            return Err(JournalError::BadConfig { reason: format!("topic name `{}`: use lower-case letters, digits and `-`", self.topic) });
        }
        if self.segment_bytes == 0 || self.segment_bytes > MAX_SEGMENT_BYTES {
            return Err(JournalError::BadConfig {
                reason: format!("segment_bytes is {}: use 1 to {MAX_SEGMENT_BYTES}", self.segment_bytes),
            });
        }
        Ok(())
    }
}

/// `<20-digit base offset>.log`
pub(crate) fn log_name(base: u64) -> String {
    format!("{base:020}.log")
}

/// `<20-digit base offset>.index`
pub(crate) fn index_name(base: u64) -> String {
    format!("{base:020}.index")
}

/// The base offset in the name of a file with this extension (without a dot), if the name is exactly of that form.
pub(crate) fn base_of(name: &str, extension: &str) -> Option<u64> {
    let (stem, found) = name.split_once('.')?;
    let digits = stem.len() == 20 && stem.bytes().all(|b| b.is_ascii_digit());
    if digits && found == extension { stem.parse().ok() } else { None }
}

/// The directory that holds `dir`, as a disk path (the root is the empty path).
pub(crate) fn parent(dir: &Path) -> &Path {
    dir.parent().unwrap_or(Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_reads_what_it_prints() {
        for d in [Durability::Fsync, Durability::Os] {
            assert_eq!(d.to_string().parse::<Durability>(), Ok(d));
        }
        assert!("none".parse::<Durability>().is_err());
    }

    #[test]
    fn only_exact_names_are_segments() {
        assert_eq!(base_of(&log_name(42), "log"), Some(42));
        assert_eq!(base_of(&index_name(42), "log"), None);
        for name in ["42.log", "0000000000000000004x.log", "00000000000000000042.log.tmp", "+0000000000000000042.log"] {
            assert_eq!(base_of(name, "log"), None, "{name}");
        }
    }

    #[test]
    fn hostile_topic_names_are_refused() {
        for topic in ["", "a/b", "..", "A"] {
            assert!(JournalConfig::new(topic, 0).check().is_err(), "{topic}");
        }
        assert!(JournalConfig::new("journal", 0).check().is_ok());
    }
}
