//! The planted bugs do what they say, and only where they were planted.
#![cfg(feature = "planted-bugs")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::planted::{self, PlantedBug};
use guichet_broker::{Journal, Trust};

#[test]
fn a_skipped_fsync_loses_what_was_acknowledged() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    fill(&mut journal, 1);
    planted::set(Some(PlantedBug::SkipFsync));
    fill(&mut journal, 1);
    planted::set(None);
    let (after, _) = Journal::open(disk.power_loss().arc(), config(), Trust::Tail).unwrap();
    assert_eq!(after.next_offset(), 3);
}

#[test]
fn a_kept_torn_tail_hides_what_is_written_behind_it() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    fill(&mut journal, 2);
    let mut bytes = disk.get(path(0, "log"));
    bytes.truncate(bytes.len() - 20);
    disk.put(path(0, "log"), bytes);
    planted::set(Some(PlantedBug::TornTailKept));
    let (mut journal, _) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    planted::set(None);
    fill(&mut journal, 2);
    assert!(is_damage(&Journal::open(disk.power_loss().arc(), config(), Trust::Tail)));
}
