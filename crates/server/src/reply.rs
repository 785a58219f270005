//! Answers that are not problems.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use guichet_api::header;
use guichet_core::Position;
use serde::Serialize;

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// 200.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        // Our own types have text keys and no maps that could fail.
        Self { status: StatusCode::OK, body: serde_json::to_vec(body).unwrap_or_default(), headers: Vec::new() }
    }

    /// 200 with a body that is JSON already.
    pub(crate) fn written(json: String) -> Self {
        Self { status: StatusCode::OK, body: json.into_bytes(), headers: Vec::new() }
    }

    /// 201 with where the new thing is.
    pub(crate) fn created(body: &impl Serialize, location: &str) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(body) }.header(LOCATION, location)
    }

    /// No body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, body: Vec::new(), headers: Vec::new() }
    }

    /// The same with another status.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Where the command is written.
    pub(crate) fn at(self, position: &Position) -> Self {
        self.header(HeaderName::from_static(header::POSITION), &position.to_string())
    }

    /// Whether this answer was given before.
    pub(crate) fn replayed(self, replayed: bool) -> Self {
        if replayed { self.header(HeaderName::from_static(header::IDEMPOTENCY_REPLAYED), "true") } else { self }
    }

    /// Any header.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let empty = self.body.is_empty();
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        if !empty {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response.headers_mut().extend(self.headers);
        response
    }
}
