//! The roles, and the payment provider at the other end of a bad line.
//!
//! Mirrors `guichet_core`'s payments role: only what is durable is executed; whoever asked before looks first; after its patience the
//! outcome is unknown; a report is repeated until it is answered. A question that is on its way when the process dies still arrives.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use guichet_core::shard::DurableBatch;
use guichet_core::{Authorisation, EffectId, LedgerEntry, LookUp, SimulatedProvider, effect_id};
use guichet_domain::commands::ReportEffect;
use guichet_domain::saga::{Direction, Effect, EffectOutcome, StepError};
use guichet_domain::{Event as Happened, SagaId};

use super::requests::EffectReport;
use super::{Event, World};
use crate::plan::{PaymentFaults, SECOND_US};
use crate::rng::Rng;
use crate::trace::note;

/// How long a provider may take.
const PATIENCE_US: u64 = 10 * SECOND_US;
/// First pause before a report is sent again.
const REPORT_PAUSE_US: u64 = 5_000;
/// The only provider that there is.
const PROVIDER: &str = "simulated";

/// An effect to be executed.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) saga: SagaId,
    pub(super) step: u8,
    pub(super) direction: Direction,
    pub(super) attempt: u32,
    pub(super) effect: Effect,
}

/// An order that a role is working on; found by the number of its present question.
pub(crate) struct Task {
    partition: usize,
    order: Order,
}

/// A question on its way to the provider.
pub(crate) struct Arrival {
    life: u64,
    leg: u64,
    order: Order,
    look_up: bool,
}

/// What comes back.
pub(crate) enum Leg {
    LookedUp(LookUp),
    Performed(EffectOutcome),
    /// Nothing, in time.
    Silence,
}

/// The provider: the engine's simulated one, and some refusals that it would never give.
pub(crate) struct Bank {
    provider: SimulatedProvider,
    refused: BTreeMap<EffectId, EffectOutcome>,
    rng: Rng,
}

impl Bank {
    pub(super) fn new(rng: Rng) -> Self {
        Self { provider: SimulatedProvider::default(), refused: BTreeMap::new(), rng }
    }

    pub(super) fn ledger(&self) -> Vec<LedgerEntry> {
        self.provider.ledger()
    }

    fn look_up(&self, id: &EffectId) -> LookUp {
        match (self.provider.look_up_now(id), self.refused.get(id)) {
            (LookUp::NeverSeen, Some(refusal)) => LookUp::Known(refusal.clone()),
            (known, _) => known,
        }
    }

    /// What it does, how long it takes, and whether it says so.
    fn perform(&mut self, id: &EffectId, effect: &Effect, faults: &PaymentFaults) -> (EffectOutcome, Duration, bool) {
        let at_once = |outcome| (outcome, Duration::ZERO, true);
        if let LookUp::Unavailable(error) = self.provider.look_up_now(id) {
            return at_once(EffectOutcome::Unavailable { error });
        }
        if let LookUp::Known(outcome) = self.look_up(id) {
            return at_once(outcome);
        }
        let rate = match effect {
            Effect::Capture { .. } => faults.refuse_capture,
            Effect::Void { .. } | Effect::Refund { .. } => faults.refuse_return,
            _ => 0,
        };
        if self.rng.chance(rate) {
            let refusal = EffectOutcome::Refused { error: StepError::Failed("the bank will not".into()) };
            self.refused.insert(id.clone(), refusal.clone());
            return at_once(refusal);
        }
        match effect {
            Effect::Authorise { order, amount_minor, currency, payment } => {
                let token = payment.token.clone();
                let authorisation = Authorisation { order: *order, amount_minor: *amount_minor, currency: *currency, token };
                self.provider.authorise_now(id, &authorisation)
            }
            Effect::Capture { authorisation, .. } => at_once(self.provider.capture_now(id, authorisation)),
            Effect::Void { order, .. } => at_once(self.provider.void_now(id, *order)),
            Effect::Refund { authorisation, amount_minor, .. } => at_once(self.provider.refund_now(id, authorisation, *amount_minor)),
            Effect::IssueTickets { .. } => at_once(EffectOutcome::Refused { error: StepError::Failed("not a payment".into()) }),
        }
    }
}

impl World {
    pub(super) fn outage(&mut self, outage: bool) {
        note!(self.trace, "the payment provider is {}", if outage { "out of service" } else { "back" });
        self.bank.provider.set_outage(outage);
    }

    /// Records have become durable: roles begin what they intend.
    pub(super) fn publish(&mut self, partition: usize, batch: &DurableBatch) {
        for event in batch.records.iter().flat_map(|(_, record)| record.events()) {
            if let Happened::EffectIntended { saga, step, direction, attempt, effect } = event {
                let (saga, step, direction, attempt) = (*saga, *step, *direction, *attempt);
                self.execute(partition, Order { saga, step, direction, attempt, effect: effect.clone() });
            }
        }
    }

    /// A role begins to work on an effect.
    pub(super) fn execute(&mut self, partition: usize, order: Order) {
        self.stats.effects += 1;
        let provider = match &order.effect {
            Effect::Authorise { payment, .. } => &payment.provider,
            Effect::Capture { provider, .. } | Effect::Void { provider, .. } | Effect::Refund { provider, .. } => provider,
            Effect::IssueTickets { .. } => {
                let refuse = self.rng.chance(self.plan.payments.refuse_tickets);
                let outcome = if refuse {
                    EffectOutcome::Refused { error: StepError::Failed("no signing key".into()) }
                } else {
                    EffectOutcome::Done { receipt: Some("key 1".into()) }
                };
                return self.outcome(partition, &order, outcome);
            }
        };
        if provider != PROVIDER {
            let outcome = EffectOutcome::Refused { error: StepError::Failed(format!("there is no payment provider \"{provider}\"")) };
            return self.outcome(partition, &order, outcome);
        }
        let look_up = order.attempt > 0;
        self.ask(partition, order, look_up);
    }

    fn ask(&mut self, partition: usize, order: Order, look_up: bool) {
        self.legs += 1;
        let (life, leg, faults) = (self.life, self.legs, self.plan.payments.clone());
        note!(
            self.trace,
            "p{partition} asks {leg}: {} {:?}, attempt {}, look-up {look_up}",
            order.saga.sequence(),
            order.direction,
            order.attempt
        );
        let arrival = Rc::new(Arrival { life, leg, order: order.clone(), look_up });
        self.tasks.insert(leg, Task { partition, order });
        self.after(PATIENCE_US, Event::Answer { life, leg, answer: Leg::Silence });
        let copies = 1 + u64::from(self.rng.chance(faults.double_question));
        for _ in 0..copies {
            if !self.rng.chance(faults.lose_question) {
                let way_us = self.rng.below(faults.way_us_max);
                self.after(way_us, Event::Question(Rc::clone(&arrival)));
            }
        }
    }

    pub(super) fn question_arrives(&mut self, arrival: &Arrival) {
        let Arrival { life, leg, order, look_up } = arrival;
        let id = effect_id(order.saga, order.step, order.direction);
        let faults = self.plan.payments.clone();
        let (answer, delay, arrives) = if *look_up {
            (Leg::LookedUp(self.bank.look_up(&id)), Duration::ZERO, true)
        } else {
            let (outcome, delay, arrives) = self.bank.perform(&id, &order.effect, &faults);
            note!(self.trace, "the provider: {} -> {outcome:?}", id.0);
            (Leg::Performed(outcome), delay, arrives)
        };
        if arrives && !self.rng.chance(faults.lose_answer) {
            let way_us = self.rng.below(faults.way_us_max) + u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
            self.after(way_us, Event::Answer { life: *life, leg: *leg, answer });
        }
    }

    /// The first answer to a question counts; later ones find nobody.
    pub(super) fn answer_arrives(&mut self, leg: u64, answer: Leg) {
        let Some(Task { partition, order }) = self.tasks.remove(&leg) else { return };
        let outcome = match answer {
            Leg::LookedUp(LookUp::NeverSeen) => return self.ask(partition, order, false),
            Leg::LookedUp(LookUp::Known(outcome)) | Leg::Performed(outcome) => outcome,
            Leg::LookedUp(LookUp::Unavailable(error)) => EffectOutcome::Unavailable { error },
            Leg::Silence => EffectOutcome::Unknown { error: StepError::TimedOut },
        };
        self.outcome(partition, &order, outcome);
    }

    fn outcome(&mut self, partition: usize, order: &Order, outcome: EffectOutcome) {
        let command = ReportEffect { saga: order.saga, step: order.step, direction: order.direction, outcome };
        let report = Rc::new(EffectReport { partition, command, pause_us: REPORT_PAUSE_US });
        let copies = 1 + u64::from(self.rng.chance(self.plan.payments.double_report));
        for copy in 0..copies {
            let delay_us = self.rng.below(1_000) + copy * self.rng.spread(1, 60 * SECOND_US);
            self.after(delay_us, Event::Report { life: self.life, report: Rc::clone(&report) });
        }
    }
}
