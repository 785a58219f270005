//! Give back what a part has pinned or booked, because its home will never sell it.

use crate::order::{CancelReason, OrderState};
use crate::{Event, OrderId, Rejection, SagaId, State};

/// Ends a part without a sale. Asked again, nothing happens. What has not been placed yet is refused when it comes: the request may be
/// under way still, and would otherwise pin holds for an order that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasePart {
    /// The saga whose part it is: its own name may not be known yet.
    pub saga: SagaId,
    /// The order.
    pub home: OrderId,
    /// Until when a part can be placed.
    pub deadline_unix_ms: u64,
    /// Why.
    pub reason: CancelReason,
}

impl ReleasePart {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let Some(part) = state.part_of_saga(self.saga) else {
            let over = now_unix_ms >= self.deadline_unix_ms || state.is_barred(self.saga, self.deadline_unix_ms);
            let barred = Event::PartBarred { home: self.home, saga: self.saga, until_unix_ms: self.deadline_unix_ms };
            return Ok(if over { Vec::new() } else { vec![barred] });
        };
        let mut events = match part.state {
            OrderState::Cancelled => return Ok(Vec::new()),
            OrderState::Confirmed => return Err(Rejection::PartSold { order: part.id }),
            _ if part.first_ticket.is_some() => vec![Event::BookingReversed { order: part.id }],
            _ => part.holds.iter().map(|hold| Event::HoldReleased { hold: *hold }).collect(),
        };
        events.push(Event::OrderCancelled { order: part.id, reason: self.reason });
        Ok(events)
    }
}
