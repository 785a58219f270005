//! How the views lie in the store.

use std::sync::Arc;

use guichet_domain::hold::HoldItem;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::{HoldId, OrderId, SagaId, ShowId, TicketId};

use super::{HoldState, HoldView, OrderView, SagaView};
use crate::codec::layout;

layout!(enum HoldState, "unknown hold state" {
    1 = Live,
    2 = InOrder,
    3 = Booked,
    4 = Released,
    5 = Expired,
});

layout!(
    struct HoldView {
        id: HoldId,
        show: ShowId,
        items: Arc<[HoldItem]>,
        expires_at_unix_ms: u64,
        state: HoldState,
        order: Option<OrderId>,
    }
);

layout!(enum OrderState, "unknown order state" {
    1 = Placed,
    2 = AwaitingPayment,
    3 = Confirmed,
    4 = Cancelled,
    5 = Stuck,
});

layout!(enum PaymentState, "unknown payment state" {
    1 = None,
    2 = Authorising,
    3 = Authorised,
    4 = Captured,
    5 = Declined,
    6 = Unknown,
    7 = Voided,
    8 = Refunded,
});

layout!(
    struct SagaView {
        step: u8,
        unwinding: bool,
        attempt: u32,
        last_error: Option<String>,
        retry_at_unix_ms: Option<u64>,
    }
);

layout!(
    struct OrderView {
        id: OrderId,
        code: String,
        show: ShowId,
        holds: Vec<HoldId>,
        items: Vec<Arc<[HoldItem]>>,
        total_minor: i64,
        currency: Currency,
        state: OrderState,
        payment: PaymentState,
        buyer: Option<[u8; 16]>,
        provider: String,
        cancel_reason: Option<CancelReason>,
        first_ticket: Option<TicketId>,
        tickets_issued: bool,
        saga: SagaId,
        saga_view: SagaView,
        placed_at_unix_ms: u64,
        deadline_unix_ms: u64,
        updated_at_unix_ms: u64,
    }
);
