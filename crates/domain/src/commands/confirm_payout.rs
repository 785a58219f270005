//! Say that money has been paid out by hand.

use crate::saga::{Effect, EffectOutcome, Saga, runner};
use crate::{Event, OrderId, Rejection, State};

/// A refund that somebody makes by hand, such as a transfer or cash from the till, was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmPayout {
    /// Of which order.
    pub order: OrderId,
    /// Through which provider.
    pub provider: String,
    /// How much, in minor units: exactly one refund of this amount waits.
    pub amount_minor: i64,
    /// What the bank's statement or the till's journal calls it.
    pub reference: String,
}

impl ConfirmPayout {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let order = state.order(self.order).ok_or(Rejection::OrderNotFound { order: self.order })?;
        if order.payment_request.provider != self.provider {
            return Err(Rejection::WrongProvider { order: self.order, provider: order.payment_request.provider.clone() });
        }
        let refunds = order.after.iter().flat_map(|after| after.refunds.iter().map(|refund| refund.saga));
        let waiting = std::iter::once(order.saga).chain(refunds).filter_map(|saga| state.saga(saga)).find(|saga| self.waits(saga));
        let none = Rejection::NoPayoutPending { order: self.order, amount_minor: self.amount_minor };
        let (saga, pending) = waiting.and_then(|saga| Some((saga, saga.pending.as_ref()?))).ok_or(none.clone())?;
        let outcome = EffectOutcome::Done { receipt: Some(self.reference.clone()) };
        runner::report(state, saga, pending.step, pending.direction, &outcome, now_unix_ms).ok_or(none)
    }

    fn waits(&self, saga: &Saga) -> bool {
        let effect = saga.pending.as_ref().map(|pending| &pending.effect);
        matches!(effect, Some(Effect::Refund { amount_minor, .. }) if *amount_minor == self.amount_minor)
    }
}
