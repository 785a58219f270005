//! The simulator can fail: each planted bug is found.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test says what it found, and stops when it found nothing")]

use guichet_broker::planted::{PlantedBug, set};
use guichet_sim::{Failure, STEPS_DEFAULT, run_many};

/// Within so many seeds.
const SEEDS: u64 = 500;

fn caught(bug: PlantedBug) -> Failure {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let found = run_many(0..SEEDS, STEPS_DEFAULT, cores, || set(Some(bug)));
    let failure = *found.expect_err("a planted bug is found");
    assert!(!failure.trace.is_empty() && failure.to_string().contains("FAILED"));
    println!("{bug:?}: seed {}: {}", failure.seed, failure.what);
    failure
}

#[test]
fn a_skipped_fsync_is_caught() {
    assert!(caught(PlantedBug::SkipFsync).what.contains("not durable"));
}

#[test]
fn a_kept_torn_tail_is_caught() {
    // By the next start or failed commit, or by a snapshot that reads the journal before.
    let what = caught(PlantedBug::TornTailKept).what;
    let ways = ["cannot be opened", "cannot be reopened", "damaged at offset"];
    assert!(ways.iter().any(|way| what.contains(way)), "{what}");
}

#[test]
fn a_reply_before_the_sync_is_caught() {
    assert!(caught(PlantedBug::ReplyBeforeSync).what.contains("not durable"));
}

#[test]
fn state_that_outlives_its_failed_append_is_caught() {
    // By what depends on what was staged: the state itself, a key, or a grace that is not given.
    assert!(caught(PlantedBug::KeepStagedAfterFailedAppend).what.starts_with("partition"));
}

#[test]
fn a_snapshot_without_the_keys_is_caught() {
    assert!(caught(PlantedBug::DropDedupInSnapshot).what.contains("known keys"));
}

#[test]
fn a_second_gate_that_lets_in_is_caught() {
    assert!(caught(PlantedBug::AnswerSecondGate).what.contains("CheckInTicket"));
}

#[test]
fn a_skipped_compensation_is_caught() {
    // By the provider's ledger: what the journal says was given back was not.
    assert!(caught(PlantedBug::SkipCompensation).what.contains("at the provider"));
}

#[test]
fn a_forgotten_key_is_caught() {
    assert!(caught(PlantedBug::DropDedupEntry).what.starts_with("partition"));
}
