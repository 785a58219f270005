//! Live events over server-sent events.
//!
//! An event is told when the read model has seen it, so whoever hears of something can ask for it. Its id is a [`Cursor`] over all
//! partitions: a client that comes back with the last id that it saw misses nothing and hears nothing twice.

mod cursor;
mod describe;
mod filter;
mod sagas;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use guichet_api as api;
use guichet_core::{Topic, TopicEvents};

use crate::access::Identity;
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use cursor::Cursor;
use filter::{Filter, Subject};
use sagas::Sagas;

/// `GET /v1/stream`, resumable by `Last-Event-ID`; without it, what happens from now on.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(asked): Query<api::StreamFilter>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let topic = match asked.topic.as_deref() {
        None => Topic::All,
        Some("shows") => Topic::Shows,
        Some("holds") => Topic::Holds,
        Some("orders") => Topic::Orders,
        Some("sagas") => Topic::Sagas,
        Some(other) => {
            let detail = format!("There is no topic \"{other}\"; there are shows, holds, orders and sagas.");
            return Err(Failure::new("unknown_topic", detail));
        }
    };
    let cursor = match headers.get("last-event-id") {
        Some(id) => Cursor::parse(id.to_str().unwrap_or_default(), app.engine.partitions())?,
        None => Cursor::at_end_of(&app.engine.status()),
    };
    let filter = Filter::new(&app, identity, &asked).await?;
    let events = app.engine.subscribe(topic).from(&cursor.complete());
    let heartbeat = KeepAlive::new().interval(app.config.heartbeat);
    let followed = stream::unfold(Following { app, events, cursor, filter, sagas: Sagas::default() }, |mut following| async move {
        let event = following.next().await?;
        Some((Ok::<_, Infallible>(event), following))
    });
    // Sent at once, so that the client knows that it is connected.
    let hello = stream::once(async { Ok(Event::default().comment("following")) });
    Ok(Sse::new(hello.chain(followed)).keep_alive(heartbeat).into_response())
}

struct Following {
    app: Arc<App>,
    events: TopicEvents,
    cursor: Cursor,
    filter: Filter,
    sagas: Sagas,
}

impl Following {
    /// The next event that the client wants; `None` when the server shuts down, or the client's key is revoked.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let next = tokio::select! {
                next = self.events.next() => next,
                () = self.app.shutdown.cancelled() => return None,
            };
            let event = match next {
                Ok(event) => event?,
                Err(error) => {
                    tracing::error!(%error, "a stream of events ended");
                    return None;
                }
            };
            if !self.cursor.advance(&event) {
                continue;
            }
            // The event is durable, so it is told in any case, at worst before the read model has it.
            let _ = self.app.engine.wait_for(&event.position()).await;
            let engine = &self.app.engine;
            if !self.filter.may_go_on(engine) {
                return None;
            }
            let driver = self.sagas.of(engine, &event.event);
            let subject = Subject::of(&event.event, driver.map(|driver| driver.order));
            if self.filter.wants(engine, &event, subject) {
                let definition = driver.and_then(|driver| driver.definition);
                let (name, data) = describe::describe(engine, &event, subject, definition);
                return Some(Event::default().id(self.cursor.to_string()).event(name).data(data));
            }
        }
    }
}

/// What is said of it.
pub(super) mod about {
    use crate::description::operation::{Operation, text};

    pub(crate) fn open() -> Operation {
        Operation::new("stream", "Everything that happens, as server-sent events; with a key of an organiser, to the shows of that organiser.")
            .notes("Every event has an id to go on from, a type such as `hold_placed`, and JSON with `type`, `partition`, `offset`, `at` and what it is about. Without Last-Event-ID: what happens from now on.")
            .query("show", "Only events of this show, its holds, its orders and their sagas.", text())
            .query("order", "Only events of this order, by its id or its short code, and of its sagas.", text())
            .query("topic", "Only events of this topic: shows, holds, orders or sagas.", text())
            .header("last-event-id", "The id of the last event that was seen: nothing is missed, nothing told twice.")
            .answers_text("text/event-stream", "Events until the client leaves, or its key is revoked.")
            .refuses(&["unknown_topic", "show_not_found", "order_not_found"])
            .reads_lists()
    }
}
