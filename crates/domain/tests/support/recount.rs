//! What every seat, quota, buyer and ticket must be, counted from the events alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_domain::hold::{BuyerRef, Claim, HoldItem};
use guichet_domain::inventory::{QuotaCount, SeatState};
use guichet_domain::show::ShowDefinition;
use guichet_domain::{Event, HoldId, OrderId, Record, SagaId, ShowId, State, TicketId};

use super::ledger::Ledger;

/// One place, in whosever hand.
#[derive(Clone)]
struct Place {
    show: ShowId,
    product: u16,
    seat: Option<u32>,
    buyer: Option<BuyerRef>,
}

/// What an order has, and which of its tickets are void.
struct Sale {
    first: TicketId,
    places: Vec<Place>,
    void: BTreeSet<u32>,
    issued: bool,
}

impl Sale {
    fn valid(&self) -> impl Iterator<Item = &Place> {
        (0..).zip(&self.places).filter(|(number, _)| !self.void.contains(number)).map(|(_, place)| place)
    }
}

/// The lines of an order: of which show, and for whom.
type Lines = Vec<(ShowId, Option<BuyerRef>)>;

#[derive(Default)]
pub(crate) struct Recount {
    shows: BTreeMap<ShowId, (Arc<ShowDefinition>, u32)>,
    blocked: BTreeSet<(ShowId, u32)>,
    held: BTreeMap<HoldId, Vec<Place>>,
    /// Of every hold that there ever was.
    hands: BTreeMap<HoldId, (ShowId, Option<BuyerRef>)>,
    ordered: BTreeMap<OrderId, (Vec<HoldId>, Lines)>,
    sold: BTreeMap<OrderId, Sale>,
    last_ticket: u64,
    reversed: Vec<TicketId>,
    scans: BTreeSet<(TicketId, u16)>,
    sagas: BTreeMap<SagaId, OrderId>,
    stuck: BTreeSet<SagaId>,
    money: Ledger,
}

impl Recount {
    pub(crate) fn read(&mut self, record: &Record) {
        record.events().iter().for_each(|event| self.event(event));
        self.money.end_of_record();
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::ShowAdopted { definition, plan } => {
                drop(self.shows.insert(definition.id, (Arc::clone(definition), u32::try_from(plan.seats.len()).unwrap())));
            }
            Event::HoldPlaced { hold, show, items, buyer_ref, .. } => {
                self.hands.insert(*hold, (*show, *buyer_ref));
                self.held.insert(*hold, places(*show, *buyer_ref, items));
            }
            Event::HoldReleased { hold } | Event::HoldExpired { hold } => assert!(self.held.remove(hold).is_some(), "{hold:?} ended twice"),
            Event::SeatsBlocked { show, seats, .. } => {
                seats.iter().for_each(|seat| assert!(self.blocked.insert((*show, *seat)), "{seat} is blocked twice"));
            }
            Event::SeatsUnblocked { show, seats } => {
                seats.iter().for_each(|seat| assert!(self.blocked.remove(&(*show, *seat)), "{seat} was not blocked"));
            }
            Event::OrderPlaced { order, holds, total_minor, .. } => {
                let due: i64 = holds.iter().flat_map(|hold| &self.held[hold]).map(|place| self.price(place)).sum();
                assert_eq!(due, *total_minor);
                let lines = holds.iter().map(|hold| self.hands[hold]).collect();
                self.ordered.insert(*order, (holds.clone(), lines));
                self.money.placed(*order, *total_minor);
            }
            Event::SeatsBooked { order, first_ticket, tickets } => {
                let holds = self.ordered[order].0.clone();
                let places = holds.iter().flat_map(|hold| self.held.remove(hold).expect("booked holds are live")).collect();
                self.sell(*order, *first_ticket, *tickets, places);
            }
            Event::OrderReinstated { order, items, first_ticket, tickets } => {
                let lines = &self.ordered[order].1;
                assert_eq!(items.len(), lines.len());
                let places = lines.iter().zip(items).flat_map(|((show, buyer), items)| places(*show, *buyer, items)).collect();
                self.sell(*order, *first_ticket, *tickets, places);
            }
            Event::BookingReversed { order } => {
                let sale = self.sold.remove(order).expect("what is reversed was booked");
                assert!(sale.void.is_empty(), "a cancelled place is given back twice");
                self.reversed.push(sale.first);
            }
            Event::TicketsIssued { order, .. } => self.sold.get_mut(order).unwrap().issued = true,
            Event::PositionsCancelled { order, positions, fees_minor, .. } => {
                let prices: Vec<i64> = positions.iter().map(|number| self.price(&self.sold[order].places[*number as usize])).collect();
                let sale = self.sold.get_mut(order).unwrap();
                positions.iter().for_each(|number| assert!(sale.void.insert(*number), "position {number} is cancelled twice"));
                assert!(!positions.is_empty() && positions.is_sorted());
                self.money.cancelled(*order, &prices, fees_minor);
            }
            Event::TicketCheckedIn { order, ticket, list, .. } => {
                let sale = &self.sold[order];
                let number = u32::try_from(ticket.sequence() - sale.first.sequence()).unwrap();
                assert!(sale.issued && sale.first.later(number) == *ticket && !sale.void.contains(&number), "{ticket:?} is not valid");
                let place = &sale.places[number as usize];
                let list_of = &self.shows[&place.show].0.check_in_lists[usize::from(*list)];
                assert!(list_of.products.is_empty() || list_of.products.contains(&place.product), "{ticket:?} is not on the list");
                assert!(self.scans.insert((*ticket, *list)), "{ticket:?} was let in twice");
            }
            Event::SagaStarted { saga, order, .. } => drop(self.sagas.insert(*saga, *order)),
            Event::SagaStuck { saga, .. } => drop(self.stuck.insert(*saga)),
            Event::SagaResumed { saga, .. } => assert!(self.stuck.remove(saga), "{saga:?} was not stuck"),
            _ => {}
        }
        self.money.event(event);
    }

    fn sell(&mut self, order: OrderId, first: TicketId, tickets: u32, places: Vec<Place>) {
        assert_eq!(places.len(), tickets as usize);
        assert!(first.sequence() > self.last_ticket, "{first:?} was given out before");
        self.last_ticket = first.later(tickets - 1).sequence();
        let sale = Sale { first, places, void: BTreeSet::new(), issued: false };
        assert!(self.sold.insert(order, sale).is_none(), "{order:?} is sold twice");
    }

    fn price(&self, place: &Place) -> i64 {
        self.shows[&place.show].0.products[usize::from(place.product)].price_minor
    }

    /// The state says the same of each seat, quota, buyer, ticket and cent.
    pub(crate) fn assert_agrees(&self, state: &State) {
        self.shows.keys().for_each(|show| self.assert_show(*show, state));
        assert_eq!(state.live_holds(), self.held.len());
        for order in state.orders() {
            let stuck = self.stuck.iter().any(|saga| self.sagas[saga] == order.id);
            assert_eq!(order.stuck, stuck, "{:?}", order.id);
            let sale = self.sold.get(&order.id);
            let valid_minor = sale.map_or(0, |sale| sale.valid().map(|place| self.price(place)).sum());
            self.money.assert_agrees(order, state.saga(order.saga).is_none(), valid_minor);
        }
        for (order, sale) in &self.sold {
            for number in 0..u32::try_from(sale.places.len()).unwrap() {
                let found = state.order_of_ticket(sale.first.later(number)).map(|(order, number)| (order.id, number));
                assert_eq!(found, Some((*order, number)));
                assert_eq!(state.order(*order).unwrap().is_cancelled(number), sale.void.contains(&number));
            }
        }
        for first in &self.reversed {
            assert_eq!(state.order_of_ticket(*first), None, "a ticket of a booking that was reversed");
        }
        let scans = state.orders().flat_map(|order| order.after.iter().map(|after| after.check_ins.len())).sum::<usize>();
        assert_eq!(scans, self.scans.len());
    }

    fn assert_show(&self, id: ShowId, state: &State) {
        let (definition, seat_count) = &self.shows[&id];
        let mut seats = vec![SeatState::Free; *seat_count as usize];
        let mut quotas: Vec<_> = definition.quotas.iter().map(|quota| QuotaCount { size: quota.size, ..QuotaCount::default() }).collect();
        let mut buyers: BTreeMap<BuyerRef, u32> = BTreeMap::new();
        self.blocked.iter().filter(|(show, _)| *show == id).for_each(|(_, seat)| seats[*seat as usize] = SeatState::Blocked);
        let held = self.held.values().flatten().map(|place| (place, SeatState::Held));
        let booked = self.sold.values().flat_map(Sale::valid).map(|place| (place, SeatState::Booked));
        for (place, to) in held.chain(booked).filter(|(place, _)| place.show == id) {
            if let Some(seat) = place.seat {
                let before = std::mem::replace(&mut seats[seat as usize], to);
                assert_eq!(before, SeatState::Free, "seat {seat} is in two hands");
            }
            for quota in &definition.products[usize::from(place.product)].quotas {
                let count = &mut quotas[usize::from(*quota)];
                if to == SeatState::Held {
                    count.held += 1
                } else {
                    count.booked += 1
                }
                assert!(count.held + count.booked <= count.size, "quota {quota} is above its size: {count:?}");
            }
            if definition.per_buyer_max.is_some() {
                *buyers.entry(place.buyer.expect("a limit needs a buyer")).or_default() += 1;
            }
        }
        let show = state.show(id).unwrap();
        let said: Vec<_> = (0..show.inventory.seats.len()).map(|seat| show.inventory.seats.get(seat)).collect();
        assert_eq!((said, &show.inventory.quotas), (seats, &quotas), "{id:?}");
        let said: BTreeMap<_, _> = show.buyers.iter().map(|(buyer, places)| (*buyer, *places)).collect();
        assert_eq!(said, buyers, "{id:?}");
    }
}

fn places(show: ShowId, buyer: Option<BuyerRef>, items: &[HoldItem]) -> Vec<Place> {
    let place = |product, seat| Place { show, product, seat, buyer };
    let of = |item: &HoldItem| match &item.claim {
        Claim::Seats(seats) => seats.iter().map(|seat| place(item.product, Some(*seat))).collect::<Vec<_>>(),
        Claim::Quantity(quantity) => (0..*quantity).map(|_| place(item.product, None)).collect(),
    };
    items.iter().flat_map(of).collect()
}
