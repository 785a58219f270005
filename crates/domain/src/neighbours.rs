//! Rules about what stands beside a hand-picked seat: tables that are sold as a whole, and seats that would be left alone.

use crate::inventory::SeatState;
use crate::seating::RowKind;
use crate::state::Show;

/// Chairs that are missing to make the claimed tables whole, ascending, where a table is sold as a whole.
pub(crate) fn missing_chairs(show: &Show, claimed: &[u32]) -> Vec<u32> {
    let whole = |row: &usize| matches!(show.plan.rows[*row].kind, RowKind::Table { whole: true, .. });
    let mut tables: Vec<usize> = claimed.iter().map(|seat| show.plan.row_of(*seat)).filter(whole).collect();
    tables.sort_unstable();
    tables.dedup();
    let chairs = tables.into_iter().flat_map(|table| show.plan.rows[table].seats.iter().copied());
    let mut missing: Vec<u32> = chairs.filter(|chair| !claimed.contains(chair)).collect();
    missing.sort_unstable();
    missing
}

/// Free seats that would be left alone, with no free seat at either side, if these free seats were taken; ascending.
pub(crate) fn left_alone(show: &Show, claimed: &[u32]) -> Vec<u32> {
    let mut alone: Vec<u32> =
        claimed.iter().flat_map(|seat| beside(show, *seat)).flatten().filter(|seat| free(show, *seat, claimed)).collect();
    alone.sort_unstable();
    alone.dedup();
    alone.retain(|seat| !beside(show, *seat).into_iter().flatten().any(|other| free(show, other, claimed)));
    alone
}

fn free(show: &Show, seat: u32, claimed: &[u32]) -> bool {
    show.inventory.seats.get(seat) == SeatState::Free && !claimed.contains(&seat)
}

/// The neighbours of a seat in a line of seats, left and right, as far as no aisle is between them.
fn beside(show: &Show, seat: u32) -> [Option<u32>; 2] {
    let row = &show.plan.rows[show.plan.row_of(seat)];
    let place = row.seats.iter().position(|other| *other == seat);
    let Some(place) = place.filter(|_| row.kind == RowKind::Line) else { return [None, None] };
    let aisle_after = |seat: u32| show.plan.seats[seat as usize].aisle_after;
    let left = place.checked_sub(1).map(|place| row.seats[place]).filter(|left| !aisle_after(*left));
    let right = row.seats.get(place + 1).copied().filter(|_| !aisle_after(seat));
    [left, right]
}
