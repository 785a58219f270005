//! Put seats on sale again.

use crate::inventory::SeatState;
use crate::rejection::SEATS_NAMED_MAX;
use crate::state::Show;
use crate::{Event, Rejection, ShowId, State};

/// Gives blocked seats back, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnblockSeats {
    /// Of which show.
    pub show: ShowId,
    /// Which.
    pub seats: Vec<u32>,
}

impl UnblockSeats {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        let seats = known_seats(show, &self.seats)?;
        let others = named(&seats, |seat| show.inventory.seats.get(seat) != SeatState::Blocked);
        if !others.is_empty() {
            return Err(Rejection::SeatNotBlocked { show: self.show, seats: others });
        }
        Ok(vec![Event::SeatsUnblocked { show: self.show, seats }])
    }
}

/// The seats, ascending, each once; all of them in the plan.
pub(super) fn known_seats(show: &Show, seats: &[u32]) -> Result<Vec<u32>, Rejection> {
    if seats.is_empty() {
        return Err(Rejection::NothingSelected);
    }
    let mut sorted = seats.to_vec();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Rejection::SeatTwice { seat: pair[0] });
    }
    let on_sale = |seat: &u32| show.plan.seats.get(*seat as usize).is_some_and(|seat| !seat.withdrawn);
    match sorted.iter().find(|seat| !on_sale(seat)) {
        Some(seat) => Err(Rejection::UnknownSeat { seat: *seat }),
        None => Ok(sorted),
    }
}

/// The first of the seats that are as they should not be.
pub(super) fn named(seats: &[u32], wrong: impl Fn(u32) -> bool) -> Vec<u32> {
    seats.iter().copied().filter(|seat| wrong(*seat)).take(SEATS_NAMED_MAX).collect()
}
