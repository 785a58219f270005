//! A disk that fails at one operation, each in turn: what is left never does harm.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use guichet_broker::{Disk, DiskFile};

use super::assert_right;
use super::shop::{INCARNATION, PARTITION, Shop};
use crate::snapshot::Snapshots;

/// Fails, once, at the operation that the count says.
struct Fragile {
    disk: Arc<dyn Disk>,
    left: Arc<AtomicI64>,
}

struct FragileFile {
    file: Box<dyn DiskFile>,
    left: Arc<AtomicI64>,
}

fn pass(left: &AtomicI64) -> io::Result<()> {
    if left.fetch_sub(1, Ordering::Relaxed) == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

impl Disk for Fragile {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        pass(&self.left).and_then(|()| self.disk.create_dir_all(dir))
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(path)
    }
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        pass(&self.left)?;
        Ok(Box::new(FragileFile { file: self.disk.create_new(path)?, left: Arc::clone(&self.left) }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        pass(&self.left).and_then(|()| self.disk.rename(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        pass(&self.left).and_then(|()| self.disk.remove(path))
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        pass(&self.left).and_then(|()| self.disk.sync_dir(dir))
    }
}

impl DiskFile for FragileFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        // Half of it arrives.
        pass(&self.left).inspect_err(|_| drop(self.file.write_at(&buf[..buf.len() / 2], offset)))?;
        self.file.write_at(buf, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        pass(&self.left).and_then(|()| self.file.sync_data())
    }
    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.truncate(len)
    }
}

#[test]
fn a_write_that_fails_anywhere_leaves_the_snapshot_before_in_its_place() {
    let mut shop = Shop::open();
    shop.busy();
    let mut failures = 0;
    for operation in 0.. {
        let before = shop.take().unwrap();
        shop.busy();
        shop.steps(&[super::shop::Step::Pass(3_600_000)]);
        let left = Arc::new(AtomicI64::new(operation));
        let fragile = Fragile { disk: Arc::clone(&shop.snapshots.disk), left: Arc::clone(&left) };
        let taken = Snapshots::new(Arc::new(fragile), PARTITION, INCARNATION).take(&shop.reader(), &AtomicBool::new(false));
        let untouched = left.load(Ordering::Relaxed) >= 0;
        match taken {
            // Its name may be there and not durable: it is whole all the same.
            Err(error) => {
                failures += 1;
                assert!(error.is_disk_fault(), "{error}");
                let from = shop.snapshots.recover(&shop.reader()).unwrap();
                assert!(from.skipped.is_empty(), "{:?}", from.skipped);
                assert!(from.snapshot >= Some(before.offset));
                assert_right(&shop, from.snapshot);
            }
            Ok(taken) => assert_right(&shop, Some(taken.offset)),
        }
        if untouched {
            break;
        }
    }
    assert!(failures >= 7, "{failures}");
    shop.busy();
    shop.take().unwrap();
    assert!(shop.names().len() <= 2 && shop.names().iter().all(|name| name.ends_with(".snapshot")), "{:?}", shop.names());
}
