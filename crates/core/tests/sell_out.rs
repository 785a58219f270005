//! Three shows are sold out at once to thousands of groups, and nobody was sent away wrongly: the journal is read again by the checker,
//! which shares no rule with the engine and looks for a place in every row for everybody who was told that there was none.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_core::domain::Rejection;
use guichet_core::domain::seating::{Category, Point, Row, Seat, SeatingPlan};
use guichet_core::domain::show::{Orphans, SaleState, SeatingRules};
use guichet_core::{Best, Caller, CommandError, Currency, Guichet, Item, OrderState, PaymentRequest, ProductDraft, ShowDraft, ShowId};
use support::House;

const ROWS: u32 = 40;
const SEATS_PER_ROW: u32 = 30;
const BUYERS_PER_SHOW: u64 = 1_000;

/// Rows with an aisle, two categories, and wheelchair places at the end of every fourth row.
fn hall() -> SeatingPlan {
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    let mut plan = SeatingPlan {
        name: "Hall".into(),
        focal_point: Some(Point { x: 15.0, y: -5.0 }),
        categories: vec![category("Front"), category("Back")],
        ..SeatingPlan::default()
    };
    for row in 0..ROWS {
        let seat = |place: u32| Seat {
            label: (place + 1).to_string().into(),
            position: Point { x: f64::from(place), y: f64::from(row) },
            category: u16::from(row >= ROWS / 2),
            accessible: row % 4 == 0 && place == 0,
            companion: row % 4 == 0 && place == 1,
            aisle_after: place == 12,
            ..Seat::default()
        };
        plan.push_row(Row { label: (row + 1).to_string(), ..Row::default() }, (0..SEATS_PER_ROW).map(seat));
    }
    plan
}

async fn open_show(engine: &Guichet, orphans: Orphans) -> ShowId {
    let (venue, _) = engine.register_venue(hall(), None, Caller::EMBEDDER, None).await.unwrap();
    let product = |name: &str, categories: &[&str]| ProductDraft {
        name: name.into(),
        price_minor: 2_000,
        categories: categories.iter().map(ToString::to_string).collect(),
        ..ProductDraft::default()
    };
    let mut draft = ShowDraft::new(venue, "Premiere", Currency::from_code("EUR").unwrap());
    draft.products = vec![product("Front", &["Front"]), product("Anywhere", &["Front", "Back"])];
    draft.seating = SeatingRules { orphans, accessible_released_when_sold_out: true, ..SeatingRules::default() };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await.unwrap();
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await.unwrap();
    show.id
}

/// A group that takes what it is told would fit, and gives up when there is nothing. What it was refused for.
async fn buy(engine: Guichet, show: ShowId, number: u64) -> Vec<&'static str> {
    let mut refused = Vec::new();
    let product = if number.is_multiple_of(3) { "Front" } else { "Anywhere" };
    let mut wanted = Best {
        quantity: u32::try_from(1 + number % 8).unwrap(),
        accessible: u32::from(number.is_multiple_of(40)),
        across_aisles: number.is_multiple_of(5),
        split: number.is_multiple_of(7),
        ..Best::default()
    };
    let hold = loop {
        let rejection = match engine.place_hold(show, [Item::best(product, wanted.clone())]).await {
            Ok(hold) => break hold,
            Err(CommandError::Rejected(rejection)) => rejection.reason,
            Err(other) => panic!("{other}"),
        };
        refused.push(rejection.code());
        match rejection {
            Rejection::NotEnoughAdjacentSeats { together_max, .. } if together_max > 0 => wanted.quantity = together_max,
            Rejection::NotEnoughAdjacentSeats { .. } if !wanted.split => wanted.split = true,
            Rejection::SeatsSoldOut { left, .. } if left > 0 && wanted.accessible == 0 => wanted.quantity = left,
            _ => return refused,
        }
        wanted.accessible = wanted.accessible.min(wanted.quantity);
    };
    match number % 4 {
        0 => drop(engine.release_hold(hold.id).await.unwrap()),
        _ => {
            let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
            let order = engine.place_order(&[hold.id], None, payment).await.unwrap();
            assert_eq!(order.settled(Duration::from_secs(60)).await.unwrap().state, OrderState::Confirmed);
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_shows_are_sold_out_and_nobody_was_sent_away_wrongly() {
    let house = House::open().await;
    let mut shows = Vec::new();
    for orphans in [Orphans::Off, Orphans::Prefer, Orphans::Forbid] {
        shows.push(open_show(&house.engine, orphans).await);
    }
    let mut buyers = tokio::task::JoinSet::new();
    for number in 0..BUYERS_PER_SHOW {
        shows.iter().for_each(|show| drop(buyers.spawn(buy(house.engine.clone(), *show, number))));
    }
    let mut refusals: BTreeMap<&str, u32> = BTreeMap::new();
    buyers.join_all().await.into_iter().flatten().for_each(|code| *refusals.entry(code).or_default() += 1);
    // What some have given back goes to people who come alone; with the third show's rule not all of it can.
    for show in &shows {
        let last = loop {
            if let Err(refused) = house.engine.place_hold(*show, [Item::best("Anywhere", Best::of(1))]).await {
                break refused;
            }
        };
        let CommandError::Rejected(last) = last else { panic!("{last}") };
        *refusals.entry(last.reason.code()).or_default() += 1;
        // What is verified is what the projection has seen.
        house.engine.wait_for(&last.position).await.unwrap();
    }
    let verdict = house.engine.verify().await.unwrap();
    assert!(verdict.ok(), "{verdict:#?}");
    let total = |count: fn(&guichet_audit::Report) -> u64| verdict.reports.iter().map(count).sum::<u64>();
    assert_eq!((total(|report| report.false_refusals), total(|report| report.oversold)), (0, 0));
    let checked = |code: &str| verdict.reports.iter().filter_map(|report| report.refusals.get(code)).sum::<u64>();
    for (code, told) in &refusals {
        assert_eq!(checked(code), u64::from(*told), "{code}, of {refusals:?}");
    }
    assert!(
        ["not_enough_adjacent_seats", "sold_out"].iter().all(|code| refusals.get(code).is_some_and(|count| *count > 10)),
        "{refusals:?}"
    );
    for show in &shows[..2] {
        let report = house.engine.show_report(*show).unwrap();
        assert_eq!((report.seats_free, report.seats_held + report.seats_booked), (0, u64::from(ROWS * SEATS_PER_ROW)));
    }
}
