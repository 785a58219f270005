//! What opening says of a directory that it cannot use. Each case has an error of its own, and nothing is changed.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::sync::Arc;

use guichet_core::broker::{BatchBuilder, Durability, FsDisk, Journal, LockError, Trust};
use guichet_core::{Config, Guichet, OpenError, journal_config};
use support::House;

#[tokio::test]
async fn a_directory_that_is_open_is_refused_and_named_with_its_process() {
    let house = House::open().await;
    let second = Guichet::open(Config::at(house.data())).await.err().unwrap();
    assert!(matches!(second, OpenError::Lock(LockError::AlreadyOpen { .. })), "{second}");
    assert!(second.to_string().contains(&std::process::id().to_string()), "{second}");
    house.engine.close().await;
}

#[tokio::test]
async fn a_directory_of_another_version_is_refused() {
    let house = House::open().await;
    let format = house.data().join("format");
    let refused = house.reopen_after(|_| std::fs::write(format, "guichet 99\n").unwrap()).await.err().unwrap();
    assert!(matches!(refused, OpenError::OtherVersion { ref found, .. } if found == "99"), "{refused}");
    assert!(!refused.is_damage());
}

#[tokio::test]
async fn a_record_that_cannot_be_read_halts_and_is_named() {
    let house = House::open().await;
    let show = house.show().await;
    let mut at = 0;
    let refused = house
        .reopen_after(|data| {
            let config = journal_config(show.partition(), 1 << 20, Durability::Fsync);
            let (mut journal, _) = Journal::open(Arc::new(FsDisk::open_root(data).unwrap()), config, Trust::Tail).unwrap();
            at = journal.next_offset() + 1;
            let mut batch = BatchBuilder::new(u64::MAX >> 20);
            batch.push(b"\x01 nothing that this program writes");
            journal.commit(batch.finish()).unwrap();
            journal.close().unwrap();
        })
        .await
        .err()
        .unwrap();
    assert!(refused.is_damage());
    let text = refused.to_string();
    assert!(text.contains(&format!("partition {}", show.partition())) && text.contains(&format!("offset {at}")), "{text}");
}
