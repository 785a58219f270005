//! A journal batch in memory, checked once so that reading its records cannot fail.

use bytes::Bytes;

use crate::batch::{BatchHeader, BatchView, HEADER_BYTES, RecordViews};
use crate::error::DamageReason;
use crate::frame::Frame;

/// A whole journal batch.
#[derive(Debug, Clone)]
pub struct OwnedBatch {
    /// The batch's frame.
    pub frame: Frame,
    /// Offset of the frame; the first record has the next one.
    pub base_offset: u64,
    /// Offset after the last record.
    pub next_offset: u64,
    raw: Bytes,
}

/// What a batch says that counts itself among the synced ones, or that stands under a wrong base offset.
pub(crate) const CALLS_ITSELF_SYNCED: &str = "the frame calls its own batch synced";

/// What a batch says about itself when it is intact, wherever it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked {
    pub(crate) header: BatchHeader,
    pub(crate) frame: Frame,
}

/// Checks all that one batch alone can show: checksum, records, frame, and that its unchecksummed fields agree with it.
pub(crate) fn check_batch(bytes: &[u8]) -> Result<Checked, DamageReason> {
    let view = BatchView::parse(bytes)?;
    let header = *view.header();
    if !header.has_frame() {
        return Err(DamageReason::NoFrame);
    }
    let first = view.records().next().ok_or(DamageReason::NoFrame)?;
    let frame = Frame::decode(first.value)?;
    if header.leader_epoch as u32 != frame.generation {
        return Err(DamageReason::WrongGeneration { expected: frame.generation, found: header.leader_epoch as u32 });
    }
    if header.first_timestamp as u64 != frame.stamp_unix_ms || header.max_timestamp as u64 != frame.stamp_unix_ms {
        return Err(DamageReason::Contradiction("header and frame have different stamps"));
    }
    if i64::try_from(frame.synced_offset).is_ok_and(|synced| synced > header.base_offset) {
        return Err(DamageReason::Contradiction(CALLS_ITSELF_SYNCED));
    }
    Ok(Checked { header, frame })
}

impl OwnedBatch {
    /// Checks a batch that stands at `base_offset` of `partition`.
    pub(crate) fn from_raw(raw: Bytes, partition: u32, base_offset: u64) -> Result<Self, DamageReason> {
        let Checked { header, frame } = check_batch(&raw)?;
        if frame.partition != partition {
            return Err(DamageReason::WrongPartition { found: frame.partition });
        }
        if u64::try_from(header.base_offset) != Ok(base_offset) {
            return Err(DamageReason::WrongOffset { expected: base_offset, found: header.base_offset });
        }
        Ok(Self { frame, base_offset, next_offset: base_offset + header.offsets(), raw })
    }

    /// The batch's logged time, Unix milliseconds.
    #[must_use]
    pub fn stamp_unix_ms(&self) -> u64 {
        self.frame.stamp_unix_ms
    }

    /// The batch as stored: a valid Fluvio batch.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Number of records, the frame not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.next_offset - self.base_offset - 1) as usize
    }

    /// Whether the batch carries nothing but its frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records with their offsets, without the frame.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        let count = (self.next_offset - self.base_offset) as u32;
        let mut views = RecordViews::over(&self.raw[HEADER_BYTES + 4..], count);
        views.next(); // the frame
        Records { base_offset: self.base_offset, views }
    }
}

/// Iterator over the records of an [`OwnedBatch`]: offset and bytes.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    base_offset: u64,
    views: RecordViews<'a>,
}

impl<'a> Iterator for Records<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.views.next()?;
        Some((self.base_offset + u64::from(record.offset_delta), record.value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.views.size_hint()
    }
}
