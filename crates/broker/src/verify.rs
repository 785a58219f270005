//! Offline verification: reads a partition as recovery would and changes nothing.

use std::sync::Arc;

use crate::config::JournalConfig;
use crate::disk::Disk;
use crate::error::JournalError;
use crate::owned::OwnedBatch;
use crate::recovery::Cut;
use crate::walk::Walk;

/// A batch whose checksum, frame, offsets and chain are right.
#[derive(Debug, Clone)]
pub struct VerifiedBatch {
    /// File name of its segment.
    pub segment: String,
    /// Byte position in the segment.
    pub position: u64,
    /// Size on disk.
    pub bytes: u64,
    /// The batch itself.
    pub batch: OwnedBatch,
}

/// What a whole partition amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifySummary {
    /// Valid batches.
    pub batches: u64,
    /// Records in them, frames not counted.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Segments read.
    pub segments: usize,
    /// Offset after the last valid batch.
    pub next_offset: u64,
    /// Every lower offset is known to have been synced.
    pub synced_offset: u64,
    /// Highest generation.
    pub generation: u32,
    /// A torn tail that the next start will cut.
    pub torn: Option<Cut>,
    /// File names of segments that a higher generation replaces and the next start will remove.
    pub superseded: Vec<String>,
}

/// Iterator over the valid batches of a partition. It ends after the first error.
pub struct Verifier {
    walk: Walk,
    batches: u64,
    ended: Option<bool>,
}

/// Reads all batches of a partition from the start and checks checksums, frames, the hash chain and continuity. The
/// partition must not be open for writing.
///
/// # Errors
/// [`JournalError::Io`] if its directory cannot be read; what is wrong inside comes from the iterator.
pub fn verify_partition(disk: Arc<dyn Disk>, config: &JournalConfig) -> Result<Verifier, JournalError> {
    config.check()?;
    Ok(Verifier { walk: Walk::open(disk, config, None)?, batches: 0, ended: None })
}

impl Verifier {
    /// What was found, once the iterator has ended without an error.
    #[must_use]
    pub fn summary(&self) -> Option<VerifySummary> {
        (self.ended == Some(true)).then(|| VerifySummary {
            batches: self.batches,
            records: self.walk.chain.sequence,
            bytes: self.walk.bytes,
            segments: self.walk.segments.len(),
            next_offset: self.walk.chain.next_offset,
            synced_offset: self.walk.known_synced,
            generation: self.walk.chain.generation,
            torn: self.walk.torn.clone(),
            superseded: self.walk.superseded.iter().map(|&base| crate::config::log_name(base)).collect(),
        })
    }
}

impl Iterator for Verifier {
    type Item = Result<VerifiedBatch, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended.is_some() {
            return None;
        }
        match self.walk.step() {
            Ok(Some(step)) => {
                self.batches += 1;
                let batch = self.walk.batch_of(&step);
                self.ended = batch.is_err().then_some(false);
                let segment = self.walk.segment_name();
                Some(batch.map(|batch| VerifiedBatch { segment, position: step.position, bytes: step.bytes, batch }))
            }
            Ok(None) => {
                self.ended = Some(true);
                None
            }
            Err(e) => {
                self.ended = Some(false);
                Some(Err(e))
            }
        }
    }
}
