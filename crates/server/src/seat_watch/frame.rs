//! Server-sent events as bytes, written once and shared by all who get them.

use axum::body::Bytes;
use guichet_api as api;
use guichet_core::Position;
use serde::Serialize;

/// Says that the stream is open, or still is.
pub(super) const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

/// All seats.
pub(super) fn snapshot(position: &Position, states: &api::SeatStates) -> Bytes {
    event(position, "snapshot", &api::Seats::encode(position.to_string(), states))
}

/// What has changed.
pub(super) fn delta(position: &Position, changes: String) -> Bytes {
    event(position, "delta", &api::SeatChanges { changes })
}

/// JSON has no line breaks, so the data is one line.
fn event(position: &Position, name: &str, data: &impl Serialize) -> Bytes {
    let mut bytes = format!("id: {position}\nevent: {name}\ndata: ").into_bytes();
    // Our own types have text keys and no maps that could fail.
    bytes.extend(serde_json::to_vec(data).unwrap_or_default());
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}
