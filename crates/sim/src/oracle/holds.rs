//! What a hold may be answered: from its request alone, and what the house has chosen is counted against what was asked.

use guichet_domain::best::{BestAvailable, Part, quantity_of};
use guichet_domain::commands::PlaceHold;
use guichet_domain::hold::{Claim, HoldItem, PLACES_PER_HOLD_MAX, places_of};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{Admits, Orphans};
use guichet_domain::{Rejection, State};

use super::expect::{expect, in_range};

/// Holds the places of a hold that was placed against what was asked.
pub(super) fn placed(asked: &PlaceHold, items: &[HoldItem], plan: &SeatingPlan, state: &State) -> Result<(), String> {
    expect(makes_sense(asked, state), "the hold makes no sense")?;
    let Some(mut chosen) = items.strip_prefix(&*asked.items) else { return Err("another hold was placed".to_owned()) };
    for group in &asked.best {
        let is_choice = |choice: &&Vec<Part>| {
            let wanted = choice.iter().filter(|part| part.quantity > 0);
            let mut got = chosen.iter();
            wanted.clone().count() <= chosen.len()
                && wanted.zip(&mut got).all(|(part, item)| {
                    item.product == part.product && matches!(&item.claim, Claim::Seats(seats) if seats.len() == part.quantity as usize)
                })
        };
        let choice = group.choices.iter().find(is_choice).ok_or("the group got other products than it asked for")?;
        let (own, rest) = chosen.split_at(choice.iter().filter(|part| part.quantity > 0).count());
        expect(fits(group, own, asked, plan, state), "the group got seats that it did not ask for")?;
        chosen = rest;
    }
    expect(chosen.is_empty(), "the hold has more than was asked for")
}

/// Whether every seat is of a kind that was asked for, and enough of them are fit for wheelchairs.
fn fits(group: &BestAvailable, items: &[HoldItem], asked: &PlaceHold, plan: &SeatingPlan, state: &State) -> bool {
    let Some(show) = state.show(asked.show) else { return false };
    let seats = || {
        let own = |item: &HoldItem| match &item.claim {
            Claim::Seats(seats) => seats.clone(),
            Claim::Quantity(_) => Vec::new(),
        };
        items.iter().flat_map(move |item| own(item).into_iter().map(move |seat| (item.product, seat)))
    };
    let admitted = |product: u16, category: u16| match &show.definition.products[usize::from(product)].admits {
        Admits::Seats { categories } => categories.contains(&category),
        Admits::Quantity => false,
    };
    let of_kind = seats().all(|(product, seat)| {
        let category = plan.seats[seat as usize].category;
        admitted(product, category) && (group.categories.is_empty() || group.categories.contains(&category))
    });
    let wheelchairs = seats().filter(|(_, seat)| plan.seats[*seat as usize].accessible).count();
    of_kind && wheelchairs >= group.accessible as usize
}

/// Whether a refusal is one to this request.
pub(super) fn refused(hold: &PlaceHold, rejection: &Rejection, state: &State) -> bool {
    use Rejection as R;
    let of_show = state.show(hold.show);
    let claimed = |seat: &u32| hold.items.iter().any(|item| matches!(&item.claim, Claim::Seats(seats) if seats.contains(seat)));
    let asked = |wanted: &BestAvailable| hold.best.iter().any(|group| group.quantity() == wanted.quantity());
    match rejection {
        R::ShowNotFound { .. } | R::SaleNotOpen { .. } => true,
        R::OutsideSaleWindow { show, product, .. } => *show == hold.show && product.is_none_or(|product| names(hold, product)),
        R::BuyerRefRequired { show } => *show == hold.show && hold.buyer_ref.is_none(),
        R::LimitExceeded { show, requested, .. } => *show == hold.show && hold.buyer_ref.is_some() && *requested == places(hold),
        R::SeatTaken { seats, .. } => makes_sense(hold, state) && !seats.is_empty() && seats.iter().all(claimed),
        R::SoldOut { requested, left, .. } => makes_sense(hold, state) && requested > left,
        R::OrphanSeat { show, seats } => {
            let forbidden = of_show.is_some_and(|show| show.definition.seating.orphans == Orphans::Forbid);
            makes_sense(hold, state) && *show == hold.show && forbidden && !seats.is_empty() && !seats.iter().any(claimed)
        }
        R::SeatsSoldOut { show, wanted, left, .. } => {
            makes_sense(hold, state) && *show == hold.show && asked(wanted) && *left < wanted.quantity()
        }
        R::NotEnoughAdjacentSeats { show, wanted, left, together_max, .. } => {
            let enough = *left >= wanted.quantity() && *together_max < wanted.quantity();
            makes_sense(hold, state) && *show == hold.show && asked(wanted) && enough
        }
        R::WrongClaim { .. } | R::UnknownSeat { .. } | R::SeatNotInProduct { .. } | R::SeatTwice { .. } => true,
        R::EmptyHold | R::TooManyPlaces { .. } | R::TtlOutOfRange { .. } | R::UnknownProduct { .. } => !makes_sense(hold, state),
        _ => false,
    }
}

/// Whether a hold could be placed if everything were free.
fn makes_sense(hold: &PlaceHold, state: &State) -> bool {
    let known = |product: u16| state.show(hold.show).is_some_and(|show| usize::from(product) < show.definition.products.len());
    let each = hold.items.iter().all(|item| item.claim.quantity() > 0 && known(item.product));
    let groups = hold.best.iter().all(|group| {
        let same = |choice: &Vec<Part>| quantity_of(choice) == group.quantity();
        let all_known = group.choices.iter().flatten().all(|part| known(part.product));
        group.quantity() > 0 && group.accessible <= group.quantity() && group.choices.iter().all(same) && all_known
    });
    let something = !hold.items.is_empty() || !hold.best.is_empty();
    something && each && groups && places(hold) <= PLACES_PER_HOLD_MAX && in_range(hold.ttl_ms)
}

fn names(hold: &PlaceHold, product: u16) -> bool {
    let in_choice = |group: &BestAvailable| group.choices.iter().flatten().any(|part| part.product == product);
    hold.items.iter().any(|item| item.product == product) || hold.best.iter().any(in_choice)
}

fn places(hold: &PlaceHold) -> u32 {
    places_of(&hold.items) + hold.best.iter().map(BestAvailable::quantity).sum::<u32>()
}
