//! The reservations role: carries what the saga of one partition wants of the others, as commands over a bad line.
//!
//! Mirrors `guichet_core`'s role of that name: one partition after the other, asked again when it is busy or says nothing; whoever dies
//! leaves the rest to the next process. A command that is on its way when the process dies still arrives, and its answer finds nobody.

use std::rc::Rc;

use guichet_domain::across::{Refused, receipt_of, refused, requests};
use guichet_domain::commands::{ReleasePart, Request};
use guichet_domain::order::{CancelReason, Order as Ordered, OrderState};
use guichet_domain::saga::{Direction, Effect, EffectOutcome, Progress, StepError};
use guichet_domain::{Command, OrderId, Record, Rejection, State};

use super::payments::Order;
use super::requests::From;
use super::{Event, World};
use crate::oracle::Verdict;
use crate::plan::SECOND_US;
use crate::trace::note;

/// How long the role waits for an answer that may have been lost.
const PATIENCE_US: u64 = 2 * SECOND_US;
/// First pause before a busy partition is asked again; each is twice the one before.
const PAUSE_US: u64 = 5_000;
/// How often a partition is asked before the saga waits by its own rules.
const ASKED_MAX: u32 = 5;
/// The question of a release that nobody waits for: an overdue part asks again by itself.
const OF_NOBODY: u64 = 0;

/// An effect in other partitions, as far as it is; found by the number of its present question.
pub(crate) struct Errand {
    partition: usize,
    order: Order,
    requests: Vec<(u16, Command)>,
    next: usize,
    asked: u32,
    parts: Vec<OrderId>,
}

/// A command on its way to another partition.
pub(crate) struct Message {
    question: u64,
    asked: u32,
    to: usize,
    command: Command,
}

/// What comes back.
pub(crate) enum Said {
    /// It is done, now or earlier; a reservation names the part.
    Accepted(Option<OrderId>),
    Refused(Rejection),
    /// Nothing, in time, or that there is no room.
    Nothing,
}

impl World {
    /// The role begins to work on an effect.
    pub(super) fn run_errand(&mut self, partition: usize, order: Order) {
        let requests = requests(order.saga, &order.effect);
        self.carry(Errand { partition, order, requests, next: 0, asked: 0, parts: Vec::new() });
    }

    fn carry(&mut self, mut errand: Errand) {
        let Some((to, command)) = errand.requests.get(errand.next).cloned() else {
            let receipt = matches!(errand.order.effect, Effect::ReserveParts { .. }).then(|| receipt_of(&errand.parts));
            return self.outcome(errand.partition, &errand.order, EffectOutcome::Done { receipt });
        };
        self.legs += 1;
        errand.asked += 1;
        let (question, asked) = (self.legs, errand.asked);
        note!(self.trace, "p{} asks p{to} {question}: {} {asked} times", errand.partition, errand.order.saga.sequence());
        self.errands.insert(question, errand);
        self.after(PATIENCE_US, Event::Heard { question, said: Said::Nothing });
        self.transmit(Message { question, asked, to: usize::from(to), command });
    }

    fn transmit(&mut self, message: Message) {
        let (message, faults) = (Rc::new(message), self.plan.payments.clone());
        let copies = 1 + u64::from(self.rng.chance(faults.double_question));
        for copy in 0..copies {
            if !self.rng.chance(faults.lose_question) {
                // A second copy may come when the order has long been decided.
                let late_us = copy * self.rng.spread(1, 600 * SECOND_US);
                let way_us = self.rng.below(faults.way_us_max) + late_us;
                self.after(way_us, Event::Message(Rc::clone(&message)));
            }
        }
    }

    pub(super) fn message_arrives(&mut self, message: Rc<Message>) {
        self.send(message.to, Rc::new(Request::from(message.command.clone())), From::Message(message));
    }

    /// No answer, and the role is told so.
    pub(super) fn message_unanswered(&mut self, message: &Message) {
        self.after(PAUSE_US << message.asked, Event::Heard { question: message.question, said: Said::Nothing });
    }

    pub(super) fn message_answered(&mut self, message: &Message, record: &Record) -> Verdict {
        let said = match (record, &message.command) {
            (Record::Refused { rejection, .. }, _) => Said::Refused(rejection.clone()),
            // One that was placed by an earlier request is known by its saga.
            (_, Command::PlacePart(place)) => Said::Accepted(self.oracles[message.to].state().part_of_saga(place.saga).map(|part| part.id)),
            _ => Said::Accepted(None),
        };
        match said {
            Said::Refused(rejection) if message.question == OF_NOBODY => {
                Err(format!("an overdue part cannot be released, {:?}: {rejection:?}", message.command))
            }
            said if !self.rng.chance(self.plan.payments.lose_answer) => {
                let way_us = self.rng.below(self.plan.payments.way_us_max);
                self.after(way_us, Event::Heard { question: message.question, said });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The first answer to a question counts; later ones find nobody.
    pub(super) fn heard(&mut self, question: u64, said: Said) {
        let Some(mut errand) = self.errands.remove(&question) else { return };
        let unavailable = |error| EffectOutcome::Unavailable { error };
        let outcome = match said {
            Said::Nothing if errand.asked < ASKED_MAX => return self.carry(errand),
            Said::Nothing => unavailable(StepError::Unavailable("no answer".into())),
            Said::Accepted(part) => {
                errand.parts.extend(part);
                (errand.next, errand.asked) = (errand.next + 1, 0);
                return self.carry(errand);
            }
            Said::Refused(rejection) => match refused(&errand.order.effect, &rejection) {
                Refused::Done => {
                    (errand.next, errand.asked) = (errand.next + 1, 0);
                    return self.carry(errand);
                }
                Refused::Later(error) => unavailable(error),
                Refused::Never(error) => EffectOutcome::Refused { error },
            },
        };
        self.outcome(errand.partition, &errand.order, outcome);
    }

    /// A part says that it is overdue.
    pub(super) fn part_overdue(&mut self, part: OrderId) {
        let way_us = self.rng.below(self.plan.payments.way_us_max);
        self.after(way_us, Event::LookAfter { life: self.life, part });
    }

    /// What its home will never sell is released; anything else, and a home that cannot be read, is waited for.
    pub(super) fn look_after(&mut self, id: OrderId) {
        let part = self.oracles[usize::from(id.partition())].state().order(id);
        let decided = |part: &&Ordered| matches!(part.state, OrderState::Confirmed | OrderState::Cancelled);
        let Some(of) = part.filter(|part| !decided(part)).and_then(Ordered::part_of).copied() else { return };
        let home = usize::from(of.home.partition());
        if self.shards[home].as_ref().is_none_or(|shard| shard.stopped.is_some()) {
            return;
        }
        let state = self.oracles[home].state();
        let Some(reason) = state.order(of.home).and_then(|order| never_sold(order, state)) else { return };
        let release = ReleasePart { saga: of.saga, home: of.home, deadline_unix_ms: of.deadline_unix_ms, reason };
        let (to, command) = (usize::from(id.partition()), Command::ReleasePart(release));
        self.transmit(Message { question: OF_NOBODY, asked: 0, to, command });
    }
}

/// What is cancelled or on its way back never goes forward again.
fn never_sold(home: &Ordered, state: &State) -> Option<CancelReason> {
    if home.state == OrderState::Cancelled {
        return Some(home.cancel_reason.unwrap_or(CancelReason::StepFailed));
    }
    let progress = state.saga(home.saga).map(|saga| saga.progress);
    let back = matches!(progress, Some(Progress::Backward { .. } | Progress::Stuck { direction: Direction::Backward, .. }));
    back.then_some(CancelReason::StepFailed)
}
