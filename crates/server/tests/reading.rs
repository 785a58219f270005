//! Reading: one's own writes, unchanged seats, venues and shows as they were made, readiness.

mod support;

use guichet_api::{Client, ClientError, SaleState, ShowFilter};
use reqwest::Method;
use support::{House, hold_seats};

#[tokio::test]
async fn a_position_that_was_answered_is_waited_for_and_one_of_the_future_is_not_reached() {
    let house = House::open().await;
    let show = house.open_show().await;
    for seat in ["A-1", "A-2", "A-3", "A-4"] {
        let answer = house.admin.place_hold(&show, &hold_seats(&[seat])).await.unwrap();
        let left = house.admin.availability(&show).min_position(&answer.position.unwrap()).await.unwrap().value;
        let held: u32 = seat[2..].parse().unwrap();
        assert_eq!(left.seats.total.held, held);
    }
    // What any answer says of where it stands can be waited for, and is there already.
    let seen = house.admin.show(&show).await.unwrap().position.unwrap();
    house.admin.availability(&show).min_position(&seen).await.unwrap();
    let started = std::time::Instant::now();
    let refused = house.admin.availability(&show).min_position("p1.1000000").await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("position_not_reached", 504));
    assert!(problem.lag.unwrap() > 999_000 && started.elapsed().as_secs() < 8);
}

#[tokio::test]
async fn seats_that_have_not_changed_are_not_sent_again() {
    let house = House::open().await;
    let show = house.open_show().await;
    let path = format!("/v1/shows/{show}/seats");
    let first = house.raw(Method::GET, &path).send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let seats: guichet_api::Seats = first.json().await.unwrap();
    assert_eq!(tag, format!("W/\"{}.states\"", seats.position));
    let same = house.raw(Method::GET, &path).header("if-none-match", format!("\"x\", {tag}")).send().await.unwrap();
    assert_eq!((same.status().as_u16(), same.text().await.unwrap().as_str()), (304, ""));
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-4"])).await.unwrap();
    let path = format!("{path}?min_position={}", hold.position.unwrap());
    let changed = house.raw(Method::GET, &path).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(changed.status().as_u16(), 200);
    assert_eq!(changed.json::<guichet_api::Seats>().await.unwrap().decode().unwrap().to_string(), "fffhff");
}

#[tokio::test]
async fn venues_and_shows_read_back_as_they_were_made() {
    let house = House::open().await;
    let made = house.admin.create_venue(support::PLAN).await.unwrap().value;
    assert_eq!((made.seats, made.rows, made.areas[0].capacity, made.categories[0].seats), (6, 1, 20, 4));
    assert_eq!(house.admin.venue(&made.venue).await.unwrap().value, made);
    let show = house.admin.create_show(&support::show(&made.venue)).await.unwrap().value;
    assert_eq!((show.sale, show.order_deadline_s), (SaleState::Draft, 900));
    assert_eq!(show.starts_at.unwrap().to_string(), "2027-05-01T19:30:00Z");
    assert_eq!(show.products[0].categories, ["Standard"]);
    assert_eq!(house.admin.show(&show.show).await.unwrap().value, show);
    let plan = house.admin.venue_plan(&made.venue).await.unwrap();
    let [served, given] = [plan.as_str(), support::PLAN].map(|document| guichet_plans::read_plan(document.as_bytes()).unwrap());
    assert_eq!((served.format, served.plan), (guichet_plans::PlanFormat::Guichet, given.plan));
    assert_eq!(house.admin.venue_plan(&show.show).await.unwrap_err().code(), Some("venue_not_found"));
    let opened = house.admin.open_show(&show.show).await.unwrap().value;
    assert_eq!(opened.sale, SaleState::Open);
    assert_eq!(house.admin.shows(&ShowFilter::default()).await.unwrap().value.shows, [opened]);
    assert_eq!(house.shop().await.show_plan(&show.show).await.unwrap(), plan);
}

#[tokio::test]
async fn the_race_track_comes_in_whole() {
    let house = House::open().await;
    let chart = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/race-track.json")).unwrap();
    let venue = house.admin.create_venue(chart).await.unwrap().value;
    assert_eq!((venue.name.as_str(), venue.seats, venue.zones), ("Race Track", 8_897, 2));
    assert_eq!(venue.categories.iter().map(|category| category.seats).sum::<u32>(), 8_897);
}

#[tokio::test]
async fn a_new_house_becomes_ready_and_says_how_it_is() {
    let house = House::open().await;
    assert_eq!(house.admin.with_key(None).health().await.unwrap().value.status, "ok");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let readiness = house.admin.with_key(None).readiness().await.unwrap().value;
        if readiness.ready {
            break;
        }
        assert!(!readiness.reasons.is_empty() && tokio::time::Instant::now() < deadline, "{readiness:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let status = house.admin.status().await.unwrap().value;
    assert_eq!((status.partitions.len(), status.durability.as_str(), status.ready), (3, "fsync", true));
}

#[tokio::test]
async fn http_2_by_prior_knowledge_is_understood() {
    let house = House::open().await;
    let mut socket = tokio::net::TcpStream::connect(house.base.strip_prefix("http://").unwrap()).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00").await.unwrap();
    let mut frame = [0; 9];
    socket.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the server's first frame is SETTINGS");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let client = Client::new("http://127.0.0.1:1", None).unwrap();
    assert!(matches!(client.health().await.unwrap_err(), ClientError::Unreachable { .. }));
    assert!(matches!(Client::new("localhost", None).unwrap_err(), ClientError::BadAddress { .. }));
}
