//! What the server says of itself: the description that programs read (`/openapi.json`) and the pages that people read (`/docs`). Both
//! come from the list of routes, and so does what the edge lets through; there is no second list that could be old.

mod document;
#[cfg(test)]
mod error_docs;
mod example;
pub(crate) mod operation;
mod page;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::Method;
use guichet_api::header;

use crate::access::Need;
use operation::{Operation, Parameter};

/// A route and what is said of it.
#[derive(Clone)]
pub(crate) struct Described {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    pub(crate) operation: Operation,
    pub(crate) refusals: Refusals,
}

impl Described {
    pub(crate) fn new(method: Method, path: &'static str, need: Need, operation: Operation) -> Self {
        let refusals = Refusals::of(&method, path, need, &operation);
        Self { method, path, need, operation, refusals }
    }

    /// The names that its query may have.
    pub(crate) fn query(&self) -> Vec<Parameter> {
        let mut query = self.operation.query.clone();
        if self.method == Method::GET {
            let what = "Answers when it has seen at least this position, which an earlier answer said; waits at most 5 s.";
            query.push(Parameter { name: "min_position", what, schema: operation::text() });
        }
        if self.operation.token_in_query {
            let what = "The token of the hold, where a link has no place for a header.";
            query.push(Parameter { name: "token", what, schema: operation::text() });
        }
        query
    }

    /// The headers that mean something.
    fn headers(&self) -> Vec<Parameter> {
        let mut headers = self.operation.headers.clone();
        if self.method != Method::GET {
            let what = "Names the command: the same key with the same body gets the same answer. Made by the server when it is left out.";
            headers.push(Parameter { name: header::IDEMPOTENCY_KEY, what, schema: operation::text() });
        }
        headers
    }
}

/// The codes of the problems that a route may answer with.
#[derive(Clone)]
pub(crate) struct Refusals(BTreeSet<&'static str>);

impl Refusals {
    fn of(method: &Method, path: &'static str, need: Need, operation: &Operation) -> Self {
        let mut codes: BTreeSet<_> = operation.refuses.iter().copied().collect();
        codes.extend(["unknown_parameter", "malformed_query", "internal_error"]);
        if need != Need::Nobody {
            codes.extend(["unauthenticated", "invalid_key", "scope_missing", "key_not_for_browsers", "rate_limited"]);
        }
        if method == Method::GET {
            codes.extend(["malformed_position", "position_not_reached", "partition_not_found", "partition_stopped", "closing"]);
        } else {
            codes.insert("malformed_idempotency_key");
        }
        if operation.takes.is_some() {
            codes.extend(["malformed_json", "malformed_request", "malformed_body", "body_too_large", "request_timeout"]);
        }
        codes.extend(IDS.iter().filter(|(name, ..)| path.contains(name)).map(|(.., code)| *code));
        Self(codes)
    }

    /// All of them, by name.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// Whether this is one of them.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.0.contains(code)
    }
}

/// What stands in braces in a path: what it is, and the code of its absence.
const IDS: &[(&str, &str, &str)] = &[
    ("{venue}", "Id of the venue.", "venue_not_found"),
    ("{show}", "Id of the show.", "show_not_found"),
    ("{hold}", "Id of the hold.", "hold_not_found"),
    ("{order}", "Id of the order, or the short code that people read to each other.", "order_not_found"),
    ("{saga}", "Id of the saga.", "saga_not_found"),
    ("{key}", "Id of the API key.", "key_not_found"),
    ("{list}", "Name of the check-in list.", "check_in_list_not_found"),
    ("{code}", "Code of a problem.", "code_not_found"),
];

/// The ids in a path, each with what it is.
fn path_ids(path: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    IDS.iter().filter(move |(name, ..)| path.contains(name)).map(|(name, what, _)| (name.trim_matches(['{', '}']), *what))
}

static ROUTES: LazyLock<Vec<Described>> = LazyLock::new(crate::routes::described);

/// `/openapi.json`
pub(crate) static OPENAPI: LazyLock<String> = LazyLock::new(|| document::assemble(&ROUTES).to_pretty_json().unwrap_or_default());

/// `/docs`
pub(crate) static READABLE: LazyLock<String> = LazyLock::new(|| page::api(&ROUTES));

/// `/docs/errors`
pub(crate) static ERRORS: LazyLock<String> = LazyLock::new(page::errors);

/// `/docs/errors/{code}`; `None` when no problem has this code.
pub(crate) fn error_page(code: &str) -> Option<String> {
    crate::failure::known_code(code).map(|known| page::error(known, &ROUTES))
}
