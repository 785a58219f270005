//! The house: takes seats from sale, for a camera or a guest, and gives them back; and builds its hall anew while that is sold.

use std::sync::Arc;

use guichet_domain::commands::{BlockSeats, RevisePlan, UnblockSeats};
use guichet_domain::seating::{Seat, SeatingPlan};
use guichet_domain::{Command, Event, Record, ShowId};

use super::View;
use crate::plan::Habits;
use crate::rng::Rng;

/// Blocks that it remembers; more would leave nothing to sell.
const BLOCKS_MAX: usize = 4;

/// The house manager.
#[derive(Default)]
pub(crate) struct House {
    blocked: Vec<(ShowId, Vec<u32>)>,
}

impl House {
    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let nonsense = rng.chance(habits.nonsense);
        if rng.one_of(4) {
            let listed = rng.pick(&view.public.shows)?;
            let (show, plan) = (listed.definition.id, Arc::new(rebuilt(rng, &listed.plan)));
            return Some((show.partition(), Command::RevisePlan(RevisePlan { show, plan })));
        }
        let full = self.blocked.len() >= BLOCKS_MAX;
        if full || (!self.blocked.is_empty() && rng.one_of(3)) {
            let (show, seats) = self.blocked.get(rng.index(self.blocked.len()))?.clone();
            let seats = if rng.one_of(3) { seats.into_iter().take(1).collect() } else { seats };
            return Some((show.partition(), Command::UnblockSeats(UnblockSeats { show, seats })));
        }
        let listed = rng.pick(&view.public.shows)?;
        let (show, plan) = (listed.definition.id, listed.plan.seats.len() as u64);
        let first = rng.below(plan);
        let mut seats: Vec<u32> = (first..plan.min(first + 1 + rng.below(3))).rev().filter_map(|seat| u32::try_from(seat).ok()).collect();
        if nonsense {
            match rng.below(4) {
                0 => seats.clear(),
                1 => seats.extend_from_within(..1),
                2 => seats.push(100_000),
                _ => return Some((show.partition(), Command::UnblockSeats(UnblockSeats { show, seats }))),
            }
        }
        let reason = ["camera", "guests"][rng.index(2)].to_owned();
        Some((show.partition(), Command::BlockSeats(BlockSeats { show, seats, reason })))
    }

    pub(super) fn learn(&mut self, record: &Record) {
        for event in record.events() {
            match event {
                Event::SeatsBlocked { show, seats, .. } => self.blocked.push((*show, seats.clone())),
                Event::SeatsUnblocked { show, seats } => {
                    for (of, blocked) in &mut self.blocked {
                        if of == show {
                            blocked.retain(|seat| !seats.contains(seat));
                        }
                    }
                    self.blocked.retain(|(_, seats)| !seats.is_empty());
                }
                _ => {}
            }
        }
    }
}

/// The plan with a row that has some seats less, more, or in another category; what was taken out long ago may come back.
fn rebuilt(rng: &mut Rng, plan: &SeatingPlan) -> SeatingPlan {
    let mut plan = plan.clone();
    let row = rng.index(plan.rows.len());
    let some = |rng: &mut Rng| 1 + rng.index(3);
    match rng.below(4) {
        0 => {
            for _ in 0..some(rng) {
                let seats = &mut plan.rows[row].seats;
                if !seats.is_empty() {
                    let gone = seats.remove(rng.index(seats.len()));
                    plan.seats[gone as usize].withdrawn = true;
                }
            }
        }
        1 => {
            for seat in plan.rows[row].seats.iter().take(some(rng)) {
                let seat = &mut plan.seats[*seat as usize];
                seat.category = 1 - seat.category.min(1);
            }
        }
        2 => {
            let gone: Vec<usize> = (0..plan.seats.len()).filter(|seat| plan.seats[*seat].withdrawn).collect();
            for seat in gone.into_iter().take(some(rng)) {
                let row = plan.seats[seat].row as usize;
                plan.seats[seat].withdrawn = false;
                plan.rows[row].seats.extend(u32::try_from(seat));
            }
        }
        _ => {
            let number = plan.seats.len();
            let (label, row_number) = (format!("n{number}").into(), u32::try_from(row).unwrap_or(0));
            let like = plan.rows[row].seats.first().map(|seat| plan.seats[*seat as usize].clone()).unwrap_or_default();
            plan.seats.push(Seat { label, row: row_number, ..like });
            plan.rows[row].seats.extend(u32::try_from(number));
        }
    }
    plan
}
