//! On a real file system: the disk, the lock, and a journal reopened from its files.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{all, config, fill};
use guichet_broker::{DirectoryLock, Disk, FsDisk, Journal, LockError, Trust};

#[test]
fn a_journal_survives_on_real_files() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("new/data");
    let disk: Arc<dyn Disk> = Arc::new(FsDisk::open_root(&root).unwrap());
    let config = guichet_broker::JournalConfig { segment_bytes: 1000, ..config() };
    let (mut journal, _) = Journal::open(disk.clone(), config.clone(), Trust::Tail).unwrap();
    fill(&mut journal, 30);
    let contents = all(&journal.reader());
    journal.close().unwrap();
    let chk = std::fs::read(root.join("journal-3/replication.chk")).unwrap();
    assert_eq!(chk, 90i64.to_be_bytes());
    let disk: Arc<dyn Disk> = Arc::new(FsDisk::open_root(&root).unwrap());
    let (journal, recovery) = Journal::open(disk, config, Trust::Tail).unwrap();
    assert_eq!((recovery.next_offset, recovery.cut), (90, None));
    assert!(recovery.segments > 3);
    assert_eq!(all(&journal.reader()), contents);
}

#[test]
fn the_disk_keeps_its_word() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FsDisk::open_root(dir.path()).unwrap();
    let sub = Path::new("a/b");
    assert_eq!(disk.list(sub).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    assert_eq!(disk.open(&sub.join("x")).map(|_| ()).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    disk.create_dir_all(sub).unwrap();
    disk.create_dir_all(sub).unwrap();
    let file = disk.create_new(&sub.join("x")).unwrap();
    assert_eq!(disk.create_new(&sub.join("x")).map(|_| ()).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    file.write_at(b"hello", 3).unwrap();
    file.truncate(6).unwrap();
    file.sync_data().unwrap();
    disk.rename(&sub.join("x"), &sub.join("w")).unwrap();
    disk.create_new(&sub.join("v")).unwrap();
    disk.sync_dir(sub).unwrap();
    disk.sync_dir(Path::new("")).unwrap();
    assert_eq!(disk.list(sub).unwrap(), ["v", "w"]);
    let mut buf = [9; 10];
    let file = disk.open(&sub.join("w")).unwrap();
    assert_eq!((file.len().unwrap(), file.read_at(&mut buf, 1).unwrap()), (6, 5));
    assert_eq!(buf[..5], *b"\0\0hel");
    disk.remove(&sub.join("w")).unwrap();
    assert_eq!(disk.remove(&sub.join("w")).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_directory_is_locked_once_and_free_again_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let lock = DirectoryLock::acquire(dir.path()).unwrap();
    let second = DirectoryLock::acquire(dir.path()).unwrap_err();
    let LockError::AlreadyOpen { pid, .. } = &second else { panic!("{second}") };
    assert_eq!(*pid, std::process::id().to_string());
    assert!(second.to_string().contains("stop it first"), "{second}");
    drop(lock);
    DirectoryLock::acquire(dir.path()).unwrap();
    let missing = DirectoryLock::acquire(&dir.path().join("absent")).unwrap_err();
    assert!(matches!(missing, LockError::Unwritable { .. }));
}
