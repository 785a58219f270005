//! The state of one partition, and the three ways in which it moves: a request, the passing of time, the replay of a record.
//!
//! Live and replay run the same code: a live request decides events and applies them, replay applies the events that the journal
//! has. Must never be true: an event applied that is not in the record that is journalled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::across::next_due_unix_ms;
use crate::best::Memo;
use crate::commands::{KeyLife, Request};
use crate::dedup::{Dedup, RETENTION_MS, Seen};
use crate::dense::Dense;
use crate::hold::{BuyerRef, Hold};
use crate::id::IdParts;
use crate::inventory::{Inventory, Move};
use crate::key::ApiKey;
use crate::money::Currency;
use crate::order::Order;
use crate::organiser::Organisers;
use crate::saga::{PendingEffect, Saga, StepError, definition, runner};
use crate::seating::SeatingPlan;
use crate::show::{SaleState, ShowDefinition};
use crate::{ApiKeyId, Command, Event, HoldId, OrderId, OrganiserId, Record, Rejection, SagaId, ShowId, TicketId, VenueId};

/// What holds that were live get at least when a partition comes back, in milliseconds.
pub const REOPEN_GRACE_MS: u64 = 60_000;

/// A show in the partition that sells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// What it is.
    pub definition: Arc<ShowDefinition>,
    /// Its seats.
    pub plan: Arc<SeatingPlan>,
    /// Whether it is on sale.
    pub sale: SaleState,
    /// What is left of it.
    pub inventory: Inventory,
    /// Places that each buyer holds and owns; empty where the show has no limit.
    pub buyers: FxHashMap<BuyerRef, u32>,
    /// Where groups would sit best.
    pub best: Memo,
}

impl Show {
    pub(crate) fn count_buyer(&mut self, buyer: BuyerRef, places: u32, way: Move) {
        let has = self.buyers.entry(buyer).or_default();
        match way {
            Move::Hold | Move::Sell => *has += places,
            Move::Release | Move::Unbook => *has -= places,
            Move::Book => {}
        }
        if *has == 0 {
            self.buyers.remove(&buyer);
        }
    }
}

/// What is to happen at a certain time. The order of the variants is the order within one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    HoldEnds(HoldId),
    RetryDue(SagaId),
    PartDue(OrderId),
}

/// Last number given out for each kind of id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after the ids that they count")]
pub struct Sequences {
    pub venue: u64,
    pub show: u64,
    pub api_key: u64,
    pub organiser: u64,
    pub hold: u64,
    pub order: u64,
    pub ticket: u64,
    pub saga: u64,
}

/// Everything that a partition knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub(crate) partition: u16,
    pub(crate) incarnation: u16,
    pub(crate) logged_unix_ms: u64,
    pub(crate) sequences: Sequences,
    pub(crate) venues: BTreeMap<VenueId, Arc<SeatingPlan>>,
    pub(crate) catalogue: BTreeMap<ShowId, Arc<ShowDefinition>>,
    pub(crate) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(crate) organisers: Organisers,
    pub(crate) shows: FxHashMap<ShowId, Show>,
    pub(crate) holds: Dense<Hold>,
    pub(crate) orders: Dense<Order>,
    /// The order of each run of tickets, by the number of its first one.
    pub(crate) tickets: BTreeMap<u64, OrderId>,
    pub(crate) sagas: Dense<Saga>,
    /// Parts of orders of other partitions, by the sagas that drive them.
    pub(crate) parts: BTreeMap<SagaId, OrderId>,
    /// Sagas that released their part before they asked for it, each until the deadline from which on asking is too late anyway.
    pub(crate) barred: BTreeSet<(u64, SagaId)>,
    pub(crate) timers: BTreeSet<(u64, Timer)>,
    pub(crate) dedup: Dedup,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// It was decided now; the record goes to the journal at the offset that was given.
    Decided(Record),
    /// It was decided before; the answer is the record at that offset.
    Repeated {
        /// Offset of the outcome record.
        offset: u64,
    },
}

impl State {
    /// An empty partition.
    #[must_use]
    pub fn new(partition: u16, incarnation: u16) -> Self {
        Self {
            partition,
            incarnation,
            logged_unix_ms: 0,
            sequences: Sequences::default(),
            venues: BTreeMap::new(),
            catalogue: BTreeMap::new(),
            api_keys: BTreeMap::new(),
            organisers: Organisers::default(),
            shows: FxHashMap::default(),
            holds: Dense::default(),
            orders: Dense::default(),
            tickets: BTreeMap::new(),
            sagas: Dense::default(),
            parts: BTreeMap::new(),
            barred: BTreeSet::new(),
            timers: BTreeSet::new(),
            dedup: Dedup::default(),
        }
    }

    /// Decides a request; `offset` is where its record will stand.
    pub fn submit(&mut self, request: &Request, offset: u64) -> Decision {
        if let Some(stamp) = request.key {
            match self.dedup.look(stamp) {
                Seen::Same { offset } => return Decision::Repeated { offset },
                // The key belongs to the other command: this refusal is journalled without it.
                Seen::Other => return Decision::Decided(Record::Refused { key: None, rejection: Rejection::IdempotencyKeyReused }),
                Seen::New => {}
            }
        }
        let record = match self.refuse_old_key(request).and_then(|()| request.command.decide(self, self.logged_unix_ms)) {
            Ok(mut events) => {
                self.evolve_and_follow(&mut events);
                Record::Accepted { key: request.key, events }
            }
            Err(rejection) => Record::Refused { key: request.key, rejection },
        };
        self.remember(&record, offset);
        Decision::Decided(record)
    }

    fn refuse_old_key(&self, request: &Request) -> Result<(), Rejection> {
        let forgotten = |made_at: u64| made_at.saturating_add(RETENTION_MS) <= self.logged_unix_ms;
        match request.key_made_at_unix_ms {
            Some(made_at) if request.command.kind().2 == KeyLife::Hold && forgotten(made_at) => Err(Rejection::IdempotencyKeyExpired),
            _ => Ok(()),
        }
    }

    /// Lets the time pass to the stamp of a new batch: all that is due happens, in order, before any command of the batch.
    pub fn pass_time(&mut self, now_unix_ms: u64) -> Option<Record> {
        self.set_clock(now_unix_ms);
        let mut events = Vec::new();
        while let Some((at, timer)) = self.timers.first().copied().filter(|(at, _)| *at <= now_unix_ms) {
            let from = events.len();
            match timer {
                Timer::HoldEnds(hold) => {
                    events.push(Event::HoldExpired { hold });
                    let order = self.hold(hold).and_then(|hold| hold.order);
                    let saga = order.and_then(|order| self.order(order)).and_then(|order| self.saga(order.saga));
                    events.extend(saga.map(|saga| runner::turn_round(saga, StepError::DeadlinePassed)).unwrap_or_default());
                }
                Timer::RetryDue(saga) => events.extend(self.saga(saga).map(runner::retry).unwrap_or_default()),
                Timer::PartDue(order) => {
                    let part = self.order(order).and_then(Order::part_of);
                    let ask_again = part.map(|part| next_due_unix_ms(part, now_unix_ms));
                    events.extend(ask_again.map(|ask_again_at_unix_ms| Event::PartOverdue { order, ask_again_at_unix_ms }));
                }
            }
            let mut happened = events.split_off(from);
            self.evolve_and_follow(&mut happened);
            // A timer that led to nothing would be due for ever.
            self.timers.remove(&(at, timer));
            events.append(&mut happened);
        }
        (!events.is_empty()).then_some(Record::Timely { events })
    }

    /// Comes back after having been away: holds that were live get their grace. Goes before [`State::pass_time`].
    pub fn reopen(&mut self, now_unix_ms: u64) -> Option<Record> {
        let until_unix_ms = now_unix_ms + REOPEN_GRACE_MS;
        let any = self.holds.values().any(|hold| hold.expires_at_unix_ms < until_unix_ms);
        any.then(|| {
            self.set_clock(now_unix_ms);
            let event = Event::ReopenGraceGranted { until_unix_ms };
            self.evolve(&event);
            Record::Timely { events: vec![event] }
        })
    }

    /// Applies a record of the journal.
    pub fn replay(&mut self, stamp_unix_ms: u64, offset: u64, record: &Record) {
        self.set_clock(stamp_unix_ms);
        for event in record.events() {
            self.evolve(event);
        }
        self.remember(record, offset);
    }

    fn set_clock(&mut self, now_unix_ms: u64) {
        assert!(now_unix_ms >= self.logged_unix_ms, "logged time went back");
        self.logged_unix_ms = now_unix_ms;
        self.dedup.forget_until(now_unix_ms);
        while self.barred.first().is_some_and(|(until, _)| *until <= now_unix_ms) {
            self.barred.pop_first();
        }
    }

    /// Applies events, and lets every saga that they touched go on until it waits.
    fn evolve_and_follow(&mut self, events: &mut Vec<Event>) {
        let mut next = 0;
        while next < events.len() {
            let event = events[next].clone();
            self.evolve(&event);
            next += 1;
            if next == events.len()
                && let Some(saga) = touched_saga(events).and_then(|saga| self.saga(saga))
            {
                events.extend(runner::advance(self, saga, self.logged_unix_ms));
            }
        }
    }

    fn remember(&mut self, record: &Record, offset: u64) {
        let Some(stamp) = record.key() else { return };
        self.dedup.remember(stamp, offset);
        let hold = record.events().iter().find_map(|event| match event {
            Event::HoldPlaced { hold, .. } | Event::HoldExtended { hold, .. } => Some(*hold),
            _ => None,
        });
        let released = record.events().iter().any(|event| matches!(event, Event::HoldReleased { .. }));
        if let Some(hold) = hold.and_then(|hold| self.holds.get_mut(hold.sequence())) {
            hold.keys.push(stamp.key);
        } else if released || matches!(record, Record::Refused { .. }) {
            self.dedup.leave(stamp.key, self.logged_unix_ms);
        }
    }
}

/// The saga that the last events were about. One record drives one saga at a time.
fn touched_saga(events: &[Event]) -> Option<SagaId> {
    events.iter().rev().find_map(|event| match event {
        Event::SagaStarted { saga, .. }
        | Event::StepDone { saga, .. }
        | Event::StepFailed { saga, .. }
        | Event::SagaResumed { saga, .. } => Some(*saga),
        _ => None,
    })
}

/// Reading.
impl State {
    /// Which partition this is.
    #[must_use]
    pub fn partition(&self) -> u16 {
        self.partition
    }

    /// The last stamp.
    #[must_use]
    pub fn logged_unix_ms(&self) -> u64 {
        self.logged_unix_ms
    }

    /// When something is due next.
    #[must_use]
    pub fn next_timer_unix_ms(&self) -> Option<u64> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// A venue's plan.
    #[must_use]
    pub fn venue(&self, id: VenueId) -> Option<&Arc<SeatingPlan>> {
        self.venues.get(&id)
    }

    /// All shows of the catalogue.
    pub fn catalogue(&self) -> impl Iterator<Item = &Arc<ShowDefinition>> {
        self.catalogue.values()
    }

    /// All keys that are not revoked.
    pub fn api_keys(&self) -> impl Iterator<Item = &ApiKey> {
        self.api_keys.values()
    }

    pub(crate) fn has_api_key(&self, key: ApiKeyId) -> bool {
        self.api_keys.contains_key(&key)
    }

    /// Who sells, and what is whose.
    #[must_use]
    pub fn organisers(&self) -> &Organisers {
        &self.organisers
    }

    /// Whether the organiser that is named, if any, is there.
    pub(crate) fn check_organiser(&self, organiser: Option<OrganiserId>) -> Result<(), Rejection> {
        match organiser {
            Some(organiser) if !self.organisers.list.contains_key(&organiser) => Err(Rejection::OrganiserNotFound { organiser }),
            _ => Ok(()),
        }
    }

    /// A show that this partition sells.
    #[must_use]
    pub fn show(&self, id: ShowId) -> Option<&Show> {
        self.shows.get(&id)
    }

    /// A live hold.
    #[must_use]
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.get(id.sequence()).filter(|hold| hold.id == id)
    }

    /// How many holds are live.
    #[must_use]
    pub fn live_holds(&self) -> usize {
        self.holds.len()
    }

    /// A hold that no order has taken.
    ///
    /// # Errors
    /// `hold_not_found`, `hold_expired` or `hold_in_order`.
    pub fn free_hold(&self, id: HoldId) -> Result<&Hold, Rejection> {
        match self.hold(id) {
            Some(Hold { order: Some(order), .. }) => Err(Rejection::HoldInOrder { hold: id, order: *order }),
            Some(hold) => Ok(hold),
            None if id.partition() == self.partition && id.sequence() <= self.sequences.hold => Err(Rejection::HoldExpired { hold: id }),
            None => Err(Rejection::HoldNotFound { hold: id }),
        }
    }

    /// An order.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(id.sequence()).filter(|order| order.id == id)
    }

    /// The order that a ticket belongs to, and the ticket's position in it.
    #[must_use]
    pub fn order_of_ticket(&self, id: TicketId) -> Option<(&Order, u32)> {
        let (first, order) = self.tickets.range(..=id.sequence()).next_back()?;
        let position = u32::try_from(id.sequence() - first).ok()?;
        let order = self.order(*order)?;
        // The whole id must fit, not only its number.
        let first = order.first_ticket.filter(|ticket| ticket.sequence() == *first)?;
        (position < order.places() && first.later(position) == id).then_some((order, position))
    }

    /// All orders, in the order in which they were placed.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// A saga that has not ended.
    #[must_use]
    pub fn saga(&self, id: SagaId) -> Option<&Saga> {
        self.sagas.get(id.sequence()).filter(|saga| saga.id == id)
    }

    /// Every intent that a role should be working on, by saga: after a restart they are handed out again.
    #[must_use]
    pub fn pending_effects(&self) -> Vec<(SagaId, PendingEffect)> {
        let waits =
            |saga: &Saga| saga.pending.clone().filter(|pending| pending.retry_at_unix_ms.is_none()).map(|pending| (saga.id, pending));
        self.sagas.values().filter_map(waits).collect()
    }

    /// Sagas whose definition this program does not know. They stand still, alone, until a program that knows it takes over.
    pub fn quarantined_sagas(&self) -> impl Iterator<Item = &Saga> {
        self.sagas.values().filter(|saga| definition(saga.definition).is_none())
    }

    /// How many sagas have not ended.
    #[must_use]
    pub fn live_sagas(&self) -> usize {
        self.sagas.len()
    }

    /// How many idempotency keys are known.
    #[must_use]
    pub fn known_keys(&self) -> usize {
        self.dedup.len()
    }

    /// The currency of a show of this partition.
    ///
    /// # Panics
    /// When the show is not here; whatever names a show in this partition was checked when it was decided.
    #[must_use]
    pub fn currency_of(&self, show: ShowId) -> Currency {
        self.shows[&show].definition.currency
    }
}

/// The next id of each kind. Reading one does not use it up: the event that carries it does.
impl State {
    fn parts(&self, partition: u16, created_at_unix_ms: u64, last: u64) -> IdParts {
        IdParts { partition, incarnation: self.incarnation, created_at_unix_ms, sequence: last + 1 }
    }

    pub(crate) fn next_venue(&self, now_unix_ms: u64) -> VenueId {
        VenueId::new(self.parts(self.partition, now_unix_ms, self.sequences.venue))
    }

    pub(crate) fn next_show(&self, partition: u16, now_unix_ms: u64) -> ShowId {
        ShowId::new(self.parts(partition, now_unix_ms, self.sequences.show))
    }

    pub(crate) fn next_api_key(&self, now_unix_ms: u64) -> ApiKeyId {
        ApiKeyId::new(self.parts(self.partition, now_unix_ms, self.sequences.api_key))
    }

    pub(crate) fn next_organiser(&self, now_unix_ms: u64) -> OrganiserId {
        OrganiserId::new(self.parts(self.partition, now_unix_ms, self.sequences.organiser))
    }

    pub(crate) fn next_hold(&self, now_unix_ms: u64) -> HoldId {
        HoldId::new(self.parts(self.partition, now_unix_ms, self.sequences.hold))
    }

    pub(crate) fn next_order(&self, now_unix_ms: u64) -> OrderId {
        OrderId::new(self.parts(self.partition, now_unix_ms, self.sequences.order))
    }

    pub(crate) fn next_ticket(&self, now_unix_ms: u64) -> TicketId {
        TicketId::new(self.parts(self.partition, now_unix_ms, self.sequences.ticket))
    }

    pub(crate) fn next_saga(&self, now_unix_ms: u64) -> SagaId {
        SagaId::new(self.parts(self.partition, now_unix_ms, self.sequences.saga))
    }
}

/// For programs that decide without a caller, such as tests and the roles.
impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self { key: None, key_made_at_unix_ms: None, command }
    }
}
