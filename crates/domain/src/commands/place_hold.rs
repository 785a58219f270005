//! Place a hold: several items, all or nothing.
//!
//! Refusals in this order: the show, its sale and window, the shape of the request, the windows of its products, the buyer's limit, the
//! seats, the quotas. So what the caller did wrong is said
//! before what others were faster at.

use std::sync::Arc;

use crate::hold::{BuyerRef, Claim, HoldItem, PLACES_PER_HOLD_MAX, TTL_MS_MAX, TTL_MS_MIN, places_of};
use crate::inventory::SeatState;
use crate::rejection::SEATS_NAMED_MAX;
use crate::show::{Admits, Product, SaleState, SaleWindow};
use crate::state::Show;
use crate::{Event, Rejection, ShowId, State};

/// Claims seats and quantities for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// From which show.
    pub show: ShowId,
    /// What.
    pub items: Arc<[HoldItem]>,
    /// For how long, in milliseconds.
    pub ttl_ms: u64,
    /// Keyed hash of whoever asks.
    pub buyer_ref: Option<BuyerRef>,
}

impl PlaceHold {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        if show.sale != SaleState::Open {
            return Err(Rejection::SaleNotOpen { show: self.show, state: show.sale });
        }
        self.check_window(show, now_unix_ms)?;
        self.check_shape(show)?;
        self.check_product_windows(show, now_unix_ms)?;
        self.check_limit(show)?;
        self.check_seats(show)?;
        self.check_quotas(show)?;
        Ok(vec![Event::HoldPlaced {
            hold: state.next_hold(now_unix_ms),
            show: self.show,
            items: Arc::clone(&self.items),
            expires_at_unix_ms: now_unix_ms + self.ttl_ms,
            buyer_ref: self.buyer_ref,
        }])
    }

    fn check_window(&self, show: &Show, now_unix_ms: u64) -> Result<(), Rejection> {
        if show.definition.window.contains(now_unix_ms) { Ok(()) } else { Err(outside(self.show, None, show.definition.window)) }
    }

    fn check_product_windows(&self, show: &Show, now_unix_ms: u64) -> Result<(), Rejection> {
        for item in self.items.iter() {
            let window = show.definition.products[usize::from(item.product)].window;
            if !window.contains(now_unix_ms) {
                return Err(outside(self.show, Some(item.product), window));
            }
        }
        Ok(())
    }

    /// What the buyer holds and owns, and what is asked for now, against the show's limit.
    fn check_limit(&self, show: &Show) -> Result<(), Rejection> {
        let Some(limit) = show.definition.per_buyer_max else { return Ok(()) };
        let buyer = self.buyer_ref.ok_or(Rejection::BuyerRefRequired { show: self.show })?;
        let (has, requested) = (show.buyers.get(&buyer).copied().unwrap_or_default(), places_of(&self.items));
        if has.saturating_add(requested) > limit {
            return Err(Rejection::LimitExceeded { show: self.show, limit, has, requested });
        }
        Ok(())
    }

    fn check_shape(&self, show: &Show) -> Result<(), Rejection> {
        if self.items.is_empty() || self.items.iter().any(|item| item.claim.quantity() == 0) {
            return Err(Rejection::EmptyHold);
        }
        let places = places_of(&self.items);
        if places > PLACES_PER_HOLD_MAX {
            return Err(Rejection::TooManyPlaces { places, places_max: PLACES_PER_HOLD_MAX });
        }
        if !(TTL_MS_MIN..=TTL_MS_MAX).contains(&self.ttl_ms) {
            return Err(Rejection::TtlOutOfRange { ttl_ms: self.ttl_ms });
        }
        for item in self.items.iter() {
            let product = show.definition.products.get(usize::from(item.product));
            let product = product.ok_or(Rejection::UnknownProduct { product: item.product })?;
            check_claim(show, item, product)?;
        }
        let mut seats: Vec<u32> = self.seats().collect();
        seats.sort_unstable();
        match seats.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Rejection::SeatTwice { seat: pair[0] }),
            None => Ok(()),
        }
    }

    fn check_seats(&self, show: &Show) -> Result<(), Rejection> {
        let taken: Vec<u32> =
            self.seats().filter(|seat| show.inventory.seats.get(*seat) != SeatState::Free).take(SEATS_NAMED_MAX).collect();
        if taken.is_empty() { Ok(()) } else { Err(Rejection::SeatTaken { show: self.show, seats: taken }) }
    }

    /// Sums what all items draw on a quota, so that two items cannot pass where only one fits.
    fn check_quotas(&self, show: &Show) -> Result<(), Rejection> {
        let quotas_of = |item: &HoldItem| &show.definition.products[usize::from(item.product)].quotas;
        for quota in self.items.iter().flat_map(|item| quotas_of(item).iter().copied()) {
            let draws = |item: &&HoldItem| quotas_of(item).contains(&quota);
            let requested = self.items.iter().filter(draws).map(|item| item.claim.quantity()).sum();
            let left = show.inventory.quotas[usize::from(quota)].left();
            if requested > left {
                return Err(Rejection::SoldOut { show: self.show, quota, requested, left });
            }
        }
        Ok(())
    }

    fn seats(&self) -> impl Iterator<Item = u32> {
        self.items
            .iter()
            .flat_map(|item| match &item.claim {
                Claim::Seats(seats) => seats.as_slice(),
                Claim::Quantity(_) => &[],
            })
            .copied()
    }
}

fn outside(show: ShowId, product: Option<u16>, window: SaleWindow) -> Rejection {
    let SaleWindow { opens_at_unix_ms, closes_at_unix_ms } = window;
    Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms }
}

fn check_claim(show: &Show, item: &HoldItem, product: &Product) -> Result<(), Rejection> {
    match (&item.claim, &product.admits) {
        (Claim::Quantity(_), Admits::Quantity) => Ok(()),
        (Claim::Seats(seats), Admits::Seats { categories }) => {
            for seat in seats {
                let place = show.plan.seats.get(*seat as usize).ok_or(Rejection::UnknownSeat { seat: *seat })?;
                if !categories.contains(&place.category) {
                    return Err(Rejection::SeatNotInProduct { seat: *seat, product: item.product });
                }
            }
            Ok(())
        }
        _ => Err(Rejection::WrongClaim { product: item.product }),
    }
}
