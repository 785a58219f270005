//! An open segment, shared between the writer and its readers, and the list of them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::config::log_name;
use crate::disk::{DiskFile, read_full};
use crate::index::SparseIndex;

/// One segment file.
pub(crate) struct Segment {
    pub(crate) base: u64,
    pub(crate) file: Box<dyn DiskFile>,
    /// Locked for one push or one binary search, never during I/O.
    pub(crate) index: RwLock<SparseIndex>,
}

impl Segment {
    pub(crate) fn new(base: u64, file: Box<dyn DiskFile>) -> Arc<Self> {
        Arc::new(Self { base, file, index: RwLock::default() })
    }

    pub(crate) fn name(&self) -> String {
        log_name(self.base)
    }
}

/// What a writer shares with its readers.
pub(crate) struct Shared {
    pub(crate) topic: String,
    pub(crate) partition: u32,
    /// Readers see offsets below this one. Stored with `Release` after the bytes are in the file.
    durable_end: AtomicU64,
    /// Sorted by base offset, never empty; locked for a push or a search, never during I/O.
    segments: RwLock<Vec<Arc<Segment>>>,
}

impl Shared {
    pub(crate) fn new(topic: String, partition: u32, durable_end: u64, segments: Vec<Arc<Segment>>) -> Arc<Self> {
        Arc::new(Self { topic, partition, durable_end: AtomicU64::new(durable_end), segments: RwLock::new(segments) })
    }

    pub(crate) fn durable_end(&self) -> u64 {
        self.durable_end.load(Ordering::Acquire)
    }

    pub(crate) fn publish(&self, end: u64) {
        self.durable_end.store(end, Ordering::Release);
    }

    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.segments.write().push(segment);
    }

    /// The segment that an offset below the durable end lies in.
    pub(crate) fn segment_of(&self, offset: u64) -> Option<Arc<Segment>> {
        let segments = self.segments.read();
        let after = segments.partition_point(|s| s.base <= offset);
        segments.get(after.checked_sub(1)?).cloned()
    }
}

/// Reads a file forwards through a buffer, so that small batches do not cost a system call each.
pub(crate) struct Window {
    segment: Arc<Segment>,
    start: u64,
    buf: Vec<u8>,
}

impl Window {
    /// How much is read at once.
    const CHUNK_BYTES: usize = 1024 * 1024;

    pub(crate) fn new(segment: Arc<Segment>) -> Self {
        Self { segment, start: 0, buf: Vec::new() }
    }

    /// `want` bytes from `position`, fewer only at the end of the file. The caller bounds `want`.
    pub(crate) fn bytes(&mut self, position: u64, want: usize) -> io::Result<&[u8]> {
        let end = position + want as u64;
        if position < self.start || end > self.start + self.buf.len() as u64 {
            self.start = position;
            // Not more than there is: a journal of many small segments would spend its recovery on clearing memory.
            let left = usize::try_from(self.segment.file.len()?.saturating_sub(position)).unwrap_or(usize::MAX);
            self.buf.resize(want.max(Self::CHUNK_BYTES).min(left), 0);
            let read = read_full(&*self.segment.file, &mut self.buf, position)?;
            self.buf.truncate(read);
        }
        let from = (position - self.start) as usize;
        let to = (from + want).min(self.buf.len());
        Ok(&self.buf[from..to])
    }
}
