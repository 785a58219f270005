//! An order, its payment, its sagas and what came after the sale, for whoever asks.

use std::sync::Arc;

use guichet_domain::after_sale::CheckIn;
use guichet_domain::hold::{HoldItem, places_of};
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState, PaymentState, order_code};
use guichet_domain::saga::{Direction, Effect, SagaRef};
use guichet_domain::show::LatePayment;
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId, TicketId};

use super::ShowView;

/// One place that an order buys; one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Its number in the order, from 0.
    pub number: u32,
    /// Of which show.
    pub show: ShowId,
    /// Index of the product.
    pub product: u16,
    /// The seat, for products with seats.
    pub seat: Option<u32>,
    /// Its price in minor units.
    pub price_minor: i64,
    /// Whether it was cancelled after the sale.
    pub cancelled: bool,
}

/// What one hold bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    /// Of which show.
    pub show: ShowId,
    /// What.
    pub items: Arc<[HoldItem]>,
    /// The price of one place of each item, in minor units.
    pub prices_minor: Vec<i64>,
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundView {
    /// The saga that drives it.
    pub saga: SagaId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Why, as far as somebody said so.
    pub note: String,
    /// Whether it is done.
    pub done: bool,
}

/// Money that came too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateView {
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The payment's name.
    pub reference: String,
    /// What is done about it.
    pub policy: LatePayment,
}

/// What an operator must see of a saga.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaView {
    /// Its id.
    pub id: SagaId,
    /// What it runs.
    pub definition: SagaRef,
    /// The step that it is at.
    pub step: u8,
    /// Whether it is on its way back.
    pub unwinding: bool,
    /// How often the pending effect has been tried before.
    pub attempt: u32,
    /// The last error.
    pub last_error: Option<String>,
    /// When it will try again.
    pub retry_at_unix_ms: Option<u64>,
}

impl SagaView {
    pub(super) fn new(id: SagaId, definition: SagaRef) -> Self {
        Self { id, definition, step: 0, unwinding: false, attempt: 0, last_error: None, retry_at_unix_ms: None }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// Its id.
    pub id: OrderId,
    /// The code that people read to each other.
    pub code: String,
    /// The show that it lives with.
    pub show: ShowId,
    /// The holds that it took.
    pub holds: Vec<HoldId>,
    /// What those holds claim.
    pub lines: Vec<LineView>,
    /// What it costs, in minor units.
    pub total_minor: i64,
    /// In this currency.
    pub currency: Currency,
    /// The purchase.
    pub state: OrderState,
    /// What it was before it got stuck.
    pub before_stuck: Option<OrderState>,
    /// Its sagas that are stuck.
    pub stuck: Vec<SagaId>,
    /// The money.
    pub payment: PaymentState,
    /// Reference to the buyer's details in the vault.
    pub buyer: Option<[u8; 16]>,
    /// Who handles the money.
    pub provider: String,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
    /// First of its tickets, once booked.
    pub first_ticket: Option<TicketId>,
    /// The key that signed its tickets' codes, once they are out.
    pub ticket_key: Option<[u8; 4]>,
    /// Positions that were cancelled after the sale, ascending.
    pub cancelled: Vec<u32>,
    /// What was kept of their prices, in minor units.
    pub fees_minor: i64,
    /// Refunds, done and under way.
    pub refunds: Vec<RefundView>,
    /// Money that came too late.
    pub late: Option<LateView>,
    /// Who went through which door.
    pub check_ins: Vec<CheckIn>,
    /// The order of another partition that it is a part of; that one has the money.
    pub part_of: Option<OrderId>,
    /// Its parts in other partitions; its total covers them, its lines do not.
    pub parts: Vec<OrderId>,
    /// The saga that drives its sale, or drove it last.
    pub saga: SagaId,
    /// How the latest of its sagas stands: this one or a refund.
    pub saga_view: SagaView,
    /// When it was placed.
    pub placed_at_unix_ms: u64,
    /// When it ends unpaid.
    pub deadline_unix_ms: u64,
    /// When it last changed.
    pub updated_at_unix_ms: u64,
    /// Offset of the last record that changed it.
    pub changed_at_offset: u64,
    /// Place in that record of the last event that changed it: what is not after it is in here already.
    pub changed_at_index: u32,
}

impl OrderView {
    /// Its places, one by one, in the order of its tickets.
    #[must_use]
    pub fn positions(&self) -> Vec<PositionView> {
        let items =
            self.lines.iter().flat_map(|line| line.items.iter().zip(&line.prices_minor).map(move |(item, price)| (line.show, item, price)));
        let places = items.flat_map(|(show, item, price)| item.places().map(move |place| (show, place, *price)));
        (0..)
            .zip(places)
            .map(|(number, (show, place, price_minor))| PositionView {
                number,
                show,
                product: place.product,
                seat: place.seat(),
                price_minor,
                cancelled: self.cancelled.binary_search(&number).is_ok(),
            })
            .collect()
    }

    /// How many places it buys, those included that were cancelled.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.lines.iter().map(|line| places_of(&line.items)).sum()
    }

    /// How many of its tickets are valid.
    #[must_use]
    pub fn valid_tickets(&self) -> u32 {
        let issued = if self.ticket_key.is_some() && self.first_ticket.is_some() { self.places() } else { 0 };
        issued.saturating_sub(u32::try_from(self.cancelled.len()).unwrap_or(u32::MAX))
    }

    /// What has been given back, in minor units.
    #[must_use]
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.done).map(|refund| refund.amount_minor).sum()
    }

    /// Whether it is sold or cancelled. Money may still be on its way back.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(self.state, OrderState::Confirmed | OrderState::Cancelled)
    }

    /// Whether its sale changes by itself: false once it has ended or is stuck.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.ended() || self.state == OrderState::Stuck
    }

    /// Applies an event about it.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::SagaStarted { saga, definition, .. } => {
                self.saga_view = SagaView::new(*saga, *definition);
            }
            Event::SeatsBooked { first_ticket, .. } => self.first_ticket = Some(*first_ticket),
            Event::BookingReversed { .. } => {
                (self.first_ticket, self.ticket_key) = (None, None);
                if self.payment == PaymentState::Captured {
                    self.payment = PaymentState::PaidUnfulfilled;
                }
            }
            Event::PaymentAuthorised { .. } => self.payment = PaymentState::Authorised,
            Event::PaymentDeclined { .. } => self.payment = PaymentState::Declined,
            Event::PaymentUnknown { .. } => self.payment = PaymentState::Unknown,
            Event::PaymentCaptured { .. } => self.payment = PaymentState::Captured,
            Event::PaymentVoided { .. } => self.payment = PaymentState::Voided,
            Event::PaymentRefunded { saga, amount_minor, .. } => self.refunded(*saga, *amount_minor),
            Event::TicketsIssued { key_id, .. } => self.ticket_key = Some(*key_id),
            Event::OrderConfirmed { .. } => {
                self.state = OrderState::Confirmed;
                self.cancel_reason = None;
            }
            Event::OrderStuck { .. } => {
                self.before_stuck.get_or_insert(self.state);
                self.state = OrderState::Stuck;
            }
            Event::SagaResumed { saga, .. } => {
                self.stuck.retain(|stuck| stuck != saga);
                if self.stuck.is_empty() {
                    self.state = self.before_stuck.take().unwrap_or(self.state);
                }
            }
            Event::OrderCancelled { reason, .. } => {
                self.state = OrderState::Cancelled;
                self.cancel_reason = Some(*reason);
            }
            Event::PositionsCancelled { positions, fees_minor, .. } => {
                self.cancelled.extend(positions);
                self.cancelled.sort_unstable();
                self.fees_minor += fees_minor.iter().sum::<i64>();
            }
            Event::RefundStarted { saga, amount_minor, note, .. } => {
                let (saga, amount_minor, note) = (*saga, *amount_minor, note.clone());
                self.refunds.push(RefundView { saga, amount_minor, note, done: false });
            }
            Event::PaymentArrivedLate { saga, amount_minor, reference, policy, .. } => {
                self.saga = *saga;
                self.payment = PaymentState::PaidUnfulfilled;
                self.late = Some(LateView { amount_minor: *amount_minor, reference: reference.clone(), policy: *policy });
            }
            Event::LatePolicyChosen { policy, .. } => {
                if let Some(late) = &mut self.late {
                    late.policy = *policy;
                }
            }
            Event::OrderReinstated { items, first_ticket, .. } => {
                self.lines.iter_mut().zip(items).for_each(|(line, items)| line.items = Arc::clone(items));
                self.first_ticket = Some(*first_ticket);
                self.payment = PaymentState::Captured;
            }
            Event::TicketCheckedIn { ticket, list, gate, scanned_at_unix_ms, .. } => {
                let position = self.first_ticket.map_or(0, |first| ticket.sequence() - first.sequence());
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                self.check_ins.push(CheckIn { position, list: *list, gate: gate.clone(), scanned_at_unix_ms: *scanned_at_unix_ms });
            }
            Event::PartsReserved { parts, .. } => self.parts.clone_from(parts),
            Event::RefundHandedOver { saga, .. } => {
                self.refunds.iter_mut().filter(|refund| refund.saga == *saga).for_each(|refund| refund.done = true);
            }
            _ => self.apply_to_saga(event),
        }
    }

    fn apply_to_saga(&mut self, event: &Event) {
        match event {
            Event::EffectIntended { step, direction, attempt, effect, .. } => {
                if self.payment == PaymentState::None && matches!(effect, Effect::Authorise { .. }) {
                    self.payment = PaymentState::Authorising;
                    self.state = OrderState::AwaitingPayment;
                }
                let saga = &mut self.saga_view;
                (saga.step, saga.unwinding, saga.attempt) = (*step, *direction == Direction::Backward, *attempt);
                saga.retry_at_unix_ms = None;
            }
            Event::RetryScheduled { attempt, at_unix_ms, error, .. } => {
                self.saga_view.attempt = *attempt;
                self.saga_view.retry_at_unix_ms = Some(*at_unix_ms);
                self.saga_view.last_error = Some(error.to_string());
            }
            Event::SagaStuck { saga, error, .. } => {
                if !self.stuck.contains(saga) {
                    self.stuck.push(*saga);
                }
                self.saga_view.last_error = Some(error.to_string());
                self.saga_view.retry_at_unix_ms = None;
            }
            Event::StepFailed { error, .. } => {
                // There is no way forward again from a failed step.
                self.saga_view.unwinding = true;
                self.saga_view.last_error = Some(error.to_string());
                self.saga_view.retry_at_unix_ms = None;
            }
            _ => {}
        }
    }

    fn refunded(&mut self, saga: SagaId, amount_minor: i64) {
        match self.refunds.iter_mut().find(|refund| refund.saga == saga && !refund.done) {
            Some(refund) => refund.done = true,
            None => self.refunds.push(RefundView { saga, amount_minor, note: String::new(), done: true }),
        }
        let late = self.late.as_ref().is_some_and(|late| late.amount_minor == amount_minor && self.saga == saga);
        let paid_minor = self.late.as_ref().map_or(self.total_minor, |late| late.amount_minor);
        // Sagas are numbered: what began before the one that drives the sale settled an earlier payment.
        let of_this = |refund: &&RefundView| refund.done && refund.saga.sequence() >= self.saga.sequence();
        let all = late || self.refunds.iter().filter(of_this).map(|refund| refund.amount_minor).sum::<i64>() >= paid_minor;
        self.payment = if all { PaymentState::Refunded } else { PaymentState::PartiallyRefunded };
    }
}

/// A new order or part, from the event that places it and what it refers to.
pub(super) fn placed(event: &Event, lines: Vec<LineView>, home: &ShowView, stamp_unix_ms: u64) -> Option<OrderView> {
    let (order, saga, show, holds, total_minor, deadline_unix_ms) = match event {
        Event::OrderPlaced { order, saga, show, holds, total_minor, deadline_unix_ms, .. }
        | Event::PartPlaced { order, saga, show, holds, total_minor, deadline_unix_ms, .. } => {
            (*order, *saga, *show, holds.clone(), *total_minor, *deadline_unix_ms)
        }
        _ => return None,
    };
    let (provider, buyer) = match event {
        Event::OrderPlaced { payment, buyer, .. } => (payment.provider.clone(), *buyer),
        _ => (String::new(), None),
    };
    let part_of = if let Event::PartPlaced { home, .. } = event { Some(*home) } else { None };
    Some(OrderView {
        id: order,
        code: order_code(order),
        show,
        holds,
        lines,
        total_minor,
        currency: home.definition.currency,
        state: OrderState::Placed,
        before_stuck: None,
        stuck: Vec::new(),
        payment: PaymentState::None,
        buyer,
        provider,
        cancel_reason: None,
        first_ticket: None,
        ticket_key: None,
        cancelled: Vec::new(),
        fees_minor: 0,
        refunds: Vec::new(),
        late: None,
        check_ins: Vec::new(),
        part_of,
        parts: Vec::new(),
        saga,
        saga_view: SagaView::new(saga, guichet_domain::saga::order::V1.reference),
        placed_at_unix_ms: stamp_unix_ms,
        deadline_unix_ms,
        updated_at_unix_ms: stamp_unix_ms,
        changed_at_offset: 0,
        changed_at_index: 0,
    })
}
