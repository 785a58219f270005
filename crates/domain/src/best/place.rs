//! One row and one group: where in the row it would sit best, and which groups the row could seat.
//!
//! A row is read from left to right once for a size; rows are short.

use std::ops::ControlFlow;

/// Added to the score for each wheelchair place that is taken beyond what was asked for: more than any distance in a house, so that
/// a place that wastes none always comes first.
const WASTE: f32 = 1e6;

/// For whom seats are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Seats that are kept for wheelchairs and their companions are left out.
    General,
    /// Kept seats have been released: they are seats like all others.
    Everybody,
    /// So many wheelchair places, and seats of any kind beside them.
    Accessible(u32),
}

/// How seats are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Manner {
    pub(super) kind: Kind,
    /// No free seat may be left alone that was not alone before.
    pub(super) spare_neighbours: bool,
    /// An aisle may run through the group.
    pub(super) across_aisles: bool,
}

/// A seat of a row, as a request sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// Nobody has it.
    pub(super) free: bool,
    /// It is free and the request may have it.
    pub(super) good: bool,
    pub(super) accessible: bool,
    pub(super) aisle_after: bool,
    pub(super) distance: f32,
}

/// Where a group would sit in a row: its first seat, and how good that is (the lower, the better).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) start: usize,
    pub(super) score: f32,
}

/// The best place for a group of so many in a row.
pub(super) fn best(row: &[View], manner: Manner, orphans: bool, quantity: usize) -> Option<Spot> {
    let mut best: Option<Spot> = None;
    let _ = each(row, manner, orphans, quantity, |spot| {
        if best.is_none_or(|best| spot.score < best.score) {
            best = Some(spot);
        }
        ControlFlow::Continue(())
    });
    best
}

/// The groups that a row could seat together, a bit for each size: bit 0 for one person, bit 63 for 64.
pub(super) fn sizes(row: &[View], manner: Manner, orphans: bool) -> u64 {
    let largest = row.len().min(64);
    let fits = |quantity: &usize| each(row, manner, orphans, *quantity, |_| ControlFlow::Break(())).is_break();
    (1..=largest).filter(fits).fold(0, |sizes, quantity| sizes | 1 << (quantity - 1))
}

/// Every place for a group of so many, from left to right.
fn each(row: &[View], manner: Manner, orphans: bool, quantity: usize, mut take: impl FnMut(Spot) -> ControlFlow<()>) -> ControlFlow<()> {
    let (mut run, mut sum, mut accessible) = (0, 0.0, 0);
    for (end, seat) in row.iter().enumerate() {
        let cut = end > 0 && row[end - 1].aisle_after && !manner.across_aisles;
        if cut || !seat.good {
            (run, sum, accessible) = (0, 0.0, 0);
        }
        if !seat.good {
            continue;
        }
        run += 1;
        sum += seat.distance;
        accessible += u32::from(seat.accessible);
        if run > quantity {
            let left = &row[end - quantity];
            (run, sum, accessible) = (quantity, sum - left.distance, accessible - u32::from(left.accessible));
        }
        if run < quantity {
            continue;
        }
        let start = end + 1 - quantity;
        let wasted = match manner.kind {
            Kind::Accessible(asked) if accessible < asked => continue,
            Kind::Accessible(asked) => accessible - asked,
            Kind::General | Kind::Everybody => 0,
        };
        if manner.spare_neighbours && orphans && leaves_somebody_alone(row, start, end) {
            continue;
        }
        // A group has at most a hundred people: exact in an f32.
        take(Spot { start, score: sum / quantity as f32 + wasted as f32 * WASTE })?;
    }
    ControlFlow::Continue(())
}

/// Whether the seat before or behind is free, and would be free alone.
fn leaves_somebody_alone(row: &[View], start: usize, end: usize) -> bool {
    let free = |seat: Option<usize>| seat.and_then(|seat| row.get(seat)).is_some_and(|seat| seat.free);
    let aisle = |seat: Option<usize>| seat.and_then(|seat| row.get(seat)).is_none_or(|seat| seat.aisle_after);
    let before = start.checked_sub(1);
    let two_before = start.checked_sub(2);
    let left = !aisle(before) && free(before) && (aisle(two_before) || !free(two_before));
    let right = !row[end].aisle_after && free(Some(end + 1)) && (row[end + 1].aisle_after || !free(Some(end + 2)));
    left || right
}
