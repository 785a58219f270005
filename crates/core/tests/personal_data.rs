//! A buyer's details are readable through the engine, and in no file in clear: not in the journal, not in the lists, not elsewhere.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::path::Path;
use std::time::Duration;

use guichet_core::{Buyer, IdempotencyKey, Item, PaymentRequest};
use support::House;

const EMAIL: &str = "marked-4711@example.org";
const NAME: &str = "Marked Buyer 4711";

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn search(directory: &Path, found: &mut Vec<String>, searched: &mut usize) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, found, searched);
        } else {
            *searched += 1;
            let bytes = std::fs::read(&path).unwrap();
            if contains(&bytes, EMAIL) || contains(&bytes, NAME) {
                found.push(path.display().to_string());
            }
        }
    }
}

#[tokio::test]
async fn details_are_in_no_file_in_clear_and_come_back_after_a_restart() {
    let house = House::open().await;
    let show = house.show().await;
    let hold = house.engine.place_hold(show, [Item::quantity("Standing", 1)]).await.unwrap();
    let buyer = || Buyer { email: EMAIL.into(), name: NAME.into() };
    let payment = || PaymentRequest { provider: "simulated".into(), token: "approve".into() };
    let key: IdempotencyKey = "one order".parse().unwrap();
    let placed = house.engine.place_order(&[hold.id], buyer(), payment()).key(key.clone()).await.unwrap();
    let again = house.engine.place_order(&[hold.id], buyer(), payment()).key(key).await.unwrap();
    assert_eq!((again.id, again.repeated), (placed.id, true));
    placed.settled(Duration::from_secs(10)).await.unwrap();
    house.listed(show, 1).await;

    let (mut found, mut searched) = (Vec::new(), 0);
    let house = house.reopen_after(|data| search(&data, &mut found, &mut searched)).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    assert!(searched > 8, "only {searched} files searched");
    let order = house.listed(show, 1).await.remove(0);
    assert_eq!(house.engine.buyer(&order).unwrap().map(|buyer| (buyer.email, buyer.name)), Some((EMAIL.into(), NAME.into())));
    house.engine.close().await;
}
