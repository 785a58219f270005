//! The lists on disk can be lost or damaged in any way: they come back from the journal.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::path::Path;

use support::House;

/// All files of a directory, deep.
fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

async fn survives(damage: impl FnOnce(&Path)) {
    let house = House::open().await;
    let show = house.show().await;
    let mut sold = Vec::new();
    for _ in 0..5 {
        sold.push(house.sell(show).await.id);
    }
    sold.reverse();
    let ids = |orders: Vec<guichet_core::OrderView>| orders.iter().map(|order| order.id).collect::<Vec<_>>();
    assert_eq!(ids(house.listed(show, 5).await), sold);
    let house = house.reopen_after(|data| damage(&data.join("projections"))).await.unwrap();
    assert_eq!(ids(house.listed(show, 5).await), sold);
    assert!(house.engine.verify().await.unwrap().ok());
    house.engine.close().await;
}

#[tokio::test]
async fn untouched_lists_are_there_again() {
    survives(|_| {}).await;
}

#[tokio::test]
async fn lists_that_were_deleted_come_back() {
    survives(|projections| std::fs::remove_dir_all(projections).unwrap()).await;
}

#[tokio::test]
async fn lists_that_are_garbage_come_back() {
    survives(|projections| files(projections).iter().for_each(|file| std::fs::write(file, b"garbage").unwrap())).await;
}

#[tokio::test]
async fn lists_that_were_cut_short_come_back() {
    survives(|projections| {
        for file in files(projections) {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_left_over_snapshot_under_construction_does_not_keep_the_engine_from_opening() {
    survives(|projections| std::fs::write(projections.join("snap.0000000000000001.generating"), b"half").unwrap()).await;
}
