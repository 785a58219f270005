//! The file around a snapshot: its name, its head, its checksum.
//!
//! | bytes | field |
//! |---|---|
//! | 0..8 | `GUICHSNP` |
//! | 8 | format of the snapshot |
//! | 9 | version of the record codec, whose layouts the body uses |
//! | 10..12 | partition, u16 |
//! | 12..14 | incarnation, u16 |
//! | 14..16 | zero |
//! | 16..24 | offset of the first record that is not in it, u64 |
//! | 24..32 | offset of the last batch that is in it, u64 |
//! | 32..48 | hash of that batch |
//! | 48.. | the body |
//! | last 40 | length of the body, u64; BLAKE3 of everything before |
//!
//! Integers are big-endian. Each batch holds the hash of the one before it, so one hash names the whole journal up to there: a
//! snapshot of another journal, or of one that was cut and went on differently, is recognised by reading one batch.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use guichet_broker::{ChainHash, Disk, DiskFile, read_full};

use super::take::SnapshotError;
use crate::codec::{self, Wire, Writer};

/// The layout of head, body and tail. Whatever changes it raises this; snapshots of another format are passed over.
const FORMAT: u8 = 4;
const MAGIC: [u8; 8] = *b"GUICHSNP";
const HEAD_BYTES: usize = 48;
const TAIL_BYTES: usize = 40;
/// How much is read, hashed and written at once: it stays in the processor's cache between the two.
const CHUNK_BYTES: usize = 1 << 20;

const SUFFIX: &str = "snapshot";
/// Files under construction end so.
pub(super) const TEMP_SUFFIX: &str = ".tmp";

/// The name of the snapshot that ends before this offset.
pub(super) fn name_of(next_offset: u64) -> String {
    format!("{next_offset:020}.{SUFFIX}")
}

/// The offset in a name, if it is exactly of that form.
pub(super) fn offset_of(name: &str) -> Option<u64> {
    let offset = name.get(..20)?.parse().ok()?;
    (name_of(offset) == name).then_some(offset)
}

/// What a snapshot says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) partition: u16,
    pub(super) incarnation: u16,
    pub(super) next_offset: u64,
    pub(super) last_batch: u64,
    pub(super) last_hash: ChainHash,
}

impl Head {
    fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8] = FORMAT;
        bytes[9] = codec::VERSION;
        bytes[10..12].copy_from_slice(&self.partition.to_be_bytes());
        bytes[12..14].copy_from_slice(&self.incarnation.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.next_offset.to_be_bytes());
        bytes[24..32].copy_from_slice(&self.last_batch.to_be_bytes());
        bytes[32..].copy_from_slice(&self.last_hash.0);
        bytes
    }

    fn decode(bytes: &[u8; HEAD_BYTES]) -> Result<Self, String> {
        if bytes[..8] != MAGIC {
            return Err("it is not a snapshot".into());
        }
        if bytes[8..10] != [FORMAT, codec::VERSION] {
            let [format, version] = [bytes[8], bytes[9]];
            let own = codec::VERSION;
            return Err(format!("it has format {format} with records of version {version}, this program reads {FORMAT} with {own}"));
        }
        let short = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let long = |at: usize| (at..at + 8).fold(0, |value, at| value << 8 | u64::from(bytes[at]));
        let mut hash = [0; 16];
        hash.copy_from_slice(&bytes[32..]);
        Ok(Self { partition: short(10), incarnation: short(12), next_offset: long(16), last_batch: long(24), last_hash: ChainHash(hash) })
    }
}

/// A snapshot on its way to the disk. What has been written is not kept in memory.
pub(super) struct Sink<'a> {
    file: Box<dyn DiskFile>,
    at: u64,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    stop: &'a AtomicBool,
}

impl<'a> Sink<'a> {
    pub(super) fn new(file: Box<dyn DiskFile>, head: &Head, stop: &'a AtomicBool) -> Self {
        Self { file, at: 0, buffer: head.encode().to_vec(), hasher: blake3::Hasher::new(), stop }
    }

    /// Adds a value.
    #[inline]
    pub(super) fn put(&mut self, value: &impl Wire) -> Result<(), SnapshotError> {
        value.put(&mut Writer::new(&mut self.buffer));
        if self.buffer.len() < CHUNK_BYTES { Ok(()) } else { self.spill() }
    }

    /// Adds a value that is laid out already.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.buffer.extend_from_slice(bytes);
        self.spill()
    }

    /// Says how many values of a kind follow.
    pub(super) fn count(&mut self, count: usize) -> Result<(), SnapshotError> {
        self.put(&(count as u64))
    }

    fn spill(&mut self) -> Result<(), SnapshotError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(SnapshotError::Stopped);
        }
        self.hasher.update(&self.buffer);
        self.file.write_at(&self.buffer, self.at).map_err(SnapshotError::io("written"))?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Adds length and checksum and makes the contents durable; gives the size.
    pub(super) fn finish(mut self) -> Result<u64, SnapshotError> {
        let body = self.at + self.buffer.len() as u64 - HEAD_BYTES as u64;
        self.buffer.extend_from_slice(&body.to_be_bytes());
        self.spill()?;
        self.file.write_at(self.hasher.finalize().as_bytes(), self.at).map_err(SnapshotError::io("written"))?;
        self.file.sync_data().map_err(SnapshotError::io("synced"))?;
        Ok(self.at + 32)
    }
}

/// A snapshot on disk of which only the head has been read.
pub(super) struct Stored {
    file: Box<dyn DiskFile>,
    len: u64,
    pub(super) head: Head,
}

impl Stored {
    /// Looks at a file. The reason is for people.
    pub(super) fn open(disk: &dyn Disk, path: &Path) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("it cannot be read: {error}");
        let file = disk.open(path).map_err(unreadable)?;
        let len = file.len().map_err(unreadable)?;
        let mut head = [0; HEAD_BYTES];
        let read = read_full(&*file, &mut head, 0).map_err(unreadable)?;
        if read < HEAD_BYTES || len < (HEAD_BYTES + TAIL_BYTES) as u64 {
            return Err(format!("it is cut short: {len} bytes"));
        }
        let head = Head::decode(&head)?;
        let mut body = [0; 8];
        read_full(&*file, &mut body, len - TAIL_BYTES as u64).map_err(unreadable)?;
        if u64::from_be_bytes(body).checked_add((HEAD_BYTES + TAIL_BYTES) as u64) != Some(len) {
            return Err("its length is not the one that it was written with".into());
        }
        Ok(Self { file, len, head })
    }

    /// Reads it whole and checks it.
    pub(super) fn read(&self, stop: &AtomicBool) -> Result<Body, String> {
        let mut bytes = Vec::new();
        let len = usize::try_from(self.len).map_err(|_| "it is larger than this machine's memory".to_owned())?;
        bytes.try_reserve_exact(len).map_err(|_| "it is larger than the memory that is left".to_owned())?;
        let mut hasher = blake3::Hasher::new();
        while bytes.len() < len {
            if stop.load(Ordering::Relaxed) {
                return Err("the engine is closing".into());
            }
            let from = bytes.len();
            bytes.resize(len.min(from + CHUNK_BYTES), 0);
            let read = read_full(&*self.file, &mut bytes[from..], from as u64).map_err(|error| format!("it cannot be read: {error}"))?;
            if from + read < bytes.len() {
                return Err("it became shorter while it was read".into());
            }
            hasher.update(&bytes[from.min(len - 32)..bytes.len().min(len - 32)]);
        }
        if bytes[len - 32..] != *hasher.finalize().as_bytes() {
            return Err("its checksum does not match".into());
        }
        Ok(Body(bytes))
    }
}

/// A whole snapshot whose checksum is right.
pub(super) struct Body(Vec<u8>);

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[HEAD_BYTES..self.0.len() - TAIL_BYTES]
    }

    /// Size of the file.
    pub(super) fn file_bytes(&self) -> u64 {
        self.0.len() as u64
    }
}
