//! How a buyer picks seats: beside each other, anywhere that the last look at the seat map showed them free.

use std::sync::RwLock;

use guichet_api::{SeatState, SeatStates};

use super::hall::OnSale;

/// The seat map as the shop's pages last saw it; a little old, as on any busy sale.
#[derive(Default)]
pub(super) struct SeatMap {
    states: RwLock<Vec<SeatState>>,
}

/// Seats that somebody wants.
pub(super) struct Picked {
    pub(super) product: String,
    pub(super) labels: Vec<String>,
}

/// Rows that a buyer looks at before settling for another size or place.
const LOOKS: usize = 24;

impl SeatMap {
    pub(super) fn update(&self, states: &SeatStates) {
        if let Ok(mut map) = self.states.write() {
            *map = states.iter().collect();
        }
    }

    /// `party` seats beside each other, or nothing where none were seen.
    pub(super) fn pick(&self, show: &OnSale, party: usize, rng: &mut fastrand::Rng) -> Option<Picked> {
        let states = self.states.read().ok()?;
        if show.rows.is_empty() {
            return None;
        }
        let start = rng.usize(..show.rows.len());
        for look in 0..show.rows.len() {
            // First a few rows here and there, then one after another, so that the last free seats are found.
            let index = if look < LOOKS { rng.usize(..show.rows.len()) } else { (start + look) % show.rows.len() };
            let row = &show.rows[index];
            let free = states.get(row.first_seat..row.first_seat + row.seats)?;
            let begins: Vec<usize> = (0..(row.seats + 1).saturating_sub(party))
                .filter(|begin| free[*begin..*begin + party].iter().all(|state| *state == SeatState::Free))
                .collect();
            if let Some(begin) = rng.choice(begins) {
                let labels = (0..party).map(|place| show.labels[row.first_seat + begin + place].clone()).collect();
                return Some(Picked { product: row.product.clone(), labels });
            }
        }
        None
    }
}
