//! Idempotency keys, from their first command to the day they are forgotten.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::{ExtendHold, PlaceHold, ReleaseHold, Request};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, Record, Rejection};

use support::{HOUR_MS, Run, STALLS, STANDING, TTL_MS, done, hold_of, keyed, order_of, seats, standing};

const DAY_MS: u64 = 24 * HOUR_MS;

fn a_hold() -> Command {
    hold_of(1, &[standing(STANDING, 1)], TTL_MS)
}

fn repeated(offset: usize) -> Decision {
    Decision::Repeated { offset: offset as u64 }
}

#[test]
fn a_repeat_is_answered_with_the_first_outcome_and_changes_nothing() {
    let mut run = Run::on_sale();
    let request = keyed(1, a_hold());
    let offset = run.journal.len();
    run.ask(&request).unwrap();
    let before = run.clone();
    for _ in 0..3 {
        assert_eq!(run.submit(&request), repeated(offset));
    }
    assert_eq!((run.state, run.journal), (before.state, before.journal));
}

#[test]
fn a_refusal_is_repeated_too_even_when_it_would_be_accepted_by_now() {
    let mut run = Run::on_sale();
    let first = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let offset = run.journal.len();
    let request = keyed(1, hold_of(1, &[seats(STALLS, &[0])], TTL_MS));
    assert!(matches!(run.ask(&request), Err(Rejection::SeatTaken { .. })));
    run.accept(Command::ReleaseHold(ReleaseHold { hold: first }));
    assert_eq!(run.submit(&request), repeated(offset));
    assert!(run.ask(&keyed(2, request.command)).is_ok());
}

#[test]
fn the_same_key_with_another_body_is_refused_and_the_first_outcome_stays() {
    let mut run = Run::on_sale();
    let request = keyed(1, a_hold());
    let offset = run.journal.len();
    run.ask(&request).unwrap();
    let other = keyed(1, hold_of(1, &[standing(STANDING, 2)], TTL_MS));
    for _ in 0..2 {
        let decision = run.submit(&other);
        assert_eq!(decision, Decision::Decided(Record::Refused { key: None, rejection: Rejection::IdempotencyKeyReused }));
    }
    assert_eq!(run.submit(&request), repeated(offset));
}

/// A way in which a hold ends, with its name.
type End = (&'static str, fn(&mut Run));

#[test]
fn the_key_of_a_hold_is_new_again_a_day_after_the_hold_ended() {
    let ends: [End; 4] = [
        ("expiry", |run| drop(run.pass(TTL_MS))),
        ("release", |run| {
            let hold = live_hold(run);
            run.accept(Command::ReleaseHold(ReleaseHold { hold }));
        }),
        ("extension and expiry", |run| {
            let hold = live_hold(run);
            run.accept(Command::ExtendHold(ExtendHold { hold, ttl_ms: HOUR_MS }));
            run.pass(HOUR_MS);
        }),
        ("booking", |run| {
            let hold = live_hold(run);
            run.order(&[hold]);
            run.pass(5_000);
            run.report(done());
        }),
    ];
    for (name, end) in ends {
        let mut run = Run::on_sale();
        let offset = run.journal.len();
        let request = keyed(1, a_hold());
        run.ask(&request).unwrap();
        end(&mut run);
        assert_eq!(run.state.live_holds(), 0, "{name}");
        run.pass(DAY_MS - 1);
        assert_eq!(run.submit(&request), repeated(offset), "{name}");
        run.pass(1);
        assert!(matches!(run.submit(&request), Decision::Decided(Record::Accepted { .. })), "{name}");
        assert!(run.audit().is_clean(), "{name}: {:?}", run.audit().findings);
    }
}

fn live_hold(run: &Run) -> HoldId {
    let placed = |event: &Event| match event {
        Event::HoldPlaced { hold, .. } => Some(*hold),
        _ => None,
    };
    run.events().filter_map(placed).last().unwrap()
}

#[test]
fn keys_of_refusals_releases_and_extensions_end_as_well_and_none_is_left() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[standing(STANDING, 1)], TTL_MS);
    run.ask(&keyed(1, Command::ExtendHold(ExtendHold { hold, ttl_ms: HOUR_MS }))).unwrap();
    run.ask(&keyed(2, Command::ReleaseHold(ReleaseHold { hold }))).unwrap();
    run.ask(&keyed(3, Command::ReleaseHold(ReleaseHold { hold }))).unwrap_err();
    assert_eq!(run.state.known_keys(), 3);
    run.pass(DAY_MS - 1);
    assert_eq!(run.state.known_keys(), 3);
    run.pass(1);
    assert_eq!(run.state.known_keys(), 0);
}

#[test]
fn the_key_of_an_order_is_known_for_ever() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[standing(STANDING, 1)], TTL_MS);
    let offset = run.journal.len();
    let request = keyed(9, order_of(&[hold]));
    run.ask(&request).unwrap();
    run.report(done());
    run.report(done());
    run.report(done());
    run.pass(400 * DAY_MS);
    assert_eq!(run.submit(&request), repeated(offset));
}

#[test]
fn a_dated_key_that_is_unknown_and_too_old_is_refused() {
    let made_at = support::START_MS;
    let dated = |key, age_ms: u64, command| {
        let mut run = Run::on_sale();
        run.pass(age_ms);
        let request = Request { key_made_at_unix_ms: Some(made_at), ..keyed(key, command) };
        (run.submit(&request), run.submit(&request))
    };
    let (first, second) = dated(1, DAY_MS - 1, a_hold());
    assert!(matches!(first, Decision::Decided(Record::Accepted { .. })));
    assert!(matches!(second, Decision::Repeated { .. }));
    let (first, second) = dated(1, DAY_MS + 1, a_hold());
    assert!(matches!(first, Decision::Decided(Record::Refused { rejection: Rejection::IdempotencyKeyExpired, .. })));
    assert!(matches!(second, Decision::Repeated { .. }), "a refused key stays refused");
}

#[test]
fn a_dated_key_that_is_still_known_is_repeated_whatever_its_age() {
    let mut run = Run::on_sale();
    let offset = run.journal.len();
    let request = Request { key_made_at_unix_ms: Some(run.now_unix_ms), ..keyed(1, a_hold()) };
    run.ask(&request).unwrap();
    run.pass(TTL_MS);
    run.pass(DAY_MS - 1);
    assert_eq!(run.submit(&request), repeated(offset));
    run.pass(1);
    assert_eq!(run.ask(&request), Err(Rejection::IdempotencyKeyExpired));
}

/// A retry must never be executed a second time, not even in the very millisecond in which its key is forgotten.
#[test]
fn there_is_no_instant_in_which_a_dated_key_is_neither_known_nor_too_old() {
    for age_ms in [DAY_MS - 1, DAY_MS, DAY_MS + 1] {
        let mut run = Run::on_sale();
        let request = Request { key_made_at_unix_ms: Some(run.now_unix_ms), ..keyed(1, a_hold()) };
        run.ask(&request).unwrap();
        run.accept(Command::ReleaseHold(ReleaseHold { hold: live_hold(&run) }));
        run.pass(age_ms);
        let decision = run.submit(&request);
        assert!(!matches!(decision, Decision::Decided(Record::Accepted { .. })), "placed twice at the age of {age_ms} ms");
    }
}

#[test]
fn keys_survive_a_replay() {
    let mut run = Run::on_sale();
    let offset = run.journal.len();
    let (hold, refusal) = (keyed(1, a_hold()), keyed(2, hold_of(1, &[], TTL_MS)));
    run.ask(&hold).unwrap();
    run.ask(&refusal).unwrap_err();
    run.state = run.replayed();
    assert_eq!(run.submit(&hold), repeated(offset));
    assert_eq!(run.submit(&refusal), repeated(offset + 1));
}

#[test]
fn requests_without_a_key_are_all_decided() {
    let mut run = Run::on_sale();
    let command = Command::PlaceHold(PlaceHold {
        show: support::show(1),
        items: vec![standing(STANDING, 1)].into(),
        best: Vec::new(),
        ttl_ms: TTL_MS,
        buyer_ref: None,
    });
    assert_ne!(run.accept(command.clone()), run.accept(command));
    assert_eq!(run.state.known_keys(), 0);
}
