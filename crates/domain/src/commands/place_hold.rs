//! Place a hold: several items, all or nothing. An item names its seats, or a quantity, or leaves the choice of seats to the house.
//!
//! Refusals in this order: the show, its sale and window, the shape of the request, the windows of its products, the buyer's limit, the
//! seats that it names (taken, part of a table, leaving a seat alone), the quotas, the seats that the house chooses. So what the caller
//! did wrong is said before what others were faster at.

use std::sync::Arc;

use crate::best::{self, BestAvailable, Part, quantity_of};
use crate::hold::{BuyerRef, Claim, HoldItem, PLACES_PER_HOLD_MAX, TTL_MS_MAX, TTL_MS_MIN, places_of};
use crate::inventory::SeatState;
use crate::neighbours::{left_alone, missing_chairs};
use crate::rejection::SEATS_NAMED_MAX;
use crate::show::{Admits, Orphans, Product, SaleState, SaleWindow};
use crate::state::Show;
use crate::{Event, Rejection, ShowId, State};

/// Claims seats and quantities for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceHold {
    /// From which show.
    pub show: ShowId,
    /// What.
    pub items: Arc<[HoldItem]>,
    /// Groups for whom the house chooses seats, behind the items.
    pub best: Vec<BestAvailable>,
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
        self.check_quotas(show, &self.items)?;
        Ok(vec![Event::HoldPlaced {
            hold: state.next_hold(now_unix_ms),
            show: self.show,
            items: self.with_best_available(show, now_unix_ms)?,
            expires_at_unix_ms: now_unix_ms + self.ttl_ms,
            buyer_ref: self.buyer_ref,
        }])
    }

    /// The items, and behind them those that the house has chosen.
    fn with_best_available(&self, show: &Show, now_unix_ms: u64) -> Result<Arc<[HoldItem]>, Rejection> {
        if self.best.is_empty() {
            return Ok(Arc::clone(&self.items));
        }
        let mut items = self.items.to_vec();
        for wanted in &self.best {
            let choices = self.choices_on_sale(show, wanted, &items, now_unix_ms)?;
            let taken: Vec<u32> = items.iter().flat_map(|item| item.seats().iter().copied()).collect();
            let chosen = best::choose(show, wanted, &choices, &taken, now_unix_ms).map_err(|unseated| {
                let (show, left, claimed) = (self.show, unseated.left, taken.clone());
                // Of the choices only those that were looked at: what is refused is all that the refusal says.
                let choices = choices.iter().map(|choice| choice.to_vec()).collect();
                let wanted = Box::new(BestAvailable { choices, ..wanted.clone() });
                match left < wanted.quantity() {
                    true => Rejection::SeatsSoldOut { show, wanted, left, claimed },
                    false => Rejection::NotEnoughAdjacentSeats { show, wanted, left, together_max: unseated.together_max, claimed },
                }
            })?;
            items.extend(chosen);
        }
        Ok(items.into())
    }

    /// The choices that are sold now and that the quotas have room for; the first one's rejection when there is none.
    fn choices_on_sale<'a>(
        &self,
        show: &Show,
        wanted: &'a BestAvailable,
        items: &[HoldItem],
        now_unix_ms: u64,
    ) -> Result<Vec<&'a [Part]>, Rejection> {
        let on_sale = |choice: &&'a [Part]| {
            for part in *choice {
                self.check_product_window(show, part.product, now_unix_ms)?;
            }
            let places = |part: &Part| HoldItem { product: part.product, claim: Claim::Quantity(part.quantity) };
            self.check_quotas(show, &items.iter().cloned().chain(choice.iter().map(places)).collect::<Vec<_>>())
        };
        let choices: Vec<&[Part]> = wanted.choices.iter().map(Vec::as_slice).collect();
        let first = choices.first().map_or(Ok(()), on_sale);
        let sold: Vec<&[Part]> = choices.into_iter().filter(|choice| on_sale(choice).is_ok()).collect();
        if sold.is_empty() { first.map(|()| sold) } else { Ok(sold) }
    }

    fn check_window(&self, show: &Show, now_unix_ms: u64) -> Result<(), Rejection> {
        if show.definition.window.contains(now_unix_ms) { Ok(()) } else { Err(outside(self.show, None, show.definition.window)) }
    }

    fn check_product_windows(&self, show: &Show, now_unix_ms: u64) -> Result<(), Rejection> {
        self.items.iter().try_for_each(|item| self.check_product_window(show, item.product, now_unix_ms))
    }

    fn check_product_window(&self, show: &Show, product: u16, now_unix_ms: u64) -> Result<(), Rejection> {
        let window = show.definition.products[usize::from(product)].window;
        if window.contains(now_unix_ms) { Ok(()) } else { Err(outside(self.show, Some(product), window)) }
    }

    /// What the buyer holds and owns, and what is asked for now, against the show's limit.
    fn check_limit(&self, show: &Show) -> Result<(), Rejection> {
        let Some(limit) = show.definition.per_buyer_max else { return Ok(()) };
        let buyer = self.buyer_ref.ok_or(Rejection::BuyerRefRequired { show: self.show })?;
        let (has, requested) = (show.buyers.get(&buyer).copied().unwrap_or_default(), self.places());
        if has.saturating_add(requested) > limit {
            return Err(Rejection::LimitExceeded { show: self.show, limit, has, requested });
        }
        Ok(())
    }

    fn check_shape(&self, show: &Show) -> Result<(), Rejection> {
        let nothing = self.items.iter().any(|item| item.claim.quantity() == 0) || self.best.iter().any(|wanted| wanted.quantity() == 0);
        if nothing || (self.items.is_empty() && self.best.is_empty()) {
            return Err(Rejection::EmptyHold);
        }
        let places = self.places();
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
        self.best.iter().try_for_each(|wanted| check_wanted(show, wanted))?;
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
        if !taken.is_empty() {
            return Err(Rejection::SeatTaken { show: self.show, seats: taken });
        }
        let named = |mut seats: Vec<u32>| {
            seats.truncate(SEATS_NAMED_MAX);
            seats
        };
        let seats: Vec<u32> = self.seats().collect();
        let missing = missing_chairs(show, &seats);
        if !missing.is_empty() {
            return Err(Rejection::TableSoldWhole { show: self.show, seats: named(missing) });
        }
        if show.definition.seating.orphans == Orphans::Forbid {
            let alone = left_alone(show, &seats);
            if !alone.is_empty() {
                return Err(Rejection::OrphanSeat { show: self.show, seats: named(alone) });
            }
        }
        Ok(())
    }

    /// Sums what all items draw on a quota, so that two items cannot pass where only one fits.
    fn check_quotas(&self, show: &Show, items: &[HoldItem]) -> Result<(), Rejection> {
        let quotas_of = |item: &HoldItem| &show.definition.products[usize::from(item.product)].quotas;
        for quota in items.iter().flat_map(|item| quotas_of(item).iter().copied()) {
            let draws = |item: &&HoldItem| quotas_of(item).contains(&quota);
            let requested = items.iter().filter(draws).map(|item| item.claim.quantity()).sum();
            let left = show.inventory.quotas[usize::from(quota)].left();
            if requested > left {
                return Err(Rejection::SoldOut { show: self.show, quota, requested, left });
            }
        }
        Ok(())
    }

    fn seats(&self) -> impl Iterator<Item = u32> {
        self.items.iter().flat_map(|item| item.seats().iter().copied())
    }

    fn places(&self) -> u32 {
        self.best.iter().fold(places_of(&self.items), |places, wanted| places.saturating_add(wanted.quantity()))
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
                let place = show.plan.seats.get(*seat as usize).filter(|place| !place.withdrawn);
                let place = place.ok_or(Rejection::UnknownSeat { seat: *seat })?;
                if !categories.contains(&place.category) {
                    return Err(Rejection::SeatNotInProduct { seat: *seat, product: item.product });
                }
            }
            Ok(())
        }
        _ => Err(Rejection::WrongClaim { product: item.product }),
    }
}

fn check_wanted(show: &Show, wanted: &BestAvailable) -> Result<(), Rejection> {
    for part in wanted.choices.iter().flatten() {
        let product = show.definition.products.get(usize::from(part.product));
        let product = product.ok_or(Rejection::UnknownProduct { product: part.product })?;
        let seats = matches!(product.admits, Admits::Seats { .. });
        let fits = wanted.accessible <= wanted.quantity() && wanted.choices.iter().all(|choice| quantity_of(choice) == wanted.quantity());
        if !seats || !fits {
            return Err(Rejection::WrongClaim { product: part.product });
        }
    }
    Ok(())
}
