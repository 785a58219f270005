//! Release a hold.

use crate::{Event, HoldId, Rejection, State};

/// Gives everything back that a hold claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    /// Which.
    pub hold: HoldId,
}

impl ReleaseHold {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        state.free_hold(self.hold)?;
        Ok(vec![Event::HoldReleased { hold: self.hold }])
    }
}
