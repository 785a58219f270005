//! How much one caller may ask.
#![allow(clippy::unwrap_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::time::Duration;

use guichet_api::{CreateApiKey, Scope, ShowFilter};
use reqwest::Response;
use support::House;

async fn ask(house: &House, secret: &str, forwarded_for: Option<&str>) -> Response {
    let request = reqwest::Client::new().get(format!("{}/v1/shows", house.base)).bearer_auth(secret);
    let request = if let Some(from) = forwarded_for { request.header("x-forwarded-for", from) } else { request };
    request.send().await.unwrap()
}

/// Asks until it is refused, at most so often; gives how often it was answered, and the refusal.
async fn ask_until_refused(house: &House, secret: &str, forwarded_for: Option<&str>, at_most: usize) -> (usize, Option<Response>) {
    for answered in 0..at_most {
        let answer = ask(house, secret, forwarded_for).await;
        if answer.status().as_u16() == 429 {
            return (answered, Some(answer));
        }
    }
    (at_most, None)
}

async fn retry_after(refused: Response) -> Duration {
    let seconds = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let problem: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "rate_limited", "{problem}");
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_key_has_the_limit_that_it_was_made_with() {
    let house = House::open().await;
    let made = |name: &str, requests_per_s| CreateApiKey { requests_per_s, ..CreateApiKey::new(name, Scope::Sales) };
    let limited = house.admin.create_key(&made("slow", Some(2))).await.unwrap().value;
    let free = house.admin.create_key(&made("fast", None)).await.unwrap().value;
    let (answered, refused) = ask_until_refused(&house, &limited.secret, None, 20).await;
    assert!((2..6).contains(&answered), "{answered} were answered");
    let wait = retry_after(refused.unwrap()).await;
    assert_eq!(wait, Duration::from_secs(1), "half a second, in whole ones");
    tokio::time::sleep(wait).await;
    assert_eq!(ask(&house, &limited.secret, None).await.status().as_u16(), 200, "after what was promised");
    assert!(ask_until_refused(&house, &free.secret, None, 20).await.1.is_none());
}

#[tokio::test]
async fn an_address_is_limited_with_keys_of_web_pages_and_with_wrong_ones() {
    let house = House::open_serving(|config| config.address_limit = Some("1:3".parse().unwrap())).await;
    let shop = house.admin.create_key(&CreateApiKey::new("page", Scope::Shop)).await.unwrap().value.secret;
    let desk = house.admin.create_key(&CreateApiKey::new("desk", Scope::Sales)).await.unwrap().value.secret;
    let (answered, refused) = ask_until_refused(&house, &shop, Some("198.51.100.7"), 10).await;
    assert!((3..6).contains(&answered), "{answered} were answered");
    assert!(retry_after(refused.unwrap()).await <= Duration::from_secs(1));
    assert_eq!(ask(&house, &shop, Some("198.51.100.8")).await.status().as_u16(), 200, "another address");
    assert!(ask_until_refused(&house, &desk, Some("198.51.100.7"), 10).await.1.is_none(), "a box office");
    assert!(ask_until_refused(&house, &shop, None, 10).await.1.is_none(), "a program on this machine");
    let (guesses, refused) = ask_until_refused(&house, "gk_guess", Some("203.0.113.9"), 10).await;
    assert!((3..6).contains(&guesses) && refused.is_some(), "{guesses} guesses");
}

#[tokio::test]
async fn what_is_off_limits_nobody() {
    let house = House::open_serving(|config| config.address_limit = None).await;
    let shop = house.shop().await;
    shop.shows(&ShowFilter::default()).await.unwrap();
    assert!(ask_until_refused(&house, "gk_guess", Some("203.0.113.9"), 300).await.1.is_none());
}

#[test]
fn a_limit_is_written_as_a_rate_and_a_burst() {
    let limit = |text: &str| text.parse::<guichet_server::AddressLimit>().map(|limit| (limit.requests_per_s.get(), limit.burst.get()));
    assert_eq!(limit("50"), Ok((50, 200)));
    assert_eq!(limit("50:60"), Ok((50, 60)));
    for wrong in ["", "0", "50:0", "50/s", "-1", "50:200:1"] {
        assert!(limit(wrong).unwrap_err().to_string().contains("50:200"), "{wrong}");
    }
}
