//! The money of a part is with its home: when places of the part are cancelled, this saga asks the home to give their price back. The
//! home takes it over once, however often it is asked, and what happens to the money then is told there.

use super::order::{PROVIDER, nothing, order};
use super::refund::amount_minor;
use super::{Action, Context, Definition, Effect, Refusal, SagaRef, Step};
use crate::Event;

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 6, version: 1 },
    name: "part_refund",
    steps: &[Step {
        name: "hand_over",
        action: Action::Effect {
            intend: hand_over,
            done: |context, _| vec![Event::RefundHandedOver { order: context.saga.order, saga: context.saga.id }],
            refused: nothing,
            unknown: nothing,
        },
        compensation: Action::Nothing,
        retry: PROVIDER,
        refusal: Refusal::Sticks,
    }],
    completed: nothing,
    compensated: |_, _| Vec::new(),
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: 0,
    interrupted: |_| None,
};

fn hand_over(context: &Context<'_>) -> Option<Effect> {
    let order = order(context);
    let home = order.part_of()?.home;
    Some(Effect::RefundPart { order: order.id, home, amount_minor: amount_minor(context) })
}
