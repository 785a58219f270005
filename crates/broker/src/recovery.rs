//! Opening a partition: what is believed, what is cut, and what is made durable before anything is served.
//!
//! Nothing on disk is changed before the whole partition has been read and found acceptable.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::builder::BatchBuilder;
use crate::checkpoint;
use crate::config::{CHECKPOINT_FILE, JournalConfig, TEMP_SUFFIX, index_name, log_name, parent};
use crate::disk::Disk;
use crate::error::{DamageReason, JournalError};
use crate::frame::Frame;
use crate::index::IndexFile;
use crate::planted::{self, PlantedBug};
use crate::segment::Segment;
use crate::walk::{Chain, Walk};

/// How much of what is on disk may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The normal start: a valid tail above the synced offset is accepted, and synced before anything is served.
    Tail,
    /// After a failed write or fsync in this process: reading back may show pages that never reached the disk, so
    /// everything from `synced` on is cut and a segment of a higher generation begins there. The new generation starts
    /// with a batch without records, so it takes one offset.
    SyncedOnly {
        /// [`Journal::synced_offset`](crate::Journal::synced_offset) of the poisoned journal.
        synced: u64,
    },
}

/// A torn tail that was found, and by [`Journal::open`](crate::Journal::open) removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// File name of the segment.
    pub segment: String,
    /// Byte position from which the segment was cut.
    pub position: u64,
    /// The offset that the first cut batch would have had.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
    /// Why the bytes are not a batch.
    pub reason: DamageReason,
}

/// What opening a partition found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Offset of the next batch.
    pub next_offset: u64,
    /// Equal to `next_offset`: what was accepted has been synced.
    pub synced_offset: u64,
    /// Stamp of the last batch, if there is one.
    pub last_stamp_unix_ms: Option<u64>,
    /// The torn tail that was cut, if any. What `Trust::SyncedOnly` cuts is not listed here.
    pub cut: Option<Cut>,
    /// Generation that new batches belong to.
    pub generation: u32,
    /// Number of segments.
    pub segments: usize,
    /// Bytes in valid batches.
    pub bytes: u64,
}

/// What a writer needs to go on.
pub(crate) struct Opened {
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) active: Arc<Segment>,
    pub(crate) position: u64,
    pub(crate) chain: Chain,
    pub(crate) index_file: Option<IndexFile>,
    pub(crate) recovery: Recovery,
}

/// The generation of a partition that never saw a failed fsync.
const FIRST_GENERATION: u32 = 1;

/// Disk access that knows what to put into an error.
struct Files<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    config: &'a JournalConfig,
}

impl Files<'_> {
    fn wrap<T>(&self, action: &'static str, name: &str, result: io::Result<T>) -> Result<T, JournalError> {
        result.map_err(|source| JournalError::Io {
            topic: self.config.topic.clone(),
            partition: self.config.partition,
            action,
            path: self.dir.join(name),
            source,
        })
    }

    fn remove_if_present(&self, name: &str) -> Result<(), JournalError> {
        match self.disk.remove(&self.dir.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => self.wrap("remove", name, Err(e)),
            _ => Ok(()),
        }
    }

    fn remove_segment(&self, base: u64) -> Result<(), JournalError> {
        self.remove_if_present(&index_name(base))?;
        self.remove_if_present(&log_name(base))
    }

    fn cut(&self, segment: &Segment, position: u64) -> Result<(), JournalError> {
        self.wrap("truncate", &segment.name(), segment.file.truncate(position))?;
        self.wrap("sync", &segment.name(), segment.file.sync_data())
    }

    fn sync_dir(&self) -> Result<(), JournalError> {
        self.wrap("sync directory", "", self.disk.sync_dir(self.dir))
    }

    /// The index is a hint: without it a reader of these files searches longer, so failing here stops nothing.
    fn index(&self, segment: &Segment) -> Option<IndexFile> {
        let path = self.dir.join(index_name(segment.base));
        IndexFile::rebuild(self.disk, &path, &segment.index.read())
            .inspect_err(|e| tracing::warn!(path = %path.display(), error = %e, "index not written; it is rebuilt at the next start"))
            .ok()
    }
}

pub(crate) fn open(disk: &Arc<dyn Disk>, config: &JournalConfig, trust: Trust) -> Result<Opened, JournalError> {
    config.check()?;
    let dir = config.directory();
    let files = Files { disk: &**disk, dir: &dir, config };
    files.wrap("create", "", disk.create_dir_all(&dir))?;
    let above = parent(&dir);
    disk.sync_dir(above).map_err(|source| JournalError::Io {
        topic: config.topic.clone(),
        partition: config.partition,
        action: "sync directory",
        path: above.to_path_buf(),
        source,
    })?;

    let limit = match trust {
        Trust::Tail => None,
        Trust::SyncedOnly { synced } => Some(synced),
    };
    let mut walk = Walk::open(disk.clone(), config, limit)?;
    if let Some(recorded) = limit.and_then(|limit| walk.checkpoint.filter(|&recorded| recorded > limit)) {
        return Err(JournalError::BadConfig {
            reason: format!(
                "{}: asked to cut at offset {}, but offsets below {recorded} are on record as synced; \
                 use the synced offset of the poisoned journal",
                dir.display(),
                limit.unwrap_or(0),
            ),
        });
    }
    while walk.step()?.is_some() {}
    clean_up(&files, &walk)?;
    let opened = match trust {
        Trust::Tail => accept_tail(&files, walk)?,
        Trust::SyncedOnly { .. } => new_generation(&files, walk)?,
    };
    Ok(opened)
}

/// Removes what a crash left behind and what a higher generation has replaced.
fn clean_up(files: &Files<'_>, walk: &Walk) -> Result<(), JournalError> {
    for name in &walk.leftovers {
        files.remove_if_present(name)?;
    }
    for &base in walk.superseded.iter().rev() {
        // An index of the same base offset may belong to nothing else, as bases are unique among files.
        files.remove_segment(base)?;
    }
    for &(number, position) in &walk.stale_tails {
        files.cut(&walk.segments[number].segment, position)?;
    }
    Ok(())
}

fn accept_tail(files: &Files<'_>, mut walk: Walk) -> Result<Opened, JournalError> {
    let mut segments: Vec<_> = walk.segments.iter().map(|found| found.segment.clone()).collect();
    let mut position = walk.position;
    let cut = walk.torn.take();
    if let (Some(cut), Some(last)) = (&cut, segments.last()) {
        if planted::is(PlantedBug::TornTailKept) {
            position += cut.bytes;
        } else {
            files.cut(last, cut.position)?;
        }
    }
    match segments.last() {
        Some(last) if walk.known_synced < walk.chain.next_offset => sync_again(files, last, walk.known_synced, position)?,
        Some(last) => files.wrap("sync", &last.name(), last.file.sync_data())?,
        None => {
            let name = log_name(0);
            let file = files.wrap("create", &name, files.disk.create_new(&files.dir.join(&name)))?;
            files.wrap("sync", &name, file.sync_data())?;
            segments.push(Segment::new(0, file));
        }
    }
    files.sync_dir()?;
    if walk.chain.generation == 0 {
        walk.chain.generation = FIRST_GENERATION;
    }
    finish(files, Trust::Tail, &walk, segments, position, cut)
}

/// Makes the accepted tail durable. Its bytes are written again first: when an earlier process died after a failed
/// fsync, the kernel holds pages that it calls clean although they never reached the disk, and a sync alone would
/// report success. Writing the same bytes in place can tear into nothing but themselves.
fn sync_again(files: &Files<'_>, last: &Arc<Segment>, known_synced: u64, end: u64) -> Result<(), JournalError> {
    const CHUNK_BYTES: u64 = 1024 * 1024;
    let name = last.name();
    // The index entry before the tail is near enough: rewriting a few kilobytes more is harmless.
    let (_, mut position) = last.index.read().floor(known_synced.saturating_sub(last.base));
    while position < end {
        let mut bytes = vec![0; (end - position).min(CHUNK_BYTES) as usize];
        let read = files.wrap("read", &name, crate::disk::read_full(&*last.file, &mut bytes, position))?;
        if read == 0 {
            break;
        }
        files.wrap("write", &name, last.file.write_at(&bytes[..read], position))?;
        position += read as u64;
    }
    files.wrap("sync", &name, last.file.sync_data())
}

/// Cuts at the limit of the walk and begins a segment of the next generation there.
fn new_generation(files: &Files<'_>, mut walk: Walk) -> Result<Opened, JournalError> {
    let start = walk.chain.next_offset;
    let mut segments = Vec::new();
    // From the end: a crash on the way leaves a shorter log, never one with a hole. A segment that starts at `start` is
    // replaced by the rename below instead, so that there is no moment without a segment where one was.
    for found in walk.segments.iter().rev() {
        let base = found.segment.base;
        if base > start {
            files.remove_segment(base)?;
        } else if base < start {
            segments.insert(0, found.segment.clone());
        }
    }
    files.sync_dir()?;
    if let (Some(last), true) = (segments.last(), walk.position > 0) {
        files.cut(last, walk.position)?;
    }

    // Above every segment on disk, also above one that an earlier attempt at this left behind.
    let generation = walk.chain.generation.max(walk.highest_generation).max(FIRST_GENERATION) + 1;
    let frame = Frame {
        partition: files.config.partition,
        generation,
        sequence: walk.chain.sequence,
        synced_offset: start,
        stamp_unix_ms: walk.chain.last_stamp_unix_ms.unwrap_or(0),
        previous: walk.chain.hash,
    };
    let sealed = BatchBuilder::with_capacity(frame.stamp_unix_ms, 0).finish().seal(start, &frame);
    let name = log_name(start);
    let temp = format!("{name}{TEMP_SUFFIX}");
    let file = files.wrap("create", &temp, files.disk.create_new(&files.dir.join(&temp)))?;
    files.wrap("write", &temp, file.write_at(&sealed.bytes, 0))?;
    files.wrap("sync", &temp, file.sync_data())?;
    files.wrap("rename", &temp, files.disk.rename(&files.dir.join(&temp), &files.dir.join(&name)))?;
    files.sync_dir()?;
    drop(file);
    let file = files.wrap("open", &name, files.disk.open(&files.dir.join(&name)))?;

    let bytes = sealed.bytes.len() as u64;
    let segment = Segment::new(start, file);
    segment.index.write().note(0, 0, bytes);
    segments.push(segment);
    walk.chain.next_offset = sealed.next_offset;
    walk.chain.hash = sealed.hash;
    walk.chain.generation = generation;
    walk.bytes += bytes;
    finish(files, Trust::SyncedOnly { synced: start }, &walk, segments, bytes, None)
}

fn finish(
    files: &Files<'_>,
    trust: Trust,
    walk: &Walk,
    segments: Vec<Arc<Segment>>,
    position: u64,
    cut: Option<Cut>,
) -> Result<Opened, JournalError> {
    let synced = walk.chain.next_offset;
    let mut index_file = None;
    for segment in &segments {
        index_file = files.index(segment);
    }
    // From here on every offset below `synced` is on record as synced: damage to it cannot be taken for a torn tail.
    // Not so for a new generation: if that fails half-way, the caller comes again with the same synced offset, and a
    // checkpoint beyond it would be a contradiction.
    if trust == Trust::Tail && walk.checkpoint.unwrap_or(0) != synced {
        files.wrap("write", CHECKPOINT_FILE, checkpoint::write(files.disk, files.dir, synced))?;
    }
    let Some(active) = segments.last().cloned() else {
        return Err(JournalError::BadConfig { reason: "a partition has at least one segment".to_owned() });
    };
    let recovery = Recovery {
        next_offset: synced,
        synced_offset: synced,
        last_stamp_unix_ms: walk.chain.last_stamp_unix_ms,
        cut,
        generation: walk.chain.generation,
        segments: segments.len(),
        bytes: walk.bytes,
    };
    Ok(Opened { segments, active, position, chain: walk.chain, index_file, recovery })
}
