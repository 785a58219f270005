//! Live events: complete, in order inside a partition, resumable wherever they break, without secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use std::time::Duration;

use guichet_api::{Client, CreateApiKey, Events, Scope, StreamEvent, StreamFilter};
use support::{House, hold_seats};

const PATIENCE: Duration = Duration::from_secs(10);

async fn next(events: &mut Events) -> StreamEvent {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("an event").unwrap().expect("the stream is open")
}

async fn until(events: &mut Events, last: &str) -> Vec<StreamEvent> {
    let mut seen = Vec::new();
    loop {
        let event = next(events).await;
        let ended = event.event == last;
        seen.push(event);
        if ended {
            return seen;
        }
    }
}

fn from(id: &str) -> StreamFilter {
    StreamFilter { last_event_id: Some(id.into()), ..StreamFilter::default() }
}

#[tokio::test]
async fn a_stream_goes_on_after_every_id_without_gap_or_repeat() {
    let house = House::open().await;
    let show = house.open_show().await;
    let start = house.engine.position().to_string();
    house.buy(&show, &["A-1", "A-2"], "approve").await;
    let whole = until(&mut house.admin.stream(&from(&start)).await.unwrap(), "saga_completed").await;
    let names: Vec<_> = whole.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(&names[..3], ["hold_placed", "order_placed", "saga_started"], "{names:?}");
    assert!(names.contains(&"order_confirmed") && whole.len() > 10, "{names:?}");
    // Several events of one record have different ids, and each is a place to go on from.
    for (number, event) in whole.iter().enumerate().take(whole.len() - 1) {
        let mut events = house.admin.stream(&from(&event.id)).await.unwrap();
        let rest = until(&mut events, "saga_completed").await;
        assert_eq!(rest, whole[number + 1..], "after {}", event.id);
    }
}

#[tokio::test]
async fn no_partition_is_told_again_that_was_told_already() {
    let house = House::open().await;
    let (first, second) = (house.open_show().await, house.open_show().await);
    let mut live = house.admin.stream(&StreamFilter::default()).await.unwrap();
    house.admin.place_hold(&first, &hold_seats(&["A-1"])).await.unwrap();
    let one = next(&mut live).await;
    house.admin.place_hold(&second, &hold_seats(&["A-1"])).await.unwrap();
    let two = next(&mut live).await;
    drop(live);
    house.admin.place_hold(&first, &hold_seats(&["A-2"])).await.unwrap();
    let mut resumed = house.admin.stream(&from(&two.id)).await.unwrap();
    let three = next(&mut resumed).await;
    let show = |event: &StreamEvent| serde_json::from_str::<serde_json::Value>(&event.data).unwrap()["show"].clone();
    assert_eq!((show(&one), show(&two), show(&three)), (first.clone().into(), second.into(), first.into()));
    assert!(three.data.contains("\"A-2\""), "{}", three.data);
}

#[tokio::test]
async fn filters_keep_what_belongs_to_a_show_an_order_or_a_topic() {
    let house = House::open().await;
    let (show, other) = (house.open_show().await, house.open_show().await);
    let start = house.engine.position().to_string();
    house.buy(&other, &["A-1"], "approve").await;
    let order = house.buy(&show, &["A-1"], "approve").await.order;
    let of_show = StreamFilter { show: Some(show.clone()), ..from(&start) };
    let events = until(&mut house.admin.stream(&of_show).await.unwrap(), "saga_completed").await;
    assert_eq!(events[0].event, "hold_placed");
    assert!(events[0].data.contains(&show) && events.iter().any(|event| event.event == "step_done"));
    let of_order = StreamFilter { order: Some(order.clone()), ..from(&start) };
    let events = until(&mut house.admin.stream(&of_order).await.unwrap(), "saga_completed").await;
    assert_eq!(events[0].event, "order_placed");
    assert!(events[0].data.contains(&order));
    let of_topic = StreamFilter { topic: Some("orders".into()), ..of_show };
    let events = until(&mut house.admin.stream(&of_topic).await.unwrap(), "order_confirmed").await;
    assert!(events.iter().all(|event| !event.event.contains("saga") && !event.event.contains("hold")), "{events:?}");
}

#[tokio::test]
async fn no_secret_is_told() {
    let house = House::open().await;
    let show = house.open_show().await;
    let start = "p0.0,p1.0,p2.0";
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let mut request = support::order(&hold, "slow:7");
    request.buyer = Some(guichet_api::Buyer { email: "ada@example.org".into(), name: "Ada".into() });
    house.admin.place_order(&request).await.unwrap();
    let events = until(&mut house.admin.stream(&from(start)).await.unwrap(), "saga_completed").await;
    for event in events {
        for secret in ["slow:7", "ada@", "sim_", hold.token.as_ref().unwrap(), &house.secret, "sha256", "api_key"] {
            assert!(!event.data.contains(secret), "{secret} in {}", event.data);
        }
    }
}

#[tokio::test]
async fn a_silent_stream_sends_comments_and_bad_requests_are_refused() {
    let house = House::open().await;
    let mut answer = house.raw(reqwest::Method::GET, "/v1/stream").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        let chunk = tokio::time::timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(text.split("\n\n").all(|part| part.is_empty() || part.starts_with(':')), "{text:?}");

    let refused = house.admin.stream(&from("yesterday")).await.unwrap_err();
    assert_eq!(refused.code(), Some("malformed_position"));
    let topic = StreamFilter { topic: Some("rumours".into()), ..StreamFilter::default() };
    assert_eq!(house.admin.stream(&topic).await.unwrap_err().code(), Some("unknown_topic"));
}

#[tokio::test]
async fn whose_key_is_revoked_hears_nothing_more() {
    let house = House::open().await;
    let show = house.open_show().await;
    let key = house.admin.create_key(&CreateApiKey::new("screen", Scope::ReadOnly)).await.unwrap().value;
    let screen = Client::new(&house.base, Some(&key.secret)).unwrap();
    let mut events = screen.stream(&StreamFilter::default()).await.unwrap();
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap();
    assert_eq!(next(&mut events).await.event, "hold_placed");
    house.admin.revoke_key(&key.key).await.unwrap();
    house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, events.next()).await.expect("the stream ends").unwrap();
    assert_eq!(ended, None);
}
