//! Whatever is asked, in whatever order: nothing is sold twice, nothing is lost, and the journal tells it all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_audit::Report;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};

use support::ops::{Driver, op};
use support::recount::Recount;

/// At least 400 runs each; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let defaults = ProptestConfig::default();
    let failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")) as _);
    ProptestConfig { cases: defaults.cases.max(400), failure_persistence, ..defaults }
}

fn assert_clean(report: &Report) {
    assert!(report.is_clean(), "{}", report.findings.iter().map(|finding| format!("{finding}\n")).collect::<String>());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_seat_and_quota_is_what_the_events_say(ops in prop::collection::vec(op(), 1..120)) {
        let mut driver = Driver::new();
        let (mut recount, mut read) = (Recount::default(), 0);
        for op in &ops {
            driver.apply(op);
            driver.run.journal[read..].iter().flat_map(|(_, record)| record.events()).for_each(|event| recount.read(event));
            read = driver.run.journal.len();
            recount.assert_agrees(&driver.run.state);
        }
    }

    #[test]
    fn the_audit_finds_nothing(ops in prop::collection::vec(op(), 1..120)) {
        let mut driver = Driver::trusting();
        ops.iter().for_each(|op| driver.apply(op));
        assert_clean(&driver.run.audit());
    }

    #[test]
    fn replaying_the_journal_gives_the_state_that_wrote_it(ops in prop::collection::vec(op(), 1..120)) {
        let mut driver = Driver::new();
        ops.iter().for_each(|op| driver.apply(op));
        let mut replayed = driver.run.replayed();
        // Time that passed without anything happening is not in the journal.
        prop_assert_eq!(replayed.pass_time(driver.run.now_unix_ms), None);
        prop_assert_eq!(replayed, driver.run.state);
    }

    #[test]
    fn a_state_that_was_replayed_half_way_goes_on_like_one_that_never_stopped(
        before in prop::collection::vec(op(), 1..60), after in prop::collection::vec(op(), 1..60)
    ) {
        let mut lasting = Driver::new();
        before.iter().for_each(|op| lasting.apply(op));
        let mut restarted = lasting.clone();
        restarted.run.state = lasting.run.replayed();
        restarted.run.pass(0);
        for op in &after {
            lasting.apply(op);
            restarted.apply(op);
        }
        prop_assert_eq!(&restarted.run.journal, &lasting.run.journal);
        prop_assert_eq!(&restarted.run.state, &lasting.run.state);
    }

    #[test]
    fn one_by_one_and_in_a_batch_are_the_same(ops in prop::collection::vec(op(), 1..120)) {
        let (mut single, mut batched) = (Driver::new(), Driver::new());
        for op in &ops {
            // A batch stamps once; alone, each request brings its own stamp, which here is the same.
            single.run.pass(0);
            single.apply(op);
            batched.apply(op);
        }
        prop_assert_eq!(&single.run.journal, &batched.run.journal);
        prop_assert_eq!(&single.run.state, &batched.run.state);
    }

    #[test]
    fn a_batch_that_is_dropped_leaves_no_trace(
        kept in prop::collection::vec(op(), 1..60), dropped in prop::collection::vec(op(), 1..20)
    ) {
        let mut driver = Driver::new();
        kept.iter().for_each(|op| driver.apply(op));
        let before = driver.run.clone();
        dropped.iter().for_each(|op| driver.apply(op));
        let mut recovered = before.replayed();
        recovered.pass_time(before.now_unix_ms);
        prop_assert_eq!(recovered, before.state);
    }
}

/// The properties say little if their runs never get anywhere.
#[test]
fn random_runs_reach_every_end_of_holds_and_orders_and_the_refusals_that_matter() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(op(), 120);
    let mut reached = std::collections::BTreeMap::new();
    for _ in 0..200 {
        let mut driver = Driver::new();
        strategy.new_tree(&mut runner).unwrap().current().iter().for_each(|op| driver.apply(op));
        let report = driver.run.audit();
        let (holds, orders) = (report.holds, report.orders);
        let counts = [
            ("released", holds.released),
            ("expired", holds.expired),
            ("booked", holds.booked),
            ("confirmed", orders.confirmed),
            ("cancelled", orders.cancelled),
            ("stuck", orders.stuck),
        ];
        counts.into_iter().chain(report.refusals).for_each(|(what, count)| *reached.entry(what).or_insert(0_u64) += count);
    }
    let wanted = "released expired booked confirmed cancelled stuck seat_taken sold_out hold_expired hold_in_order sale_not_open \
                  step_not_pending idempotency_key_reused hold_twice holds_of_different_shows no_holds seat_twice";
    for what in wanted.split_whitespace() {
        assert!(reached.get(what).is_some_and(|count| *count >= 5), "{what} is hardly reached: {reached:?}");
    }
}
