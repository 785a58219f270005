//! Seats that the house chooses, as callers ask for them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use std::collections::BTreeSet;

use guichet_api::{BestAvailable, CreateProduct, Hold, HoldItem, Orphans, PlaceHold, SeatingRules};
use support::{House, eur, hold_seats, refusal};

fn best(quantity: u32, best_available: BestAvailable) -> PlaceHold {
    let item = HoldItem { best_available: Some(best_available), ..HoldItem::quantity("Seat", quantity) };
    PlaceHold { items: vec![item], ..PlaceHold::default() }
}

fn seats(hold: &Hold) -> Vec<&str> {
    hold.items.iter().flat_map(|item| &item.seats).flatten().map(String::as_str).collect()
}

#[tokio::test]
async fn the_house_chooses_and_the_same_key_gets_the_same_seats() {
    let house = House::open().await;
    let show = house.open_show().await;
    let shop = house.shop().await;
    let wanted = best(2, BestAvailable::default());
    let first = shop.place_hold(&show, &wanted).idempotency_key("anna").await.unwrap();
    let second = shop.place_hold(&show, &wanted).await.unwrap().value;
    let again = shop.place_hold(&show, &wanted).idempotency_key("anna").await.unwrap();
    assert_eq!((seats(&again.value), again.replayed), (seats(&first.value), true));
    let all: BTreeSet<&str> = seats(&first.value).into_iter().chain(seats(&second)).collect();
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(first.value.items[0].product, "Seat");
}

#[tokio::test]
async fn whoever_does_not_fit_is_told_what_would() {
    let house = House::open().await;
    let show = house.open_show().await;
    // Four seats of that product, one after the other.
    house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap();
    let refused = house.admin.place_hold(&show, &best(3, BestAvailable::default())).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("not_enough_adjacent_seats", 409));
    assert_eq!((problem.requested, problem.seats_left, problem.together_max), (Some(3), Some(3), Some(2)));
    assert!(problem.advice.contains("split"), "{problem}");
    let split = house.admin.place_hold(&show, &best(3, BestAvailable { split: true, ..BestAvailable::default() })).await.unwrap().value;
    assert_eq!(seats(&split), ["A-3", "A-4", "A-1"], "the larger part first");
    let refused = house.admin.place_hold(&show, &best(1, BestAvailable::default())).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.requested, problem.seats_left), ("sold_out", Some(1), Some(0)));
    for unknown in [
        BestAvailable { categories: vec!["Balcony".into()], ..BestAvailable::default() },
        BestAvailable { zones: vec!["North".into()], ..BestAvailable::default() },
        BestAvailable { alternatives: vec!["Box".into()], ..BestAvailable::default() },
    ] {
        let refused = house.admin.place_hold(&show, &best(1, unknown)).await.unwrap_err();
        let problem = refused.problem().unwrap();
        assert!(problem.status == 422 && ["Balcony", "North", "Box"].iter().any(|name| problem.detail.contains(name)), "{problem}");
    }
}

#[tokio::test]
async fn prices_choose_among_products_and_the_rule_of_the_show_holds_for_hand_picked_seats() {
    let house = House::open().await;
    let reduced =
        CreateProduct { name: "Reduced".into(), price: eur(2_000), categories: vec!["Standard".into()], ..CreateProduct::default() };
    let show = house
        .open_show_with(|mut show| {
            show.products.push(reduced);
            show.seating = SeatingRules { orphans: Orphans::Forbid, ..show.seating };
            show
        })
        .await;
    let cheap = BestAvailable { alternatives: vec!["*".into()], price_max: Some(eur(3_000)), ..BestAvailable::default() };
    let hold = house.admin.place_hold(&show, &best(2, cheap)).await.unwrap().value;
    assert_eq!(hold.items[0].product, "Reduced");
    house.admin.release_hold(&hold.hold).await.unwrap();
    let refused = house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status, problem.seats.as_slice()), ("orphan_seat", 409, ["A-1".to_owned()].as_slice()));
    assert_eq!(refusal(house.admin.place_hold(&show, &best(0, BestAvailable::default())).await).1, 422);
}
