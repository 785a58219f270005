//! Requests and answers on their way between callers, roles and shards.

use std::rc::Rc;

use guichet_core::shard::{NoAnswer, Outcome};
use guichet_domain::commands::{ReportEffect, Request};
use guichet_domain::{Command, Record};

use super::news::Flight;
use super::reservations::Message;
use super::{Event, World};
use crate::clients::View;
use crate::oracle::{Oracle, Verdict};
use crate::plan::SECOND_US;
use crate::trace::note;

/// How long a caller waits before it asks again.
const PATIENCE_US: u64 = 30 * SECOND_US;
/// How often somebody looks at closing time what is left to do.
const CLOSING_US: u64 = 600 * SECOND_US;
/// Longest pause between two tries.
const PAUSE_US_MAX: u64 = 60 * SECOND_US;

/// A report that a role repeats until the shard has an answer.
pub(crate) struct EffectReport {
    pub(super) partition: usize,
    pub(super) command: ReportEffect,
    pub(super) pause_us: u64,
}

/// Who waits for an answer.
pub(super) enum From {
    Client { client: usize, turn: u64 },
    Role(Rc<EffectReport>),
    Provider(Rc<Flight>),
    Message(Rc<Message>),
}

/// A request that a shard has been given.
pub(crate) struct Call {
    partition: usize,
    request: Rc<Request>,
    from: From,
}

impl World {
    /// A caller asks, or asks again.
    pub(super) fn client_acts(&mut self, number: usize, turn: u64) {
        let wall_unix_ms = self.wall_unix_ms();
        let (draining, habits) = (self.draining, self.plan.habits.clone());
        let client = &mut self.clients[number];
        if turn != client.turn || client.due_us != self.now_us {
            return;
        }
        if client.intent.is_none() {
            if draining && !client.kind.stays() {
                return;
            }
            if draining || !client.kind.comes_last() {
                let (states, sagas) = (self.oracles.iter().map(Oracle::state).collect(), self.oracles.iter().map(Oracle::sagas).collect());
                client.choose(&habits, &View { public: &self.public, states, sagas, wall_unix_ms });
            }
        }
        let Some(intent) = client.intent.as_mut() else {
            let delay_us = client.rng.spread(1_000, habits.think_us.max(SECOND_US));
            if client.kind.comes_last() {
                if draining {
                    self.comes_again(number, CLOSING_US);
                }
            } else if !draining {
                self.comes_again(number, delay_us);
            }
            return;
        };
        intent.tries += 1;
        let (partition, request) = (usize::from(intent.partition), Rc::clone(&intent.request));
        let copies = 1 + u64::from(client.rng.chance(habits.double));
        self.comes_again(number, PATIENCE_US);
        for _ in 0..copies {
            self.send(partition, Rc::clone(&request), From::Client { client: number, turn });
        }
    }

    /// Plans when a caller acts next; what was planned before is void.
    pub(super) fn comes_again(&mut self, number: usize, delay_us: u64) {
        let client = &mut self.clients[number];
        client.due_us = self.now_us + delay_us;
        let turn = client.turn;
        self.after(delay_us, Event::Client { client: number, turn });
    }

    pub(super) fn send(&mut self, partition: usize, request: Rc<Request>, from: From) {
        self.calls_made += 1;
        let id = self.calls_made;
        let room = self.plan.mailbox;
        let Some(shard) = self.shards[partition].as_mut().filter(|_| self.up) else {
            return self.unanswered(from, "nobody is there");
        };
        if shard.stopped.is_some() {
            return self.unanswered(from, "stopped");
        }
        if shard.mailbox.len() >= room {
            return self.unanswered(from, "busy");
        }
        shard.mailbox.push_back((id, Rc::clone(&request)));
        self.calls.insert(id, Call { partition, request, from });
        let delay_us = self.rng.below(200);
        self.wake(partition, delay_us);
    }

    /// No answer, for whatever reason: the caller comes again with the same key.
    fn unanswered(&mut self, from: From, why: &str) {
        match from {
            From::Client { client: number, turn } => {
                let client = &mut self.clients[number];
                if client.turn != turn {
                    return;
                }
                let tries = client.intent.as_ref().map_or(0, |intent| intent.tries);
                let pause_us = (100_000_u64 << tries.min(20)).min(PAUSE_US_MAX);
                let delay_us = 1_000 + client.rng.below(pause_us);
                note!(self.trace, "client {number} turn {turn}: {why}");
                self.comes_again(number, delay_us);
            }
            From::Provider(flight) => self.news_again(&flight),
            From::Message(message) => self.message_unanswered(&message),
            From::Role(report) => {
                let again = EffectReport {
                    pause_us: (report.pause_us * 2).min(SECOND_US),
                    command: report.command.clone(),
                    partition: report.partition,
                };
                self.after(report.pause_us, Event::Report { life: self.life, report: Rc::new(again) });
            }
        }
    }

    /// A role sends its report.
    pub(super) fn report(&mut self, report: Rc<EffectReport>) {
        let command = Command::ReportEffect(report.command.clone());
        self.send(report.partition, Rc::new(Request::from(command)), From::Role(report));
    }

    /// The process is gone, and with it every connection.
    pub(super) fn break_connections(&mut self) {
        for call in std::mem::take(&mut self.calls).into_values() {
            if let From::Client { .. } | From::Provider(_) = call.from {
                self.unanswered(call.from, "the connection broke");
            }
        }
    }

    /// A shard answers.
    pub(super) fn respond(&mut self, id: u64, response: Result<Outcome, NoAnswer>) -> Verdict {
        let Some(Call { partition, request, from }) = self.calls.remove(&id) else {
            return Err(format!("call {id} was answered twice, or never made"));
        };
        let outcome = match response {
            Ok(outcome) => outcome,
            Err(why) => {
                self.unanswered(from, &why.to_string());
                return Ok(());
            }
        };
        let record = self.oracles[partition].answered(&request, &outcome)?;
        self.stats.acknowledged += 1;
        self.stats.repeats += u64::from(outcome.batch.is_none());
        if let Record::Accepted { .. } = record {
            self.stats.accepted.count(&request.command);
        }
        self.learn(from, outcome.offset, &record)
    }

    fn learn(&mut self, from: From, offset: u64, record: &Record) -> Verdict {
        let (number, turn) = match from {
            From::Client { client, turn } => (client, turn),
            From::Message(message) => return self.message_answered(&message, record),
            From::Provider(flight) => {
                self.news_answered(&flight, record);
                return Ok(());
            }
            From::Role(_) => return Ok(()),
        };
        let client = &mut self.clients[number];
        let code = match record {
            Record::Refused { rejection, .. } => rejection.code(),
            _ => "accepted",
        };
        note!(self.trace, "client {number} turn {turn}: {code} at {offset}");
        if client.turn != turn || client.rng.chance(self.plan.habits.lose_answer) {
            return Ok(());
        }
        client.learn(record, &mut self.public);
        let pace = if client.kind.is_staff() { self.plan.staff_pace } else { 1 };
        let longest_us = if client.kind.comes_last() { 1_000 } else { self.plan.habits.think_us * 2 * pace };
        let delay_us = client.rng.spread(100, longest_us);
        self.comes_again(number, delay_us);
        Ok(())
    }
}
