//! Cancel an order, or some of its positions.
//!
//! Refusals in this order: the order, its state, the positions. What is sold is given back at once and the money follows; what is just
//! being sold turns round. An order that has parts in other partitions takes them along when it is cancelled whole; a part that is
//! cancelled by itself lets its home give the money back.

use crate::order::{CancelReason, Order, OrderState};
use crate::saga::{Effect, Progress, StepError, cancel_across, part_refund, refund, runner};
use crate::{Event, OrderId, Rejection, SagaId, State};

/// Takes a sale back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOrder {
    /// Which.
    pub order: OrderId,
    /// Only these positions, ascending; none means all that are left.
    pub positions: Option<Vec<u32>>,
    /// On whose wish: [`CancelReason::ByBuyer`] or [`CancelReason::ByOperator`].
    pub reason: CancelReason,
    /// Whether the show's fee for late cancellations is waived.
    pub waive_fee: bool,
}

impl CancelOrder {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let order = state.order(self.order).ok_or(Rejection::OrderNotFound { order: self.order })?;
        if order.stuck {
            return Err(Rejection::OrderStuck { order: self.order });
        }
        match order.state {
            OrderState::Confirmed => self.take_back(state, order, now_unix_ms),
            OrderState::Cancelled => Err(Rejection::OrderAlreadyCancelled { order: self.order }),
            // A part on its way to be sold is its home's to turn round, and so is an order whose parts are just being confirmed.
            _ if self.positions.is_some() || order.part_of().is_some() || confirms_parts(state, order) => {
                Err(Rejection::OrderNotConfirmed { order: self.order, state: order.state })
            }
            _ => self.turn_round(state, order),
        }
    }

    fn turn_round(&self, state: &State, order: &Order) -> Result<Vec<Event>, Rejection> {
        let cancelled = Rejection::OrderAlreadyCancelled { order: self.order };
        let Some(saga) = state.saga(order.saga).filter(|saga| matches!(saga.progress, Progress::Forward { .. })) else {
            return Err(cancelled);
        };
        if order.after.as_ref().is_some_and(|after| after.cancel_requested.is_some()) {
            return Err(cancelled);
        }
        let events = runner::turn_round(saga, StepError::Cancelled(self.reason));
        if events.is_empty() { Ok(vec![Event::CancelRequested { order: order.id, reason: self.reason }]) } else { Ok(events) }
    }

    fn take_back(&self, state: &State, order: &Order, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let positions = self.positions_of(order)?;
        let (mut price_minor, mut fees_minor) = (0_i64, Vec::with_capacity(positions.len()));
        for position in order.positions().filter(|position| positions.binary_search(&position.number).is_ok()) {
            let show = state.show(position.line.show).ok_or(Rejection::ShowNotFound { show: position.line.show })?;
            let price = show.definition.products[usize::from(position.item.product)].price_minor;
            let fee = if self.waive_fee { 0 } else { show.definition.cancellation_fee_minor(price, now_unix_ms) };
            price_minor = price_minor.saturating_add(price);
            fees_minor.push(fee);
        }
        let left = (0..order.places()).filter(|number| !order.is_cancelled(*number)).count();
        let parts_stay = self.positions.is_some() && !order.parts().is_empty();
        let all = positions.len() == left && !parts_stay;
        let due_minor = price_minor - fees_minor.iter().sum::<i64>();
        // The money of a part is with its home.
        let refund_minor = if order.part_of().is_some() { due_minor } else { due_minor.min(order.refundable_minor()) };
        let mut events = vec![Event::PositionsCancelled { order: order.id, positions, fees_minor, reason: self.reason }];
        if all {
            events.push(Event::OrderCancelled { order: order.id, reason: self.reason });
        }
        if all && !order.parts().is_empty() {
            // One saga for both, because one record drives one.
            let saga = state.next_saga(now_unix_ms);
            let amount_minor = refund_minor;
            events.push(Event::PartsCancelled { order: order.id, saga, waive_fee: self.waive_fee });
            events.extend((amount_minor > 0).then(|| Event::RefundStarted { order: order.id, saga, amount_minor, note: String::new() }));
            events.push(Event::SagaStarted { saga, definition: cancel_across::V1.reference, order: order.id });
        } else if refund_minor > 0 {
            events.extend(start_refund(state, order, refund_minor, String::new(), now_unix_ms));
        }
        Ok(events)
    }

    fn positions_of(&self, order: &Order) -> Result<Vec<u32>, Rejection> {
        let places = order.places();
        let Some(wanted) = &self.positions else {
            return Ok((0..places).filter(|number| !order.is_cancelled(*number)).collect());
        };
        let mut positions = wanted.clone();
        positions.sort_unstable();
        positions.dedup();
        if positions.is_empty() {
            return Err(Rejection::NothingSelected);
        }
        for position in positions.iter().copied() {
            if position >= places {
                return Err(Rejection::UnknownPosition { order: order.id, position });
            }
            if order.is_cancelled(position) {
                return Err(Rejection::PositionCancelled { order: order.id, position });
            }
        }
        Ok(positions)
    }
}

/// Whether the order is past its last point of return: its parts are being confirmed one by one.
fn confirms_parts(state: &State, order: &Order) -> bool {
    let pending = state.saga(order.saga).and_then(|saga| saga.pending.as_ref());
    pending.is_some_and(|pending| matches!(pending.effect, Effect::ConfirmParts { .. }))
}

/// A saga that gives so much back, itself or through the order's home.
pub(super) fn start_refund(state: &State, order: &Order, amount_minor: i64, note: String, now_unix_ms: u64) -> [Event; 2] {
    let saga: SagaId = state.next_saga(now_unix_ms);
    let definition = if order.part_of().is_some() { part_refund::V1.reference } else { refund::V1.reference };
    [Event::RefundStarted { order: order.id, saga, amount_minor, note }, Event::SagaStarted { saga, definition, order: order.id }]
}
