//! Some shows, a partition that sells them, and everything that came of what was asked of it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod driver;
mod ledger;
pub(crate) mod ops;
pub(crate) mod recount;
mod shows;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use guichet_audit::{Audit, Report};
use guichet_domain::commands::{
    AdoptShow, CancelOrder, CheckInTicket, ConfirmPayment, PaymentTerms, PlaceHold, PlaceOrder, ReleaseHold, ReportEffect, Request,
    SetSaleState,
};
use guichet_domain::hold::{BuyerRef, Claim, HoldItem};
use guichet_domain::inventory::{QuotaCount, SeatState};
use guichet_domain::order::{CancelReason, Order, PaymentRequest};
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::saga::{Direction, Effect, EffectOutcome, Progress, StepError};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId, State, TicketId};

pub(crate) use shows::*;

pub(crate) const PARTITION: u16 = 1;
/// The provider of all payments.
pub(crate) const PROVIDER: &str = "test";
pub(crate) const START_MS: u64 = 1_000_000;
pub(crate) const HOUR_MS: u64 = 60 * 60 * 1_000;
pub(crate) const TTL_MS: u64 = 60_000;
pub(crate) const DEADLINE_MS: u64 = 15 * 60 * 1_000;
pub(crate) const TRANSFER_MS: u64 = 72 * HOUR_MS;

pub(crate) fn seats(product: u16, seats: &[u32]) -> HoldItem {
    HoldItem { product, claim: Claim::Seats(seats.to_vec()) }
}

pub(crate) fn standing(product: u16, quantity: u32) -> HoldItem {
    HoldItem { product, claim: Claim::Quantity(quantity) }
}

pub(crate) fn hold_of(show_number: u64, items: &[HoldItem], ttl_ms: u64) -> Command {
    Command::PlaceHold(PlaceHold { show: show(show_number), items: items.to_vec().into(), best: Vec::new(), ttl_ms, buyer_ref: None })
}

/// The same for somebody who counts.
pub(crate) fn hold_for(show_number: u64, items: &[HoldItem], ttl_ms: u64, buyer_ref: Option<BuyerRef>) -> Command {
    Command::PlaceHold(PlaceHold { show: show(show_number), items: items.to_vec().into(), best: Vec::new(), ttl_ms, buyer_ref })
}

pub(crate) fn order_of(holds: &[HoldId]) -> Command {
    order_by(holds, PaymentTerms::Prompt)
}

pub(crate) fn order_by(holds: &[HoldId], terms: PaymentTerms) -> Command {
    let payment = PaymentRequest { provider: PROVIDER.into(), token: "tok".into() };
    Command::PlaceOrder(PlaceOrder { holds: holds.to_vec(), parts: Vec::new(), payment, terms, buyer: None })
}

pub(crate) fn cancel_of(order: OrderId, positions: Option<&[u32]>) -> Command {
    let positions = positions.map(<[u32]>::to_vec);
    Command::CancelOrder(CancelOrder { order, positions, reason: CancelReason::ByBuyer, waive_fee: false })
}

pub(crate) fn payment_of(order: OrderId, amount_minor: i64, reference: &str) -> Command {
    let (provider, reference) = (PROVIDER.into(), reference.into());
    Command::ConfirmPayment(ConfirmPayment { order, provider, amount_minor, reference, taken: true })
}

pub(crate) fn scan_of(ticket: TicketId, show_number: u64, list: u16, gate: &str) -> Command {
    let (show, gate) = (show(show_number), gate.into());
    Command::CheckInTicket(CheckInTicket { ticket, show, list, gate, scanned_offline_at_unix_ms: None })
}

pub(crate) fn report_of(saga: SagaId, step: u8, direction: Direction, outcome: EffectOutcome) -> Command {
    Command::ReportEffect(ReportEffect { saga, step, direction, outcome })
}

pub(crate) fn done() -> EffectOutcome {
    EffectOutcome::Done { receipt: Some("receipt".into()) }
}

pub(crate) fn declined() -> EffectOutcome {
    EffectOutcome::Refused { error: StepError::Declined("no".into()) }
}

pub(crate) fn refused() -> EffectOutcome {
    EffectOutcome::Refused { error: StepError::Failed("broken".into()) }
}

pub(crate) fn unavailable() -> EffectOutcome {
    EffectOutcome::Unavailable { error: StepError::Unavailable("down".into()) }
}

pub(crate) fn unknown() -> EffectOutcome {
    EffectOutcome::Unknown { error: StepError::TimedOut }
}

/// A request whose key is this number and whose fingerprint is that of its body.
pub(crate) fn keyed(key: u64, command: Command) -> Request {
    let mut hasher = DefaultHasher::new();
    format!("{command:?}").hash(&mut hasher);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&key.to_le_bytes());
    Request { key: Some(KeyStamp { key: KeyHash(bytes), fingerprint: hasher.finish() }), key_made_at_unix_ms: None, command }
}

/// A partition at work, and its journal: the offset of a record is its index.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) state: State,
    pub(crate) journal: Vec<(u64, Record)>,
    pub(crate) now_unix_ms: u64,
}

impl Run {
    /// An empty partition.
    pub(crate) fn empty() -> Self {
        let mut run = Self { state: State::new(PARTITION, 0), journal: Vec::new(), now_unix_ms: START_MS };
        run.pass(0);
        run
    }

    /// Both shows are on sale.
    pub(crate) fn on_sale() -> Self {
        let mut run = Self::empty();
        for number in [1, 2] {
            run.sell(definition(number), plan());
        }
        run
    }

    /// Shows with every rule that there is are on sale.
    pub(crate) fn busy() -> Self {
        let mut run = Self::empty();
        (1..=BUSY_SHOWS).for_each(|number| run.sell(busy_definition(number), plan()));
        run
    }

    /// One more show is on sale.
    pub(crate) fn sell(&mut self, definition: ShowDefinition, plan: SeatingPlan) {
        let show = definition.id;
        self.accept(Command::AdoptShow(AdoptShow { definition: Arc::new(definition), plan: Arc::new(plan) }));
        self.accept(Command::SetSaleState(SetSaleState { show, state: SaleState::Open }));
    }

    pub(crate) fn set_sale(&mut self, number: u64, state: SaleState) {
        self.accept(Command::SetSaleState(SetSaleState { show: show(number), state }));
    }

    /// Lets the time pass; what was due is returned, too.
    pub(crate) fn pass(&mut self, ms: u64) -> Vec<Event> {
        self.now_unix_ms += ms;
        let record = self.state.pass_time(self.now_unix_ms);
        self.keep(record)
    }

    /// The partition was away for so long.
    pub(crate) fn reopen(&mut self, ms: u64) -> Vec<Event> {
        self.now_unix_ms += ms;
        let record = self.state.reopen(self.now_unix_ms);
        let mut events = self.keep(record);
        events.extend(self.pass(0));
        events
    }

    fn keep(&mut self, record: Option<Record>) -> Vec<Event> {
        let events = record.as_ref().map(|record| record.events().to_vec()).unwrap_or_default();
        self.journal.extend(record.map(|record| (self.now_unix_ms, record)));
        events
    }

    pub(crate) fn submit(&mut self, request: &Request) -> Decision {
        let decision = self.state.submit(request, self.journal.len() as u64);
        if let Decision::Decided(record) = &decision {
            self.journal.push((self.now_unix_ms, record.clone()));
        }
        decision
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Vec<Event>, Rejection> {
        match self.submit(request) {
            Decision::Decided(Record::Refused { rejection, .. }) => Err(rejection),
            Decision::Decided(record) => Ok(record.events().to_vec()),
            Decision::Repeated { offset } => panic!("{request:?} is a repeat of offset {offset}"),
        }
    }

    #[track_caller]
    pub(crate) fn accept(&mut self, command: Command) -> Vec<Event> {
        self.ask(&Request::from(command)).unwrap()
    }

    #[track_caller]
    pub(crate) fn refuse(&mut self, command: Command) -> Rejection {
        self.ask(&Request::from(command)).unwrap_err()
    }

    #[track_caller]
    pub(crate) fn hold(&mut self, show_number: u64, items: &[HoldItem], ttl_ms: u64) -> HoldId {
        match self.accept(hold_of(show_number, items, ttl_ms)).first() {
            Some(Event::HoldPlaced { hold, .. }) => *hold,
            other => panic!("no hold: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn order(&mut self, holds: &[HoldId]) -> OrderId {
        match self.accept(order_of(holds)).first() {
            Some(Event::OrderPlaced { order, .. }) => *order,
            other => panic!("no order: {other:?}"),
        }
    }

    pub(crate) fn the_order(&self, id: OrderId) -> &Order {
        self.state.order(id).unwrap()
    }

    /// Reports on the only effect that is pending.
    #[track_caller]
    pub(crate) fn report(&mut self, outcome: EffectOutcome) -> Vec<Event> {
        let (saga, pending) = self.state.pending_effects().pop().unwrap();
        self.accept(report_of(saga, pending.step, pending.direction, outcome))
    }

    /// An order for these items that is sold: asked, paid, its tickets out.
    #[track_caller]
    pub(crate) fn sold(&mut self, show_number: u64, items: &[HoldItem]) -> OrderId {
        let hold = self.hold(show_number, items, TTL_MS);
        let order = self.order(&[hold]);
        while self.state.saga(self.the_order(order).saga).is_some() {
            self.report(done());
        }
        order
    }

    /// An order for these items whose deadline passed before anything was paid.
    #[track_caller]
    pub(crate) fn lapsed(&mut self, show_number: u64, items: &[HoldItem]) -> OrderId {
        let hold = self.hold(show_number, items, TTL_MS);
        let order = self.order(&[hold]);
        self.pass(DEADLINE_MS);
        self.report(done());
        order
    }

    /// Its tickets, in the order of its positions.
    pub(crate) fn tickets(&self, order: OrderId) -> Vec<TicketId> {
        let order = self.the_order(order);
        order.first_ticket.map(|first| (0..order.places()).map(|place| first.later(place)).collect()).unwrap_or_default()
    }

    /// What the only pending effect asks for.
    #[track_caller]
    pub(crate) fn asked(&self) -> Effect {
        let mut pending = self.state.pending_effects();
        assert_eq!(pending.len(), 1, "{pending:?}");
        pending.remove(0).1.effect
    }

    /// The hold that was placed last.
    pub(crate) fn last_hold(&self) -> HoldId {
        self.events().filter_map(|event| if let Event::HoldPlaced { hold, .. } = event { Some(*hold) } else { None }).last().unwrap()
    }

    /// Lets go of every hold that no order has.
    pub(crate) fn release_all(&mut self) {
        let placed = |event: &Event| if let Event::HoldPlaced { hold, .. } = event { Some(*hold) } else { None };
        let holds: Vec<HoldId> = self.events().filter_map(placed).filter(|hold| self.state.free_hold(*hold).is_ok()).collect();
        for hold in holds {
            self.accept(Command::ReleaseHold(ReleaseHold { hold }));
        }
    }

    pub(crate) fn is_stuck(&self, saga: SagaId) -> bool {
        self.state.saga(saga).is_some_and(|saga| matches!(saga.progress, Progress::Stuck { .. }))
    }

    pub(crate) fn seat(&self, show_number: u64, seat: u32) -> SeatState {
        self.state.show(show(show_number)).unwrap().inventory.seats.get(seat)
    }

    pub(crate) fn quota(&self, show_number: u64, quota: u16) -> QuotaCount {
        self.state.show(show(show_number)).unwrap().inventory.quotas[usize::from(quota)]
    }

    /// A second count of the journal agrees with the state, and so does its replay.
    #[track_caller]
    pub(crate) fn agrees(&self) {
        let mut recount = recount::Recount::default();
        self.journal.iter().for_each(|(_, record)| recount.read(record));
        recount.assert_agrees(&self.state);
        let mut replayed = self.replayed();
        replayed.pass_time(self.now_unix_ms);
        assert_eq!(replayed, self.state);
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.journal.iter().flat_map(|(_, record)| record.events())
    }

    pub(crate) fn audit(&self) -> Report {
        let mut audit = Audit::new(PARTITION);
        for (offset, (stamp, record)) in (0_u64..).zip(&self.journal) {
            audit.record(offset, *stamp, record);
        }
        audit.finish()
    }

    /// The state that the journal alone leads to.
    pub(crate) fn replayed(&self) -> State {
        let mut state = State::new(PARTITION, 0);
        for (offset, (stamp, record)) in (0_u64..).zip(&self.journal) {
            state.replay(*stamp, offset, record);
        }
        state
    }
}
