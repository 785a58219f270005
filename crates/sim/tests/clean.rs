//! Runs without a finding, and runs that are the same twice.

use guichet_sim::{STEPS_DEFAULT, run_many, run_seed};

/// Enough for a test; the program runs more.
const SEEDS: u64 = 50;

#[test]
fn fifty_seeds_find_nothing() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let stats = run_many(0..SEEDS, STEPS_DEFAULT, cores, || ()).unwrap_or_else(|failure| panic!("{failure}"));
    // A world in which nothing happens would be clean, too.
    assert!(stats.crashes() > SEEDS && stats.disk.torn_writes > SEEDS && stats.failed_commits > SEEDS / 2, "{stats:?}");
    assert!(stats.reopened > 0 && stats.stopped > 0 && stats.shutdowns > 0 && stats.jumps > 0, "{stats:?}");
    assert!(stats.snapshots > SEEDS && stats.shortened > SEEDS && stats.failed_snapshots > 0, "{stats:?}");
    assert!(stats.rotten_bits > SEEDS && stats.passed_over > 0, "{stats:?}");
    assert!(stats.acknowledged > 50 * SEEDS && stats.repeats > SEEDS && stats.confirmed > SEEDS && stats.cancelled > 0, "{stats:?}");
    assert!(stats.after.check_ins > SEEDS && stats.after.refunds > SEEDS && stats.callbacks > SEEDS, "{stats:?}");
}

#[test]
fn a_seed_is_one_run_whatever_runs_beside_it() {
    let twice = |seed: u64| {
        let other = std::thread::spawn(move || run_seed(seed, STEPS_DEFAULT));
        let here = run_seed(seed, STEPS_DEFAULT).unwrap_or_else(|failure| panic!("{failure}"));
        let there = other.join().unwrap().unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(here, there);
        here.hash
    };
    let mut hashes: Vec<u64> = (0..5).map(twice).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 5);
}

#[test]
fn seeds_that_failed_once_stay_clean() {
    let lines = include_str!("../regressions.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for line in lines {
        let mut words = line.split_whitespace();
        let (seed, steps) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
        run_seed(seed, steps).unwrap_or_else(|failure| panic!("{line}\n{failure}"));
    }
}
