//! The order saga: pin the holds, authorise, book, capture, issue the tickets.

use super::{Action, Context, Definition, Effect, Refusal, RetryPolicy, SagaRef, Step, StepError};
use crate::order::{CancelReason, Order, PaymentState};
use crate::{Event, HoldId};

const BOOK: u8 = 2;

/// Twice as long each time, up to a minute: an outage of an hour costs about 70 calls. Before the booking the order's deadline ends it.
pub(super) const PROVIDER: RetryPolicy = RetryPolicy { first_ms: 50, cap_ms: 60_000, attempts_max: 200 };

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 1, version: 1 },
    name: "order",
    steps: &[
        Step {
            name: "pin",
            action: Action::Nothing,
            compensation: Action::Local(release_holds),
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "authorise",
            action: Action::Effect {
                intend: authorise,
                done: |context, receipt| vec![Event::PaymentAuthorised { order: context.saga.order, authorisation: receipt.to_owned() }],
                refused: |context| vec![Event::PaymentDeclined { order: context.saga.order }],
                unknown: payment_unknown,
            },
            compensation: Action::Effect {
                intend: void,
                done: |context, _| vec![Event::PaymentVoided { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "book",
            action: Action::Local(book),
            compensation: Action::Local(reverse_booking),
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "capture",
            action: Action::Effect {
                intend: capture,
                done: |context, _| vec![Event::PaymentCaptured { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            compensation: Action::Effect {
                intend: refund,
                done: |context, _| {
                    let (order, amount_minor) = (context.saga.order, order(context).total_minor);
                    vec![Event::PaymentRefunded { order, saga: context.saga.id, amount_minor }]
                },
                refused: nothing,
                unknown: nothing,
            },
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "issue",
            action: Action::Effect { intend: issue, done: issued, refused: nothing, unknown: nothing },
            compensation: Action::Nothing,
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
    ],
    completed: |context| vec![Event::OrderConfirmed { order: context.saga.order }],
    compensated,
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: BOOK,
    interrupted: requested_cancellation,
};

/// Somebody cancelled the order where it could not turn round at once.
pub(super) fn requested_cancellation(context: &Context<'_>) -> Option<StepError> {
    let requested = order(context).after.as_ref().and_then(|after| after.cancel_requested);
    requested.map(StepError::Cancelled)
}

pub(super) fn payment_unknown(context: &Context<'_>) -> Vec<Event> {
    let news = order(context).payment != PaymentState::Unknown;
    news.then_some(Event::PaymentUnknown { order: context.saga.order }).into_iter().collect()
}

pub(super) fn nothing(_: &Context<'_>) -> Vec<Event> {
    Vec::new()
}

/// The saga's order.
///
/// # Panics
/// When it does not exist: a saga starts in the record that places its order, and orders are never removed.
#[allow(clippy::expect_used, reason = "an order outlives its saga")]
pub(super) fn order<'a>(context: &Context<'a>) -> &'a Order {
    context.state.order(context.saga.order).expect("a saga's order exists")
}

fn live_holds(context: &Context<'_>) -> Vec<HoldId> {
    order(context).holds.iter().copied().filter(|hold| context.state.hold(*hold).is_some()).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a local action")]
pub(super) fn release_holds(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    Ok(live_holds(context).into_iter().map(|hold| Event::HoldReleased { hold }).collect())
}

/// What costs nothing is not paid.
pub(super) fn authorise(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    (order.total_minor > 0).then(|| Effect::Authorise {
        order: order.id,
        amount_minor: order.total_minor,
        currency: context.state.currency_of(order.show),
        payment: order.payment_request.clone(),
    })
}

/// Once the money was taken and given back, no reservation is left.
pub(super) fn void(context: &Context<'_>) -> Option<Effect> {
    if matches!(order(context).payment, PaymentState::Refunded | PaymentState::None) {
        return None;
    }
    Some(Effect::Void { order: context.saga.order, provider: provider(context), authorisation: order(context).authorisation.clone() })
}

pub(super) fn book(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    let order = order(context);
    if live_holds(context).len() != order.holds.len() {
        return Err(StepError::HoldGone);
    }
    let first_ticket = context.state.next_ticket(context.now_unix_ms);
    Ok(vec![Event::SeatsBooked { order: order.id, first_ticket, tickets: order.places() }])
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a local action")]
pub(super) fn reverse_booking(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    Ok(vec![Event::BookingReversed { order: context.saga.order }])
}

pub(super) fn capture(context: &Context<'_>) -> Option<Effect> {
    (order(context).payment != PaymentState::None).then(|| Effect::Capture {
        order: context.saga.order,
        provider: provider(context),
        authorisation: authorisation(context),
    })
}

pub(super) fn refund(context: &Context<'_>) -> Option<Effect> {
    refund_of(context, order(context).total_minor)
}

/// Asks for so much back, if anything was paid at all.
pub(super) fn refund_of(context: &Context<'_>, amount_minor: i64) -> Option<Effect> {
    let (provider, authorisation) = (provider(context), authorisation(context));
    let paid = order(context).payment != PaymentState::None;
    paid.then_some(Effect::Refund { order: context.saga.order, provider, authorisation, amount_minor })
}

/// The ids were set aside by the booking, which is always done before.
pub(super) fn issue(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    let first_ticket = order.first_ticket.unwrap_or_else(|| context.state.next_ticket(context.now_unix_ms));
    Some(Effect::IssueTickets { order: order.id, first_ticket, tickets: order.places() })
}

/// The role's reference is the id of the key that signs, in hexadecimal.
pub(super) fn issued(context: &Context<'_>, receipt: &str) -> Vec<Event> {
    vec![Event::TicketsIssued { order: context.saga.order, key_id: key_id(receipt) }]
}

pub(super) fn key_id(receipt: &str) -> [u8; 4] {
    u32::from_str_radix(receipt, 16).unwrap_or_default().to_be_bytes()
}

fn provider(context: &Context<'_>) -> String {
    order(context).payment_request.provider.clone()
}

fn authorisation(context: &Context<'_>) -> String {
    order(context).authorisation.clone().unwrap_or_default()
}

pub(super) fn compensated(context: &Context<'_>, why: Option<&StepError>) -> Vec<Event> {
    // Whoever cancelled it while its money was being taken does not want it any more, even if that failed by itself.
    let requested = order(context).after.as_ref().and_then(|after| after.cancel_requested).map(StepError::Cancelled);
    let reason = match requested.as_ref().or(why) {
        Some(StepError::Declined(_)) => CancelReason::PaymentDeclined,
        Some(StepError::DeadlinePassed | StepError::HoldGone) => CancelReason::DeadlinePassed,
        Some(StepError::Cancelled(reason)) => *reason,
        _ => CancelReason::StepFailed,
    };
    vec![Event::OrderCancelled { order: context.saga.order, reason }]
}
