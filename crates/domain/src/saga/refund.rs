//! The refund saga: gives back a part of what was paid, or all of it. There is no way back from it: what the provider refuses, an
//! operator has to settle.

use super::order::{PROVIDER, nothing, order, refund_of};
use super::{Action, Context, Definition, Refusal, SagaRef, Step};
use crate::Event;

/// Gives back what the order's list of refunds has for this saga.
pub(super) const STEP: Step = Step {
    name: "refund",
    action: Action::Effect {
        intend: |context| Some(amount_minor(context)).filter(|amount| *amount > 0).and_then(|amount| refund_of(context, amount)),
        done: |context, _| {
            let (order, saga) = (context.saga.order, context.saga.id);
            vec![Event::PaymentRefunded { order, saga, amount_minor: amount_minor(context) }]
        },
        refused: nothing,
        unknown: nothing,
    },
    compensation: Action::Nothing,
    retry: PROVIDER,
    refusal: Refusal::Sticks,
};

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 2, version: 1 },
    name: "refund",
    steps: &[STEP],
    completed: nothing,
    compensated: |_, _| Vec::new(),
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: 0,
    interrupted: |_| None,
};

/// What this saga is to give back.
pub(super) fn amount_minor(context: &Context<'_>) -> i64 {
    let refunds = order(context).after.as_ref().map_or(&[][..], |after| &after.refunds);
    refunds.iter().find(|refund| refund.saga == context.saga.id).map_or(0, |refund| refund.amount_minor)
}
