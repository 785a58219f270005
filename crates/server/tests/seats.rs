//! The seats of a show: whole, unchanged, and followed by many; whoever follows has exactly what whoever asks is given.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use std::time::Duration;

use guichet_api::{
    Client, Events, FollowedSeats, Hold, HoldItem, PlaceHold, Scope, SeatEncoding, SeatState, SeatStates, Seats, StreamEvent,
};
use reqwest::Method;
use support::{House, hold_seats, order};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const PATIENCE: Duration = Duration::from_secs(10);
/// Seats of the large house: enough that a snapshot of it half full has several thousand bytes.
const SEATS: usize = 4_000;

/// A show of one long row on sale, and the house that it is in.
async fn large_house(seats: usize) -> (House, String) {
    let house = House::open().await;
    let seats: Vec<_> =
        (1..=seats).map(|seat| serde_json::json!({"label": seat.to_string(), "x": seat, "y": 0, "categoryKey": 1})).collect();
    let plan = serde_json::json!({
        "name": "Long row",
        "categories": {"list": [{"key": 1, "label": "Standard", "color": "#4176A5"}, {"key": 2, "label": "Better", "color": "#4176A5"}]},
        "subChart": {"rows": [{"label": "A", "seats": seats}],
                     "generalAdmissionAreas": [{"label": "Floor", "capacity": 20, "categoryKey": 2}]},
    });
    let venue = house.admin.create_venue(plan.to_string()).await.unwrap().value.venue;
    let show = house.admin.create_show(&support::show(&venue)).await.unwrap().value.show;
    house.admin.open_show(&show).await.unwrap();
    (house, show)
}

/// A hold of seats by their numbers, from 0.
fn some_seats(seats: impl IntoIterator<Item = usize>) -> PlaceHold {
    let labels: Vec<_> = seats.into_iter().map(|seat| format!("A-{}", seat + 1)).collect();
    PlaceHold { items: vec![HoldItem::seats("Seat", labels)], ..PlaceHold::default() }
}

async fn hold(client: &Client, show: &str, seats: impl IntoIterator<Item = usize>) -> Hold {
    client.place_hold(show, &some_seats(seats)).await.unwrap().value
}

async fn next(events: &mut Events) -> StreamEvent {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("an event").unwrap().expect("the stream is open")
}

/// The seats as whoever asks is given them, when everything that is durable is in.
async fn settled(house: &House, show: &str) -> Seats {
    let partition = show.parse::<guichet_core::ShowId>().unwrap().partition();
    let durable_end = house.engine.status().partitions[usize::from(partition)].durable_end;
    house.admin.seats(show, false).min_position(&format!("p{partition}.{}", durable_end - 1)).await.unwrap().value
}

/// Follows until the seats are as whoever asks is given them; gives every event on the way.
async fn follow(house: &House, show: &str, events: &mut Events, followed: &mut FollowedSeats) -> Vec<StreamEvent> {
    let asked = settled(house, show).await.decode().unwrap();
    let mut told = Vec::new();
    while followed.states() != Some(&asked) {
        told.push(next(events).await);
        followed.take(told.last().unwrap()).unwrap();
    }
    told
}

fn letters(states: &SeatStates) -> String {
    states.to_string()
}

#[tokio::test]
async fn the_shorter_form_is_answered_and_unchanged_seats_are_not_sent_again() {
    let (house, show) = large_house(SEATS).await;
    let empty = house.admin.seats(&show, false).await.unwrap().value;
    assert_eq!((empty.encoding, empty.states.as_str(), empty.count), (SeatEncoding::Runs, "f4000", 4_000));
    for hundred in 0..20 {
        hold(&house.admin, &show, (0..100).map(|seat| 2 * (100 * hundred + seat))).await;
    }
    settled(&house, &show).await;
    let answer = house.raw(Method::GET, &format!("/v1/shows/{show}/seats")).send().await.unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let every_other: Seats = answer.json().await.unwrap();
    assert_eq!((every_other.encoding, every_other.states.len()), (SeatEncoding::Bits, 1_336));
    assert_eq!(letters(&every_other.decode().unwrap()), "hf".repeat(SEATS / 2));
    let again = |query: &str, tag: &str| {
        let path = format!("/v1/shows/{show}/seats{query}");
        let request = house.raw(Method::GET, &path).header("if-none-match", tag);
        async { request.send().await.unwrap().status().as_u16() }
    };
    let strong = tag.strip_prefix("W/").unwrap();
    assert_eq!((again("", &tag).await, again("", &format!("\"p1.1.states\", {strong}")).await), (304, 304));
    // The tag names the form too, and nothing but all of it.
    assert_eq!((again("?labels=true", &tag).await, again("", &format!("\"{}\"", every_other.position)).await), (200, 200));
    hold(&house.admin, &show, [1]).await;
    settled(&house, &show).await;
    assert_eq!(again("", &tag).await, 200);
}

#[tokio::test]
async fn whoever_follows_has_what_whoever_asks_is_given() {
    let (house, show) = large_house(SEATS).await;
    let shop = house.shop().await;
    hold(&shop, &show, [3, 4]).await;
    let mut events = shop.follow_seats(&show, None).await.unwrap();
    let mut followed = FollowedSeats::default();
    let first = next(&mut events).await;
    assert_eq!(first.event, "snapshot");
    followed.take(&first).unwrap();
    let mut live: Vec<Hold> = Vec::new();
    for step in 0..40_usize {
        // Holds, releases, sales and blocks, by turns.
        match step % 5 {
            0 | 1 => live.push(hold(&house.admin, &show, (0..3).map(|seat| 10 + 20 * step + seat)).await),
            2 => drop(house.admin.release_hold(&live.remove(0).hold).await.unwrap()),
            3 => {
                let sold = order(&live.remove(0), "approve");
                house.admin.place_order(&sold).wait(PATIENCE).await.unwrap();
            }
            _ => {
                let block = guichet_api::BlockSeats { seats: vec![format!("A-{}", 2_000 + step)], reason: "camera".into() };
                house.admin.block_seats(&show, &block).await.unwrap();
            }
        }
        if step % 8 == 7 {
            let told = follow(&house, &show, &mut events, &mut followed).await;
            assert!(!told.is_empty() && told.iter().all(|event| event.event == "delta"), "{told:?}");
        }
    }
    // At rest the last event has the position that is answered.
    let asked = settled(&house, &show).await;
    assert_eq!(followed.position(), Some(asked.position.as_str()));
    let states = followed.states().unwrap();
    assert_eq!([SeatState::Booked, SeatState::Blocked].map(|state| states.count_of(state)), [24, 8]);
    // What no seat shows is told to nobody, and a hold after it still is.
    house.admin.place_hold(&show, &support::hold_quantity("Standing", 2)).await.unwrap();
    hold(&house.admin, &show, [3_999]).await;
    let told = follow(&house, &show, &mut events, &mut followed).await;
    assert_eq!(told.iter().map(|event| event.data.as_str()).collect::<Vec<_>>(), ["{\"changes\":\".3999h\"}"]);
}

#[tokio::test]
async fn a_watcher_goes_on_after_its_last_event_and_one_who_was_away_too_long_begins_anew() {
    let (house, show) = large_house(SEATS).await;
    let mut events = house.admin.follow_seats(&show, None).await.unwrap();
    let mut followed = FollowedSeats::default();
    let mut known = Vec::new();
    for step in 0..4 {
        hold(&house.admin, &show, [10 * step]).await;
        follow(&house, &show, &mut events, &mut followed).await;
        known.push(followed.clone());
    }
    // Everybody has gone, and comes back.
    drop(events);
    hold(&house.admin, &show, [1_000]).await;
    for mut followed in known.clone() {
        let mut events = house.admin.follow_seats(&show, followed.position()).await.unwrap();
        let told = follow(&house, &show, &mut events, &mut followed).await;
        assert!(!told.is_empty() && told.iter().all(|event| event.event == "delta"), "{told:?}");
    }
    // An id between two steps, of another partition or of the future has no steps to go on with: the seats come whole.
    let position: guichet_core::Position = known[3].position().unwrap().parse().unwrap();
    let offset = position.offset(1).or(position.offset(2)).unwrap();
    for id in [format!("p0.{offset}"), "p1.9999999".into(), "p2.9999999".into(), "p1.0".into()] {
        let mut events = house.admin.follow_seats(&show, Some(&id)).await.unwrap();
        assert_eq!(next(&mut events).await.event, "snapshot", "after {id}");
    }
    assert_eq!(house.admin.follow_seats(&show, Some("yesterday")).await.unwrap_err().code(), Some("malformed_position"));
    // A position that was answered is as good as an id.
    let asked = settled(&house, &show).await;
    let mut events = house.admin.follow_seats(&show, Some(&asked.position)).await.unwrap();
    let mut followed = FollowedSeats::from_known(asked.position.clone(), asked.decode().unwrap());
    hold(&house.admin, &show, [77]).await;
    let told = follow(&house, &show, &mut events, &mut followed).await;
    assert_eq!(told.iter().map(|event| event.event.as_str()).collect::<Vec<_>>(), ["delta"]);
    // Nothing is remembered over a restart but the seats themselves.
    let last = followed.position().unwrap().to_owned();
    let house = house.restart().await;
    let mut events = house.admin.follow_seats(&show, known[0].position()).await.unwrap();
    assert_eq!(next(&mut events).await.event, "snapshot");
    let mut events = house.admin.follow_seats(&show, Some(&last)).await.unwrap();
    hold(&house.admin, &show, [78]).await;
    assert_eq!(next(&mut events).await.event, "delta");
}

#[tokio::test]
async fn who_does_not_read_delays_nobody_and_is_right_as_soon_as_they_read() {
    let (house, show) = large_house(24_000).await;
    let mut slow = raw_watcher(&house, &show).await;
    let mut quick = house.admin.follow_seats(&show, None).await.unwrap();
    let mut followed = FollowedSeats::default();
    let stride = |step: usize| -> Vec<String> { (1..=24_000).step_by(step).map(|seat| format!("A-{seat}")).collect() };
    let strides = [stride(2), stride(3)];
    let mut told = Vec::new();
    for round in 0..120 {
        // Every other or every third seat is taken from sale and given back: as much as can change at once.
        let seats = &strides[round / 2 % 2];
        if round % 2 == 0 {
            house.engine.block_seats(show.parse().unwrap(), seats, "camera").unwrap().await.unwrap();
        } else {
            house.engine.unblock_seats(show.parse().unwrap(), seats).unwrap().await.unwrap();
        }
        told.extend(follow(&house, &show, &mut quick, &mut followed).await);
    }
    let bytes: usize = told.iter().map(|event| event.data.len()).sum();
    assert!(told.len() >= 120 && bytes > 480_000, "{} events of {bytes} bytes", told.len());
    hold(&house.admin, &show, [1, 2, 3]).await;
    follow(&house, &show, &mut quick, &mut followed).await;
    // What was on its way is read first, then what is true now: what was between is not kept for anybody.
    let mut late = FollowedSeats::default();
    let (mut text, mut events) = (String::new(), 0);
    while late.states() != followed.states() {
        let mut bytes = [0; 65_536];
        let read = tokio::time::timeout(PATIENCE, slow.read(&mut bytes)).await.unwrap().unwrap();
        assert!(read > 0, "the server closed the connection");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let (Some(id), Some(name), Some(data)) = (field("id: "), field("event: "), field("data: ")) {
                late.take(&StreamEvent { id, event: name, data }).unwrap();
                events += 1;
            }
            text = rest.to_owned();
        }
    }
    assert_eq!(late.position(), followed.position());
    assert!(events < told.len(), "all {events} events were kept for a watcher who did not read");
}

/// A watcher over a bare socket that takes little at a time. HTTP/1.0, so that the events come without chunks between them.
async fn raw_watcher(house: &House, show: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8_192).unwrap();
    let mut socket = socket.connect(house.base.strip_prefix("http://").unwrap().parse().unwrap()).await.unwrap();
    let request = format!("GET /v1/shows/{show}/seats/stream HTTP/1.0\r\nauthorization: Bearer {}\r\n\r\n", house.secret);
    socket.write_all(request.as_bytes()).await.unwrap();
    socket
}

#[tokio::test]
async fn a_shop_may_watch_the_door_may_not_and_a_silent_stream_shows_signs_of_life() {
    let house = House::open().await;
    let show = house.open_show().await;
    let door = house.with_new_key(Scope::CheckIn).await;
    assert_eq!(door.follow_seats(&show, None).await.unwrap_err().code(), Some("scope_missing"));
    assert_eq!(door.with_key(None).follow_seats(&show, None).await.unwrap_err().code(), Some("unauthenticated"));
    let shop = house.shop().await;
    let nowhere = "019a5b0e-7c00-7000-8001-00000000ffff";
    assert_eq!(shop.follow_seats(nowhere, None).await.unwrap_err().code(), Some("show_not_found"));
    let mut events = shop.follow_seats(&show, None).await.unwrap();
    assert_eq!(next(&mut events).await.event, "snapshot");

    let path = format!("/v1/shows/{show}/seats/stream");
    let last = house.admin.seats(&show, false).await.unwrap().value.position;
    let mut answer = house.raw(Method::GET, &path).header("last-event-id", last).send().await.unwrap();
    assert_eq!(
        (&answer.headers()["content-type"], &answer.headers()["cache-control"]),
        (&"text/event-stream".parse().unwrap(), &"no-cache".parse().unwrap())
    );
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        let chunk = tokio::time::timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(text.split("\n\n").all(|part| part.is_empty() || part.starts_with(':')), "{text:?}");
    house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap();
    assert_eq!(next(&mut events).await.data, "{\"changes\":\"h\"}");
    // A shutdown does not wait for watchers.
    let (served, engine, _directory) = house.stop();
    tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap().unwrap();
    while tokio::time::timeout(PATIENCE, events.next()).await.unwrap().unwrap().is_some() {}
    engine.close().await;
}
