//! Sagas: effects and the errors of steps.

use guichet_domain::across::PartRequest;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::{HoldId, OrderId, TicketId};

use super::layout::layout;

layout!(
    struct SagaRef {
        kind: u8,
        version: u8,
    }
);

layout!(enum Direction, "unknown direction of a step" {
    1 = Forward,
    2 = Backward,
});

layout!(enum Effect, "unknown effect" {
    1 = Authorise { order: OrderId, amount_minor: i64, currency: Currency, payment: PaymentRequest },
    2 = Capture { order: OrderId, provider: String, authorisation: String },
    3 = Void { order: OrderId, provider: String, authorisation: Option<String> },
    4 = Refund { order: OrderId, provider: String, authorisation: String, amount_minor: i64 },
    5 = IssueTickets { order: OrderId, first_ticket: TicketId, tickets: u32 },
    6 = ReserveParts { order: OrderId, parts: Vec<PartRequest>, deadline_unix_ms: u64 },
    7 = BookParts { order: OrderId, parts: Vec<OrderId> },
    8 = ConfirmParts { order: OrderId, parts: Vec<OrderId>, key_id: [u8; 4] },
    9 = ReleaseParts { order: OrderId, partitions: Vec<u16>, deadline_unix_ms: u64, reason: CancelReason },
    10 = CancelParts { order: OrderId, parts: Vec<OrderId>, reason: CancelReason, waive_fee: bool },
    11 = RefundPart { order: OrderId, home: OrderId, amount_minor: i64 },
});

layout!(
    struct PartRequest {
        partition: u16,
        holds: Vec<HoldId>,
        total_minor: i64,
        currency: Currency,
    }
);

layout!(enum StepError, "unknown error of a step" {
    1 = Declined(code: String),
    2 = Unavailable(why: String),
    3 = TimedOut,
    4 = DeadlinePassed,
    5 = HoldGone,
    6 = Failed(why: String),
    7 = Cancelled(reason: CancelReason),
    8 = GivenBack,
});
