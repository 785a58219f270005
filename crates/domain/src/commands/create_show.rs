//! Create a show in the catalogue.

use std::sync::Arc;

use crate::id::PARTITIONS_MAX;
use crate::show::ShowDefinition;
use crate::{Event, Rejection, State};

/// Creates a show and assigns it to a partition, for ever. The id in the draft is ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateShow {
    /// Everything about it.
    pub draft: ShowDefinition,
    /// The partition that will sell it.
    pub partition: u16,
}

impl CreateShow {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        if self.partition == 0 || self.partition >= PARTITIONS_MAX {
            return Err(Rejection::WrongPartition);
        }
        let plan = state.venue(self.draft.venue).ok_or(Rejection::VenueNotFound { venue: self.draft.venue })?;
        self.draft.check(plan)?;
        let definition = ShowDefinition { id: state.next_show(self.partition, now_unix_ms), ..self.draft.clone() };
        Ok(vec![Event::ShowCreated { definition: Arc::new(definition) }])
    }
}
