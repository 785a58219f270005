//! How far apart seats are: the measure of everything that is drawn.

use super::{Bounds, Spot};

/// Seats whose neighbours are measured, spread over all: enough for what is usual.
const MEASURED: usize = 64;

/// How far apart seats usually are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pitch {
    /// From a seat to the nearest one.
    pub(crate) seat: f64,
    /// From a seat to the nearest one of another row, where there is another.
    pub(crate) row: Option<f64>,
}

impl Pitch {
    /// Measures the neighbours of some seats and takes the middle.
    pub(super) fn of(spots: &[Spot], bounds: Option<Bounds>) -> Self {
        let (mut nearest, mut nearest_row) = (Vec::new(), Vec::new());
        for spot in spots.iter().step_by(spots.len().div_ceil(MEASURED).max(1)) {
            let (mut seat, mut row) = (f64::INFINITY, f64::INFINITY);
            for other in spots {
                let (x, y) = (other.at.x - spot.at.x, other.at.y - spot.at.y);
                let distance = x * x + y * y;
                if distance > 0.0 {
                    seat = seat.min(distance);
                    row = if other.line == spot.line { row } else { row.min(distance) };
                }
            }
            nearest.push(seat.sqrt());
            nearest_row.push(row.sqrt());
        }
        let middle = |mut distances: Vec<f64>| {
            distances.retain(|distance| distance.is_normal());
            distances.sort_by(f64::total_cmp);
            distances.get(distances.len() / 2).copied()
        };
        // One seat, all on one spot, or none: any distance will do.
        let span = bounds.map_or(0.0, |bounds| bounds.width().max(bounds.height())) / 20.0;
        Self { seat: middle(nearest).unwrap_or(if span.is_normal() { span } else { 1.0 }), row: middle(nearest_row) }
    }
}
