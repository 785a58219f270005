//! Looks for a shorter way to a finding: fewer events, and fewer kinds of faults.
//!
//! A run without some events or faults is another run: it need not come to the same end. Whatever it finds counts, because it is
//! nearer to what somebody can read.

use crate::plan::Plan;
use crate::rng::Rng;
use crate::run::{Failure, run_seed_without};

/// A failure of the same seed, at least as short and with as few kinds of faults.
#[must_use]
pub fn shrink(found: Failure) -> Failure {
    let fewer = without_needless_faults(fewer_steps(found));
    // What is left of the faults may come to it sooner.
    fewer_steps(fewer)
}

fn fails(seed: u64, steps: u64, left_out: &[&'static str]) -> Option<Failure> {
    run_seed_without(seed, steps, left_out).err().map(|failure| *failure)
}

fn fewer_steps(found: Failure) -> Failure {
    let mut shortest = found;
    let mut cut = shortest.steps / 2;
    while cut > 0 {
        match fails(shortest.seed, shortest.steps.saturating_sub(cut), &shortest.left_out) {
            Some(shorter) => {
                shortest = shorter;
                cut = cut.min(shortest.steps / 2);
            }
            None => cut /= 2,
        }
    }
    shortest
}

fn without_needless_faults(found: Failure) -> Failure {
    let present = Plan::draw(&mut Rng::new(found.seed)).faults_present();
    let mut fewest = found;
    for fault in present {
        if fewest.left_out.contains(&fault) {
            continue;
        }
        let left_out: Vec<_> = fewest.left_out.iter().copied().chain([fault]).collect();
        if let Some(simpler) = fails(fewest.seed, fewest.steps, &left_out) {
            fewest = simpler;
        }
    }
    fewest
}
