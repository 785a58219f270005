//! Whatever becomes of its snapshots, a partition comes back with the state that its journal gives, and says what it passed over.

mod damage;
mod fragile;
mod shop;

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use super::*;
use crate::read_model::ReadModel;
use crate::shard::DurableBatch;
use shop::{Shop, step};

/// State and projection from the snapshots and from the whole journal.
fn assert_right(shop: &Shop, from: Option<u64>) {
    let recovered = shop.snapshots.recover(&shop.reader()).unwrap();
    let whole = shop.without_snapshots().recover(&shop.reader()).unwrap();
    assert_eq!((recovered.snapshot, whole.snapshot), (from, None));
    assert_eq!(recovered.state, whole.state);
    assert_eq!(recovered.next_offset, whole.next_offset);
    assert_eq!(followed(shop, recovered.model), followed(shop, whole.model));
}

fn followed(shop: &Shop, mut model: ReadModel) -> ReadModel {
    for batch in shop.reader().batches(model.next_offset) {
        model.apply(&DurableBatch::decode(shop::PARTITION, &batch.unwrap()).unwrap());
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_snapshot_and_the_tail_give_what_the_whole_journal_gives(
        first in prop::collection::vec(step(), 1..40),
        second in prop::collection::vec(step(), 0..40),
        tail in prop::collection::vec(step(), 0..40),
    ) {
        let mut shop = Shop::open();
        shop.steps(&first);
        let older = shop.take().unwrap();
        assert_right(&shop, Some(older.offset));
        // The second one is built upon the first.
        shop.steps(&second);
        let newer = shop.take().unwrap();
        assert_right(&shop, Some(newer.offset));
        shop.steps(&tail);
        assert_right(&shop, Some(newer.offset));
    }
}

#[test]
fn nothing_new_is_not_written_again() {
    let mut shop = Shop::open();
    let first = shop.take().unwrap();
    assert_eq!(shop.take().unwrap(), first);
    shop.busy();
    let second = shop.take().unwrap();
    assert!(second.offset > first.offset);
    shop.busy();
    let third = shop.take().unwrap();
    // The newest and the one that it was built upon.
    assert_eq!(shop.names(), [file::name_of(second.offset), file::name_of(third.offset)]);
}

#[test]
fn a_snapshot_that_is_told_to_stop_leaves_nothing_behind() {
    let mut shop = Shop::open();
    shop.busy();
    let stopped = shop.snapshots.take(&shop.reader(), &AtomicBool::new(true));
    assert!(matches!(stopped, Err(SnapshotError::Stopped)));
    assert!(shop.names().is_empty());
}

/// A file of this format never changes its layout. Whoever changes a layout raises `FORMAT` in `file`, and then this hash; whoever
/// changes what a partition does only the hash.
#[test]
fn the_layout_is_the_one_of_its_format() {
    let mut shop = Shop::open();
    shop.busy();
    let taken = shop.take().unwrap();
    let stored = file::Stored::open(&*shop.snapshots.disk, &shop.snapshots.directory.join(file::name_of(taken.offset))).unwrap();
    let body = stored.read(&AtomicBool::new(false)).unwrap();
    assert_eq!(blake3::hash(body.bytes()).to_hex()[..16], *"c9cca0f7a155195a", "{} bytes", body.bytes().len());
}

/// What the journal has in several copies is one plan in memory.
#[test]
fn shows_of_one_venue_share_its_plan() {
    let shop = Shop::open();
    shop.take().unwrap();
    let recovered = shop.snapshots.recover(&shop.reader()).unwrap();
    let plans: Vec<_> = shop::SHOWS.map(|number| std::sync::Arc::clone(&recovered.state.show(shop::show(number)).unwrap().plan)).to_vec();
    assert!(std::sync::Arc::ptr_eq(&plans[0], &plans[1]));
    let model = recovered.model.show(shop::show(1)).unwrap();
    assert!(std::sync::Arc::ptr_eq(&plans[0], &model.plan));
}
