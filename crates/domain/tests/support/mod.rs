//! Two shows, a partition that sells them, and everything that came of what was asked of it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod ops;
pub(crate) mod recount;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use guichet_audit::{Audit, Report};
use guichet_domain::commands::{AdoptShow, PlaceHold, PlaceOrder, ReportEffect, Request, SetSaleState};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::order::{Order, PaymentRequest};
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::saga::{Direction, EffectOutcome, StepError};
use guichet_domain::seating::{Area, Category, Point, Row, Seat, SeatingPlan, Section};
use guichet_domain::show::{Admits, Product, Quota, SaleState, ShowDefinition};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId, ShowId, State, VenueId};

pub(crate) const PARTITION: u16 = 1;
pub(crate) const START_MS: u64 = 1_000_000;
pub(crate) const HOUR_MS: u64 = 60 * 60 * 1_000;
pub(crate) const TTL_MS: u64 = 60_000;
pub(crate) const DEADLINE_MS: u64 = 15 * 60 * 1_000;

pub(crate) const STALLS: u16 = 0;
pub(crate) const BOX: u16 = 1;
pub(crate) const STANDING: u16 = 2;
/// Quota of show 1 that stalls and standing draw on together.
pub(crate) const HOUSE: u16 = 0;

/// Show 1 has seats 0 to 3 in the stalls, 4 and 5 in a box, and standing places; show 2 has standing places only, as product 0.
pub(crate) fn show(number: u64) -> ShowId {
    ShowId::new(IdParts { partition: PARTITION, incarnation: 0, created_at_unix_ms: START_MS, sequence: number })
}

pub(crate) fn plan() -> SeatingPlan {
    let seat = |index: usize| Seat {
        label: (index + 1).to_string(),
        position: Point { x: 0.0, y: 0.0 },
        category: u16::from(index >= 4),
        accessible: false,
        companion: false,
        restricted_view: false,
    };
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    SeatingPlan {
        name: "Globe".into(),
        categories: vec![category("stalls"), category("box")],
        sections: vec![Section { label: "A".into(), zone: None, entrance: None }],
        rows: vec![Row { label: "1".into(), section: Some(0), first_seat: 0, seat_count: 6 }],
        seats: (0..6).map(seat).collect(),
        areas: vec![Area { label: "yard".into(), capacity: 100, category: 0 }],
        ..SeatingPlan::default()
    }
}

pub(crate) fn product(name: &str, price_minor: i64, admits: Admits, quotas: Vec<u16>) -> Product {
    Product { name: name.into(), price_minor, admits, quotas }
}

pub(crate) fn definition(number: u64) -> ShowDefinition {
    let quota = |name: &str, size| Quota { name: name.into(), size };
    let (products, quotas) = if number == 1 {
        let products = vec![
            product("stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![HOUSE]),
            product("box", 9_000, Admits::Seats { categories: vec![1] }, vec![]),
            product("standing", 900, Admits::Quantity, vec![HOUSE, 1]),
        ];
        (products, vec![quota("house", 8), quota("yard", 6)])
    } else {
        (vec![product("standing", 500, Admits::Quantity, vec![0])], vec![quota("all", 5)])
    };
    ShowDefinition {
        id: show(number),
        venue: VenueId::new(IdParts { partition: 0, incarnation: 0, created_at_unix_ms: START_MS, sequence: 1 }),
        name: format!("show {number}"),
        starts_at_unix_ms: None,
        currency: Currency::from_code("EUR").unwrap(),
        products,
        quotas,
        order_deadline_ms: DEADLINE_MS,
    }
}

pub(crate) fn seats(product: u16, seats: &[u32]) -> HoldItem {
    HoldItem { product, claim: Claim::Seats(seats.to_vec()) }
}

pub(crate) fn standing(product: u16, quantity: u32) -> HoldItem {
    HoldItem { product, claim: Claim::Quantity(quantity) }
}

pub(crate) fn hold_of(show_number: u64, items: &[HoldItem], ttl_ms: u64) -> Command {
    Command::PlaceHold(PlaceHold { show: show(show_number), items: items.to_vec().into(), ttl_ms, buyer_ref: None })
}

pub(crate) fn order_of(holds: &[HoldId]) -> Command {
    let payment = PaymentRequest { provider: "test".into(), token: "tok".into() };
    Command::PlaceOrder(PlaceOrder { holds: holds.to_vec(), payment, buyer: None })
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
            run.accept(Command::AdoptShow(AdoptShow { definition: Arc::new(definition(number)), plan: Arc::new(plan()) }));
            run.set_sale(number, SaleState::Open);
        }
        run
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
