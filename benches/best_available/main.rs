//! Best available in a stadium of 80,000 seats: what one hold costs at half full, 95 % and 99.9 % full, beside a scan of all rows for the
//! same request; the memory of a seat; and how well houses are filled.
//!
//! `cargo bench --bench best_available`, with `-- --holds N` for more than 20,000 holds of each kind; `-- --quality` for the last part alone.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs, reason = "a bench prints")]

mod house;
mod memory;
mod naive;
mod quality;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_core::domain::HoldId;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::Orphans;
use hdrhistogram::Histogram;
use house::{Dice, House};

/// Of so many requests one is asked of the scan, too.
const SCANNED_ONE_OF: usize = 200;
/// So many per mille more are sold first and given back anywhere: a house has holes.
const HOLES_PER_MILLE: usize = 20;

fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == "--quality") {
        return quality::report(true);
    }
    let test = std::env::args().any(|argument| argument == "--test");
    let holds = if test { 400 } else { guichet_benches::number("--holds", 20_000)? };
    let plan = Arc::new(guichet_examples::stadium());
    println!("{} seats in {} rows; groups of 1 to 8; times in microseconds", plan.seats.len(), plan.rows.len());
    println!("{:<58} {:>8} {:>8} {:>8} {:>9} {:>10}", "", "median", "p99", "most", "no place", "scan, med.");
    let fills: &[usize] = if test { &[500] } else { &[500, 950, 999] };
    for per_mille in fills {
        measure(&plan, *per_mille, holds, Orphans::Off, Kind::OneCategory)?;
        measure(&plan, *per_mille, holds, Orphans::Off, Kind::AnyOfFour)?;
        measure(&plan, *per_mille, holds, Orphans::Prefer, Kind::OneCategory)?;
        measure(&plan, *per_mille, holds, Orphans::Forbid, Kind::OneCategory)?;
    }
    first_requests(&plan, if test { 2 } else { 20 })?;
    memory::report(&plan, if test { 2 } else { 20 })?;
    quality::report(!test)
}

#[derive(Clone, Copy)]
enum Kind {
    OneCategory,
    AnyOfFour,
}

fn measure(plan: &Arc<SeatingPlan>, per_mille: usize, holds: usize, orphans: Orphans, kind: Kind) -> anyhow::Result<()> {
    let mut house = House::open(plan, orphans);
    let mut dice = Dice(42);
    let mut live = filled(&mut house, &mut dice, per_mille);
    let distances: Vec<f64> = (0..).take(plan.seats.len()).map(|seat| naive::distance(house.show(), seat)).collect();
    let products: Vec<u16> = (0..house.categories).collect();
    let (mut placed, mut refused, mut scanned) = (Histogram::<u64>::new(3)?, Histogram::<u64>::new(3)?, Histogram::<u64>::new(3)?);
    // Rankings are made by the first request that needs them.
    let warm_up = 400;
    for number in 0..holds + warm_up {
        let (quantity, one) = (dice.group(), dice.below(products.len()));
        let wanted = match kind {
            Kind::OneCategory => &products[one..=one],
            Kind::AnyOfFour => &products[..],
        };
        let start = Instant::now();
        let hold = house.best(wanted, quantity, false);
        let took = start.elapsed();
        if number >= warm_up {
            let histogram = if hold.is_some() { &mut placed } else { &mut refused };
            record(histogram, took)?;
        }
        if number % SCANNED_ONE_OF == 0 {
            let start = Instant::now();
            black_box(naive::nearest(house.show(), &distances, wanted, quantity));
            record(&mut scanned, start.elapsed())?;
        }
        // As many go as come, from anywhere.
        if let Some((hold, seats)) = hold {
            live.push((hold, seats.len()));
            let mut back = seats.len();
            while back > 0 && !live.is_empty() {
                let (hold, seats) = live.swap_remove(dice.below(live.len()));
                house.release(hold);
                back = back.saturating_sub(seats);
            }
        }
    }
    let name = match kind {
        Kind::OneCategory => "one category",
        Kind::AnyOfFour => "the best of four categories",
    };
    let share = refused.len() as f64 / (placed.len() + refused.len()).max(1) as f64;
    let us = |nanos: u64| nanos as f64 / 1_000.0;
    println!(
        "{:<58} {:>8.1} {:>8.1} {:>8.1} {:>7.1} % {:>10.1}",
        format!("{:.1} % full, {name}, lone seats: {orphans:?}", per_mille as f64 / 10.0),
        us(placed.value_at_quantile(0.5)),
        us(placed.value_at_quantile(0.99)),
        us(placed.max()),
        100.0 * share,
        us(scanned.value_at_quantile(0.5)),
    );
    if refused.len() > 100 {
        let (median, p99) = (us(refused.value_at_quantile(0.5)), us(refused.value_at_quantile(0.99)));
        println!("{:<58} {median:>8.1} {p99:>8.1} {:>8.1}", "    where there was no place", us(refused.max()));
    }
    Ok(())
}

/// What a show pays once: the index, and a ranking for each size that nobody has asked for before.
fn first_requests(plan: &Arc<SeatingPlan>, houses: usize) -> anyhow::Result<()> {
    let (mut first, mut another_size) = (Histogram::<u64>::new(3)?, Histogram::<u64>::new(3)?);
    for _ in 0..houses {
        let mut house = House::open(plan, Orphans::Off);
        for (quantity, histogram) in [(4, &mut first), (5, &mut another_size)] {
            let start = Instant::now();
            black_box(house.best(&[house.categories], quantity, false));
            record(histogram, start.elapsed())?;
        }
    }
    let median = |histogram: &Histogram<u64>| histogram.value_at_quantile(0.5) as f64 / 1_000.0;
    println!(
        "\nthe first request of a show {:.0}, the first of another size {:.0}, median of {houses} shows",
        median(&first),
        median(&another_size)
    );
    Ok(())
}

fn record(histogram: &mut Histogram<u64>, took: Duration) -> anyhow::Result<()> {
    Ok(histogram.record(u64::try_from(took.as_nanos())?)?)
}

/// Sells to groups of 1 to 8 until so much is gone, the nearest first, with holes anywhere.
fn filled(house: &mut House, dice: &mut Dice, per_mille: usize) -> Vec<(HoldId, usize)> {
    let seats = house.show().plan.seats.len();
    let (wanted, first) = (seats * per_mille / 1_000, seats * (per_mille + HOLES_PER_MILLE).min(1_000) / 1_000);
    let (mut live, mut sold) = (Vec::new(), 0);
    let everything = [house.categories];
    while sold < first {
        let quantity = dice.group().min(u32::try_from(first - sold).unwrap_or(u32::MAX));
        let one = [u16::try_from(dice.below(usize::from(house.categories))).unwrap_or_default()];
        let hold = house.best(&one, quantity, false).or_else(|| house.best(&everything, quantity, true));
        // The rule against lone seats may leave nothing for anybody.
        let Some((hold, chosen)) = hold.or_else(|| house.best(&everything, 1, false)) else { break };
        sold += chosen.len();
        live.push((hold, chosen.len()));
    }
    while sold > wanted {
        let (hold, seats) = live.swap_remove(dice.below(live.len()));
        house.release(hold);
        sold -= seats;
    }
    live
}
