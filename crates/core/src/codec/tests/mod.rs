//! Any record comes back, and no bytes do harm. What the bytes are is held by the golden files.

mod arbitrary;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::{HoldId, Record, ShowId};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

fn encoded(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    encode_record(record, &mut out);
    out
}

/// Decoding must not panic, and what it accepts must be the only form of its value.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match decode_record(bytes) {
        Ok(record) => prop_assert_eq!(encoded(&record), bytes),
        Err(CodecError::Malformed { at, .. }) => prop_assert!(at <= bytes.len()),
        Err(CodecError::Newer { version }) => prop_assert!(version > VERSION),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn records_come_back(record in arbitrary::record()) {
        let bytes = encoded(&record);
        prop_assert_eq!(decode_record(&bytes), Ok(record));
    }

    #[test]
    fn encoding_appends(record in arbitrary::record(), before in any::<Vec<u8>>()) {
        let mut out = before.clone();
        encode_record(&record, &mut out);
        prop_assert_eq!(out, [before, encoded(&record)].concat());
    }

    #[test]
    fn a_part_of_a_record_is_not_a_record(record in arbitrary::record(), end: Index) {
        let bytes = encoded(&record);
        let part = &bytes[..end.index(bytes.len())];
        let malformed = matches!(decode_record(part), Err(CodecError::Malformed { .. }));
        prop_assert!(malformed, "{:02x?}", part);
    }

    #[test]
    fn bytes_behind_a_record_are_refused(record in arbitrary::record(), byte: u8) {
        let mut bytes = encoded(&record);
        let end = bytes.len();
        bytes.push(byte);
        prop_assert_eq!(decode_record(&bytes), Err(CodecError::Malformed { at: end, what: "bytes follow the end of the record" }));
    }

    #[test]
    fn damaged_records_do_no_harm(record in arbitrary::record(), damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4)) {
        let mut bytes = encoded(&record);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes)?;
    }

    #[test]
    fn spliced_records_do_no_harm(one in arbitrary::record(), other in arbitrary::record(), cut: Index, from: Index) {
        let (one, other) = (encoded(&one), encoded(&other));
        check(&[&one[..cut.index(one.len())], &other[from.index(other.len())..]].concat())?;
    }

    #[test]
    fn random_bytes_do_no_harm(kind in 0_u8..5, tag: u8, bytes in any::<Vec<u8>>()) {
        check(&bytes)?;
        check(&[&[VERSION, kind][..], &bytes].concat())?;
        // A keyless record of one event or one rejection: gets deeper than chance would.
        check(&[&[VERSION, kind, 0, 1, tag][..], &bytes].concat())?;
        check(&[&[VERSION, kind, 0, tag][..], &bytes].concat())?;
    }
}

#[test]
fn a_later_version_is_told_apart_from_damage() {
    for version in VERSION + 1..=u8::MAX {
        assert_eq!(decode_record(&[version, 1, 2, 3]), Err(CodecError::Newer { version }));
    }
    let text = CodecError::Newer { version: 9 }.to_string();
    assert!(text.contains("version 9") && text.contains("older than the journal"), "{text}");
    assert!(matches!(decode_record(&[0, 1, 0, 0]), Err(CodecError::Malformed { at: 0, .. })));
    assert!(matches!(decode_record(&[]), Err(CodecError::Malformed { at: 0, .. })));
}

#[test]
fn unknown_kinds_and_tags_are_named() {
    for (bytes, at, what) in [
        (&[VERSION, 9][..], 1, "unknown kind of record"),
        (&[VERSION, 1, 0, 1, 255, 0], 4, "unknown event"),
        (&[VERSION, 2, 0, 255], 3, "unknown rejection"),
        (&[VERSION, 2, 7, 255], 2, "neither there nor absent"),
    ] {
        assert_eq!(decode_record(bytes), Err(CodecError::Malformed { at, what }));
    }
}

#[test]
fn values_outside_their_type_are_named() {
    let id = [0; 16];
    let seat = |properties: u8| [&[VERSION, 1, 0, 1, 1][..], &id, &[0; 8], &[1, 0], &[0; 16], &[0, 0, properties, 0, 0, 0]].concat();
    // No products, no quotas, deadlines of nothing, no window, no limit; then the policy, no fees, no lists and no seating rules.
    let show =
        |currency: &[u8], late: u8| [&[VERSION, 1, 0, 1, 2][..], &id, &id, &[0, 0], currency, &[0; 7], &[late, 0, 0, 1, 0, 0]].concat();
    let scan = |offline: u8| [&[VERSION, 1, 0, 1, 70][..], &id, &id, &[1, 1, b'N', 5], &[offline]].concat();
    assert!(decode_record(&scan(1)).is_ok());
    assert!(decode_record(&seat(31)).is_ok() && decode_record(&show(b"EUR", 1)).is_ok());
    for (bytes, at, what) in [
        (seat(32), 49, "unknown property of a seat"),
        (show(b"eur", 1), 39, "a currency is not three capital letters"),
        (show(b"EUR", 4), 49, "unknown policy for late payments"),
        (scan(2), 41, "neither true nor false"),
        (vec![VERSION, 2, 0, 5, 1, 0xff], 4, "a text is not UTF-8"),
        (vec![VERSION, 2, 0, 10, 0x80, 0x80, 0x04], 4, "a number is too large for its field"),
    ] {
        assert_eq!(decode_record(&bytes), Err(CodecError::Malformed { at, what }));
    }
}

#[test]
fn a_bool_has_two_forms() {
    let read = |byte| bool::get(&mut Reader::new(&[byte]));
    assert_eq!((read(0), read(1)), (Ok(false), Ok(true)));
    assert_eq!(read(2), Err(CodecError::Malformed { at: 0, what: "neither true nor false" }));
}

/// Every list of a record announces more than there is: refused before anything is set aside for it.
#[test]
fn hostile_lengths_are_refused_at_the_length() {
    let long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    let ids = [0; 32];
    let at = |prefix: &[u8]| CodecError::Malformed { at: prefix.len(), what: "a length is longer than the rest of the record" };
    let prefixes = [
        vec![VERSION, 1, 0],
        vec![VERSION, 3],
        [&[VERSION, 1, 0, 1, 32][..], &ids].concat(),
        [&[VERSION, 1, 0, 1, 32][..], &ids, &[1, 0, 1]].concat(),
        vec![VERSION, 2, 0, 5],
        [&[VERSION, 2, 0, 17][..], &ids[..16]].concat(),
    ];
    for prefix in prefixes {
        let bytes = [&prefix[..], &long, &[0; 64]].concat();
        assert_eq!(decode_record(&bytes), Err(at(&prefix)), "{prefix:02x?}");
    }
}

/// A list of events takes at least two bytes for each, so that many fit and not one more.
#[test]
fn a_list_is_as_long_as_its_bytes_allow() {
    let grace = [36, 0];
    let record = |count: u8| [&[VERSION, 3, count][..], &grace.repeat(20)].concat();
    assert_eq!(decode_record(&record(20)).map(|record| record.events().len()), Ok(20));
    assert_eq!(decode_record(&record(21)), Err(CodecError::Malformed { at: 2, what: "a length is longer than the rest of the record" }));
}

/// Sizes that the disk and the network are planned with.
#[test]
fn usual_records_are_small() {
    let id = (1_795_000_000_000_u128 << 80) | (0x7000_8001 << 48) | 123_456;
    let hold = |claim| Record::Accepted {
        key: Some(KeyStamp { key: KeyHash([7; 16]), fingerprint: u64::MAX }),
        events: vec![Event::HoldPlaced {
            hold: HoldId::from_bits(id),
            show: ShowId::from_bits(id),
            items: [HoldItem { product: 3, claim }].into(),
            expires_at_unix_ms: 1_795_000_600_000,
            buyer_ref: None,
        }],
    };
    assert_eq!(encoded(&hold(Claim::Seats(vec![1_000, 1_001]))).len(), 76);
    assert_eq!(encoded(&hold(Claim::Quantity(1))).len(), 72);
}
