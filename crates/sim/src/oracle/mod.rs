//! What must be true, held against what is. One oracle watches one partition from outside: crashes do not touch it.
//!
//! It keeps every record that was ever settled, a state that follows them ([`State::replay`]), an independent audit of them, and what
//! every idempotency key was answered. After each recovery the journal must still have all of it.

mod accounts;
mod after_sale;
mod catalogue;
mod expect;
mod holds;
mod keys;
pub(crate) mod money;
pub(crate) mod parts;
pub(crate) mod places;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_audit::{Audit, Report};
use guichet_broker::JournalReader;
use guichet_core::codec;
use guichet_core::shard::{DurableBatch, Outcome};
use guichet_domain::commands::Request;
use guichet_domain::order::Order;
use guichet_domain::saga::Saga;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::state::REOPEN_GRACE_MS;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId, State};

use accounts::Accounts;
use keys::Keys;

use crate::stats::AfterSale;

/// What is wrong, in words.
pub(crate) type Verdict<T = ()> = Result<T, String>;

/// The only incarnation of the simulated directory.
pub(crate) const INCARNATION: u16 = 1;

/// Watches one partition.
pub(crate) struct Oracle {
    partition: u16,
    audit: Audit,
    accounts: Accounts,
    follower: State,
    records: BTreeMap<u64, (u64, Record)>,
    /// Where the last settled batch ended.
    settled_end: u64,
    keys: Keys,
    /// Holds that were live when it was last looked.
    holds: BTreeSet<HoldId>,
    /// The plan that each hold was chosen from: an answer that is given again, or late, may come after a revision.
    plans: BTreeMap<HoldId, Arc<SeatingPlan>>,
    /// One of those that are owed their grace by the next batch, because the partition was away.
    grace_owed: Option<HoldId>,
}

impl Oracle {
    pub(crate) fn new(partition: u16) -> Self {
        Self {
            partition,
            audit: Audit::new(partition),
            accounts: Accounts::default(),
            follower: State::new(partition, INCARNATION),
            records: BTreeMap::new(),
            settled_end: 0,
            keys: Keys::default(),
            holds: BTreeSet::new(),
            plans: BTreeMap::new(),
            grace_owed: None,
        }
    }

    /// What is durable, as a state.
    pub(crate) fn state(&self) -> &State {
        &self.follower
    }

    /// The sagas that have not ended, and the orders that they drive.
    pub(crate) fn sagas(&self) -> &BTreeMap<SagaId, OrderId> {
        &self.accounts.sagas
    }

    /// The same, to be looked at.
    pub(crate) fn open_sagas(&self) -> impl Iterator<Item = (&Order, &Saga)> {
        self.accounts.sagas.iter().filter_map(|(saga, order)| Some((self.follower.order(*order)?, self.follower.saga(*saga)?)))
    }

    /// How many records are durable.
    pub(crate) fn records(&self) -> u64 {
        self.records.len() as u64
    }

    /// What the audit says.
    pub(crate) fn report(&self) -> Report {
        self.audit.report()
    }

    /// Tickets ever issued, those included that became void.
    pub(crate) fn tickets_issued(&self) -> u64 {
        let issued = |event: &Event| if let Event::TicketsIssued { order, .. } = event { self.follower.order(*order) } else { None };
        let orders = self.records.values().flat_map(|(_, record)| record.events()).filter_map(issued);
        orders.map(|order| u64::from(order.places())).sum()
    }

    /// What happened after the sales, counted.
    pub(crate) fn after_sale(&self) -> AfterSale {
        self.accounts.tally
    }

    /// At rest: every place is where it should be.
    pub(crate) fn places(&self) -> Verdict {
        let adopted = |event: &Event| if let Event::ShowAdopted { definition, .. } = event { Some(definition.id) } else { None };
        let shows = self.records.values().flat_map(|(_, record)| record.events()).filter_map(adopted);
        places::check(&self.follower, shows, &self.accounts)
    }

    /// Every order with what the journal says about its money.
    pub(crate) fn money(&self) -> impl Iterator<Item = money::Row<'_>> {
        self.follower.orders().map(|order| {
            let account = self.accounts.order(order.id).cloned().unwrap_or_default();
            money::Row { order, saga: account.saga.unwrap_or(order.saga), account }
        })
    }

    fn absorb(&mut self, stamp_unix_ms: u64, offset: u64, record: &Record) -> Verdict {
        let logged = self.follower.logged_unix_ms();
        if stamp_unix_ms < logged {
            return Err(format!("logged time went back from {logged} to {stamp_unix_ms} at offset {offset}"));
        }
        if let Record::Refused { rejection, .. } = record {
            truth::check(rejection, stamp_unix_ms, &self.follower, &self.accounts)
                .map_err(|what| format!("partition {}, offset {offset}: {what}", self.partition))?;
        }
        let followed = self.accounts.follow(record, &self.follower);
        followed.map_err(|what| format!("partition {}, offset {offset}: {what}", self.partition))?;
        for event in record.events() {
            if let Event::HoldPlaced { hold, show, .. } = event {
                self.holds.insert(*hold);
                self.plans.extend(self.follower.show(*show).map(|show| (*hold, Arc::clone(&show.plan))));
            }
        }
        self.audit.record(offset, stamp_unix_ms, record);
        self.follower.replay(stamp_unix_ms, offset, record);
        self.records.insert(offset, (stamp_unix_ms, record.clone()));
        Ok(())
    }

    fn audited(&self) -> Verdict {
        let report = self.audit.report();
        match report.findings.first() {
            Some(finding) => Err(format!("the audit of partition {} found: {finding}", self.partition)),
            None => Ok(()),
        }
    }

    /// A batch is durable.
    pub(crate) fn settled(&mut self, batch: &DurableBatch) -> Verdict {
        if batch.base_offset < self.settled_end {
            return Err(format!("a batch at offset {} was settled, {} is already taken", batch.base_offset, self.settled_end));
        }
        if let Some(hold) = self.grace_owed.take() {
            let until = batch.stamp_unix_ms + REOPEN_GRACE_MS;
            let granted =
                |record: &Record| matches!(record.events(), [Event::ReopenGraceGranted { until_unix_ms }] if *until_unix_ms == until);
            if !batch.records.first().is_some_and(|(_, record)| granted(record)) {
                return Err(format!("partition {}: {hold:?} was live when the partition went away and got no grace", self.partition));
            }
        }
        for (offset, record) in &batch.records {
            self.absorb(batch.stamp_unix_ms, *offset, record)?;
        }
        self.settled_end = batch.next_offset;
        self.audited()
    }

    /// The partition has come back: everything that was ever settled is in the journal, unchanged, and the state is its replay. What
    /// nobody was told about may be there, too; from now on it counts. `logged_unix_ms` is when it comes back.
    pub(crate) fn recovered(&mut self, reader: &JournalReader, state: &State, logged_unix_ms: u64) -> Verdict {
        let partition = self.partition;
        let mut last_stamp = 0;
        let mut known = std::mem::take(&mut self.records).into_iter().peekable();
        let mut kept = BTreeMap::new();
        let mut found = Vec::new();
        for batch in reader.batches(0) {
            let batch = batch.map_err(|error| format!("partition {partition} cannot be read after its recovery: {error}"))?;
            let stamp = batch.stamp_unix_ms();
            if stamp < last_stamp {
                return Err(format!("partition {partition}: the stamps go back from {last_stamp} to {stamp} at {}", batch.base_offset));
            }
            last_stamp = stamp;
            for (offset, bytes) in batch.records() {
                let record = codec::decode_record(bytes).map_err(|error| format!("partition {partition}, offset {offset}: {error}"))?;
                match known.peek() {
                    Some((at, _)) if *at < offset => break,
                    Some((at, before)) if *at == offset => {
                        if *before != (stamp, record) {
                            return Err(format!("partition {partition}: the record at {offset} was {before:?} and is different now"));
                        }
                        kept.extend(known.next());
                    }
                    _ if offset < self.settled_end => {
                        return Err(format!("partition {partition}: a record appeared at {offset}, below what was settled: {record:?}"));
                    }
                    _ => found.push((stamp, offset, record)),
                }
            }
        }
        if let Some((offset, (_, record))) = known.next() {
            return Err(format!("partition {partition} lost what was settled at offset {offset}: {record:?}"));
        }
        self.records = kept;
        for (stamp, offset, record) in &found {
            self.absorb(*stamp, *offset, record)?;
        }
        self.settled_end = reader.durable_end();
        self.audited()?;
        let follower = &self.follower;
        self.holds.retain(|hold| follower.hold(*hold).is_some());
        let short = |hold: &&HoldId| follower.hold(**hold).is_some_and(|hold| hold.expires_at_unix_ms < logged_unix_ms + REOPEN_GRACE_MS);
        self.grace_owed = self.holds.iter().find(short).copied();
        if *state == self.follower { Ok(()) } else { Err(format!("partition {partition}: {}", difference(state, &self.follower))) }
    }

    /// Everything decided is durable: the staged state must be what the journal gives.
    pub(crate) fn at_rest(&self, staged: &State) -> Verdict {
        let mut follower = self.follower.clone();
        if let Some(late) = follower.pass_time(staged.logged_unix_ms()) {
            return Err(format!(
                "partition {}: what was due at {} is not in the journal: {late:?}",
                self.partition,
                staged.logged_unix_ms()
            ));
        }
        if *staged == follower { Ok(()) } else { Err(format!("partition {}: {}", self.partition, difference(staged, &follower))) }
    }

    /// A request is answered: the record that it is given must be durable, its own, and no other than before.
    pub(crate) fn answered(&mut self, request: &Request, outcome: &Outcome) -> Verdict<Record> {
        let offset = outcome.offset;
        let Some((stamp, record)) = self.records.get(&offset) else {
            return Err(format!("partition {}: an answer names offset {offset}, which is not durable: {request:?}", self.partition));
        };
        if let Some((batch, index)) = &outcome.batch
            && batch.records.get(*index).is_none_or(|(at, given)| *at != offset || given != record)
        {
            return Err(format!("partition {}: the answer is not the record at offset {offset}", self.partition));
        }
        self.keys.answered(request, offset, *stamp, record).map_err(|what| format!("partition {}: {what}", self.partition))?;
        if let (Command::ConfirmPayment(confirm), Record::Refused { rejection: Rejection::PaymentAlreadyKnown { order }, .. }) =
            (&request.command, record)
            && !self.accounts.order(*order).is_some_and(|account| account.knows(&confirm.reference))
        {
            return Err(format!("partition {}: {} is not known, and was taken for known", self.partition, confirm.reference));
        }
        expect::check(request, *stamp, record, &self.follower, &self.plans)
            .map_err(|what| format!("partition {}, offset {offset}: {what}; {request:?} was answered {record:?}", self.partition))?;
        Ok(record.clone())
    }
}

/// Names the first part in which two states differ.
fn difference(staged: &State, durable: &State) -> String {
    let pairs = [
        ("logged time", staged.logged_unix_ms(), durable.logged_unix_ms()),
        ("live holds", staged.live_holds() as u64, durable.live_holds() as u64),
        ("live sagas", staged.live_sagas() as u64, durable.live_sagas() as u64),
        ("known keys", staged.known_keys() as u64, durable.known_keys() as u64),
        ("orders", staged.orders().count() as u64, durable.orders().count() as u64),
        ("next timer", staged.next_timer_unix_ms().unwrap_or(0), durable.next_timer_unix_ms().unwrap_or(0)),
    ];
    let differs = pairs.into_iter().find(|(_, staged, durable)| staged != durable);
    differs.map_or_else(
        || "the staged state is not the replay of the journal".to_owned(),
        |(what, staged, durable)| format!("the staged state is not the replay of the journal: {what} {staged}, durable {durable}"),
    )
}
