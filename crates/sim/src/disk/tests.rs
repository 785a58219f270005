//! The disk is as durable as it says, and no more.

use std::io;
use std::path::Path;

use guichet_broker::Disk;

use super::SimDisk;
use crate::rng::Rng;

fn disk(seed: u64) -> SimDisk {
    SimDisk::new(Rng::new(seed))
}

#[test]
fn a_name_is_durable_after_its_directory_was_synced_and_not_before() {
    let mut found = Vec::new();
    for seed in 0..40 {
        let disk = disk(seed);
        disk.create_dir_all(Path::new("a")).unwrap();
        disk.sync_dir(Path::new("")).unwrap();
        let file = disk.create_new(Path::new("a/x.log")).unwrap();
        file.write_at(b"hello", 0).unwrap();
        file.sync_data().unwrap();
        let extent = disk.last_write().unwrap();
        assert!(!disk.is_durable(&extent));
        if seed % 2 == 0 {
            disk.sync_dir(Path::new("a")).unwrap();
            assert!(disk.is_durable(&extent));
        }
        disk.crash();
        let there = disk.open(Path::new("a/x.log")).is_ok();
        assert!(there || seed % 2 == 1);
        found.push(there);
    }
    assert!(found.contains(&false));
}

#[test]
fn a_lost_directory_takes_its_files_along() {
    let mut lost = false;
    for seed in 0..20 {
        let disk = disk(seed);
        disk.create_dir_all(Path::new("a")).unwrap();
        disk.create_new(Path::new("a/x.log")).unwrap();
        disk.sync_dir(Path::new("a")).unwrap();
        disk.crash();
        match disk.list(Path::new("a")) {
            Ok(names) => assert_eq!(names, ["x.log"]),
            Err(_) => lost = true,
        }
    }
    assert!(lost);
}

#[test]
fn a_rename_replaces_wholly_or_not_at_all() {
    for seed in 0..40 {
        let disk = disk(seed);
        let write = |name: &str, what: &[u8]| {
            let file = disk.create_new(Path::new(name)).unwrap();
            file.write_at(what, 0).unwrap();
            file.sync_data().unwrap();
        };
        write("old", b"old");
        disk.sync_dir(Path::new("")).unwrap();
        write("new", b"new");
        disk.rename(Path::new("new"), Path::new("old")).unwrap();
        disk.crash();
        let mut read = [0; 3];
        let file = disk.open(Path::new("old")).unwrap();
        // One by one, because reads are short now and then.
        for (offset, byte) in (0..).zip(&mut read) {
            file.read_at(std::slice::from_mut(byte), offset).unwrap();
        }
        assert!([b"old", b"new"].contains(&&read), "{read:?}");
    }
}

#[test]
fn the_fuse_turns_everything_off_until_the_crash() {
    let disk = disk(1);
    disk.light_fuse(1);
    let file = disk.create_new(Path::new("x")).unwrap();
    assert!(file.write_at(b"a", 0).is_err());
    assert!(disk.is_off() && disk.list(Path::new("")).is_err());
    disk.crash();
    assert!(disk.list(Path::new("")).is_ok() && file.len().is_err());
}

#[test]
fn a_full_disk_overwrites_and_does_not_grow() {
    let disk = disk(1);
    let file = disk.create_new(Path::new("x")).unwrap();
    file.write_at(b"abc", 0).unwrap();
    disk.set_full(true);
    file.write_at(b"xyz", 0).unwrap();
    assert_eq!(file.write_at(b"z", 3).unwrap_err().kind(), io::ErrorKind::StorageFull);
}
