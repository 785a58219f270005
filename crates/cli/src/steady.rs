//! Sending until there is an answer: over a lost connection, a busy server, an unknown outcome. Only for what carries an idempotency
//! key, which makes the second time the same as the first.

use std::time::Duration;

use guichet_api::{Answer, Call, ClientError};
use guichet_core::IdempotencyKey;
use serde::de::DeserializeOwned;

/// Pauses before each further try, in milliseconds: together as long as somebody waits at a door.
const PAUSES_MS: [u64; 3] = [100, 400, 1_200];
/// Longest pause that a server is granted, in milliseconds.
const PAUSE_MS_MAX: u64 = 2_000;

/// A new key.
pub(crate) fn key() -> String {
    IdempotencyKey::generate().to_string()
}

/// Sends a call with a key until it is answered, a few times at most.
pub(crate) async fn send<T: DeserializeOwned + 'static>(key: &str, call: impl Fn() -> Call<T>) -> Result<Answer<T>, ClientError> {
    let mut pauses = PAUSES_MS.iter();
    loop {
        let error = match call().idempotency_key(key).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let open = matches!(error, ClientError::Unreachable { .. }) || matches!(error.code(), Some("busy" | "outcome_unknown" | "closing"));
        let Some(pause) = pauses.next().filter(|_| open) else { return Err(error) };
        let wanted = error.problem().and_then(|problem| problem.retry_after_ms).unwrap_or(*pause);
        tokio::time::sleep(Duration::from_millis(wanted.min(PAUSE_MS_MAX))).await;
    }
}
