//! How well the house is filled: groups of 2 to 8 until a hundred in a row find no place together, beside what a simple shop does (the first place of
//! the plan), and small halls beside the best that could have been done by somebody who knew in advance who would come.

use std::sync::Arc;

use guichet_core::domain::inventory::SeatState;
use guichet_core::domain::seating::{Category, Point, Row, Seat, SeatingPlan};
use guichet_core::domain::show::Orphans;
use guichet_core::domain::state::Show;

use crate::house::{Dice, House};
use crate::naive;

/// So many groups after each other find no place: then the house counts as full.
const REFUSED_IN_A_ROW: usize = 100;
/// Storms of each house, each with other groups.
const STORMS: u64 = 5;
const HALL_ROWS: usize = 3;
const HALL_SEATS: usize = 7;

#[derive(Clone, Copy)]
enum Way {
    FirstPlace,
    Best(Orphans),
}

const WAYS: [(&str, Way); 4] = [
    ("first place of the plan", Way::FirstPlace),
    ("best available", Way::Best(Orphans::Off)),
    ("best available, lone seats: prefer none", Way::Best(Orphans::Prefer)),
    ("best available, lone seats: forbid", Way::Best(Orphans::Forbid)),
];

impl Way {
    fn open(self, plan: &Arc<SeatingPlan>) -> House {
        House::open(plan, if let Self::Best(orphans) = self { orphans } else { Orphans::Off })
    }

    fn seat(self, house: &mut House, quantity: u32) -> Option<Vec<u32>> {
        let categories: Vec<u16> = (0..house.categories).collect();
        let held = match self {
            Self::FirstPlace => {
                let place = naive::first(house.show(), &categories, quantity)?;
                house.hand_picked(place)
            }
            Self::Best(_) => house.best(&[house.categories], quantity, false),
        };
        held.map(|(_, seats)| seats)
    }
}

/// Prints both tables.
pub(crate) fn report(storms: bool) -> anyhow::Result<()> {
    if storms {
        for (name, file) in [("theatre", "theatre.json"), ("race track", "race-track.json")] {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data").join(file);
            let plan = Arc::new(guichet_plans::read_plan(&std::fs::read(file)?)?.plan);
            println!("\n{name}, {} seats, {STORMS} storms of groups of 2 to 8", plan.seats.len());
            let [first, sold, lone, half, all] = ["first refused", "sold", "lone seats", "half, distance", "all, distance"];
            println!("{:<42} {first:>14} {sold:>10} {lone:>12} {half:>16} {all:>16}", "");
            for (name, way) in WAYS {
                storm(name, way, &plan);
            }
        }
    }
    small_halls(if storms { 2_000 } else { 20 });
    Ok(())
}

fn storm(name: &str, way: Way, plan: &Arc<SeatingPlan>) {
    let (mut first, mut sold, mut alone, mut at_half, mut at_end) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for seed in 1..=STORMS {
        let (mut house, mut dice) = (way.open(plan), Dice(seed * 7_919));
        let (mut seated, mut refused, mut distance, mut half, mut first_refused) = (0, 0, 0.0, None, None);
        while refused < REFUSED_IN_A_ROW {
            // Who comes alone fills every gap that somebody has left.
            let quantity = dice.group().max(2);
            match way.seat(&mut house, quantity) {
                Some(seats) => {
                    refused = 0;
                    seated += seats.len();
                    distance += seats.iter().map(|seat| naive::distance(house.show(), *seat)).sum::<f64>();
                    if seated >= plan.seats.len() / 2 {
                        half = half.or(Some(distance / seated as f64));
                    }
                }
                None => {
                    refused += 1;
                    first_refused = first_refused.or(Some(seated as f64 / plan.seats.len() as f64));
                }
            }
        }
        first += first_refused.unwrap_or(1.0);
        sold += seated as f64 / plan.seats.len() as f64;
        alone += lone_seats(house.show()) as f64;
        at_half += half.unwrap_or(f64::NAN);
        at_end += distance / seated as f64;
    }
    let storms = STORMS as f64;
    let (first, sold, alone) = (100.0 * first / storms, 100.0 * sold / storms, alone / storms);
    let (at_half, at_end) = (at_half / storms, at_end / storms);
    println!("{name:<42} {first:>12.2} % {sold:>8.2} % {alone:>12.1} {at_half:>16.1} {at_end:>16.1}");
}

/// Free seats without a free neighbour.
fn lone_seats(show: &Show) -> usize {
    let plan = &show.plan;
    let free = |seat: Option<&u32>| seat.is_some_and(|seat| show.inventory.seats.get(*seat) == SeatState::Free);
    let aisle = |seat: u32| plan.seats[seat as usize].aisle_after;
    let lone = |row: &Row| {
        let alone = |place: &usize| {
            let (seat, before) = (row.seats[*place], place.checked_sub(1).map(|before| &row.seats[before]));
            let left = free(before) && before.is_some_and(|before| !aisle(*before));
            let right = !aisle(seat) && free(row.seats.get(place + 1));
            free(Some(&seat)) && !left && !right
        };
        (0..row.seats.len()).filter(alone).count()
    };
    plan.rows.iter().map(lone).sum()
}

/// A few groups come to a small hall that cannot take them all.
fn small_halls(sequences: u64) {
    let plan = Arc::new(hall());
    println!("\n{sequences} small halls of {HALL_ROWS} rows of {HALL_SEATS}, groups of 1 to 6 come until 30 people have come");
    println!("{:<42} {:>22} {:>10}", "", "seated, of the optimum", "the worst");
    for (name, way) in WAYS {
        let (mut sum, mut worst) = (0.0, f64::MAX);
        for seed in 1..=sequences {
            let mut dice = Dice(seed * 104_729);
            let mut groups = Vec::new();
            while groups.iter().sum::<usize>() < 30 {
                groups.push(1 + dice.below(6));
            }
            let mut house = way.open(&plan);
            let seated: usize =
                groups.iter().filter_map(|group| way.seat(&mut house, u32::try_from(*group).ok()?)).map(|seats| seats.len()).sum();
            let ratio = seated as f64 / optimum(&groups, [HALL_SEATS; HALL_ROWS]) as f64;
            (sum, worst) = (sum + ratio, worst.min(ratio));
        }
        println!("{name:<42} {:>22.3} {worst:>10.3}", sum / sequences as f64);
    }
}

/// Most people that could be seated if everybody was known in advance: each group in one of the rows or in none, all ways tried.
fn optimum(groups: &[usize], left: [usize; HALL_ROWS]) -> usize {
    let Some((group, others)) = groups.split_first() else { return 0 };
    // More than all that is left cannot be seated.
    let room: usize = left.iter().sum();
    let mut most = optimum(others, left);
    for row in 0..HALL_ROWS {
        // Two rows with as much room are the same.
        if most == room || left[row] < *group || left[..row].contains(&left[row]) {
            continue;
        }
        let mut rest = left;
        rest[row] -= group;
        most = most.max(group + optimum(others, rest));
    }
    most
}

fn hall() -> SeatingPlan {
    let mut plan = SeatingPlan {
        name: "Hall".into(),
        categories: vec![Category { name: "Hall".into(), colour: "#000000".into() }],
        ..SeatingPlan::default()
    };
    for row in 0..HALL_ROWS {
        let seat = |place: usize| Seat {
            label: (place + 1).to_string().into(),
            position: Point { x: place as f64, y: row as f64 },
            ..Seat::default()
        };
        plan.push_row(Row { label: (row + 1).to_string(), ..Row::default() }, (0..HALL_SEATS).map(seat));
    }
    plan
}
