//! At rest, place by place: what is sold, blocked and free is what the orders and the blocks say, and nothing is held by anybody.

use std::collections::BTreeMap;

use guichet_domain::hold::BuyerRef;
use guichet_domain::inventory::{QuotaCount, SeatState};
use guichet_domain::order::OrderState;
use guichet_domain::{ShowId, State};

use super::Verdict;
use super::accounts::Accounts;

/// What a show should have sold.
#[derive(Default)]
struct Sold {
    seats: BTreeMap<u32, SeatState>,
    quotas: BTreeMap<u16, u32>,
    buyers: BTreeMap<BuyerRef, u32>,
}

/// Recounts every show of a partition in which nothing is under way.
pub(crate) fn check(state: &State, shows: impl Iterator<Item = ShowId>, accounts: &Accounts) -> Verdict {
    let mut sold: BTreeMap<ShowId, Sold> = BTreeMap::new();
    for (show, seat) in &accounts.blocked {
        sold.entry(*show).or_default().seats.insert(*seat, SeatState::Blocked);
    }
    for order in state.orders().filter(|order| order.state == OrderState::Confirmed) {
        for position in order.positions().filter(|position| !order.is_cancelled(position.number)) {
            let of = sold.entry(position.line.show).or_default();
            if let Some(seat) = position.item.seat()
                && of.seats.insert(seat, SeatState::Booked).is_some()
            {
                return Err(format!("seat {seat} of {:?} is in two hands, one is that of {:?}", position.line.show, order.id));
            }
            let Some(show) = state.show(position.line.show) else { return Err(format!("{:?} is gone", position.line.show)) };
            for quota in show.definition.products.get(usize::from(position.item.product)).map_or(&[][..], |product| &product.quotas) {
                *of.quotas.entry(*quota).or_default() += 1;
            }
            if let Some(buyer) = &position.line.buyer_ref {
                *of.buyers.entry(**buyer).or_default() += 1;
            }
        }
    }
    for id in shows {
        let Some(show) = state.show(id) else { return Err(format!("{id:?} is gone")) };
        let of = sold.remove(&id).unwrap_or_default();
        for seat in 0..show.inventory.seats.len() {
            let unsold = if show.plan.seats[seat as usize].withdrawn { SeatState::Blocked } else { SeatState::Free };
            let (is, should) = (show.inventory.seats.get(seat), of.seats.get(&seat).copied().unwrap_or(unsold));
            if is != should {
                return Err(format!("seat {seat} of {id:?} is {is:?} and should be {should:?}"));
            }
        }
        for ((number, count), quota) in (0..).zip(&show.inventory.quotas).zip(&show.definition.quotas) {
            let should = QuotaCount { size: quota.size, held: 0, booked: of.quotas.get(&number).copied().unwrap_or_default() };
            if *count != should || should.booked > should.size {
                return Err(format!("quota {number} of {id:?} is {count:?} and should be {should:?}"));
            }
        }
        let buyers: BTreeMap<BuyerRef, u32> = show.buyers.iter().map(|(buyer, places)| (*buyer, *places)).collect();
        if buyers != of.buyers {
            return Err(format!("the buyers of {id:?} have {buyers:?} and should have {:?}", of.buyers));
        }
    }
    Ok(())
}
