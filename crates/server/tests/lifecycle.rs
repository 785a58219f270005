//! Beginning and ending to listen.

mod support;

use std::time::{Duration, Instant};

use guichet_api::{OrderState, StreamFilter};
use guichet_server::{ServerError, bind};
use support::{House, hold_seats, order};

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_way_out() {
    let first = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address).await.unwrap_err();
    assert!(matches!(error, ServerError::PortTaken { .. }));
    let text = error.to_string();
    assert!(text.contains(&address.to_string()) && text.contains("--listen"), "{text}");
    let nowhere = bind(([198, 51, 100, 1], 0).into()).await.unwrap_err();
    assert!(matches!(nowhere, ServerError::NoSuchAddress { .. }), "{nowhere}");
}

#[tokio::test]
async fn a_shutdown_answers_requests_in_flight_and_ends_streams() {
    let house = House::open().await;
    let show = house.open_show().await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let mut events = house.admin.stream(&StreamFilter::default()).await.unwrap();
    let waiting = tokio::spawn({
        let call = house.admin.place_order(&order(&hold, "slow:60000")).wait(Duration::from_secs(30));
        async move { call.await }
    });
    // The order is in when its event comes.
    while events.next().await.unwrap().expect("open").event != "order_placed" {}
    let (client, started) = (house.admin.clone(), Instant::now());
    let (served, engine, _directory) = house.stop();
    let answered = waiting.await.unwrap().unwrap().value;
    assert_eq!(answered.state, OrderState::AwaitingPayment);
    while events.next().await.unwrap().is_some() {}
    served.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(9), "took {:?}", started.elapsed());
    assert!(client.health().await.is_err());
    engine.close().await;
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_a_shutdown() {
    let house = House::open().await;
    let _idle = tokio::net::TcpStream::connect(house.base.strip_prefix("http://").unwrap()).await.unwrap();
    house.admin.health().await.unwrap();
    let started = Instant::now();
    let (served, engine, _directory) = house.stop();
    served.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    engine.close().await;
}
