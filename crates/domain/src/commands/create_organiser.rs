//! Create an organiser.

use crate::key::check_name;
use crate::organiser::Organiser;
use crate::{Event, Rejection, State};

/// Creates an organiser, under a name that no other has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrganiser {
    /// What people call it.
    pub name: String,
}

impl CreateOrganiser {
    /// In this order: the name, whether it is taken.
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        check_name(&self.name).map_err(|what| Rejection::InvalidOrganiser { what: what.to_owned() })?;
        if let Some(other) = state.organisers.list.values().find(|organiser| organiser.name == self.name) {
            return Err(Rejection::OrganiserExists { organiser: other.id });
        }
        Ok(vec![Event::OrganiserCreated { organiser: Organiser { id: state.next_organiser(now_unix_ms), name: self.name.clone() } }])
    }
}
