//! The world: one machine with its disk and clocks, its shards, a payment provider and callers, moved by one queue of events.
//!
//! Nothing here is concurrent and nothing reads a clock or a random source of the host: the queue is ordered by simulated time and
//! then by the order of entry, so a seed determines every event.

mod bank;
mod commit;
mod faults;
mod finish;
mod life;
mod news;
mod payments;
mod requests;
mod reservations;
mod snapshots;

use std::collections::BTreeMap;
use std::rc::Rc;

use guichet_core::EffectId;
use guichet_core::clock::Clock;
use guichet_domain::OrderId;

use crate::clients::{Administrator, Buyer, Clerk, Client, Closing, Gate, House, Kind, Office, Operator, Public};
use crate::clock::SimClock;
use crate::disk::SimDisk;
use crate::oracle::{Oracle, Verdict};
use crate::plan::{Plan, SECOND_US};
use crate::rng::Rng;
use crate::stats::Stats;
use crate::trace::Trace;

use bank::Bank;
use commit::Shard;
use payments::{Arrival, Leg, Task};
use requests::Call;
use reservations::{Errand, Message, Said};

/// Something that will happen. Events of a process carry its life, and are void after it.
pub(crate) enum Event {
    /// The machine starts the process.
    Start,
    /// A shard looks what there is to decide.
    Decide {
        partition: usize,
        life: u64,
    },
    /// A shard's batch is written, synced, settled.
    Write {
        partition: usize,
        life: u64,
    },
    Sync {
        partition: usize,
        life: u64,
    },
    Settle {
        partition: usize,
        life: u64,
    },
    /// The synced offset goes to its file.
    Checkpoint {
        partition: usize,
        life: u64,
    },
    /// A partition comes back after a failed commit.
    Reopen {
        partition: usize,
        life: u64,
        synced: u64,
    },
    /// An operator ends a process of which a partition has stopped.
    Restart {
        life: u64,
    },
    /// A caller does something, unless its turn is over.
    Client {
        client: usize,
        turn: u64,
    },
    /// A question arrives at the payment provider.
    Question(Rc<Arrival>),
    /// Its answer arrives at the payments role, or does not arrive in time.
    Answer {
        life: u64,
        leg: u64,
        answer: Leg,
    },
    /// A role reports an outcome.
    Report {
        life: u64,
        report: Rc<requests::EffectReport>,
    },
    /// A command arrives at another partition; its answer arrives at the reservations role, or does not in time.
    Message(Rc<Message>),
    Heard {
        question: u64,
        said: Said,
    },
    /// The role looks after a part that is overdue.
    LookAfter {
        life: u64,
        part: OrderId,
    },
    /// The provider says by itself that money has come.
    News(Rc<news::Flight>),
    /// Money comes that was in progress.
    PaymentComes(EffectId),
    /// The provider is back; the disk has room.
    OutageEnds,
    RoomAgain,
}

/// Everybody who works there. Whoever stays last comes last.
fn staff(plan: &Plan) -> [Kind; 7] {
    let (clerk, house) = (Kind::Clerk(Clerk::default()), Kind::House(House::default()));
    let (gates, administrator) =
        ([1, 2].map(|number| Kind::Gate(Gate::new(number))), Kind::Administrator(Box::new(Administrator::new(plan))));
    let [first, second] = gates;
    [Kind::Office(Office), clerk, house, first, second, administrator, Kind::Closing(Closing::default())]
}

/// Everything.
pub(crate) struct World {
    plan: Plan,
    rng: Rng,
    trace: Trace,
    stats: Stats,
    now_us: u64,
    queue: BTreeMap<(u64, u64), Event>,
    entered: u64,
    clock: SimClock,
    disk: SimDisk,
    /// Counts the processes.
    life: u64,
    up: bool,
    draining: bool,
    shards: Vec<Option<Shard>>,
    oracles: Vec<Oracle>,
    calls: BTreeMap<u64, Call>,
    calls_made: u64,
    clients: Vec<Client>,
    public: Public,
    bank: Bank,
    tasks: BTreeMap<u64, Task>,
    errands: BTreeMap<u64, Errand>,
    legs: u64,
    /// What the provider has still to say, and how often it said something.
    news_open: u64,
    news_sent: u64,
}

impl World {
    /// The world of a seed, before its first event, without some of its faults.
    pub(crate) fn new(seed: u64, left_out: &[&'static str], trace: Trace) -> Self {
        let mut rng = Rng::new(seed);
        let plan = Plan::draw(&mut rng).without(left_out);
        let disk = SimDisk::new(rng.fork());
        disk.set_faults(plan.disk);
        let partitions = usize::from(plan.show_partitions) + 1;
        let operator = Kind::Operator(Operator::new(&mut rng, &plan));
        let mut clients = vec![Client::new(0, rng.fork(), operator)];
        let buyers = (1..=plan.buyers).map(|number| Kind::Buyer(Buyer::new(u8::try_from(number).unwrap_or(u8::MAX))));
        let kinds: Vec<Kind> = buyers.chain(staff(&plan)).collect();
        clients.extend((1..).zip(kinds).map(|(number, kind)| Client::new(number, rng.fork(), kind)));
        let oracles = (0..partitions).filter_map(|number| u16::try_from(number).ok()).map(Oracle::new).collect();
        let mut world = Self {
            clock: SimClock::new(plan.machine.drift_ppm),
            bank: Bank::new(rng.fork()),
            rng,
            trace,
            stats: Stats { seeds: 1, ..Stats::default() },
            now_us: 0,
            queue: BTreeMap::new(),
            entered: 0,
            disk,
            life: 0,
            up: false,
            draining: false,
            shards: (0..partitions).map(|_| None).collect(),
            oracles,
            calls: BTreeMap::new(),
            calls_made: 0,
            clients,
            public: Public::default(),
            tasks: BTreeMap::new(),
            errands: BTreeMap::new(),
            legs: 0,
            news_open: 0,
            news_sent: 0,
            plan,
        };
        world.after(0, Event::Start);
        for client in 0..world.clients.len() {
            world.comes_again(client, client as u64);
        }
        world
    }

    /// Enters an event.
    fn after(&mut self, delay_us: u64, event: Event) {
        self.entered += 1;
        self.queue.insert((self.now_us + delay_us, self.entered), event);
    }

    fn wall_unix_ms(&self) -> u64 {
        self.clock.wall_unix_ms()
    }

    /// Lets the next event happen; false when there is none.
    fn step(&mut self) -> Verdict<bool> {
        let Some(((at_us, _), event)) = self.queue.pop_first() else { return Ok(false) };
        self.clock.advance(at_us.saturating_sub(self.now_us));
        self.now_us = at_us;
        self.trace.at(at_us);
        self.stats.events += 1;
        match event {
            Event::Start => self.start()?,
            Event::Client { client, turn } => self.client_acts(client, turn),
            Event::Question(arrival) => self.question_arrives(&arrival),
            Event::News(flight) => self.news_arrive(flight),
            Event::PaymentComes(id) => self.payment_came(&id),
            Event::OutageEnds => self.outage(false),
            Event::RoomAgain => self.disk.set_full(false),
            Event::Message(message) => self.message_arrives(message),
            Event::Heard { question, said } => self.heard(question, said),
            Event::Answer { life, .. } | Event::Report { life, .. } | Event::LookAfter { life, .. } | Event::Restart { life }
                if life != self.life => {}
            Event::LookAfter { part, .. } => self.look_after(part),
            Event::Answer { leg, answer, .. } => self.answer_arrives(leg, answer),
            Event::Report { report, .. } => self.report(report),
            Event::Restart { .. } => self.restart_stopped(),
            Event::Decide { life, .. }
            | Event::Write { life, .. }
            | Event::Sync { life, .. }
            | Event::Settle { life, .. }
            | Event::Checkpoint { life, .. }
            | Event::Reopen { life, .. }
                if life != self.life => {}
            Event::Decide { partition, .. } => self.decide(partition)?,
            Event::Write { partition, .. } => self.write(partition)?,
            Event::Sync { partition, .. } => self.sync(partition)?,
            Event::Settle { partition, .. } => self.settle(partition)?,
            Event::Checkpoint { partition, .. } => self.checkpoint(partition)?,
            Event::Reopen { partition, synced, .. } => self.reopen(partition, synced)?,
        }
        Ok(true)
    }

    /// Runs so many events with faults, then without, until everything has come to its end.
    pub(crate) fn run(&mut self, steps: u64) -> Verdict<Stats> {
        for _ in 0..steps {
            self.misfortune()?;
            if !self.step()? {
                break;
            }
        }
        self.drain()?;
        self.check_end()?;
        self.stats.simulated_s = self.now_us / SECOND_US;
        self.stats.disk = self.disk.stats();
        Ok(self.stats)
    }
}
