//! The end: the faults stop, everything comes to rest, and the books must balance.

use guichet_audit::OrderCounts;
use guichet_domain::order::OrderState;
use guichet_domain::saga::Progress;

use super::World;
use crate::disk::DiskFaults;
use crate::oracle::{Verdict, money};
use crate::plan::HOUR_US;
use crate::trace::note;

/// By then every hold and every order has had its time, and every retry that is not stuck.
const DRAIN_US_MAX: u64 = 48 * HOUR_US;
/// More would be a storm.
const DRAIN_EVENTS_MAX: u64 = 400_000;

impl World {
    /// No more faults, no more wishes: lets everything that has begun come to its end.
    pub(super) fn drain(&mut self) -> Verdict {
        note!(self.trace, "the faults stop");
        self.plan = self.plan.without_faults();
        self.draining = true;
        self.disk.set_faults(DiskFaults::default());
        self.disk.disarm();
        self.outage(false);
        if self.disk.is_off() {
            self.power_failure()?;
        }
        let (until_us, events_max) = (self.now_us + DRAIN_US_MAX, self.stats.events + DRAIN_EVENTS_MAX);
        while let Some(why) = self.unfinished() {
            if self.now_us > until_us || self.stats.events > events_max || !self.step()? {
                return Err(format!("without faults it does not come to an end: {why}"));
            }
        }
        // One more time from the disk alone.
        self.power_failure()?;
        while !self.up {
            self.step()?;
        }
        Ok(())
    }

    /// What is still to be done.
    fn unfinished(&self) -> Option<String> {
        if !self.up {
            return Some("the process does not run".into());
        }
        if let Some(client) = self.clients.iter().position(|client| client.intent.is_some()) {
            return Some(format!("client {client} has no answer"));
        }
        for (partition, shard) in self.shards.iter().enumerate() {
            let busy = shard.as_ref().is_none_or(|shard| !shard.is_idle());
            let state = self.oracles[partition].state();
            if busy {
                return Some(format!("partition {partition} has work"));
            }
            if state.live_holds() > 0 {
                return Some(format!("partition {partition} has {} live holds", state.live_holds()));
            }
            let open = |order: &&guichet_domain::order::Order| {
                state.saga(order.saga).is_some_and(|saga| !matches!(saga.progress, Progress::Stuck { .. }))
            };
            if let Some(order) = state.orders().filter(open).min_by_key(|order| order.id) {
                return Some(format!("the saga of {:?} goes on: {:?}", order.id, state.saga(order.saga)));
            }
        }
        None
    }

    /// The books.
    pub(super) fn check_end(&mut self) -> Verdict {
        for oracle in &self.oracles {
            let state = oracle.state();
            let report = oracle.report();
            self.stats.records += oracle.records();
            let mut counts = OrderCounts::default();
            let mut places = 0;
            for order in state.orders() {
                counts.placed += 1;
                match order.state {
                    OrderState::Confirmed => {
                        counts.confirmed += 1;
                        places += u64::from(order.places());
                    }
                    OrderState::Cancelled => counts.cancelled += 1,
                    OrderState::Stuck => {
                        counts.stuck += 1;
                        let saga = state.saga(order.saga);
                        if saga.is_none_or(|saga| saga.failure.is_none()) {
                            return Err(format!("{:?} is stuck and nobody knows why: {saga:?}", order.id));
                        }
                    }
                    OrderState::Placed | OrderState::AwaitingPayment => {}
                }
            }
            if counts != report.orders {
                return Err(format!("the state counts {counts:?}, the audit {:?}", report.orders));
            }
            if places != report.tickets {
                return Err(format!("{places} places are sold and {} tickets were issued", report.tickets));
            }
            self.stats.orders += counts.placed;
            self.stats.confirmed += counts.confirmed;
            self.stats.cancelled += counts.cancelled;
            self.stats.stuck += counts.stuck;
            for (id, audited) in &report.shows {
                let Some(show) = state.show(*id) else { return Err(format!("show {id} is gone")) };
                let seats =
                    |wanted| (0..show.inventory.seats.len()).filter(|seat| show.inventory.seats.get(*seat) == wanted).count() as u64;
                use guichet_domain::inventory::SeatState::{Booked, Held};
                if (seats(Held), seats(Booked)) != (audited.seats_held, audited.seats_booked) {
                    return Err(format!("the seats of show {id} are not those of the audit: {audited:?}"));
                }
                for (count, sum) in show.inventory.quotas.iter().zip(&audited.quotas) {
                    if (u64::from(count.held), u64::from(count.booked), u64::from(count.size)) != (sum.held, sum.booked, sum.size) {
                        return Err(format!("a quota of show {id} is {count:?}, the audit has {sum:?}"));
                    }
                }
            }
        }
        let ledger = self.bank.ledger();
        let orders = self.oracles.iter().flat_map(|oracle| oracle.state().orders());
        money::check(orders, &ledger).map(drop)
    }
}
