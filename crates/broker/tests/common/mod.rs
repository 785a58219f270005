//! A disk in memory that knows what is durable: what was written, what was synced, and which names.
//!
//! A failed sync behaves as Linux does: the pages are marked clean and never reach the disk, reading still shows them.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use guichet_broker::{BatchBuilder, CommittedBatch, Disk, DiskFile, Durability, Journal, JournalConfig, JournalError, JournalReader};

#[derive(Default, Clone)]
struct Contents {
    seen: Vec<u8>,
    durable: Vec<u8>,
    dirty: Vec<(usize, usize)>,
}

type Inode = Arc<Mutex<Contents>>;

#[derive(Default)]
struct State {
    names: BTreeMap<PathBuf, Inode>,
    durable_names: BTreeMap<PathBuf, Inode>,
    dirs: BTreeSet<PathBuf>,
    /// Syncs of files whose name ends so: how many still succeed, and how many fail then.
    failing: Option<(String, u32, u32)>,
    failing_writes: u32,
    syncs: Vec<PathBuf>,
    changes: u64,
}

impl State {
    fn sync_fails(&mut self, path: &Path) -> bool {
        match &mut self.failing {
            Some((suffix, good, times)) if path.to_string_lossy().ends_with(suffix.as_str()) => {
                if *good > 0 {
                    *good -= 1;
                    return false;
                }
                let fails = *times > 0;
                *times = times.saturating_sub(1);
                fails
            }
            _ => false,
        }
    }
}

#[derive(Default, Clone)]
pub(crate) struct MemDisk(Arc<Mutex<State>>);

impl MemDisk {
    pub(crate) fn arc(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// The machine stops: only what was synced is left.
    pub(crate) fn power_loss(&self) -> MemDisk {
        self.copy(|state| &state.durable_names, |contents| contents.durable.clone())
    }

    /// The process stops: everything written is left, and pages that a failed sync dropped are still shown but not on disk.
    pub(crate) fn process_crash(&self) -> MemDisk {
        let state = self.0.lock().unwrap();
        let names: BTreeMap<_, _> =
            state.names.iter().map(|(path, inode)| (path.clone(), Arc::new(Mutex::new(inode.lock().unwrap().clone())))).collect();
        let copy = State { durable_names: names.clone(), names, dirs: state.dirs.clone(), ..State::default() };
        MemDisk(Arc::new(Mutex::new(copy)))
    }

    /// What reading shows now, all of it durable.
    pub(crate) fn as_seen(&self) -> MemDisk {
        self.copy(|state| &state.names, |contents| contents.seen.clone())
    }

    fn copy(&self, names: impl Fn(&State) -> &BTreeMap<PathBuf, Inode>, bytes: impl Fn(&Contents) -> Vec<u8>) -> MemDisk {
        let state = self.0.lock().unwrap();
        let names: BTreeMap<_, _> = names(&state)
            .iter()
            .map(|(path, inode)| {
                let bytes = bytes(&inode.lock().unwrap());
                let contents = Contents { seen: bytes.clone(), durable: bytes, dirty: Vec::new() };
                (path.clone(), Arc::new(Mutex::new(contents)))
            })
            .collect();
        let copy = State { durable_names: names.clone(), names, dirs: state.dirs.clone(), ..State::default() };
        MemDisk(Arc::new(Mutex::new(copy)))
    }

    pub(crate) fn fail_syncs(&self, suffix: &str, times: u32) {
        self.fail_syncs_after(suffix, 0, times);
    }

    pub(crate) fn fail_syncs_after(&self, suffix: &str, good: u32, times: u32) {
        self.0.lock().unwrap().failing = Some((suffix.to_owned(), good, times));
    }

    pub(crate) fn heal(&self) {
        self.0.lock().unwrap().failing = None;
    }

    pub(crate) fn fail_writes(&self, times: u32) {
        self.0.lock().unwrap().failing_writes = times;
    }

    /// Names of files synced since the last call.
    pub(crate) fn take_syncs(&self) -> Vec<String> {
        let syncs = std::mem::take(&mut self.0.lock().unwrap().syncs);
        syncs.iter().map(|p| p.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned())).collect()
    }

    /// Counts every write, truncation, creation, removal and rename.
    pub(crate) fn changes(&self) -> u64 {
        self.0.lock().unwrap().changes
    }

    pub(crate) fn get(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let inode = self.0.lock().unwrap().names[path.as_ref()].clone();
        let contents = inode.lock().unwrap();
        contents.seen.clone()
    }

    pub(crate) fn put(&self, path: impl AsRef<Path>, bytes: Vec<u8>) {
        let contents = Contents { seen: bytes.clone(), durable: bytes, dirty: Vec::new() };
        let inode = Arc::new(Mutex::new(contents));
        let mut state = self.0.lock().unwrap();
        state.names.insert(path.as_ref().to_owned(), inode.clone());
        state.durable_names.insert(path.as_ref().to_owned(), inode);
    }

    pub(crate) fn delete(&self, path: impl AsRef<Path>) {
        let mut state = self.0.lock().unwrap();
        assert!(state.names.remove(path.as_ref()).is_some(), "{} is absent", path.as_ref().display());
        state.durable_names.remove(path.as_ref());
    }

    pub(crate) fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.0.lock().unwrap().names.contains_key(path.as_ref())
    }

    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        let state = self.0.lock().unwrap();
        state.names.keys().filter(|p| p.extension().is_some_and(|e| e == "log")).cloned().collect()
    }
}

struct MemFile {
    disk: MemDisk,
    path: PathBuf,
    inode: Inode,
}

impl Disk for MemDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.0.lock().unwrap().dirs.insert(dir.to_owned());
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        if !state.dirs.contains(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state.names.keys().filter(|p| p.parent() == Some(dir));
        Ok(inside.map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let inode = self.0.lock().unwrap().names.get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(MemFile { disk: self.clone(), path: path.to_owned(), inode }))
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.changes += 1;
        let inode = Inode::default();
        state.names.insert(path.to_owned(), inode.clone());
        Ok(Box::new(MemFile { disk: self.clone(), path: path.to_owned(), inode }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let inode = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.changes += 1;
        state.names.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        state.changes += 1;
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.syncs.push(dir.join("<dir>"));
        if state.sync_fails(&dir.join("<dir>")) {
            return Err(io::Error::other("the disk failed"));
        }
        let now: BTreeMap<_, _> =
            state.names.iter().filter(|(p, _)| p.parent() == Some(dir)).map(|(p, i)| (p.clone(), i.clone())).collect();
        state.durable_names.retain(|p, _| p.parent() != Some(dir));
        state.durable_names.extend(now);
        Ok(())
    }
}

impl DiskFile for MemFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inode.lock().unwrap().seen.len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let contents = self.inode.lock().unwrap();
        let from = contents.seen.get(offset as usize..).unwrap_or(&[]);
        // Short reads, so that nobody relies on long ones.
        let n = from.len().min(buf.len()).min(1000);
        buf[..n].copy_from_slice(&from[..n]);
        Ok(n)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let fails = {
            let mut state = self.disk.0.lock().unwrap();
            state.changes += 1;
            let fails = state.failing_writes > 0;
            state.failing_writes = state.failing_writes.saturating_sub(1);
            fails
        };
        // A failing write leaves half of itself behind.
        let buf = if fails { &buf[..buf.len() / 2] } else { buf };
        let mut contents = self.inode.lock().unwrap();
        let (from, to) = (offset as usize, offset as usize + buf.len());
        if contents.seen.len() < to {
            contents.seen.resize(to, 0);
        }
        contents.seen[from..to].copy_from_slice(buf);
        contents.dirty.push((from, to));
        if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        let fails = {
            let mut state = self.disk.0.lock().unwrap();
            state.syncs.push(self.path.clone());
            state.sync_fails(&self.path)
        };
        let mut contents = self.inode.lock().unwrap();
        let dirty = std::mem::take(&mut contents.dirty);
        if fails {
            return Err(io::Error::other("the disk failed"));
        }
        let Contents { seen, durable, .. } = &mut *contents;
        // What was never written back reads as zeros.
        durable.resize(seen.len(), 0);
        for (from, to) in dirty {
            let to = to.min(seen.len());
            if from < to {
                durable[from..to].copy_from_slice(&seen[from..to]);
            }
        }
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.disk.0.lock().unwrap().changes += 1;
        self.inode.lock().unwrap().seen.resize(len as usize, 0);
        Ok(())
    }
}

pub(crate) const DIR: &str = "journal-3";

pub(crate) fn config() -> JournalConfig {
    JournalConfig::new("journal", 3)
}

pub(crate) fn small_segments(bytes: u64) -> JournalConfig {
    JournalConfig { segment_bytes: bytes, ..config() }
}

pub(crate) fn os() -> JournalConfig {
    JournalConfig { durability: Durability::Os, ..config() }
}

pub(crate) fn path(base: u64, extension: &str) -> PathBuf {
    PathBuf::from(format!("{DIR}/{base:020}.{extension}"))
}

pub(crate) fn batch(stamp: u64, records: &[&[u8]]) -> guichet_broker::UnsealedBatch {
    let mut builder = BatchBuilder::new(stamp);
    for record in records {
        builder.push(record);
    }
    builder.finish()
}

/// Commits `count` batches of two records with recognisable contents.
pub(crate) fn fill(journal: &mut Journal, count: u64) -> Vec<CommittedBatch> {
    (0..count)
        .map(|_| {
            let at = journal.next_offset();
            journal.commit(batch(1_000 + at, &[format!("a{at}").as_bytes(), format!("b{at}").as_bytes()])).unwrap()
        })
        .collect()
}

/// Everything that a reader sees.
pub(crate) fn all(reader: &JournalReader) -> Vec<(u64, Vec<u8>)> {
    let mut out = Vec::new();
    for batch in reader.batches(0) {
        out.extend(batch.unwrap().records().map(|(offset, bytes)| (offset, bytes.to_vec())));
    }
    out
}

pub(crate) fn is_damage(result: &Result<impl Sized, JournalError>) -> bool {
    matches!(result, Err(JournalError::Damaged { .. }))
}
