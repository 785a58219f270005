//! Revoke an API key.

use crate::{ApiKeyId, Event, Rejection, State};

/// Revokes a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeApiKey {
    /// Which.
    pub key: ApiKeyId,
}

impl RevokeApiKey {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        if state.has_api_key(self.key) { Ok(vec![Event::ApiKeyRevoked { key: self.key }]) } else { Err(Rejection::KeyNotFound) }
    }
}
