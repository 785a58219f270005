//! Revise the plan of a show while it is sold.

use std::sync::Arc;

use crate::rejection::SEATS_NAMED_MAX;
use crate::revision::{Changes, Conflicts, revise};
use crate::seating::{PlanFault, SeatingPlan};
use crate::{Event, Rejection, ShowId, State};

/// Gives a show another plan: seats are added, withdrawn and moved between categories. Refused when the plan has a fault, or when
/// somebody holds or has bought what would be gone. The plan that it has changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisePlan {
    /// Of which show.
    pub show: ShowId,
    /// The plan as it shall be, drawn anew; seats are recognised by their label paths.
    pub plan: Arc<SeatingPlan>,
}

impl RevisePlan {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        let invalid = |fault: &PlanFault| Rejection::InvalidPlan { what: fault.to_string() };
        if let Some(fault) = self.plan.check().first() {
            return Err(invalid(fault));
        }
        let revised = revise(&show.plan, &self.plan).map_err(|fault| invalid(&fault))?;
        if revised == *show.plan {
            return Ok(Vec::new());
        }
        let mut conflicts = Conflicts::between(&show.plan, &revised, &show.inventory.seats);
        if !conflicts.is_empty() {
            conflicts.lost.truncate(SEATS_NAMED_MAX);
            conflicts.parted.truncate(SEATS_NAMED_MAX);
            let Conflicts { lost, parted } = conflicts;
            return Err(Rejection::PlanConflict { show: self.show, lost, parted });
        }
        let Changes { added, withdrawn, moved } = Changes::between(&show.plan, &revised);
        Ok(vec![Event::PlanRevised { show: self.show, plan: Arc::new(revised), added, withdrawn, moved }])
    }
}
