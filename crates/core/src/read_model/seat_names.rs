//! Seats by their label paths, without keeping the labels: a table of seat numbers, and the plan says what they are called.
//!
//! 8 bytes a seat in a house of 80,000, where a tree of labels had 65 (`cargo bench --bench best_available`).

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

use guichet_domain::seating::SeatingPlan;

/// The seats on sale of one plan. Only that plan may be asked about with it.
#[derive(Debug, Default)]
pub struct SeatNames(HashTable<u32>);

/// It follows from the plan that stands beside it.
impl PartialEq for SeatNames {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

fn hash(label: &str) -> u64 {
    // Labels come from whoever makes plans; what visitors ask for is only looked up.
    FxBuildHasher.hash_one(label)
}

impl SeatNames {
    /// The seats of a plan that are not withdrawn.
    #[must_use]
    pub fn of(plan: &SeatingPlan) -> Self {
        let seats = plan.rows.iter().flat_map(|row| &row.seats);
        let mut table = HashTable::with_capacity(seats.clone().count());
        for seat in seats {
            table.insert_unique(hash(&plan.seat_label(*seat)), *seat, |other| hash(&plan.seat_label(*other)));
        }
        Self(table)
    }

    /// The number of a seat, by its label path.
    #[must_use]
    pub fn seat(&self, plan: &SeatingPlan, label: &str) -> Option<u32> {
        self.0.find(hash(label), |seat| plan.seat_label(*seat) == label).copied()
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::seating::{Row, Seat, Section};

    use super::*;

    #[test]
    fn every_seat_on_sale_is_found_by_its_label_and_nothing_else_is() {
        let mut plan = SeatingPlan { sections: vec![Section { label: "L".into(), ..Section::default() }], ..SeatingPlan::default() };
        for row in 0..40 {
            let seats = (0..50).map(|seat: u32| Seat { label: seat.to_string().into(), ..Seat::default() });
            plan.push_row(Row { label: row.to_string(), section: Some(0), ..Row::default() }, seats);
        }
        plan.seats[7].withdrawn = true;
        plan.rows[0].seats.retain(|seat| *seat != 7);
        let names = SeatNames::of(&plan);
        for seat in (0..2_000).filter(|seat| *seat != 7) {
            assert_eq!(names.seat(&plan, &plan.seat_label(seat)), Some(seat));
        }
        for absent in ["L-0-7", "L-40-1", "L-1", "", "L-0-50"] {
            assert_eq!(names.seat(&plan, absent), None, "{absent}");
        }
    }
}
