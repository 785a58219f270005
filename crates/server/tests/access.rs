//! Who may call what.

mod support;

use guichet_api::{HoldState, PlaceOrder};
use reqwest::Method;
use support::{House, hold_seats, order};

/// Method, path, status without a key, with a shop key, with a key for the door, with an admin key. Bodies are empty: 400 and the like
/// say that the door was open.
const MATRIX: &[(&str, &str, u16, u16, u16, u16)] = &[
    ("POST", "/v1/venues", 401, 403, 403, 422),
    ("GET", "/v1/venues", 401, 403, 403, 200),
    ("GET", "/v1/venues/{venue}", 401, 403, 403, 200),
    ("GET", "/v1/venues/{venue}/plan", 401, 403, 403, 200),
    ("POST", "/v1/shows", 401, 403, 403, 400),
    ("GET", "/v1/shows", 401, 200, 200, 200),
    ("GET", "/v1/shows/{show}", 401, 200, 200, 200),
    ("GET", "/v1/shows/{show}/plan", 401, 200, 403, 200),
    ("POST", "/v1/shows/{show}/open", 401, 403, 403, 200),
    ("GET", "/v1/shows/{show}/availability", 401, 200, 403, 200),
    ("GET", "/v1/shows/{show}/seats", 401, 200, 403, 200),
    ("GET", "/v1/shows/{show}/seats/stream", 401, 200, 403, 200),
    ("POST", "/v1/shows/{show}/holds", 401, 400, 403, 400),
    ("GET", "/v1/holds/{hold}", 401, 403, 403, 200),
    ("POST", "/v1/holds/{hold}/extend", 401, 400, 403, 400),
    ("DELETE", "/v1/holds/{hold}", 401, 403, 403, 409),
    ("POST", "/v1/orders", 401, 400, 403, 400),
    ("GET", "/v1/orders", 401, 403, 403, 200),
    ("GET", "/v1/orders/{order}", 401, 403, 403, 200),
    ("GET", "/v1/orders/{order}/tickets", 401, 403, 403, 200),
    ("POST", "/v1/shows/{show}/seats/block", 401, 403, 403, 400),
    ("POST", "/v1/shows/{show}/seats/unblock", 401, 403, 403, 400),
    ("GET", "/v1/shows/{show}/report", 401, 403, 403, 200),
    ("POST", "/v1/shows/{show}/check-ins", 401, 403, 400, 400),
    ("GET", "/v1/shows/{show}/check-in-lists", 401, 403, 200, 200),
    ("GET", "/v1/shows/{show}/check-in-lists/main", 401, 403, 200, 200),
    ("POST", "/v1/orders/{order}/cancel", 401, 400, 403, 400),
    ("POST", "/v1/orders/{order}/refunds", 401, 403, 403, 400),
    ("POST", "/v1/orders/{order}/payments", 401, 403, 403, 400),
    ("POST", "/v1/orders/{order}/payouts", 401, 403, 403, 400),
    ("POST", "/v1/orders/{order}/late-payment", 401, 403, 403, 400),
    ("POST", "/v1/sagas/019a5b0e-7c00-7000-8001-00000000ffff/retry", 401, 403, 403, 404),
    ("GET", "/v1/stream", 401, 403, 403, 200),
    ("POST", "/v1/batch", 401, 403, 403, 400),
    ("POST", "/v1/buyers/erase", 401, 403, 403, 400),
    ("GET", "/v1/ticket-keys", 401, 200, 200, 200),
    ("POST", "/v1/ticket-keys/rotate", 401, 403, 403, 201),
    ("POST", "/v1/keys", 401, 403, 403, 400),
    ("GET", "/v1/keys", 401, 403, 403, 200),
    ("DELETE", "/v1/keys/019a5b0e-7c00-7000-8000-00000000ffff", 401, 403, 403, 404),
    ("POST", "/v1/snapshots", 401, 403, 403, 200),
    ("GET", "/v1/status", 401, 403, 403, 200),
    ("GET", "/v1/verify", 401, 403, 403, 200),
    ("GET", "/healthz", 200, 200, 200, 200),
    ("GET", "/readyz", 200, 200, 200, 200),
    // From this machine.
    ("GET", "/metrics", 200, 200, 200, 200),
    ("POST", "/v1/shows/{show}/pause", 401, 403, 403, 200),
    ("POST", "/v1/shows/{show}/close", 401, 403, 403, 200),
];

#[tokio::test]
async fn every_route_opens_for_whom_it_should() {
    let house = House::open().await;
    let show = house.open_show().await;
    let venue = house.admin.venues().await.unwrap().value.venues[0].venue.clone();
    let hold = house.admin.place_hold(&show, &hold_seats(&["A-1"])).await.unwrap().value;
    let order = house.admin.place_order(&order(&hold, "approve")).wait(std::time::Duration::from_secs(10)).await.unwrap().value.order;
    let shop = house.admin.create_key(&guichet_api::CreateApiKey { name: "shop".into(), scope: guichet_api::Scope::Shop });
    let shop = shop.await.unwrap().value.secret;
    let door = house.admin.create_key(&guichet_api::CreateApiKey { name: "door".into(), scope: guichet_api::Scope::CheckIn });
    let door = door.await.unwrap().value.secret;
    house.lists_are_there().await;
    let http = reqwest::Client::new();
    for (method, path, nobody, shop_status, door_status, admin) in MATRIX {
        let names = [("{show}", &show), ("{venue}", &venue), ("{hold}", &hold.hold), ("{order}", &order)];
        let path = names.iter().fold((*path).to_owned(), |path, (name, id)| path.replace(name, id));
        let url = format!("{}{path}", house.base);
        let (shop, door) = ((Some(&*shop), shop_status), (Some(&*door), door_status));
        for (key, expected) in [(None, nobody), (Some("gk_wrong"), nobody), shop, door, (Some(&*house.secret), admin)] {
            let mut request = http.request(Method::from_bytes(method.as_bytes()).unwrap(), &url);
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status().as_u16(), *expected, "{method} {path} with {key:?}: {}", answer.text().await.unwrap());
        }
    }
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
    shop.shows().await.unwrap();
    let keys = house.admin.keys().await.unwrap().value.keys;
    let key = keys.iter().find(|key| key.name == "shop").unwrap();
    house.admin.revoke_key(&key.key).await.unwrap();
    assert_eq!(shop.shows().await.unwrap_err().code(), Some("invalid_key"));
}

#[tokio::test]
async fn metrics_behind_a_proxy_need_an_admin_key() {
    let house = House::open().await;
    let text = house.admin.with_key(None).metrics().await.unwrap();
    assert!(text.contains("guichet_partition_durable_end{partition=\"0\"}"), "{text}");
    let proxied = reqwest::Client::new().get(format!("{}/metrics", house.base)).header("x-forwarded-for", "198.51.100.7");
    assert_eq!(proxied.send().await.unwrap().status().as_u16(), 401);
}
