//! A plan that is revised while the show is sold, as callers see it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use guichet_api::{FollowedSeats, PlanConflict, PlanConflictReason, PlanRevision};
use guichet_core::Guichet;
use reqwest::Method;
use serde_json::{Value, json};
use support::{House, hold_seats, refusal};

async fn drawn(house: &House, show: &str) -> Value {
    serde_json::from_str(&house.admin.show_plan(show).await.unwrap()).unwrap()
}

fn row(plan: &mut Value) -> &mut Vec<Value> {
    plan["rows"][0]["seats"].as_array_mut().unwrap()
}

fn labels(seats: &[&str]) -> Vec<String> {
    seats.iter().map(ToString::to_string).collect()
}

/// Nothing that anybody has done shows that it is not right.
async fn assert_clean(engine: &Guichet) {
    let verdict = engine.verify().await.unwrap();
    assert!(verdict.ok(), "{verdict:#?}");
}

#[tokio::test]
async fn a_plan_is_taken_out_redrawn_tried_and_put_back() {
    let house = House::open().await;
    let show = house.open_show().await;
    house.buy(&show, &["A-1"], "approve").await;
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap().value;
    let mut events = house.admin.follow_seats(&show, None).await.unwrap();
    let mut followed = FollowedSeats::default();
    followed.take(&events.next().await.unwrap().unwrap()).unwrap();

    // As it is, nothing would change.
    let mut plan = drawn(&house, &show).await;
    let same = house.admin.revise_plan(&show, plan.to_string(), true).await.unwrap().value;
    assert_eq!(same, PlanRevision { dry_run: true, ..PlanRevision::default() });

    let first = row(&mut plan).remove(0);
    let second = row(&mut plan).remove(0);
    row(&mut plan).remove(0);
    let mut more = second.clone();
    more["label"] = json!("A");
    row(&mut plan).push(more);
    let tried = house.admin.revise_plan(&show, plan.to_string(), true).await.unwrap().value;
    let conflict = |seat: &str, reason| PlanConflict { seat: seat.into(), reason };
    assert_eq!(tried.conflicts, [conflict("A-1", PlanConflictReason::Booked), conflict("A-2", PlanConflictReason::Held)]);
    assert_eq!((tried.added, tried.withdrawn), (labels(&["A-A"]), labels(&["A-1", "A-2", "A-3"])));
    let refused = house.admin.revise_plan(&show, plan.to_string(), false).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status, &problem.seats), ("plan_conflict", 409, &labels(&["A-1", "A-2"])));

    row(&mut plan).insert(0, second);
    row(&mut plan).insert(0, first);
    row(&mut plan)[1]["category"] = json!(1);
    let revise = || house.admin.revise_plan(&show, plan.to_string(), false).idempotency_key("new row");
    let done = revise().await.unwrap();
    let expected =
        PlanRevision { added: labels(&["A-A"]), withdrawn: labels(&["A-3"]), moved: labels(&["A-2"]), ..PlanRevision::default() };
    assert_eq!(done.value, expected);
    let position = done.position.unwrap();
    let again = revise().await.unwrap();
    assert_eq!((again.value, again.replayed), (expected, true));

    // What was taken out cannot be sold, what is new can, what was sold is as it was, and all of it is told.
    let seats = house.admin.seats(&show, true).min_position(&position).await.unwrap().value;
    assert_eq!(seats.decode().unwrap().to_string(), "bhxffff");
    assert_eq!(seats.labels.unwrap().last().map(String::as_str), Some("A-A"));
    assert_eq!(refusal(house.admin.place_hold(&show, &hold_seats(&["A-3"])).await), ("unknown_seat".into(), 422));
    assert_eq!(refusal(house.admin.place_hold(&show, &hold_seats(&["A-2"])).await), ("seat_not_in_product".into(), 422));
    house.admin.place_hold(&show, &hold_seats(&["A-A"])).await.unwrap();
    house.admin.release_hold(&hold.hold).await.unwrap();
    while followed.states().map(ToString::to_string).as_deref() != Some("bfxfffh") {
        followed.take(&events.next().await.unwrap().unwrap()).unwrap();
    }
    let left = house.admin.availability(&show).await.unwrap().value;
    assert_eq!((left.seats.total.free, left.seats.total.blocked), (4, 0), "a withdrawn seat is not a blocked one");
    let report = house.admin.show_report(&show).await.unwrap().value;
    assert_eq!((report.seats.free, report.seats.blocked), (4, vec![]));
    assert_eq!(row(&mut drawn(&house, &show).await).len(), 6);

    assert_clean(&house.engine).await;
    let house = house.restart().await;
    assert_eq!(house.admin.seats(&show, false).await.unwrap().value.decode().unwrap().to_string(), "bfxfffh");
}

#[tokio::test]
async fn a_plan_that_is_none_is_refused_with_all_its_faults_and_only_an_admin_may_send_one() {
    let house = House::open().await;
    let show = house.open_show().await;
    let mut plan = drawn(&house, &show).await;
    row(&mut plan)[1]["label"] = json!("1");
    row(&mut plan)[2]["category"] = json!(9);
    for dry_run in [true, false] {
        let refused = house.admin.revise_plan(&show, plan.to_string(), dry_run).await.unwrap_err();
        let problem = refused.problem().unwrap();
        assert_eq!((problem.code.as_str(), problem.status), ("invalid_plan", 422));
        assert!(problem.errors.len() >= 2, "{problem:?}");
    }
    let nowhere = "019a5b0e-7c00-7000-8001-000000000001";
    let plan = drawn(&house, &show).await.to_string();
    assert_eq!(refusal(house.admin.revise_plan(nowhere, plan.clone(), false).await), ("show_not_found".into(), 404));
    assert_eq!(refusal(house.admin.revise_plan(nowhere, plan.clone(), true).await), ("show_not_found".into(), 404));
    assert_eq!(refusal(house.shop().await.revise_plan(&show, plan, true).await), ("scope_missing".into(), 403));
    let asked = house.raw(Method::POST, &format!("/v1/shows/{show}/plan?dry_run=maybe")).body("{}").send().await.unwrap();
    assert_eq!(asked.status(), 400);
}
