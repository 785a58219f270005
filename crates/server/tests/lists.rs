//! Lists: pages, filters, and only the fields that are asked for.

mod support;

use std::collections::BTreeSet;

use guichet_api::{CreateApiKey, CreateOrganiser, KeyFilter, SaleState, Scope, ShowFilter};
use reqwest::Method;
use serde_json::{Value, json};
use support::{House, refusal};

#[tokio::test]
async fn pages_together_are_the_list() {
    let house = House::open().await;
    let admin = &house.admin;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(house.draft_show().await);
    }
    for limit in [1, 2, 5, 6] {
        let (mut told, mut pages) = (Vec::new(), admin.shows(&ShowFilter::default()).pages(limit));
        while let Some(page) = pages.next().await.unwrap() {
            assert!(!page.is_empty() && page.len() <= limit as usize);
            told.extend(page);
        }
        assert_eq!(told, made, "{limit} on a page");
    }
    let venues: Vec<String> = made.iter().map(|show| show.venue.clone()).collect();
    let first = admin.venues().limit(2).await.unwrap().value;
    let rest = admin.venues().after(first.next.as_deref().unwrap()).await.unwrap().value;
    assert!(rest.next.is_none());
    assert_eq!(first.venues.into_iter().chain(rest.venues).map(|venue| venue.venue).collect::<Vec<_>>(), venues);
    for call in [admin.shows(&ShowFilter::default()).after("x").await.map(drop), admin.venues().after("7").await.map(drop)] {
        assert_eq!(refusal(call), ("malformed_cursor".into(), 400));
    }
    // More than a page of those that a client gathers in one call.
    for number in 0..501 {
        let name = format!("key {number}");
        admin.create_key(&CreateApiKey { name, scope: Scope::Shop, organiser: None, requests_per_s: None }).await.unwrap();
    }
    let shops = admin.keys(&KeyFilter { scope: Some(Scope::Shop), ..KeyFilter::default() });
    let names: BTreeSet<String> = shops.all().await.unwrap().into_iter().map(|key| key.name).collect();
    assert_eq!(names.len(), 501);
}

#[tokio::test]
async fn filters_hold_for_every_page() {
    let house = House::open().await;
    let admin = &house.admin;
    let organiser = admin.create_organiser(&CreateOrganiser { name: "Circuit".into() }).await.unwrap().value.organiser;
    let venue = admin.create_venue(support::PLAN).await.unwrap().value.venue;
    let (mut open, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..6 {
        let draft = guichet_api::CreateShow { organiser: (number % 3 == 0).then(|| organiser.clone()), ..support::show(&venue) };
        let show = admin.create_show(&draft).await.unwrap().value.show;
        if number % 2 == 0 {
            admin.open_show(&show).await.unwrap();
            open.push(show.clone());
        }
        if number % 3 == 0 {
            theirs.push(show);
        }
    }
    let elsewhere = house.draft_show().await;
    let listed = async |filter: ShowFilter| {
        let (mut ids, mut pages) = (Vec::new(), admin.shows(&filter).pages(2));
        while let Some(page) = pages.next().await.unwrap() {
            ids.extend(page.into_iter().map(|show| show.show));
        }
        ids
    };
    assert_eq!(listed(ShowFilter { sale: Some(SaleState::Open), ..ShowFilter::default() }).await, open);
    assert_eq!(listed(ShowFilter { organiser: Some(organiser.clone()), ..ShowFilter::default() }).await, theirs);
    assert_eq!(listed(ShowFilter { venue: Some(elsewhere.venue), ..ShowFilter::default() }).await, [elsewhere.show]);
    let both = ShowFilter { organiser: Some(organiser), sale: Some(SaleState::Draft), ..ShowFilter::default() };
    assert_eq!(listed(both).await, [theirs[1].clone()]);
    let nobody = ShowFilter { organiser: Some(theirs[0].clone()), ..ShowFilter::default() };
    assert!(admin.shows(&nobody).await.unwrap().value.shows.is_empty());
}

#[tokio::test]
async fn only_the_fields_that_are_asked_for() {
    let house = House::open().await;
    let show = house.draft_show().await;
    let ask = async |path: &str| {
        let answer = house.raw(Method::GET, path).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let thin = json!({"shows": [{"show": show.show, "name": show.name}]});
    assert_eq!(ask("/v1/shows?fields=show,name").await, (200, thin.clone()));
    assert_eq!(ask("/v1/shows?limit=7&fields=name,%20show").await, (200, thin));
    let whole = ask("/v1/shows").await.1;
    assert_eq!(whole["shows"][0], serde_json::to_value(&show).unwrap());
    house.draft_show().await;
    let first = ask("/v1/venues?limit=1&fields=seats").await.1;
    assert_eq!(first["venues"], json!([{"seats": 6}]));
    assert!(first["next"].is_string(), "what is beside the list stays");

    let (status, problem) = ask("/v1/keys?fields=name,secret").await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("malformed_query")));
    assert!(problem["detail"].as_str().unwrap().contains("secret") && problem["advice"].as_str().unwrap().contains("last_used_at"));
    for empty in ["", "name,", ",name"] {
        let (status, problem) = ask(&format!("/v1/shows?fields={empty}")).await;
        assert_eq!((status, &problem["code"]), (400, &"malformed_query".into()), "{empty}: {problem}");
    }
    let (status, problem) = ask("/v1/shows?fields=name&cursor=x").await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("malformed_cursor")), "a problem stays whole");
    let path = format!("/v1/shows/{}?fields=name", show.show);
    assert_eq!(ask(&path).await.1["code"], "unknown_parameter");
}
