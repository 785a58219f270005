//! Who may call what.

#![allow(clippy::unwrap_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use guichet_api::{
    BatchCommand, BatchOutcome, BatchPlaceHold, CancelOrder, Client, CreateApiKey, CreateOrganiser, CreateShow, HoldState, KeyFilter,
    OrderFilter, PlaceOrder, RotateApiKey, Scope, ShowFilter, StreamFilter,
};
use reqwest::Method;
use support::{House, PLAN, hold_seats, order};

/// Scopes by letter, in the order of [`SCOPES`]: Admin, Organiser, Sales, shop (W, the web), Check-in, Read-only.
const LETTERS: &str = "AOSWCR";
const SCOPES: [Scope; 6] = [Scope::Admin, Scope::Organiser, Scope::Sales, Scope::Shop, Scope::CheckIn, Scope::ReadOnly];

/// Method and path as described, who may call, the status for them, for a shop without a hold token, and for keys of another
/// organiser; then the body. Most bodies ask for what cannot be, so that every key gets the same answer.
struct Row(&'static str, &'static str, &'static str, u16, Option<u16>, u16, &'static str);

const NO_TOKEN: Option<u16> = Some(403);
const MONEY: &str = r#"{"amount":{"amount_minor":1,"currency":"EUR"},"reference":"r"}"#;

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    Row("POST", "/v1/venues", "AO", 201, None, 201, PLAN),
    Row("GET", "/v1/venues", "AOSR", 200, None, 200, ""),
    Row("GET", "/v1/venues/{venue}", "AOSR", 200, None, 404, ""),
    Row("GET", "/v1/venues/{venue}/plan", "AOSR", 200, None, 404, ""),
    Row("POST", "/v1/shows", "AO", 422, None, 404, r#"{"venue":"{venue}","organiser":"{organiser}","name":"","currency":"EUR","products":[]}"#),
    Row("GET", "/v1/shows", LETTERS, 200, None, 200, ""),
    Row("GET", "/v1/shows/{show}", LETTERS, 200, None, 404, ""),
    Row("GET", "/v1/shows/{show}/plan", "AOSWR", 200, None, 404, ""),
    Row("POST", "/v1/shows/{show}/plan", "AO", 200, None, 404, PLAN),
    Row("POST", "/v1/shows/{show}/open", "AO", 200, None, 404, ""),
    Row("GET", "/v1/shows/{show}/availability", "AOSWR", 200, None, 404, ""),
    Row("GET", "/v1/shows/{show}/seats", "AOSWR", 200, None, 404, ""),
    Row("GET", "/v1/shows/{show}/seats/stream", "AOSWR", 200, None, 404, ""),
    Row("POST", "/v1/shows/{show}/holds", "AOSW", 422, None, 404, r#"{"items":[{"product":"nothing","quantity":1}]}"#),
    Row("GET", "/v1/holds/{hold}", "AOSWR", 200, NO_TOKEN, 404, ""),
    Row("POST", "/v1/holds/{hold}/extend", "AOSW", 409, NO_TOKEN, 404, r#"{"ttl_s":60}"#),
    Row("DELETE", "/v1/holds/{hold}", "AOSW", 409, NO_TOKEN, 404, ""),
    Row("POST", "/v1/orders", "AOSW", 409, NO_TOKEN, 404, r#"{"holds":["{hold}"],"payment":{"provider":"simulated","token":"approve"}}"#),
    Row("GET", "/v1/orders", "AOSR", 200, None, 200, ""),
    Row("GET", "/v1/orders/{order}", "AOSWR", 200, NO_TOKEN, 404, ""),
    Row("GET", "/v1/orders/{order}/tickets", "AOSW", 200, NO_TOKEN, 404, ""),
    Row("POST", "/v1/shows/{show}/seats/block", "AOS", 422, None, 404, r#"{"seats":["Z-9"],"reason":"r"}"#),
    Row("POST", "/v1/shows/{show}/seats/unblock", "AOS", 422, None, 404, r#"{"seats":["Z-9"]}"#),
    Row("GET", "/v1/shows/{show}/report", "AOSR", 200, None, 404, ""),
    Row("POST", "/v1/shows/{show}/check-ins", "AOC", 422, None, 404, r#"{"code":"no ticket","gate":"g"}"#),
    Row("GET", "/v1/shows/{show}/check-in-lists", "AOC", 200, None, 404, ""),
    Row("GET", "/v1/shows/{show}/check-in-lists/{list}", "AOC", 200, None, 404, ""),
    Row("POST", "/v1/orders/{order}/cancel", "AOSW", 422, NO_TOKEN, 404, r#"{"positions":[99]}"#),
    Row("POST", "/v1/orders/{order}/refunds", "AO", 200, None, 404, r#"{"amount":{"amount_minor":1,"currency":"EUR"}}"#),
    Row("POST", "/v1/orders/{order}/payments", "AOS", 422, None, 404, MONEY),
    Row("POST", "/v1/orders/{order}/payouts", "AO", 422, None, 404, MONEY),
    Row("POST", "/v1/orders/{order}/late-payment", "AO", 409, None, 404, r#"{"policy":"refund"}"#),
    // A saga that is stuck is another test's.
    Row("POST", "/v1/sagas/{saga}/retry", "AO", 404, None, 404, ""),
    Row("GET", "/v1/stream", "AOSR", 200, None, 200, ""),
    // What is in a batch is another test's.
    Row("POST", "/v1/batch", "AOS", 200, None, 200, "[]"),
    Row("POST", "/v1/keys", "AO", 201, None, 201, r#"{"name":"made","scope":"shop"}"#),
    Row("GET", "/v1/keys", "AO", 200, None, 200, ""),
    Row("POST", "/v1/keys/{key}/rotate", "AO", 200, None, 404, "{}"),
    // A key that is there is another test's.
    Row("DELETE", "/v1/keys/{nothing}", "AO", 404, None, 404, ""),
    Row("GET", "/v1/organisers", "AOSR", 200, None, 200, ""),
    Row("POST", "/v1/organisers", "A", 422, None, 403, r#"{"name":""}"#),
    Row("GET", "/v1/ticket-keys", LETTERS, 200, None, 200, ""),
    Row("POST", "/v1/ticket-keys/rotate", "A", 201, None, 403, ""),
    Row("POST", "/v1/buyers/erase", "A", 200, None, 403, r#"{"email":"nobody@example.com"}"#),
    Row("POST", "/v1/snapshots", "A", 200, None, 403, ""),
    // Of the whole house: a key that only looks must be of no organiser.
    Row("GET", "/v1/status", "A", 200, None, 403, ""),
    // Not in this test, where the log is nobody's.
    Row("GET", "/v1/log-filter", "A", 409, None, 403, ""),
    Row("POST", "/v1/log-filter", "A", 409, None, 403, r#"{"filter":"info"}"#),
    Row("GET", "/v1/verify", "A", 200, None, 403, ""),
    Row("POST", "/v1/shows/{show}/pause", "AO", 200, None, 404, ""),
    Row("POST", "/v1/shows/{show}/close", "AO", 200, None, 404, ""),
];

/// What everybody may ask, from this machine.
const OPEN: &[&str] = &["/metrics", "/healthz", "/readyz", "/openapi.json", "/docs", "/docs/errors", "/docs/errors/{code}"];

/// An organiser with a venue, a show on sale, and a key of each scope; the admin key is of nobody.
struct Seller {
    organiser: String,
    venue: String,
    show: String,
    secrets: Vec<String>,
}

impl Seller {
    async fn new(house: &House, name: &str) -> Self {
        let organiser = house.admin.create_organiser(&CreateOrganiser { name: name.into() }).await.unwrap().value.organiser;
        let venue = house.admin.create_venue(PLAN).query(&[("organiser", &organiser)]).await.unwrap().value.venue;
        let show = CreateShow { organiser: Some(organiser.clone()), ..support::show(&venue) };
        let show = house.admin.create_show(&show).await.unwrap().value.show;
        house.admin.open_show(&show).await.unwrap();
        let mut secrets = Vec::new();
        for scope in SCOPES {
            let organiser = (scope != Scope::Admin).then(|| organiser.clone());
            let key = CreateApiKey { organiser, ..CreateApiKey::new(format!("{name} {scope}"), scope) };
            secrets.push(house.admin.create_key(&key).await.unwrap().value.secret);
        }
        Self { organiser, venue, show, secrets }
    }

    fn client(&self, house: &House, scope: Scope) -> Client {
        let place = SCOPES.iter().position(|known| *known == scope).unwrap();
        house.admin.with_key(Some(&self.secrets[place]))
    }
}

#[tokio::test]
async fn every_route_opens_for_whom_it_should() {
    let house = House::open().await;
    let (ours, theirs) = (Seller::new(&house, "ours").await, Seller::new(&house, "theirs").await);
    let hold = house.admin.place_hold(&ours.show, &hold_seats(&["A-1"])).await.unwrap().value;
    let order = house.admin.place_order(&order(&hold, "approve")).wait(Duration::from_secs(10)).await.unwrap().value;
    let spare = CreateApiKey { organiser: Some(ours.organiser.clone()), ..CreateApiKey::new("spare", Scope::Sales) };
    let key = house.admin.create_key(&spare).await.unwrap().value.key;
    house.lists_are_there().await;
    let names = [
        ("{show}", &*ours.show),
        ("{venue}", &ours.venue),
        ("{hold}", &hold.hold),
        ("{order}", &order.order),
        ("{organiser}", &ours.organiser),
        ("{saga}", "019a5b0e-7c00-7000-8001-00000000ffff"),
        ("{nothing}", "019a5b0e-7c00-7000-8000-00000000ffff"),
        ("{key}", &key),
        ("{list}", "main"),
    ];
    let filled = |text: &str| names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
    let http = reqwest::Client::new();
    for Row(method, path, allowed, good, shop, foreign, body) in MATRIX {
        let ask = async |secret: Option<&str>| {
            let request = http.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{}", house.base, filled(path)));
            let request = if body.is_empty() { request } else { request.body(filled(body)) };
            let request = if let Some(secret) = secret { request.bearer_auth(secret) } else { request };
            request.send().await.unwrap()
        };
        let check = async |who: &str, secret: Option<&str>, expected: u16| {
            let answer = ask(secret).await;
            let status = answer.status().as_u16();
            if status != expected {
                panic!("{method} {path} with {who}: {status} and not {expected}: {}", answer.text().await.unwrap());
            }
        };
        check("no key", None, 401).await;
        check("a wrong key", Some("gk_wrong"), 401).await;
        for (place, scope) in SCOPES.into_iter().enumerate() {
            let may = allowed.contains(LETTERS.as_bytes()[place] as char);
            let expected = match (may, scope, shop) {
                (false, ..) => 403,
                (true, Scope::Shop, Some(without_token)) => *without_token,
                _ => *good,
            };
            check(&format!("our key of scope {scope}"), Some(&ours.secrets[place]), expected).await;
            let expected = match (may, scope, shop) {
                (false, ..) => 403,
                (true, Scope::Admin, _) => *good,
                (true, Scope::Shop, Some(without_token)) => *without_token,
                _ => *foreign,
            };
            check(&format!("their key of scope {scope}"), Some(&theirs.secrets[place]), expected).await;
        }
    }
    for path in OPEN {
        let path = path.replace("{code}", "sold_out");
        assert_eq!(http.get(format!("{}{path}", house.base)).send().await.unwrap().status().as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_matrix_has_every_route() {
    let house = House::open().await;
    let described: serde_json::Value = house.raw(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    let described: BTreeSet<String> = described["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase())))
        .collect();
    let open = OPEN.iter().map(|path| format!("GET {path}"));
    let rows = MATRIX.iter().map(|Row(method, path, ..)| format!("{method} {}", path.replace("{nothing}", "{key}")));
    assert_eq!(rows.chain(open).collect::<BTreeSet<_>>(), described);
}

#[tokio::test]
async fn whoever_looks_on_at_the_whole_house_sees_how_it_is() {
    let house = House::open().await;
    let watcher = house.with_new_key(Scope::ReadOnly).await;
    watcher.status().await.unwrap();
    let proxied = reqwest::Client::new().get(format!("{}/metrics", house.base)).header("x-forwarded-for", "198.51.100.7");
    let secret = house.admin.create_key(&CreateApiKey::new("prometheus", Scope::ReadOnly)).await.unwrap().value.secret;
    assert_eq!(proxied.bearer_auth(secret).send().await.unwrap().status().as_u16(), 200);
    assert_eq!(watcher.verify().await.unwrap_err().code(), Some("scope_missing"));
}

#[tokio::test]
async fn lists_have_what_the_key_reaches() {
    let house = House::open().await;
    let (ours, theirs) = (Seller::new(&house, "ours").await, Seller::new(&house, "theirs").await);
    let of_nobody = house.open_show().await;
    house.lists_are_there().await;
    let mut orders = Vec::new();
    for show in [&ours.show, &theirs.show, &of_nobody] {
        orders.push(house.buy(show, &["A-1"], "approve").await.order);
    }
    let office = ours.client(&house, Scope::Organiser);
    let common = house.admin.show(&of_nobody).await.unwrap().value.venue;
    let shows = office.shows(&ShowFilter::default()).await.unwrap().value.shows;
    assert_eq!(shows.iter().map(|show| &show.show).collect::<Vec<_>>(), [&ours.show]);
    assert_eq!(shows[0].organiser.as_ref(), Some(&ours.organiser));
    let venues: BTreeSet<_> = office.venues().await.unwrap().value.venues.into_iter().map(|venue| venue.venue).collect();
    assert_eq!(venues, BTreeSet::from([ours.venue.clone(), common]), "its own, and what all may use");
    let organisers = office.organisers().await.unwrap().value.organisers;
    assert_eq!(organisers.iter().map(|organiser| &organiser.organiser).collect::<Vec<_>>(), [&ours.organiser]);
    assert!(office.keys(&KeyFilter::default()).await.unwrap().value.keys.iter().all(|key| key.organiser.as_ref() == Some(&ours.organiser)));
    let filter = OrderFilter::default();
    let listed = async |client: &Client| {
        // The lists follow the journal.
        while house.admin.orders(&filter).await.unwrap().value.orders.len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        client.orders(&filter).await.unwrap().value.orders.into_iter().map(|order| order.order).collect::<Vec<_>>()
    };
    assert_eq!(listed(&office).await, orders[..1]);
    assert_eq!(listed(&theirs.client(&house, Scope::ReadOnly)).await, orders[1..2]);
    assert_eq!(listed(&house.admin).await.len(), 3);
    let of_theirs = OrderFilter { show: Some(theirs.show.clone()), ..OrderFilter::default() };
    assert_eq!(office.orders(&of_theirs).await.unwrap_err().code(), Some("show_not_found"));
}

#[tokio::test]
async fn an_organiser_has_an_office_of_its_own() {
    let house = House::open().await;
    let (ours, theirs) = (Seller::new(&house, "ours").await, Seller::new(&house, "theirs").await);
    let office = ours.client(&house, Scope::Organiser);

    let show = office.create_show(&support::show(&ours.venue)).await.unwrap().value;
    assert_eq!(show.organiser.as_ref(), Some(&ours.organiser), "without being named");
    assert_eq!(office.create_show(&support::show(&theirs.venue)).await.unwrap_err().code(), Some("venue_not_found"));
    let mut asking = support::show(&theirs.venue);
    asking.products[0].categories = vec!["What do they have?".into()];
    assert_eq!(office.create_show(&asking).await.unwrap_err().code(), Some("venue_not_found"), "and not what its plan has");
    let named = CreateShow { organiser: Some(theirs.organiser.clone()), ..support::show(&ours.venue) };
    assert_eq!(office.create_show(&named).await.unwrap_err().code(), Some("organiser_not_found"));
    assert_eq!(office.create_venue(PLAN).await.unwrap().value.organiser.as_ref(), Some(&ours.organiser));

    let made = office.create_key(&CreateApiKey::new("till", Scope::Sales)).await.unwrap().value;
    assert_eq!(made.organiser.as_ref(), Some(&ours.organiser));
    assert_eq!(office.create_key(&CreateApiKey::new("all", Scope::Admin)).await.unwrap_err().code(), Some("scope_missing"));
    let foreign = CreateApiKey { organiser: Some(theirs.organiser.clone()), ..CreateApiKey::new("spy", Scope::ReadOnly) };
    assert_eq!(office.create_key(&foreign).await.unwrap_err().code(), Some("organiser_not_found"));
    let others = theirs.client(&house, Scope::Organiser);
    assert_eq!(others.revoke_key(&made.key).await.unwrap_err().code(), Some("key_not_found"));
    office.revoke_key(&made.key).await.unwrap();
    let admin_key =
        house.admin.keys(&KeyFilter::default()).await.unwrap().value.keys.into_iter().find(|key| key.name == "test").unwrap().key;
    assert_eq!(office.revoke_key(&admin_key).await.unwrap_err().code(), Some("key_not_found"));

    let batch = |show: &str| {
        let items = hold_seats(&["A-3"]).items;
        vec![BatchCommand::PlaceHold(BatchPlaceHold { show: show.into(), items, ttl_s: None, buyer_ref: None, idempotency_key: None })]
    };
    let replies = office.batch(&batch(&theirs.show)).await.unwrap().value;
    assert!(matches!(&replies[0].outcome, BatchOutcome::Problem(problem) if problem.code == "show_not_found"), "{replies:?}");
    let replies = office.batch(&batch(&ours.show)).await.unwrap().value;
    assert!(matches!(&replies[0].outcome, BatchOutcome::Hold(_)), "{replies:?}");
}

#[tokio::test]
async fn the_box_office_sells_without_tokens_and_gives_no_money_away() {
    let house = House::open().await;
    let ours = Seller::new(&house, "ours").await;
    let desk = ours.client(&house, Scope::Sales);
    let hold = desk.place_hold(&ours.show, &hold_seats(&["A-1"])).await.unwrap().value;
    desk.hold(&hold.hold).await.unwrap();
    let request = PlaceOrder { tokens: vec![], ..order(&hold, "approve") };
    let bought = desk.place_order(&request).wait(Duration::from_secs(10)).await.unwrap().value;
    assert_eq!(desk.tickets(&bought.order).await.unwrap().value.tickets.len(), 1);
    let waived = CancelOrder { waive_fee: true, ..CancelOrder::default() };
    assert_eq!(desk.cancel_order(&bought.order, &waived).await.unwrap_err().code(), Some("scope_missing"));
    desk.cancel_order(&bought.order, &CancelOrder::default()).await.unwrap();
}

#[tokio::test]
async fn another_organisers_token_opens_nothing() {
    let house = House::open().await;
    let (ours, theirs) = (Seller::new(&house, "ours").await, Seller::new(&house, "theirs").await);
    let (shop, other) = (ours.client(&house, Scope::Shop), theirs.client(&house, Scope::Shop));
    let hold = shop.place_hold(&ours.show, &hold_seats(&["A-1"])).await.unwrap().value;
    let token = hold.token.clone().unwrap();
    assert_eq!(other.hold(&hold.hold).hold_token(&token).await.unwrap_err().code(), Some("hold_not_found"));
    assert_eq!(other.release_hold(&hold.hold).hold_token(&token).await.unwrap_err().code(), Some("hold_not_found"));
    assert_eq!(other.place_order(&order(&hold, "approve")).await.unwrap_err().code(), Some("hold_not_found"));
    let bought = shop.place_order(&order(&hold, "approve")).await.unwrap().value;
    assert_eq!(other.order(&bought.order).hold_token(&token).await.unwrap_err().code(), Some("order_not_found"));
    shop.order(&bought.order).hold_token(&token).await.unwrap();
}

#[tokio::test]
async fn a_shop_hears_nothing_of_drafts() {
    let house = House::open().await;
    let shop = house.shop().await;
    let draft = house.draft_show().await.show;
    assert!(shop.shows(&ShowFilter::default()).await.unwrap().value.shows.is_empty());
    assert_eq!(shop.show(&draft).await.unwrap_err().code(), Some("show_not_found"));
    assert_eq!(shop.place_hold(&draft, &hold_seats(&["A-1"])).await.unwrap_err().code(), Some("show_not_found"));
    house.admin.open_show(&draft).await.unwrap();
    assert_eq!(shop.shows(&ShowFilter::default()).await.unwrap().value.shows.len(), 1);
}

#[tokio::test]
async fn a_stream_tells_an_organiser_of_its_own_shows_alone() {
    let house = House::open().await;
    let (ours, theirs) = (Seller::new(&house, "ours").await, Seller::new(&house, "theirs").await);
    let mut events = ours.client(&house, Scope::ReadOnly).stream(&StreamFilter::default()).await.unwrap();
    house.buy(&theirs.show, &["A-1"], "approve").await;
    let bought = house.buy(&ours.show, &["A-1"], "approve").await;
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "order_confirmed") {
        let event = tokio::time::timeout(Duration::from_secs(10), events.next()).await.unwrap().unwrap().unwrap();
        for theirs in [&theirs.show, &theirs.venue] {
            assert!(!event.data.contains(theirs.as_str()), "{event:?}");
        }
        names.push(event.event);
    }
    assert!(names.iter().any(|name| name == "hold_placed") && names.iter().any(|name| name == "seats_booked"), "{names:?}");
    let filter = StreamFilter { order: Some(bought.order), ..StreamFilter::default() };
    let refused = theirs.client(&house, Scope::ReadOnly).stream(&filter).await.err().unwrap();
    assert_eq!(refused.code(), Some("order_not_found"));
}

#[tokio::test]
async fn a_rotated_key_changes_over_without_a_gap() {
    let house = House::open().await;
    let made = house.admin.create_key(&CreateApiKey::new("till", Scope::Sales)).await.unwrap().value;
    let rotated = house.admin.rotate_key(&made.key, &RotateApiKey { overlap_s: 3_600 }).await.unwrap().value;
    let with = |secret: &str| house.admin.with_key(Some(secret));
    with(&made.secret).shows(&ShowFilter::default()).await.unwrap();
    with(&rotated.secret).shows(&ShowFilter::default()).await.unwrap();
    let listed = house.admin.keys(&KeyFilter::default()).await.unwrap().value.keys.into_iter().find(|key| key.key == made.key).unwrap();
    assert!(listed.last_used_at.unwrap() >= listed.created_at);
    assert!(listed.previous_secret_until.unwrap() > listed.created_at);
    let again = house.admin.rotate_key(&made.key, &RotateApiKey::default()).await.unwrap().value;
    assert_eq!(with(&rotated.secret).shows(&ShowFilter::default()).await.unwrap_err().code(), Some("invalid_key"));
    with(&again.secret).shows(&ShowFilter::default()).await.unwrap();
    let month = RotateApiKey { overlap_s: 31 * 24 * 3_600 };
    assert_eq!(house.admin.rotate_key(&made.key, &month).await.unwrap_err().code(), Some("invalid_api_key"));
}

#[tokio::test]
async fn a_shop_reaches_a_hold_and_its_order_with_the_token_alone() {
    let house = House::open().await;
    let show = house.open_show().await;
    let shop = house.shop().await;
    let hold = shop.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let other = shop.place_hold(&show, &hold_seats(&["A-2"])).await.unwrap().value;
    let (token, wrong) = (hold.token.clone().unwrap(), other.token.clone().unwrap());

    assert_eq!(shop.hold(&hold.hold).await.unwrap_err().code(), Some("hold_token_required"));
    assert_eq!(shop.hold(&hold.hold).hold_token(&wrong).await.unwrap_err().code(), Some("hold_token_wrong"));
    assert_eq!(shop.hold(&hold.hold).hold_token(&token).await.unwrap().value.state, HoldState::Live);
    shop.hold(&hold.hold).query(&[("token", &token)]).await.unwrap();
    assert_eq!(shop.extend_hold(&hold.hold, 700).await.unwrap_err().code(), Some("hold_token_required"));
    shop.extend_hold(&hold.hold, 700).hold_token(&token).await.unwrap();
    assert_eq!(shop.release_hold(&other.hold).hold_token(&token).await.unwrap_err().code(), Some("hold_token_wrong"));

    let both = PlaceOrder { holds: vec![hold.hold.clone(), other.hold.clone()], tokens: vec![], ..order(&hold, "approve") };
    let place = |tokens: &[&String]| {
        let tokens = tokens.iter().map(ToString::to_string).collect();
        shop.place_order(&PlaceOrder { tokens, ..both.clone() })
    };
    assert_eq!(place(&[]).hold_token(&token).await.unwrap_err().code(), Some("hold_token_required"));
    assert_eq!(place(&[&token]).await.unwrap_err().code(), Some("tokens_mismatch"));
    assert_eq!(place(&[&wrong, &token]).await.unwrap_err().code(), Some("hold_token_wrong"));
    let placed = place(&[&token, &wrong]).await.unwrap().value;

    assert_eq!(shop.order(&placed.order).await.unwrap_err().code(), Some("hold_token_required"));
    assert_eq!(shop.order(&placed.order).hold_token("nonsense").await.unwrap_err().code(), Some("hold_token_wrong"));
    shop.order(&placed.order).hold_token(&wrong).await.unwrap();
    shop.tickets(&placed.order).hold_token(&token).await.unwrap();
}

#[tokio::test]
async fn one_hold_may_have_its_token_in_the_header() {
    let house = House::open().await;
    let show = house.open_show().await;
    let shop = house.shop().await;
    let hold = shop.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let request = PlaceOrder { tokens: vec![], ..order(&hold, "approve") };
    assert_eq!(shop.place_order(&request).await.unwrap_err().code(), Some("hold_token_required"));
    shop.place_order(&request).hold_token(hold.token.as_ref().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let house = House::open().await;
    let shop = house.shop().await;
    shop.shows(&ShowFilter::default()).await.unwrap();
    let keys = house.admin.keys(&KeyFilter::default()).await.unwrap().value.keys;
    let key = keys.iter().find(|key| key.name == "shop").unwrap();
    house.admin.revoke_key(&key.key).await.unwrap();
    assert_eq!(shop.shows(&ShowFilter::default()).await.unwrap_err().code(), Some("invalid_key"));
}

#[tokio::test]
async fn metrics_behind_a_proxy_need_an_admin_key() {
    let house = House::open().await;
    let text = house.admin.with_key(None).metrics().await.unwrap();
    assert!(text.contains("guichet_partition_durable_end{partition=\"0\"}"), "{text}");
    let proxied = reqwest::Client::new().get(format!("{}/metrics", house.base)).header("x-forwarded-for", "198.51.100.7");
    assert_eq!(proxied.send().await.unwrap().status().as_u16(), 401);
}
