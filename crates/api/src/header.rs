//! Names of the headers that are not everybody's.

/// Names a command: the same key with the same body gets the same answer.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// `true` on an answer that was given before.
pub const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";
/// The secret of a hold.
pub const HOLD_TOKEN: &str = "guichet-hold-token";
/// How far an answer has seen.
pub const POSITION: &str = "guichet-position";
/// What an acknowledgement promises: `fsync` or `os`.
pub const DURABILITY: &str = "guichet-durability";
/// Asks for an answer that waits: `wait=N`, in seconds (RFC 7240).
pub const PREFER: &str = "prefer";
/// Which preference was followed (RFC 7240).
pub const PREFERENCE_APPLIED: &str = "preference-applied";
/// Names a request in logs, on both sides: the caller's name for it, or the server's.
pub const REQUEST_ID: &str = "x-request-id";
/// The media type of a [`crate::Problem`] (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";
