//! The office: seats taken from sale, and what a show has sold.

use std::sync::Arc;

use guichet_domain::inventory::{SeatMap, SeatState};
use guichet_domain::{Command, ShowId, commands};

use guichet_domain::revision::{Changes, Conflicts, revise};
use guichet_domain::seating::SeatingPlan;

use super::change::Change;
use super::holds::seat_by_label;
use super::{Guichet, Invalid};
use crate::read_model::{ProductTally, ShowView};

/// What a show has sold, product by product. Money is in minor units of the show's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowReport {
    /// Each product.
    pub products: Vec<ProductReport>,
    /// Seats that can be sold now.
    pub seats_free: u64,
    /// Seats in live holds.
    pub seats_held: u64,
    /// Seats sold.
    pub seats_booked: u64,
    /// Seats taken from sale: how many for each reason.
    pub blocked: Vec<(String, u64)>,
}

/// One product of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductReport {
    /// Its name.
    pub product: String,
    /// Price of one.
    pub price_minor: i64,
    /// Places.
    pub tally: ProductTally,
    /// What its sold places cost together, and what was kept of cancelled ones.
    pub revenue_minor: i64,
}

/// What a revision would do. Seats are numbers in `plan`.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionPreview {
    /// The plan that the show would have.
    pub plan: SeatingPlan,
    /// What would change.
    pub changes: Changes,
    /// What stands against it.
    pub conflicts: Conflicts,
    /// The seats as they are, by number; those to be added are not among them.
    pub seats: SeatMap,
}

impl Guichet {
    /// Takes free seats, by their labels, from sale: all or none.
    ///
    /// # Errors
    /// [`Invalid`] for a label that the plan does not have; awaiting it gives `seat_taken` when one is not free.
    pub fn block_seats(&self, show: ShowId, seats: &[String], reason: &str) -> Result<Change<'_>, Invalid> {
        let seats = self.seats_by_label(show, seats)?;
        Ok(Change::new(self, show, Command::BlockSeats(commands::BlockSeats { show, seats, reason: reason.to_owned() })))
    }

    /// Puts blocked seats on sale again: all or none.
    ///
    /// # Errors
    /// [`Invalid`] for a label that the plan does not have; awaiting it gives `seat_not_blocked` when one is not blocked.
    pub fn unblock_seats(&self, show: ShowId, seats: &[String]) -> Result<Change<'_>, Invalid> {
        let seats = self.seats_by_label(show, seats)?;
        Ok(Change::new(self, show, Command::UnblockSeats(commands::UnblockSeats { show, seats })))
    }

    /// Gives a show another plan while it is sold. Seats are recognised by their label paths: what is new is on sale at once, what is
    /// missing is withdrawn, what is in another category is sold as that from now on. Nothing that somebody holds or has bought can be
    /// withdrawn. The receipt's event says which seats have changed; the plan that the show has already changes nothing and has none.
    ///
    /// # Errors
    /// [`Invalid::InvalidPlan`] with every fault of the plan; awaiting it gives `plan_conflict`, and nothing has changed.
    pub fn revise_plan(&self, show: ShowId, plan: SeatingPlan) -> Result<Change<'_>, Invalid> {
        let faults = plan.check();
        if !faults.is_empty() {
            return Err(Invalid::InvalidPlan { faults });
        }
        Ok(Change::new(self, show, Command::RevisePlan(commands::RevisePlan { show, plan: Arc::new(plan) })))
    }

    /// What [`Guichet::revise_plan`] would do now, and everything that stands against it. Changes nothing.
    ///
    /// # Errors
    /// [`Invalid`] when there is no such show, or with every fault of the plan.
    pub fn preview_revision(&self, show: ShowId, plan: &SeatingPlan) -> Result<RevisionPreview, Invalid> {
        let faults = plan.check();
        if !faults.is_empty() {
            return Err(Invalid::InvalidPlan { faults });
        }
        // The projection stands still only while its seats are copied.
        let (before, seats) = self.with_show(show, |view| (Arc::clone(&view.plan), view.inventory.seats.clone()))?;
        let revised = revise(&before, plan).map_err(|fault| Invalid::InvalidPlan { faults: vec![fault] })?;
        let (changes, conflicts) = (Changes::between(&before, &revised), Conflicts::between(&before, &revised, &seats));
        Ok(RevisionPreview { plan: revised, changes, conflicts, seats })
    }

    fn seats_by_label(&self, show: ShowId, labels: &[String]) -> Result<Vec<u32>, Invalid> {
        self.with_show(show, |view| labels.iter().map(|label| seat_by_label(label, view)).collect())?
    }

    /// Counts what a show has sold.
    ///
    /// # Errors
    /// When there is no such show.
    pub fn show_report(&self, show: ShowId) -> Result<ShowReport, Invalid> {
        self.with_show(show, report)
    }
}

fn report(show: &ShowView) -> ShowReport {
    let products = show.definition.products.iter().zip(&show.products).map(|(product, tally)| {
        let sold_minor = product.price_minor.saturating_mul(i64::try_from(tally.booked).unwrap_or(i64::MAX));
        ProductReport {
            product: product.name.clone(),
            price_minor: product.price_minor,
            tally: *tally,
            revenue_minor: sold_minor.saturating_add(tally.fees_minor),
        }
    });
    let mut report = ShowReport { products: products.collect(), seats_free: 0, seats_held: 0, seats_booked: 0, blocked: Vec::new() };
    for seat in 0..show.inventory.seats.len() {
        match show.inventory.seats.get(seat) {
            SeatState::Free => report.seats_free += 1,
            SeatState::Held => report.seats_held += 1,
            SeatState::Booked => report.seats_booked += 1,
            SeatState::Blocked if show.plan.seats[seat as usize].withdrawn => {}
            SeatState::Blocked => {
                let reason = show.blocked.get(&seat).map(AsRef::as_ref).unwrap_or_default();
                match report.blocked.iter_mut().find(|(of, _)| of == reason) {
                    Some((_, seats)) => *seats += 1,
                    None => report.blocked.push((reason.to_owned(), 1)),
                }
            }
        }
    }
    report
}
