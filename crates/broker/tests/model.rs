//! Random batches, sizes, crashes and reopenings against a plain list.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use guichet_broker::{Durability, Journal, JournalConfig, Trust, verify_partition};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Commit(Vec<Vec<u8>>),
    Checkpoint,
    Reopen,
    ProcessCrash,
    PowerLoss,
    WrittenThenPowerLoss(Vec<Vec<u8>>),
    FailedSync(Vec<Vec<u8>>),
}

fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..12)
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        8 => records().prop_map(Op::Commit),
        1 => Just(Op::Checkpoint),
        1 => Just(Op::Reopen),
        1 => Just(Op::ProcessCrash),
        1 => Just(Op::PowerLoss),
        1 => records().prop_map(Op::WrittenThenPowerLoss),
        1 => records().prop_map(Op::FailedSync),
    ];
    prop::collection::vec(op, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_acknowledged_is_there(ops in ops(), segment_bytes in 200u64..6000) {
        let config = JournalConfig { segment_bytes, durability: Durability::Fsync, ..config() };
        let mut disk = MemDisk::default();
        let open = |disk: &MemDisk, trust| Journal::open(disk.arc(), config.clone(), trust).unwrap().0;
        let mut journal = open(&disk, Trust::Tail);
        let mut model: Vec<(u64, Vec<u8>)> = Vec::new();
        for (stamp, op) in ops.into_iter().enumerate() {
            let build = |records: &[Vec<u8>]| {
                batch(stamp as u64 + 1, &records.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            match op {
                Op::Commit(records) => {
                    let committed = journal.commit(build(&records)).unwrap();
                    model.extend((committed.base_offset + 1..).zip(records));
                }
                Op::Checkpoint => journal.checkpoint().unwrap(),
                Op::Reopen => {
                    journal.close().unwrap();
                    journal = open(&disk, Trust::Tail);
                }
                Op::ProcessCrash => {
                    disk = disk.process_crash();
                    journal = open(&disk, Trust::Tail);
                }
                Op::PowerLoss => {
                    disk = disk.power_loss();
                    journal = open(&disk, Trust::Tail);
                }
                Op::WrittenThenPowerLoss(records) => {
                    journal.write(build(&records)).unwrap();
                    disk = disk.power_loss();
                    journal = open(&disk, Trust::Tail);
                }
                Op::FailedSync(records) => {
                    disk.fail_syncs(".log", 1);
                    journal.commit(build(&records)).unwrap_err();
                    let synced = journal.synced_offset();
                    journal = open(&disk, Trust::SyncedOnly { synced });
                }
            }
            prop_assert_eq!(journal.synced_offset(), journal.next_offset());
        }
        prop_assert_eq!(&all(&journal.reader()), &model);
        let end = journal.next_offset();
        drop(journal);
        let after = disk.power_loss();
        let mut verifier = verify_partition(after.arc(), &config).unwrap();
        for batch in verifier.by_ref() {
            batch.unwrap();
        }
        let summary = verifier.summary().unwrap();
        prop_assert_eq!((summary.next_offset, summary.records, summary.torn), (end, model.len() as u64, None));
        prop_assert_eq!(&all(&open(&after, Trust::Tail).reader()), &model);
    }
}
