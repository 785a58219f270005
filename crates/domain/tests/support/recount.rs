//! What every seat and quota must be, counted from the events alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::inventory::{QuotaCount, SeatState};
use guichet_domain::{Event, HoldId, OrderId, ShowId, State};

use super::{definition, plan, show};

type Claimed = (ShowId, Arc<[HoldItem]>);

#[derive(Default)]
pub(crate) struct Recount {
    held: BTreeMap<HoldId, Claimed>,
    ordered: BTreeMap<OrderId, Vec<HoldId>>,
    booked: BTreeMap<OrderId, Vec<Claimed>>,
}

impl Recount {
    pub(crate) fn read(&mut self, event: &Event) {
        match event {
            Event::HoldPlaced { hold, show, items, .. } => drop(self.held.insert(*hold, (*show, Arc::clone(items)))),
            Event::HoldReleased { hold } | Event::HoldExpired { hold } => assert!(self.held.remove(hold).is_some(), "{hold:?} ended twice"),
            Event::OrderPlaced { order, holds, .. } => drop(self.ordered.insert(*order, holds.clone())),
            Event::SeatsBooked { order, .. } => {
                let holds = &self.ordered[order];
                let claims = holds.iter().map(|hold| self.held.remove(hold).expect("booked holds are live")).collect();
                self.booked.insert(*order, claims);
            }
            Event::BookingReversed { order } => drop(self.booked.remove(order)),
            _ => {}
        }
    }

    /// The state says the same of each seat and each quota.
    pub(crate) fn assert_agrees(&self, state: &State) {
        for number in [1, 2] {
            let definition = definition(number);
            let mut seats = vec![SeatState::Free; plan().seats.len()];
            let mut quotas: Vec<_> =
                definition.quotas.iter().map(|quota| QuotaCount { size: quota.size, ..QuotaCount::default() }).collect();
            let held = self.held.values().map(|claim| (claim, SeatState::Held));
            let booked = self.booked.values().flatten().map(|claim| (claim, SeatState::Booked));
            for ((_, items), to) in held.chain(booked).filter(|((of, _), _)| *of == show(number)) {
                for item in items.iter() {
                    if let Claim::Seats(claimed) = &item.claim {
                        for seat in claimed {
                            let before = std::mem::replace(&mut seats[*seat as usize], to);
                            assert_eq!(before, SeatState::Free, "seat {seat} is in two hands");
                        }
                    }
                    for quota in &definition.products[usize::from(item.product)].quotas {
                        let count = &mut quotas[usize::from(*quota)];
                        let sum = if to == SeatState::Held { &mut count.held } else { &mut count.booked };
                        *sum += item.claim.quantity();
                        assert!(count.held + count.booked <= count.size, "quota {quota} is above its size: {count:?}");
                    }
                }
            }
            let inventory = &state.show(show(number)).unwrap().inventory;
            let said: Vec<_> = (0..inventory.seats.len()).map(|seat| inventory.seats.get(seat)).collect();
            assert_eq!((said, &inventory.quotas), (seats, &quotas), "show {number}");
        }
        assert_eq!(state.live_holds(), self.held.len());
    }
}
