//! Plans that are revised while they are sold.
//!
//! Must never be true: a seat that somebody has is gone, or its number means another seat than the one on the ticket.

use std::sync::Arc;

use guichet_domain::ShowId;
use guichet_domain::seating::SeatingPlan;

use crate::fold::{Audit, Hand, Show};
use crate::report::Rule;

impl Audit {
    pub(crate) fn plan_revised(&mut self, show: ShowId, plan: &Arc<SeatingPlan>) {
        let Some(row) = self.shows.get_mut(&show) else { return self.found(Rule::UnknownShow, format!("show {show}")) };
        row.3.resize(plan.seats.len(), false);
        let before = std::mem::replace(&mut row.1, Arc::clone(plan));
        let renamed = before.categories.iter().zip(&plan.categories).find(|(was, is)| was.name != is.name);
        let fewer = before.categories.len() > plan.categories.len() || before.seats.len() > plan.seats.len();
        self.check(!fewer && renamed.is_none(), Rule::SeatRenumbered, || match renamed {
            Some((was, is)) => format!("category \"{}\" became \"{}\"", was.name, is.name),
            None => format!("show {show} has fewer categories or seats than before"),
        });
        for (number, seat) in (0..).zip(&plan.seats) {
            let was = before.seats.get(number as usize);
            if was.is_some() && before.seat_label(number) != plan.seat_label(number) {
                self.found(Rule::SeatRenumbered, format!("{} was seat {}", self.label(show, number), before.seat_label(number)));
            }
            let hand = self.seats.get(&(show, number)).copied();
            match (hand, seat.withdrawn) {
                (Some(Hand::Hold(_) | Hand::Order(_)), true) => self.found(Rule::SeatLost, self.label(show, number)),
                (_, true) => self.give_to(show, number, Some(Hand::Blocked)),
                // Back from having been withdrawn; a block of an operator is not touched.
                (Some(Hand::Blocked), false) if was.is_some_and(|was| was.withdrawn) => self.give_to(show, number, None),
                (_, false) => {}
            }
        }
    }

    /// Whether an operator took a seat from sale that the plan still has.
    pub(crate) fn is_blocked(&self, show: ShowId, seat: u32) -> bool {
        let Some(Show(_, plan, ..)) = self.shows.get(&show) else { return false };
        let there = plan.seats.get(seat as usize).is_some_and(|seat| !seat.withdrawn);
        there && self.seats.get(&(show, seat)) == Some(&Hand::Blocked)
    }

    /// What was said to stand against a revision.
    pub(crate) fn untrue_of_plan(&self, show: ShowId, lost: &[u32], parted: &[u32]) -> Option<String> {
        let taken = |seat: &u32| matches!(self.seats.get(&(show, *seat)), Some(Hand::Hold(_) | Hand::Order(_)));
        if lost.is_empty() && parted.is_empty() {
            return Some("a revision was refused for nothing".to_owned());
        }
        let nobodys = lost.iter().find(|seat| !taken(seat));
        let somebodys = parted.iter().find(|seat| taken(seat));
        let free = nobodys.map(|seat| format!("{} was nobody's", self.label(show, *seat)));
        free.or_else(|| somebodys.map(|seat| format!("{} was not free", self.label(show, *seat))))
    }
}
