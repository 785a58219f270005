//! Whatever is asked, in whatever order: nothing is sold twice, nothing is lost, and the journal tells it all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use guichet_audit::Report;
use guichet_domain::order::Order;
use guichet_domain::saga::StepError;
use guichet_domain::{Event, Record};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};

use support::driver::Driver;
use support::ops::op;
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
    fn every_seat_quota_buyer_ticket_and_cent_is_what_the_events_say(ops in prop::collection::vec(op(), 1..120)) {
        let mut driver = Driver::new();
        let (mut recount, mut read) = (Recount::default(), 0);
        for op in &ops {
            driver.apply(op);
            driver.run.journal[read..].iter().for_each(|(_, record)| recount.read(record));
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

/// What a run came to, by name: its events, and its refusals.
fn count(journal: &[(u64, Record)], reached: &mut BTreeMap<String, u64>) {
    let mut add = |what: &str| *reached.entry(what.to_owned()).or_default() += 1;
    let mut stuck = BTreeSet::new();
    for (_, record) in journal {
        match record {
            Record::Refused { rejection, .. } => add(rejection.code()),
            Record::Accepted { .. } | Record::Timely { .. } => {}
        }
        for event in record.events() {
            let debug = format!("{event:?}");
            add(debug.split([' ', '{']).next().unwrap());
            match event {
                Event::OrderPlaced { total_minor: 0, .. } => add("free order"),
                Event::OrderCancelled { reason, .. } => add(&format!("cancelled {reason:?}")),
                Event::PositionsCancelled { fees_minor, .. } if fees_minor.iter().any(|fee| *fee > 0) => add("kept a fee"),
                Event::PositionsCancelled { .. } if !record.events().iter().any(|event| matches!(event, Event::OrderCancelled { .. })) => {
                    add("cancelled in part");
                }
                Event::StepFailed { error: StepError::GivenBack, .. } => add("late money given back"),
                Event::SagaStuck { saga, .. } => drop(stuck.insert(*saga)),
                Event::SagaCompleted { saga } | Event::SagaCompensated { saga } if stuck.contains(saga) => add("stuck and came to an end"),
                Event::TicketCheckedIn { offline: true, .. } => add("checked in offline"),
                _ => {}
            }
        }
    }
}

/// The properties say little if their runs never get anywhere.
#[test]
fn random_runs_reach_every_event_and_the_refusals_that_matter() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(op(), 120);
    let mut reached = BTreeMap::new();
    let mut crossed = 0;
    for _ in 0..300 {
        let mut driver = Driver::new();
        strategy.new_tree(&mut runner).unwrap().current().iter().for_each(|op| driver.apply(op));
        count(&driver.run.journal, &mut reached);
        let over_shows = |order: &&Order| order.lines.iter().any(|line| line.show != order.show);
        crossed += driver.run.state.orders().filter(over_shows).count() as u64;
    }
    reached.insert("order over several shows".into(), crossed);
    let wanted = [
        // What can happen.
        "HoldExtended HoldReleased HoldExpired SeatsBlocked SeatsUnblocked SeatsBooked BookingReversed PaymentAuthorised PaymentDeclined \
         PaymentUnknown PaymentCaptured PaymentVoided PaymentRefunded TicketsIssued OrderConfirmed OrderCancelled OrderStuck CancelRequested \
         PositionsCancelled RefundStarted PaymentArrivedLate LatePolicyChosen OrderReinstated TicketCheckedIn SagaResumed",
        // What can be refused.
        "seat_taken sold_out hold_expired hold_in_order sale_not_open step_not_pending idempotency_key_reused hold_twice mixed_currencies \
         no_holds seat_twice outside_sale_window buyer_ref_required limit_exceeded order_already_cancelled order_not_confirmed order_stuck \
         unknown_position position_cancelled nothing_selected refund_too_large wrong_provider wrong_amount payment_already_known \
         order_already_paid not_awaiting_payment no_payout_pending no_late_payment seat_not_blocked ticket_cancelled ticket_of_other_show \
         unknown_check_in_list ticket_not_on_list ticket_already_used saga_not_stuck",
    ];
    let ways = [
        "free order",
        "order over several shows",
        "cancelled ByBuyer",
        "cancelled ByOperator",
        "cancelled DeadlinePassed",
        "cancelled in part",
        "kept a fee",
        "late money given back",
        "stuck and came to an end",
        "checked in offline",
    ];
    for what in wanted.iter().flat_map(|wanted| wanted.split_whitespace()).chain(ways) {
        assert!(reached.get(what).is_some_and(|count| *count >= 5), "{what} is hardly reached: {reached:#?}");
    }
}
