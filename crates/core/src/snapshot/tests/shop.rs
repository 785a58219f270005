//! A partition with two shows on a real disk, driven without threads, and things that are asked of it at random.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use guichet_broker::{Disk, Durability, FsDisk, Journal, JournalConfig, JournalReader, Trust};
use guichet_domain::commands::{
    AdoptShow, BlockSeats, CancelOrder, CheckInTicket, ConfirmPayment, ExtendHold, PaymentTerms, PlaceHold, PlaceOrder, ReleaseHold,
    ReportEffect, Request, SetSaleState, UnblockSeats,
};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::record::KeyHash;
use guichet_domain::saga::{EffectOutcome, StepError};
use guichet_domain::seating::{Category, Point, Row, Seat, SeatingPlan};
use guichet_domain::show::{Admits, CheckInList, LatePayment, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition};
use guichet_domain::{Command, Event, HoldId, KeyStamp, OrderId, ShowId, VenueId};
use proptest::prelude::*;

use crate::clock::Clock;
use crate::shard::Pipeline;
use crate::snapshot::{SnapshotError, Snapshots, Written};

pub(super) const PARTITION: u16 = 1;
pub(super) const INCARNATION: u16 = 7;
pub(super) const SHOWS: [u64; 2] = [1, 2];
const START_MS: u64 = 1_795_000_000_000;

/// One thing that is asked. Numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Seat(u64, u32),
    Standing(u64, u32),
    Extend(usize),
    Release(usize),
    Order(usize),
    Report(usize, u8),
    Repeat,
    Pass(u64),
    Cancel(usize, Option<u32>),
    Pay(usize, u8),
    CheckIn(usize, u32),
    Block(u64, u32),
    Unblock(u64, u32),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let pass = prop_oneof![Just(10_u64), Just(1_000), Just(30_000), Just(20 * 60_000), Just(25 * 3_600_000)];
    prop_oneof![
        4 => (1_u64..=2, 0_u32..40).prop_map(|(show, seat)| Step::Seat(show, seat)),
        4 => (1_u64..=2, 1_u32..5).prop_map(|(show, places)| Step::Standing(show, places)),
        1 => any::<usize>().prop_map(Step::Extend),
        2 => any::<usize>().prop_map(Step::Release),
        4 => any::<usize>().prop_map(Step::Order),
        8 => (any::<usize>(), 0_u8..8).prop_map(|(pending, outcome)| Step::Report(pending, outcome)),
        1 => Just(Step::Repeat),
        2 => (any::<usize>(), prop::option::of(0_u32..4)).prop_map(|(order, position)| Step::Cancel(order, position)),
        2 => (any::<usize>(), 0_u8..3).prop_map(|(order, reference)| Step::Pay(order, reference)),
        2 => (any::<usize>(), 0_u32..4).prop_map(|(order, position)| Step::CheckIn(order, position)),
        1 => (1_u64..=2, 0_u32..40).prop_map(|(show, seat)| Step::Block(show, seat)),
        1 => (1_u64..=2, 0_u32..40).prop_map(|(show, seat)| Step::Unblock(show, seat)),
        3 => pass.prop_map(Step::Pass),
    ]
}

/// A clock that is set.
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn wall_unix_ms(&self) -> u64 {
        START_MS + self.0.load(Ordering::Relaxed)
    }
    fn monotonic_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) fn show(number: u64) -> ShowId {
    ShowId::new(IdParts { partition: PARTITION, incarnation: INCARNATION, created_at_unix_ms: START_MS, sequence: number })
}

pub(super) struct Shop {
    _directory: tempfile::TempDir,
    root: PathBuf,
    journal: Journal,
    pipeline: Pipeline<()>,
    clock: SetClock,
    asked: Vec<Request>,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    pub(super) snapshots: Snapshots,
}

impl Shop {
    pub(super) fn open() -> Self {
        Self::named("Globe")
    }

    /// With shows of another name: another journal of the same shape.
    pub(super) fn named(name: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("data");
        let disk: Arc<dyn Disk> = Arc::new(FsDisk::open_root(&root).unwrap());
        let clock = SetClock(AtomicU64::new(0));
        let config = JournalConfig { segment_bytes: 4_096, durability: Durability::Os, ..JournalConfig::new("journal", PARTITION.into()) };
        let (journal, _) = Journal::open(Arc::clone(&disk), config, Trust::Tail).unwrap();
        let snapshots = Snapshots::new(disk, PARTITION, INCARNATION);
        let pipeline = Pipeline::recover(&journal.reader(), &snapshots, &clock).unwrap();
        let (asked, holds, orders) = (Vec::new(), Vec::new(), Vec::new());
        let mut shop = Self { _directory: directory, root, journal, pipeline, clock, asked, holds, orders, snapshots };
        for number in SHOWS {
            let adopt = AdoptShow { definition: Arc::new(definition(number, name)), plan: Arc::new(plan()) };
            shop.ask(Command::AdoptShow(adopt));
            shop.ask(Command::SetSaleState(SetSaleState { show: show(number), state: SaleState::Open }));
        }
        shop
    }

    pub(super) fn reader(&self) -> JournalReader {
        self.journal.reader()
    }

    pub(super) fn take(&self) -> Result<Written, SnapshotError> {
        self.snapshots.take(&self.reader(), &AtomicBool::new(false))
    }

    /// Snapshots of the same partition, on a disk that has none.
    pub(super) fn without_snapshots(&self) -> Snapshots {
        let empty = FsDisk::open_root(self.root.join("empty")).unwrap();
        Snapshots::new(Arc::new(empty), PARTITION, INCARNATION)
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.root.join(format!("snapshots-{PARTITION}"))
    }

    pub(super) fn path(&self, offset: u64) -> PathBuf {
        self.folder().join(crate::snapshot::file::name_of(offset))
    }

    pub(super) fn names(&self) -> Vec<String> {
        FsDisk::open_root(self.folder()).unwrap().list(std::path::Path::new("")).unwrap()
    }

    pub(super) fn steps(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.step(*step));
    }

    /// A bit of everything, always the same.
    pub(super) fn busy(&mut self) {
        let steps = [
            Step::Seat(1, 3),
            Step::Seat(1, 17),
            Step::Standing(2, 4),
            Step::Order(0),
            Step::Report(0, 0),
            Step::Report(0, 0),
            Step::Seat(2, 9),
            Step::Order(3),
            Step::Report(0, 1),
            Step::Extend(1),
            Step::Repeat,
            Step::Standing(1, 1),
            Step::Release(2),
            Step::Seat(1, 17),
            Step::Block(2, 30),
            Step::Report(0, 0),
            Step::Report(0, 0),
            Step::CheckIn(0, 0),
            Step::Cancel(0, None),
        ];
        self.steps(&steps);
    }

    fn step(&mut self, step: Step) {
        let order = |chosen: usize| {
            let order = chosen.checked_rem(self.orders.len()).map(|index| self.orders[index]);
            order.and_then(|order| self.pipeline.state().order(order)).cloned()
        };
        let hold = |chosen: usize| chosen.checked_rem(self.holds.len()).map(|index| self.holds[index]);
        let command = match step {
            Step::Pass(ms) => {
                self.clock.0.fetch_add(ms, Ordering::Relaxed);
                self.pipeline.tick(&self.clock);
                return self.commit();
            }
            Step::Repeat => {
                if let Some(request) = self.asked.last().cloned() {
                    self.pipeline.submit(&request, (), &self.clock);
                    self.commit();
                }
                return;
            }
            Step::Seat(number, seat) => Some(place(number, HoldItem { product: 0, claim: Claim::Seats(vec![seat]) })),
            Step::Standing(number, places) => Some(place(number, HoldItem { product: 1, claim: Claim::Quantity(places) })),
            Step::Extend(chosen) => hold(chosen).map(|hold| Command::ExtendHold(ExtendHold { hold, ttl_ms: 100_000 })),
            Step::Release(chosen) => hold(chosen).map(|hold| Command::ReleaseHold(ReleaseHold { hold })),
            Step::Order(chosen) => hold(chosen).map(|hold| {
                let payment = PaymentRequest { provider: "test".into(), token: "tok".into() };
                Command::PlaceOrder(PlaceOrder {
                    holds: vec![hold],
                    parts: Vec::new(),
                    payment,
                    terms: PaymentTerms::Prompt,
                    buyer: Some([5; 16]),
                })
            }),
            Step::Cancel(chosen, position) => order(chosen).map(|order| {
                let positions = position.map(|position| vec![position]);
                Command::CancelOrder(CancelOrder { order: order.id, positions, reason: CancelReason::ByBuyer, waive_fee: false })
            }),
            Step::Pay(chosen, reference) => order(chosen).map(|order| {
                let (provider, amount_minor, reference) = (order.payment_request.provider, order.total_minor, reference.to_string());
                Command::ConfirmPayment(ConfirmPayment { order: order.id, provider, amount_minor, reference, taken: true })
            }),
            Step::CheckIn(chosen, position) => order(chosen).and_then(|order| {
                let (ticket, show) = (order.first_ticket?.later(position), order.show);
                let (gate, scanned_offline_at_unix_ms) = ("north".into(), None);
                Some(Command::CheckInTicket(CheckInTicket { ticket, show, list: 0, gate, scanned_offline_at_unix_ms }))
            }),
            Step::Block(number, seat) => {
                Some(Command::BlockSeats(BlockSeats { show: show(number), seats: vec![seat], reason: "camera".into() }))
            }
            Step::Unblock(number, seat) => Some(Command::UnblockSeats(UnblockSeats { show: show(number), seats: vec![seat] })),
            Step::Report(chosen, outcome) => {
                let pending = self.pipeline.state().pending_effects();
                chosen.checked_rem(pending.len()).map(|index| {
                    let (saga, effect) = &pending[index];
                    let (step, direction) = (effect.step, effect.direction);
                    Command::ReportEffect(ReportEffect { saga: *saga, step, direction, outcome: outcome_of(outcome) })
                })
            }
        };
        if let Some(command) = command {
            self.ask(command);
        }
    }

    fn ask(&mut self, command: Command) {
        let hash = blake3::hash(&(self.asked.len() as u64).to_be_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hash.as_bytes()[..16]);
        let stamp = KeyStamp { key: KeyHash(key), fingerprint: 9 };
        let request = Request { key: Some(stamp), key_made_at_unix_ms: None, command };
        self.pipeline.submit(&request, (), &self.clock);
        self.asked.push(request);
        self.commit();
    }

    fn commit(&mut self) {
        let Some(mut batch) = self.pipeline.take_batch() else { return };
        let Some(bytes) = batch.take_bytes() else { return };
        self.journal.commit(bytes).unwrap();
        for (_, record) in &batch.settle().batch.unwrap().records {
            let placed = |event: &Event| if let Event::HoldPlaced { hold, .. } = event { Some(*hold) } else { None };
            self.holds.extend(record.events().iter().filter_map(placed));
            let placed = |event: &Event| if let Event::OrderPlaced { order, .. } = event { Some(*order) } else { None };
            self.orders.extend(record.events().iter().filter_map(placed));
        }
    }
}

fn outcome_of(number: u8) -> EffectOutcome {
    match number {
        1 => EffectOutcome::Unavailable { error: StepError::Unavailable("down".into()) },
        2 => EffectOutcome::Unknown { error: StepError::TimedOut },
        3 => EffectOutcome::Refused { error: StepError::Declined("no".into()) },
        _ => EffectOutcome::Done { receipt: Some("receipt".into()) },
    }
}

fn place(number: u64, item: HoldItem) -> Command {
    Command::PlaceHold(PlaceHold { show: show(number), items: [item].into(), best: Vec::new(), ttl_ms: 60_000, buyer_ref: Some([7; 16]) })
}

fn plan() -> SeatingPlan {
    let seat = |index: u32| Seat {
        label: (index + 1).to_string().into(),
        position: Point { x: f64::from(index), y: 0.0 },
        category: 0,
        accessible: index == 0,
        ..Seat::default()
    };
    let mut plan = SeatingPlan {
        name: "Globe".into(),
        categories: vec![Category { name: "stalls".into(), colour: "#000000".into() }],
        ..SeatingPlan::default()
    };
    plan.push_row(Row { label: "1".into(), ..Row::default() }, (0..40).map(seat));
    plan
}

fn definition(number: u64, name: &str) -> ShowDefinition {
    let product =
        |name: &str, admits| Product { name: name.into(), price_minor: 900, admits, quotas: vec![0], window: SaleWindow::default() };
    ShowDefinition {
        id: show(number),
        venue: VenueId::new(IdParts { partition: 0, incarnation: INCARNATION, created_at_unix_ms: START_MS, sequence: 1 }),
        name: name.into(),
        starts_at_unix_ms: None,
        currency: Currency::from_code("EUR").unwrap(),
        products: vec![product("stalls", Admits::Seats { categories: vec![0] }), product("standing", Admits::Quantity)],
        quotas: vec![Quota { name: "house".into(), size: 60 }],
        order_deadline_ms: 15 * 60_000,
        transfer_deadline_ms: 15 * 60_000,
        window: SaleWindow::default(),
        per_buyer_max: Some(50),
        late_payment: LatePayment::EquivalentSeat,
        cancellation_fees: Vec::new(),
        check_in_lists: vec![CheckInList { name: "main".into(), products: Vec::new() }],
        seating: SeatingRules::default(),
    }
}
