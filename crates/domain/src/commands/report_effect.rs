//! A role reports what became of an effect.

use crate::saga::{Direction, EffectOutcome, runner};
use crate::{Event, Rejection, SagaId, State};

/// The outcome of an effect. A second report of the same step is refused and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportEffect {
    /// Whose effect.
    pub saga: SagaId,
    /// Which step.
    pub step: u8,
    /// Doing or undoing it.
    pub direction: Direction,
    /// What became of it.
    pub outcome: EffectOutcome,
}

impl ReportEffect {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let saga = state.saga(self.saga).ok_or(Rejection::StepNotPending { saga: self.saga })?;
        runner::report(state, saga, self.step, self.direction, &self.outcome, now_unix_ms)
            .ok_or(Rejection::StepNotPending { saga: self.saga })
    }
}
