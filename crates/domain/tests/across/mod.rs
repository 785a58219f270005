//! Several partitions, a payment provider and a network that loses, repeats and delays, all driven by one seed.
//!
//! A partition keeps what it has journalled and nothing else: a crash takes its roles and every answer that has not left.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]
#![allow(dead_code, reason = "each test uses its own part")]

pub(crate) mod house;
pub(crate) mod provider;

use std::collections::BTreeMap;

use guichet_domain::across::{Refused, receipt_of, refused, requests};
use guichet_domain::commands::{ReleasePart, ReportEffect, Request};
use guichet_domain::order::{CancelReason, Order, OrderState};
use guichet_domain::saga::{Direction, Effect, EffectOutcome, Progress, StepError};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, OrderId, Record, Rejection, SagaId, State};

use provider::Provider;

pub(crate) const START_MS: u64 = 1_000_000;
/// Until then messages are lost and partitions crash.
pub(crate) const CHAOS_MS: u64 = 120_000;
const ANSWER_PATIENCE_MS: u64 = 500;
const ASKED_MAX: u32 = 3;

/// Chance, from a seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

pub(crate) struct Node {
    pub(crate) state: State,
    pub(crate) journal: Vec<(u64, Record)>,
    /// Down until an `Up` comes.
    pub(crate) up: bool,
}

impl Node {
    pub(crate) fn replayed(&self, partition: u16) -> State {
        let mut state = State::new(partition, 0);
        for (offset, (stamp, record)) in (0_u64..).zip(&self.journal) {
            state.replay(*stamp, offset, record);
        }
        state
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.journal.iter().flat_map(|(_, record)| record.events())
    }
}

/// An effect in other partitions on its way.
struct Task {
    node: u16,
    saga: SagaId,
    step: u8,
    direction: Direction,
    effect: Effect,
    requests: Vec<(u16, Command)>,
    next: usize,
    asked: u32,
    parts: Vec<OrderId>,
}

#[allow(clippy::large_enum_variant, reason = "a test holds a few hundred of them")]
enum Item {
    Request { to: u16, command: Command, task: Option<(u64, usize)> },
    Answer { task: u64, index: usize, answer: Result<Option<OrderId>, Rejection> },
    Impatient { task: u64, index: usize, asked: u32 },
    Up { node: u16 },
}

pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) now_unix_ms: u64,
    pub(crate) nodes: BTreeMap<u16, Node>,
    pub(crate) provider: Provider,
    /// Chances in percent that a message is lost, and that a partition crashes after a record.
    pub(crate) lossy: u64,
    pub(crate) crashing: u64,
    /// A partition that crashes once, when it has journalled so many records and nobody has seen the last of them.
    pub(crate) crash_at: Option<(u16, usize)>,
    queue: BTreeMap<(u64, u64), Item>,
    tasks: BTreeMap<u64, Task>,
    counter: u64,
}

impl World {
    pub(crate) fn new(seed: u64, partitions: u16) -> Self {
        let mut world = Self {
            chance: Chance::new(seed),
            now_unix_ms: START_MS,
            nodes: BTreeMap::new(),
            provider: Provider::default(),
            lossy: 0,
            crashing: 0,
            crash_at: None,
            queue: BTreeMap::new(),
            tasks: BTreeMap::new(),
            counter: 0,
        };
        for partition in 1..=partitions {
            let node = Node { state: State::new(partition, 0), journal: Vec::new(), up: true };
            world.nodes.insert(partition, node);
            house::open_show(&mut world, partition);
        }
        world
    }

    fn chaos(&self) -> bool {
        self.now_unix_ms < START_MS + CHAOS_MS
    }

    fn later(&mut self, ms: u64, item: Item) {
        self.counter += 1;
        self.queue.insert((self.now_unix_ms + ms, self.counter), item);
    }

    /// Lets somebody send a command over the network.
    pub(crate) fn send_in(&mut self, ms: u64, to: u16, command: Command) {
        self.later(ms, Item::Request { to, command, task: None });
    }

    /// A command whose answer is wanted here and now, without the network.
    pub(crate) fn ask(&mut self, to: u16, command: Command) -> Result<Vec<Event>, Rejection> {
        match self.decide(to, command) {
            Record::Refused { rejection, .. } => Err(rejection),
            record => Ok(record.events().to_vec()),
        }
    }

    fn decide(&mut self, to: u16, command: Command) -> Record {
        let now_unix_ms = self.now_unix_ms;
        let node = self.nodes.get_mut(&to).unwrap();
        let timely = node.state.pass_time(now_unix_ms);
        node.journal.extend(timely.iter().cloned().map(|record| (now_unix_ms, record)));
        let Decision::Decided(record) = node.state.submit(&Request::from(command), node.journal.len() as u64) else {
            panic!("no key, no repeat")
        };
        node.journal.push((now_unix_ms, record.clone()));
        timely.iter().for_each(|record| self.follow(to, record));
        self.follow(to, &record);
        record
    }

    /// What roles do when a record is durable.
    fn follow(&mut self, at: u16, record: &Record) {
        for event in record.events() {
            match event {
                Event::SeatsBooked { order, .. } => house::assert_seats_are_in_one_hand(&self.nodes[&at].state, *order),
                Event::EffectIntended { saga, step, direction, effect, .. } => self.execute(at, *saga, *step, *direction, effect),
                Event::PartOverdue { order, .. } => self.look_after(at, *order),
                _ => {}
            }
        }
    }

    fn execute(&mut self, node: u16, saga: SagaId, step: u8, direction: Direction, effect: &Effect) {
        let requests = requests(saga, effect);
        if requests.is_empty() {
            let (after, outcome) = self.provider.perform(&mut self.chance, (saga, step, direction), effect, self.now_unix_ms);
            let report = Command::ReportEffect(ReportEffect { saga, step, direction, outcome });
            return self.later(after, Item::Request { to: node, command: report, task: None });
        }
        self.counter += 1;
        let id = self.counter;
        let (effect, parts) = (effect.clone(), Vec::new());
        self.tasks.insert(id, Task { node, saga, step, direction, effect, requests, next: 0, asked: 0, parts });
        self.carry(id);
    }

    /// Sends the next request of a task, or reports when there is none.
    fn carry(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let index = task.next;
        let Some((to, command)) = task.requests.get(index).cloned() else {
            let receipt = matches!(task.effect, Effect::ReserveParts { .. }).then(|| receipt_of(&task.parts));
            return self.finish(id, EffectOutcome::Done { receipt });
        };
        task.asked += 1;
        let asked = task.asked;
        self.over_the_network(Item::Request { to, command, task: Some((id, index)) });
        self.later(ANSWER_PATIENCE_MS, Item::Impatient { task: id, index, asked });
    }

    fn finish(&mut self, id: u64, outcome: EffectOutcome) {
        let Some(Task { node, saga, step, direction, .. }) = self.tasks.remove(&id) else { return };
        let report = Command::ReportEffect(ReportEffect { saga, step, direction, outcome });
        self.later(1, Item::Request { to: node, command: report.clone(), task: None });
        if self.chaos() && self.chance.percent(20) {
            let after = self.chance.below(5_000);
            self.later(after, Item::Request { to: node, command: report, task: None });
        }
    }

    fn over_the_network(&mut self, item: Item) {
        let copies = if !self.chaos() {
            1
        } else if self.chance.percent(self.lossy) {
            0
        } else {
            1 + u64::from(self.chance.percent(self.lossy / 2))
        };
        for _ in 0..copies {
            // Most messages are quick; a few come when nobody waits for them any more.
            let slow = self.chaos() && self.chance.percent(self.lossy / 2);
            let after = 1 + self.chance.below(if slow { 40_000 } else { 200 });
            let copy = match &item {
                Item::Request { to, command, task } => Item::Request { to: *to, command: command.clone(), task: *task },
                Item::Answer { task, index, answer } => Item::Answer { task: *task, index: *index, answer: answer.clone() },
                Item::Impatient { .. } | Item::Up { .. } => panic!("not a message"),
            };
            self.later(after, copy);
        }
    }

    /// As the role does it: what its home says decides, and a home that is away says nothing.
    fn look_after(&mut self, at: u16, part: OrderId) {
        let part = self.nodes[&at].state.order(part).unwrap().clone();
        let of = *part.part_of().unwrap();
        let Some(home) = self.nodes.get(&of.home.partition()).filter(|home| home.up) else { return };
        let Some(reason) = home.state.order(of.home).and_then(|order| never_sold(order, &home.state)) else { return };
        let release = ReleasePart { saga: of.saga, home: of.home, deadline_unix_ms: of.deadline_unix_ms, reason };
        self.over_the_network(Item::Request { to: at, command: Command::ReleasePart(release), task: None });
    }

    fn crashes(&mut self, at: u16) -> bool {
        if self.crash_at.take_if(|(node, records)| *node == at && *records <= self.nodes[&at].journal.len()).is_some() {
            return true;
        }
        self.chaos() && self.chance.percent(self.crashing)
    }

    fn crash(&mut self, at: u16) {
        self.tasks.retain(|_, task| task.node != at);
        let node = self.nodes.get_mut(&at).unwrap();
        node.up = false;
        let after = self.chance.below(8_000);
        self.later(after, Item::Up { node: at });
    }

    fn restart(&mut self, at: u16) {
        let now_unix_ms = self.now_unix_ms;
        let node = self.nodes.get_mut(&at).unwrap();
        let mut state = node.replayed(at);
        let before = state.pending_effects();
        for record in state.reopen(now_unix_ms).into_iter().chain(state.pass_time(now_unix_ms)) {
            node.journal.push((now_unix_ms, record));
        }
        let fresh = node.journal.clone();
        (node.state, node.up) = (state, true);
        for (saga, pending) in before {
            self.execute(at, saga, pending.step, pending.direction, &pending.effect);
        }
        for (_, record) in fresh.iter().filter(|(stamp, record)| *stamp == now_unix_ms && matches!(record, Record::Timely { .. })) {
            self.follow(at, record);
        }
    }

    /// Lets everything happen that is due until an instant, or until nothing is due any more.
    pub(crate) fn run_until(&mut self, end_unix_ms: u64) {
        for _ in 0..200_000 {
            let message = self.queue.first_key_value().map(|((at, _), _)| *at);
            let timers = self.nodes.iter().filter(|(_, node)| node.up);
            let timer = timers.filter_map(|(at, node)| node.state.next_timer_unix_ms().map(|due| (due, *at))).min();
            let next = message.into_iter().chain(timer.map(|(due, _)| due)).min();
            let Some(next) = next.filter(|next| *next <= end_unix_ms) else { return };
            self.now_unix_ms = self.now_unix_ms.max(next);
            match timer.filter(|(due, _)| message.is_none_or(|message| *due <= message)) {
                Some((_, at)) => self.pass_time(at),
                None => self.happen(),
            }
        }
        panic!("it never comes to rest");
    }

    fn pass_time(&mut self, at: u16) {
        let node = self.nodes.get_mut(&at).unwrap();
        let record = node.state.pass_time(self.now_unix_ms);
        node.journal.extend(record.iter().cloned().map(|record| (self.now_unix_ms, record)));
        if record.is_some() && self.crashes(at) {
            return self.crash(at);
        }
        record.iter().for_each(|record| self.follow(at, record));
    }

    fn happen(&mut self) {
        let Some((_, item)) = self.queue.pop_first() else { return };
        match item {
            Item::Request { to, .. } if !self.nodes[&to].up => {}
            Item::Request { to, command, task } => {
                let reserved = if let Command::PlacePart(place) = &command { Some(place.saga) } else { None };
                let record = self.decide(to, command);
                if self.crashes(to) {
                    return self.crash(to);
                }
                let Some((task, index)) = task else { return };
                let part = reserved.and_then(|saga| self.nodes[&to].state.part_of_saga(saga)).map(|part| part.id);
                let answer = match record {
                    Record::Refused { rejection, .. } => Err(rejection),
                    _ => Ok(part),
                };
                self.over_the_network(Item::Answer { task, index, answer });
            }
            Item::Answer { task: id, index, answer } => {
                let Some(task) = self.tasks.get_mut(&id).filter(|task| task.next == index) else { return };
                match answer.map_err(|rejection| refused(&task.effect, &rejection)) {
                    Ok(part) => task.parts.extend(part),
                    Err(Refused::Done) => {}
                    Err(Refused::Later(error)) => return self.finish(id, EffectOutcome::Unavailable { error }),
                    Err(Refused::Never(error)) => return self.finish(id, EffectOutcome::Refused { error }),
                }
                (task.next, task.asked) = (index + 1, 0);
                self.carry(id);
            }
            Item::Impatient { task: id, index, asked } => {
                let Some(task) = self.tasks.get(&id).filter(|task| task.next == index && task.asked == asked) else { return };
                if task.asked >= ASKED_MAX {
                    self.finish(id, EffectOutcome::Unavailable { error: StepError::Unavailable("no answer".into()) });
                } else {
                    self.carry(id);
                }
            }
            Item::Up { node } => self.restart(node),
        }
    }
}

/// What is cancelled or on its way back never goes forward again.
fn never_sold(home: &Order, state: &State) -> Option<CancelReason> {
    if home.state == OrderState::Cancelled {
        return Some(home.cancel_reason.unwrap_or(CancelReason::StepFailed));
    }
    let back = |saga: &guichet_domain::saga::Saga| {
        matches!(saga.progress, Progress::Backward { .. } | Progress::Stuck { direction: Direction::Backward, .. })
    };
    state.saga(home.saga).filter(|saga| back(saga)).map(|_| CancelReason::StepFailed)
}
