//! What stands around all routes: names of requests, compression, web pages of other origins.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

mod support;

use guichet_api::Problem;
use reqwest::{Method, RequestBuilder, Response};
use support::House;

const SHOP: &str = "https://shop.example";

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_request_has_a_name_which_is_the_callers_if_it_gave_one() {
    let house = House::open().await;
    let mut made = std::collections::BTreeSet::new();
    for (path, status) in [("/healthz", 200), ("/v1/nothing", 404), ("/v1/shows", 200)] {
        let answer = house.raw(Method::GET, path).header("x-request-id", "till-3/47").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "x-request-id")), (status, Some("till-3/47")), "{path}");
        for useless in ["", &"x".repeat(129)] {
            let answer = house.raw(Method::GET, path).header("x-request-id", useless).send().await.unwrap();
            assert!(made.insert(header(&answer, "x-request-id").unwrap().to_owned()), "{made:?}");
        }
    }
    assert!(made.iter().all(|id| id.len() == 36), "{made:?}");
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_can_read_that_and_streams_never() {
    let house = House::open().await;
    let show = house.open_show().await;
    let ask = |path: &str| house.raw(Method::GET, path).header("accept-encoding", "gzip");
    let plain = house.raw(Method::GET, "/openapi.json").send().await.unwrap();
    assert_eq!(header(&plain, "content-encoding"), None);
    let plain = plain.bytes().await.unwrap();
    let squeezed = ask("/openapi.json").send().await.unwrap();
    assert_eq!(
        (header(&squeezed, "content-encoding"), header(&squeezed, "vary").map(|vary| vary.contains("accept-encoding"))),
        (Some("gzip"), Some(true))
    );
    let squeezed = squeezed.bytes().await.unwrap();
    assert!(squeezed.starts_with(&[0x1f, 0x8b]) && squeezed.len() * 4 < plain.len(), "{} of {}", squeezed.len(), plain.len());
    for path in ["/healthz".to_owned(), format!("/v1/shows/{show}/seats/stream"), "/v1/stream".to_owned()] {
        assert_eq!(header(&ask(&path).send().await.unwrap(), "content-encoding"), None, "{path}");
    }
}

#[tokio::test]
async fn pages_of_named_origins_may_ask_with_shop_keys_alone() {
    let house = House::open_serving(|config| config.allowed_origins = vec![SHOP.parse().unwrap()]).await;
    let show = house.open_show().await;
    let shop = house.admin.create_key(&guichet_api::CreateApiKey::new("page", guichet_api::Scope::Shop));
    let shop = shop.await.unwrap().value.secret;
    let holds = format!("{}/v1/shows/{show}/holds", house.base);
    let http = reqwest::Client::new();
    let preflight = |origin: &str| {
        let asked = http.request(Method::OPTIONS, &holds).header("origin", origin).header("access-control-request-method", "POST");
        asked.header("access-control-request-headers", "authorization,idempotency-key,guichet-hold-token")
    };
    let allowed = preflight(SHOP).send().await.unwrap();
    assert_eq!((allowed.status().as_u16(), header(&allowed, "access-control-allow-origin")), (200, Some(SHOP)));
    for name in ["authorization", "idempotency-key", "guichet-hold-token"] {
        assert!(header(&allowed, "access-control-allow-headers").unwrap().contains(name), "{name}");
    }
    for stranger in ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"] {
        assert_eq!(header(&preflight(stranger).send().await.unwrap(), "access-control-allow-origin"), None, "{stranger}");
    }

    let seats = |key: &str| http.get(format!("{}/v1/shows/{show}/seats", house.base)).bearer_auth(key).header("origin", SHOP);
    let send = |request: RequestBuilder| async { request.send().await.unwrap() };
    let page = send(seats(&shop)).await;
    assert_eq!((page.status().as_u16(), header(&page, "access-control-allow-origin")), (200, Some(SHOP)));
    assert!(header(&page, "access-control-expose-headers").unwrap().contains("guichet-position"));
    let admin = send(seats(&house.secret)).await;
    // Readable for the page, so that its author learns why.
    assert_eq!((admin.status().as_u16(), header(&admin, "access-control-allow-origin")), (403, Some(SHOP)));
    assert_eq!(admin.json::<Problem>().await.unwrap().code, "key_not_for_browsers");
}

#[tokio::test]
async fn without_a_setting_no_page_of_another_origin_may_ask() {
    let house = House::open().await;
    let asked = house.raw(Method::GET, "/healthz").header("origin", SHOP).send().await.unwrap();
    assert_eq!((asked.status().as_u16(), header(&asked, "access-control-allow-origin")), (200, None));
}
