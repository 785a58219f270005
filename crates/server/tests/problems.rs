//! The shape of everything that is not done, and of what stands on every answer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use guichet_api::Problem;
use reqwest::{Method, Response};
use support::{House, hold_seats};

async fn problem(answer: Response) -> Problem {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("guichet-position"));
    assert_eq!(answer.headers()["guichet-durability"], "fsync");
    let status = answer.status().as_u16();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(problem.status, status);
    assert_eq!(problem.kind, format!("urn:guichet:problem:{}", problem.code));
    assert!(!problem.title.is_empty() && !problem.detail.is_empty() && !problem.advice.is_empty(), "{problem:?}");
    problem
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_a_problem() {
    let house = House::open().await;
    let show = house.open_show().await;
    let holds = format!("/v1/shows/{show}/holds");
    let best = r#"{"items":[{"product":"Seat","quantity":2,"best_available":{"colour":"red"}}]}"#;
    let both = r#"{"items":[{"product":"Seat","quantity":2,"seats":["A-1"]}]}"#;
    let cases: &[(Method, &str, &str, u16, &str, &str)] = &[
        (Method::GET, "/v1/nothing", "", 404, "route_not_found", "/v1/nothing"),
        (Method::PUT, "/v1/shows", "", 405, "method_not_allowed", "PUT"),
        (Method::POST, &holds, "{", 400, "malformed_json", "line 1"),
        (Method::POST, &holds, best, 400, "malformed_request", "colour"),
        (Method::POST, &holds, r#"{"items":[]}"#, 422, "empty_hold", ""),
        (Method::POST, &holds, both, 422, "wrong_claim", "Seat"),
        (Method::POST, &holds, r#"{"items":[{"product":"Box","quantity":1}]}"#, 422, "unknown_product", "Box"),
        (Method::POST, &holds, r#"{"items":[{"product":"Seat","seats":["Q-1"]}]}"#, 422, "unknown_seat", "Q-1"),
        (Method::POST, &holds, r#"{"items":[{"product":"Seat","seats":["A-5"]}]}"#, 422, "seat_not_in_product", "A-5"),
        (Method::POST, &holds, r#"{"items":[{"product":"Seat","quantity":1}]}"#, 422, "wrong_claim", "Seat"),
        (Method::POST, &holds, r#"{"items":[{"product":"Standing","quantity":1}],"ttl_s":0}"#, 422, "ttl_out_of_range", ""),
        (Method::GET, "/v1/shows/nonsense", "", 404, "show_not_found", "nonsense"),
        (Method::GET, "/v1/holds/019a5b0e-7c00-7000-8001-0000000000ff", "", 404, "hold_not_found", ""),
        (Method::GET, "/v1/holds/019a5b0e-7c00-7000-bfff-0000000000ff", "", 404, "hold_not_found", ""),
        (Method::GET, "/v1/shows?colour=red", "", 400, "unknown_parameter", "colour"),
        (Method::GET, "/v1/orders?state=lost", "", 400, "malformed_query", ""),
        (Method::GET, "/v1/shows?min_position=x", "", 400, "malformed_position", "x"),
    ];
    for (method, path, body, status, code, named) in cases {
        let answer = house.raw(method.clone(), path).body((*body).to_owned()).send().await.unwrap();
        let problem = problem(answer).await;
        assert_eq!((problem.status, problem.code.as_str()), (*status, *code), "{method} {path} {body}: {problem:?}");
        assert!(problem.detail.contains(named), "{problem:?}");
    }
}

#[tokio::test]
async fn all_faults_of_a_plan_come_at_once() {
    let house = House::open().await;
    let broken = support::PLAN.replace("\"label\": \"2\"", "\"label\": \"1\"").replace("\"capacity\": 20", "\"capacity\": -1");
    let answer = house.raw(Method::POST, "/v1/venues").body(broken).send().await.unwrap();
    let problem = problem(answer).await;
    assert_eq!(problem.code, "invalid_plan");
    assert!(problem.errors.len() >= 2, "{:?}", problem.errors);
    assert!(problem.errors.iter().all(|error| !error.path.is_empty() && !error.what.is_empty()));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let house = House::open().await;
    let answer = house.raw(Method::POST, "/v1/orders").body(vec![b' '; (1 << 20) + 1]).send().await.unwrap();
    assert_eq!(problem(answer).await.code, "body_too_large");
}

#[tokio::test]
async fn a_sale_that_is_not_open_sells_nothing() {
    let house = House::open().await;
    let show = house.draft_show().await.show;
    let refused = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap_err();
    assert_eq!((refused.code(), refused.problem().unwrap().status), (Some("sale_not_open"), 409));
    assert!(refused.problem().unwrap().detail.contains("draft"));
}

#[tokio::test]
async fn a_show_that_names_what_is_not_there_is_refused() {
    let house = House::open().await;
    let venue = house.admin.create_venue(support::PLAN).await.unwrap().value.venue;
    let mut show = support::show(&venue);
    show.products[0].categories = vec!["Royal".into()];
    let refused = house.admin.create_show(&show).await.unwrap_err();
    assert_eq!(refused.code(), Some("invalid_show"));
    assert!(refused.problem().unwrap().detail.contains("Royal"));
    let mut show = support::show(&venue);
    show.products[0].price.currency = "JPY".into();
    assert_eq!(house.admin.create_show(&show).await.unwrap_err().code(), Some("invalid_show"));
    let nowhere = support::show("019a5b0e-7c00-7000-8000-0000000000ff");
    assert_eq!(house.admin.create_show(&nowhere).await.unwrap_err().code(), Some("venue_not_found"));
}
