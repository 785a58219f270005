//! Whether each saga goes step by step, forwards or back, asks for the right thing, and ends only when its order has what it is for.
//!
//! Must never be true: a step done out of its turn; an effect dropped while its outcome is unknown; a saga that ends and leaves money
//! or places behind.

use guichet_domain::order::order_code;
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::{Event, OrderId, SagaId};

use crate::across::{CONFIRM_PARTS, asks_parts, belongs, is_half_done};
use crate::fold::Audit;
use crate::money::{Fact, Order};
use crate::report::Rule;

/// The kinds of sagas, as the journal numbers them.
pub(crate) const ORDER: u8 = 1;
pub(crate) const REFUND: u8 = 2;
pub(crate) const LATE_PAYMENT: u8 = 3;
pub(crate) const ACROSS: u8 = 4;
pub(crate) const CANCEL_ACROSS: u8 = 5;
pub(crate) const PART_REFUND: u8 = 6;
/// The step of a late payment that looks for places.
const REBOOK: u8 = 1;

/// A running saga.
pub(crate) struct Saga {
    pub(crate) order: OrderId,
    pub(crate) kind: u8,
    /// How many steps it has, where its definition is known here.
    steps: Option<u8>,
    /// Steps done and not undone: 0 to this, exclusive.
    pub(crate) done: u8,
    pub(crate) backward: bool,
    pub(crate) stuck: Option<(u8, Direction)>,
    pub(crate) pending: Option<(u8, Direction, Effect)>,
}

impl Audit {
    pub(crate) fn saga_started(&mut self, id: SagaId, definition: SagaRef, order: OrderId) {
        self.fresh("saga", id.partition(), id.sequence(), 1);
        let row = self.orders.get(&order);
        // A saga is announced by the event that gives it its duty.
        let (announced, rule) = match definition.kind {
            REFUND => (row.is_some_and(|row| row.refunds.contains_key(&id) && row.part().is_none()), Rule::RefundLost),
            PART_REFUND => (row.is_some_and(|row| row.refunds.contains_key(&id) && row.part().is_some()), Rule::RefundLost),
            CANCEL_ACROSS => (row.is_some_and(|row| row.is_taken_back_by(id)), Rule::RefundLost),
            ORDER | ACROSS => {
                let its_own = |row: &Order| row.saga == id && row.part().is_none() && row.home().is_some() == (definition.kind == ACROSS);
                (row.is_some_and(its_own), Rule::UnknownOrder)
            }
            LATE_PAYMENT => (row.is_some_and(|row| row.late.as_ref().is_some_and(|late| late.saga == id)), Rule::LatePaymentWithoutCause),
            _ => (row.is_some_and(|row| row.saga == id), Rule::UnknownOrder),
        };
        self.check(announced, rule, || format!("saga {id} of order {}", order_code(order)));
        self.sagas.insert(id, Saga::new(order, definition));
    }

    pub(crate) fn follow_saga(&mut self, id: SagaId, event: &Event) {
        let Some(mut saga) = self.sagas.remove(&id) else { return self.found(Rule::UnknownSaga, format!("saga {id}")) };
        if let Some(rule) = saga.follow(event) {
            self.found(rule, format!("order {}", order_code(saga.order)));
        }
        let Some(mut row) = self.orders.remove(&saga.order) else {
            return self.found(Rule::UnknownOrder, format!("order {} of saga {id}", order_code(saga.order)));
        };
        let rules = match event {
            Event::EffectIntended { effect, .. } => self.intended(id, &saga, &mut row, effect),
            Event::SagaResumed { .. } => {
                // Another of its sagas may be stuck as well; this one is not in the map while it is followed.
                row.stuck = self.sagas.values().any(|other| other.order == saga.order && other.stuck.is_some());
                Vec::new()
            }
            Event::SagaCompleted { .. } | Event::SagaCompensated { .. } => {
                self.ended(id, saga.kind, &mut row, matches!(event, Event::SagaCompleted { .. }))
            }
            _ => Vec::new(),
        };
        for (holds, rule) in rules {
            self.check(holds, rule, || format!("order {}", order_code(saga.order)));
        }
        self.orders.insert(saga.order, row);
        if !matches!(event, Event::SagaCompleted { .. } | Event::SagaCompensated { .. }) {
            self.sagas.insert(id, saga);
        }
    }

    /// What is asked of a role must be what the order is about.
    fn intended(&self, id: SagaId, saga: &Saga, row: &mut Order, effect: &Effect) -> Vec<(bool, Rule)> {
        let costs = (row.total_minor > 0, Rule::FreeOrderPaid);
        let mut rules = match effect {
            Effect::Authorise { amount_minor, currency, .. } => {
                row.facts.insert(Fact::Asked);
                let same = self.shows.get(&row.show).is_none_or(|show| show.0.currency == *currency);
                vec![costs, (*amount_minor == row.total_minor, Rule::WrongAmount), (same, Rule::MixedCurrencies)]
            }
            Effect::Capture { .. } | Effect::Void { .. } => vec![costs],
            Effect::Refund { amount_minor, .. } => {
                let due = match saga.kind {
                    REFUND | CANCEL_ACROSS => row.refunds.get(&id).map(|refund| refund.amount_minor),
                    LATE_PAYMENT => row.late.as_ref().map(|late| late.amount_minor),
                    _ => Some(row.total_minor),
                };
                vec![(due == Some(*amount_minor), Rule::WrongAmount)]
            }
            Effect::IssueTickets { first_ticket, tickets, .. } => {
                vec![(row.tickets == Some((*first_ticket, *tickets)), Rule::WrongTicketCount)]
            }
            Effect::ReserveParts { .. }
            | Effect::BookParts { .. }
            | Effect::ConfirmParts { .. }
            | Effect::ReleaseParts { .. }
            | Effect::CancelParts { .. }
            | Effect::RefundPart { .. } => self.asked_of_parts(id, saga.order, row, effect),
        };
        let in_its_step = saga.pending.as_ref().is_some_and(|(step, direction, _)| belongs(saga.kind, *step, *direction, effect));
        rules.push((in_its_step, Rule::StepOutOfOrder));
        rules
    }

    /// A saga may end when its order has what it is for, or is as it was before.
    fn ended(&mut self, id: SagaId, kind: u8, row: &mut Order, completed: bool) -> Vec<(bool, Rule)> {
        let (confirmed, cancelled) = (row.facts.contains(&Fact::Confirmed), row.facts.contains(&Fact::Cancelled));
        let given_back = row.refunds.get(&id).is_some_and(|refund| refund.done);
        match (kind, completed) {
            (REFUND | PART_REFUND, completed) => vec![(completed && given_back, Rule::RefundLost)],
            (CANCEL_ACROSS, completed) => {
                if let Some(home) = row.home_mut() {
                    home.taken_back = completed;
                }
                let settled = given_back || !row.refunds.contains_key(&id);
                vec![(completed && settled, Rule::RefundLost)]
            }
            (LATE_PAYMENT, _) => {
                if let Some(late) = &mut row.late {
                    late.open = false;
                }
                let counts = &mut self.report.after_sale;
                *(if completed { &mut counts.late_reinstated } else { &mut counts.late_refunded }) += 1;
                if completed {
                    vec![(confirmed, Rule::OrderLeftOpen)]
                } else {
                    vec![(given_back, Rule::RefundLost), (!row.facts.contains(&Fact::Booked), Rule::CancelledOrderKeepsSeats)]
                }
            }
            (_, completed) => vec![(if completed { confirmed } else { cancelled }, Rule::OrderLeftOpen)],
        }
    }
}

impl Saga {
    fn new(order: OrderId, definition: SagaRef) -> Self {
        let steps = match (definition.kind, definition.version) {
            (ORDER, 1) => Some(5),
            (REFUND, 1) => Some(1),
            (LATE_PAYMENT, 1) => Some(3),
            (ACROSS, 1) => Some(8),
            (CANCEL_ACROSS, 1) => Some(2),
            (PART_REFUND, 1) => Some(1),
            _ => None,
        };
        Self { order, kind: definition.kind, steps, done: 0, backward: false, stuck: None, pending: None }
    }

    /// Whether this step is the next one in this direction; a stuck saga has none.
    fn is_next(&self, step: u8, direction: Direction) -> bool {
        let turn = match direction {
            Direction::Forward => !self.backward && step == self.done,
            Direction::Backward => self.backward && step.checked_add(1) == Some(self.done),
        };
        turn && self.stuck.is_none()
    }

    fn exists(&self, step: u8) -> bool {
        self.steps.is_none_or(|steps| step < steps)
    }

    /// Follows one of its events; says which rule it broke.
    fn follow(&mut self, event: &Event) -> Option<Rule> {
        let waits_for = |step: u8, direction| self.pending.as_ref().is_none_or(|(of, way, _)| *of == step && *way == direction);
        match event {
            Event::EffectIntended { step, direction, effect, .. } => {
                let intent = (*step, *direction, effect.clone());
                let next = self.is_next(*step, *direction) && self.exists(*step);
                let other = self.pending.replace(intent.clone()).is_some_and(|before| before != intent);
                if other { Some(Rule::EffectAbandoned) } else { (!next).then_some(Rule::StepOutOfOrder) }
            }
            Event::StepDone { step, direction, .. } => {
                let right = self.is_next(*step, *direction) && waits_for(*step, *direction) && self.exists(*step);
                let asked = self.pending.take().is_some() || !asks_parts(self.kind, *step, *direction);
                self.done = if *direction == Direction::Forward { step.saturating_add(1) } else { *step };
                if asked { (!right).then_some(Rule::StepOutOfOrder) } else { Some(Rule::EffectWithoutIntent) }
            }
            Event::StepFailed { step, undo_below, error, .. } => {
                let itself_too = undo_below.checked_sub(1) == Some(*step);
                // Beyond its last step it can still be turned round, but there is nothing there to fail.
                let right = self.is_next(*step, Direction::Forward) && (*undo_below == *step || itself_too && self.exists(*step));
                // Turned round from outside while somebody is on the step: what came of it is not known, so it is undone, too.
                let from_outside = matches!(error, StepError::Cancelled(_) | StepError::DeadlinePassed);
                let half_done = is_half_done(self.kind, *step);
                let abandoned = (from_outside || half_done) && self.pending.is_some() && !itself_too;
                // Some have no way back, and a sale over several partitions has none once its parts are being sold.
                let too_far = *step > CONFIRM_PARTS || *step == CONFIRM_PARTS && self.pending.is_some();
                let right = right && !matches!(self.kind, CANCEL_ACROSS | PART_REFUND) && (self.kind != ACROSS || !too_far);
                (self.pending, self.backward, self.done) = (None, true, *undo_below);
                if right { abandoned.then_some(Rule::EffectAbandoned) } else { Some(Rule::StepOutOfOrder) }
            }
            Event::RetryScheduled { step, .. } => {
                let waits = self.pending.as_ref().is_some_and(|(of, ..)| of == step);
                (!waits).then_some(Rule::EffectWithoutIntent)
            }
            Event::SagaStuck { step, .. } => {
                let direction = if self.backward { Direction::Backward } else { Direction::Forward };
                let right = self.is_next(*step, direction);
                (self.pending, self.stuck) = (None, Some((*step, direction)));
                (!right).then_some(Rule::StepOutOfOrder)
            }
            Event::SagaResumed { step, direction, .. } => {
                // With another policy a late payment looks for places again; nothing has been given back that it would have to undo.
                let again = self.kind == LATE_PAYMENT && (*step, *direction, self.done) == (REBOOK, Direction::Forward, REBOOK);
                let right = self.stuck.is_some() && (again || self.stuck == Some((*step, *direction)));
                (self.stuck, self.pending, self.backward) = (None, None, *direction == Direction::Backward);
                self.done = if self.backward { step.saturating_add(1) } else { *step };
                (!right).then_some(Rule::ResumedElsewhere)
            }
            Event::SagaCompleted { .. } | Event::SagaCompensated { .. } if self.pending.is_some() => Some(Rule::EffectAbandoned),
            Event::SagaCompleted { .. } => {
                let all = !self.backward && self.stuck.is_none() && self.steps.is_none_or(|steps| self.done == steps);
                (!all).then_some(Rule::StepOutOfOrder)
            }
            Event::SagaCompensated { .. } => (!self.backward || self.done > 0 || self.stuck.is_some()).then_some(Rule::StepOutOfOrder),
            _ => None,
        }
    }
}
