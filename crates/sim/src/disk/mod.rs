//! A disk in memory that knows what is durable, and fails as disks do.
//!
//! - An unsynced write survives a crash wholly, torn or not at all, each for itself; so does a truncation.
//! - Names are durable only after the directory was synced; before, the first few of the operations survive.
//! - A failed sync loses what it was to make durable, although reads go on showing it.
//! - A fuse turns the machine off in the middle of whatever is being done: from then on every operation fails and changes nothing.

mod content;
mod faults;
mod names;
#[cfg(test)]
mod tests;

pub use faults::{DiskFaults, DiskStats};

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet_broker::{Disk, DiskFile};
use parking_lot::Mutex;

use crate::rng::Rng;
use content::Content;
use names::Names;

/// Bytes of a file, for asking later whether they are durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    path: PathBuf,
    inode: u64,
    from: usize,
    to: usize,
}

impl Extent {
    /// How many bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.to - self.from) as u64
    }
}

struct Machine {
    rng: Rng,
    faults: DiskFaults,
    stats: DiskStats,
    names: Names,
    files: BTreeMap<u64, Content>,
    inodes: u64,
    /// Handles of an earlier process are dead.
    boot: u64,
    /// Operations until the machine turns itself off.
    fuse: Option<u64>,
    off: bool,
    last_write: Option<Extent>,
}

/// The disk. Clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<Machine>>);

struct SimFile {
    disk: SimDisk,
    path: PathBuf,
    inode: u64,
    boot: u64,
}

fn broken(what: &str) -> io::Error {
    io::Error::other(format!("simulated: {what}"))
}

fn position(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl SimDisk {
    /// An empty disk without faults.
    #[must_use]
    pub fn new(rng: Rng) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            rng,
            faults: DiskFaults::default(),
            stats: DiskStats::default(),
            names: Names::default(),
            files: BTreeMap::new(),
            inodes: 0,
            boot: 0,
            fuse: None,
            off: false,
            last_write: None,
        })))
    }

    /// For the journal.
    #[must_use]
    pub fn arc(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// From now on it fails so often.
    pub fn set_faults(&self, faults: DiskFaults) {
        self.0.lock().faults = faults;
    }

    /// Whether growing files fail for want of room.
    pub fn set_full(&self, full: bool) {
        self.0.lock().faults.full = full;
    }

    /// The machine turns itself off after so many more operations.
    pub fn light_fuse(&self, operations: u64) {
        self.0.lock().fuse = Some(operations);
    }

    /// Puts a burning fuse out, and gives it room again.
    pub fn disarm(&self) {
        let mut machine = self.0.lock();
        machine.fuse = None;
        machine.faults.full = false;
    }

    /// Whether the fuse has burnt down.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.lock().off
    }

    /// The process dies; what the kernel knows stays as it is.
    pub fn kill_process(&self) {
        let mut machine = self.0.lock();
        machine.boot += 1;
        machine.fuse = None;
    }

    /// The machine loses its power and comes back with what the platter has.
    pub fn crash(&self) {
        let machine = &mut *self.0.lock();
        let rng = &mut machine.rng;
        machine.stats.torn_writes += machine.files.values_mut().map(|content| content.crash(rng)).sum::<u64>();
        machine.names.crash(rng);
        let named = machine.names.inodes();
        machine.files.retain(|inode, _| named.contains(inode));
        machine.boot += 1;
        machine.fuse = None;
        machine.off = false;
    }

    /// Does something for which it must not fail, such as looking what is there.
    pub fn quietly<T>(&self, what: impl FnOnce() -> T) -> T {
        let set = |faults, fuse| {
            let mut machine = self.0.lock();
            (std::mem::replace(&mut machine.faults, faults), std::mem::replace(&mut machine.fuse, fuse))
        };
        let (faults, fuse) = set(DiskFaults::default(), None);
        let result = what();
        set(faults, fuse);
        result
    }

    /// Turns one bit of one file of a directory over, on the platter and in the cache; false when there is no file.
    pub fn rot(&self, dir: &Path) -> bool {
        let machine = &mut *self.0.lock();
        let names = machine.names.list(dir).unwrap_or_default();
        let inodes: Vec<u64> = names.iter().filter_map(|name| machine.names.find(&dir.join(name)).ok()).collect();
        if inodes.is_empty() {
            return false;
        }
        let inode = inodes[machine.rng.index(inodes.len())];
        machine.files.get_mut(&inode).is_some_and(|content| content.rot(&mut machine.rng))
    }

    /// What has happened to it.
    #[must_use]
    pub fn stats(&self) -> DiskStats {
        self.0.lock().stats
    }

    /// Where the last successful write to a segment went.
    #[must_use]
    pub fn last_write(&self) -> Option<Extent> {
        self.0.lock().last_write.clone()
    }

    /// Whether a crash right now would leave these bytes, and the name of their file, as they are.
    #[must_use]
    pub fn is_durable(&self, extent: &Extent) -> bool {
        let machine = self.0.lock();
        let content = machine.files.get(&extent.inode);
        content.is_some_and(|content| content.is_durable(extent.from, extent.to)) && machine.names.is_durable(&extent.path, extent.inode)
    }
}

impl Machine {
    /// Every operation begins here.
    fn enter(&mut self) -> io::Result<()> {
        self.stats.operations += 1;
        if let Some(left) = &mut self.fuse {
            if *left == 0 {
                self.off = true;
                self.fuse = None;
            } else {
                *left -= 1;
            }
        }
        if self.off { Err(broken("the machine is off")) } else { Ok(()) }
    }

    fn fails(&mut self, per_million: u32) -> bool {
        per_million > 0 && self.rng.chance(per_million)
    }

    fn metadata_fails(&mut self) -> io::Result<()> {
        if self.fails(self.faults.metadata) { Err(broken("input/output error")) } else { Ok(()) }
    }

    /// A file by its number. Unnamed ones are kept until the next crash.
    fn content(&mut self, inode: u64) -> io::Result<&mut Content> {
        self.files.get_mut(&inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// A write that fails in the middle, if chance has it so: the error, and how many bytes arrive before it.
    fn write_fault(&mut self, grows: bool, len: usize) -> Option<(io::Error, usize)> {
        let error = if self.fails(self.faults.write) {
            broken("input/output error")
        } else if grows && (self.faults.full || self.fails(self.faults.no_space)) {
            io::ErrorKind::StorageFull.into()
        } else {
            return None;
        };
        self.stats.write_failures += 1;
        let arrives = if self.rng.one_of(2) { 0 } else { self.rng.index(len + 1) };
        Some((error, arrives))
    }
}

impl SimDisk {
    fn handle(&self, path: &Path, inode: u64, boot: u64) -> Box<dyn DiskFile> {
        Box::new(SimFile { disk: self.clone(), path: path.to_owned(), inode, boot })
    }
}

impl Disk for SimDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut machine = self.0.lock();
        machine.enter()?;
        machine.metadata_fails()?;
        machine.names.create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut machine = self.0.lock();
        machine.enter()?;
        machine.names.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.0.lock();
        machine.enter()?;
        let inode = machine.names.find(path)?;
        machine.metadata_fails()?;
        Ok(self.handle(path, inode, machine.boot))
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.0.lock();
        machine.enter()?;
        machine.metadata_fails()?;
        let inode = machine.inodes + 1;
        machine.names.create(path, inode)?;
        machine.inodes = inode;
        machine.files.insert(inode, Content::default());
        Ok(self.handle(path, inode, machine.boot))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut machine = self.0.lock();
        machine.enter()?;
        machine.metadata_fails()?;
        machine.names.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut machine = self.0.lock();
        machine.enter()?;
        machine.names.find(path)?;
        machine.metadata_fails()?;
        machine.names.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let machine = &mut *self.0.lock();
        machine.enter()?;
        if machine.fails(machine.faults.sync_dir) {
            machine.stats.sync_failures += 1;
            machine.names.fail_sync(dir, &mut machine.rng);
            return Err(broken("the directory cannot be synced"));
        }
        machine.names.sync(dir)
    }
}

impl SimFile {
    fn enter<'a>(&self, machine: &'a mut Machine) -> io::Result<&'a mut Machine> {
        machine.enter()?;
        if self.boot == machine.boot { Ok(machine) } else { Err(broken("this process is dead")) }
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        let mut machine = self.disk.0.lock();
        Ok(self.enter(&mut machine)?.content(self.inode)?.seen().len() as u64)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut machine = self.disk.0.lock();
        let machine = self.enter(&mut machine)?;
        if machine.fails(machine.faults.read) {
            machine.stats.read_failures += 1;
            return Err(broken("input/output error"));
        }
        let most = if machine.rng.one_of(8) { 1 + machine.rng.index(buf.len().max(1)) } else { buf.len() };
        let seen = machine.content(self.inode)?.seen();
        let from = seen.get(position(offset)?..).unwrap_or(&[]);
        let read = from.len().min(buf.len()).min(most);
        buf[..read].copy_from_slice(&from[..read]);
        Ok(read)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut machine = self.disk.0.lock();
        let machine = self.enter(&mut machine)?;
        let from = position(offset)?;
        let to = from + buf.len();
        let grows = to > machine.content(self.inode)?.seen().len();
        if let Some((error, arrives)) = machine.write_fault(grows, buf.len()) {
            machine.content(self.inode)?.write(from, &buf[..arrives]);
            return Err(error);
        }
        machine.content(self.inode)?.write(from, buf);
        if self.path.extension().is_some_and(|extension| extension == "log") {
            machine.last_write = Some(Extent { path: self.path.clone(), inode: self.inode, from, to });
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut machine = self.disk.0.lock();
        let machine = self.enter(&mut machine)?;
        machine.stats.syncs += 1;
        if machine.fails(machine.faults.sync) {
            machine.stats.sync_failures += 1;
            let rng = &mut machine.rng.fork();
            machine.stats.torn_writes += machine.content(self.inode)?.fail_sync(rng);
            return Err(broken("the file cannot be synced"));
        }
        machine.content(self.inode)?.sync();
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut machine = self.disk.0.lock();
        let machine = self.enter(&mut machine)?;
        machine.metadata_fails()?;
        machine.content(self.inode)?.truncate(position(len)?);
        Ok(())
    }
}
