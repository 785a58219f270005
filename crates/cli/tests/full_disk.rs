//! A disk that is full: what was acknowledged stays, what is refused says why, reading goes on, and selling goes on by itself as soon
//! as there is room again.
//!
//! `GUICHET_SMALL_DISK` names a directory on a file system of its own, of some 16 MB; `.ci/long` mounts one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use guichet_api::{Client, CreateProduct, CreateShow, HoldItem, Money, PlaceHold, Quota};
use support::{PATIENCE, Run, Server, guichet, race_track};

/// What is left free when the sale begins, in bytes: room for some hundred holds.
const ROOM: u64 = 96 << 10;
/// Tries at a full disk.
const REFUSALS: usize = 30;

/// Takes all of the disk but some room.
fn fill(path: &Path) {
    let mut ballast = File::create(path).unwrap();
    while ballast.write_all(&[0; 4_096]).is_ok() {}
    let length = ballast.metadata().unwrap().len();
    ballast.set_len(length - ROOM).unwrap();
    ballast.sync_all().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a small file system of its own: .ci/long makes one"]
async fn a_full_disk_refuses_loses_nothing_and_sells_again_when_there_is_room() {
    let disk = std::env::var("GUICHET_SMALL_DISK").expect("GUICHET_SMALL_DISK names a directory on a small disk");
    let directory = tempfile::tempdir_in(disk).unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data, &["-q"]);
    let admin = Client::new(&server.base, server.admin_key.as_deref()).unwrap();
    let show = a_yard(&admin).await;

    let ballast = directory.path().join("ballast");
    fill(&ballast);
    let item = HoldItem { product: "Standing".into(), quantity: Some(1), seats: None, best_available: None };
    let one = PlaceHold { items: vec![item], ..PlaceHold::default() };
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    for number in 0.. {
        let key = format!("full-{number}");
        match admin.place_hold(&show, &one).idempotency_key(&key).await {
            Ok(hold) => acknowledged.push((key, hold.value.hold)),
            Err(error) => {
                let problem = error.problem().unwrap_or_else(|| panic!("no problem but {error}"));
                assert!(problem.status == 503 || problem.code == "outcome_unknown", "{problem:?}");
                refused.push((key, problem.code.clone()));
            }
        }
        if refused.len() >= REFUSALS {
            break;
        }
        assert!(number < 100_000, "the disk never was full");
    }
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    admin.availability(&show).await.expect("reading goes on");

    std::fs::remove_file(&ballast).unwrap();
    let started = Instant::now();
    while let Err(error) = admin.place_hold(&show, &one).await {
        assert!(started.elapsed() < PATIENCE, "there is room, and still: {error}\n{}", server.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let codes: BTreeSet<_> = refused.iter().map(|(_, code)| code).collect();
    println!("{} acknowledged, {} refused {codes:?}, serves again after {:?}", acknowledged.len(), refused.len(), started.elapsed());
    for (key, hold) in &acknowledged {
        let again = admin.place_hold(&show, &one).idempotency_key(key).await.unwrap();
        assert_eq!(again.value.hold, *hold, "{key}");
    }
    for (key, _) in &refused {
        admin.place_hold(&show, &one).idempotency_key(key).await.unwrap_or_else(|error| panic!("{key} has no answer: {error}"));
    }
    let verification = admin.verify().await.unwrap().value;
    assert!(verification.ok, "{verification:?}");
    assert_eq!(server.stop().code, 0);
    let report = Run::of(guichet(directory.path()).args(["--output", "json", "verify", "--data"]).arg(&data)).json();
    assert_eq!(report["ok"], true, "{report}");
}

/// An open show with standing places for everybody.
async fn a_yard(admin: &Client) -> String {
    let venue = admin.create_venue(std::fs::read(race_track()).unwrap()).await.unwrap().value;
    let standing =
        CreateProduct { name: "Standing".into(), price: Money::new(1_500, "EUR"), quotas: vec!["yard".into()], ..CreateProduct::default() };
    let request = CreateShow {
        venue: venue.venue,
        name: "Saturday".into(),
        currency: "EUR".into(),
        products: vec![standing],
        quotas: vec![Quota { name: "yard".into(), size: 100_000 }],
        ..CreateShow::default()
    };
    let show = admin.create_show(&request).await.unwrap().value.show;
    admin.open_show(&show).await.unwrap();
    show
}
