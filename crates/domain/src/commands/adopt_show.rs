//! Give a partition its copy of a show.

use std::sync::Arc;

use crate::seating::SeatingPlan;
use crate::show::ShowDefinition;
use crate::{Event, Rejection, State};

/// Copies a show, plan included, into the partition that sells it. Doing it twice changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct AdoptShow {
    /// The show as the catalogue has it.
    pub definition: Arc<ShowDefinition>,
    /// The venue's plan.
    pub plan: Arc<SeatingPlan>,
}

impl AdoptShow {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        if self.definition.id.partition() != state.partition() {
            return Err(Rejection::WrongPartition);
        }
        if state.show(self.definition.id).is_some() {
            return Ok(Vec::new());
        }
        self.definition.check(&self.plan)?;
        Ok(vec![Event::ShowAdopted { definition: Arc::clone(&self.definition), plan: Arc::clone(&self.plan) }])
    }
}
