//! What the server says of itself: the description for programs, the pages for people.

mod support;

use std::collections::{BTreeSet, VecDeque};

use reqwest::Method;
use serde_json::Value;
use support::House;

#[tokio::test]
async fn every_page_works_without_internet_and_every_link_leads_somewhere() {
    let house = House::open().await;
    let (mut seen, mut waiting) = (BTreeSet::new(), VecDeque::from(["/docs".to_owned(), "/openapi.json".to_owned()]));
    let mut anchors = BTreeSet::new();
    while let Some(path) = waiting.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = house.raw(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let is_page = answer.headers()["content-type"].to_str().unwrap().starts_with("text/html");
        assert!(!is_page || answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"), "{path}");
        let text = answer.text().await.unwrap();
        for foreign in ["://", "\"//", "'//", "url(", "@import", "<script"] {
            assert!(!text.contains(foreign), "{path} has {foreign}");
        }
        if is_page {
            anchors.extend(text.split(" id=\"").skip(1).map(|rest| format!("{path}#{}", rest.split('"').next().unwrap())));
            for link in text.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let full = if link.starts_with('#') { format!("{path}{link}") } else { link.to_owned() };
                waiting.push_back(full.split('#').next().unwrap().to_owned());
                seen.extend(full.contains('#').then_some(full));
            }
        }
    }
    let lost: Vec<_> = seen.iter().filter(|link| link.contains('#') && !anchors.contains(*link)).collect();
    assert!(lost.is_empty(), "links to nowhere: {lost:?}");
    assert!(seen.contains("/docs/errors/seat_taken") && seen.contains("/docs#place_hold") && seen.len() > 150, "{}", seen.len());
    let nobody = house.raw(Method::GET, "/docs/errors/seat_eaten").send().await.unwrap();
    assert_eq!((nobody.status().as_u16(), nobody.json::<Value>().await.unwrap()["code"].as_str()), (404, Some("code_not_found")));
}

#[tokio::test]
async fn the_description_refers_to_nothing_that_it_lacks_and_shows_an_example_of_everything() {
    let house = House::open().await;
    let document: Value = house.raw(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 40, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{path} {method}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{path} {method}");
            let bodies = answers.values().chain(operation.get("requestBody")).filter_map(|body| body["content"].as_object()).flatten();
            for (media_type, content) in bodies.filter(|(media_type, _)| media_type.ends_with("json") && path != "/openapi.json") {
                assert!(content.get("example").or(content.get("examples")).is_some(), "{path} {method} {media_type}");
            }
        }
    }
    assert!(names.contains("place_hold") && names.len() > 50, "{names:?}");
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
