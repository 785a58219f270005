//! Pin holds for an order of another partition.
//!
//! Refusals in this order: an answer given before, the time, the holds, the price. Asked again, the answer is the same: a part that
//! stands is accepted once more and nothing happens, one that was released is refused for good.

use super::place_order::{Priced, price_holds};
use crate::money::Currency;
use crate::order::OrderState;
use crate::{Event, HoldId, OrderId, Rejection, SagaId, State};

/// Takes holds over for an order that lives elsewhere. From here on they end only when that order says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacePart {
    /// The order.
    pub home: OrderId,
    /// The saga there that asks; it has one part in each partition.
    pub saga: SagaId,
    /// The holds here.
    pub holds: Vec<HoldId>,
    /// What the buyer pays for them.
    pub total_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// Until when that order has time.
    pub deadline_unix_ms: u64,
}

impl PlacePart {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let released = Rejection::PartReleased { home: self.home };
        match state.part_of_saga(self.saga).map(|part| part.state) {
            Some(OrderState::Cancelled) => return Err(released),
            Some(_) => return Ok(Vec::new()),
            None if state.is_barred(self.saga, self.deadline_unix_ms) => return Err(released),
            None => {}
        }
        // The mark of a release that came first is kept until then, not longer.
        if now_unix_ms >= self.deadline_unix_ms {
            return Err(Rejection::ReservedTooLate { home: self.home });
        }
        let Priced { show, currency, total_minor } = price_holds(state, &self.holds)?;
        if currency != self.currency {
            return Err(Rejection::MixedCurrencies);
        }
        if total_minor != self.total_minor {
            let (expected_minor, received_minor) = (total_minor, self.total_minor);
            return Err(Rejection::WrongAmount { order: self.home, expected_minor, received_minor });
        }
        Ok(vec![Event::PartPlaced {
            order: state.next_order(now_unix_ms),
            home: self.home,
            saga: self.saga,
            show,
            holds: self.holds.clone(),
            total_minor,
            deadline_unix_ms: self.deadline_unix_ms,
        }])
    }
}
