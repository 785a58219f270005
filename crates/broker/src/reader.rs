//! Reading what is durable, beside the writer and never in its way.
//!
//! A reader and the writer share an atomic offset and the list of segments. No reader ever sees a batch at or above the
//! durable end, and no lock is held while a file is read.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::batch::{BatchError, BatchHeader, HEADER_BYTES};
use crate::disk::read_full;
use crate::error::{DamageReason, JournalError};
use crate::owned::OwnedBatch;
use crate::segment::{Segment, Shared};

/// Reads the durable batches of a partition. Cheap to clone.
#[derive(Clone)]
pub struct JournalReader {
    shared: Arc<Shared>,
}

/// Where a batch stands.
struct Place {
    segment: Arc<Segment>,
    position: u64,
    offset: u64,
}

impl JournalReader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Every offset below this one is durable and can be read.
    #[must_use]
    pub fn durable_end(&self) -> u64 {
        self.shared.durable_end()
    }

    /// The whole batch that contains `offset`, or `None` if it is not durable (yet).
    ///
    /// # Errors
    /// [`JournalError::Io`], or [`JournalError::Damaged`] if the batch is not what was written.
    pub fn read_batch_at(&self, offset: u64) -> Result<Option<OwnedBatch>, JournalError> {
        Ok(self.find(offset)?.map(|(batch, _)| batch))
    }

    /// The durable batches in order, beginning with the one that contains `from`. At the durable end it returns `None`,
    /// and goes on when asked again after more has become durable.
    #[must_use]
    pub fn batches(&self, from: u64) -> Batches {
        Batches { reader: self.clone(), next: from, place: None }
    }

    fn find(&self, offset: u64) -> Result<Option<(OwnedBatch, Place)>, JournalError> {
        if offset >= self.durable_end() {
            return Ok(None);
        }
        let Some(segment) = self.shared.segment_of(offset) else { return Ok(None) };
        let (relative, position) = segment.index.read().floor(offset - segment.base);
        let mut place = Place { offset: segment.base + relative, segment, position };
        loop {
            let header = self.header(&place)?;
            if offset < place.offset + header.offsets() {
                return self.at(place).map(Some);
            }
            place.offset += header.offsets();
            place.position += header.total_bytes() as u64;
        }
    }

    /// The batch at a known place, and the place after it.
    fn at(&self, mut place: Place) -> Result<(OwnedBatch, Place), JournalError> {
        let header = self.header(&place)?;
        let batch = self.load(&place, &header)?;
        place.position += header.total_bytes() as u64;
        place.offset = batch.next_offset;
        Ok((batch, place))
    }

    fn header(&self, place: &Place) -> Result<BatchHeader, JournalError> {
        let mut front = [0; HEADER_BYTES + 4];
        let read = read_full(&*place.segment.file, &mut front, place.position).map_err(|e| self.io(place, e))?;
        let header = BatchHeader::parse(&front[..read]).map_err(|e| self.damaged(place, e.into()))?;
        if u64::try_from(header.base_offset) != Ok(place.offset) || header.offsets() == 0 {
            let wrong = DamageReason::WrongOffset { expected: place.offset, found: header.base_offset };
            return Err(self.damaged(place, wrong));
        }
        Ok(header)
    }

    fn load(&self, place: &Place, header: &BatchHeader) -> Result<OwnedBatch, JournalError> {
        // The file is asked for its size first: a damaged length must not decide how much is allocated.
        let len = place.segment.file.len().map_err(|e| self.io(place, e))?;
        let (need, have) = (header.total_bytes() as u64, len.saturating_sub(place.position));
        if need > have {
            return Err(self.damaged(place, BatchError::Short { need, have }.into()));
        }
        let mut raw = vec![0; header.total_bytes()];
        let read = read_full(&*place.segment.file, &mut raw, place.position).map_err(|e| self.io(place, e))?;
        raw.truncate(read);
        OwnedBatch::from_raw(Bytes::from(raw), self.shared.partition, place.offset).map_err(|reason| self.damaged(place, reason))
    }

    fn io(&self, place: &Place, source: io::Error) -> JournalError {
        JournalError::Io {
            topic: self.shared.topic.clone(),
            partition: self.shared.partition,
            action: "read",
            path: PathBuf::from(format!("{}-{}", self.shared.topic, self.shared.partition)).join(place.segment.name()),
            source,
        }
    }

    fn damaged(&self, place: &Place, reason: DamageReason) -> JournalError {
        JournalError::Damaged {
            topic: self.shared.topic.clone(),
            partition: self.shared.partition,
            segment: place.segment.name(),
            position: place.position,
            offset: place.offset,
            reason,
        }
    }
}

/// Iterator over durable batches; after an error it stays where it is.
pub struct Batches {
    reader: JournalReader,
    next: u64,
    /// Where the batch at `next` stands, if it is in the same segment as the one before.
    place: Option<Place>,
}

impl Batches {
    /// The offset that the next batch must contain.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.next
    }
}

impl Iterator for Batches {
    type Item = Result<OwnedBatch, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.reader.durable_end() {
            return None;
        }
        // Still in the same segment if the list knows no later one for this offset.
        let same = self
            .place
            .take()
            .filter(|place| self.reader.shared.segment_of(self.next).is_some_and(|segment| segment.base == place.segment.base));
        let found = match same {
            Some(place) => self.reader.at(place).map(Some),
            None => self.reader.find(self.next),
        };
        match found {
            Ok(Some((batch, after))) => {
                self.next = after.offset;
                self.place = Some(after);
                Some(Ok(batch))
            }
            Ok(None) => None,
            Err(e) => Some(Err(e)),
        }
    }
}
