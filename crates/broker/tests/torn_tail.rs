//! A torn tail is cut and nothing acknowledged is lost; damage below the synced offset halts and changes nothing.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::{DamageReason, Durability, Journal, JournalError, Trust, verify_partition};

type Records = Vec<(u64, Vec<u8>)>;

/// Three committed batches; the disk as a process crash leaves it, where each batch starts, and what was in them.
fn three() -> (MemDisk, Vec<usize>, Records) {
    let disk = MemDisk::default();
    let (mut journal, recovery) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    assert_eq!((recovery.next_offset, recovery.segments, recovery.cut), (0, 1, None));
    let mut starts = Vec::new();
    for _ in 0..3 {
        starts.push(disk.get(path(0, "log")).len());
        fill(&mut journal, 1);
    }
    let contents = all(&journal.reader());
    assert_eq!(contents.len(), 6);
    (disk.as_seen(), starts, contents)
}

fn open(disk: &MemDisk) -> Result<(Journal, guichet_broker::Recovery), JournalError> {
    Journal::open(disk.arc(), config(), Trust::Tail)
}

#[test]
fn a_tail_whose_first_bytes_never_arrived_is_cut() {
    let (disk, starts, contents) = three();
    let whole = disk.get(path(0, "log"));
    // The checksum covers a batch from byte 21 on: what stands before is judged by what it says.
    for missing in 1..whole.len() - starts[2] {
        let torn = disk.as_seen();
        let mut bytes = whole.clone();
        bytes[starts[2]..starts[2] + missing].fill(0);
        let unchanged = bytes == whole;
        torn.put(path(0, "log"), bytes);
        let (journal, recovery) = open(&torn).unwrap();
        assert_eq!(recovery.cut.is_none(), unchanged, "{missing} bytes missing");
        assert_eq!(all(&journal.reader()), contents[..if unchanged { 6 } else { 4 }], "{missing} bytes missing");
    }
}

#[test]
fn a_tail_torn_at_every_byte_is_cut_and_the_rest_survives() {
    let (disk, starts, contents) = three();
    let whole = disk.get(path(0, "log"));
    for keep in starts[2]..whole.len() {
        for zeros in [0, 1, 300] {
            let torn = disk.as_seen();
            let mut bytes = whole[..keep].to_vec();
            bytes.resize(keep + zeros, 0);
            if bytes.len() >= whole.len() && bytes[..whole.len()] == whole[..] {
                continue; // the zeros happen to be what was there
            }
            torn.put(path(0, "log"), bytes);
            let (mut journal, recovery) = open(&torn).unwrap();
            assert_eq!(recovery.next_offset, 6, "cut after {keep} bytes, {zeros} zeros");
            let left = keep + zeros - starts[2];
            match recovery.cut {
                None => assert_eq!(left, 0),
                Some(cut) => {
                    assert_eq!((cut.offset, cut.position, cut.bytes), (6, starts[2] as u64, left as u64));
                }
            }
            assert_eq!(all(&journal.reader()), contents[..4]);
            // What comes next is readable after the next start, so the cut was real.
            fill(&mut journal, 1);
            drop(journal);
            let (journal, recovery) = open(&torn.power_loss()).unwrap();
            assert_eq!(recovery.cut, None);
            assert_eq!(all(&journal.reader()), contents, "the batch was written again with the same contents");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_synced_batch_is_damage_and_changes_nothing() {
    let (disk, starts, _) = three();
    let whole = disk.get(path(0, "log"));
    // The first two batches are known to be synced from the frame of the third: no checkpoint is needed for that.
    assert!(!disk.exists(format!("{DIR}/replication.chk")));
    for position in 0..starts[2] {
        let bad = disk.as_seen();
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << (position % 8);
        bad.put(path(0, "log"), bytes.clone());
        let opened = open(&bad).map(|_| ());
        let Err(JournalError::Damaged { offset, position: found, .. }) = &opened else {
            panic!("bit flipped at {position}: {opened:?}");
        };
        let number = if position < starts[1] { 0 } else { 1 };
        assert_eq!((*offset, *found), (number * 3, starts[number as usize] as u64), "{opened:?}");
        assert_eq!(bad.get(path(0, "log")), bytes);
        assert!(is_damage(&verify_partition(bad.arc(), &config()).unwrap().find(Result::is_err).unwrap()));
    }
}

#[test]
fn the_checkpoint_protects_the_last_batch_too() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk).unwrap();
    fill(&mut journal, 3);
    let before = disk.as_seen();
    journal.checkpoint().unwrap();
    assert_eq!(disk.power_loss().get(format!("{DIR}/replication.chk")), 9i64.to_be_bytes());
    let whole = disk.get(path(0, "log"));
    let last = whole.len() / 3 * 2;
    for position in last..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 0x10;
        let bad = disk.as_seen();
        bad.put(path(0, "log"), bytes.clone());
        assert!(is_damage(&open(&bad)), "bit flipped at {position}");
        assert_eq!(bad.get(path(0, "log")), bytes);
        // Without the checkpoint the same bytes are a torn tail: cut, never returned changed.
        before.put(path(0, "log"), bytes);
        let (journal, recovery) = open(&before.as_seen()).unwrap();
        assert_eq!((recovery.next_offset, recovery.cut.is_some()), (6, true));
        assert_eq!(all(&journal.reader()).len(), 4);
    }
    let bad = disk.as_seen();
    bad.put(path(0, "log"), whole[..last].to_vec());
    let opened = open(&bad);
    assert!(matches!(&opened, Err(JournalError::Damaged { reason: DamageReason::SyncedDataGone { synced: 9 }, .. })), "{:?}", opened.err());
    bad.delete(path(0, "log"));
    assert!(is_damage(&open(&bad)), "the only segment is gone");
}

#[test]
fn a_checkpoint_that_is_no_offset_is_damage() {
    let (disk, ..) = three();
    for bytes in [vec![], vec![0; 7], vec![0; 9], vec![0xff; 8]] {
        let bad = disk.as_seen();
        bad.put(format!("{DIR}/replication.chk"), bytes);
        assert!(is_damage(&open(&bad)));
    }
}

#[test]
fn a_missing_or_shortened_segment_is_damage() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), small_segments(300), Trust::Tail).unwrap();
    fill(&mut journal, 6);
    journal.close().unwrap();
    let logs = disk.logs();
    assert_eq!(logs.len(), 3);
    for log in &logs {
        let bad = disk.as_seen();
        bad.delete(log);
        assert!(is_damage(&open(&bad)), "{} deleted", log.display());
        let bad = disk.as_seen();
        let mut bytes = bad.get(log);
        bytes.pop();
        bad.put(log, bytes);
        assert!(is_damage(&open(&bad)), "{} shortened", log.display());
        if log != &logs[2] {
            let bad = disk.as_seen();
            let mut bytes = bad.get(log);
            bytes.push(0);
            bad.put(log, bytes);
            assert!(is_damage(&open(&bad)), "{} lengthened", log.display());
        }
    }
    // The first segment is known to be missing even if nothing else is left to say so.
    let bad = disk.as_seen();
    for gone in ["replication.chk", "00000000000000000000.log", "00000000000000000006.log"] {
        bad.delete(format!("{DIR}/{gone}"));
    }
    let one = bad.get(&logs[2]).len() / 2;
    let one_batch = bad.get(&logs[2])[..one].to_vec();
    bad.put(&logs[2], one_batch.clone());
    let opened = open(&bad).map(|_| ());
    let Err(JournalError::Damaged { reason: DamageReason::Missing { from: 0, to: 12 }, .. }) = opened else { panic!("{opened:?}") };
    assert_eq!(bad.get(&logs[2]), one_batch);
    // A later segment proves that an earlier one was synced, also without a checkpoint and frames.
    let bad = disk.as_seen();
    bad.delete(format!("{DIR}/replication.chk"));
    bad.put(&logs[2], Vec::new());
    let mut bytes = bad.get(&logs[1]);
    *bytes.last_mut().unwrap() ^= 1;
    bad.put(&logs[1], bytes);
    assert!(is_damage(&open(&bad)));
}

#[test]
fn a_segment_created_just_before_the_crash_is_used() {
    let (disk, _, contents) = three();
    disk.put(path(9, "log"), Vec::new());
    let (mut journal, recovery) = open(&disk).unwrap();
    assert_eq!((recovery.next_offset, recovery.segments), (9, 2));
    fill(&mut journal, 1);
    assert_eq!(all(&journal.reader())[..6], contents[..]);
    assert!(!disk.get(path(9, "log")).is_empty());
}

#[test]
fn with_os_durability_a_hole_above_the_synced_offset_is_a_torn_tail() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), os(), Trust::Tail).unwrap();
    fill(&mut journal, 1);
    journal.checkpoint().unwrap();
    fill(&mut journal, 2);
    // The kernel wrote the last batch back, but not the one before.
    let mut bytes = disk.get(path(0, "log"));
    let third = bytes.len() / 3;
    bytes[third..2 * third].fill(0);
    disk.put(path(0, "log"), bytes);
    let (journal, recovery) = Journal::open(disk.arc(), os(), Trust::Tail).unwrap();
    assert_eq!(recovery.next_offset, 3);
    assert_eq!(recovery.cut.map(|cut| cut.offset), Some(3));
    assert_eq!(all(&journal.reader()).len(), 2);
}

#[test]
fn leftovers_are_removed_and_hints_rebuilt() {
    let disk = MemDisk::default();
    let (mut journal, _) = open(&disk).unwrap();
    for _ in 0..10 {
        journal.commit(batch(1, &[&[7; 3000]])).unwrap();
    }
    let contents = all(&journal.reader());
    drop(journal);
    let index = disk.get(path(0, "index"));
    assert!(!index.is_empty() && index.len() % 8 == 0);
    assert_eq!(index[..4], 4u32.to_be_bytes(), "the first entry is the third batch");
    disk.put(format!("{DIR}/00000000000000000099.log.tmp"), vec![1]);
    for wrong in [vec![], vec![0xee; 24], index[..8].to_vec()] {
        disk.put(path(0, "index"), wrong);
        let (journal, _) = open(&disk).unwrap();
        assert_eq!(disk.get(path(0, "index")), index);
        assert_eq!(all(&journal.reader()), contents);
        assert!(!disk.exists(format!("{DIR}/00000000000000000099.log.tmp")));
    }
}

#[test]
fn verification_reports_and_changes_nothing() {
    let (disk, starts, _) = three();
    let mut bytes = disk.get(path(0, "log"));
    bytes.truncate(starts[2] + 50);
    disk.put(path(0, "log"), bytes);
    let before = disk.changes();
    let mut verifier = verify_partition(disk.arc(), &config()).unwrap();
    assert_eq!(verifier.summary(), None);
    let batches: Vec<_> = verifier.by_ref().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|b| b.batch.base_offset).collect::<Vec<_>>(), [0, 3]);
    assert_eq!(batches[1].batch.frame.synced_offset, 3);
    let summary = verifier.summary().unwrap();
    assert_eq!((summary.batches, summary.records, summary.next_offset), (2, 4, 6));
    assert_eq!(summary.torn.unwrap().offset, 6);
    assert_eq!(disk.changes(), before);
    assert_eq!(config().durability, Durability::Fsync);
}
