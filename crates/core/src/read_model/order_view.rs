//! An order, its payment and its saga, for whoever asks.

use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState, PaymentState, order_code};
use guichet_domain::saga::Direction;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId, TicketId};
use rustc_hash::FxHashMap;

/// One place that an order buys; one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// Index of the product.
    pub product: u16,
    /// The seat, for products with seats.
    pub seat: Option<u32>,
    /// Its price in minor units.
    pub price_minor: i64,
}

/// What an operator must see of a saga.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SagaView {
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

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// Its id.
    pub id: OrderId,
    /// The code that people read to each other.
    pub code: String,
    /// The show.
    pub show: ShowId,
    /// The holds that it took.
    pub holds: Vec<HoldId>,
    /// What those holds claim.
    pub items: Vec<Arc<[HoldItem]>>,
    /// What it costs, in minor units.
    pub total_minor: i64,
    /// In this currency.
    pub currency: Currency,
    /// The purchase.
    pub state: OrderState,
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
    /// Whether the tickets are out.
    pub tickets_issued: bool,
    /// The saga that drives it.
    pub saga: SagaId,
    /// How that saga stands.
    pub saga_view: SagaView,
    /// When it was placed.
    pub placed_at_unix_ms: u64,
    /// When it ends unpaid.
    pub deadline_unix_ms: u64,
    /// When it last changed.
    pub updated_at_unix_ms: u64,
}

impl OrderView {
    #[allow(clippy::too_many_arguments, reason = "the fields of one event and what it refers to")]
    pub(super) fn new(
        id: OrderId,
        saga: SagaId,
        show: &ShowDefinition,
        holds: &[HoldId],
        items: Vec<Arc<[HoldItem]>>,
        total_minor: i64,
        provider: &str,
        stamp_unix_ms: u64,
    ) -> Self {
        Self {
            id,
            code: order_code(id),
            show: show.id,
            holds: holds.to_vec(),
            items,
            total_minor,
            currency: show.currency,
            state: OrderState::Placed,
            payment: PaymentState::None,
            buyer: None,
            provider: provider.to_owned(),
            cancel_reason: None,
            first_ticket: None,
            tickets_issued: false,
            saga,
            saga_view: SagaView::default(),
            placed_at_unix_ms: stamp_unix_ms,
            deadline_unix_ms: 0,
            updated_at_unix_ms: stamp_unix_ms,
        }
    }

    /// What it buys, place by place.
    #[must_use]
    pub fn positions(&self, show: &ShowDefinition) -> Vec<PositionView> {
        self.items.iter().flat_map(|items| items.iter()).flat_map(|item| positions(item, show)).collect()
    }

    /// How many places it buys.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.items.iter().flat_map(|items| items.iter()).map(|item| item.claim.quantity()).sum()
    }

    /// Whether its saga has nothing more to do.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(self.state, OrderState::Confirmed | OrderState::Cancelled)
    }

    /// Whether it changes by itself: false once it has ended or is stuck.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.ended() || self.state == OrderState::Stuck
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::PaymentAuthorised { .. } => self.payment = PaymentState::Authorised,
            Event::PaymentDeclined { .. } => self.payment = PaymentState::Declined,
            Event::PaymentUnknown { .. } => self.payment = PaymentState::Unknown,
            Event::PaymentCaptured { .. } => self.payment = PaymentState::Captured,
            Event::PaymentVoided { .. } => self.payment = PaymentState::Voided,
            Event::PaymentRefunded { .. } => self.payment = PaymentState::Refunded,
            Event::TicketsIssued { .. } => self.tickets_issued = true,
            Event::OrderConfirmed { .. } => self.state = OrderState::Confirmed,
            Event::OrderStuck { .. } => self.state = OrderState::Stuck,
            Event::OrderCancelled { reason, .. } => {
                self.state = OrderState::Cancelled;
                self.cancel_reason = Some(*reason);
            }
            Event::EffectIntended { step, direction, attempt, .. } => {
                if self.payment == PaymentState::None {
                    self.payment = PaymentState::Authorising;
                    self.state = OrderState::AwaitingPayment;
                }
                let unwinding = *direction == Direction::Backward;
                let last_error = self.saga_view.last_error.take();
                self.saga_view = SagaView { step: *step, unwinding, attempt: *attempt, last_error, retry_at_unix_ms: None };
            }
            Event::RetryScheduled { attempt, at_unix_ms, error, .. } => {
                self.saga_view.attempt = *attempt;
                self.saga_view.retry_at_unix_ms = Some(*at_unix_ms);
                self.saga_view.last_error = Some(error.to_string());
            }
            Event::StepFailed { error, .. } | Event::SagaStuck { error, .. } => {
                self.saga_view.last_error = Some(error.to_string());
                self.saga_view.retry_at_unix_ms = None;
            }
            _ => {}
        }
    }
}

fn positions(item: &HoldItem, show: &ShowDefinition) -> Vec<PositionView> {
    let product = item.product;
    let price_minor = show.products.get(usize::from(product)).map_or(0, |product| product.price_minor);
    match &item.claim {
        Claim::Seats(seats) => seats.iter().map(|seat| PositionView { product, seat: Some(*seat), price_minor }).collect(),
        Claim::Quantity(quantity) => (0..*quantity).map(|_| PositionView { product, seat: None, price_minor }).collect(),
    }
}

/// The order that an event is about.
pub(super) fn subject(event: &Event, sagas: &FxHashMap<SagaId, OrderId>) -> Option<OrderId> {
    match event {
        Event::PaymentAuthorised { order }
        | Event::PaymentDeclined { order }
        | Event::PaymentUnknown { order }
        | Event::PaymentCaptured { order }
        | Event::PaymentVoided { order }
        | Event::PaymentRefunded { order }
        | Event::TicketsIssued { order }
        | Event::OrderConfirmed { order }
        | Event::OrderStuck { order }
        | Event::OrderCancelled { order, .. } => Some(*order),
        Event::EffectIntended { saga, .. }
        | Event::RetryScheduled { saga, .. }
        | Event::StepFailed { saga, .. }
        | Event::StepDone { saga, .. }
        | Event::SagaStuck { saga, .. } => sagas.get(saga).copied(),
        _ => None,
    }
}
