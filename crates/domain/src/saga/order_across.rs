//! The saga of an order over several partitions: as the ordinary one, and before each of its points of no return the parts follow. They
//! pin before the money is asked for, book before it is taken, and give their tickets out when it is there.
//!
//! Must never be true: money taken while a part is not booked; a part confirmed that could still be undone. So what is refused to
//! confirm makes the saga stuck and does not unwind it, and an order is not cancelled in that step any more but after it.

use super::order::{PROVIDER, authorise, book, capture, compensated, issue, issued, nothing, order, payment_unknown, refund};
use super::order::{release_holds, requested_cancellation, reverse_booking, void};
use super::{Action, Context, Definition, Effect, Refusal, SagaRef, Step, StepError};
use crate::Event;
use crate::across::{HomeOf, parts_of_receipt};
use crate::order::CancelReason;

const BOOK: u8 = 3;
const ISSUE: u8 = 6;

/// Gives everything back in every other partition, whatever has been done there so far.
const RELEASE: Action = Action::Effect { intend: release, done: |_, _| Vec::new(), refused: nothing, unknown: nothing };

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 4, version: 1 },
    name: "order_across",
    steps: &[
        Step {
            name: "pin",
            action: Action::Nothing,
            compensation: Action::Local(release_holds),
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "reserve",
            action: Action::Effect {
                intend: reserve,
                done: |context, receipt| vec![Event::PartsReserved { order: context.saga.order, parts: parts_of_receipt(receipt) }],
                refused: nothing,
                unknown: nothing,
            },
            compensation: RELEASE,
            retry: PROVIDER,
            refusal: Refusal::HalfDone,
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
            action: Action::Local(book_home),
            compensation: Action::Local(reverse_booking),
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "book_parts",
            action: Action::Effect { intend: book_parts, done: |_, _| Vec::new(), refused: nothing, unknown: nothing },
            // Here already, not only when the reservation is undone: the money may take days on its way back.
            compensation: RELEASE,
            retry: PROVIDER,
            refusal: Refusal::HalfDone,
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
        Step {
            name: "confirm_parts",
            action: Action::Effect { intend: confirm_parts, done: |_, _| Vec::new(), refused: nothing, unknown: nothing },
            compensation: Action::Nothing,
            retry: PROVIDER,
            refusal: Refusal::Sticks,
        },
    ],
    completed: |context| vec![Event::OrderConfirmed { order: context.saga.order }],
    compensated,
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: BOOK,
    interrupted: requested_cancellation,
};

fn home<'a>(context: &Context<'a>) -> Option<&'a HomeOf> {
    order(context).home_of()
}

fn reserve(context: &Context<'_>) -> Option<Effect> {
    let HomeOf { wanted, deadline_unix_ms, .. } = home(context)?;
    Some(Effect::ReserveParts { order: context.saga.order, parts: wanted.clone(), deadline_unix_ms: *deadline_unix_ms })
}

fn release(context: &Context<'_>) -> Option<Effect> {
    let HomeOf { wanted, deadline_unix_ms, .. } = home(context)?;
    let reason = match compensated(context, context.saga.failure.as_ref()).first() {
        Some(Event::OrderCancelled { reason, .. }) => *reason,
        _ => CancelReason::StepFailed,
    };
    let partitions = wanted.iter().map(|part| part.partition).collect();
    Some(Effect::ReleaseParts { order: context.saga.order, partitions, deadline_unix_ms: *deadline_unix_ms, reason })
}

/// Nothing is booked before every part is known by its name.
fn book_home(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    let known = home(context).is_some_and(|home| home.parts.len() == home.wanted.len());
    if known { book(context) } else { Err(StepError::Failed("a part has no name".to_owned())) }
}

fn book_parts(context: &Context<'_>) -> Option<Effect> {
    Some(Effect::BookParts { order: context.saga.order, parts: home(context)?.parts.clone() })
}

/// The parts' tickets are signed with the key that signed the home's.
fn confirm_parts(context: &Context<'_>) -> Option<Effect> {
    let key_id = context.saga.receipt(ISSUE).map_or([0; 4], super::order::key_id);
    Some(Effect::ConfirmParts { order: context.saga.order, parts: home(context)?.parts.clone(), key_id })
}
