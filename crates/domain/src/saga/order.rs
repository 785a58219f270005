//! The order saga: pin the holds, authorise, book, capture, issue the tickets.

use super::{Action, Context, Definition, Effect, RetryPolicy, SagaRef, Step, StepError};
use crate::order::{CancelReason, Order, PaymentState};
use crate::{Event, HoldId};

const AUTHORISE: u8 = 1;
const BOOK: u8 = 2;

/// Twice as long each time, up to a minute: an outage of an hour costs about 70 calls. Before the booking the order's deadline ends it.
const PROVIDER: RetryPolicy = RetryPolicy { first_ms: 50, cap_ms: 60_000, attempts_max: 200 };

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 1, version: 1 },
    name: "order",
    steps: &[
        Step { name: "pin", action: Action::Nothing, compensation: Action::Local(release_holds), retry: PROVIDER },
        Step {
            name: "authorise",
            action: Action::Effect {
                intend: authorise,
                done: |context| vec![Event::PaymentAuthorised { order: context.saga.order }],
                refused: |context| vec![Event::PaymentDeclined { order: context.saga.order }],
                unknown: payment_unknown,
            },
            compensation: Action::Effect {
                intend: void,
                done: |context| vec![Event::PaymentVoided { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            retry: PROVIDER,
        },
        Step { name: "book", action: Action::Local(book), compensation: Action::Local(reverse_booking), retry: PROVIDER },
        Step {
            name: "capture",
            action: Action::Effect {
                intend: capture,
                done: |context| vec![Event::PaymentCaptured { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            compensation: Action::Effect {
                intend: refund,
                done: |context| vec![Event::PaymentRefunded { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            retry: PROVIDER,
        },
        Step {
            name: "issue",
            action: Action::Effect {
                intend: issue,
                done: |context| vec![Event::TicketsIssued { order: context.saga.order }],
                refused: nothing,
                unknown: nothing,
            },
            compensation: Action::Nothing,
            retry: PROVIDER,
        },
    ],
    completed: |context| vec![Event::OrderConfirmed { order: context.saga.order }],
    compensated,
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: BOOK,
};

fn payment_unknown(context: &Context<'_>) -> Vec<Event> {
    let news = order(context).payment != PaymentState::Unknown;
    news.then_some(Event::PaymentUnknown { order: context.saga.order }).into_iter().collect()
}

fn nothing(_: &Context<'_>) -> Vec<Event> {
    Vec::new()
}

/// The saga's order.
///
/// # Panics
/// When it does not exist: a saga starts in the record that places its order, and orders are never removed.
#[allow(clippy::expect_used, reason = "an order outlives its saga")]
fn order<'a>(context: &Context<'a>) -> &'a Order {
    context.state.order(context.saga.order).expect("a saga's order exists")
}

fn live_holds(context: &Context<'_>) -> Vec<HoldId> {
    order(context).holds.iter().copied().filter(|hold| context.state.hold(*hold).is_some()).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a local action")]
fn release_holds(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    Ok(live_holds(context).into_iter().map(|hold| Event::HoldReleased { hold }).collect())
}

fn authorise(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    Some(Effect::Authorise {
        order: order.id,
        amount_minor: order.total_minor,
        currency: context.state.currency_of(order.show),
        payment: order.payment_request.clone(),
    })
}

/// Once the money was taken and given back, no reservation is left.
fn void(context: &Context<'_>) -> Option<Effect> {
    if order(context).payment == PaymentState::Refunded {
        return None;
    }
    Some(Effect::Void {
        order: context.saga.order,
        provider: provider(context),
        authorisation: context.saga.receipt(AUTHORISE).map(str::to_owned),
    })
}

fn book(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    let order = order(context);
    if live_holds(context).len() != order.holds.len() {
        return Err(StepError::HoldGone);
    }
    let first_ticket = context.state.next_ticket(context.now_unix_ms);
    Ok(vec![Event::SeatsBooked { order: order.id, first_ticket, tickets: order.places() }])
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a local action")]
fn reverse_booking(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    Ok(vec![Event::BookingReversed { order: context.saga.order }])
}

fn capture(context: &Context<'_>) -> Option<Effect> {
    Some(Effect::Capture { order: context.saga.order, provider: provider(context), authorisation: authorisation(context) })
}

fn refund(context: &Context<'_>) -> Option<Effect> {
    let (provider, authorisation) = (provider(context), authorisation(context));
    Some(Effect::Refund { order: context.saga.order, provider, authorisation, amount_minor: order(context).total_minor })
}

/// The ids were set aside by the booking, which is always done before.
fn issue(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    let first_ticket = order.first_ticket.unwrap_or_else(|| context.state.next_ticket(context.now_unix_ms));
    Some(Effect::IssueTickets { order: order.id, first_ticket, tickets: order.places() })
}

fn provider(context: &Context<'_>) -> String {
    order(context).payment_request.provider.clone()
}

fn authorisation(context: &Context<'_>) -> String {
    context.saga.receipt(AUTHORISE).unwrap_or_default().to_owned()
}

fn compensated(context: &Context<'_>, why: Option<&StepError>) -> Vec<Event> {
    let reason = match why {
        Some(StepError::Declined(_)) => CancelReason::PaymentDeclined,
        Some(StepError::DeadlinePassed | StepError::HoldGone) => CancelReason::DeadlinePassed,
        _ => CancelReason::StepFailed,
    };
    vec![Event::OrderCancelled { order: context.saga.order, reason }]
}
