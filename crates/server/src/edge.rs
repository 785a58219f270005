//! What every request passes: its key is read, its caller identified, its query checked, a position waited for; its answer is
//! held against what is said of the route, and measured.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guichet_api::header;
use guichet_core::{IdempotencyKey, Position};

use crate::access::identify;
use crate::app::App;
use crate::description::Described;
use crate::extract::pairs;
use crate::failure::{Failure, ProblemCode};
use crate::peer::Peer;
use crate::sparse::FIELDS;

/// One route's side of it.
pub(crate) struct Edge {
    app: Arc<App>,
    described: Described,
    /// Names that its query may have.
    query: Vec<&'static str>,
}

/// The key of a request that changes something.
#[derive(Clone, Debug)]
pub(crate) struct RequestKey {
    pub(crate) key: IdempotencyKey,
    /// Whether the caller sent it.
    pub(crate) given: bool,
}

/// What the query of a request asks of every route that takes it.
#[derive(Default)]
struct Asked {
    /// The position to wait for.
    position: Option<Position>,
    /// The fields of what is listed, where not all.
    fields: Option<Vec<String>>,
}

/// Where every request with a route comes in and every answer goes out.
pub(crate) async fn pass(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let response = edge.answer(request, next).await.unwrap_or_else(Failure::into_response);
    edge.check_described(&response);
    edge.measure(&method, response.status(), started);
    response
}

impl Edge {
    pub(crate) fn new(app: Arc<App>, described: Described) -> Self {
        let query = described.query().iter().map(|parameter| parameter.name).collect();
        Self { app, described, query }
    }

    /// No answer goes out that the description does not promise. A build for tests fails; a server says so in its log.
    fn check_described(&self, response: &Response) {
        let Described { path, operation, refusals, .. } = &self.described;
        let described = match response.extensions().get::<ProblemCode>() {
            Some(ProblemCode(code)) => refusals.has(code),
            None => operation.answers.iter().any(|answer| answer.status == response.status()),
        };
        if !described {
            let what = response.extensions().get::<ProblemCode>().map_or(response.status().to_string(), |ProblemCode(code)| (*code).into());
            tracing::error!(route = path, what, "an answer that /openapi.json does not describe");
            debug_assert!(described, "{path} answers {what}, which its description does not say");
        }
    }

    /// Who calls is asked first: nobody else is told anything.
    async fn answer(&self, mut request: Request, next: Next) -> Result<Response, Failure> {
        let peer = request.extensions().get::<Peer>().copied();
        if let Some(identity) = identify(&self.app, self.described.need, request.headers(), peer)? {
            request.extensions_mut().insert(identity);
        }
        let asked = self.check_query(request.uri())?;
        if self.described.method == Method::GET {
            if let Some(position) = asked.position {
                self.app.engine.wait_for(&position).await?;
            }
            let response = next.run(request).await;
            return match (&self.described.operation.listing, asked.fields) {
                (Some(listing), Some(fields)) => listing.thin(response, &fields).await,
                _ => Ok(response),
            };
        }
        let key = request_key(request.headers())?;
        let named = HeaderValue::from_str(&key.key.to_string());
        request.extensions_mut().insert(key);
        let mut response = next.run(request).await;
        if let Ok(named) = named {
            response.headers_mut().insert(header::IDEMPOTENCY_KEY, named);
        }
        Ok(response)
    }

    /// Refuses names that mean nothing here.
    fn check_query(&self, uri: &Uri) -> Result<Asked, Failure> {
        let mut asked = Asked::default();
        if uri.query().is_none_or(str::is_empty) {
            return Ok(asked);
        }
        for (name, value) in pairs(uri)? {
            if !self.query.contains(&name.as_str()) {
                let detail = format!("This route has no query parameter \"{name}\".");
                return Err(Failure::new("unknown_parameter", detail).advice(match self.query.as_slice() {
                    [] => "It has none.".to_owned(),
                    known => format!("It has {}.", known.join(", ")),
                }));
            }
            if name == "min_position" {
                asked.position = Some(Position::from_str(&value).map_err(|error| Failure::new("malformed_position", error))?);
            }
            if let Some(listing) = self.described.operation.listing.as_ref().filter(|_| name == FIELDS) {
                asked.fields = Some(listing.chosen(&value)?);
            }
        }
        Ok(asked)
    }

    fn measure(&self, method: &Method, status: StatusCode, started: Instant) {
        let took = started.elapsed();
        let class = match status.as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        metrics::histogram!("guichet_http_request_seconds", "route" => self.described.path, "status" => class).record(took.as_secs_f64());
        // The route and not the path: a query may hold a token.
        tracing::debug!(%method, route = self.described.path, status = status.as_u16(), took_us = took.as_micros(), "answered");
    }
}

fn request_key(headers: &HeaderMap) -> Result<RequestKey, Failure> {
    let Some(value) = headers.get(header::IDEMPOTENCY_KEY) else {
        return Ok(RequestKey { key: IdempotencyKey::generate(), given: false });
    };
    let malformed = |error| Failure::new("malformed_idempotency_key", error);
    let key = value.to_str().map_err(|_| malformed(guichet_core::NotAKey))?.parse().map_err(malformed)?;
    Ok(RequestKey { key, given: true })
}

/// No route has this path.
pub(crate) async fn unknown_route(uri: Uri) -> Failure {
    Failure::new("route_not_found", format!("There is no {}.", uri.path()))
}

/// The path has routes, but none for this method.
pub(crate) async fn wrong_method(method: Method, uri: Uri) -> Failure {
    Failure::new("method_not_allowed", format!("{} cannot be used with {method}.", uri.path()))
}
