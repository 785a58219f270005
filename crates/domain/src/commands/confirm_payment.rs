//! Say that money has come: an operator who saw it, a bank's statement, or a provider that calls back.
//!
//! Refusals in this order: the order, its provider, what is known already, a stuck saga, what the order waits for, the amount. Money that comes for an order whose places have
//! been given back is never refused for that: it is booked, and the show's policy for late payments decides what becomes of it.

use crate::order::{Order, OrderState, PaymentState};
use crate::saga::{Direction, Effect, EffectOutcome, PendingEffect, Saga, late_payment, runner};
use crate::{Event, OrderId, Rejection, State};

/// Money came for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmPayment {
    /// For which.
    pub order: OrderId,
    /// Through which provider.
    pub provider: String,
    /// How much, in minor units of the order's currency.
    pub amount_minor: i64,
    /// The payment's name at the provider or in the bank's statement: the same name is the same payment.
    pub reference: String,
    /// Whether it is taken already. What is only reserved is given back by the order's own saga, so it never comes too late.
    pub taken: bool,
}

impl ConfirmPayment {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let order = state.order(self.order).ok_or(Rejection::OrderNotFound { order: self.order })?;
        order.pays_itself()?;
        if order.payment_request.provider != self.provider {
            return Err(Rejection::WrongProvider { order: self.order, provider: order.payment_request.provider.clone() });
        }
        let earlier = order.after.iter().flat_map(|after| &after.earlier_payments);
        if order.authorisation.iter().chain(earlier).any(|known| *known == self.reference) {
            return Err(Rejection::PaymentAlreadyKnown { order: self.order });
        }
        if order.stuck {
            return Err(Rejection::OrderStuck { order: self.order });
        }
        match order.state {
            OrderState::Placed | OrderState::AwaitingPayment => self.on_time(state, order, now_unix_ms),
            OrderState::Cancelled if !self.taken => Err(Rejection::OrderAlreadyCancelled { order: self.order }),
            OrderState::Cancelled if order.payment == PaymentState::PaidUnfulfilled || self.money_is_there(order) => {
                Err(Rejection::OrderAlreadyPaid { order: self.order })
            }
            OrderState::Cancelled => self.too_late(state, order, now_unix_ms),
            OrderState::Confirmed | OrderState::Stuck => Err(Rejection::OrderAlreadyPaid { order: self.order }),
        }
    }

    /// A cancelled order whose money has not all gone back is still being settled.
    fn money_is_there(&self, order: &Order) -> bool {
        order.paid_minor() > 0 && order.payment != PaymentState::Refunded
    }

    fn on_time(&self, state: &State, order: &Order, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let refused = Rejection::NotAwaitingPayment { order: self.order };
        let saga = state.saga(order.saga).ok_or(refused.clone())?;
        let pending = authorising(saga).ok_or(refused.clone())?;
        if self.amount_minor != order.total_minor {
            let (expected_minor, received_minor) = (order.total_minor, self.amount_minor);
            return Err(Rejection::WrongAmount { order: self.order, expected_minor, received_minor });
        }
        let outcome = EffectOutcome::Done { receipt: Some(self.reference.clone()) };
        runner::report(state, saga, pending.step, Direction::Forward, &outcome, now_unix_ms).ok_or(refused)
    }

    fn too_late(&self, state: &State, order: &Order, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        if self.amount_minor <= 0 {
            let (expected_minor, received_minor) = (order.total_minor, self.amount_minor);
            return Err(Rejection::WrongAmount { order: self.order, expected_minor, received_minor });
        }
        let show = state.show(order.show).ok_or(Rejection::ShowNotFound { show: order.show })?;
        let saga = state.next_saga(now_unix_ms);
        // A part of the price buys nothing, and what several partitions gave back is not gathered again behind their buyers' backs.
        let enough = self.amount_minor == order.total_minor && order.home_of().is_none();
        let policy = if enough { show.definition.late_payment } else { crate::show::LatePayment::Refund };
        Ok(vec![
            Event::PaymentArrivedLate { order: order.id, saga, amount_minor: self.amount_minor, reference: self.reference.clone(), policy },
            Event::SagaStarted { saga, definition: late_payment::V1.reference, order: order.id },
        ])
    }
}

fn authorising(saga: &Saga) -> Option<&PendingEffect> {
    saga.pending.as_ref().filter(|pending| matches!(pending.effect, Effect::Authorise { .. }) && pending.direction == Direction::Forward)
}
