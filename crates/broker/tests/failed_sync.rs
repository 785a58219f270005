//! After a failed write or fsync nothing is retried or believed; reopening cuts and begins a higher generation.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::{Journal, JournalError, Trust, verify_partition};

fn open(disk: &MemDisk, trust: Trust) -> (Journal, guichet_broker::Recovery) {
    Journal::open(disk.arc(), config(), trust).unwrap()
}

#[test]
fn every_call_after_a_failed_sync_is_refused_and_nothing_is_synced_again() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    fill(&mut journal, 2);
    let reader = journal.reader();
    disk.fail_syncs(".log", 1);
    assert!(matches!(journal.commit(batch(5, &[b"lost"])), Err(JournalError::Io { .. })));
    disk.take_syncs();
    let changes = disk.changes();
    let poisoned = |r: Result<(), JournalError>| matches!(r, Err(JournalError::Poisoned { synced: 6, .. }));
    assert!(poisoned(journal.sync().map(|_| ())));
    assert!(poisoned(journal.write(batch(5, &[])).map(|_| ())));
    assert!(poisoned(journal.commit(batch(5, &[])).map(|_| ())));
    assert!(poisoned(journal.checkpoint()));
    assert_eq!((journal.synced_offset(), reader.durable_end()), (6, 6));
    assert!(reader.read_batch_at(6).unwrap().is_none());
    assert!(poisoned(journal.close()));
    assert_eq!((disk.take_syncs(), disk.changes()), (vec![], changes));
}

#[test]
fn reopening_after_a_failed_sync_cuts_and_raises_the_generation() {
    let disk = MemDisk::default();
    let (mut journal, first) = open(&disk, Trust::Tail);
    fill(&mut journal, 2);
    disk.fail_syncs(".log", 1);
    journal.commit(batch(5, &[b"lost"])).unwrap_err();
    let synced = journal.synced_offset();
    let mut contents = all(&journal.reader());
    drop(journal);

    let (mut journal, recovery) = open(&disk, Trust::SyncedOnly { synced });
    assert_eq!((recovery.generation, journal.generation()), (first.generation + 1, first.generation + 1));
    assert_eq!((recovery.next_offset, recovery.segments), (7, 2), "the new generation begins with an empty batch");
    fill(&mut journal, 1);
    contents.extend([(8, b"a7".to_vec()), (9, b"b7".to_vec())]);
    assert_eq!(all(&journal.reader()), contents);
    drop(journal);
    let after = disk.power_loss();
    let (journal, recovery) = open(&after, Trust::Tail);
    assert_eq!((recovery.cut, recovery.generation), (None, first.generation + 1));
    assert_eq!(all(&journal.reader()), contents);
}

#[test]
fn a_failed_write_is_treated_the_same() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    fill(&mut journal, 1);
    disk.fail_writes(1);
    assert!(matches!(journal.write(batch(5, &[b"half"])), Err(JournalError::Io { .. })));
    assert!(matches!(journal.write(batch(5, &[])), Err(JournalError::Poisoned { .. })));
    let (journal, _) = open(&disk, Trust::SyncedOnly { synced: journal.synced_offset() });
    assert_eq!(all(&journal.reader()).len(), 2);
    assert_eq!(journal.next_offset(), 4);
}

#[test]
fn a_segment_of_the_same_name_is_replaced() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    disk.fail_syncs(".log", 1);
    journal.commit(batch(5, &[b"the very first"])).unwrap_err();
    let stale = disk.get(path(0, "log"));
    let (mut journal, recovery) = open(&disk, Trust::SyncedOnly { synced: 0 });
    assert_eq!((recovery.generation, recovery.segments, recovery.last_stamp_unix_ms), (2, 1, None));
    assert!(!disk.get(path(0, "log")).windows(14).any(|w| w == b"the very first"));
    fill(&mut journal, 1);
    // Once more, now in the middle of that segment, and with the same name as nothing.
    disk.fail_syncs(".log", 1);
    journal.commit(batch(5, &[b"again"])).unwrap_err();
    let (journal, recovery) = open(&disk, Trust::SyncedOnly { synced: 4 });
    assert_eq!((recovery.generation, recovery.segments, recovery.next_offset), (3, 2, 5));
    assert_eq!(all(&journal.reader()), [(2, b"a1".to_vec()), (3, b"b1".to_vec())]);
    assert!(stale.len() > 14);
}

#[test]
fn where_generations_overlap_the_higher_one_wins() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    fill(&mut journal, 2);
    disk.fail_syncs(".log", 1);
    journal.commit(batch(5, &[b"stale"])).unwrap_err();
    let stale = disk.get(path(0, "log"));
    let (mut journal, _) = open(&disk, Trust::SyncedOnly { synced: 6 });
    fill(&mut journal, 1);
    let contents = all(&journal.reader());
    drop(journal);
    // The cut of the old segment did not survive, and a later segment of the old generation came back.
    let back = disk.as_seen();
    back.put(path(0, "log"), stale.clone());
    let later = MemDisk::default();
    let (mut other, _) = Journal::open(later.arc(), small_segments(300), Trust::Tail).unwrap();
    fill(&mut other, 6);
    back.put(path(12, "log"), later.get(path(12, "log")));
    let summary = {
        let mut verifier = verify_partition(back.arc(), &config()).unwrap();
        assert!(verifier.by_ref().all(|batch| batch.is_ok()));
        verifier.summary().unwrap()
    };
    assert_eq!(summary.superseded, ["00000000000000000012.log"]);
    let (journal, recovery) = open(&back, Trust::Tail);
    assert_eq!((recovery.generation, recovery.segments, recovery.next_offset), (2, 2, 10));
    assert_eq!(all(&journal.reader()), contents);
    assert!(!back.exists(path(12, "log")));
    assert!(back.get(path(0, "log")).len() < stale.len());
}

/// Every sync of a reopening fails once; then comes another try, or a power failure and a normal start.
#[test]
fn a_reopening_that_fails_anywhere_can_be_tried_again() {
    let mut failures = 0;
    for good in 0.. {
        let disk = MemDisk::default();
        let (mut journal, _) = open(&disk, Trust::Tail);
        fill(&mut journal, 2);
        let contents = all(&journal.reader());
        disk.fail_syncs(".log", 1);
        journal.commit(batch(5, &[b"lost"])).unwrap_err();
        drop(journal);
        disk.fail_syncs_after("", good, 1);
        let first = Journal::open(disk.arc(), config(), Trust::SyncedOnly { synced: 6 });
        disk.heal();
        if first.is_ok() {
            break;
        }
        failures += 1;
        let crashed = disk.power_loss();
        let (mut journal, recovery) = open(&disk, Trust::SyncedOnly { synced: 6 });
        // A first try that came as far as its own segment has used up generation 2.
        assert_eq!((recovery.next_offset, recovery.generation), (7, if good < 4 { 2 } else { 3 }), "sync {good}");
        fill(&mut journal, 1);
        assert_eq!(all(&open(&disk.power_loss(), Trust::Tail).0.reader()).len(), 6, "sync {good}");
        let (journal, _) = open(&crashed, Trust::Tail);
        assert_eq!(all(&journal.reader())[..4], contents[..], "sync {good}");
    }
    assert!(failures >= 5, "{failures}");
}

#[test]
fn a_synced_offset_that_would_lose_data_is_refused() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    fill(&mut journal, 2);
    journal.checkpoint().unwrap();
    drop(journal);
    let before = disk.get(path(0, "log"));
    for synced in [0, 3] {
        let opened = Journal::open(disk.arc(), config(), Trust::SyncedOnly { synced });
        assert!(matches!(opened, Err(JournalError::BadConfig { .. })), "{synced}");
    }
    disk.delete(format!("{DIR}/replication.chk"));
    for synced in [4, 7] {
        assert!(is_damage(&Journal::open(disk.arc(), config(), Trust::SyncedOnly { synced })), "{synced}");
    }
    assert_eq!(disk.get(path(0, "log")), before);
}

#[test]
fn a_tail_whose_pages_the_kernel_dropped_is_written_again_before_it_is_served() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk, Trust::Tail);
    fill(&mut journal, 2);
    disk.fail_syncs(".log", 1);
    journal.commit(batch(5, &[b"only in the page cache"])).unwrap_err();
    drop(journal);
    // The process dies with it and another one starts: it sees the batch, and a mere fsync would call it safe.
    let disk = disk.process_crash();
    let (mut journal, recovery) = open(&disk, Trust::Tail);
    assert_eq!((recovery.next_offset, recovery.synced_offset), (8, 8));
    assert_eq!(open(&disk.power_loss(), Trust::Tail).0.next_offset(), 8, "it was synced before open returned");
    fill(&mut journal, 1);
    drop(journal);
    let (journal, recovery) = open(&disk.power_loss(), Trust::Tail);
    assert_eq!((recovery.next_offset, recovery.cut), (11, None));
    assert_eq!(all(&journal.reader()).len(), 7);
}
