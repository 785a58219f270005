//! Batches whose checksum is right and which still do not belong where they stand.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::{DamageReason, Journal, JournalConfig, JournalError, Trust};

/// Where the frame's value stands in a batch.
const FRAME_AT: usize = 67;

/// Two batches of one record each, and where the second starts.
fn two(first: &[u8], second: &[u8]) -> (MemDisk, usize) {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    journal.commit(batch(1, &[first])).unwrap();
    let start = disk.get(path(0, "log")).len();
    journal.commit(batch(2, &[second])).unwrap();
    (disk.as_seen(), start)
}

/// Bit by bit, independent of the crate that the journal uses.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg())))
}

/// Changes one byte each at these positions of the second batch and makes its checksum right again.
fn forge(disk: &MemDisk, start: usize, changes: &[(usize, u8)]) {
    let mut bytes = disk.get(path(0, "log"));
    for &(at, value) in changes {
        assert_ne!(bytes[start + at], value);
        bytes[start + at] = value;
    }
    let crc = crc32c(&bytes[start + 21..]);
    bytes[start + 17..start + 21].copy_from_slice(&crc.to_be_bytes());
    disk.put(path(0, "log"), bytes);
}

/// Above the synced offset the second batch is cut for this reason; below it the same bytes are damage.
fn refused(disk: &MemDisk, expected: &DamageReason) {
    let synced = disk.as_seen();
    synced.put(format!("{DIR}/replication.chk"), 4i64.to_be_bytes().to_vec());
    let opened = Journal::open(synced.arc(), config(), Trust::Tail).map(|_| ());
    let Err(JournalError::Damaged { offset: 2, reason, .. }) = &opened else { panic!("{opened:?}") };
    assert_eq!(reason, expected);
    let (journal, recovery) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    assert_eq!(recovery.cut.map(|cut| cut.reason).as_ref(), Some(expected));
    assert_eq!(all(&journal.reader()).len(), 1);
}

/// Nothing of this may ever be cut.
fn halts(disk: &MemDisk) -> JournalError {
    let before = disk.get(path(0, "log"));
    let opened = Journal::open(disk.arc(), config(), Trust::Tail).map(|_| ());
    assert_eq!(disk.get(path(0, "log")), before);
    opened.unwrap_err()
}

#[test]
fn a_batch_of_another_history_is_refused() {
    let (disk, start) = two(b"ours", b"second");
    let (theirs, _) = two(b"them", b"second");
    let mut bytes = disk.get(path(0, "log"));
    bytes.truncate(start);
    bytes.extend_from_slice(&theirs.get(path(0, "log"))[start..]);
    disk.put(path(0, "log"), bytes);
    refused(&disk, &DamageReason::WrongChain);
}

#[test]
fn a_batch_with_a_wrong_sequence_is_refused() {
    let (disk, start) = two(b"a", b"b");
    forge(&disk, start, &[(FRAME_AT + 16, 7)]);
    refused(&disk, &DamageReason::WrongSequence { expected: 1, found: 7 });
}

#[test]
fn a_generation_may_not_change_inside_a_segment() {
    let (disk, start) = two(b"a", b"b");
    forge(&disk, start, &[(FRAME_AT + 8, 2), (15, 2)]);
    refused(&disk, &DamageReason::WrongGeneration { expected: 1, found: 2 });
}

#[test]
fn a_batch_that_starts_elsewhere_is_refused() {
    let (disk, start) = two(b"a", b"b");
    forge(&disk, start, &[(7, 3)]);
    refused(&disk, &DamageReason::WrongOffset { expected: 2, found: 3 });
}

#[test]
fn a_frame_that_contradicts_its_batch_halts() {
    for change in [(FRAME_AT + 24, 9), (FRAME_AT + 32, 9)] {
        let (disk, start) = two(b"a", b"b");
        forge(&disk, start, &[change]);
        assert!(matches!(halts(&disk), JournalError::Damaged { reason: DamageReason::Contradiction(_), .. }));
    }
}

#[test]
fn an_intact_batch_without_a_frame_halts() {
    let (disk, start) = two(b"a", b"b");
    forge(&disk, start, &[(21, 0)]);
    assert!(matches!(halts(&disk), JournalError::Damaged { reason: DamageReason::NoFrame, .. }));
}

#[test]
fn an_intact_batch_with_unreadable_records_halts() {
    // The second record's offset delta, then its length.
    for change in [(120, 4), (117, 2)] {
        let (disk, start) = two(b"a", b"b");
        forge(&disk, start, &[change]);
        let error = halts(&disk);
        assert!(error.to_string().contains("record 1 of the batch cannot be read"), "{error}");
    }
}

#[test]
fn an_unknown_frame_version_halts() {
    let (disk, start) = two(b"a", b"b");
    forge(&disk, start, &[(FRAME_AT, 9)]);
    assert!(matches!(halts(&disk), JournalError::WrongVersion { version: 9, offset: 2, .. }));
}

#[test]
fn a_batch_of_another_partition_halts() {
    let (disk, _) = two(b"a", b"b");
    let theirs = disk.get(path(0, "log"));
    let other = MemDisk::default();
    let config = JournalConfig::new("journal", 4);
    Journal::open(other.arc(), config.clone(), Trust::Tail).unwrap();
    other.put("journal-4/00000000000000000000.log", theirs.clone());
    let opened = Journal::open(other.arc(), config, Trust::Tail).map(|_| ());
    let Err(JournalError::Damaged { reason: DamageReason::WrongPartition { found: 3 }, .. }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(other.get("journal-4/00000000000000000000.log"), theirs);
}
