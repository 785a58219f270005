//! One show in each partition, what can be bought of it, and what must hold of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::across::PartRequest;
use guichet_domain::commands::{AdoptShow, PaymentTerms, PlaceHold, PlaceOrder, SetSaleState};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::id::IdParts;
use guichet_domain::inventory::SeatState;
use guichet_domain::money::Currency;
use guichet_domain::order::{Order, OrderState, PaymentRequest};
use guichet_domain::seating::{Category, Point, Row, Seat, SeatingPlan, Section};
use guichet_domain::show::{Admits, CheckInList, LatePayment, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition};
use guichet_domain::{Command, Event, HoldId, OrderId, Rejection, ShowId, State, VenueId};

use super::{START_MS, World};

pub(crate) const SEATS: u32 = 8;
pub(crate) const PRICE_MINOR: i64 = 1_000;
pub(crate) const DEADLINE_MS: u64 = 30_000;

pub(crate) fn show(partition: u16) -> ShowId {
    ShowId::new(IdParts { partition, incarnation: 0, created_at_unix_ms: START_MS, sequence: 1 })
}

pub(crate) fn euro() -> Currency {
    Currency::from_code("EUR").unwrap()
}

pub(crate) fn open_show(world: &mut World, partition: u16) {
    let seat =
        |number: u32| Seat { label: (number + 1).to_string().into(), position: Point { x: 0.0, y: 0.0 }, category: 0, ..Seat::default() };
    let mut plan = SeatingPlan {
        name: "Globe".into(),
        categories: vec![Category { name: "stalls".into(), colour: "#000000".into() }],
        sections: vec![Section { label: "A".into(), zone: None, entrance: None }],
        ..SeatingPlan::default()
    };
    plan.push_row(Row { label: "1".into(), section: Some(0), ..Row::default() }, (0..SEATS).map(seat));
    let stalls = Product {
        name: "stalls".into(),
        price_minor: PRICE_MINOR,
        admits: Admits::Seats { categories: vec![0] },
        quotas: vec![0],
        window: SaleWindow::default(),
    };
    let definition = ShowDefinition {
        id: show(partition),
        venue: VenueId::new(IdParts { partition: 0, incarnation: 0, created_at_unix_ms: START_MS, sequence: 1 }),
        name: format!("show of {partition}"),
        starts_at_unix_ms: None,
        currency: euro(),
        products: vec![stalls],
        quotas: vec![Quota { name: "house".into(), size: SEATS }],
        order_deadline_ms: DEADLINE_MS,
        transfer_deadline_ms: DEADLINE_MS,
        window: SaleWindow::default(),
        per_buyer_max: None,
        late_payment: LatePayment::SameSeat,
        cancellation_fees: Vec::new(),
        check_in_lists: vec![CheckInList { name: "main".into(), products: Vec::new() }],
        seating: SeatingRules::default(),
    };
    world.ask(partition, Command::AdoptShow(AdoptShow { definition: Arc::new(definition), plan: Arc::new(plan) })).unwrap();
    world.ask(partition, Command::SetSaleState(SetSaleState { show: show(partition), state: SaleState::Open })).unwrap();
}

pub(crate) fn hold(world: &mut World, partition: u16, seats: &[u32], ttl_ms: u64) -> Result<HoldId, Rejection> {
    let items = [HoldItem { product: 0, claim: Claim::Seats(seats.to_vec()) }];
    let command = PlaceHold { show: show(partition), items: items.to_vec().into(), best: Vec::new(), ttl_ms, buyer_ref: None };
    match world.ask(partition, Command::PlaceHold(command))?.first() {
        Some(Event::HoldPlaced { hold, .. }) => Ok(*hold),
        other => panic!("no hold: {other:?}"),
    }
}

pub(crate) fn part(hold: HoldId, seats: usize) -> PartRequest {
    let total_minor = PRICE_MINOR * i64::try_from(seats).unwrap();
    PartRequest { partition: hold.partition(), holds: vec![hold], total_minor, currency: euro() }
}

pub(crate) fn order_of(home: HoldId, parts: Vec<PartRequest>) -> Command {
    let payment = PaymentRequest { provider: "test".into(), token: "token".into() };
    Command::PlaceOrder(PlaceOrder { holds: vec![home], parts, payment, terms: PaymentTerms::Prompt, buyer: None })
}

pub(crate) fn place(world: &mut World, home: HoldId, parts: Vec<PartRequest>) -> OrderId {
    match world.ask(home.partition(), order_of(home, parts)).unwrap().first() {
        Some(Event::OrderPlaced { order, .. }) => *order,
        other => panic!("no order: {other:?}"),
    }
}

fn booked_seats(order: &Order) -> Vec<u32> {
    let sold = order.first_ticket.is_some();
    let positions = order.positions().filter(|position| sold && !order.is_cancelled(position.number));
    positions.filter_map(|position| position.item.seat()).collect()
}

pub(crate) fn assert_seats_are_in_one_hand(state: &State, booked: OrderId) {
    let mine = booked_seats(state.order(booked).unwrap());
    for other in state.orders().filter(|order| order.id != booked) {
        let both: Vec<_> = booked_seats(other).into_iter().filter(|seat| mine.contains(seat)).collect();
        assert!(both.is_empty(), "{both:?} are in the hands of {booked:?} and {:?}", other.id);
    }
}

impl World {
    pub(crate) fn order(&self, id: OrderId) -> &Order {
        self.nodes[&id.partition()].state.order(id).unwrap()
    }

    pub(crate) fn free_seats(&self, partition: u16) -> u32 {
        let seats = &self.nodes[&partition].state.show(show(partition)).unwrap().inventory.seats;
        (0..SEATS).filter(|seat| seats.get(*seat) == SeatState::Free).count().try_into().unwrap()
    }

    fn happened(&self, partition: u16, is: impl Fn(&Event) -> bool) -> bool {
        self.nodes[&partition].events().any(is)
    }

    fn was_confirmed(&self, id: OrderId) -> bool {
        self.happened(id.partition(), |event| matches!(event, Event::OrderConfirmed { order } if *order == id))
    }

    /// The parts that an order really has, whatever it knows of them.
    fn parts_of(&self, home: &Order) -> Vec<Option<&Order>> {
        let wanted = home.home_of().map_or(&[][..], |home| &home.wanted);
        wanted.iter().map(|part| self.nodes[&part.partition].state.part_of_saga(home.saga)).collect()
    }

    /// All or nothing, nothing pinned, every seat in at most one hand, and the money is what was booked.
    pub(crate) fn assert_at_rest(&mut self) {
        for (partition, node) in &self.nodes {
            let state = &node.state;
            assert_eq!((state.live_holds(), state.live_sagas()), (0, 0), "partition {partition}");
            assert_eq!(state.next_timer_unix_ms(), None, "partition {partition}");
            let mut hands: BTreeMap<u32, OrderId> = BTreeMap::new();
            for order in state.orders() {
                for seat in booked_seats(order) {
                    assert_eq!(hands.insert(seat, order.id), None, "seat {seat} of partition {partition}");
                }
                assert!(matches!(order.state, OrderState::Confirmed | OrderState::Cancelled), "{order:#?}");
            }
            let inventory = &state.show(show(*partition)).unwrap().inventory;
            for seat in 0..SEATS {
                let expected = if hands.contains_key(&seat) { SeatState::Booked } else { SeatState::Free };
                assert_eq!(inventory.seats.get(seat), expected, "seat {seat} of partition {partition}");
            }
            let count = &inventory.quotas[0];
            assert_eq!((count.held, count.booked as usize), (0, hands.len()), "partition {partition}");
            for order in state.orders().filter(|order| order.part_of().is_none()) {
                self.assert_whole(order);
            }
        }
        for partition in self.nodes.keys().copied().collect::<Vec<_>>() {
            // A record at this instant brings both to the same time.
            let _ = self.ask(partition, Command::PlaceOrder(PlaceOrder { holds: Vec::new(), ..an_order() }));
            let node = &self.nodes[&partition];
            assert!(node.state == node.replayed(partition), "partition {partition} is not what its journal says");
        }
    }

    fn assert_whole(&self, home: &Order) {
        let sold = self.was_confirmed(home.id);
        let parts = self.parts_of(home);
        for part in &parts {
            assert_eq!(part.is_some_and(|part| self.was_confirmed(part.id)), sold, "{home:#?}\n{part:#?}");
        }
        let account = self.provider.accounts.get(&home.id).copied().unwrap_or_default();
        let orders = || parts.iter().flatten().copied().chain([home]);
        let booked = orders().map(|order| i64::try_from(booked_seats(order).len()).unwrap()).sum::<i64>();
        assert_eq!(account.taken_minor - account.back_minor, booked * PRICE_MINOR, "{home:#?}\n{account:?}");
        assert_eq!(account.taken_minor, if sold { home.total_minor } else { account.back_minor });
        assert!(sold || account.reserved_minor == 0 || account.back_minor > 0, "a reservation is left: {account:?}");
        if sold && home.state == OrderState::Cancelled {
            assert!(orders().all(|order| order.state == OrderState::Cancelled), "{home:#?}");
        }
        for part in parts.iter().flatten().filter(|part| sold && part.state == OrderState::Confirmed) {
            assert!(part.issued && part.first_ticket.is_some());
        }
    }
}

fn an_order() -> PlaceOrder {
    let payment = PaymentRequest { provider: String::new(), token: String::new() };
    PlaceOrder { holds: Vec::new(), parts: Vec::new(), payment, terms: PaymentTerms::Prompt, buyer: None }
}
