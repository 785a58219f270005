//! Give money back and leave the sale as it is.

use super::cancel_order::start_refund;
use crate::order::OrderState;
use crate::{Event, OrderId, Rejection, State};

/// Gives a part of what was paid back, or all of it. The places stay sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// Which order.
    pub order: OrderId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Why, for those who look at it later.
    pub note: String,
}

impl RefundOrder {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let order = state.order(self.order).ok_or(Rejection::OrderNotFound { order: self.order })?;
        order.pays_itself()?;
        if order.stuck {
            return Err(Rejection::OrderStuck { order: self.order });
        }
        // After a cancellation what was kept as a fee can still be given back.
        if !matches!(order.state, OrderState::Confirmed | OrderState::Cancelled) {
            return Err(Rejection::OrderNotConfirmed { order: self.order, state: order.state });
        }
        if self.amount_minor <= 0 {
            return Err(Rejection::NothingSelected);
        }
        // Late money is the business of its saga for as long as that runs: it may be giving all of it back.
        let left_minor = if state.saga(order.saga).is_some() { 0 } else { order.refundable_minor() };
        let requested_minor = self.amount_minor;
        if requested_minor > left_minor {
            return Err(Rejection::RefundTooLarge { order: self.order, requested_minor, left_minor });
        }
        Ok(start_refund(state, order, self.amount_minor, self.note.clone(), now_unix_ms).into())
    }
}
