//! Note when API keys were last used.

use crate::{ApiKeyId, Event, Rejection, State};

/// Notes when keys were last used. Keys that were revoked meanwhile, and times that are not later than what is known, are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKeyUses {
    /// Each key with the time of its last use.
    pub uses: Vec<(ApiKeyId, u64)>,
}

impl NoteKeyUses {
    #[allow(clippy::unnecessary_wraps, reason = "the shape of all decisions")]
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let news = |(id, at_unix_ms): &(ApiKeyId, u64)| {
            state.api_keys().any(|key| key.id == *id && key.last_used_unix_ms.is_none_or(|known| known < *at_unix_ms))
        };
        let uses: Vec<_> = self.uses.iter().filter(|entry| news(entry)).copied().collect();
        Ok(if uses.is_empty() { Vec::new() } else { vec![Event::ApiKeysUsed { uses }] })
    }
}
