//! The frame: the first record of every journal batch, under the batch's checksum.
//!
//! A checksum proves that a batch is what was written; the frame proves that it was written *here* and *next*. So a
//! write that went to the wrong place, a stale block and a missing batch are all caught.
//!
//! | bytes | field |
//! |---|---|
//! | 0 | frame version, 1 |
//! | 1..5 | partition, u32 |
//! | 5..9 | generation, u32 |
//! | 9..17 | sequence: records before this batch that are not frames, u64 |
//! | 17..25 | synced offset: every lower offset was fsynced when this batch was written, u64 |
//! | 25..33 | stamp, Unix milliseconds, u64 |
//! | 33..49 | hash of the batch before; zeros in the first batch |

use std::fmt;

use crate::wire::Cursor;

/// The frame layout that this program writes, and the only one it reads.
pub const FRAME_VERSION: u8 = 1;
/// Size of an encoded frame.
pub const FRAME_BYTES: usize = 49;

/// The first 16 bytes of the BLAKE3 hash of a whole batch as stored, header included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChainHash(pub [u8; 16]);

impl ChainHash {
    /// What the first batch names as its predecessor.
    pub const NONE: Self = Self([0; 16]);

    /// The hash of a batch.
    #[must_use]
    pub fn of(batch: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(batch).as_bytes()[..16]);
        Self(short)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

/// What a batch says about its place in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The partition that it was written for.
    pub partition: u32,
    /// Raised by every reopening after a failed fsync.
    pub generation: u32,
    /// Number of records, frames not counted, before this batch.
    pub sequence: u64,
    /// Every offset below this one was fsynced when the batch was written.
    pub synced_offset: u64,
    /// The batch's logged time, Unix milliseconds.
    pub stamp_unix_ms: u64,
    /// Hash of the batch before.
    pub previous: ChainHash,
}

/// Why a record is not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Wrong size.
    #[error("a frame has {FRAME_BYTES} bytes, this one has {0}")]
    Size(usize),
    /// Written by another version of this program.
    #[error("unknown frame version {0}")]
    Version(u8),
}

impl Frame {
    /// The stored form.
    #[must_use]
    pub fn encode(&self) -> [u8; FRAME_BYTES] {
        let mut out = [0; FRAME_BYTES];
        out[0] = FRAME_VERSION;
        out[1..5].copy_from_slice(&self.partition.to_be_bytes());
        out[5..9].copy_from_slice(&self.generation.to_be_bytes());
        out[9..17].copy_from_slice(&self.sequence.to_be_bytes());
        out[17..25].copy_from_slice(&self.synced_offset.to_be_bytes());
        out[25..33].copy_from_slice(&self.stamp_unix_ms.to_be_bytes());
        out[33..49].copy_from_slice(&self.previous.0);
        out
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`FrameError`]; the version is looked at first, as another version may have another size.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let size = FrameError::Size(bytes.len());
        let mut c = Cursor::new(bytes);
        let version = c.u8().ok_or(size)?;
        if version != FRAME_VERSION {
            return Err(FrameError::Version(version));
        }
        let mut read = || {
            Some(Self {
                partition: u32::from_be_bytes(c.array()?),
                generation: u32::from_be_bytes(c.array()?),
                sequence: u64::from_be_bytes(c.array()?),
                synced_offset: u64::from_be_bytes(c.array()?),
                stamp_unix_ms: u64::from_be_bytes(c.array()?),
                previous: ChainHash(c.array()?),
            })
        };
        let frame = read().ok_or(size)?;
        if c.is_empty() { Ok(frame) } else { Err(size) }
    }
}
