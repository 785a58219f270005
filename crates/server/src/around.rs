//! What stands around all routes: a request gets its name, a panic becomes an answer, large answers are compressed, and the origins
//! that the settings name may ask from a browser.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use guichet_api::header;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;
use crate::failure::Failure;
use crate::origin::Origin;

/// Smaller answers gain nothing: they fit into one packet.
const COMPRESSED_FROM_BYTES: u16 = 1_024;
/// How long a browser remembers that it may ask.
const PREFLIGHT_KEPT: Duration = Duration::from_secs(600);
/// Longest name that a caller may give a request, in bytes: it is on every line of the log about it.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// Puts everything around the routes, the name outermost.
pub(crate) fn surround(router: Router, app: &Arc<App>) -> Router {
    let compressed = SizeAbove::new(COMPRESSED_FROM_BYTES).and(NotForContentType::SSE);
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressed);
    let origins = &app.config.allowed_origins;
    // One stack and not a layer each: the router boxes what every layer gives.
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(Arc::clone(app), name))
            .layer(CatchPanicLayer::custom(defect))
            .option_layer((!origins.is_empty()).then(|| browsers(origins)))
            .layer(compression),
    )
}

/// Which pages of other origins may ask, and what they may see of the answers.
fn browsers(origins: &[Origin]) -> CorsLayer {
    let named = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
    let asked = named(&[header::IDEMPOTENCY_KEY, header::HOLD_TOKEN, header::PREFER, header::REQUEST_ID, "last-event-id"]);
    let shown = named(&[
        header::IDEMPOTENCY_KEY,
        header::IDEMPOTENCY_REPLAYED,
        header::POSITION,
        header::DURABILITY,
        header::PREFERENCE_APPLIED,
        header::REQUEST_ID,
    ]);
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().map(Origin::header)))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(asked.into_iter().chain([AUTHORIZATION, CONTENT_TYPE, ACCEPT, IF_NONE_MATCH]).collect::<Vec<_>>())
        .expose_headers(shown.into_iter().chain([ETAG, LOCATION, RETRY_AFTER]).collect::<Vec<_>>())
        .max_age(PREFLIGHT_KEPT)
}

/// A request is called what its caller calls it, else by a new name. It is on the answer and on every line of the log about it. The
/// answer is stamped here, also where no route has given it.
async fn name(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::REQUEST_ID).and_then(|id| id.to_str().ok());
    let given = given.filter(|id| !id.is_empty() && id.len() <= REQUEST_ID_BYTES_MAX);
    let id = given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let span = tracing::info_span!("request", %id);
    let mut response = next.run(request).instrument(span).await;
    app.stamp(response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(header::REQUEST_ID, id);
    }
    response
}

/// What a handler that panicked is answered with. Why is in the log, and nobody else's business.
fn defect(panic: Box<dyn Any + Send>) -> Response {
    let why = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(why = why.unwrap_or("unknown"), "a request found a defect");
    Failure::new("internal_error", "The server has a defect that this request has found.").into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use guichet_core::{Config, Guichet};
    use tokio_util::sync::CancellationToken;
    use tower::Service;

    use super::*;
    use crate::config::ServerConfig;

    #[tokio::test]
    async fn a_panic_is_answered_with_the_name_of_the_request_and_without_its_reason() {
        let directory = tempfile::tempdir().unwrap();
        let engine = Guichet::open(Config::at(directory.path())).await.unwrap();
        let app = Arc::new(App::new(engine.clone(), ServerConfig::default(), CancellationToken::new()));
        let broken = || async { assert!(header::REQUEST_ID.is_empty(), "the secret is 42") };
        let mut router = surround(Router::new().route("/", get(broken)), &app);
        let answer = router.call(Request::new(Body::empty())).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()[CONTENT_TYPE].to_str().unwrap()), (500, "application/problem+json"));
        assert!(answer.headers().contains_key(header::REQUEST_ID) && answer.headers().contains_key(header::POSITION));
        let shown = to_bytes(answer.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(shown.to_vec()).unwrap();
        assert!(text.contains("internal_error") && !text.contains("42"), "{text}");
        engine.close().await;
    }
}
