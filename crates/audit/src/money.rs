//! The money: what became of each order's payment, and whether its saga went step by step.

use std::collections::BTreeSet;

use guichet_domain::hold::HoldItem;
use guichet_domain::order::order_code;
use guichet_domain::saga::{Direction, Effect};
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId};

use crate::fold::{Audit, Hand};
use crate::report::{OrderCounts, Rule};

/// An order, and the facts that the journal has about it.
pub(crate) struct Order {
    pub(crate) show: ShowId,
    pub(crate) holds: Vec<HoldId>,
    pub(crate) items: Vec<HoldItem>,
    pub(crate) total_minor: i64,
    pub(crate) saga: SagaId,
    pub(crate) facts: BTreeSet<Fact>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// A provider was asked to reserve the money.
    Asked,
    Authorised,
    Declined,
    Booked,
    Captured,
    Issued,
    Voided,
    Refunded,
    Stuck,
    Confirmed,
    Cancelled,
}

impl Audit {
    pub(crate) fn count_orders(&self, counts: &mut OrderCounts) {
        for order in self.orders.values() {
            match order.facts.last() {
                Some(Fact::Confirmed) => counts.confirmed += 1,
                Some(Fact::Cancelled) => counts.cancelled += 1,
                Some(Fact::Stuck) => counts.stuck += 1,
                _ => {}
            }
        }
    }

    pub(crate) fn follow_order(&mut self, id: OrderId, row: &mut Order, event: &Event) {
        let has = |fact| row.facts.contains(&fact);
        let intent = self.sagas.get(&row.saga).and_then(|saga| saga.pending.as_ref());
        let asks = |is: fn(&Effect) -> bool| (intent.is_some_and(|(_, _, effect)| is(effect)), Rule::EffectWithoutIntent);
        let open = (!has(Fact::Confirmed) && !has(Fact::Cancelled), Rule::OrderEndedTwice);
        let has_money = has(Fact::Captured) && !has(Fact::Refunded);
        let may_have_money = has(Fact::Asked) && !has(Fact::Declined) && !has(Fact::Voided) && !has(Fact::Refunded);
        let keeps_seats = has(Fact::Booked) || row.holds.iter().any(|hold| self.holds.contains_key(hold));
        let places: u64 = row.items.iter().map(|item| u64::from(item.claim.quantity())).sum();
        let authorise = |effect: &Effect| matches!(effect, Effect::Authorise { .. });
        let (fact, rules) = match event {
            Event::PaymentAuthorised { .. } => (Fact::Authorised, vec![asks(authorise)]),
            Event::PaymentDeclined { .. } => (Fact::Declined, vec![asks(authorise)]),
            Event::SeatsBooked { tickets, .. } => {
                let count = (u64::from(*tickets) == places, Rule::WrongTicketCount);
                (Fact::Booked, vec![(has(Fact::Authorised), Rule::BookedWithoutAuthorisation), count])
            }
            Event::PaymentCaptured { .. } => {
                let asks = asks(|effect| matches!(effect, Effect::Capture { .. }));
                let ready = has(Fact::Authorised) && has(Fact::Booked);
                (Fact::Captured, vec![asks, (ready, Rule::CapturedTooSoon), (!has(Fact::Captured), Rule::CapturedTwice)])
            }
            Event::PaymentVoided { .. } => {
                (Fact::Voided, vec![asks(|effect| matches!(effect, Effect::Void { .. })), (!has_money, Rule::VoidedAfterCapture)])
            }
            Event::PaymentRefunded { .. } => {
                (Fact::Refunded, vec![asks(|effect| matches!(effect, Effect::Refund { .. })), (has_money, Rule::RefundedWithoutCapture)])
            }
            Event::TicketsIssued { .. } => {
                (Fact::Issued, vec![asks(|effect| matches!(effect, Effect::IssueTickets { .. })), (has_money, Rule::TicketsWithoutCapture)])
            }
            Event::OrderConfirmed { .. } => (Fact::Confirmed, vec![open, (has(Fact::Issued), Rule::ConfirmedWithoutTickets)]),
            Event::OrderCancelled { .. } => {
                let seats = (!keeps_seats, Rule::CancelledOrderKeepsSeats);
                (Fact::Cancelled, vec![open, seats, (!may_have_money && !has_money, Rule::CancelledOrderKeepsMoney)])
            }
            Event::OrderStuck { .. } => (Fact::Stuck, vec![open]),
            Event::BookingReversed { .. } => (Fact::Booked, vec![(has(Fact::Booked), Rule::ReversedWithoutBooking)]),
            _ => return,
        };
        for (holds, rule) in rules {
            self.check(holds, rule, || format!("order {}", order_code(id)));
        }
        row.facts.insert(fact);
        match event {
            Event::SeatsBooked { first_ticket, tickets, .. } => {
                self.fresh("ticket", first_ticket.partition(), first_ticket.sequence(), u64::from(*tickets));
                for hold in &row.holds {
                    self.report.holds.booked += u64::from(self.end(*hold, Some(Hand::Order(id))).is_some());
                }
            }
            Event::BookingReversed { .. } => {
                row.facts.remove(&Fact::Booked);
                self.hand_over(row.show, &row.items, Some(Hand::Order(id)), None);
            }
            Event::TicketsIssued { .. } => self.report.tickets += places,
            _ => {}
        }
    }

    pub(crate) fn follow_saga(&mut self, id: SagaId, event: &Event) {
        let Some(mut saga) = self.sagas.remove(&id) else { return self.found(Rule::UnknownSaga, format!("saga {id}")) };
        if let Some(rule) = saga.follow(event) {
            self.found(rule, format!("order {}", order_code(saga.order)));
        }
        let Some(order) = self.orders.get_mut(&saga.order) else {
            return self.found(Rule::UnknownOrder, format!("order {} of saga {id}", order_code(saga.order)));
        };
        let (total, facts) = (order.total_minor, &mut order.facts);
        let (right, rule) = match event {
            Event::EffectIntended { effect: Effect::Authorise { amount_minor, .. }, .. } => {
                facts.insert(Fact::Asked);
                (*amount_minor == total, Rule::WrongAmount)
            }
            Event::EffectIntended { effect: Effect::Refund { amount_minor, .. }, .. } => (*amount_minor == total, Rule::WrongAmount),
            Event::SagaCompleted { .. } => (facts.contains(&Fact::Confirmed), Rule::OrderLeftOpen),
            Event::SagaCompensated { .. } => (facts.contains(&Fact::Cancelled), Rule::OrderLeftOpen),
            _ => (true, Rule::OrderLeftOpen),
        };
        self.check(right, rule, || format!("order {}", order_code(saga.order)));
        if !matches!(event, Event::SagaCompleted { .. } | Event::SagaCompensated { .. }) {
            self.sagas.insert(id, saga);
        }
    }
}

/// A running saga.
pub(crate) struct Saga {
    pub(crate) order: OrderId,
    /// Steps done and not undone: 0 to this, exclusive.
    pub(crate) done: u8,
    pub(crate) backward: bool,
    pub(crate) pending: Option<(u8, Direction, Effect)>,
}

impl Saga {
    pub(crate) fn new(order: OrderId) -> Self {
        Self { order, done: 0, backward: false, pending: None }
    }

    /// Whether this step is the next one in this direction.
    fn is_next(&self, step: u8, direction: Direction) -> bool {
        match direction {
            Direction::Forward => !self.backward && step == self.done,
            Direction::Backward => self.backward && step.checked_add(1) == Some(self.done),
        }
    }

    /// Follows one of its events; says which rule it broke.
    pub(crate) fn follow(&mut self, event: &Event) -> Option<Rule> {
        let waits_for = |step: u8, direction| self.pending.as_ref().is_none_or(|(of, way, _)| *of == step && *way == direction);
        match event {
            Event::EffectIntended { step, direction, effect, .. } => {
                let intent = (*step, *direction, effect.clone());
                let next = self.is_next(*step, *direction);
                let other = self.pending.replace(intent.clone()).is_some_and(|before| before != intent);
                if other { Some(Rule::EffectAbandoned) } else { (!next).then_some(Rule::StepOutOfOrder) }
            }
            Event::StepDone { step, direction, .. } => {
                let right = self.is_next(*step, *direction) && waits_for(*step, *direction);
                self.pending = None;
                self.done = if *direction == Direction::Forward { step.saturating_add(1) } else { *step };
                (!right).then_some(Rule::StepOutOfOrder)
            }
            Event::StepFailed { step, undo_below, .. } => {
                let right = self.is_next(*step, Direction::Forward) && (*undo_below == *step || undo_below.checked_sub(1) == Some(*step));
                (self.pending, self.backward, self.done) = (None, true, *undo_below);
                (!right).then_some(Rule::StepOutOfOrder)
            }
            Event::RetryScheduled { step, .. } => {
                let waits = self.pending.as_ref().is_some_and(|(of, ..)| of == step);
                (!waits).then_some(Rule::EffectWithoutIntent)
            }
            Event::SagaStuck { .. } => {
                self.pending = None;
                None
            }
            Event::SagaCompleted { .. } | Event::SagaCompensated { .. } if self.pending.is_some() => Some(Rule::EffectAbandoned),
            Event::SagaCompleted { .. } => self.backward.then_some(Rule::StepOutOfOrder),
            Event::SagaCompensated { .. } => (!self.backward || self.done > 0).then_some(Rule::StepOutOfOrder),
            _ => None,
        }
    }
}
