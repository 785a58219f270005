//! A disk in memory that can fail or lose its power at any step, and then shows what may be left: of each file the bytes that were
//! synced and perhaps more, of each directory the names that were synced and perhaps the first few changes after them.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet_broker::{Disk, DiskFile};
use parking_lot::Mutex;

/// What a power cut leaves of what was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Left {
    Nothing,
    Everything,
    /// Of each file and directory something, by this seed.
    Some(u64),
}

impl Left {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        [Self::Nothing, Self::Everything].into_iter().chain((1..=6).map(Self::Some))
    }

    /// How many of so many unsynced changes are left.
    fn of(&mut self, changes: usize) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Everything => changes,
            Self::Some(seed) => {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(*seed >> 33).unwrap() % (changes + 1)
            }
        }
    }
}

#[derive(Clone, Default)]
struct Contents {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Where a sync has something to do.
    dirty: Vec<(usize, usize)>,
}

#[derive(Clone)]
enum Change {
    Put(String, Option<usize>),
    Remove(String),
    Rename(String, String),
}

/// Names; a file has the number of its contents, a directory has none.
type Names = BTreeMap<String, Option<usize>>;

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Put(name, node) => drop(names.insert(name.clone(), *node)),
            Self::Remove(name) => drop(names.remove(name)),
            Self::Rename(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
        }
    }
}

#[derive(Clone, Default)]
struct Directory {
    seen: Names,
    durable: Names,
    unsynced: Vec<Change>,
}

impl Directory {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.unsynced.push(change);
    }
}

#[derive(Clone, Default)]
struct State {
    contents: Vec<Contents>,
    directories: BTreeMap<PathBuf, Directory>,
    /// Changing steps so far.
    steps: usize,
    /// This step fails, and with `off` all that come after it.
    fails_at: Option<usize>,
    off: bool,
    failed: bool,
    /// Empty directories stay.
    keeps_directories: bool,
}

impl State {
    fn step(&mut self) -> io::Result<()> {
        let at = self.steps;
        self.steps += 1;
        match self.fails_at {
            Some(fails_at) if at == fails_at || (self.off && at > fails_at) => {
                self.failed = true;
                Err(io::Error::other("planted"))
            }
            _ => Ok(()),
        }
    }

    /// Reading steps are not counted, but without power there is no answer either.
    fn powered(&self) -> io::Result<()> {
        if self.off && self.failed { Err(io::Error::other("planted")) } else { Ok(()) }
    }

    fn directory(&mut self, path: &Path) -> io::Result<&mut Directory> {
        self.directories.get_mut(path).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn file(&mut self, path: &Path) -> io::Result<usize> {
        let (above, name) = split(path);
        self.directory(above)?.seen.get(&name).copied().flatten().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

fn split(path: &Path) -> (&Path, String) {
    (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap().to_owned())
}

/// The disk.
#[derive(Clone)]
pub(super) struct PowerDisk(Arc<Mutex<State>>);

struct PowerFile {
    disk: PowerDisk,
    number: usize,
}

impl PowerDisk {
    pub(super) fn new(keeps_directories: bool) -> Self {
        let directories = BTreeMap::from([(PathBuf::new(), Directory::default())]);
        Self(Arc::new(Mutex::new(State { directories, keeps_directories, ..State::default() })))
    }

    /// Lets the changing step after so many more fail; with `off` it is the last one that is even tried.
    pub(super) fn fail_after(&self, steps: usize, off: bool) {
        let mut state = self.0.lock();
        state.fails_at = Some(state.steps + steps);
        (state.off, state.failed) = (off, false);
    }

    /// Whether the planted failure has happened.
    pub(super) fn failed(&self) -> bool {
        self.0.lock().failed
    }

    /// No more failures.
    pub(super) fn heal(&self) {
        let mut state = self.0.lock();
        (state.fails_at, state.off) = (None, false);
    }

    /// The disk as a machine finds it that starts again; this one is as it was.
    pub(super) fn power_cut(&self, mut left: Left) -> Self {
        let mut state = self.0.lock().clone();
        for contents in &mut state.contents {
            let dirty = std::mem::take(&mut contents.dirty);
            for (from, to) in &dirty[..left.of(dirty.len())] {
                persist(contents, *from, *to);
            }
            contents.seen.clone_from(&contents.durable);
        }
        for directory in state.directories.values_mut() {
            let unsynced = std::mem::take(&mut directory.unsynced);
            for change in &unsynced[..left.of(unsynced.len())] {
                change.apply(&mut directory.durable);
            }
            directory.seen.clone_from(&directory.durable);
        }
        // What no name leads to is gone.
        let root = state.directories[Path::new("")].seen.clone();
        state.directories.retain(|path, _| path == Path::new("") || root.contains_key(path.to_str().unwrap()));
        (state.fails_at, state.off, state.failed) = (None, false, false);
        Self(Arc::new(Mutex::new(state)))
    }

    /// Every file that a name leads to: what a read shows and what is on the platter.
    pub(super) fn hold(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let state = self.0.lock();
        let mut found = Vec::new();
        for (path, directory) in &state.directories {
            for (name, node) in directory.seen.iter().chain(&directory.durable) {
                let Some(number) = node else { continue };
                let contents = &state.contents[*number];
                if [&contents.seen, &contents.durable].iter().any(|all| all.windows(bytes.len()).any(|window| window == bytes)) {
                    found.push(path.join(name));
                }
            }
        }
        found
    }
}

fn persist(contents: &mut Contents, from: usize, to: usize) {
    let to = to.min(contents.seen.len());
    if contents.durable.len() < to {
        contents.durable.resize(to, 0);
    }
    if from < to {
        contents.durable[from..to].copy_from_slice(&contents.seen[from..to]);
    }
}

impl Disk for PowerDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.directories.contains_key(dir) {
            return Ok(());
        }
        state.step()?;
        let (above, name) = split(dir);
        state.directory(above)?.change(Change::Put(name, None));
        state.directories.insert(dir.to_owned(), Directory::default());
        Ok(())
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut state = self.0.lock();
        state.powered()?;
        Ok(state.directory(dir)?.seen.keys().cloned().collect())
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.powered()?;
        let number = state.file(path)?;
        Ok(Box::new(PowerFile { disk: self.clone(), number }))
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.step()?;
        if state.file(path).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let (above, name) = split(path);
        let number = state.contents.len();
        state.directory(above)?.change(Change::Put(name, Some(number)));
        state.contents.push(Contents::default());
        Ok(Box::new(PowerFile { disk: self.clone(), number }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.file(from)?;
        state.step()?;
        let ((above, from), (other, to)) = (split(from), split(to));
        assert_eq!(above, other);
        state.directory(above)?.change(Change::Rename(from, to));
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.file(path)?;
        state.step()?;
        let (above, name) = split(path);
        state.directory(above)?.change(Change::Remove(name));
        Ok(())
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.keeps_directories {
            return Err(ErrorKind::Unsupported.into());
        }
        state.step()?;
        if !state.directory(dir)?.seen.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        let (above, name) = split(dir);
        // Its entries stay on the platter until the name is gone: the directory is kept for a power cut.
        state.directory(above)?.change(Change::Remove(name));
        Ok(())
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        let directory = state.directory(dir)?;
        for change in std::mem::take(&mut directory.unsynced) {
            change.apply(&mut directory.durable);
        }
        let seen = directory.seen.clone();
        if dir == Path::new("") {
            state.directories.retain(|path, _| path == Path::new("") || seen.contains_key(path.to_str().unwrap()));
        }
        Ok(())
    }
}

impl DiskFile for PowerFile {
    fn len(&self) -> io::Result<u64> {
        let state = self.disk.0.lock();
        state.powered()?;
        Ok(state.contents[self.number].seen.len() as u64)
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.0.lock();
        state.powered()?;
        let from = state.contents[self.number].seen.get(usize::try_from(offset).unwrap()..).unwrap_or(&[]);
        let length = from.len().min(buf.len());
        buf[..length].copy_from_slice(&from[..length]);
        Ok(length)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let done = state.step();
        // A failing write leaves half of itself behind.
        let buf = if done.is_err() { &buf[..buf.len() / 2] } else { buf };
        let contents = &mut state.contents[self.number];
        let from = usize::try_from(offset).unwrap();
        let to = from + buf.len();
        if contents.seen.len() < to {
            contents.seen.resize(to, 0);
        }
        contents.seen[from..to].copy_from_slice(buf);
        contents.dirty.push((from, to));
        done
    }
    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        let done = state.step();
        let contents = &mut state.contents[self.number];
        // After a failure the pages count as clean and never reach the platter.
        let dirty = std::mem::take(&mut contents.dirty);
        done?;
        for (from, to) in dirty {
            persist(contents, from, to);
        }
        let length = contents.seen.len();
        contents.durable.truncate(length);
        Ok(())
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.step()?;
        let len = usize::try_from(len).unwrap();
        state.contents[self.number].seen.resize(len, 0);
        Ok(())
    }
}
