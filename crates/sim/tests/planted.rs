//! The simulator can fail: each planted bug is found.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test says what it found, and stops when it found nothing")]

use guichet_broker::planted::{ALL, PlantedBug, set};
use guichet_sim::{Failure, STEPS_DEFAULT, run_many, run_seed_without, shrink};

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
fn every_bug_that_can_be_planted_has_a_test() {
    let own = include_str!("planted.rs");
    let untested: Vec<_> = ALL.iter().filter(|(_, bug)| !own.contains(&format!("caught(PlantedBug::{bug:?})"))).collect();
    assert!(untested.is_empty() && ALL.len() >= 12, "{untested:?}");
}

#[test]
fn a_failure_shrinks_to_one_that_fails_alone() {
    let found = caught(PlantedBug::TimerFiredTwice);
    set(Some(PlantedBug::TimerFiredTwice));
    let shorter = shrink(found.clone());
    assert!(shorter.steps * 4 < found.steps && shorter.left_out.len() > 3, "{shorter}");
    let again = run_seed_without(shorter.seed, shorter.steps, &shorter.left_out);
    set(None);
    assert_eq!(again.expect_err("what was shrunk still fails").what, shorter.what);
    assert!(run_seed_without(shorter.seed, shorter.steps, &shorter.left_out).is_ok(), "without the bug it does not fail");
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

#[test]
fn a_timer_that_fires_twice_is_caught() {
    assert!(caught(PlantedBug::TimerFiredTwice).what.contains("ends a live hold"));
}

#[test]
fn commands_that_see_what_should_have_ended_are_caught() {
    assert!(caught(PlantedBug::TimePassesAfterCommands).what.starts_with("partition"));
}

#[test]
fn a_hold_that_ends_unwritten_is_caught() {
    assert!(caught(PlantedBug::HoldOrphaned).what.starts_with("partition"));
}

#[test]
fn a_snapshot_with_a_wrong_position_is_caught() {
    assert!(caught(PlantedBug::SnapshotPositionWrong).what.contains("replay of the journal"));
}

#[test]
fn a_second_refund_is_caught() {
    assert!(caught(PlantedBug::RefundTwice).what.contains("the provider gave back"));
}
