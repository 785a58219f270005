//! Create an API key.

use crate::key::{ApiKey, Scope};
use crate::{Event, OrganiserId, Rejection, State};

/// Creates a key; its secret never comes here, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateApiKey {
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Whose shows it reaches; of no organiser, it reaches all.
    pub organiser: Option<OrganiserId>,
    /// Most requests per second.
    pub requests_per_s: Option<u32>,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
}

impl CreateApiKey {
    /// In this order: what of it makes no sense, the organiser.
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let Self { name, scope, organiser, requests_per_s, secret_sha256 } = self.clone();
        let id = state.next_api_key(now_unix_ms);
        let key = ApiKey { id, name, scope, organiser, requests_per_s, secret_sha256, previous: None, last_used_unix_ms: None };
        key.check()?;
        state.check_organiser(organiser)?;
        Ok(vec![Event::ApiKeyCreated { key }])
    }
}
