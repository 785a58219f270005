//! The bytes: fixed for ever by a golden batch, the same for Fluvio's own encoder and decoder, and safe to read.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::*;
use fluvio_protocol::record::{Batch, MemoryRecords, RawRecords, Record};
use fluvio_protocol::{Decoder, Encoder};
use guichet_broker::batch::{ATTRIBUTE_FRAME, BatchError, BatchView};
use guichet_broker::frame::{FRAME_BYTES, FrameError};
use guichet_broker::{ChainHash, Frame, Journal, Trust};
use proptest::prelude::*;

fn journal_bytes(batches: &[&[&[u8]]]) -> Vec<u8> {
    let disk = MemDisk::default();
    let (mut journal, _) = Journal::open(disk.arc(), config(), Trust::Tail).unwrap();
    for (i, records) in batches.iter().enumerate() {
        journal.commit(batch(1_700_000_000_000 + i as u64, records)).unwrap();
    }
    disk.get(path(0, "log"))
}

#[test]
fn golden_batch() {
    let bytes = journal_bytes(&[&[b"seat"]]);
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let expected = concat!(
        "0000000000000000",
        "00000074",
        "00000001",
        "02",
        "99a945ea",
        "0100",
        "00000001", // offset 0 to last delta
        "0000018bcfe56800",
        "0000018bcfe56800",
        "ffffffffffffffff",
        "ffff",
        "ffffffff",
        "00000002",
        "6e00000000",
        "62", // the frame record: 55 bytes, delta 0, no key, 49 bytes
        "01",
        "00000003",
        "00000001",
        "0000000000000000",
        "0000000000000000",
        "0000018bcfe56800",
        "00000000000000000000000000000000",
        "00",
        "1400000200",
        "08",
        "73656174",
        "00", // 10 bytes, delta 1, no key, 4 bytes
    );
    assert_eq!(hex, expected);
    assert_eq!(ChainHash::of(&bytes).to_string(), "c3971bce6cb702def08b6f61ef057c1e");
}

#[test]
fn fluvio_reads_our_batches() {
    let long = vec![b'x'; 100_000];
    let many: Vec<Vec<u8>> = (0..5000u32).map(|i| i.to_be_bytes().to_vec()).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let bytes = journal_bytes(&[&[b"a", b"", &long], &many, &[]]);
    let mut src = &bytes[..];
    let mut base = 0;
    for records in [&[b"a" as &[u8], b"", &long][..], &many, &[]] {
        let theirs = Batch::<MemoryRecords>::decode_from(&mut src, 0).unwrap();
        assert!(theirs.validate_decoding());
        assert_eq!(theirs.get_base_offset(), base);
        assert_eq!(theirs.get_header().attributes, ATTRIBUTE_FRAME);
        assert_eq!(theirs.get_header().partition_leader_epoch, 1);
        assert_eq!(theirs.records_len(), records.len() + 1);
        assert_eq!(theirs.records()[0].value.as_ref().len(), FRAME_BYTES);
        for (i, (mine, theirs)) in records.iter().zip(&theirs.records()[1..]).enumerate() {
            assert_eq!((theirs.value.as_ref(), theirs.offset_delta()), (*mine, i as i64 + 1));
            assert!(theirs.key.is_none());
        }
        // Encoded again it is the same batch, checksum included.
        let start = bytes.len() - src.len() - (theirs.batch_len() as usize + 12);
        let mut again = Vec::new();
        theirs.encode(&mut again, 0).unwrap();
        assert_eq!(again, bytes[start..start + again.len()]);
        base = theirs.get_last_offset() + 1;
    }
    assert!(src.is_empty());
}

fn fluvio_batch(records: &[(Option<Vec<u8>>, Vec<u8>)]) -> Batch {
    let records: Vec<Record> = records
        .iter()
        .map(|(key, value)| match key {
            Some(key) => Record::new_key_value(key.clone(), value.clone()),
            None => Record::new(value.clone()),
        })
        .collect();
    let mut theirs = Batch::from(records);
    theirs.set_base_offset(77);
    theirs
}

proptest! {
    #[test]
    fn we_read_fluvios_batches(
        records in prop::collection::vec((prop::option::of(prop::collection::vec(any::<u8>(), 0..20)), prop::collection::vec(any::<u8>(), 0..200)), 1..40),
    ) {
        let mut bytes = Vec::new();
        fluvio_batch(&records).encode(&mut bytes, 0).unwrap();
        let view = BatchView::parse(&bytes).unwrap();
        prop_assert_eq!(view.header().base_offset, 77);
        prop_assert_eq!(view.header().total_bytes(), bytes.len());
        prop_assert!(!view.header().has_frame());
        let ours: Vec<_> = view.records().map(|r| (r.key.map(<[u8]>::to_vec), r.value.to_vec())).collect();
        prop_assert_eq!(ours, records);
    }

    #[test]
    fn hostile_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(BatchView::parse(&bytes).is_err());
        prop_assert!(Frame::decode(&bytes).is_err() || bytes.len() == FRAME_BYTES);
    }

    /// Past the checksum, where a parser that trusts its writer would fall.
    #[test]
    fn hostile_records_under_a_right_checksum_are_refused_without_a_panic(
        changes in prop::collection::vec((21usize..200, any::<u8>()), 1..8),
    ) {
        let mut bytes = journal_bytes(&[&[b"one", b"two", b"three", &[9; 60]]]);
        for (at, value) in changes {
            let at = at.min(bytes.len() - 1);
            bytes[at] = value;
        }
        let raw = Batch::<RawRecords>::decode_from(&mut &bytes[..], 0).unwrap();
            let mut sealed = Vec::new();
        raw.encode(&mut sealed, 0).unwrap();
        if let Ok(view) = BatchView::parse(&sealed) {
            prop_assert_eq!(view.records().count() as u64, view.header().offsets());
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    let good = journal_bytes(&[&[b"one"]]);
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        BatchView::parse(&bytes).map(|_| ()).unwrap_err()
    };
    assert!(matches!(BatchView::parse(&good[..60]).unwrap_err(), BatchError::Short { .. }));
    assert!(matches!(BatchView::parse(&good[..good.len() - 1]).unwrap_err(), BatchError::Short { .. }));
    assert!(matches!(with(16, 1), BatchError::Magic(1)));
    assert!(matches!(with(8, 0x7f), BatchError::Length(_)));
    assert!(matches!(with(8, 0x80), BatchError::Length(_)));
    assert!(matches!(with(30, 1), BatchError::Crc { .. }));
    assert_eq!(Frame::decode(&[2; 10]), Err(FrameError::Version(2)));
    assert_eq!(Frame::decode(&[1; 10]), Err(FrameError::Size(10)));
    let mut compressed = fluvio_batch(&[(None, vec![1])]);
    compressed.header.attributes = 1;
    let mut bytes = Vec::new();
    compressed.encode(&mut bytes, 0).unwrap();
    assert!(matches!(BatchView::parse(&bytes).unwrap_err(), BatchError::Compressed(1)));
}
