//! Best available: the house chooses the seats, inside the step that takes them.
//!
//! A group sits together first: neighbours in one row without an aisle between them, nearest to what they look at. Which places are
//! nearest is kept in an index (`index`) and never found by a scan of the plan: each kind of request that has been made has a
//! ranking of the rows, and a change of a seat touches one row of it. The index is a memo: it follows from the plan and the states of
//! the seats, is not in any snapshot, and is built by the first request that needs it.
//!
//! In this order, and the first that succeeds is the answer: without seats that are kept for wheelchairs before with them (where the
//! show releases them), without leaving somebody's neighbour alone before with it (where the show allows it), within aisles before
//! across them (where the request allows it), together before split (where the request allows it).
//!
//! Must never be true: a seat chosen that is not free, is of a category or zone that was not asked for, or is kept for somebody else.

mod house;
mod index;
mod place;
mod rankings;
mod rows;
mod split;
mod tree;

use std::cell::RefCell;

pub(crate) use index::Index;
use place::{Kind, Manner};
use rows::Seats;

use crate::hold::{Claim, HoldItem};
use crate::seating::SeatingPlan;
use crate::show::{Admits, Orphans};
use crate::state::Show;

/// Largest group that is seated together or split: what a hold may claim.
pub const GROUP_MAX: u32 = crate::hold::PLACES_PER_HOLD_MAX;

/// So many places of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Index of the product.
    pub product: u16,
    /// How many.
    pub quantity: u32,
}

/// Seats that the house shall choose for one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestAvailable {
    /// What the group may buy: the best place of all choices is taken. A choice of several parts is a group of several products that
    /// sits together, two adults and a child. All choices are for as many people.
    pub choices: Vec<Vec<Part>>,
    /// How many of the group need a wheelchair place; the others sit beside them.
    pub accessible: u32,
    /// Only seats of these categories (indices into the plan); empty for all that the products admit.
    pub categories: Vec<u16>,
    /// Only seats of these zones (indices into the plan); empty for all.
    pub zones: Vec<u16>,
    /// An aisle may run through the group.
    pub across_aisles: bool,
    /// The group may be split, into as few parts as possible.
    pub split: bool,
}

impl BestAvailable {
    /// How many people they are.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.choices.first().map_or(0, |choice| quantity_of(choice))
    }
}

/// How many people a choice is for.
#[must_use]
pub fn quantity_of(choice: &[Part]) -> u32 {
    choice.iter().fold(0, |sum, part| sum.saturating_add(part.quantity))
}

/// Why no seats were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unseated {
    /// Seats that the request could have had one by one.
    pub(crate) left: u32,
    /// Largest smaller group that would have been seated together.
    pub(crate) together_max: u32,
}

/// The index of a show's seats, if one has been needed. It follows from the rest of the show, so all are equal and a copy has none.
#[derive(Debug, Default)]
pub struct Memo(RefCell<Option<Box<Index>>>);

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Memo {
    /// Seats of a plan have become free, or are free no more.
    pub(crate) fn changed(&mut self, plan: &SeatingPlan, seats: &[u32]) {
        if let Some(index) = self.0.get_mut() {
            index.changed(plan, seats);
        }
    }
}

/// Chooses seats for a group among those that are free and not in `taken`. `choices` are those of the request that can be had.
pub(crate) fn choose(
    show: &Show,
    wanted: &BestAvailable,
    choices: &[&[Part]],
    taken: &[u32],
    now_unix_ms: u64,
) -> Result<Vec<HoldItem>, Unseated> {
    let mut memo = show.best.0.borrow_mut();
    let index = memo.get_or_insert_with(|| Box::new(Index::new(&show.plan)));
    let rules = &show.definition.seating;
    let released = rules.accessible_released_by_time(show.definition.starts_at_unix_ms, now_unix_ms);
    let kinds: &[Kind] = match wanted.accessible {
        0 if released => &[Kind::Everybody],
        0 if rules.accessible_released_when_sold_out => &[Kind::General, Kind::Everybody],
        0 => &[Kind::General],
        accessible => &[Kind::Accessible(accessible)],
    };
    let spare_neighbours: &[bool] = match rules.orphans {
        Orphans::Off => &[false],
        Orphans::Prefer => &[true, false],
        Orphans::Forbid => &[true],
    };
    let aisles: &[bool] = if wanted.across_aisles { &[false, true] } else { &[false] };
    let quantity = wanted.quantity();
    let manners = || {
        kinds.iter().flat_map(move |kind| {
            let each =
                move |across_aisles: &bool, spare: &bool| Manner { kind: *kind, spare_neighbours: *spare, across_aisles: *across_aisles };
            spare_neighbours.iter().flat_map(move |spare| aisles.iter().map(move |across| each(across, spare)))
        })
    };
    let seats = Seats { plan: &show.plan, states: &show.inventory.seats, taken };
    for manner in manners() {
        let mut best: Option<(f32, Vec<HoldItem>)> = None;
        for choice in choices {
            let place = index.together(&seats, &categories(show, wanted, choice), &wanted.zones, manner, quantity);
            if let Some(place) = place.filter(|place| best.as_ref().is_none_or(|(score, _)| place.score < *score)) {
                best = Some((place.score, share_out(choice, index.seats_of(&seats, &place))));
            }
        }
        if let Some((_, items)) = best {
            return Ok(items);
        }
    }
    if wanted.split && quantity > 1 {
        for manner in manners() {
            for choice in choices {
                let parts = split::split(index, &seats, &categories(show, wanted, choice), &wanted.zones, manner, quantity);
                if let Some(parts) = parts {
                    return Ok(share_out(choice, parts));
                }
            }
        }
    }
    let mut unseated = Unseated { left: 0, together_max: 0 };
    for manner in manners() {
        for choice in choices {
            let sizes = index.sizes(&seats, &categories(show, wanted, choice), &wanted.zones, manner);
            unseated.left = unseated.left.max(sizes.free);
            unseated.together_max = unseated.together_max.max(sizes.largest_below(quantity));
        }
    }
    Err(unseated)
}

/// The categories that a choice can have: of all its products, and of the request, ascending.
fn categories(show: &Show, wanted: &BestAvailable, choice: &[Part]) -> Vec<u16> {
    let admitted = |part: &Part| match &show.definition.products[usize::from(part.product)].admits {
        Admits::Seats { categories } => categories.as_slice(),
        Admits::Quantity => &[],
    };
    let Some((first, others)) = choice.split_first() else { return Vec::new() };
    let asked = |category: &u16| wanted.categories.is_empty() || wanted.categories.contains(category);
    let in_all = |category: &u16| others.iter().all(|part| admitted(part).contains(category));
    let mut categories: Vec<u16> = admitted(first).iter().copied().filter(|category| asked(category) && in_all(category)).collect();
    categories.sort_unstable();
    categories.dedup();
    categories
}

/// Gives the seats to the parts of the group, in order.
fn share_out(choice: &[Part], seats: Vec<u32>) -> Vec<HoldItem> {
    let mut seats = seats.into_iter();
    let item = |part: &Part| HoldItem { product: part.product, claim: Claim::Seats(seats.by_ref().take(part.quantity as usize).collect()) };
    choice.iter().filter(|part| part.quantity > 0).map(item).collect()
}
