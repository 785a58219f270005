//! Damage drills: every file of a data directory is cut short, emptied, changed by a bit, removed and swapped with an older one of
//! itself. Whatever the engine then answers is right, or it names what is damaged; it is never wrong.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests fail by panic, and a drill says what it saw")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::Duration;

use guichet_core::domain::key::Scope;
use guichet_core::{
    ApiKeyDraft, Buyer, Config, Guichet, HoldId, IdempotencyKey, Item, OpenError, OrderFilter, OrderId, PaymentRequest, ShowId,
};
use support::House;

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Damage {
    CutInHalf,
    LastByteCut,
    Emptied,
    BitFlipped { percent: usize },
    Removed,
    SwappedWithOlder,
}

const DAMAGES: [Damage; 9] = [
    Damage::CutInHalf,
    Damage::LastByteCut,
    Damage::Emptied,
    Damage::BitFlipped { percent: 0 },
    Damage::BitFlipped { percent: 33 },
    Damage::BitFlipped { percent: 66 },
    Damage::BitFlipped { percent: 100 },
    Damage::Removed,
    Damage::SwappedWithOlder,
];

impl Damage {
    /// Does it; false when there is nothing to do it to, or nothing would be different.
    fn strike(self, file: &Path, older: &Path) -> bool {
        let bytes = std::fs::read(file).unwrap();
        let damaged = match self {
            Self::CutInHalf => bytes[..bytes.len() / 2].to_vec(),
            Self::LastByteCut => bytes[..bytes.len().saturating_sub(1)].to_vec(),
            Self::Emptied => Vec::new(),
            Self::BitFlipped { percent } => {
                let mut bytes = bytes.clone();
                let last = bytes.len().saturating_sub(1);
                let Some(byte) = bytes.get_mut(last * percent / 100) else { return false };
                *byte ^= 0b100;
                bytes
            }
            Self::Removed => {
                std::fs::remove_file(file).unwrap();
                return true;
            }
            Self::SwappedWithOlder => match std::fs::read(older) {
                Ok(older) => older,
                Err(_) => return false,
            },
        };
        std::fs::write(file, &damaged).unwrap();
        damaged != bytes
    }
}

/// How long the holds of the drill live.
const TTL: Duration = Duration::from_secs(3_600);

/// Everything that somebody was told, and asks for again.
struct Told {
    orders: Vec<OrderId>,
    /// In partitions of their own.
    shows: [ShowId; 2],
    held: BTreeMap<&'static str, (ShowId, HoldId)>,
    tokens: BTreeMap<&'static str, String>,
    secret: String,
}

fn key(name: &str) -> IdempotencyKey {
    name.parse().unwrap()
}

fn told<T: Debug, E: std::fmt::Display>(result: Result<T, E>) -> Result<String, String> {
    result.map(|told| format!("{told:?}")).map_err(|error| error.to_string())
}

/// What an engine answers, question by question.
async fn asked(engine: &Guichet, of: &Told) -> BTreeMap<String, Result<String, String>> {
    let mut answers = BTreeMap::new();
    let mut ask = |question: String, answer| drop(answers.insert(question, answer));
    for (name, (show, id)) in &of.held {
        let again = engine.place_hold(*show, standing()).key(key(name)).ttl(TTL).await;
        ask(format!("the token of the hold {name}"), Ok(engine.token_fits(*id, &of.tokens[name]).to_string()));
        ask(format!("the hold with the key {name}"), told(again.map(|hold| (hold.id == *id, hold.repeated))));
    }
    ask("the live projection".into(), told(engine.wait_for(&engine.position()).await));
    for id in &of.orders {
        let order = engine.order(*id);
        if let Ok(Some(order)) = &order {
            ask(format!("the buyer of {id}"), told(engine.buyer(order).map(|buyer| buyer.map(|buyer| buyer.email))));
            ask(format!("the tickets of {id}"), Ok(format!("{:?}", engine.tickets(order))));
            let good = engine.tickets(order).iter().all(|ticket| engine.verify_ticket_code(&ticket.code).is_ok());
            ask(format!("whether the tickets of {id} are good"), Ok(good.to_string()));
        }
        ask(format!("order {id}"), told(order));
    }
    ask("whose the key is".into(), Ok(format!("{:?}", engine.authenticate(&of.secret).map(|key| key.id))));
    for show in of.shows {
        let seen = engine.with_show(show, |show| (show.sale, show.quotas().collect::<Vec<_>>()));
        ask(format!("show {show}"), told(seen));
        ask(format!("the lists of partition {}", show.partition()), listed(engine, show.partition()).await);
    }
    ask("the check".into(), told(engine.verify().await.map(|verification| verification.ok())));
    answers
}

/// The lists, as soon as they are whole.
async fn listed(engine: &Guichet, partition: u16) -> Result<String, String> {
    let mut why = String::new();
    for _ in 0..200 {
        match engine.orders(partition, &OrderFilter::default(), None, 100) {
            Ok(page) => return Ok(format!("{:?}", page.orders)),
            Err(error) => why = error.to_string(),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(why)
}

fn standing() -> [Item; 1] {
    [Item::quantity("Standing", 1)]
}

/// With fewer partitions than it was made with: the directory knows better, as long as it is whole.
async fn open(data: &Path) -> Result<Guichet, OpenError> {
    Guichet::open(Config::at(data).show_partitions(1)).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(directory: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files(directory, &path, found);
        } else {
            found.push(path);
        }
    }
}

/// Sells, holds and takes snapshots twice, with a copy of the directory in between.
async fn a_busy_house(older: &Path, whole: &Path) -> Told {
    let mut house = House::open().await;
    let shows = [house.show().await, house.show().await];
    assert_ne!(shows[0].partition(), shows[1].partition());
    let secret = house.engine.create_api_key(ApiKeyDraft::new("shop", Scope::Shop)).await.unwrap().secret;
    let mut of = Told { orders: Vec::new(), shows, held: BTreeMap::new(), tokens: BTreeMap::new(), secret };
    for round in [["first", "second"], ["third", "fourth"]] {
        for (name, show) in round.into_iter().zip(shows) {
            let hold = house.engine.place_hold(show, standing()).key(key(name)).ttl(TTL).await.unwrap();
            of.held.insert(name, (show, hold.id));
            of.tokens.insert(name, house.engine.hold_token(hold.id).0);
            let bought = house.engine.place_hold(show, [Item::quantity("Standing", 2)]).await.unwrap();
            let buyer = Buyer { email: format!("{name}@example.org"), name: name.to_owned() };
            let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
            let order = house.engine.place_order(&[bought.id], buyer, payment).await.unwrap();
            of.orders.push(order.settled(Duration::from_secs(10)).await.unwrap().id);
        }
        for partition in [0, shows[0].partition(), shows[1].partition()] {
            house.engine.take_snapshot(partition).await.unwrap();
        }
        let to = if round[0] == "first" { older } else { whole };
        house = house.reopen_after(|data| copy(&data, to)).await.unwrap();
    }
    house.engine.close().await;
    of
}

#[tokio::test]
async fn whatever_happens_to_a_file_the_answers_are_right_or_the_damage_is_named() {
    let space = tempfile::tempdir().unwrap();
    let (older, whole) = (space.path().join("older"), space.path().join("whole"));
    let of = a_busy_house(&older, &whole).await;
    let mut all = Vec::new();
    files(&whole, Path::new(""), &mut all);
    all.sort();
    let undamaged = space.path().join("undamaged");
    copy(&whole, &undamaged);
    let engine = open(&undamaged).await.unwrap();
    let right = asked(&engine, &of).await;
    engine.close().await;
    assert!(right.values().all(Result::is_ok) && right["the check"] == Ok("true".into()), "{right:#?}");

    let (mut wrong, mut cases, mut answered, mut named) = (Vec::new(), 0, 0, 0);
    for file in &all {
        let part = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        for damage in DAMAGES {
            // The store may still be writing behind an engine that is closed: each case has a directory of its own.
            cases += 1;
            let scratch = space.path().join(format!("case-{cases}"));
            copy(&whole, &scratch);
            if !damage.strike(&scratch.join(file), &older.join(file)) {
                continue;
            }
            let case = format!("{} {damage:?}", file.display());
            match open(&scratch).await {
                Err(error) if error.to_string().contains(&part) => named += 1,
                Err(error) => wrong.push(format!("{case}: the error does not name it: {error}")),
                Ok(engine) => {
                    answered += 1;
                    let answers = asked(&engine, &of).await;
                    engine.close().await;
                    for (question, right) in &right {
                        match answers.get(question) {
                            Some(answer) if answer == right => {}
                            Some(Err(why)) if why.contains(&part) => {}
                            answer => wrong.push(format!("{case}: {question}: {answer:?} and not {right:?}")),
                        }
                    }
                }
            }
        }
    }
    println!("{} files, {} cases: {answered} answered rightly, {named} named the damage", all.len(), answered + named);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(answered > 20 && named > 20, "{answered} {named}");
}
