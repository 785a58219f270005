//! The roles, and the payment provider at the other end of a bad line.
//!
//! Mirrors `guichet_core`'s payments role: only what is durable is executed; whoever asked before looks first; after its patience the
//! outcome is unknown; a report is repeated until it is answered. A question that is on its way when the process dies still arrives.

use std::rc::Rc;

use guichet_broker::planted::{self, PlantedBug};
use guichet_core::shard::DurableBatch;
use guichet_core::{LookUp, effect_id};
use guichet_domain::commands::ReportEffect;
use guichet_domain::saga::{Direction, Effect, EffectOutcome, StepError};
use guichet_domain::{Event as Happened, SagaId};

use super::bank::Deed;
use super::requests::EffectReport;
use super::{Event, World};
use crate::clients::{MANUAL, SIMULATED};
use crate::plan::SECOND_US;
use crate::trace::note;

/// How long a provider may take.
const PATIENCE_US: u64 = 10 * SECOND_US;
/// First pause before a report is sent again.
const REPORT_PAUSE_US: u64 = 5_000;

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

impl World {
    pub(super) fn outage(&mut self, outage: bool) {
        note!(self.trace, "the payment provider is {}", if outage { "out of service" } else { "back" });
        self.bank.set_outage(outage);
    }

    /// Records have become durable: roles begin what they intend.
    pub(super) fn publish(&mut self, partition: usize, batch: &DurableBatch) {
        for event in batch.records.iter().flat_map(|(_, record)| record.events()) {
            self.public.watch(event);
            match event {
                Happened::EffectIntended { saga, step, direction, attempt, effect } => {
                    let (saga, step, direction, attempt) = (*saga, *step, *direction, *attempt);
                    self.execute(partition, Order { saga, step, direction, attempt, effect: effect.clone() });
                }
                Happened::SagaResumed { saga, step, direction } => {
                    self.bank.reconsider(*saga, *step, *direction, &self.plan.payments);
                }
                Happened::PartOverdue { order, .. } => self.part_overdue(*order),
                _ => {}
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
            // What is asked of other partitions.
            _ => return self.run_errand(partition, order),
        };
        if provider == MANUAL {
            return self.by_hand(partition, &order);
        }
        if provider != SIMULATED && self.draining && matches!(order.effect, Effect::Void { .. }) {
            // Somebody has registered it again, and it never heard of the order.
            return self.outcome(partition, &order, EffectOutcome::Done { receipt: None });
        }
        if provider != SIMULATED {
            let outcome = EffectOutcome::Refused { error: StepError::Failed(format!("there is no payment provider \"{provider}\"")) };
            return self.outcome(partition, &order, outcome);
        }
        if planted::is(PlantedBug::SkipCompensation) && order.direction == Direction::Backward {
            return self.outcome(partition, &order, EffectOutcome::Done { receipt: None });
        }
        let look_up = order.attempt > 0;
        self.ask(partition, order, look_up);
    }

    /// The provider for payments by hand is a part of the process: what it can answer it answers at once, the rest people will.
    fn by_hand(&mut self, partition: usize, order: &Order) {
        if matches!(order.effect, Effect::Capture { .. } | Effect::Void { .. }) {
            self.outcome(partition, order, EffectOutcome::Done { receipt: None });
        }
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
        let mut id = effect_id(order.saga, order.step, order.direction);
        if planted::is(PlantedBug::RefundTwice) && order.attempt > 0 && matches!(order.effect, Effect::Refund { .. }) {
            id.0 += "-again";
        }
        let faults = self.plan.payments.clone();
        let (answer, delay, arrives) = if *look_up {
            (Leg::LookedUp(self.bank.look_up(&id)), std::time::Duration::ZERO, true)
        } else {
            let Deed { outcome, after, arrives, news, late } = self.bank.perform(&id, &order.effect, &faults);
            note!(self.trace, "the provider: {} -> {outcome:?}", id.0);
            self.announce(news);
            if let Some(after) = late {
                self.payment_comes(id, after);
            }
            (Leg::Performed(outcome), after, arrives)
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

    pub(super) fn outcome(&mut self, partition: usize, order: &Order, outcome: EffectOutcome) {
        let command = ReportEffect { saga: order.saga, step: order.step, direction: order.direction, outcome };
        let report = Rc::new(EffectReport { partition, command, pause_us: REPORT_PAUSE_US });
        let copies = 1 + u64::from(self.rng.chance(self.plan.payments.double_report));
        for copy in 0..copies {
            let delay_us = self.rng.below(1_000) + copy * self.rng.spread(1, 60 * SECOND_US);
            self.after(delay_us, Event::Report { life: self.life, report: Rc::clone(&report) });
        }
    }
}
