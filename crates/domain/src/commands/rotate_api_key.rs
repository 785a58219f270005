//! Give an API key another secret.

use crate::{ApiKeyId, Event, Rejection, State};

/// Longest that a secret is good after it was replaced, in milliseconds: 30 days.
pub const OVERLAP_MS_MAX: u64 = 30 * 24 * 60 * 60 * 1_000;

/// Gives a key another secret. The one before stays good for a while, so that nobody who uses it is locked out meanwhile; one that was
/// replaced earlier is good for nothing from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotateApiKey {
    /// Which.
    pub key: ApiKeyId,
    /// SHA-256 of its new secret.
    pub secret_sha256: [u8; 32],
    /// How long the secret before stays good, in milliseconds.
    pub overlap_ms: u64,
}

impl RotateApiKey {
    /// In this order: the key, the overlap.
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let Self { key, secret_sha256, overlap_ms } = *self;
        if !state.has_api_key(key) {
            return Err(Rejection::KeyNotFound);
        }
        if overlap_ms > OVERLAP_MS_MAX {
            return Err(Rejection::InvalidApiKey { what: "a secret that was replaced is good for 30 days at most".into() });
        }
        let previous_until_unix_ms = (overlap_ms > 0).then_some(now_unix_ms + overlap_ms);
        Ok(vec![Event::ApiKeyRotated { key, secret_sha256, previous_until_unix_ms }])
    }
}
