//! Sagas: effects and the errors of steps.

use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::{OrderId, TicketId};

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
});

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
