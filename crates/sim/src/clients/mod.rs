//! The callers: each wants one thing at a time, and asks for it with the same key until it has an answer.

mod buyer;
mod operator;

pub(crate) use buyer::Buyer;
pub(crate) use operator::Operator;

use std::rc::Rc;
use std::sync::Arc;

use guichet_core::codec;
use guichet_domain::commands::Request;
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{Command, HoldId, Record};

use crate::plan::Habits;
use crate::rng::Rng;

/// Answered requests that a caller remembers, to send them again.
const REMEMBERED: usize = 6;

/// A show that is known to the public.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) definition: Arc<ShowDefinition>,
    pub(crate) plan: Arc<SeatingPlan>,
}

/// What the callers know of each other.
#[derive(Default)]
pub(crate) struct Public {
    pub(crate) shows: Vec<Listed>,
    /// A hold that somebody placed lately: others may try to use it.
    pub(crate) overheard: Option<HoldId>,
}

/// What a caller wants.
#[derive(Clone)]
pub(crate) struct Intent {
    pub(crate) partition: u16,
    pub(crate) request: Rc<Request>,
    pub(crate) tries: u32,
}

pub(crate) enum Kind {
    Operator(Operator),
    Buyer(Buyer),
}

/// A caller.
pub(crate) struct Client {
    number: u64,
    serial: u64,
    pub(crate) rng: Rng,
    pub(crate) kind: Kind,
    pub(crate) intent: Option<Intent>,
    /// Counts what it wanted, so that an answer to something else is recognised.
    pub(crate) turn: u64,
    /// When it acts next.
    pub(crate) due_us: u64,
    answered: Vec<(u16, Rc<Request>)>,
}

impl Client {
    pub(crate) fn new(number: u64, rng: Rng, kind: Kind) -> Self {
        Self { number, serial: 0, rng, kind, intent: None, turn: 0, due_us: 0, answered: Vec::new() }
    }

    fn key(&mut self, command: &Command) -> KeyStamp {
        self.serial += 1;
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.number.to_be_bytes());
        key[8..].copy_from_slice(&self.serial.to_be_bytes());
        KeyStamp { key: KeyHash(key), fingerprint: codec::fingerprint(command) }
    }

    /// Decides what it wants next; nothing for now is possible, too.
    pub(crate) fn choose(&mut self, habits: &Habits, public: &Public, wall_unix_ms: u64) {
        let old = (matches!(self.kind, Kind::Buyer(_)) && !self.answered.is_empty()).then(|| self.rng.index(self.answered.len()));
        let old = old.and_then(|old| self.answered.get(old).cloned());
        if let Some((partition, request)) = old.clone()
            && self.rng.chance(habits.repeat)
        {
            self.intent = Some(Intent { partition, request, tries: 0 });
            return;
        }
        let wanted = match &mut self.kind {
            Kind::Operator(operator) => operator.want(&mut self.rng, habits, public),
            Kind::Buyer(buyer) => buyer.want(&mut self.rng, habits, public),
        };
        let Some((partition, command)) = wanted else { return };
        let mut key = self.key(&command);
        if let Some(KeyStamp { key: reused, .. }) = old.and_then(|(_, request)| request.key)
            && self.rng.chance(habits.reuse)
        {
            key.key = reused;
        }
        let key_made_at_unix_ms = self.rng.one_of(2).then_some(wall_unix_ms);
        let request = Rc::new(Request { key: Some(key), key_made_at_unix_ms, command });
        self.intent = Some(Intent { partition, request, tries: 0 });
    }

    /// Its request was answered.
    pub(crate) fn learn(&mut self, record: &Record, public: &mut Public) {
        let Some(intent) = self.intent.take() else { return };
        self.turn += 1;
        match &mut self.kind {
            Kind::Operator(operator) => operator.learn(&intent.request.command, record, public),
            Kind::Buyer(buyer) => buyer.learn(record, public),
        }
        if self.answered.len() == REMEMBERED {
            self.answered.remove(0);
        }
        self.answered.push((intent.partition, intent.request));
    }
}
