//! Pages for people: plain HTML without a script, which refers to no other host, for a venue that has no internet.

use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::operation::{Content, Parameter};
use super::{Described, document, path_ids};
use crate::failure::{Known, codes};

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; background: #fff }
h2 { margin-top: 2.5rem; text-transform: capitalize } h3 { font-size: 1rem; margin: 1rem 0 .3rem }
code, pre { font: 14px/1.4 ui-monospace, monospace } pre { background: #f3f5f7; padding: .8rem; overflow: auto }
details { border-top: 1px solid #d8dee4; padding: .4rem 0 } summary { cursor: pointer } .method { display: inline-block; width: 4.5rem; font-weight: 600 }
table { border-collapse: collapse } td, th { text-align: left; vertical-align: top; padding: .2rem 1.2rem .2rem 0 } nav a { margin-right: .9rem }
@media (prefers-color-scheme: dark) { body { color: #dbe2ea; background: #14191f } pre { background: #1f262e } a { color: #8ab8ff } details { border-color: #37424e } }
";

fn page(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (content) }
        }
    };
    page.into_string()
}

/// Every route: what it takes, answers and refuses.
pub(super) fn api(routes: &[Described]) -> String {
    let mut subjects: Vec<(&str, Vec<&Described>)> = Vec::new();
    for route in routes {
        let subject = document::subject(route.path);
        match subjects.iter_mut().find(|(name, _)| *name == subject) {
            Some((_, same)) => same.push(route),
            None => subjects.push((subject, vec![route])),
        }
    }
    let content = html! {
        h1 { "Guichet " (env!("CARGO_PKG_VERSION")) }
        p { (document::ABOUT) }
        p { "For programs: " a href="/openapi.json" { "/openapi.json" } ", OpenAPI 3.1. What is refused, and why: " a href="/docs/errors" { "all codes" } "." }
        nav { @for (subject, _) in &subjects { a href={ "#" (subject) } { (subject) } } }
        @for (subject, routes) in &subjects {
            h2 id=(subject) { (subject) }
            @for route in routes { (one_route(route)) }
        }
    };
    page("Guichet: the API", &content)
}

fn one_route(route: &Described) -> Markup {
    let operation = &route.operation;
    html! {
        details id=(operation.id) {
            summary { code { span.method { (route.method) } (route.path) } " " (operation.summary) }
            @if !operation.notes.is_empty() { p { (operation.notes) } }
            p { (document::who(route.need)) }
            (parameters("In the path", &path_ids(route.path).collect::<Vec<_>>()))
            (parameters("In the query", &named(&route.query())))
            (parameters("Headers", &named(&route.headers())))
            @if let Some(content) = &operation.takes { h3 { "Takes" } (example(content)) }
            @for answer in &operation.answers {
                h3 { (answer.status.as_u16()) " " (answer.what) }
                @if let Some(content) = &answer.content { (example(content)) }
            }
            h3 { "Refuses" }
            table {
                @for (status, codes) in document::by_status(&route.refusals) {
                    tr { td { (status.as_u16()) } td { @for code in codes { (link(code)) " " } } }
                }
            }
        }
    }
}

fn named(parameters: &[Parameter]) -> Vec<(&'static str, &'static str)> {
    parameters.iter().map(|parameter| (parameter.name, parameter.what)).collect()
}

fn parameters(place: &str, parameters: &[(&str, &str)]) -> Markup {
    html! {
        @if !parameters.is_empty() {
            h3 { (place) }
            table { @for (name, what) in parameters { tr { td { code { (name) } } td { (what) } } } }
        }
    }
}

fn example(content: &Content) -> Markup {
    html! {
        @match &content.example {
            Some(example) => pre { (serde_json::to_string_pretty(example).unwrap_or_default()) },
            None => p { code { (content.media_type) } },
        }
    }
}

fn link(code: &str) -> Markup {
    html! { a href={ "/docs/errors/" (code) } { code { (code) } } }
}

/// Every code of a problem.
pub(super) fn errors() -> String {
    let content = html! {
        h1 { "What is refused, and why" }
        p { a href="/docs" { "The API" } }
        table {
            @for known in codes() { tr { td { (link(known.code)) } td { (known.status.as_u16()) } td { (known.meaning) } } }
        }
    };
    page("Guichet: problems", &content)
}

/// One code: when it comes, what to do, where.
pub(super) fn error(known: &Known, routes: &[Described]) -> String {
    let content = html! {
        h1 { code { (known.code) } }
        p { (status(known.status)) }
        p { (known.meaning) }
        h2 { "What to do" }
        p { (known.advice) }
        h2 { "Who answers so" }
        table {
            @for route in answering(known, routes) {
                tr { td { a href={ "/docs#" (route.operation.id) } { code { (route.method) " " (route.path) } } } td { (route.operation.summary) } }
            }
        }
        p { a href="/docs/errors" { "All codes" } " " a href="/docs" { "The API" } }
    };
    page(&format!("Guichet: {}", known.code), &content)
}

/// A status and its name.
pub(super) fn status(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}

/// The routes that may answer so.
pub(super) fn answering<'a>(known: &'a Known, routes: &'a [Described]) -> impl Iterator<Item = &'a Described> {
    routes.iter().filter(|route| route.refusals.has(known.code))
}
