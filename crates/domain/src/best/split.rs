//! A group that finds no place together, in as few parts as possible, and the parts near to each other.
//!
//! How few is found by taking the largest part that fits, again and again: no other way needs fewer. Then the sizes are tried from the
//! most even ones on, the first part where it sits best, each further one as near as possible to it, and the nearest to each other and
//! to what they look at are taken. Nobody sits alone who does not have to.

use super::index::Index;
use super::place::{Kind, Manner};
use super::rows::{Nearest, Place, Seats};

/// Sizes of the first part that are tried. The more even the parts, the earlier they come.
const TRIES_MAX: u32 = 6;
/// Added to the score for somebody who sits alone: more than any distance in a house.
const ALONE: f32 = 1e6;

/// The seats of all parts, or none when there are not enough.
pub(super) fn split(
    index: &mut Index,
    seats: &Seats<'_>,
    categories: &[u16],
    zones: &[u16],
    manner: Manner,
    quantity: u32,
) -> Option<Vec<u32>> {
    let mut search = Search { index, seats, categories, zones, manner };
    let fewest = search.fewest(quantity)?;
    let parts = u32::try_from(fewest.len()).unwrap_or(u32::MAX);
    let evenly = quantity.div_ceil(parts);
    let largest = fewest.first().copied().unwrap_or(quantity);
    let mut best: Option<(f32, Vec<u32>)> = None;
    for first in (evenly..=largest).take(TRIES_MAX as usize) {
        if let Some((score, chosen)) = search.in_parts(first, quantity, parts)
            && best.as_ref().is_none_or(|(lowest, _)| score < *lowest)
        {
            best = Some((score, chosen));
        }
    }
    best.map(|(_, chosen)| chosen).or_else(|| search.of_sizes(&fewest).map(|(_, chosen)| chosen))
}

struct Search<'a> {
    index: &'a mut Index,
    seats: &'a Seats<'a>,
    categories: &'a [u16],
    zones: &'a [u16],
    manner: Manner,
}

impl Search<'_> {
    /// The wheelchair places that are still to be found are asked of the first part.
    fn manner_of(&self, first: bool) -> Manner {
        match self.manner.kind {
            Kind::Accessible(_) if !first => Manner { kind: Kind::General, ..self.manner },
            _ => self.manner,
        }
    }

    /// The sizes of the fewest parts, the largest first.
    fn fewest(&mut self, quantity: u32) -> Option<Vec<u32>> {
        let (mut left, mut taken, mut sizes) = (quantity, self.seats.taken.to_vec(), Vec::new());
        while left > 0 {
            let seats = Seats { taken: &taken, ..*self.seats };
            let manner = self.manner_of(sizes.is_empty());
            let size = self.index.sizes(&seats, self.categories, self.zones, manner).largest(left);
            let place = if size == 0 { None } else { self.index.together(&seats, self.categories, self.zones, manner, size) }?;
            taken.extend(self.index.seats_of(&seats, &place));
            sizes.push(size);
            left -= size;
        }
        Some(sizes)
    }

    /// So many people in so many parts, the first of a given size, the others as large as possible.
    fn in_parts(&mut self, first: u32, quantity: u32, parts: u32) -> Option<(f32, Vec<u32>)> {
        let (mut left, mut chosen, mut score, mut anchor) = (quantity, Vec::new(), 0.0, None);
        for part in 0..parts {
            let taken = [self.seats.taken, &chosen].concat();
            let seats = Seats { taken: &taken, ..*self.seats };
            // The parts behind this one must have somebody each.
            let most = left - (parts - part - 1);
            let size = match part {
                0 => first,
                _ if part + 1 == parts => left,
                _ => {
                    let sizes = self.index.sizes(&seats, self.categories, self.zones, self.manner_of(false));
                    sizes.largest(most.min(left.div_ceil(parts - part))).max(1)
                }
            };
            let place = self.place(&seats, size, anchor.as_ref())?;
            score += place.score * size as f32;
            // With two for each part there is no need for a part of one.
            score += if size == 1 && quantity >= 2 * parts { ALONE } else { 0.0 };
            anchor = anchor.or(Some(place));
            chosen.extend(self.index.seats_of(&seats, &place));
            left = left.checked_sub(size)?;
        }
        (left == 0).then_some((score, chosen))
    }

    fn of_sizes(&mut self, sizes: &[u32]) -> Option<(f32, Vec<u32>)> {
        let (mut chosen, mut score, mut anchor) = (Vec::new(), 0.0, None);
        for size in sizes {
            let taken = [self.seats.taken, &chosen].concat();
            let seats = Seats { taken: &taken, ..*self.seats };
            let place = self.place(&seats, *size, anchor.as_ref())?;
            score += place.score * *size as f32;
            anchor = anchor.or(Some(place));
            chosen.extend(self.index.seats_of(&seats, &place));
        }
        Some((score, chosen))
    }

    fn place(&mut self, seats: &Seats<'_>, size: u32, anchor: Option<&Place>) -> Option<Place> {
        let nearest = anchor.map_or(Nearest::ToFocus, |anchor| Nearest::To(self.index.middle(seats, anchor)));
        let manner = self.manner_of(anchor.is_none());
        self.index.search(seats, self.categories, self.zones, manner, size, nearest)
    }
}
