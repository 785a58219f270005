//! The one reading of a partition from its first byte to its last that both recovery and offline verification use.
//!
//! It changes nothing. It ends in one of three ways: all is valid, the rest is a torn tail that may be cut, or
//! something that must not be touched is wrong ([`JournalError::Damaged`]). What was synced is never called torn: that
//! is known from `replication.chk`, from the frames of later batches, and from later segments, as a segment is synced
//! before the next one is created.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::batch::{ATTRIBUTE_FRAME, BatchHeader, HEADER_BYTES};
use crate::builder::{FRAME_AT, RESERVED_BYTES};
use crate::checkpoint::{self, Stored};
use crate::config::{CHECKPOINT_FILE, JournalConfig, TEMP_SUFFIX, base_of};
use crate::disk::Disk;
use crate::error::{DamageReason, JournalError};
use crate::frame::{ChainHash, FRAME_BYTES, Frame, FrameError};
use crate::owned::{CALLS_ITSELF_SYNCED, Checked, OwnedBatch, check_batch};
use crate::recovery::Cut;
use crate::segment::{Segment, Window};

/// What the next batch must continue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain {
    pub(crate) next_offset: u64,
    pub(crate) sequence: u64,
    pub(crate) hash: ChainHash,
    /// 0 before the first batch.
    pub(crate) generation: u32,
    pub(crate) last_stamp_unix_ms: Option<u64>,
}

/// A segment as found on disk.
pub(crate) struct Found {
    pub(crate) segment: Arc<Segment>,
    pub(crate) len: u64,
    /// Of its first batch, if that is intact.
    generation: Option<u32>,
}

/// A valid batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) position: u64,
    pub(crate) bytes: u64,
    pub(crate) base_offset: u64,
}

/// A walk in progress; after [`Walk::step`] has returned `None` it describes the partition.
pub(crate) struct Walk {
    disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    topic: String,
    partition: u32,
    /// Segments that count, by base offset.
    pub(crate) segments: Vec<Found>,
    /// Base offsets of segments that a higher generation has replaced.
    pub(crate) superseded: Vec<u64>,
    /// Files that a crash left under construction.
    pub(crate) leftovers: Vec<String>,
    pub(crate) checkpoint: Option<u64>,
    /// The highest generation that any segment begins with.
    pub(crate) highest_generation: u32,
    /// Stop at this offset: what follows is not trusted, whatever it looks like.
    limit: Option<u64>,
    pub(crate) chain: Chain,
    /// Every lower offset is known to have been synced.
    pub(crate) known_synced: u64,
    /// Number of the segment that is being read, and the position in it: at the end, where the valid bytes end.
    pub(crate) at: usize,
    pub(crate) position: u64,
    /// Where bytes of closed segments were superseded by a higher generation: segment number and position.
    pub(crate) stale_tails: Vec<(usize, u64)>,
    pub(crate) torn: Option<Cut>,
    pub(crate) bytes: u64,
    window: Option<Window>,
    done: bool,
}

impl Walk {
    /// Lists and opens the partition's files.
    pub(crate) fn open(disk: Arc<dyn Disk>, config: &JournalConfig, limit: Option<u64>) -> Result<Self, JournalError> {
        let dir = config.directory();
        let mut walk = Self {
            disk,
            dir,
            topic: config.topic.clone(),
            partition: config.partition,
            segments: Vec::new(),
            superseded: Vec::new(),
            leftovers: Vec::new(),
            checkpoint: None,
            highest_generation: 0,
            limit,
            chain: Chain { next_offset: 0, sequence: 0, hash: ChainHash::NONE, generation: 0, last_stamp_unix_ms: None },
            known_synced: 0,
            at: 0,
            position: 0,
            stale_tails: Vec::new(),
            torn: None,
            bytes: 0,
            window: None,
            done: false,
        };
        let names = walk.disk.list(&walk.dir).map_err(|e| walk.io("list", "", e))?;
        walk.read_checkpoint()?;
        walk.open_segments(&names)?;
        walk.leftovers = names.into_iter().filter(|name| name.ends_with(TEMP_SUFFIX)).collect();
        Ok(walk)
    }

    fn read_checkpoint(&mut self) -> Result<(), JournalError> {
        match checkpoint::read(&*self.disk, &self.dir).map_err(|e| self.io("read", CHECKPOINT_FILE, e))? {
            Stored::Absent => {}
            Stored::Offset(synced) => {
                self.checkpoint = Some(synced);
                self.known_synced = synced;
            }
            Stored::Unreadable(bytes) => {
                return Err(self.damaged(CHECKPOINT_FILE.to_owned(), 0, DamageReason::Checkpoint { bytes }));
            }
        }
        Ok(())
    }

    /// Opens every segment and sets those aside that start at or beyond the start of a higher generation.
    fn open_segments(&mut self, names: &[String]) -> Result<(), JournalError> {
        for name in names {
            let Some(base) = base_of(name, "log") else { continue };
            let opened = self.disk.open(&self.dir.join(name)).and_then(|file| Ok((file.len()?, file)));
            let (len, file) = opened.map_err(|e| self.io("open", name, e))?;
            let segment = Segment::new(base, file);
            let generation = first_generation(&segment, self.partition).map_err(|e| self.io("read", name, e))?;
            if generation.is_some_and(|g| g < self.highest_generation) {
                self.superseded.push(base);
                continue;
            }
            self.highest_generation = self.highest_generation.max(generation.unwrap_or(0));
            self.segments.push(Found { segment, len, generation });
        }
        Ok(())
    }

    /// The next valid batch, or `None` at the end.
    ///
    /// # Errors
    /// Damage, an unknown version, or the disk.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, JournalError> {
        if self.done {
            return Ok(None);
        }
        loop {
            let offset = self.chain.next_offset;
            if self.limit == Some(offset) {
                return Ok(self.end());
            }
            if let Some(limit) = self.limit.filter(|&limit| offset > limit) {
                return Err(self.damaged_here(DamageReason::SyncedInsideBatch { synced: limit }));
            }
            let Some(found) = self.segments.get(self.at) else { return self.end_of_files() };
            let (base, len) = (found.segment.base, found.len);
            if self.at == 0 && base != 0 {
                return Err(self.damaged_here(DamageReason::Missing { from: 0, to: base }));
            }
            let next = self.segments.get(self.at + 1).map(|n| n.segment.base);
            if next == Some(offset) {
                self.leave_segment(len)?;
                continue;
            }
            if self.position == len {
                match next {
                    Some(to) => return Err(self.damaged_here(DamageReason::Missing { from: offset, to })),
                    None => return self.end_of_files(),
                }
            }
            return match self.read_batch(len)? {
                Ok((checked, bytes, hash)) => self.accept(&checked, bytes, hash, next).map(Some),
                Err(reason) => self.refuse(reason, len, next).map(|()| None),
            };
        }
    }

    /// The current segment is complete: goes on to the next one.
    fn leave_segment(&mut self, len: u64) -> Result<(), JournalError> {
        if self.position < len {
            let next = self.segments.get(self.at + 1).and_then(|n| n.generation);
            if next.is_none_or(|g| g <= self.chain.generation) {
                return Err(self.damaged_here(DamageReason::BytesAfterRoll { bytes: len - self.position }));
            }
            // The cut after a failed fsync was lost in a crash; the higher generation wins.
            self.stale_tails.push((self.at, self.position));
        }
        self.at += 1;
        self.position = 0;
        self.window = None;
        Ok(())
    }

    fn end_of_files(&mut self) -> Result<Option<Step>, JournalError> {
        let synced = self.known_synced.max(self.limit.unwrap_or(0));
        if self.chain.next_offset < synced {
            return Err(self.damaged_here(DamageReason::SyncedDataGone { synced }));
        }
        Ok(self.end())
    }

    fn end(&mut self) -> Option<Step> {
        self.done = true;
        self.window = None;
        None
    }

    /// The batch at the current position, held against the chain.
    #[allow(clippy::type_complexity)]
    fn read_batch(&mut self, len: u64) -> Result<Result<(Checked, u64, ChainHash), DamageReason>, JournalError> {
        let left = len - self.position;
        let (partition, chain, position) = (self.partition, self.chain, self.position);
        let first_in_segment = self.position == 0;
        match self.batch_bytes(position, left) {
            Ok(bytes) => Ok(check_batch(bytes).map_err(|reason| misplaced_first(reason, bytes, &chain)).and_then(|checked| {
                follows(&checked, partition, &chain, first_in_segment)?;
                let whole = &bytes[..checked.header.total_bytes()];
                Ok((checked, whole.len() as u64, ChainHash::of(whole)))
            })),
            Err(e) => Err(self.io("read", &self.segment_name(), e)),
        }
    }

    /// The batch that [`Walk::step`] has just accepted; its bytes are still in the window.
    pub(crate) fn batch_of(&mut self, step: &Step) -> Result<OwnedBatch, JournalError> {
        let raw = match self.batch_bytes(step.position, step.bytes) {
            Ok(bytes) => Bytes::copy_from_slice(bytes),
            Err(e) => return Err(self.io("read", &self.segment_name(), e)),
        };
        OwnedBatch::from_raw(raw, self.partition, step.base_offset).map_err(|reason| self.damaged_here(reason))
    }

    /// The bytes of the batch at `position` as far as its own length and the file allow.
    fn batch_bytes(&mut self, position: u64, left: u64) -> io::Result<&[u8]> {
        let Some(found) = self.segments.get(self.at) else { return Ok(&[]) };
        let window = self.window.get_or_insert_with(|| Window::new(found.segment.clone()));
        let least = HEADER_BYTES + 4;
        let need = BatchHeader::parse(window.bytes(position, least)?).map_or(least, |h| h.total_bytes());
        window.bytes(position, need.min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    fn accept(&mut self, checked: &Checked, bytes: u64, hash: ChainHash, next: Option<u64>) -> Result<Step, JournalError> {
        let offsets = checked.header.offsets();
        let base_offset = self.chain.next_offset;
        let next_offset = base_offset + offsets;
        if let Some(next) = next.filter(|&next| next_offset > next) {
            return Err(self.damaged_here(DamageReason::Overlap { next }));
        }
        let step = Step { position: self.position, bytes, base_offset };
        let stamp = checked.frame.stamp_unix_ms;
        self.chain = Chain {
            next_offset,
            sequence: self.chain.sequence + offsets - 1,
            hash,
            generation: checked.frame.generation,
            last_stamp_unix_ms: if stamp > 0 { Some(stamp) } else { self.chain.last_stamp_unix_ms },
        };
        self.known_synced = self.known_synced.max(checked.frame.synced_offset);
        if let Some(found) = self.segments.get(self.at) {
            let segment = &found.segment;
            segment.index.write().note(base_offset - segment.base, self.position, bytes);
        }
        self.position += bytes;
        self.bytes += bytes;
        Ok(step)
    }

    /// Decides what invalid bytes at the current position are.
    fn refuse(&mut self, reason: DamageReason, len: u64, next: Option<u64>) -> Result<(), JournalError> {
        if let DamageReason::Frame(FrameError::Version(version)) = reason {
            return Err(JournalError::WrongVersion {
                topic: self.topic.clone(),
                partition: self.partition,
                segment: self.segment_name(),
                position: self.position,
                offset: self.chain.next_offset,
                version,
            });
        }
        let offset = self.chain.next_offset;
        let synced_below = next.is_some() || offset < self.known_synced.max(self.limit.unwrap_or(0));
        if synced_below || !may_be_torn(&reason) || self.synced_by_a_later_batch(offset, len)? {
            return Err(self.damaged_here(reason));
        }
        self.torn = Some(Cut { segment: self.segment_name(), position: self.position, offset, bytes: len - self.position, reason });
        self.end();
        Ok(())
    }

    /// Whether an intact batch behind the invalid bytes says that the invalid ones were synced. The whole rest of the
    /// segment is searched byte by byte, since the length of the invalid batch may be wrong too.
    ///
    /// A record that contains a forged batch can make this return true: then the partition halts, which is the safe side.
    fn synced_by_a_later_batch(&mut self, offset: u64, len: u64) -> Result<bool, JournalError> {
        let Some(found) = self.segments.get(self.at) else { return Ok(false) };
        let (segment, partition) = (found.segment.clone(), self.partition);
        let name = segment.name();
        let mut window = Window::new(segment.clone());
        // Candidates are read through a second window, so that the search keeps its place in the first.
        let mut candidate = Window::new(segment);
        let mut position = self.position + 1;
        while position + RESERVED_BYTES as u64 <= len {
            let head = window.bytes(position, RESERVED_BYTES).map_err(|e| self.io("read", &name, e))?;
            if let Some(need) = looks_like_a_later_batch(head, partition, offset, len - position) {
                let bytes = candidate.bytes(position, need).map_err(|e| self.io("read", &name, e))?;
                if check_batch(bytes).is_ok() {
                    return Ok(true);
                }
            }
            position += 1;
        }
        Ok(false)
    }

    pub(crate) fn segment_name(&self) -> String {
        // At the very end there may be no segment: name the one that is missing.
        self.segments.get(self.at).map_or_else(|| crate::config::log_name(self.chain.next_offset), |f| f.segment.name())
    }

    fn damaged_here(&self, reason: DamageReason) -> JournalError {
        self.damaged(self.segment_name(), self.position, reason)
    }

    fn damaged(&self, segment: String, position: u64, reason: DamageReason) -> JournalError {
        JournalError::Damaged {
            topic: self.topic.clone(),
            partition: self.partition,
            segment,
            position,
            offset: self.chain.next_offset,
            reason,
        }
    }

    fn io(&self, action: &'static str, name: &str, source: io::Error) -> JournalError {
        JournalError::Io { topic: self.topic.clone(), partition: self.partition, action, path: self.dir.join(name), source }
    }
}

/// The checksum does not cover the base offset, so a torn write can leave an intact batch under a wrong one: that is what is wrong
/// then, not what the frame says about it.
fn misplaced_first(reason: DamageReason, bytes: &[u8], chain: &Chain) -> DamageReason {
    match BatchHeader::parse(bytes) {
        Ok(header)
            if reason == DamageReason::Contradiction(CALLS_ITSELF_SYNCED) && u64::try_from(header.base_offset) != Ok(chain.next_offset) =>
        {
            DamageReason::WrongOffset { expected: chain.next_offset, found: header.base_offset }
        }
        _ => reason,
    }
}

/// Whether the batch is the one that must come next.
fn follows(checked: &Checked, partition: u32, chain: &Chain, first_in_segment: bool) -> Result<(), DamageReason> {
    let Checked { header, frame } = checked;
    if frame.partition != partition {
        return Err(DamageReason::WrongPartition { found: frame.partition });
    }
    if u64::try_from(header.base_offset) != Ok(chain.next_offset) {
        return Err(DamageReason::WrongOffset { expected: chain.next_offset, found: header.base_offset });
    }
    if frame.previous != chain.hash {
        return Err(DamageReason::WrongChain);
    }
    if frame.sequence != chain.sequence {
        return Err(DamageReason::WrongSequence { expected: chain.sequence, found: frame.sequence });
    }
    // A generation begins with a segment of its own and never goes back.
    let fits = if first_in_segment { frame.generation >= chain.generation } else { frame.generation == chain.generation };
    if !fits {
        return Err(DamageReason::WrongGeneration { expected: chain.generation, found: frame.generation });
    }
    Ok(())
}

/// Whether an interrupted or stale write explains the bytes. An intact batch that is foreign, or that cannot be read
/// although its checksum matches, was written so on purpose: cutting it would destroy something.
fn may_be_torn(reason: &DamageReason) -> bool {
    match reason {
        DamageReason::Batch(e) => e.may_be_torn(),
        DamageReason::WrongOffset { .. }
        | DamageReason::WrongSequence { .. }
        | DamageReason::WrongChain
        | DamageReason::WrongGeneration { .. } => true,
        _ => false,
    }
}

/// A cheap test on the fixed front of a journal batch, which claims that `offset` was synced; returns its size.
fn looks_like_a_later_batch(head: &[u8], partition: u32, offset: u64, left: u64) -> Option<usize> {
    // The magic byte first: this runs at every byte of an invalid tail.
    if head.get(16) != Some(&2) || head.get(21..23) != Some(&ATTRIBUTE_FRAME.to_be_bytes()) {
        return None;
    }
    let header = BatchHeader::parse(head).ok()?;
    let frame = Frame::decode(head.get(FRAME_AT..FRAME_AT + FRAME_BYTES)?).ok()?;
    let later = u64::try_from(header.base_offset).is_ok_and(|base| base > offset);
    let fits = header.total_bytes() as u64 <= left;
    (later && fits && frame.partition == partition && frame.synced_offset > offset).then_some(header.total_bytes())
}

/// The generation of a segment's first batch, if that batch is intact and of this partition.
fn first_generation(segment: &Arc<Segment>, partition: u32) -> io::Result<Option<u32>> {
    let mut window = Window::new(segment.clone());
    let Ok(header) = BatchHeader::parse(window.bytes(0, HEADER_BYTES + 4)?) else { return Ok(None) };
    let need = header.total_bytes();
    let checked = check_batch(window.bytes(0, need)?).ok().filter(|c| c.frame.partition == partition);
    Ok(checked.map(|c| c.frame.generation))
}
