//! Sell what a part has pinned.

use crate::order::OrderState;
use crate::{Event, OrderId, Rejection, State};

/// Ends the holds of a part in a sale. Asked again, nothing happens. There is no time after which this is too late: what is pinned stays
/// pinned until the home lets go of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookPart {
    /// Which.
    pub part: OrderId,
}

impl BookPart {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let not_found = Rejection::OrderNotFound { order: self.part };
        let order = state.order(self.part).ok_or(not_found.clone())?;
        let part = order.part_of().ok_or(not_found)?;
        if order.first_ticket.is_some() {
            return Ok(Vec::new());
        }
        if order.state == OrderState::Cancelled {
            return Err(Rejection::PartReleased { home: part.home });
        }
        let first_ticket = state.next_ticket(now_unix_ms);
        Ok(vec![Event::SeatsBooked { order: order.id, first_ticket, tickets: order.places() }])
    }
}
