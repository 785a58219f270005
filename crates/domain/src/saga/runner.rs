//! Interprets saga definitions. Knows no saga by name, performs nothing: it turns a saga and an outcome into events.
//!
//! One call is one step: the caller applies the events and calls [`advance`] again until it returns nothing, so each step sees the
//! state that the step before it left, all inside one record.
//!
//! Must never be true: an effect without a journalled intent; a step skipped on the way back; an end while something is pending.

use super::{
    Action, Context, Direction, EffectOutcome, PendingEffect, Progress, Refusal, RetryPolicy, Saga, SagaRef, StepError, definition,
};
use crate::{Event, OrderId, SagaId, State};

/// The next thing that the saga can do by itself; nothing when it waits or has ended.
#[must_use]
pub fn advance(state: &State, saga: &Saga, now_unix_ms: u64) -> Vec<Event> {
    let Some(definition) = definition(saga.definition) else { return Vec::new() };
    if saga.pending.is_some() {
        return Vec::new();
    }
    let context = Context { state, saga, now_unix_ms };
    // A step that was stuck is asked again first: nobody knows whether it was done, so it could be neither left nor undone.
    if let Progress::Forward { step } = saga.progress
        && saga.failure.is_none()
        && let Some(error) = (definition.interrupted)(&context)
    {
        return vec![Event::StepFailed { saga: saga.id, step, error, undo_below: step }];
    }
    let (step, direction, action) = match saga.progress {
        Progress::Forward { step } => match definition.steps.get(usize::from(step)) {
            Some(row) => (step, Direction::Forward, &row.action),
            None => return with((definition.completed)(&context), Event::SagaCompleted { saga: saga.id }),
        },
        Progress::Backward { below: 0 } => {
            return with((definition.compensated)(&context, saga.failure.as_ref()), Event::SagaCompensated { saga: saga.id });
        }
        Progress::Backward { below } => (below - 1, Direction::Backward, &definition.steps[usize::from(below - 1)].compensation),
        Progress::Completed | Progress::Compensated | Progress::Stuck { .. } => return Vec::new(),
    };
    let done = Event::StepDone { saga: saga.id, step, direction, receipt: None };
    match action {
        Action::Nothing => vec![done],
        Action::Local(act) => match (act(&context), direction) {
            (Ok(events), _) => with(events, done),
            (Err(error), Direction::Forward) => vec![Event::StepFailed { saga: saga.id, step, error, undo_below: step }],
            (Err(error), Direction::Backward) => with((definition.stuck)(&context), Event::SagaStuck { saga: saga.id, step, error }),
        },
        Action::Effect { intend, .. } => match intend(&context) {
            Some(effect) => vec![Event::EffectIntended { saga: saga.id, step, direction, attempt: 0, effect }],
            None => vec![done],
        },
    }
}

/// What follows from a role's report; `None` when the saga does not wait for it.
#[must_use]
pub fn report(state: &State, saga: &Saga, step: u8, direction: Direction, outcome: &EffectOutcome, now_unix_ms: u64) -> Option<Vec<Event>> {
    let definition = definition(saga.definition)?;
    let pending = saga.pending.as_ref().filter(|pending| pending.step == step && pending.direction == direction)?;
    let row = definition.steps.get(usize::from(step))?;
    let action = match direction {
        Direction::Forward => &row.action,
        Direction::Backward => &row.compensation,
    };
    let Action::Effect { done, refused, unknown, .. } = action else { return None };
    let context = Context { state, saga, now_unix_ms };
    let stuck = |error: &StepError| Event::SagaStuck { saga: saga.id, step, error: error.clone() };
    Some(match outcome {
        EffectOutcome::Done { receipt } => {
            let meaning = done(&context, receipt.as_deref().unwrap_or_default());
            with(meaning, Event::StepDone { saga: saga.id, step, direction, receipt: receipt.clone() })
        }
        EffectOutcome::Refused { error } => match direction {
            // Definitely not done: the steps below it are undone, not this one.
            Direction::Forward if row.refusal == Refusal::Unwinds => {
                with(refused(&context), Event::StepFailed { saga: saga.id, step, error: error.clone(), undo_below: step })
            }
            Direction::Forward if row.refusal == Refusal::HalfDone => {
                with(refused(&context), Event::StepFailed { saga: saga.id, step, error: error.clone(), undo_below: step + 1 })
            }
            Direction::Forward | Direction::Backward => with((definition.stuck)(&context), stuck(error)),
        },
        // While the saga waits for its next try, nobody is on it: such a report is a repeat of the one that made it wait.
        EffectOutcome::Unavailable { .. } | EffectOutcome::Unknown { .. } if pending.retry_at_unix_ms.is_some() => return None,
        EffectOutcome::Unavailable { error } | EffectOutcome::Unknown { error } => {
            let attempt = pending.attempt + 1;
            if attempt >= row.retry.attempts_max {
                with((definition.stuck)(&context), stuck(error))
            } else {
                let at_unix_ms = now_unix_ms + delay_ms(row.retry, saga.id, attempt);
                let meaning = if matches!(outcome, EffectOutcome::Unknown { .. }) { unknown(&context) } else { Vec::new() };
                with(meaning, Event::RetryScheduled { saga: saga.id, step, attempt, at_unix_ms, error: error.clone() })
            }
        }
    })
}

/// Asks again, when the time has come.
#[must_use]
pub fn retry(saga: &Saga) -> Vec<Event> {
    let Some(pending) = &saga.pending else { return Vec::new() };
    let PendingEffect { step, direction, attempt, effect, .. } = pending.clone();
    vec![Event::EffectIntended { saga: saga.id, step, direction, attempt, effect }]
}

/// Turns a saga round from outside, for its order's deadline or its buyer; nothing when it is beyond the point where that is done at
/// once.
#[must_use]
pub fn turn_round(saga: &Saga, error: StepError) -> Vec<Event> {
    let Some(definition) = definition(saga.definition) else { return Vec::new() };
    match saga.progress {
        // Its outcome is unknown as long as it is pending, so it is undone like a done one.
        Progress::Forward { step } if step < definition.deadline_until_step => {
            vec![Event::StepFailed { saga: saga.id, step, error, undo_below: step + 1 }]
        }
        _ => Vec::new(),
    }
}

/// Lets a stuck saga go on where it stopped; `None` when it is not stuck.
#[must_use]
pub fn resume(saga: &Saga) -> Option<Event> {
    match saga.progress {
        Progress::Stuck { step, direction } => Some(Event::SagaResumed { saga: saga.id, step, direction }),
        _ => None,
    }
}

fn with(mut events: Vec<Event>, last: Event) -> Vec<Event> {
    events.push(last);
    events
}

/// Doubling from the first delay to the cap, times a jitter from one half to one. The jitter is a hash of saga and attempt: spread
/// over sagas like chance, and the same again on replay.
fn delay_ms(policy: RetryPolicy, saga: SagaId, attempt: u32) -> u64 {
    let full = policy.first_ms.saturating_mul(1 << attempt.saturating_sub(1).min(30)).min(policy.cap_ms);
    let mut hash = saga.sequence().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(attempt).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 31;
    full / 2 + hash.wrapping_mul(0x94d0_49bb_1331_11eb) % (full / 2 + 1)
}

impl Saga {
    /// A saga that has not moved yet.
    #[must_use]
    pub fn new(id: SagaId, definition: SagaRef, order: OrderId) -> Self {
        Self { id, definition, order, progress: Progress::Forward { step: 0 }, pending: None, receipts: Vec::new(), failure: None }
    }

    /// Applies one of its own events; others leave it as it is.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::EffectIntended { step, direction, attempt, effect, .. } => {
                let (step, direction, attempt) = (*step, *direction, *attempt);
                self.pending = Some(PendingEffect { step, direction, attempt, effect: effect.clone(), retry_at_unix_ms: None });
            }
            Event::StepDone { step, direction, receipt, .. } => {
                self.pending = None;
                if *direction == Direction::Forward {
                    // It was stuck there, and is not any more.
                    self.failure = None;
                }
                self.progress = match direction {
                    Direction::Forward => Progress::Forward { step: step + 1 },
                    Direction::Backward => Progress::Backward { below: *step },
                };
                if let (Some(receipt), Direction::Forward) = (receipt, direction) {
                    self.receipts.push((*step, receipt.clone()));
                }
            }
            Event::StepFailed { error, undo_below, .. } => {
                self.pending = None;
                self.failure = Some(error.clone());
                self.progress = Progress::Backward { below: *undo_below };
            }
            Event::RetryScheduled { attempt, at_unix_ms, .. } => {
                if let Some(pending) = &mut self.pending {
                    pending.attempt = *attempt;
                    pending.retry_at_unix_ms = Some(*at_unix_ms);
                }
            }
            Event::SagaCompleted { .. } => self.progress = Progress::Completed,
            Event::SagaCompensated { .. } => self.progress = Progress::Compensated,
            Event::SagaStuck { step, error, .. } => {
                let direction = if matches!(self.progress, Progress::Backward { .. }) { Direction::Backward } else { Direction::Forward };
                self.progress = Progress::Stuck { step: *step, direction };
                // On the way back the reason for turning round stays: it decides what the end means.
                if direction == Direction::Forward || self.failure.is_none() {
                    self.failure = Some(error.clone());
                }
                self.pending = None;
            }
            Event::SagaResumed { step, direction, .. } => {
                self.progress = match direction {
                    Direction::Forward => Progress::Forward { step: *step },
                    Direction::Backward => Progress::Backward { below: step + 1 },
                };
                self.pending = None;
            }
            _ => {}
        }
    }
}
