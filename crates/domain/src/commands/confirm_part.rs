//! Give the tickets of a part out.

use crate::order::OrderState;
use crate::{Event, OrderId, Rejection, State};

/// The money is taken: the tickets of a part are issued and the part is confirmed. Asked again, nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmPart {
    /// Which.
    pub part: OrderId,
    /// The key that signs the tickets' codes.
    pub key_id: [u8; 4],
}

impl ConfirmPart {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let not_found = Rejection::OrderNotFound { order: self.part };
        let order = state.order(self.part).ok_or(not_found.clone())?;
        let part = order.part_of().ok_or(not_found)?;
        // Whatever has become of it since: it was confirmed.
        if order.issued {
            return Ok(Vec::new());
        }
        if order.state == OrderState::Cancelled {
            return Err(Rejection::PartReleased { home: part.home });
        }
        if order.first_ticket.is_none() {
            return Err(Rejection::OrderNotConfirmed { order: order.id, state: order.state });
        }
        Ok(vec![Event::TicketsIssued { order: order.id, key_id: self.key_id }, Event::OrderConfirmed { order: order.id }])
    }
}
