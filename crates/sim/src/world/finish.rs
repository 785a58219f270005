//! The end: the faults stop, everything comes to rest, and the books must balance.

use guichet_audit::OrderCounts;
use guichet_domain::inventory::SeatState;
use guichet_domain::order::OrderState;
use guichet_domain::saga::Progress;

use super::World;
use crate::disk::DiskFaults;
use crate::oracle::{Oracle, Verdict, money, parts};
use crate::plan::HOUR_US;
use crate::trace::note;

/// By then every hold and every order has had its time, a transfer and late news three days each, and somebody has looked after what
/// was stuck.
const DRAIN_US_MAX: u64 = 200 * HOUR_US;
/// More would be a storm.
const DRAIN_EVENTS_MAX: u64 = 400_000;

impl World {
    /// No more faults, no more wishes: lets everything that has begun come to its end.
    pub(super) fn drain(&mut self) -> Verdict {
        note!(self.trace, "the faults stop");
        self.nothing_stands_still()?;
        self.stats.stuck += self.oracles.iter().flat_map(|oracle| oracle.state().orders()).filter(|order| order.stuck).count() as u64;
        self.plan = self.plan.without_faults();
        self.draining = true;
        self.disk.set_faults(DiskFaults::default());
        self.disk.disarm();
        self.outage(false);
        if self.disk.is_off() {
            self.power_failure()?;
        }
        let last = self.clients.len() - 1;
        self.comes_again(last, HOUR_US);
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
        if let Some((number, client)) = self.clients.iter().enumerate().find(|(_, client)| client.intent.is_some()) {
            let wish = client.intent.as_ref().map(|intent| &intent.request.command);
            let open: Vec<_> = self.oracles.iter().flat_map(Oracle::open_sagas).map(|(_, saga)| saga).collect();
            return Some(format!("client {number} has no answer to {wish:?}; sagas that go on: {open:?}"));
        }
        if self.news_open > 0 {
            return Some(format!("the provider has {} news", self.news_open));
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
            if state.live_sagas() > 0 {
                let open = self.oracles[partition].open_sagas().next();
                return Some(format!("{} sagas of partition {partition} go on: {open:?}", state.live_sagas()));
            }
            if let Some(part) = state.orders().find(|order| order.part_of().is_some() && !parts::is_decided(order)) {
                return Some(format!("a part of partition {partition} is not decided: {part:?}"));
            }
        }
        None
    }

    /// When the faults stop, every saga that has not ended is one that somebody is on, waits for its next try or for people, or is
    /// stuck and says why. Nothing may stand still unnoticed.
    fn nothing_stands_still(&self) -> Verdict {
        for oracle in &self.oracles {
            for (order, saga) in oracle.open_sagas() {
                let explained = match saga.progress {
                    Progress::Stuck { .. } => saga.failure.is_some() && order.stuck,
                    Progress::Forward { .. } | Progress::Backward { .. } => saga.pending.is_some(),
                    Progress::Completed | Progress::Compensated => false,
                };
                if !explained {
                    return Err(format!("{:?} stands still and nobody sees why: stuck {}, {saga:?}", order.id, order.stuck));
                }
            }
        }
        Ok(())
    }

    /// The books.
    pub(super) fn check_end(&mut self) -> Verdict {
        for oracle in &self.oracles {
            let state = oracle.state();
            self.stats.records += oracle.records();
            self.stats.after.add(&oracle.after_sale());
            oracle.places()?;
            let mut counts = OrderCounts::default();
            for order in state.orders() {
                counts.placed += 1;
                match order.state {
                    OrderState::Confirmed => counts.confirmed += 1,
                    OrderState::Cancelled => counts.cancelled += 1,
                    OrderState::Stuck | OrderState::Placed | OrderState::AwaitingPayment => {}
                }
                if order.stuck {
                    return Err(format!("{:?} is stuck and no saga of it is", order.id));
                }
            }
            self.stats.orders += counts.placed;
            self.stats.confirmed += counts.confirmed;
            self.stats.cancelled += counts.cancelled;
            let report = oracle.report();
            if counts != report.orders {
                return Err(format!("the state counts {counts:?}, the audit {:?}", report.orders));
            }
            if oracle.tickets_issued() != report.tickets {
                return Err(format!("{} tickets were issued, the audit has {}", oracle.tickets_issued(), report.tickets));
            }
            for (id, audited) in &report.shows {
                let Some(show) = state.show(*id) else { return Err(format!("show {id} is gone")) };
                let seats =
                    |wanted| (0..show.inventory.seats.len()).filter(|seat| show.inventory.seats.get(*seat) == wanted).count() as u64;
                if (seats(SeatState::Held), seats(SeatState::Booked)) != (audited.seats_held, audited.seats_booked) {
                    return Err(format!("the seats of show {id} are not those of the audit: {audited:?}"));
                }
                for (count, sum) in show.inventory.quotas.iter().zip(&audited.quotas) {
                    if (u64::from(count.held), u64::from(count.booked), u64::from(count.size)) != (sum.held, sum.booked, sum.size) {
                        return Err(format!("a quota of show {id} is {count:?}, the audit has {sum:?}"));
                    }
                }
            }
        }
        parts::check(&self.oracles)?;
        money::check(self.oracles.iter().flat_map(Oracle::money), &self.bank.ledger())
    }
}
