//! Holds: everything or nothing, refusals by name, and their end.

mod support;

use std::time::Duration;

use guichet_api::{BatchCommand, BatchOutcome, BatchPlaceHold, HoldItem, HoldState, PlaceHold};
use support::{House, hold_quantity, hold_seats};

#[tokio::test]
async fn a_hold_takes_its_seats_and_is_found_again() {
    let house = House::open().await;
    let show = house.open_show().await;
    let answer = house.admin.place_hold(&show, &hold_seats(&["A-1", "A-2"])).await.unwrap();
    let (hold, position) = (answer.value, answer.position.unwrap());
    assert!(hold.token.is_some() && answer.idempotency_key.is_some() && !answer.replayed);
    assert_eq!(hold.state, HoldState::Live);

    let seen = house.admin.hold(&hold.hold).await.unwrap().value;
    assert_eq!((seen.token.as_ref(), &seen.items, seen.expires_at), (None, &hold.items, hold.expires_at));
    let left = house.admin.availability(&show).min_position(&position).await.unwrap().value;
    assert_eq!((left.seats.total.free, left.seats.total.held), (4, 2));
    assert_eq!(left.seats.by_category[0].seats.held, 2);
    assert_eq!(left.products[0].left, 2);
    let seats = house.admin.seats(&show, true).await.unwrap().value;
    assert_eq!((seats.decode().unwrap().to_string().as_str(), seats.labels.unwrap()[1].as_str()), ("hhffff", "A-2"));
}

#[tokio::test]
async fn taken_seats_are_named_and_nothing_else_is_claimed() {
    let house = House::open().await;
    let show = house.open_show().await;
    house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap();
    let mut mixed = hold_seats(&["A-1", "A-2"]);
    mixed.items.push(HoldItem::quantity("Standing", 3));
    let refused = house.admin.place_hold(&show, &mixed).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("seat_taken", 409));
    assert_eq!(problem.seats, ["A-2"]);
    let position = problem.position.clone().unwrap();
    let left = house.admin.availability(&show).min_position(&position).await.unwrap().value;
    assert_eq!(left.seats.total.held, 1);
    assert_eq!(left.quotas.iter().find(|quota| quota.name == "Floor").unwrap().held, 0);
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_named() {
    let house = House::open().await;
    let show = house.open_show().await;
    house.admin.place_hold(&show, &hold_quantity("Programme", 2)).await.unwrap();
    let refused = house.admin.place_hold(&show, &hold_quantity("Programme", 2)).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.quota.as_deref()), ("sold_out", Some("Programmes")));
    assert_eq!(problem.detail, "2 wanted, 1 left");
}

#[tokio::test]
async fn a_hold_can_be_extended_and_released_and_then_its_seats_are_free() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let extended = house.admin.extend_hold(&hold.hold, 3_000).await.unwrap().value;
    assert!(extended.expires_at > hold.expires_at);
    let released = house.admin.release_hold(&hold.hold).await.unwrap().value;
    assert_eq!(released.state, HoldState::Released);
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap();
    let refused = house.admin.extend_hold(&hold.hold, 3_000).await.unwrap_err();
    assert_eq!(refused.code(), Some("hold_expired"));
}

#[tokio::test]
async fn a_hold_expires_by_itself() {
    let house = House::open().await;
    let show = house.open_show().await;
    let request = PlaceHold { ttl_s: Some(1), ..hold_seats(&["A-1"]) };
    let hold = house.admin.place_hold(&show, &request).await.unwrap().value;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while house.admin.hold(&hold.hold).await.unwrap().value.state != HoldState::Expired {
        assert!(tokio::time::Instant::now() < deadline, "still live");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap();
}

#[tokio::test]
async fn a_batch_is_answered_command_by_command_in_order() {
    let house = House::open().await;
    let (first, second) = (house.open_show().await, house.open_show().await);
    let place = |show: &str, seats: &[&str], key: Option<&str>| {
        let items = hold_seats(seats).items;
        BatchCommand::PlaceHold(BatchPlaceHold {
            show: show.into(),
            idempotency_key: key.map(Into::into),
            items,
            ..BatchPlaceHold::default()
        })
    };
    let commands = [
        place(&first, &["A-1"], Some("one")),
        place(&second, &["A-1"], None),
        place(&first, &["A-1"], None),
        place(&first, &["Z-9"], None),
        place("nonsense", &["A-1"], None),
        place(&first, &["A-2"], None),
        place(&first, &["A-1"], Some("one")),
    ];
    let replies = house.admin.batch(&commands).idempotency_key("batch").await.unwrap().value;
    let codes: Vec<_> = replies
        .iter()
        .map(|reply| match &reply.outcome {
            BatchOutcome::Hold(hold) => hold.items[0].seats.as_ref().unwrap()[0].clone(),
            BatchOutcome::Problem(problem) => problem.code.clone(),
        })
        .collect();
    assert_eq!(codes, ["A-1", "A-1", "seat_taken", "unknown_seat", "show_not_found", "A-2", "A-1"]);
    assert!(replies[6].replayed && replies[6].outcome == replies[0].outcome);
    let again = house.admin.batch(&commands).idempotency_key("batch").await.unwrap().value;
    assert!(again[1].replayed && again[5].replayed);
    assert_eq!((&again[1].outcome, &again[5].outcome), (&replies[1].outcome, &replies[5].outcome));
}
