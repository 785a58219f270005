//! Note when API keys were last used.

use std::collections::BTreeMap;

use crate::{ApiKeyId, Event, Rejection, State};

/// Notes when keys were last used. Keys that were revoked meanwhile, and times that are not later than what is known, are passed over;
/// of a key that is named more than once, the latest use counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKeyUses {
    /// Each key with the time of its last use.
    pub uses: Vec<(ApiKeyId, u64)>,
}

impl NoteKeyUses {
    #[allow(clippy::unnecessary_wraps, reason = "the shape of all decisions")]
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let mut latest = BTreeMap::new();
        for (key, at_unix_ms) in &self.uses {
            let known: &mut u64 = latest.entry(*key).or_default();
            *known = (*known).max(*at_unix_ms);
        }
        let news = |(id, at_unix_ms): &(ApiKeyId, u64)| {
            state.api_keys.get(id).is_some_and(|key| key.last_used_unix_ms.is_none_or(|known| known < *at_unix_ms))
        };
        let uses: Vec<_> = latest.into_iter().filter(news).collect();
        Ok(if uses.is_empty() { Vec::new() } else { vec![Event::ApiKeysUsed { uses }] })
    }
}
