//! Which saga drives which order: the events of a saga name only the saga.

use std::collections::HashMap;

use guichet_core::domain::saga::{SagaRef, refund};
use guichet_core::{Event, Guichet, OrderId, SagaId};

/// What is known of a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Driver {
    pub(super) order: OrderId,
    /// What it runs.
    pub(super) definition: Option<SagaRef>,
}

/// The sagas that a stream has come across and that have not ended for it.
#[derive(Default)]
pub(super) struct Sagas(HashMap<SagaId, Option<Driver>>);

impl Sagas {
    /// The saga that an event is a step of. A stream that begins in the middle of a saga asks the engine, once.
    pub(super) fn of(&mut self, engine: &Guichet, event: &Event) -> Option<Driver> {
        let saga = event.saga()?;
        match event {
            Event::SagaStarted { order, definition, .. } => {
                let driver = Driver { order: *order, definition: Some(*definition) };
                self.0.insert(saga, Some(driver));
                Some(driver)
            }
            Event::SagaCompleted { .. } | Event::SagaCompensated { .. } => self.0.remove(&saga).unwrap_or_else(|| look_up(engine, saga)),
            _ => *self.0.entry(saga).or_insert_with(|| look_up(engine, saga)),
        }
    }
}

fn look_up(engine: &Guichet, saga: SagaId) -> Option<Driver> {
    let order = engine.order(engine.order_of_saga(saga)?).ok().flatten()?;
    let definition = if order.saga == saga {
        Some(order.saga_view.definition)
    } else {
        // Beside the one that an order names last, only refunds run.
        order.refunds.iter().any(|refund| refund.saga == saga).then_some(refund::V1.reference)
    };
    Some(Driver { order: order.id, definition })
}
