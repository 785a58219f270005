//! The rows of a house as one kind of request sees them at this step.

use super::house::{House, distance};
use super::place::{Kind, Manner, View, best, sizes};
use super::tree::Value;
use crate::inventory::{SeatMap, SeatState};
use crate::seating::{Point, SeatingPlan};

/// The seats as they are at this step.
#[derive(Clone, Copy)]
pub(super) struct Seats<'a> {
    pub(super) plan: &'a SeatingPlan,
    pub(super) states: &'a SeatMap,
    /// Seats that the same hold has claimed before.
    pub(super) taken: &'a [u32],
}

impl Seats<'_> {
    /// The same without what the hold has claimed before.
    pub(super) fn untaken(self) -> Self {
        Self { taken: &[], ..self }
    }
}

/// A place for a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) quantity: usize,
    pub(super) score: f32,
}

/// What could be seated in a part of the house.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sizes {
    /// A bit for each size of group that fits together, from one person on; the last bit for 64.
    together: u64,
    /// Seats that could be had one by one.
    pub(super) free: u32,
}

impl Value for Sizes {
    const NONE: Self = Self { together: 0, free: 0 };

    fn together(self, other: Self) -> Self {
        Self { together: self.together | other.together, free: self.free + other.free }
    }
}

impl Sizes {
    /// The largest group below a size that would fit; 0 if none would.
    pub(super) fn largest_below(self, quantity: u32) -> u32 {
        self.largest(quantity.saturating_sub(1))
    }

    /// The largest group up to a size that would fit; 0 if none would.
    pub(super) fn largest(self, quantity: u32) -> u32 {
        let below = if quantity >= 64 { u64::MAX } else { (1 << quantity) - 1 };
        64 - (self.together & below).leading_zeros()
    }
}

/// What a search looks for.
#[derive(Clone, Copy)]
pub(super) enum Nearest {
    /// To what the seats look at.
    ToFocus,
    /// To a point of the plan.
    To(Point),
}

/// The rows, and what decides which of their seats a request may have.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) house: &'a House,
    pub(super) seats: Seats<'a>,
    /// The categories that may be had.
    pub(super) categories: &'a [u16],
    pub(super) manner: Manner,
}

impl Rows<'_> {
    /// Whether a line has any seat that may be had, sold or not.
    pub(super) fn concern(&self, line: usize) -> bool {
        self.house.lines[line].has_any_of(self.categories)
    }

    /// A row as it is at this step.
    pub(super) fn row(&self, line: usize, nearest: Nearest) -> Row {
        let of = self.house.lines[line];
        Row { line, seats: self.view(of.row, nearest), manner: self.manner, whole: of.whole, orphans: of.orphans }
    }

    fn view(&self, row: u32, nearest: Nearest) -> Vec<View> {
        let Seats { plan, states, taken } = self.seats;
        let general = self.manner.kind == Kind::General;
        let view = |number: &u32| {
            let facts = self.house.facts[*number as usize];
            let free = states.get(*number) == SeatState::Free && !taken.contains(number);
            let good = free && !(general && facts.kept()) && self.categories.contains(&facts.category);
            let distance = match nearest {
                Nearest::ToFocus => facts.distance,
                Nearest::To(point) => distance(plan.seats[*number as usize].position, point),
            };
            View { free, good, accessible: facts.accessible(), aisle_after: facts.aisle_after(), distance }
        };
        plan.rows[row as usize].seats.iter().map(view).collect()
    }
}

/// One row, looked at once for groups of all sizes.
pub(super) struct Row {
    line: usize,
    seats: Vec<View>,
    manner: Manner,
    /// All its seats are sold together or none.
    whole: bool,
    /// Somebody may be left alone in it.
    orphans: bool,
}

impl Row {
    /// The best place for a group.
    pub(super) fn place(&self, quantity: usize) -> Option<Place> {
        if self.whole && quantity != self.seats.len() {
            return None;
        }
        let spot = best(&self.seats, self.manner, self.orphans, quantity)?;
        Some(Place { line: self.line, start: spot.start, quantity, score: spot.score })
    }

    /// How good that is.
    pub(super) fn score(&self, quantity: usize) -> f32 {
        self.place(quantity).map_or(f32::NONE, |place| place.score)
    }

    /// What could be seated.
    pub(super) fn sizes(&self) -> Sizes {
        let good = self.seats.iter().filter(|seat| seat.good).count();
        let free = u32::try_from(good).unwrap_or(u32::MAX);
        match self.whole {
            true if good < self.seats.len() => Sizes::NONE,
            true => {
                let fits = good <= 64 && best(&self.seats, self.manner, self.orphans, good).is_some();
                Sizes { together: if fits { 1 << (good - 1) } else { 0 }, free }
            }
            false => Sizes { together: sizes(&self.seats, self.manner, self.orphans), free },
        }
    }
}
