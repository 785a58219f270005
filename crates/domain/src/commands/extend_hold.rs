//! Extend a hold.

use crate::hold::{TTL_MS_MAX, TTL_MS_MIN};
use crate::{Event, HoldId, Rejection, State};

/// Lets a hold live for `ttl_ms` from now on; never shortens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendHold {
    /// Which.
    pub hold: HoldId,
    /// For how long from now, in milliseconds.
    pub ttl_ms: u64,
}

impl ExtendHold {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let hold = state.free_hold(self.hold)?;
        if !(TTL_MS_MIN..=TTL_MS_MAX).contains(&self.ttl_ms) {
            return Err(Rejection::TtlOutOfRange { ttl_ms: self.ttl_ms });
        }
        let expires_at_unix_ms = hold.expires_at_unix_ms.max(now_unix_ms + self.ttl_ms);
        Ok(vec![Event::HoldExtended { hold: self.hold, expires_at_unix_ms }])
    }
}
