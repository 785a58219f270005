//! What a show limits: when it is sold, how much one buyer may have, what a late cancellation costs; and how the show says so.

mod support;

use std::time::Duration;

use guichet_api::{CancellationFee, CheckInList, CreateShow, LatePayment, PlaceHold};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use support::{House, eur, hold_quantity, hold_seats, refusal};

#[tokio::test]
async fn one_buyer_has_as_many_places_as_the_show_allows() {
    let house = House::open().await;
    let show = house.open_show_with(|show| CreateShow { per_buyer_max: Some(3), ..show }).await;
    let hold = |seats: &[&str], buyer: &str| PlaceHold { buyer_ref: Some(buyer.into()), ..hold_seats(seats) };
    assert_eq!(refusal(house.admin.place_hold(&show, &hold_seats(&["A-1"])).await), ("buyer_ref_required".into(), 422));
    let first = house.admin.place_hold(&show, &hold(&["A-1", "A-2"], "ada")).await.unwrap().value;
    let refused = house.admin.place_hold(&show, &hold(&["A-3", "A-4"], "ada")).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("limit_exceeded", 409));
    assert_eq!((problem.limit, problem.has, problem.requested), (Some(3), Some(2), Some(2)));
    house.admin.place_hold(&show, &hold(&["A-3", "A-4"], "bob")).await.unwrap();
    house.admin.release_hold(&first.hold).await.unwrap();
    house.admin.place_hold(&show, &hold(&["A-1", "A-2"], "ada")).await.unwrap();
}

#[tokio::test]
async fn outside_its_window_nothing_is_sold_and_the_answer_says_when() {
    let house = House::open().await;
    let (past, future) = (Timestamp::now() - Duration::from_secs(60), Timestamp::now() + Duration::from_secs(3_600));
    let milliseconds = |time: Timestamp| Some(Timestamp::from_millisecond(time.as_millisecond()).unwrap());
    let later = house.open_show_with(|show| CreateShow { sale_opens_at: Some(future), ..show }).await;
    let refused = house.admin.place_hold(&later, &hold_seats(&["A-1"])).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.status), ("outside_sale_window", 409));
    assert_eq!((problem.opens_at, problem.closes_at, problem.product.as_deref()), (milliseconds(future), None, None));

    let show = house.open_show_with(|mut show| {
        show.products[0].sale_closes_at = Some(past);
        CreateShow { sale_opens_at: Some(past), sale_closes_at: Some(future), ..show }
    });
    let show = show.await;
    let refused = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code.as_str(), problem.product.as_deref()), ("outside_sale_window", Some("Seat")));
    assert_eq!((problem.opens_at, problem.closes_at), (None, milliseconds(past)));
    assert!(problem.detail.contains("\"Seat\""), "{}", problem.detail);
    house.admin.place_hold(&show, &hold_quantity("Standing", 1)).await.unwrap();
}

#[tokio::test]
async fn a_show_says_what_it_was_made_with_and_what_holds_where_nothing_was_said() {
    let house = House::open().await;
    let plain = house.draft_show().await;
    assert_eq!((plain.transfer_deadline_s, plain.late_payment, plain.per_buyer_max), (7 * 86_400, LatePayment::SameSeat, None));
    assert_eq!((plain.sale_opens_at, plain.cancellation_fees.len()), (None, 0));
    assert_eq!(plain.check_in_lists, [CheckInList { name: "main".into(), products: vec![] }]);

    let mut request = support::show(&plain.venue);
    request.transfer_deadline_s = Some(86_400);
    request.sale_opens_at = Some("2027-01-01T08:00:00Z".parse().unwrap());
    request.sale_closes_at = Some("2027-05-01T18:00:00Z".parse().unwrap());
    request.per_buyer_max = Some(6);
    request.late_payment = Some(LatePayment::EquivalentSeat);
    request.cancellation_fees = vec![
        CancellationFee { within_s: 172_800, price_percent: "12.5".parse().unwrap(), fixed: None },
        CancellationFee { within_s: 86_400, price_percent: "100".parse().unwrap(), fixed: Some(eur(250)) },
    ];
    request.check_in_lists = vec![CheckInList { name: "stalls".into(), products: vec!["Seat".into(), "Better seat".into()] }];
    request.products[2].sale_opens_at = Some("2027-04-01T08:00:00Z".parse().unwrap());
    let made = house.admin.create_show(&request).await.unwrap().value;
    assert_eq!((made.transfer_deadline_s, made.per_buyer_max, made.late_payment), (86_400, Some(6), LatePayment::EquivalentSeat));
    assert_eq!((made.sale_opens_at, made.sale_closes_at), (request.sale_opens_at, request.sale_closes_at));
    assert_eq!((&made.cancellation_fees, &made.check_in_lists), (&request.cancellation_fees, &request.check_in_lists));
    assert_eq!(made.products[2].sale_opens_at, request.products[2].sale_opens_at);
    assert_eq!(house.admin.show(&made.show).await.unwrap().value, made);
    let wire: Value = house.raw(Method::GET, &format!("/v1/shows/{}", made.show)).send().await.unwrap().json().await.unwrap();
    assert_eq!(wire["cancellation_fees"][0], json!({"within_s": 172_800, "price_percent": 12.5}));
    let fixed = json!({"amount_minor": 250, "currency": "EUR"});
    assert_eq!(wire["cancellation_fees"][1], json!({"within_s": 86_400, "price_percent": 100, "fixed": fixed}));
}

#[tokio::test]
async fn a_rule_that_cannot_be_kept_exactly_is_refused() {
    let house = House::open().await;
    let venue = house.draft_show().await.venue;
    let usual = serde_json::to_value(support::show(&venue)).unwrap();
    let franc = json!({"amount_minor": 100, "currency": "CHF"});
    let cases = [
        (json!({"cancellation_fees": [{"within_s": 60, "price_percent": 12.345}]}), 400, "12.345"),
        (json!({"cancellation_fees": [{"within_s": 60, "price_percent": 100.5}]}), 400, "100.5"),
        (json!({"cancellation_fees": [{"within_s": 60, "price_percent": 10, "fixed": franc}]}), 422, "CHF"),
        (json!({"late_payment": "whatever"}), 400, "whatever"),
        (json!({"check_in_lists": [{"name": "main", "products": ["Box"]}]}), 422, "Box"),
        (json!({"check_in_lists": [{"name": "main", "people": []}]}), 400, "people"),
        (json!({"per_buyer_max": 0}), 422, "0"),
        (json!({"sale_opens_at": "2027-05-02T00:00:00Z", "sale_closes_at": "2027-05-01T00:00:00Z"}), 422, "close"),
        (json!({"sale_opens_at": "1969-05-02T00:00:00Z"}), 422, "1970"),
    ];
    for (change, status, named) in cases {
        let mut show = usual.clone();
        show.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = house.raw(Method::POST, "/v1/shows").body(show.to_string()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{change}");
        let problem: guichet_api::Problem = answer.json().await.unwrap();
        assert!(problem.detail.contains(named), "{change}: {problem:?}");
    }
}
