//! What a commit does to the disk, what readers see of it, and segments.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::{BatchBuilder, DamageReason, Journal, JournalError, Trust};

fn open(disk: &MemDisk) -> Journal {
    Journal::open(disk.arc(), config(), Trust::Tail).unwrap().0
}

#[test]
fn a_committed_batch_survives_power_loss_and_a_written_one_is_not_visible() {
    let disk = MemDisk::default();
    let mut journal = open(&disk);
    let reader = journal.reader();
    disk.take_syncs();
    let committed = journal.commit(batch(42, &[b"x", b"y"])).unwrap();
    assert_eq!((committed.base_offset, committed.next_offset, committed.stamp_unix_ms), (0, 3, 42));
    assert_eq!(disk.take_syncs(), ["00000000000000000000.log"], "one sync per commit");
    let written = journal.write(batch(43, &[b"z"])).unwrap();
    assert_eq!((written.base_offset, written.next_offset), (3, 5));
    assert_eq!((reader.durable_end(), journal.synced_offset(), journal.next_offset()), (3, 3, 5));
    assert!(reader.read_batch_at(3).unwrap().is_none());
    assert!(matches!(journal.write(batch(44, &[])), Err(JournalError::SyncPending { offset: 3, .. })));
    let lost = open(&disk.power_loss());
    assert_eq!(all(&lost.reader()), [(1, b"x".to_vec()), (2, b"y".to_vec())]);
    assert_eq!(journal.sync().unwrap().next_offset, 5);
    assert!(matches!(journal.sync(), Err(JournalError::NothingToSync { .. })));
    let found = reader.read_batch_at(4).unwrap().unwrap();
    assert_eq!((found.base_offset, found.next_offset, found.len(), found.stamp_unix_ms()), (3, 5, 1, 43));
    assert_eq!((found.frame.sequence, found.frame.synced_offset, found.frame.partition), (2, 3, 3));
    assert_eq!(all(&open(&disk.power_loss()).reader()).len(), 3);
}

#[test]
fn every_roll_is_durable_and_the_chain_goes_on() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), small_segments(400), Trust::Tail).unwrap();
    let mut expected = Vec::new();
    for i in 0..40u64 {
        let committed = journal.commit(batch(i + 1, &[&i.to_be_bytes(), &[0; 50]])).unwrap();
        expected.push((committed.base_offset + 1, i.to_be_bytes().to_vec()));
        expected.push((committed.base_offset + 2, vec![0; 50]));
        // Power may fail after any commit: the new file's name must be durable as well.
        if i % 5 == 0 {
            let (after, _) = Journal::open(disk.power_loss().arc(), small_segments(400), Trust::Tail).unwrap();
            assert_eq!(all(&after.reader()), expected);
        }
    }
    assert_eq!(disk.logs().len(), 20);
    let reader = journal.reader();
    assert_eq!(all(&reader), expected);
    for (offset, bytes) in &expected {
        let batch = reader.read_batch_at(*offset).unwrap().unwrap();
        assert!(batch.records().any(|(o, b)| o == *offset && b == bytes), "{offset}");
    }
    assert_eq!(reader.batches(61).next().unwrap().unwrap().base_offset, 60);
}

#[test]
fn a_batch_larger_than_a_segment_and_one_without_records_are_fine() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), small_segments(200), Trust::Tail).unwrap();
    journal.commit(batch(1, &[&[1; 5000]])).unwrap();
    let empty = journal.commit(BatchBuilder::new(2).finish()).unwrap();
    assert_eq!((empty.base_offset, empty.next_offset), (2, 3));
    let (journal, recovery) = Journal::open(disk.power_loss().arc(), small_segments(200), Trust::Tail).unwrap();
    assert_eq!((recovery.next_offset, recovery.segments, recovery.last_stamp_unix_ms), (3, 2, Some(2)));
    assert!(journal.reader().read_batch_at(2).unwrap().unwrap().is_empty());
    let mut huge = BatchBuilder::new(3);
    assert_eq!((huge.push(&[]), huge.push(&vec![0; 64 << 20]), huge.len()), (1, 2, 2));
    let mut journal = journal;
    assert!(matches!(journal.commit(huge.finish()), Err(JournalError::BatchTooLarge { .. })));
    assert!(!journal.is_poisoned());
}

#[test]
fn with_os_durability_a_commit_syncs_nothing_and_a_checkpoint_does() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), os(), Trust::Tail).unwrap();
    disk.take_syncs();
    fill(&mut journal, 2);
    assert_eq!(disk.take_syncs(), Vec::<String>::new());
    assert_eq!((journal.reader().durable_end(), journal.synced_offset()), (6, 0));
    let frame = journal.reader().read_batch_at(3).unwrap().unwrap().frame;
    assert_eq!(frame.synced_offset, 0, "only what was really synced");
    assert_eq!(open(&disk.power_loss()).next_offset(), 0);
    journal.checkpoint().unwrap();
    assert_eq!(journal.synced_offset(), 6);
    assert_eq!(open(&disk.power_loss()).next_offset(), 6);
    disk.take_syncs();
    journal.checkpoint().unwrap();
    assert_eq!(disk.take_syncs(), Vec::<String>::new(), "nothing new, nothing to do");
}

#[test]
fn with_os_durability_a_roll_syncs_the_closed_segment() {
    let disk = MemDisk::default();
    let config = guichet_broker::JournalConfig { segment_bytes: 400, ..os() };
    let (mut journal, _) = Journal::open(disk.arc(), config.clone(), Trust::Tail).unwrap();
    fill(&mut journal, 3);
    assert_eq!((disk.logs().len(), journal.synced_offset()), (2, 6));
    let (after, recovery) = Journal::open(disk.power_loss().arc(), config, Trust::Tail).unwrap();
    assert_eq!((after.next_offset(), recovery.cut), (6, None));
}

#[test]
fn an_iterator_goes_on_where_the_end_was() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), small_segments(300), Trust::Tail).unwrap();
    let mut batches = journal.reader().batches(0);
    assert!(batches.next().is_none());
    for _ in 0..7 {
        let committed = fill(&mut journal, 1)[0];
        assert_eq!(batches.next().unwrap().unwrap().base_offset, committed.base_offset);
        assert!(batches.next().is_none());
        assert_eq!(batches.position(), committed.next_offset);
    }
}

#[test]
fn a_reader_never_returns_changed_bytes() {
    let disk = MemDisk::default();
    let mut journal = open(&disk);
    fill(&mut journal, 1);
    let reader = journal.reader();
    let good = reader.read_batch_at(0).unwrap().unwrap();
    let file = guichet_broker::Disk::open(&disk, &path(0, "log")).unwrap();
    let whole = disk.get(path(0, "log"));
    assert_eq!(good.raw(), &whole);
    for (position, &byte) in whole.iter().enumerate() {
        file.write_at(&[byte ^ 4], position as u64).unwrap();
        let read = reader.read_batch_at(0);
        assert!(is_damage(&read), "byte {position}: {read:?}");
        file.write_at(&[byte], position as u64).unwrap();
    }
    file.truncate(whole.len() as u64 - 1).unwrap();
    let Err(JournalError::Damaged { reason: DamageReason::Batch(_), .. }) = reader.read_batch_at(1) else { panic!() };
}

#[test]
fn readers_run_beside_the_writer() {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), small_segments(2000), Trust::Tail).unwrap();
    let reader = journal.reader();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut batches = reader.batches(0);
                    let mut seen = 0u64;
                    while seen < 300 {
                        let Some(batch) = batches.next() else { continue };
                        for (_, bytes) in batch.unwrap().records() {
                            assert_eq!(bytes, seen.to_be_bytes());
                            seen += 1;
                        }
                    }
                })
            })
            .collect();
        for i in 0..300u64 {
            journal.commit(batch(1, &[&i.to_be_bytes()])).unwrap();
        }
        readers.into_iter().for_each(|r| r.join().unwrap());
    });
}
