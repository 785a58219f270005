//! Building a batch in one growing buffer, and sealing it in place.
//!
//! Thousands of small records go through here per commit: a record costs its own bytes in the buffer and nothing else,
//! and sealing patches the reserved front, computes one checksum and one hash.

use crate::batch::{ATTRIBUTE_FRAME, CRC_FROM, HEADER_BYTES, MAGIC, PREAMBLE_BYTES};
use crate::frame::{ChainHash, FRAME_BYTES, Frame};
use crate::wire::{put_varint, varint_len};

/// Record count, then the frame record.
const FRAME_RECORD_AT: usize = HEADER_BYTES + 4;
/// Length, attributes, timestamp delta, offset delta, key option, value length: one byte each for a frame.
pub(crate) const FRAME_AT: usize = FRAME_RECORD_AT + 6;
/// The frame record ends with its header count.
pub(crate) const RESERVED_BYTES: usize = FRAME_AT + FRAME_BYTES + 1;
/// What follows the length byte of the frame record.
const FRAME_RECORD_LEN: usize = FRAME_BYTES + 6;

// A zig-zag varint of one byte holds 0 to 63.
const _: () = assert!(FRAME_RECORD_LEN < 64);

/// Collects the records of one batch.
#[derive(Debug)]
pub struct BatchBuilder {
    buf: Vec<u8>,
    records: u32,
    stamp_unix_ms: u64,
}

impl BatchBuilder {
    /// An empty batch with its logged time.
    #[must_use]
    pub fn new(stamp_unix_ms: u64) -> Self {
        Self::with_capacity(stamp_unix_ms, 4096)
    }

    /// An empty batch with room for `bytes` of records.
    #[must_use]
    pub fn with_capacity(stamp_unix_ms: u64, bytes: usize) -> Self {
        let mut buf = Vec::with_capacity(RESERVED_BYTES + bytes);
        buf.resize(RESERVED_BYTES, 0);
        Self { buf, records: 0, stamp_unix_ms }
    }

    /// Appends a record and returns its offset delta: the first record has 1, because the frame has 0.
    pub fn push(&mut self, value: &[u8]) -> u32 {
        self.records += 1;
        let delta = self.records;
        let sized = varint_len(value.len() as i64) + value.len();
        // attributes, timestamp delta, key option and header count take one byte each
        let len = 4 + varint_len(i64::from(delta)) + sized;
        put_varint(&mut self.buf, len as i64);
        self.buf.extend_from_slice(&[0, 0]);
        put_varint(&mut self.buf, i64::from(delta));
        self.buf.push(0);
        put_varint(&mut self.buf, value.len() as i64);
        self.buf.extend_from_slice(value);
        self.buf.push(0);
        delta
    }

    /// Records pushed so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records as usize
    }

    /// Whether nothing was pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Size of the batch on disk, header and frame included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.buf.len()
    }

    /// The finished batch. One without records is valid: it takes one offset and carries only its stamp.
    #[must_use]
    pub fn finish(self) -> UnsealedBatch {
        UnsealedBatch { buf: self.buf, records: self.records, stamp_unix_ms: self.stamp_unix_ms }
    }
}

/// A batch that does not know its place yet; the journal seals it.
#[derive(Debug)]
pub struct UnsealedBatch {
    buf: Vec<u8>,
    records: u32,
    stamp_unix_ms: u64,
}

/// A batch ready to be written.
pub(crate) struct SealedBatch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) next_offset: u64,
    pub(crate) hash: ChainHash,
}

impl UnsealedBatch {
    /// Size of the batch on disk.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.buf.len()
    }

    /// Records in the batch, the frame not counted.
    #[must_use]
    pub fn records(&self) -> u32 {
        self.records
    }

    /// The batch's logged time.
    #[must_use]
    pub fn stamp_unix_ms(&self) -> u64 {
        self.stamp_unix_ms
    }

    /// Fills in header and frame. The caller has checked the size.
    pub(crate) fn seal(self, base_offset: u64, frame: &Frame) -> SealedBatch {
        let mut bytes = self.buf;
        let stamp = (frame.stamp_unix_ms as i64).to_be_bytes();
        let len = (bytes.len() - PREAMBLE_BYTES) as i32;
        bytes[0..8].copy_from_slice(&(base_offset as i64).to_be_bytes());
        bytes[8..12].copy_from_slice(&len.to_be_bytes());
        bytes[12..16].copy_from_slice(&frame.generation.to_be_bytes());
        bytes[16] = MAGIC as u8;
        bytes[21..23].copy_from_slice(&ATTRIBUTE_FRAME.to_be_bytes());
        bytes[23..27].copy_from_slice(&self.records.to_be_bytes());
        bytes[27..35].copy_from_slice(&stamp);
        bytes[35..43].copy_from_slice(&stamp);
        bytes[43..57].fill(0xff); // producer id, epoch and sequence: -1
        bytes[57..61].copy_from_slice(&(self.records + 1).to_be_bytes());
        bytes[FRAME_RECORD_AT] = (FRAME_RECORD_LEN as u8) << 1;
        bytes[FRAME_AT - 1] = (FRAME_BYTES as u8) << 1;
        bytes[FRAME_AT..FRAME_AT + FRAME_BYTES].copy_from_slice(&frame.encode());
        let crc = crc32c::crc32c(&bytes[CRC_FROM..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        let hash = ChainHash::of(&bytes);
        SealedBatch { bytes, next_offset: base_offset + u64::from(self.records) + 1, hash }
    }
}
