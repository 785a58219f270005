//! How the views lie in the store.

use std::sync::Arc;

use guichet_domain::after_sale::CheckIn;
use guichet_domain::hold::HoldItem;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::saga::SagaRef;
use guichet_domain::show::LatePayment;
use guichet_domain::{HoldId, OrderId, SagaId, ShowId, TicketId};

use super::order_view::{LateView, LineView, RefundView};
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

layout!(enum PaymentState, "unknown payment state" {
    1 = None,
    2 = Authorising,
    3 = Authorised,
    4 = Captured,
    5 = Declined,
    6 = Unknown,
    7 = Voided,
    8 = Refunded,
    9 = PartiallyRefunded,
    10 = PaidUnfulfilled,
});

layout!(
    struct LineView {
        show: ShowId,
        items: Arc<[HoldItem]>,
        prices_minor: Vec<i64>,
    }
);

layout!(
    struct RefundView {
        saga: SagaId,
        amount_minor: i64,
        note: String,
        done: bool,
    }
);

layout!(
    struct CheckIn {
        position: u32,
        list: u16,
        gate: String,
        scanned_at_unix_ms: u64,
    }
);

layout!(
    struct SagaView {
        id: SagaId,
        definition: SagaRef,
        step: u8,
        unwinding: bool,
        attempt: u32,
        last_error: Option<String>,
        retry_at_unix_ms: Option<u64>,
    }
);

layout!(
    struct LateView {
        amount_minor: i64,
        reference: String,
        policy: LatePayment,
    }
);

layout!(
    struct OrderView {
        id: OrderId,
        code: String,
        show: ShowId,
        holds: Vec<HoldId>,
        lines: Vec<LineView>,
        total_minor: i64,
        currency: Currency,
        state: OrderState,
        before_stuck: Option<OrderState>,
        stuck: Vec<SagaId>,
        payment: PaymentState,
        buyer: Option<[u8; 16]>,
        provider: String,
        cancel_reason: Option<CancelReason>,
        first_ticket: Option<TicketId>,
        ticket_key: Option<[u8; 4]>,
        cancelled: Vec<u32>,
        fees_minor: i64,
        refunds: Vec<RefundView>,
        late: Option<LateView>,
        check_ins: Vec<CheckIn>,
        part_of: Option<OrderId>,
        parts: Vec<OrderId>,
        saga: SagaId,
        saga_view: SagaView,
        placed_at_unix_ms: u64,
        deadline_unix_ms: u64,
        updated_at_unix_ms: u64,
        changed_at_offset: u64,
        changed_at_index: u32,
    }
);
