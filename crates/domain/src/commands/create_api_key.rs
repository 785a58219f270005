//! Create an API key.

use crate::key::{ApiKey, Scope};
use crate::{Event, Rejection, State};

/// Creates a key; its secret never comes here, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateApiKey {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
}

impl CreateApiKey {
    #[allow(clippy::unnecessary_wraps, reason = "the shape of all decisions")]
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let Self { name, scope, secret_sha256 } = self.clone();
        Ok(vec![Event::ApiKeyCreated { key: ApiKey { id: state.next_api_key(now_unix_ms), name, scope, secret_sha256 } }])
    }
}
