//! Create a show in the catalogue.

use std::sync::Arc;

use crate::id::PARTITIONS_MAX;
use crate::show::ShowDefinition;
use crate::{Event, OrganiserId, Rejection, State};

/// Creates a show and assigns it to a partition, for ever. The id in the draft is ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateShow {
    /// Everything about it.
    pub draft: ShowDefinition,
    /// The partition that will sell it.
    pub partition: u16,
    /// Whose it is. It may use venues of its own and of nobody.
    pub organiser: Option<OrganiserId>,
}

impl CreateShow {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        if self.partition == 0 || self.partition >= PARTITIONS_MAX {
            return Err(Rejection::WrongPartition);
        }
        state.check_organiser(self.organiser)?;
        let venue = self.draft.venue;
        // Another organiser's venue is not there.
        let usable = state.organisers.of_venue(venue).is_none_or(|owner| Some(owner) == self.organiser);
        let plan = state.venue(venue).filter(|_| usable).ok_or(Rejection::VenueNotFound { venue })?;
        self.draft.check(plan)?;
        let definition = ShowDefinition { id: state.next_show(self.partition, now_unix_ms), ..self.draft.clone() };
        let show = definition.id;
        let mut events = vec![Event::ShowCreated { definition: Arc::new(definition) }];
        events.extend(self.organiser.map(|organiser| Event::ShowOwned { show, organiser }));
        Ok(events)
    }
}
