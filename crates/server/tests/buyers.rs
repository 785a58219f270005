//! Erasing a buyer over a real socket: who may, what is asked, what is answered, and that everything else stays.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet_api::{Buyer, EraseBuyer, ErasedBuyer, Order};
use reqwest::Method;
use support::{House, hold_seats, order};

async fn buy(house: &House, show: &str, seat: &str, email: &str, name: &str) -> Order {
    let hold = house.admin.place_hold(show, &hold_seats(&[seat])).await.unwrap().value;
    let mut request = order(&hold, "approve");
    request.buyer = Some(Buyer { email: email.into(), name: name.into() });
    house.admin.place_order(&request).wait(Duration::from_secs(10)).await.unwrap().value
}

fn buyer(house: &House, order: &Order) -> Option<String> {
    let order = house.engine.order(order.order.parse().unwrap()).unwrap().unwrap();
    house.engine.buyer(&order).unwrap().map(|buyer| buyer.email)
}

fn erased(erased: u64) -> ErasedBuyer {
    ErasedBuyer { erased, would_erase: None }
}

#[tokio::test]
async fn a_buyer_is_erased_by_order_or_by_address_and_the_rest_stays() {
    let house = House::open().await;
    let show = house.open_show().await;
    let ada = buy(&house, &show, "A-1", "ada@example.org", "Ada").await;
    let countess = buy(&house, &show, "A-2", "ADA@example.org", "Countess").await;
    let grace = buy(&house, &show, "A-3", "grace@example.org", "Grace").await;

    let by_order = EraseBuyer::of_order(&ada.order);
    let counted = house.admin.erase_buyer(&by_order.clone().dry_run()).await.unwrap().value;
    assert_eq!(counted, ErasedBuyer { erased: 0, would_erase: Some(1) });
    assert!(buyer(&house, &ada).is_some(), "a dry run changes nothing");
    assert_eq!(house.admin.erase_buyer(&by_order).await.unwrap().value, erased(1));
    assert_eq!((buyer(&house, &ada), buyer(&house, &countess)), (None, Some("ADA@example.org".into())));
    assert_eq!(house.admin.erase_buyer(&EraseBuyer::of_email("Ada@Example.org")).await.unwrap().value, erased(1));
    assert_eq!(buyer(&house, &countess), None);
    for nothing in [by_order, EraseBuyer::of_email("ada@example.org"), EraseBuyer::of_email("nobody@example.org")] {
        assert_eq!(house.admin.erase_buyer(&nothing).await.unwrap().value, erased(0));
    }

    let house = house.restart().await;
    assert_eq!((buyer(&house, &ada), buyer(&house, &countess)), (None, None));
    assert_eq!(buyer(&house, &grace).as_deref(), Some("grace@example.org"));
    for order in [&ada, &countess, &grace] {
        assert_eq!(house.admin.order(&order.order).await.unwrap().value.state, order.state);
        assert_eq!(house.admin.tickets(&order.order).await.unwrap().value.tickets.len(), 1);
    }
    assert!(house.admin.verify().await.unwrap().value.ok);
}

#[tokio::test]
async fn an_erasure_that_is_not_exactly_one_is_refused_and_nothing_is_done() {
    let house = House::open().await;
    let show = house.open_show().await;
    let ada = buy(&house, &show, "A-1", "ada@example.org", "Ada").await;
    let id = &ada.order;
    for (body, status, code) in [
        ("{}".to_owned(), 400, "malformed_request"),
        (format!(r#"{{"order":"{id}","email":"ada@example.org"}}"#), 400, "malformed_request"),
        (format!(r#"{{"order":"{id}","mail":"ada@example.org"}}"#), 400, "malformed_request"),
        (format!(r#"{{"order":"{id}","dryrun":true}}"#), 400, "malformed_request"),
        (r#"{"email":"  "}"#.to_owned(), 422, "email_empty"),
        (r#"{"order":"nonsense"}"#.to_owned(), 404, "order_not_found"),
        (r#"{"order":"019a5b0e-7c00-7000-8001-000000000001"}"#.to_owned(), 404, "order_not_found"),
    ] {
        let answer = house.raw(Method::POST, "/v1/buyers/erase").body(body.clone()).send().await.unwrap();
        let got = answer.status().as_u16();
        let problem: guichet_api::Problem = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!((got, problem.code.as_str()), (status, code), "{body}: {problem:?}");
    }
    // An address in a URL would be in logs.
    let in_query = house.raw(Method::POST, "/v1/buyers/erase?email=ada@example.org").body("{}").send().await.unwrap();
    assert_eq!(in_query.status().as_u16(), 400);
    let shop = house.shop().await;
    assert_eq!(shop.erase_buyer(&EraseBuyer::of_order(id)).await.unwrap_err().problem().unwrap().status, 403);
    assert!(buyer(&house, &ada).is_some());
}

/// What this process logs, at any level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_at_any_level_has_an_address_or_a_name() {
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::filter::LevelFilter::TRACE;
    tracing_subscriber::fmt().with_max_level(everything).with_ansi(false).with_writer(move || writer.clone()).init();
    let house = House::open().await;
    let show = house.open_show().await;
    buy(&house, &show, "A-1", "marked-4711@example.org", "Marked Buyer").await;
    // Also when it is refused, and when it is not even JSON.
    let long = "marked-4711@example.org".repeat(20);
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap().value;
    let mut refused = order(&hold, "approve");
    refused.buyer = Some(Buyer { email: long.clone(), name: "Marked Buyer".into() });
    house.admin.place_order(&refused).await.unwrap_err();
    for body in [r#"{"email":"marked-4711@example.org""#, r#"{"email":"marked-4711@example.org","name":"Marked Buyer"}"#] {
        assert_eq!(house.raw(Method::POST, "/v1/buyers/erase").body(body).send().await.unwrap().status().as_u16(), 400);
    }
    assert_eq!(house.admin.erase_buyer(&EraseBuyer::of_email("Marked-4711@example.org")).await.unwrap().value, erased(1));
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("/v1/buyers/erase") && text.contains("buyers' details were erased"), "{text}");
    let bad: Vec<_> = text.lines().filter(|line| line.to_lowercase().contains("marked")).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn a_request_is_printed_without_its_address() {
    let printed = format!("{:?}", EraseBuyer::of_email("ada@example.org"));
    assert!(!printed.contains("ada"), "{printed}");
}
