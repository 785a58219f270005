//! The sparse index of a segment: where to start looking for an offset.
//!
//! On disk it has Fluvio's shape (big-endian `u32` offset relative to the segment, `u32` position; an entry for the first
//! batch after every 4096 bytes; the batch at position 0 has none, since Fluvio takes position 0 for an empty slot; zeros
//! may follow). It is a hint: written without sync, rebuilt by recovery, never believed by this crate.

use std::io;
use std::path::Path;

use crate::disk::{Disk, DiskFile, read_full};

/// Bytes between two entries, at least. Fluvio's default.
pub(crate) const INTERVAL_BYTES: u64 = 4096;
/// Size of an entry on disk.
pub(crate) const ENTRY_BYTES: usize = 8;

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    relative_offset: u32,
    position: u32,
}

impl Entry {
    pub(crate) fn encode(self) -> [u8; ENTRY_BYTES] {
        let mut out = [0; ENTRY_BYTES];
        out[..4].copy_from_slice(&self.relative_offset.to_be_bytes());
        out[4..].copy_from_slice(&self.position.to_be_bytes());
        out
    }
}

/// The entries of one segment, in memory.
#[derive(Debug, Default)]
pub(crate) struct SparseIndex {
    entries: Vec<Entry>,
    bytes_since: u64,
}

impl SparseIndex {
    /// Tells the index of a batch, in order. Returns the entry if the batch gets one.
    pub(crate) fn note(&mut self, relative_offset: u64, position: u64, bytes: u64) -> Option<Entry> {
        if self.bytes_since < INTERVAL_BYTES {
            self.bytes_since += bytes;
            return None;
        }
        self.bytes_since = 0;
        // Segments are smaller than 4 GiB and a record is longer than a byte, so both fit; a hint may be left out.
        let entry = Entry { relative_offset: u32::try_from(relative_offset).ok()?, position: u32::try_from(position).ok()? };
        self.entries.push(entry);
        Some(entry)
    }

    /// A batch at or before this relative offset: its relative offset and position.
    pub(crate) fn floor(&self, relative_offset: u64) -> (u64, u64) {
        match self.entries.partition_point(|e| u64::from(e.relative_offset) <= relative_offset) {
            0 => (0, 0),
            n => (u64::from(self.entries[n - 1].relative_offset), u64::from(self.entries[n - 1].position)),
        }
    }

    fn encode(&self) -> Vec<u8> {
        self.entries.iter().flat_map(|e| e.encode()).collect()
    }
}

/// The index file of the active segment, appended to without sync.
pub(crate) struct IndexFile {
    file: Box<dyn DiskFile>,
    len: u64,
}

impl IndexFile {
    /// Opens the file and makes it hold exactly `index`.
    pub(crate) fn rebuild(disk: &dyn Disk, path: &Path, index: &SparseIndex) -> io::Result<Self> {
        let want = index.encode();
        let file = match disk.open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => disk.create_new(path)?,
            Err(e) => return Err(e),
        };
        if !holds(&*file, &want)? {
            file.truncate(0)?;
            file.write_at(&want, 0)?;
        }
        Ok(Self { file, len: want.len() as u64 })
    }

    pub(crate) fn append(&mut self, entry: Entry) -> io::Result<()> {
        self.file.write_at(&entry.encode(), self.len)?;
        self.len += ENTRY_BYTES as u64;
        Ok(())
    }
}

/// Whether the file is `want`, perhaps with zeros behind it (Fluvio preallocates).
fn holds(file: &dyn DiskFile, want: &[u8]) -> io::Result<bool> {
    const PREALLOCATED_AT_MOST: u64 = 64 * 1024 * 1024;
    let len = file.len()?;
    if len < want.len() as u64 || len > PREALLOCATED_AT_MOST {
        return Ok(false);
    }
    let mut have = vec![0; len as usize];
    if read_full(file, &mut have, 0)? != have.len() {
        return Ok(false);
    }
    Ok(have.starts_with(want) && have[want.len()..].iter().all(|&b| b == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_about_every_interval_and_never_at_position_zero() {
        let mut index = SparseIndex::default();
        let mut entries = Vec::new();
        for i in 0..10u64 {
            entries.extend(index.note(i * 3, i * 2048, 2048));
        }
        let at: Vec<u32> = entries.iter().map(|e| e.position).collect();
        assert_eq!(at, [2 * 2048, 5 * 2048, 8 * 2048]);
        assert_eq!(entries[0].encode(), [0, 0, 0, 6, 0, 0, 16, 0]);
        assert_eq!(index.floor(5), (0, 0));
        assert_eq!(index.floor(6), (6, 4096));
        assert_eq!(index.floor(1000), (24, 8 * 2048));
    }
}
