//! Give back at home what a part was paid with.
//!
//! Refusals in this order: the order, whether it is stuck, its state.

use super::cancel_order::start_refund;
use crate::order::{OrderState, order_code};
use crate::{Event, OrderId, Rejection, SagaId, State};

/// Places of a part were cancelled: its home, which has the money, gives their price back. The saga that asks gets it once, however often
/// it asks. What an operator has given back already out of goodwill is not given twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundPart {
    /// The home.
    pub order: OrderId,
    /// The part.
    pub part: OrderId,
    /// The saga of the part that asks.
    pub by: SagaId,
    /// How much, in minor units.
    pub amount_minor: i64,
}

impl RefundPart {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let not_found = Rejection::OrderNotFound { order: self.order };
        let order = state.order(self.order).ok_or(not_found.clone())?;
        let home = order.home_of().ok_or(not_found)?;
        if home.refunds_taken.contains(&self.by) {
            return Ok(Vec::new());
        }
        if order.stuck {
            return Err(Rejection::OrderStuck { order: self.order });
        }
        // Late money is the business of its saga for as long as that runs: it gives all of it back. The part asks again.
        let settling = state.saga(order.saga).is_some();
        if settling || !matches!(order.state, OrderState::Confirmed | OrderState::Cancelled) {
            return Err(Rejection::OrderNotConfirmed { order: self.order, state: order.state });
        }
        let amount_minor = self.amount_minor.min(order.refundable_minor());
        let mut events = vec![Event::PartRefundTaken { order: order.id, part: self.part, by: self.by, amount_minor }];
        if amount_minor > 0 {
            events.extend(start_refund(state, order, amount_minor, order_code(self.part), now_unix_ms));
        }
        Ok(events)
    }
}
