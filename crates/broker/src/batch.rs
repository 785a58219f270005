//! Fluvio's record batch, read by hand.
//!
//! | bytes | field |
//! |---|---|
//! | 0..8 | base offset, i64 |
//! | 8..12 | bytes after this field, i32 |
//! | 12..16 | leader epoch, i32 (the journal's generation) |
//! | 16 | magic, 2 |
//! | 17..21 | CRC-32C of byte 21 to the end |
//! | 21..23 | attributes, i16 |
//! | 23..27 | last offset delta, i32 |
//! | 27..43 | first and last timestamp, i64 each |
//! | 43..57 | producer id i64, producer epoch i16, first sequence i32: -1 |
//! | 57.. | (schema id, u32, if its bit is set), record count i32, records |
//!
//! All integers are big-endian. A record is a varint length, then attributes i8, timestamp delta and offset delta
//! (varints), key (0, or 1 and sized bytes), value (sized bytes), header count (varint). Bytes before 21 are outside
//! the checksum: whoever believes them must check them against something that is inside.

use crate::config::MAX_BATCH_BYTES;
use crate::wire::Cursor;

/// Header size: the record count follows.
pub const HEADER_BYTES: usize = 57;
/// Base offset and length: the length field counts from here.
pub const PREAMBLE_BYTES: usize = 12;
/// The checksum covers everything from here.
pub const CRC_FROM: usize = 21;
/// The only batch format there is.
pub const MAGIC: i8 = 2;
/// Attribute bits that name the compression; 0 is none.
pub const ATTRIBUTE_COMPRESSION: i16 = 0x07;
/// Attribute bit: a schema id stands before the records.
pub const ATTRIBUTE_SCHEMA: i16 = 0x10;
/// Attribute bit: the first record is a journal frame. Neither Fluvio nor Kafka gives this bit a meaning.
pub const ATTRIBUTE_FRAME: i16 = 0x0100;

/// Why bytes are not a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end inside the batch.
    #[error("the batch needs {need} bytes, {have} are left")]
    Short {
        /// Bytes that the batch needs, as far as known.
        need: u64,
        /// Bytes there are.
        have: u64,
    },
    /// The length field is impossible.
    #[error("batch length {0} is impossible")]
    Length(i32),
    /// Not magic 2.
    #[error("batch magic is {0}, not 2")]
    Magic(i8),
    /// The checksum does not match.
    #[error("checksum mismatch: stored {stored:08x}, computed {computed:08x}")]
    Crc {
        /// In the header.
        stored: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// The checksum matches and yet the records cannot be read: whoever wrote this had a bug.
    #[error("record {index} of the batch cannot be read")]
    Record {
        /// Number of the record in the batch, from 0.
        index: u32,
    },
    /// The number of records does not fit the offsets that the batch claims, or bytes follow the last record.
    #[error("the batch claims {claimed} records and {deltas} offsets, which does not fit its contents")]
    Count {
        /// Record count field.
        claimed: i32,
        /// Last offset delta + 1.
        deltas: i64,
    },
    /// The records are compressed; this reader has no decompressor.
    #[error("the batch is compressed (codec {0}), which this reader does not decode")]
    Compressed(i16),
}

impl BatchError {
    /// Whether an interrupted write can explain it. What passes its checksum was written whole.
    #[must_use]
    pub fn may_be_torn(&self) -> bool {
        matches!(self, Self::Short { .. } | Self::Length(_) | Self::Magic(_) | Self::Crc { .. })
    }
}

/// The fixed part of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes after the first twelve.
    pub batch_len: i32,
    /// The journal's generation; -1 in a client's batch.
    pub leader_epoch: i32,
    /// Stored checksum.
    pub crc: u32,
    /// See the `ATTRIBUTE_` constants.
    pub attributes: i16,
    /// Offset of the last record less the base offset.
    pub last_offset_delta: i32,
    /// Milliseconds since 1970.
    pub first_timestamp: i64,
    /// Milliseconds since 1970.
    pub max_timestamp: i64,
}

impl BatchHeader {
    /// Reads a header and checks what can be checked without the rest.
    ///
    /// # Errors
    /// [`BatchError::Short`], [`BatchError::Length`] or [`BatchError::Magic`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let short = BatchError::Short { need: HEADER_BYTES as u64 + 4, have: bytes.len() as u64 };
        let mut c = Cursor::new(bytes);
        let mut read = || {
            let base_offset = i64::from_be_bytes(c.array()?);
            let batch_len = i32::from_be_bytes(c.array()?);
            let leader_epoch = i32::from_be_bytes(c.array()?);
            let magic = i8::from_be_bytes(c.array()?);
            let header = Self {
                base_offset,
                batch_len,
                leader_epoch,
                crc: u32::from_be_bytes(c.array()?),
                attributes: i16::from_be_bytes(c.array()?),
                last_offset_delta: i32::from_be_bytes(c.array()?),
                first_timestamp: i64::from_be_bytes(c.array()?),
                max_timestamp: i64::from_be_bytes(c.array()?),
            };
            c.take(14)?; // producer id, epoch and sequence: nothing here uses them
            Some((header, magic))
        };
        let (header, magic) = read().ok_or(short)?;
        if magic != MAGIC {
            return Err(BatchError::Magic(magic));
        }
        let least = (HEADER_BYTES + 4 - PREAMBLE_BYTES) as i32;
        let most = (MAX_BATCH_BYTES - PREAMBLE_BYTES) as i32;
        if !(least..=most).contains(&header.batch_len) {
            return Err(BatchError::Length(header.batch_len));
        }
        Ok(header)
    }

    /// Size of the whole batch in bytes.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        PREAMBLE_BYTES + self.batch_len as usize // parse() has bounded it
    }

    /// Offsets that the batch takes; at least 1 in a valid batch.
    #[must_use]
    pub fn offsets(&self) -> u64 {
        u64::try_from(i64::from(self.last_offset_delta) + 1).unwrap_or(0)
    }

    /// Whether the first record is a journal frame.
    #[must_use]
    pub fn has_frame(&self) -> bool {
        self.attributes & ATTRIBUTE_FRAME != 0
    }
}

/// One record of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Offset less the batch's base offset.
    pub offset_delta: u32,
    /// Milliseconds after the batch's first timestamp.
    pub timestamp_delta: i64,
    /// The key, if any.
    pub key: Option<&'a [u8]>,
    /// The value.
    pub value: &'a [u8],
}

/// A whole batch whose checksum and records have been checked.
#[derive(Debug, Clone, Copy)]
pub struct BatchView<'a> {
    header: BatchHeader,
    records: &'a [u8],
    count: u32,
}

impl<'a> BatchView<'a> {
    /// Reads the batch at the front of `bytes`; more bytes may follow it.
    ///
    /// # Errors
    /// Whatever is wrong with it, checksum first: an error that is not [`BatchError::may_be_torn`] was written so.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let need = header.total_bytes();
        let Some(whole) = bytes.get(..need) else {
            return Err(BatchError::Short { need: need as u64, have: bytes.len() as u64 });
        };
        let computed = crc32c::crc32c(&whole[CRC_FROM..]);
        if computed != header.crc {
            return Err(BatchError::Crc { stored: header.crc, computed });
        }
        let codec = header.attributes & ATTRIBUTE_COMPRESSION;
        if codec != 0 {
            return Err(BatchError::Compressed(codec));
        }
        let mut c = Cursor::new(&whole[HEADER_BYTES..]);
        let deltas = i64::from(header.last_offset_delta) + 1;
        if header.attributes & ATTRIBUTE_SCHEMA != 0 {
            c.take(4).ok_or(BatchError::Count { claimed: -1, deltas })?;
        }
        let claimed = c.array().map_or(-1, i32::from_be_bytes);
        if claimed < 1 || i64::from(claimed) != deltas {
            return Err(BatchError::Count { claimed, deltas });
        }
        let count = claimed as u32;
        let records = c;
        for index in 0..count {
            match read_record(&mut c) {
                Some(record) if record.offset_delta == index => {}
                _ => return Err(BatchError::Record { index }),
            }
        }
        if !c.is_empty() {
            return Err(BatchError::Count { claimed, deltas });
        }
        Ok(Self { header, records: records.remaining(), count })
    }

    /// The fixed part.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The records in order, a frame included.
    #[must_use]
    pub fn records(&self) -> RecordViews<'a> {
        RecordViews { cursor: Cursor::new(self.records), left: self.count }
    }
}

/// Iterator over the records of a batch.
#[derive(Debug, Clone)]
pub struct RecordViews<'a> {
    cursor: Cursor<'a>,
    left: u32,
}

impl<'a> RecordViews<'a> {
    /// Over bytes that [`BatchView::parse`] has accepted before.
    pub(crate) fn over(records: &'a [u8], count: u32) -> Self {
        Self { cursor: Cursor::new(records), left: count }
    }
}

impl<'a> Iterator for RecordViews<'a> {
    type Item = RecordView<'a>;

    fn next(&mut self) -> Option<RecordView<'a>> {
        self.left = self.left.checked_sub(1)?;
        read_record(&mut self.cursor)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left as usize))
    }
}

fn read_record<'a>(c: &mut Cursor<'a>) -> Option<RecordView<'a>> {
    let mut r = Cursor::new(c.sized()?);
    r.u8()?; // attributes: unused
    let timestamp_delta = r.varint()?;
    let offset_delta = u32::try_from(r.varint()?).ok()?;
    let key = match r.u8()? {
        0 => None,
        1 => Some(r.sized()?),
        _ => return None,
    };
    let value = r.sized()?;
    r.varint()?; // header count; Fluvio writes no headers
    r.is_empty().then_some(RecordView { offset_delta, timestamp_delta, key, value })
}
