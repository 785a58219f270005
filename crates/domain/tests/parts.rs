//! A state that was taken apart and put together is the same state, and goes on like it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::State;
use guichet_domain::parts::{Contradiction, StateParts};
use proptest::prelude::*;

use support::driver::Driver;
use support::ops::op;
use support::{Run, STALLS, seats};

proptest! {
    #[test]
    fn a_state_in_parts_goes_on_like_one_that_never_was(
        before in prop::collection::vec(op(), 1..80), after in prop::collection::vec(op(), 1..60)
    ) {
        let mut whole = Driver::new();
        before.iter().for_each(|op| whole.apply(op));
        whole.run.state = whole.run.replayed();
        let mut parted = whole.clone();
        let parts = whole.run.state.clone().into_parts();
        prop_assert_eq!(parts.check(), Ok(()));
        parted.run.state = State::from_parts(parts);
        prop_assert_eq!(&parted.run.state, &whole.run.state);
        // A replayed state stands at its last record; no command is decided before the time has passed since.
        whole.run.pass(0);
        parted.run.pass(0);
        for op in &after {
            whole.apply(op);
            parted.apply(op);
        }
        prop_assert_eq!(&parted.run.journal, &whole.run.journal);
        prop_assert_eq!(&parted.run.state, &whole.run.state);
    }
}

/// What would stop the partition by a panic later is found before.
#[test]
fn parts_that_name_what_is_not_there_are_refused() {
    let mut run = Run::on_sale();
    let hold = run.hold(1, &[seats(STALLS, &[0, 1])], 60_000);
    let whole = run.state.into_parts();
    let refused = |change: &dyn Fn(&mut StateParts)| {
        let mut parts = whole.clone();
        change(&mut parts);
        parts.check().unwrap_err()
    };
    let Contradiction(show) = refused(&|parts| drop(parts.shows.remove(&support::show(1))));
    let Contradiction(seat) = refused(&|parts| {
        parts.holds.get_mut(hold.sequence()).unwrap().items = [seats(STALLS, &[99])].into();
    });
    let Contradiction(product) = refused(&|parts| parts.holds.get_mut(hold.sequence()).unwrap().items = [seats(99, &[0])].into());
    let Contradiction(quota) = refused(&|parts| parts.shows.get_mut(&support::show(1)).unwrap().inventory.quotas.clear());
    let whats = [show, seat, product, quota];
    assert!(whats[0].contains("no show") && whats[1] == whats[2] && whats[3].contains("plan"), "{whats:?}");
}
