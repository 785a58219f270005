//! What a seat weighs, by what the process grows when many houses are there.

use std::hint::black_box;
use std::sync::Arc;

use guichet_core::SeatNames;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::Orphans;

use crate::house::House;

/// Bytes of a page of memory on the machines that this is measured on.
const PAGE: f64 = 4_096.0;

/// Prints bytes a seat for each thing that grows with the seats.
pub(crate) fn report(plan: &Arc<SeatingPlan>, houses: usize) -> anyhow::Result<()> {
    println!("\nmemory of a seat, over {houses} houses of {}, in bytes", plan.seats.len());
    print("the plan, shared by all shows of a venue", plan, houses, || SeatingPlan::clone(plan))?;
    print("its labels, for whoever names a seat (shared, too)", plan, houses, || SeatNames::of(plan))?;
    print("a show: the states of its seats", plan, houses, || House::open(plan, Orphans::Off))?;
    print("a show, when groups of 1 to 8 have been seated in it", plan, houses, || {
        let mut house = House::open(plan, Orphans::Off);
        for quantity in 1..=8 {
            for product in 0..house.categories {
                black_box(house.best(&[product], quantity, false));
            }
        }
        house
    })
}

fn print<T>(what: &str, plan: &SeatingPlan, houses: usize, make: impl Fn() -> T) -> anyhow::Result<()> {
    let before = resident()?;
    let all: Vec<T> = (0..houses).map(|_| make()).collect();
    let grown = resident()? - before;
    println!("{what:<60} {:>8.1}", grown / (houses * plan.seats.len()) as f64);
    // Kept until here, and never given back: what is measured next must not find freed memory to grow into.
    std::mem::forget(all);
    Ok(())
}

/// What of the process is in memory, in bytes.
fn resident() -> anyhow::Result<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = statm.split_whitespace().nth(1).unwrap_or_default().parse()?;
    Ok(pages * PAGE)
}
