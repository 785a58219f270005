//! The seats of a show: all of them at once, or as they change.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use guichet_api as api;
use guichet_core::{Position, ShowId};
use serde::Deserialize;

use crate::app::App;
use crate::extract::{Id, Query};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::seat_watch;
use crate::view;

/// What a caller wants of the seats.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    labels: bool,
}

/// `GET /v1/shows/{show}/seats`: 304 as long as nothing has changed.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Id(id): Id<ShowId>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Reply, Failure> {
    let asked: Vec<_> = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).collect();
    let form = if wanted.labels { "labels" } else { "states" };
    // Only copies are made while the projection stands still.
    let (tag, seen) = app.engine.with_show(id, |show| {
        let position = view::position(id, show);
        // Weak: compressed or not, it says the same.
        let tag = format!("W/\"{position}.{form}\"");
        let known = asked.iter().flat_map(|tags| tags.split(',')).any(|other| is_same(other.trim(), &tag));
        (tag, (!known).then(|| (position, view::seat_states(show), Arc::clone(&show.plan))))
    })?;
    let reply = match seen {
        None => Reply::empty(StatusCode::NOT_MODIFIED),
        Some((position, states, plan)) => {
            let labels = wanted.labels.then(|| (0..states.len()).map(|seat| plan.seat_label(seat)).collect());
            Reply::ok(&api::Seats { labels, ..api::Seats::encode(position.to_string(), &states) })
        }
    };
    Ok(reply.header(ETAG, &tag).header(CACHE_CONTROL, "no-cache"))
}

/// Whether an entity tag that a client knows, strong or weak, is this one.
fn is_same(known: &str, tag: &str) -> bool {
    let opaque = [known, tag].map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
    known == "*" || opaque[0] == opaque[1]
}

/// `GET /v1/shows/{show}/seats/stream`, resumable by `Last-Event-ID`.
pub(super) async fn stream(State(app): State<Arc<App>>, Id(id): Id<ShowId>, headers: HeaderMap) -> Result<Response, Failure> {
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().parse::<Position>());
    let malformed = |error| Failure::new("malformed_position", error);
    let body = seat_watch::watch(&app, id, last.transpose().map_err(malformed)?).await?;
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("text/event-stream")), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    Ok((headers, body).into_response())
}

/// What is said of it.
pub(super) mod about {
    use axum::http::StatusCode;
    use guichet_api as api;

    use crate::description::operation::{Operation, flag};

    pub(crate) fn list() -> Operation {
        Operation::new("get_seats", "The state of every seat, compact: 26 kB at most for 80,000 seats.")
            .notes("In the order of the plan: runs of letters (f free, h held, b booked, x blocked), or two bits a seat as base64, whichever is shorter.")
            .query("labels", "Adds the label path of every seat.", flag())
            .header("if-none-match", "The ETag of an earlier answer: nothing is sent while nothing has changed.")
            .answers::<api::Seats>("The seats, with an ETag.")
            .answers_nothing(StatusCode::NOT_MODIFIED, "Nothing has changed.")
    }

    pub(crate) fn stream() -> Operation {
        Operation::new("follow_seats", "The seats as they change, as server-sent events.")
            .notes("An event `snapshot` has all seats, each `delta` behind it what has changed since the one before.")
            .header("last-event-id", "The id of the last event that was seen: goes on behind it, with a delta where that is known.")
            .answers_text("text/event-stream", "Events until the client leaves.")
    }
}
