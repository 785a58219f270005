//! Roles: what happens outside the shards. A role follows the journal with its own cursor and limits, executes the effects that are
//! its own, and reports each outcome as a command. However slow it is, no hold waits for it.
//!
//! Effects are executed at least once: an intent is in the journal before it is executed, and an intent without an outcome is
//! executed again after a restart.

mod payments;
mod reservations;
mod runner;
mod ticketing;

pub(crate) use payments::Payments;
pub(crate) use reservations::{Ask, Others, Overdue, Reservations};
pub(crate) use runner::{ReportTo, RoleRunner};
pub(crate) use ticketing::Ticketing;

use std::future::Future;
use std::pin::Pin;

use guichet_domain::SagaId;
use guichet_domain::saga::{Direction, Effect, EffectOutcome};

use crate::providers::EffectId;

/// An effect to be executed.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) saga: SagaId,
    pub(crate) step: u8,
    pub(crate) direction: Direction,
    pub(crate) attempt: u32,
    pub(crate) effect: Effect,
}

impl Task {
    /// Its name at the provider: the same for every attempt. The saga's id carries the incarnation.
    pub(crate) fn effect_id(&self) -> EffectId {
        effect_id(self.saga, self.step, self.direction)
    }
}

/// The id of an effect at its provider.
#[must_use]
pub fn effect_id(saga: SagaId, step: u8, direction: Direction) -> EffectId {
    let direction = match direction {
        Direction::Forward => "do",
        Direction::Backward => "undo",
    };
    EffectId(format!("{saga}-{step}-{direction}"))
}

/// A role.
pub(crate) trait Role: Send + Sync + 'static {
    /// Its name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Most effects that it executes at once.
    fn concurrency(&self) -> usize;

    /// Whether an effect is its own.
    fn handles(&self, effect: &Effect) -> bool;

    /// Executes an effect. Never waits longer than its own limit. Nothing means that the outcome will be reported by somebody else.
    fn execute<'a>(&'a self, task: &'a Task) -> Pin<Box<dyn Future<Output = Option<EffectOutcome>> + Send + 'a>>;
}
