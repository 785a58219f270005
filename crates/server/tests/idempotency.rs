//! The same key, the same answer; another body, a refusal; also after a restart.

mod support;

use guichet_api::{CreateApiKey, Scope};
use reqwest::Method;
use support::{House, hold_seats, order};

#[tokio::test]
async fn the_same_key_gives_the_same_hold_and_token_also_after_a_restart() {
    let house = House::open().await;
    let show = house.open_show().await;
    let place = |house: &House| house.admin.place_hold(&show, &hold_seats(&["A-1"])).idempotency_key("visitor 17");
    let first = place(&house).await.unwrap();
    let second = place(&house).await.unwrap();
    assert_eq!((first.replayed, second.replayed), (false, true));
    assert_eq!((&first.value, &first.position), (&second.value, &second.position));
    let house = house.restart().await;
    let third = place(&house).await.unwrap();
    assert!(third.replayed);
    assert_eq!(first.value, third.value);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let house = House::open().await;
    let show = house.open_show().await;
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).idempotency_key("k").await.unwrap();
    let refused = house.admin.place_hold(&show, &hold_seats(&["A-2"])).idempotency_key("k").await.unwrap_err();
    assert_eq!((refused.code(), refused.problem().unwrap().status), (Some("idempotency_key_reused"), 409));
}

#[tokio::test]
async fn keys_of_different_callers_never_meet() {
    let house = House::open().await;
    let show = house.open_show().await;
    let shop = house.shop().await;
    let first = house.admin.place_hold(&show, &hold_seats(&["A-1"])).idempotency_key("k").await.unwrap().value;
    let second = shop.place_hold(&show, &hold_seats(&["A-2"])).idempotency_key("k").await.unwrap().value;
    assert_ne!(first.hold, second.hold);
}

#[tokio::test]
async fn an_order_is_placed_once() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let first = house.admin.place_order(&order(&hold, "approve")).idempotency_key("o").await.unwrap();
    let second = house.admin.place_order(&order(&hold, "approve")).idempotency_key("o").await.unwrap();
    assert!(second.replayed);
    assert_eq!((first.value.order, first.value.code), (second.value.order, second.value.code));
}

#[tokio::test]
async fn a_new_api_key_is_answered_the_same_again() {
    let house = House::open().await;
    let request = CreateApiKey::new("till", Scope::Shop);
    let first = house.admin.create_key(&request).idempotency_key("k").await.unwrap();
    let second = house.admin.create_key(&request).idempotency_key("k").await.unwrap();
    assert!(second.replayed && first.value == second.value);
    let other = CreateApiKey::new("other", Scope::Shop);
    let refused = house.admin.create_key(&other).idempotency_key("k").await.unwrap_err();
    assert_eq!(refused.code(), Some("idempotency_key_reused"));
}

#[tokio::test]
async fn every_changing_answer_names_its_key_and_a_bad_key_is_refused() {
    let house = House::open().await;
    let show = house.open_show().await;
    let path = format!("/v1/shows/{show}/holds");
    let refused = house.raw(Method::POST, &path).header("idempotency-key", "mine").body("{}").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["idempotency-key"].to_str().unwrap()), (400, "mine"));
    let generated = house.raw(Method::POST, &path).body("{}").send().await.unwrap();
    assert_eq!(generated.headers()["idempotency-key"].len(), 36);
    let long = house.raw(Method::POST, &path).header("idempotency-key", "k".repeat(256)).body("{}").send().await.unwrap();
    let problem: guichet_api::Problem = long.json().await.unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (400, "malformed_idempotency_key"));
}

#[tokio::test]
async fn a_venue_is_registered_once() {
    let house = House::open().await;
    let first = house.admin.create_venue(support::PLAN).idempotency_key("v").await.unwrap();
    let again = house.admin.create_venue(support::PLAN).idempotency_key("v").await.unwrap();
    assert!(again.replayed && first.value == again.value);
}

#[tokio::test]
async fn a_show_is_made_once() {
    let house = House::open().await;
    let venue = house.admin.create_venue(support::PLAN).await.unwrap().value.venue;
    let first = house.admin.create_show(&support::show(&venue)).idempotency_key("s").await.unwrap();
    let again = house.admin.create_show(&support::show(&venue)).idempotency_key("s").await.unwrap();
    assert!(again.replayed && first.value == again.value);
}

#[tokio::test]
async fn a_refused_key_stays_refused_even_when_there_is_room_again() {
    let house = House::open().await;
    let show = house.open_show().await;
    let held = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let path = format!("/v1/shows/{show}/holds");
    let body = serde_json::to_string(&hold_seats(&["A-1"])).unwrap();
    let ask = || house.raw(Method::POST, &path).header("idempotency-key", "late").body(body.clone()).send();
    let first = ask().await.unwrap();
    house.admin.release_hold(&held.hold).await.unwrap();
    let again = ask().await.unwrap();
    assert_eq!((first.status().as_u16(), again.status().as_u16()), (409, 409));
    assert_eq!(first.headers()["guichet-position"], again.headers()["guichet-position"]);
    assert!(first.headers().get("idempotency-replayed").is_none());
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).idempotency_key("a new try").await.unwrap();
}
