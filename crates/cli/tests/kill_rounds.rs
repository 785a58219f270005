//! The kill loop: a real server under load over real HTTP is killed at a random moment, at times after it was made to
//! stand still, and started again on the same directory, and everything that it had acknowledged must be there.
//!
//! `GUICHET_KILL_ROUNDS` sets the number of kills (default 2), `GUICHET_KILL_SEED` the seed, which is printed. The seed decides what the
//! buyers try and when the kill comes; the machine decides how far they get.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod kill;
mod support;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::Path;
use std::time::Duration;

use guichet_api::{Client, CreateApiKey, CreateProduct, CreateShow, Money, Quota, Scope};
use kill::check;
use kill::ledger::Ledger;
use kill::load::{self, Crowd, Rng};
use rustix::process::Signal;
use support::{Run, Server, guichet, race_track};

/// Buyers at once.
const BUYERS: usize = 32;
/// One round in so many, the process stands still before it is killed: for so long, and half of the time it goes on for a moment.
const STOPPED_ONE_IN: u64 = 3;
const STOPPED_MS: std::ops::Range<u64> = 50..1_500;
/// The kill comes so many milliseconds after the buyers.
const KILL_AFTER_MS: std::ops::Range<u64> = 300..1_500;

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let rounds = from_env("GUICHET_KILL_ROUNDS").unwrap_or(2);
    let seed = from_env("GUICHET_KILL_SEED").unwrap_or_else(|| RandomState::new().hash_one("seed"));
    println!("kill loop: {rounds} rounds, GUICHET_KILL_SEED={seed}");
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut random = Rng::new(seed, u64::MAX, 0);

    let mut server = Server::start(&data, &["-q"]);
    let admin_key = server.admin_key.clone().expect("the first start prints an admin key");
    let (crowd, shop_key) = prepare(&Client::new(&server.base, Some(&admin_key)).unwrap(), seed).await;
    let ledger = Ledger::default();
    for round in 0..rounds {
        let shop = Client::new(&server.base, Some(&shop_key)).unwrap();
        let buyers = load::start(&shop, &crowd, &ledger, round, BUYERS);
        tokio::time::sleep(Duration::from_millis(random.within(KILL_AFTER_MS))).await;
        if random.within(0..STOPPED_ONE_IN) == 0 {
            stand_still(&server, &mut random).await;
        }
        server.kill();
        buyers.join_all().await;
        verify_offline(directory.path(), &data);
        server = Server::start(&data, &["-q"]);
        let admin = Client::new(&server.base, Some(&admin_key)).unwrap();
        let shop = Client::new(&server.base, Some(&shop_key)).unwrap();
        check::caught_up(&admin).await;
        check::everything(&admin, &shop, &ledger).await;
        assert_eq!(ledger.problems(), Vec::<String>::new(), "after kill {} of seed {seed}", round + 1);
        println!("  kill {}: {}", round + 1, ledger.summary());
    }

    // Sagas that a kill interrupted come to their end by themselves.
    let admin = Client::new(&server.base, Some(&admin_key)).unwrap();
    check::all_settled(&admin, &ledger).await;
    let verification = admin.verify().await.unwrap().value;
    assert!(verification.ok && verification.oversold == 0, "{verification:?}");
    let stopped = server.stop();
    assert_eq!(stopped.code, 0, "{stopped:?}");
    verify_offline(directory.path(), &data);
    assert_eq!(ledger.problems(), Vec::<String>::new(), "seed {seed}");
    println!("kill loop: {rounds} rounds, {}, lost = {}", ledger.summary(), ledger.problems().len());
}

/// As a machine that swaps or a debugger does it to a process: time passes, its sockets stay open, and it does nothing.
async fn stand_still(server: &Server, random: &mut Rng) {
    server.signal(Signal::STOP);
    tokio::time::sleep(Duration::from_millis(random.within(STOPPED_MS))).await;
    if random.within(0..2) == 0 {
        server.signal(Signal::CONT);
        tokio::time::sleep(Duration::from_millis(random.within(STOPPED_MS) / 4)).await;
    }
}

/// A venue, two open shows in two partitions, and a key for the buyers.
async fn prepare(admin: &Client, seed: u64) -> (Crowd, String) {
    let venue = admin.create_venue(std::fs::read(race_track()).unwrap()).await.unwrap().value;
    let mut shows = Vec::new();
    for name in ["Saturday", "Sunday"] {
        let seats = CreateProduct {
            name: load::SEATS.into(),
            price: Money::new(4_500, "EUR"),
            categories: venue.categories.iter().map(|category| category.name.clone()).collect(),
            ..CreateProduct::default()
        };
        let standing = CreateProduct {
            name: load::STANDING.into(),
            price: Money::new(1_500, "EUR"),
            quotas: vec!["infield".into()],
            ..CreateProduct::default()
        };
        let request = CreateShow {
            venue: venue.venue.clone(),
            name: name.into(),
            currency: "EUR".into(),
            products: vec![seats, standing],
            quotas: vec![Quota { name: "infield".into(), size: 5_000 }],
            ..CreateShow::default()
        };
        let show = admin.create_show(&request).await.unwrap().value.show;
        admin.open_show(&show).await.unwrap();
        shows.push(show);
    }
    let labels = admin.seats(&shows[0], true).await.unwrap().value.labels.expect("labels were asked for");
    let key = admin.create_key(&CreateApiKey::new("shop", Scope::Shop)).await.unwrap().value.secret;
    (Crowd { shows, labels, seed }, key)
}

/// Between kill and restart: what the kill left is sound, a torn tail at most.
#[track_caller]
fn verify_offline(cwd: &Path, data: &Path) {
    for verb in [["verify"].as_slice(), &["log", "verify"]] {
        let report = Run::of(guichet(cwd).args(["--output", "json"]).args(verb).arg("--data").arg(data)).json();
        assert_eq!(report["ok"], true, "{report}");
    }
}
