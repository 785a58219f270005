//! Takes a sold order back that has parts in other partitions: the parts first, then the money of what was sold at home. Each part lets
//! its home give back what it cost by a saga of its own. There is no way back from it.

use super::order::{PROVIDER, nothing, order};
use super::{Action, Context, Definition, Effect, Refusal, SagaRef, Step, refund};
use crate::Event;
use crate::order::CancelReason;

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 5, version: 1 },
    name: "cancel_across",
    steps: &[
        Step {
            name: "cancel_parts",
            action: Action::Effect { intend: cancel_parts, done: |_, _| Vec::new(), refused: nothing, unknown: nothing },
            compensation: Action::Nothing,
            retry: PROVIDER,
            refusal: Refusal::Sticks,
        },
        refund::STEP,
    ],
    completed: nothing,
    compensated: |_, _| Vec::new(),
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: 0,
    interrupted: |_| None,
};

/// The record that starts the saga has cancelled the order: the reason is the same for all of it.
fn cancel_parts(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    let home = order.home_of()?;
    let (parts, waive_fee) = (home.parts.clone(), home.waive_fee);
    Some(Effect::CancelParts { order: order.id, parts, reason: order.cancel_reason.unwrap_or(CancelReason::ByOperator), waive_fee })
}
