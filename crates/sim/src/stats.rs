//! What a run did, counted.

use guichet_domain::Command;

use crate::disk::DiskStats;

/// Seeds of a run that should have seen what happens every day.
const SEEDS_COVERING: u64 = 100;
/// Seeds of one that should have seen everything.
const SEEDS_COVERING_ALL: u64 = 1_000;

/// The counts of one seed, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Runs.
    pub seeds: u64,
    /// Events that happened.
    pub events: u64,
    /// Simulated time.
    pub simulated_s: u64,
    /// Times that the power failed.
    pub power_failures: u64,
    /// Times that the process died.
    pub kills: u64,
    /// Proper ends.
    pub shutdowns: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Partitions that came back by themselves after one.
    pub reopened: u64,
    /// Partitions that did not.
    pub stopped: u64,
    /// Times that the wall clock was set.
    pub jumps: u64,
    /// Answers that callers were given, refusals included; each was checked, and found again after each recovery.
    pub acknowledged: u64,
    /// Answers to a key that had one.
    pub repeats: u64,
    /// Durable records.
    pub records: u64,
    /// Effects that a role was asked for.
    pub effects: u64,
    /// Orders placed.
    pub orders: u64,
    /// Orders confirmed.
    pub confirmed: u64,
    /// Orders cancelled.
    pub cancelled: u64,
    /// Orders that an operator must look at.
    pub stuck: u64,
    /// Snapshots taken.
    pub snapshots: u64,
    /// Snapshots that the disk did not take.
    pub failed_snapshots: u64,
    /// Bits of snapshots that turned over.
    pub rotten_bits: u64,
    /// Starts of a partition that began with a snapshot.
    pub shortened: u64,
    /// Snapshots that a start could not use.
    pub passed_over: u64,
    /// Times that the provider said by itself that money had come, and was answered.
    pub callbacks: u64,
    /// What was accepted, by the kind of command.
    pub accepted: Accepted,
    /// What happened after the sales.
    pub after: AfterSale,
    /// What the disk saw.
    pub disk: DiskStats,
}

/// The names of all commands, in the order of their numbers from 1.
const COMMANDS: [&str; 29] = [
    "register_venue",
    "create_show",
    "create_api_key",
    "revoke_api_key",
    "adopt_show",
    "set_sale_state",
    "place_hold",
    "extend_hold",
    "release_hold",
    "place_order",
    "report_effect",
    "cancel_order",
    "refund_order",
    "block_seats",
    "unblock_seats",
    "confirm_payment",
    "confirm_payout",
    "resolve_late_payment",
    "retry_saga",
    "check_in_ticket",
    "place_part",
    "book_part",
    "confirm_part",
    "release_part",
    "refund_part",
    "revise_plan",
    "rotate_api_key",
    "note_key_uses",
    "create_organiser",
];

/// How often each kind of command was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted([u64; COMMANDS.len()]);

impl Accepted {
    /// One more.
    pub(crate) fn count(&mut self, command: &Command) {
        let (number, name, _) = command.kind();
        let index = usize::from(number) - 1;
        assert_eq!(COMMANDS.get(index), Some(&name), "the simulator does not know all commands");
        self.0[index] += 1;
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> {
        COMMANDS.into_iter().zip(self.0)
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }
}

macro_rules! after_sale {
    ($($(#[$doc:meta])* $name:ident $words:literal,)*) => {
        /// What happened after the sales, counted.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct AfterSale {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl AfterSale {
            /// Adds another run.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            /// Each count, with words for people.
            #[must_use]
            pub fn rows(&self) -> Vec<(&'static str, u64)> {
                vec![$(($words, self.$name)),*]
            }
        }
    };
}

after_sale! {
    /// Sold orders that were cancelled, in whole or in part.
    sales_taken_back "sales taken back",
    /// Positions that were cancelled.
    positions_cancelled "positions cancelled",
    /// Orders that turned round because somebody cancelled them before they were sold.
    turned_round "orders turned round",
    /// Times that money went back.
    refunds "refunds",
    /// Payments that came when the places had gone.
    late_payments "late payments",
    /// Of those, orders that were sold after all.
    late_reinstated "reinstated",
    /// Of those, payments that went back by the policy of their show.
    late_refunded "refunded by policy",
    /// Of those, stuck ones that an operator decided on.
    late_decided "decided by an operator",
    /// Tickets that were let in.
    check_ins "check-ins",
    /// Tickets that were not, because they had been.
    second_scans "second scans",
    /// Times that seats were taken from sale.
    blocks "blocks",
    /// Times that they were given back.
    unblocks "unblocks",
    /// Plans that were revised while they were sold.
    revisions "revisions",
    /// Sagas that got stuck.
    stuck "stuck sagas",
    /// Sagas that an operator let go on.
    resumed "resumed",
    /// Payments by hand.
    paid_by_hand "payments by hand",
    /// Refunds by hand.
    paid_out "payouts",
    /// Orders that cost nothing.
    free_orders "free orders",
    /// Orders over several shows.
    wide_orders "orders over several shows",
    /// Orders over several partitions that were sold.
    across_confirmed "orders over several partitions",
    /// Orders over several partitions that were not.
    across_released "released in several partitions",
    /// Parts of which something was cancelled after the sale.
    parts_cancelled "parts cancelled",
    /// Times that a part asked what had become of its home.
    parts_overdue "overdue parts",
}

impl Stats {
    /// Crashes of either kind.
    #[must_use]
    pub fn crashes(&self) -> u64 {
        self.power_failures + self.kills
    }

    /// Everything that went wrong with the machine, the disk and the clock.
    #[must_use]
    pub fn faults(&self) -> u64 {
        let disk = self.disk.torn_writes + self.disk.sync_failures + self.disk.write_failures + self.disk.read_failures;
        self.crashes() + disk + self.jumps + self.rotten_bits
    }

    /// What a run of so many seeds should have seen and did not: a simulation that never gets there proves nothing.
    #[must_use]
    pub fn unseen(&self) -> Vec<String> {
        if self.seeds < SEEDS_COVERING {
            return Vec::new();
        }
        // A few in a hundred seeds: a short run may miss it by chance.
        let rare = self.seeds < SEEDS_COVERING_ALL;
        let late_decided = if rare { self.after.late_decided.max(1) } else { self.after.late_decided };
        let after = AfterSale { late_decided, ..self.after };
        let own = [
            ("orders confirmed", self.confirmed),
            ("orders cancelled", self.cancelled),
            ("callbacks", self.callbacks),
            ("starts from a snapshot", self.shortened),
            ("snapshots passed over", self.passed_over),
        ];
        let commands = self.accepted.rows().filter(|(_, count)| *count == 0).map(|(name, _)| format!("{name} accepted"));
        let happened = own.into_iter().chain(after.rows()).filter(|(_, count)| *count == 0).map(|(words, _)| words.to_owned());
        happened.chain(commands).collect()
    }

    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.after.add(&other.after);
        self.accepted.add(&other.accepted);
        let pairs: [(&mut u64, u64); 30] = [
            (&mut self.seeds, other.seeds),
            (&mut self.callbacks, other.callbacks),
            (&mut self.events, other.events),
            (&mut self.simulated_s, other.simulated_s),
            (&mut self.power_failures, other.power_failures),
            (&mut self.kills, other.kills),
            (&mut self.shutdowns, other.shutdowns),
            (&mut self.failed_commits, other.failed_commits),
            (&mut self.reopened, other.reopened),
            (&mut self.stopped, other.stopped),
            (&mut self.jumps, other.jumps),
            (&mut self.acknowledged, other.acknowledged),
            (&mut self.repeats, other.repeats),
            (&mut self.records, other.records),
            (&mut self.effects, other.effects),
            (&mut self.orders, other.orders),
            (&mut self.confirmed, other.confirmed),
            (&mut self.cancelled, other.cancelled),
            (&mut self.stuck, other.stuck),
            (&mut self.snapshots, other.snapshots),
            (&mut self.failed_snapshots, other.failed_snapshots),
            (&mut self.rotten_bits, other.rotten_bits),
            (&mut self.shortened, other.shortened),
            (&mut self.passed_over, other.passed_over),
            (&mut self.disk.operations, other.disk.operations),
            (&mut self.disk.syncs, other.disk.syncs),
            (&mut self.disk.sync_failures, other.disk.sync_failures),
            (&mut self.disk.write_failures, other.disk.write_failures),
            (&mut self.disk.read_failures, other.disk.read_failures),
            (&mut self.disk.torn_writes, other.disk.torn_writes),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
    }
}
