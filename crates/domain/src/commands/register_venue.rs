//! Register a venue with its plan.

use std::sync::Arc;

use crate::seating::SeatingPlan;
use crate::{Event, OrganiserId, Rejection, State};

/// Registers a venue. Refused when the plan has a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterVenue {
    /// Its plan, already checked at the edge, where every fault can be named; here only the first one is.
    pub plan: Arc<SeatingPlan>,
    /// Whose it is; of nobody, all may use it.
    pub organiser: Option<OrganiserId>,
}

impl RegisterVenue {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        if let Some(fault) = self.plan.check().first() {
            return Err(Rejection::InvalidPlan { what: fault.to_string() });
        }
        state.check_organiser(self.organiser)?;
        let venue = state.next_venue(now_unix_ms);
        let mut events = vec![Event::VenueRegistered { venue, plan: Arc::clone(&self.plan) }];
        events.extend(self.organiser.map(|organiser| Event::VenueOwned { venue, organiser }));
        Ok(events)
    }
}
