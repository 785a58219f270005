//! Snapshots that are damaged, foreign or made up.

use std::fs;
use std::sync::Arc;

use parking_lot::Mutex;
use proptest::prelude::*;
use proptest::sample::Index;
use tracing::field::{Field, Visit};
use tracing::span;

use super::shop::{INCARNATION, PARTITION, Shop};
use super::*;
use crate::snapshot::file::{Head, Stored};

/// Keeps what is said in this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        *self.0 += &format!("{field}={value:?} ");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string() + " ";
        event.record(&mut Line(&mut line));
        self.0.lock().push(line);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A shop with two snapshots and a tail.
fn with_two() -> (Shop, u64, u64) {
    let mut shop = Shop::open();
    shop.busy();
    let older = shop.take().unwrap().offset;
    shop.busy();
    let newer = shop.take().unwrap().offset;
    shop.busy();
    (shop, older, newer)
}

#[test]
fn a_damaged_snapshot_is_passed_over_for_the_one_before_and_that_is_said() {
    let (shop, older, newer) = with_two();
    fs::write(shop.path(newer), b"garbage").unwrap();
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || assert_right(&shop, Some(older)));
    let said = log.0.lock().join("\n");
    let file = format!("snapshots-{PARTITION}/{newer:020}.snapshot");
    assert!(said.contains("WARN") && said.contains(&file) && said.contains("partition=1") && said.contains("cut short"), "{said}");

    fs::write(shop.path(older), b"garbage").unwrap();
    assert_right(&shop, None);
    assert_eq!(shop.snapshots.recover(&shop.reader()).unwrap().skipped.len(), 2);

    // The next one clears away what cannot be used.
    let taken = shop.take().unwrap();
    assert_eq!(shop.names(), [file::name_of(taken.offset)]);
    assert_right(&shop, Some(taken.offset));
}

#[test]
fn no_flipped_bit_and_no_missing_byte_goes_unnoticed() {
    let (shop, older, newer) = with_two();
    let good = fs::read(shop.path(newer)).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(shop.path(newer), &bytes).unwrap();
        assert_eq!(shop.snapshots.recover(&shop.reader()).unwrap().snapshot, Some(older), "byte {at}");
    }
    for len in (0..good.len()).step_by(3) {
        fs::write(shop.path(newer), &good[..len]).unwrap();
        assert_eq!(shop.snapshots.recover(&shop.reader()).unwrap().snapshot, Some(older), "{len} bytes");
    }
    fs::write(shop.path(newer), [&good[..], &[0]].concat()).unwrap();
    assert_eq!(shop.snapshots.recover(&shop.reader()).unwrap().snapshot, Some(older));
    fs::write(shop.path(newer), good).unwrap();
    assert_right(&shop, Some(newer));
}

#[test]
fn snapshots_of_something_else_are_passed_over() {
    let (shop, older, newer) = with_two();
    let good = fs::read(shop.path(newer)).unwrap();
    let passed_over = |shop: &Shop, snapshots: &Snapshots, why: &str| {
        let skipped = snapshots.recover(&shop.reader()).unwrap().skipped;
        assert!(skipped.iter().any(|skipped| skipped.reason.contains(why)), "{why}: {skipped:?}");
    };
    // Another life of the directory, another partition.
    let disk = Arc::clone(&shop.snapshots.disk);
    passed_over(&shop, &Snapshots::new(Arc::clone(&disk), PARTITION, INCARNATION + 1), "incarnation 7");
    fs::create_dir(shop.folder().with_file_name("snapshots-2")).unwrap();
    fs::copy(shop.path(newer), shop.folder().with_file_name("snapshots-2").join(file::name_of(newer))).unwrap();
    passed_over(&shop, &Snapshots::new(disk, 2, INCARNATION), "partition 1");
    // Another journal with the same offsets.
    let mut other = Shop::named("Other");
    other.busy();
    fs::create_dir(other.folder()).unwrap();
    fs::copy(shop.path(older), other.path(older)).unwrap();
    passed_over(&other, &other.snapshots, "another journal");
    // A journal that ends before it, and a name that lies.
    fs::copy(shop.path(newer), other.path(newer)).unwrap();
    passed_over(&other, &other.snapshots, "ahead of the journal");
    assert_right(&other, None);
    fs::write(shop.path(newer - 1), &good).unwrap();
    fs::remove_file(shop.path(newer)).unwrap();
    passed_over(&shop, &shop.snapshots, "calls itself");
    // A later format, however right its checksum.
    for at in [8, 9] {
        let mut bytes = good.clone();
        bytes[at] += 1;
        fs::write(shop.path(newer), bytes).unwrap();
        passed_over(&shop, &shop.snapshots, "this program reads");
    }
    assert_right(&shop, Some(older));
}

fn body() -> (Head, Vec<u8>) {
    let (shop, _, newer) = with_two();
    let stored = Stored::open(&*shop.snapshots.disk, &shop.snapshots.directory.join(file::name_of(newer))).unwrap();
    let body = stored.read(&AtomicBool::new(false)).unwrap();
    (stored.head, body.bytes().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Even if somebody makes the checksum right.
    #[test]
    fn made_up_bodies_do_no_harm(
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..200), cut in any::<Option<Index>>()
    ) {
        let (head, good) = body();
        for (at, byte) in damage {
            let mut bytes = good.clone();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            if let Ok((state, _)) = body::read(&head, &bytes) {
                drop(guichet_domain::State::from_parts(state));
            }
        }
    }
}
