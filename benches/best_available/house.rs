//! A show in the pure domain, without a journal: what is measured is the choice of seats and nothing around it.

use std::sync::Arc;

use guichet_core::domain::best::{BestAvailable, Part};
use guichet_core::domain::commands::{AdoptShow, PlaceHold, ReleaseHold, SetSaleState};
use guichet_core::domain::hold::{Claim, HoldItem};
use guichet_core::domain::id::IdParts;
use guichet_core::domain::money::Currency;
use guichet_core::domain::record::Record;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{Admits, CheckInList, LatePayment, Orphans, Product, SaleState, SaleWindow, SeatingRules, ShowDefinition};
use guichet_core::domain::state::{Decision, Show};
use guichet_core::domain::{Command, Event, HoldId, Rejection, ShowId, State, VenueId};

const PARTITION: u16 = 1;
const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Numbers without any order, the same in every run (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or_default()
    }

    /// A group of 1 to 8.
    pub(crate) fn group(&mut self) -> u32 {
        1 + u32::try_from(self.below(8)).unwrap_or_default()
    }
}

/// A show on sale: product `n` sells category `n`, the last one sells all.
pub(crate) struct House {
    pub(crate) state: State,
    show: ShowId,
    offset: u64,
    pub(crate) categories: u16,
}

impl House {
    pub(crate) fn open(plan: &Arc<SeatingPlan>, orphans: Orphans) -> Self {
        let id = |sequence| IdParts { partition: PARTITION, incarnation: 0, created_at_unix_ms: HOUR_MS, sequence };
        let show = ShowId::new(id(1));
        let categories = u16::try_from(plan.categories.len()).unwrap_or(u16::MAX);
        let product = |name: String, categories: Vec<u16>| Product {
            name,
            price_minor: 1_000,
            admits: Admits::Seats { categories },
            quotas: Vec::new(),
            window: SaleWindow::default(),
        };
        let each = (0..categories).map(|category| product(category.to_string(), vec![category]));
        let definition = ShowDefinition {
            id: show,
            venue: VenueId::new(id(1)),
            name: "Final".into(),
            starts_at_unix_ms: None,
            currency: Currency::from_code("EUR").unwrap_or_else(|| unreachable!("three capital letters")),
            products: each.chain([product("all".into(), (0..categories).collect())]).collect(),
            quotas: Vec::new(),
            order_deadline_ms: HOUR_MS,
            transfer_deadline_ms: HOUR_MS,
            window: SaleWindow::default(),
            per_buyer_max: None,
            late_payment: LatePayment::default(),
            cancellation_fees: Vec::new(),
            check_in_lists: vec![CheckInList { name: "main".into(), products: Vec::new() }],
            seating: SeatingRules { orphans, accessible_released_when_sold_out: true, ..SeatingRules::default() },
        };
        let mut house = Self { state: State::new(PARTITION, 0), show, offset: 0, categories };
        house.state.pass_time(HOUR_MS);
        let adopted = house.ask(Command::AdoptShow(AdoptShow { definition: Arc::new(definition), plan: Arc::clone(plan) }));
        let opened = house.ask(Command::SetSaleState(SetSaleState { show, state: SaleState::Open }));
        assert!(adopted.is_ok() && opened.is_ok(), "the show is on sale: {adopted:?} {opened:?}");
        house
    }

    fn ask(&mut self, command: Command) -> Result<Vec<Event>, Rejection> {
        self.offset += 1;
        match self.state.submit(&command.into(), self.offset) {
            Decision::Decided(Record::Accepted { events, .. }) => Ok(events),
            Decision::Decided(Record::Refused { rejection, .. }) => Err(rejection),
            other => unreachable!("a request without a key is decided: {other:?}"),
        }
    }

    pub(crate) fn show(&self) -> &Show {
        self.state.show(self.show).unwrap_or_else(|| unreachable!("the show is there"))
    }

    /// A group in any of these products; the house chooses.
    pub(crate) fn best(&mut self, products: &[u16], quantity: u32, split: bool) -> Option<(HoldId, Vec<u32>)> {
        let choices = products.iter().map(|product| vec![Part { product: *product, quantity }]).collect();
        let best = BestAvailable { choices, accessible: 0, categories: Vec::new(), zones: Vec::new(), across_aisles: false, split };
        self.place(Vec::new(), vec![best])
    }

    /// These very seats, of whatever category.
    pub(crate) fn hand_picked(&mut self, seats: Vec<u32>) -> Option<(HoldId, Vec<u32>)> {
        self.place(vec![HoldItem { product: self.categories, claim: Claim::Seats(seats) }], Vec::new())
    }

    fn place(&mut self, items: Vec<HoldItem>, best: Vec<BestAvailable>) -> Option<(HoldId, Vec<u32>)> {
        let hold = PlaceHold { show: self.show, items: items.into(), best, ttl_ms: HOUR_MS, buyer_ref: None };
        match self.ask(Command::PlaceHold(hold)).ok()?.first()? {
            Event::HoldPlaced { hold, items, .. } => Some((*hold, items.iter().flat_map(|item| item.seats().to_vec()).collect())),
            _ => None,
        }
    }

    pub(crate) fn release(&mut self, hold: HoldId) {
        let released = self.ask(Command::ReleaseHold(ReleaseHold { hold }));
        assert!(released.is_ok(), "a live hold is released: {released:?}");
    }
}
