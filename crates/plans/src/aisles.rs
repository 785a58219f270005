//! How the seats of a row stand: their order, and where an aisle parts them.
//!
//! Foreign formats list the seats of a row and draw the aisles as empty space. Whoever looks for seats beside each other needs both as
//! facts, so they are told from the positions when a plan is read:
//!
//! - **Order.** The list is taken as it is, unless going along the row's length from end to end is shorter: then the seats were listed
//!   out of order. A row around a stage, which no line sorts, stays as it is listed.
//! - **Aisles.** An aisle is a gap between neighbours of more than 1.6 times the row's usual gap, which is the median. The real charts
//!   at hand keep one spacing to within 0.1 %, and a way to walk through takes the place of at least one seat, which is a gap of 2. A row
//!   with fewer than three gaps has no usual one: nothing is said of it.
//!
//! The same row gives the same answer however its seats are listed, and an answer read again is itself.

use guichet_domain::seating::{Point, Seat};

/// How much wider than usual a gap is that people walk through.
const AISLE_FACTOR: f64 = 1.6;
/// Gaps from which the usual one can be told.
const GAPS_MIN: usize = 3;
/// A way along the row counts as shorter only by so much: sums of positions have their last bits by chance.
const SHORTER_BY: f64 = 0.999;

/// Brings what stands in a row into the order in which it stands, and notes the aisles. `seat` finds the seat of an entry.
pub(crate) fn arrange<T>(row: &mut Vec<T>, seat: impl Fn(&mut T) -> &mut Seat) {
    let positions: Vec<Point> = row.iter_mut().map(|entry| seat(entry).position).collect();
    let positions = match order(&positions) {
        None => positions,
        Some(order) => {
            let mut entries: Vec<Option<T>> = row.drain(..).map(Some).collect();
            row.extend(order.iter().filter_map(|index| entries[*index].take()));
            order.iter().map(|index| positions[*index]).collect()
        }
    };
    for (entry, aisle) in row.iter_mut().zip(aisles(&positions)) {
        seat(entry).aisle_after = aisle;
    }
}

/// Whether seats are listed as [`arrange`] would list them, with its aisles.
#[cfg(test)]
pub(crate) fn is_arranged(seats: &[&Seat]) -> bool {
    let positions: Vec<Point> = seats.iter().map(|seat| seat.position).collect();
    order(&positions).is_none() && aisles(&positions).eq(seats.iter().map(|seat| seat.aisle_after))
}

fn distance(from: Point, to: Point) -> f64 {
    (to.x - from.x).hypot(to.y - from.y)
}

fn way(positions: impl Iterator<Item = Point> + Clone) -> f64 {
    positions.clone().zip(positions.skip(1)).map(|(from, to)| distance(from, to)).sum()
}

/// The order in which seats stand, as indices, if it is not the order in which they are listed.
fn order(listed: &[Point]) -> Option<Vec<usize>> {
    let along = direction(listed);
    let place = |index: usize| listed[index].x * along.x + listed[index].y * along.y;
    let mut order: Vec<usize> = (0..listed.len()).collect();
    order.sort_by(|a, b| {
        let (from, to) = (listed[*a], listed[*b]);
        place(*a).total_cmp(&place(*b)).then(from.x.total_cmp(&to.x)).then(from.y.total_cmp(&to.y))
    });
    if mostly_backwards(&order) {
        order.reverse();
    }
    let sorted = way(order.iter().map(|index| listed[*index]));
    (sorted < way(listed.iter().copied()) * SHORTER_BY).then_some(order)
}

/// Whether the list goes against this order more often than with it.
fn mostly_backwards(order: &[usize]) -> bool {
    let mut rank = vec![0; order.len()];
    for (place, index) in order.iter().enumerate() {
        rank[*index] = place;
    }
    rank.windows(2).filter(|pair| pair[0] > pair[1]).count() * 2 > order.len().saturating_sub(1)
}

/// The direction in which the seats are strewn widest. It does not depend on how they are listed, not in the last bit: they are added up
/// in an order of their own.
fn direction(listed: &[Point]) -> Point {
    let mut points = listed.to_vec();
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let count = points.len() as f64;
    let middle_x = points.iter().map(|point| point.x / count).sum::<f64>();
    let middle_y = points.iter().map(|point| point.y / count).sum::<f64>();
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for point in &points {
        let (x, y) = (point.x - middle_x, point.y - middle_y);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    let angle = (2.0 * xy).atan2(xx - yy) / 2.0;
    Point { x: angle.cos(), y: angle.sin() }
}

/// For each seat whether an aisle is between it and the next.
fn aisles(positions: &[Point]) -> impl Iterator<Item = bool> {
    let gaps: Vec<f64> = positions.windows(2).map(|pair| distance(pair[0], pair[1])).collect();
    let mut sorted = gaps.clone();
    sorted.sort_by(f64::total_cmp);
    // Of an even number the smaller middle one: of two pairs with an aisle between them, the seats' own.
    let usual = if gaps.len() < GAPS_MIN { f64::INFINITY } else { sorted[(gaps.len() - 1) / 2] };
    let count = positions.len();
    // Seats drawn onto each other have no usual gap either.
    gaps.into_iter().map(move |gap| usual > 0.0 && gap > AISLE_FACTOR * usual).chain([false]).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(positions: &[(f64, f64)]) -> Vec<Seat> {
        let seat = |(index, (x, y)): (usize, &(f64, f64))| Seat {
            label: (index + 1).to_string().into(),
            position: Point { x: *x, y: *y },
            ..Seat::default()
        };
        positions.iter().enumerate().map(seat).collect()
    }

    /// Labels in order, with a bar for an aisle.
    fn arranged(positions: &[(f64, f64)]) -> String {
        let mut seats = row(positions);
        arrange(&mut seats, |seat| seat);
        assert!(is_arranged(&seats.iter().collect::<Vec<_>>()), "an answer read again is itself");
        seats.iter().map(|seat| format!("{}{}", seat.label, if seat.aisle_after { " | " } else { " " })).collect::<String>().trim().into()
    }

    fn line(places: &[f64]) -> Vec<(f64, f64)> {
        places.iter().map(|x| (*x, 7.0)).collect()
    }

    #[test]
    fn an_aisle_is_a_gap_of_more_than_1_6_times_the_median() {
        for (places, expected) in [
            (vec![0.0, 20.0, 40.0, 80.0, 100.0], "1 2 3 | 4 5"),
            (vec![0.0, 20.0, 40.0, 72.0, 92.0], "1 2 3 4 5"),
            (vec![0.0, 20.0, 40.0, 72.1, 92.1], "1 2 3 | 4 5"),
            // Pairs: the usual gap is the one inside a pair.
            (vec![0.0, 20.0, 60.0, 80.0], "1 2 | 3 4"),
            (vec![0.0, 20.0, 60.0, 80.0, 120.0, 140.0], "1 2 | 3 4 | 5 6"),
            // Two gaps tell nothing, nor do seats on each other.
            (vec![0.0, 20.0, 90.0], "1 2 3"),
            (vec![5.0, 5.0, 5.0, 5.0, 90.0], "1 2 3 4 5"),
            (vec![5.0], "1"),
            (vec![], ""),
        ] {
            assert_eq!(arranged(&line(&places)), expected, "{places:?}");
        }
    }

    #[test]
    fn seats_listed_out_of_order_are_put_in_order() {
        // Odd numbers to the left, even ones to the right, as theatres count.
        assert_eq!(arranged(&line(&[60.0, 100.0, 40.0, 120.0, 20.0, 140.0])), "5 3 1 | 2 4 6");
        assert_eq!(arranged(&line(&[0.0, 40.0, 20.0, 60.0, 80.0])), "1 3 2 4 5");
        // From right to left stays so.
        assert_eq!(arranged(&line(&[80.0, 60.0, 40.0, 20.0])), "1 2 3 4");
        // A row that runs down the page.
        assert_eq!(arranged(&[(3.0, 0.0), (3.0, 40.0), (3.0, 20.0), (3.0, 60.0)]), "1 3 2 4");
    }

    #[test]
    fn a_row_around_a_stage_stays_as_it_is_listed() {
        let around: Vec<(f64, f64)> = (0..24)
            .map(|seat| f64::from(seat) * std::f64::consts::TAU / 28.0)
            .map(|angle| (100.0 * angle.cos(), 100.0 * angle.sin()))
            .collect();
        let mut seats = row(&around);
        arrange(&mut seats, |seat| seat);
        assert_eq!(seats, row(&around));
    }

    #[test]
    fn numbers_beyond_measure_do_no_harm() {
        for far in [f64::MAX, f64::INFINITY, f64::NAN, -f64::MAX] {
            let mut seats = row(&[(0.0, far), (far, 1.0), (far, far), (2.0, -far), (0.0, 0.0)]);
            arrange(&mut seats, |seat| seat);
            assert_eq!(seats.len(), 5);
        }
    }
}
