//! What a seed decides before the first event: the size of the world, and which faults are possible, how often.
//!
//! In the manner of swarm testing (Groce and others, 2012) each run has a random subset of the faults: what all faults together drown
//! shows when some are absent.

use crate::disk::DiskFaults;
use crate::rng::{MILLION, Rng};

/// One second, in the simulator's unit of time.
pub const SECOND_US: u64 = 1_000_000;
/// One hour.
pub const HOUR_US: u64 = 3_600 * SECOND_US;

/// How the machine misbehaves. Rates are per million steps.
#[derive(Clone, Debug)]
pub struct MachineFaults {
    /// The power fails.
    pub power: u32,
    /// The process dies.
    pub kill: u32,
    /// The power fails in the middle of one of the next disk operations.
    pub fuse: u32,
    /// The process is told to end and does so properly.
    pub shutdown: u32,
    /// The wall clock is set, by up to an hour either way.
    pub jump: u32,
    /// The disk is full for a while.
    pub full: u32,
    /// A snapshot is taken. No fault, but it comes as one does: at any moment.
    pub snapshot: u32,
    /// A bit of a snapshot turns over.
    pub rot: u32,
    /// Longest time without a process, in microseconds.
    pub away_us_max: u64,
    /// What the wall clock gains, in millionths.
    pub drift_ppm: i64,
}

/// How payments misbehave. Rates are per million messages or effects.
#[derive(Clone, Debug)]
pub struct PaymentFaults {
    /// The provider is out of service for a while; per million steps.
    pub outage: u32,
    /// Longest way of a message, in microseconds.
    pub way_us_max: u64,
    /// A question does not arrive.
    pub lose_question: u32,
    /// An answer does not arrive.
    pub lose_answer: u32,
    /// A question arrives twice.
    pub double_question: u32,
    /// A report is sent twice.
    pub double_report: u32,
    /// A capture is refused for good.
    pub refuse_capture: u32,
    /// A void or refund is refused for good.
    pub refuse_return: u32,
    /// Money that came late cannot be sent back the way it came.
    pub refuse_late_refund: u32,
    /// Tickets cannot be issued.
    pub refuse_tickets: u32,
    /// The provider says days late, or hours, that money has come.
    pub late_news: u32,
    /// The provider says it once more, later.
    pub double_news: u32,
    /// A refusal is taken back when an operator lets the saga go on.
    pub relent: u32,
}

/// How callers behave. Rates are per million requests.
#[derive(Clone, Debug)]
pub struct Habits {
    /// An answer is lost on its way back.
    pub lose_answer: u32,
    /// A request is sent twice at once.
    pub double: u32,
    /// An old request is sent again.
    pub repeat: u32,
    /// An old key is used for another request.
    pub reuse: u32,
    /// A request that makes no sense.
    pub nonsense: u32,
    /// The operator pauses a sale, or opens it again; per million turns.
    pub pause: u32,
    /// Typical time between two requests of one caller, in microseconds.
    pub think_us: u64,
    /// Longest life that is asked of a hold, in milliseconds.
    pub ttl_ms_max: u64,
    /// How many orders in a hundred are paid by hand.
    pub by_hand: u64,
}

/// The world of a seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Partitions with shows; partition 0 is the catalogue.
    pub show_partitions: u16,
    /// How many shows.
    pub shows: usize,
    /// Size at which a journal segment is closed.
    pub segment_bytes: u64,
    /// Requests that may wait in front of a shard.
    pub mailbox: usize,
    /// Most requests that a shard takes at once.
    pub take_max: u64,
    /// Longest write and longest sync, in microseconds.
    pub commit_us_max: u64,
    /// How many buyers.
    pub buyers: usize,
    /// How much slower the staff is than the buyers: they work on what those leave behind.
    pub staff_pace: u64,
    /// The disk's faults.
    pub disk: DiskFaults,
    /// The machine's faults.
    pub machine: MachineFaults,
    /// The payments' faults.
    pub payments: PaymentFaults,
    /// The callers' habits.
    pub habits: Habits,
}

/// Half of the time never, otherwise a rate between the two.
fn perhaps(rng: &mut Rng, low: u32, high: u32) -> u32 {
    let rate = u32::try_from(rng.spread(low.into(), high.into())).unwrap_or(high);
    if rng.one_of(2) { 0 } else { rate }
}

/// Where a plan has the rate of a kind of fault.
type Rate = fn(&mut Plan) -> &mut u32;

/// Every kind of fault that can be left out, by its name on the command line.
const FAULTS: [(&str, Rate); 32] = [
    ("disk-sync", |plan| &mut plan.disk.sync),
    ("disk-sync-dir", |plan| &mut plan.disk.sync_dir),
    ("disk-write", |plan| &mut plan.disk.write),
    ("disk-no-space", |plan| &mut plan.disk.no_space),
    ("disk-read", |plan| &mut plan.disk.read),
    ("disk-metadata", |plan| &mut plan.disk.metadata),
    ("power", |plan| &mut plan.machine.power),
    ("kill", |plan| &mut plan.machine.kill),
    ("fuse", |plan| &mut plan.machine.fuse),
    ("shutdown", |plan| &mut plan.machine.shutdown),
    ("clock-jump", |plan| &mut plan.machine.jump),
    ("disk-full", |plan| &mut plan.machine.full),
    ("snapshot", |plan| &mut plan.machine.snapshot),
    ("rot", |plan| &mut plan.machine.rot),
    ("outage", |plan| &mut plan.payments.outage),
    ("lose-question", |plan| &mut plan.payments.lose_question),
    ("lose-provider-answer", |plan| &mut plan.payments.lose_answer),
    ("double-question", |plan| &mut plan.payments.double_question),
    ("double-report", |plan| &mut plan.payments.double_report),
    ("refuse-capture", |plan| &mut plan.payments.refuse_capture),
    ("refuse-return", |plan| &mut plan.payments.refuse_return),
    ("refuse-late-refund", |plan| &mut plan.payments.refuse_late_refund),
    ("refuse-tickets", |plan| &mut plan.payments.refuse_tickets),
    ("late-news", |plan| &mut plan.payments.late_news),
    ("double-news", |plan| &mut plan.payments.double_news),
    ("relent", |plan| &mut plan.payments.relent),
    ("lose-answer", |plan| &mut plan.habits.lose_answer),
    ("double-request", |plan| &mut plan.habits.double),
    ("repeat", |plan| &mut plan.habits.repeat),
    ("reuse-key", |plan| &mut plan.habits.reuse),
    ("nonsense", |plan| &mut plan.habits.nonsense),
    ("pause-sale", |plan| &mut plan.habits.pause),
];

/// The kind of fault with this name.
///
/// # Errors
/// The names that there are.
pub fn fault(name: &str) -> Result<&'static str, String> {
    let known = FAULTS.iter().map(|(known, _)| *known);
    known.clone().find(|known| *known == name).ok_or_else(|| {
        let names: Vec<_> = known.collect();
        format!("there is no fault `{name}`; there are {}", names.join(", "))
    })
}

impl Plan {
    /// The kinds of faults that are possible in it.
    #[must_use]
    pub fn faults_present(&self) -> Vec<&'static str> {
        let mut plan = self.clone();
        FAULTS.iter().filter(|(_, rate)| *rate(&mut plan) > 0).map(|(name, _)| *name).collect()
    }

    /// The same world without some kinds of faults.
    #[must_use]
    pub fn without(mut self, left_out: &[&'static str]) -> Self {
        for (_, rate) in FAULTS.iter().filter(|(name, _)| left_out.contains(name)) {
            *rate(&mut self) = 0;
        }
        self
    }

    /// The plan that a seed's stream begins with.
    #[must_use]
    pub fn draw(rng: &mut Rng) -> Self {
        let disk = DiskFaults {
            sync: perhaps(rng, 1_000, 60_000),
            sync_dir: perhaps(rng, 1_000, 60_000),
            write: perhaps(rng, 1_000, 30_000),
            no_space: perhaps(rng, 1_000, 30_000),
            read: perhaps(rng, 10, 2_000),
            metadata: perhaps(rng, 1_000, 30_000),
            full: false,
        };
        let away_us_max = [SECOND_US, 100 * SECOND_US, 30 * HOUR_US][rng.index(3)];
        let drift_ppm = [0, 0, -20_000, 500, 30_000][rng.index(5)];
        let machine = MachineFaults {
            power: perhaps(rng, 200, 10_000),
            kill: perhaps(rng, 200, 10_000),
            fuse: perhaps(rng, 200, 10_000),
            shutdown: perhaps(rng, 100, 3_000),
            jump: perhaps(rng, 100, 5_000),
            full: perhaps(rng, 100, 3_000),
            snapshot: perhaps(rng, 1_000, 30_000),
            rot: perhaps(rng, 500, 20_000),
            away_us_max,
            drift_ppm,
        };
        let payments = PaymentFaults {
            outage: perhaps(rng, 100, 3_000),
            way_us_max: [1_000, SECOND_US, 30 * SECOND_US][rng.index(3)],
            lose_question: perhaps(rng, 10_000, 300_000),
            lose_answer: perhaps(rng, 10_000, 300_000),
            double_question: perhaps(rng, 10_000, 300_000),
            double_report: perhaps(rng, 10_000, 500_000),
            refuse_capture: perhaps(rng, 10_000, 200_000),
            refuse_return: perhaps(rng, 10_000, 200_000),
            refuse_late_refund: perhaps(rng, 200_000, 900_000),
            refuse_tickets: perhaps(rng, 10_000, 200_000),
            late_news: perhaps(rng, 10_000, 500_000),
            double_news: perhaps(rng, 10_000, 500_000),
            relent: 500_000,
        };
        let habits = Habits {
            lose_answer: perhaps(rng, 10_000, 200_000),
            double: perhaps(rng, 10_000, 300_000),
            repeat: perhaps(rng, 20_000, 200_000),
            reuse: perhaps(rng, 10_000, 100_000),
            nonsense: perhaps(rng, 10_000, 100_000),
            pause: perhaps(rng, 100_000, 900_000),
            think_us: rng.spread(1_000, 600 * SECOND_US),
            ttl_ms_max: rng.spread(2_000, 3_600_000),
            by_hand: rng.between(0, 60),
        };
        let show_partitions = [1, 2, 2, 3][rng.index(4)];
        Self {
            show_partitions,
            shows: usize::from(show_partitions).max(1 + rng.index(3)),
            segment_bytes: rng.spread(1_000, 1 << 20),
            mailbox: usize::try_from(rng.spread(1, 64)).unwrap_or(1),
            take_max: rng.spread(1, 32),
            commit_us_max: rng.spread(10, SECOND_US),
            buyers: 2 + rng.index(30),
            staff_pace: rng.spread(1, 8),
            disk,
            machine,
            payments,
            habits,
        }
    }

    /// The same world in which nothing goes wrong any more.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        let machine = MachineFaults {
            power: 0,
            kill: 0,
            fuse: 0,
            shutdown: 0,
            jump: 0,
            full: 0,
            snapshot: 0,
            rot: 0,
            away_us_max: SECOND_US,
            drift_ppm: 0,
        };
        let payments = PaymentFaults {
            outage: 0,
            way_us_max: 1_000,
            lose_question: 0,
            lose_answer: 0,
            double_question: 0,
            double_report: 0,
            refuse_capture: 0,
            refuse_return: 0,
            refuse_late_refund: 0,
            refuse_tickets: 0,
            late_news: 0,
            double_news: 0,
            relent: MILLION,
        };
        let habits = Habits { lose_answer: 0, double: 0, ..self.habits.clone() };
        Self { disk: DiskFaults::default(), machine, payments, habits, ..self.clone() }
    }
}
