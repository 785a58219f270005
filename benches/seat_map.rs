//! Bytes of a show's seats on the wire, beside one letter a seat, for 80,000 seats in different states of their sale; and what it takes to
//! write and read them.
//!
//! `cargo bench --bench seat_map`.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs, reason = "a bench prints")]

use std::time::{Duration, Instant};

use guichet_api::{SeatState, SeatStates, Seats};

const ROWS: usize = 2_000;
const SEATS_PER_ROW: usize = 40;
const SEATS: usize = ROWS * SEATS_PER_ROW;
/// Most that a party is.
const PARTY_MAX: usize = 8;
/// Of so many parties that have seats, one is still holding them.
const HOLDING_ONE_OF: u64 = 20;
/// Times that each form is written and read.
const TIMES: u32 = 200;

/// Numbers without any order, the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn main() -> anyhow::Result<()> {
    println!("{SEATS} seats, one letter each: {SEATS} B");
    println!("{:<58} {:>7} {:>9} {:>14} {:>10} {:>10}", "", "JSON, B", "form", "free or not, B", "written in", "read in");
    report("nothing sold", &vec![SeatState::Free; SEATS])?;
    for percent in [50, 95] {
        report(&format!("{percent} %, parties of 1 to 8 in the best row that has room"), &sold(percent, 1))?;
        report(&format!("{percent} %, the same in any of the 50 best rows"), &sold(percent, 50))?;
        report(&format!("{percent} %, the same anywhere in the house"), &sold(percent, ROWS))?;
    }
    let mut dice = Dice(7);
    let random: Vec<_> = (0..SEATS).map(|_| if dice.below(2) == 0 { SeatState::Free } else { SeatState::Booked }).collect();
    report("50 %, every seat by itself: the worst", &random)
}

/// Parties of 1 to 8 take seats beside each other, in the middle of one of the best rows that have room, until so much is sold.
fn sold(percent: usize, choice: usize) -> Vec<SeatState> {
    let mut dice = Dice(42);
    let mut house = vec![SeatState::Free; SEATS];
    let mut left = SEATS * percent / 100;
    while left > 0 {
        let party = left.min(1 + dice.below(PARTY_MAX as u64) as usize);
        let state = if dice.below(HOLDING_ONE_OF) == 0 { SeatState::Held } else { SeatState::Booked };
        // The rows from the best that has room on, and one of them.
        let mut with_room = (0..ROWS).filter_map(|row| place(&house, row, party));
        let taken = match choice {
            ROWS => (0..).map(|_| dice.below(ROWS as u64) as usize).take(ROWS).find_map(|row| place(&house, row, party)),
            choice => {
                let among: Vec<_> = with_room.by_ref().take(choice).collect();
                (!among.is_empty()).then(|| among[dice.below(among.len() as u64) as usize])
            }
        };
        // Nobody finds room for all of them: they come one by one.
        let Some(first) = taken.or_else(|| house.iter().position(|seat| *seat == SeatState::Free)) else { break };
        let party = house[first..].iter().take(party).take_while(|seat| **seat == SeatState::Free).count();
        house[first..first + party].fill(state);
        left -= party;
    }
    house
}

/// Where a party fits in a row, nearest to its middle.
fn place(house: &[SeatState], row: usize, party: usize) -> Option<usize> {
    let seats = &house[row * SEATS_PER_ROW..(row + 1) * SEATS_PER_ROW];
    let fits = |first: &usize| seats[*first..first + party].iter().all(|seat| *seat == SeatState::Free);
    let middle = SEATS_PER_ROW / 2;
    let best = (0..=SEATS_PER_ROW - party).filter(fits).min_by_key(|first| (first + party / 2).abs_diff(middle))?;
    Some(row * SEATS_PER_ROW + best)
}

fn report(name: &str, house: &[SeatState]) -> anyhow::Result<()> {
    let states: SeatStates = house.iter().copied().collect();
    let seats = Seats::encode("p1.4711".into(), &states);
    let written = timed(|| drop(Seats::encode("p1.4711".into(), &states)));
    let read = timed(|| drop(seats.decode()));
    anyhow::ensure!(seats.decode()? == states, "the states do not come back");
    println!(
        "{name:<58} {:>7} {:>9} {:>14} {:>7.0} us {:>7.0} us",
        serde_json::to_string(&seats)?.len(),
        format!("{:?}", seats.encoding).to_lowercase(),
        free_or_not(house),
        written.as_secs_f64() * 1e6,
        read.as_secs_f64() * 1e6,
    );
    Ok(())
}

/// What an answer would have that tells only who is free: runs, or one bit a seat in base64.
fn free_or_not(house: &[SeatState]) -> usize {
    let states: SeatStates = house.iter().map(|seat| if *seat == SeatState::Free { *seat } else { SeatState::Booked }).collect();
    let runs = format!("{states:?}").split_once(": ").map_or(0, |(_, runs)| runs.len());
    runs.min(SEATS.div_ceil(8).div_ceil(3) * 4)
}

fn timed(work: impl Fn()) -> Duration {
    let began = Instant::now();
    (0..TIMES).for_each(|_| work());
    began.elapsed() / TIMES
}
