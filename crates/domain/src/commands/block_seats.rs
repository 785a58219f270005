//! Take seats from sale.

use super::unblock_seats::{known_seats, named};
use crate::inventory::SeatState;
use crate::{Event, Rejection, ShowId, State};

/// Takes free seats from sale, all or none, until they are given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSeats {
    /// Of which show.
    pub show: ShowId,
    /// Which.
    pub seats: Vec<u32>,
    /// Why, for those who look at it later.
    pub reason: String,
}

impl BlockSeats {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        let seats = known_seats(show, &self.seats)?;
        let taken = named(&seats, |seat| show.inventory.seats.get(seat) != SeatState::Free);
        if !taken.is_empty() {
            return Err(Rejection::SeatTaken { show: self.show, seats: taken });
        }
        Ok(vec![Event::SeatsBlocked { show: self.show, seats, reason: self.reason.clone() }])
    }
}
