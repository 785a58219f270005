//! Decide what becomes of money that came too late, when its policy did not get to an end.

use crate::order::PaymentState;
use crate::saga::{Direction, Progress, late_payment};
use crate::show::LatePayment;
use crate::{Event, OrderId, Rejection, State};

/// Chooses another policy for one stuck late payment and lets its saga look for places again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveLatePayment {
    /// Of which order.
    pub order: OrderId,
    /// What shall be done.
    pub policy: LatePayment,
}

impl ResolveLatePayment {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let order = state.order(self.order).ok_or(Rejection::OrderNotFound { order: self.order })?;
        let saga = state.saga(order.saga).filter(|_| order.payment == PaymentState::PaidUnfulfilled);
        let saga = saga.ok_or(Rejection::NoLatePayment { order: self.order })?;
        if !matches!(saga.progress, Progress::Stuck { .. }) {
            return Err(Rejection::SagaNotStuck { saga: saga.id });
        }
        Ok(vec![
            Event::LatePolicyChosen { order: order.id, policy: self.policy },
            Event::SagaResumed { saga: saga.id, step: late_payment::REBOOK, direction: Direction::Forward },
        ])
    }
}
