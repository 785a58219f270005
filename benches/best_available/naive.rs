//! What the choice of seats is measured against: looking at every row.

use guichet_core::domain::inventory::SeatState;
use guichet_core::domain::seating::Point;
use guichet_core::domain::state::Show;

/// How far a seat is from the focal point of its zone, or of the plan.
pub(crate) fn distance(show: &Show, seat: u32) -> f64 {
    let plan = &show.plan;
    let of_zone = plan.zone_of(&plan.rows[plan.row_of(seat)]).and_then(|zone| plan.zones[usize::from(zone)].focal_point);
    let focus = of_zone.or(plan.focal_point).unwrap_or_default();
    let Point { x, y } = plan.seats[seat as usize].position;
    (x - focus.x).hypot(y - focus.y)
}

fn is_free(show: &Show, categories: &[u16], seat: u32) -> bool {
    show.inventory.seats.get(seat) == SeatState::Free && categories.contains(&show.plan.seats[seat as usize].category)
}

/// Every place of a row that so many can have together.
fn places<'a>(show: &'a Show, categories: &'a [u16], quantity: usize) -> impl Iterator<Item = &'a [u32]> {
    let aisle = |seat: &u32| show.plan.seats[*seat as usize].aisle_after;
    let windows = show.plan.rows.iter().flat_map(move |row| row.seats.windows(quantity));
    let free = windows.filter(move |seats| seats.iter().all(|seat| is_free(show, categories, *seat)));
    free.filter(move |seats| !seats[..quantity - 1].iter().any(aisle))
}

/// The nearest place of all, found by measuring each.
pub(crate) fn nearest(show: &Show, distances: &[f64], categories: &[u16], quantity: u32) -> Option<Vec<u32>> {
    let mean = |seats: &[u32]| seats.iter().map(|seat| distances[*seat as usize]).sum::<f64>() / seats.len() as f64;
    let places = places(show, categories, quantity as usize).map(|seats| (mean(seats), seats));
    places.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, seats)| seats.to_vec())
}

/// The first place of the plan: what a simple shop does.
pub(crate) fn first(show: &Show, categories: &[u16], quantity: u32) -> Option<Vec<u32>> {
    places(show, categories, quantity as usize).next().map(<[u32]>::to_vec)
}
