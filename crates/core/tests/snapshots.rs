//! An engine that comes back from a snapshot is the engine that went away: its keys, its holds, its lists.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panic")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_core::{Config, Fault, Guichet, Hold, IdempotencyKey, Item, PaymentRequest, ShowId};
use support::House;

const PARTITION: u16 = 1;

fn standing() -> [Item; 1] {
    [Item::quantity("Standing", 1)]
}

fn key(name: &str) -> IdempotencyKey {
    name.parse().unwrap()
}

async fn assert_verified(engine: &Guichet) {
    let verification = engine.verify().await.unwrap();
    assert!(verification.ok(), "{verification:?}");
}

#[tokio::test]
async fn keys_holds_and_orders_from_before_a_snapshot_are_known_after_it() {
    let house = House::open().await;
    let show = house.show().await;
    let sold = house.sell(show).await;
    let before: Hold = house.engine.place_hold(show, standing()).key(key("before")).await.unwrap();
    let released = house.engine.place_hold(show, standing()).key(key("released")).await.unwrap();
    house.engine.release_hold(released.id).key(key("release")).await.unwrap();
    let declined = PaymentRequest { provider: "nobody".into(), token: "x".into() };
    assert!(house.engine.place_order(&[before.id], None, declined).await.is_err());
    let taken = house.engine.take_snapshot(PARTITION).await.unwrap();
    house.engine.take_snapshot(0).await.unwrap();
    assert!(taken.offset > 0 && taken.bytes > 0);
    let after = house.engine.place_hold(show, standing()).key(key("after")).await.unwrap();

    let mut house = house;
    // The second time nothing but the snapshot's end and a short tail is left to be sure of.
    for _ in 0..2 {
        house = house.reopen_after(|_| ()).await.unwrap();
        for (name, first) in [("before", &before), ("after", &after), ("released", &released)] {
            let again = house.engine.place_hold(show, standing()).key(key(name)).await.unwrap();
            assert_eq!((again.id, again.repeated), (first.id, true), "{name}");
        }
        assert!(house.engine.release_hold(released.id).key(key("release")).await.unwrap().repeated);
        house.engine.wait_for(&after.position).await.unwrap();
        assert_eq!(house.engine.order(sold.id).unwrap().as_ref(), Some(&sold));
        assert_eq!(house.listed(show, 1).await.first(), Some(&sold));
        assert_eq!(house.engine.shows().len(), 1);
        assert_verified(&house.engine).await;
    }
    house.engine.extend_hold(before.id, Duration::from_secs(1_800)).await.unwrap();
    house.engine.close().await;
}

#[tokio::test]
async fn a_snapshot_that_is_taken_while_holds_are_placed_loses_none() {
    let house = House::open().await;
    let show = house.show().await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let placing = tokio::spawn({
        let (engine, goes_on) = (house.engine.clone(), Arc::clone(&goes_on));
        async move {
            let mut placed = Vec::new();
            while goes_on.load(Ordering::Acquire) {
                let hold = engine.place_hold(show, standing()).await.unwrap();
                placed.push(hold.id);
                if placed.len() > 50 {
                    engine.release_hold(placed.remove(0)).await.unwrap();
                }
            }
            placed
        }
    });
    let mut offsets = Vec::new();
    while offsets.len() < 10 {
        offsets.push(house.engine.take_snapshot(PARTITION).await.unwrap().offset);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    goes_on.store(false, Ordering::Release);
    let placed = placing.await.unwrap();
    assert!(offsets.is_sorted() && offsets[0] < offsets[9], "{offsets:?}");
    let house = house.reopen_after(|_| ()).await.unwrap();
    for hold in placed {
        house.engine.extend_hold(hold, Duration::from_secs(60)).await.unwrap();
    }
    assert_verified(&house.engine).await;
    house.engine.close().await;
}

/// Places and releases holds until the first ones have left memory, and takes a snapshot without them.
async fn with_forgotten(house: &House, show: ShowId) -> Vec<guichet_core::HoldId> {
    const ROUNDS: usize = 520;
    let mut ended = Vec::new();
    for _ in 0..ROUNDS {
        let holds = (0..99).map(|_| house.engine.place_hold(show, standing()).ttl(Duration::from_secs(1))).collect();
        let placed = house.engine.place_holds(show, holds).await.unwrap();
        let placed: Vec<_> = placed.into_iter().map(|hold| hold.unwrap().id).collect();
        let mut releases = tokio::task::JoinSet::new();
        for hold in placed.iter().copied() {
            let engine = house.engine.clone();
            releases.spawn(async move { engine.release_hold(hold).await });
        }
        while let Some(released) = releases.join_next().await {
            released.unwrap().unwrap();
        }
        ended.extend(placed);
    }
    ended
}

/// The lists were lost, and the snapshot does not have what ended long before it any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_that_are_behind_the_snapshot_are_filled_from_the_whole_journal() {
    let house = House::open().await;
    let show = house.show().await;
    let sold = house.sell(show).await;
    let ended = with_forgotten(&house, show).await;
    // What has ended can be left out once it is in the lists.
    while house.engine.status().partitions[usize::from(PARTITION)].lists_lag > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.engine.take_snapshot(PARTITION).await.unwrap();
    let later = house.sell(show).await;
    let house = house.reopen_after(|data| std::fs::remove_dir_all(data.join("projections")).unwrap()).await.unwrap();
    // Until the lists are there again, nobody is told that the order does not exist.
    match house.engine.order(sold.id) {
        Ok(found) => assert_eq!(found.as_ref(), Some(&sold)),
        Err(fault) => assert_eq!(fault, Fault::ListsVerifying),
    }
    assert_eq!(house.listed(show, 2).await, [later, sold.clone()]);
    assert_eq!(house.engine.order(sold.id).unwrap(), Some(sold));
    for hold in ended {
        assert!(house.engine.hold(hold).unwrap().is_some(), "{hold:?}");
    }
    assert_verified(&house.engine).await;
    // And from the journal alone.
    let house = house.reopen_after(|data| std::fs::remove_dir_all(data.join("snapshots-1")).unwrap()).await.unwrap();
    house.engine.place_hold(show, standing()).await.unwrap();
    assert_verified(&house.engine).await;
    house.engine.close().await;
}

#[tokio::test]
async fn a_snapshot_is_taken_by_itself_after_so_many_records_and_none_on_a_disk_that_takes_none() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let open = |data: &Path| Guichet::open(Config::at(data).snapshot_every_records(3));
    // A file where the folder should be: every write of a snapshot fails.
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("snapshots-1"), b"").unwrap();
    let house = House { engine: open(&data).await.unwrap(), directory };
    let show = house.show().await;
    let sold = house.sell(show).await;
    assert!(matches!(house.engine.take_snapshot(PARTITION).await, Err(Fault::Snapshot { partition: PARTITION, .. })));
    house.engine.place_hold(show, standing()).await.unwrap();
    house.engine.close().await;

    std::fs::remove_file(data.join("snapshots-1")).unwrap();
    let engine = open(&data).await.unwrap();
    for _ in 0..500 {
        if data.join("snapshots-1").exists() && std::fs::read_dir(data.join("snapshots-1")).unwrap().count() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(std::fs::read_dir(data.join("snapshots-1")).unwrap().count() > 0);
    engine.close().await;
    let engine = open(&data).await.unwrap();
    assert_eq!(engine.order(sold.id).unwrap(), Some(sold));
    engine.close().await;
}
