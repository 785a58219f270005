//! What is done at the office: seats taken from sale and given back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::{BlockSeats, UnblockSeats};
use guichet_domain::inventory::SeatState;
use guichet_domain::rejection::SEATS_NAMED_MAX;
use guichet_domain::{Command, Event, Rejection, ShowId};

use support::{BOX, Run, STALLS, TTL_MS, cancel_of, definition, done, hold_of, plan_of, seats, show};

fn block(seats: &[u32]) -> Command {
    block_of(show(1), seats)
}

fn block_of(show: ShowId, seats: &[u32]) -> Command {
    Command::BlockSeats(BlockSeats { show, seats: seats.to_vec(), reason: "camera".into() })
}

fn unblock(seats: &[u32]) -> Command {
    unblock_of(show(1), seats)
}

fn unblock_of(show: ShowId, seats: &[u32]) -> Command {
    Command::UnblockSeats(UnblockSeats { show, seats: seats.to_vec() })
}

/// Seat 0 is held, 1 sold, 2 blocked, the others are free.
fn mixed() -> Run {
    let mut run = Run::on_sale();
    run.sold(1, &[seats(STALLS, &[1])]);
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.accept(block(&[2]));
    run
}

#[test]
fn what_is_asked_is_refused_for_the_first_of_its_faults() {
    let mut run = mixed();
    let taken = |seats: &[u32]| Rejection::SeatTaken { show: show(1), seats: seats.to_vec() };
    let others = |seats: &[u32]| Rejection::SeatNotBlocked { show: show(1), seats: seats.to_vec() };
    let cases = [
        (block_of(show(9), &[]), Rejection::ShowNotFound { show: show(9) }),
        (unblock_of(show(9), &[]), Rejection::ShowNotFound { show: show(9) }),
        (block(&[]), Rejection::NothingSelected),
        (unblock(&[]), Rejection::NothingSelected),
        // Said before that it is not there, and before that others are taken.
        (block(&[6, 0, 6]), Rejection::SeatTwice { seat: 6 }),
        (unblock(&[2, 6, 2]), Rejection::SeatTwice { seat: 2 }),
        (block(&[6, 0]), Rejection::UnknownSeat { seat: 6 }),
        (unblock(&[0, 6]), Rejection::UnknownSeat { seat: 6 }),
        // All or none, and all that are in the way are named, in the order of the plan.
        (block(&[5, 2, 1, 0, 3]), taken(&[0, 1, 2])),
        (unblock(&[3, 2, 1, 0]), others(&[0, 1, 3])),
    ];
    let before = run.state.clone();
    for (command, expected) in cases {
        assert_eq!(run.refuse(command.clone()), expected, "{command:?}");
    }
    assert_eq!(run.state, before);
    run.agrees();
}

#[test]
fn at_most_so_many_seats_are_named() {
    let mut run = Run::empty();
    run.sell(definition(1), plan_of(&[(20, 20)]));
    let all: Vec<u32> = (0..20).collect();
    let Rejection::SeatNotBlocked { seats, .. } = run.refuse(unblock(&all)) else { panic!("none is blocked") };
    assert_eq!(seats, all[..SEATS_NAMED_MAX]);
    run.accept(block(&all));
    let Rejection::SeatTaken { seats, .. } = run.refuse(block(&all)) else { panic!("all are blocked") };
    assert_eq!(seats, all[..SEATS_NAMED_MAX]);
}

#[test]
fn a_blocked_seat_is_sold_to_nobody_until_it_is_given_back() {
    let mut run = Run::on_sale();
    assert_eq!(
        run.accept(block(&[4, 1])),
        [Event::SeatsBlocked { show: show(1), seats: vec![1, 4], reason: "camera".into() }],
        "ascending"
    );
    assert_eq!((run.seat(1, 1), run.seat(1, 4)), (SeatState::Blocked, SeatState::Blocked));
    assert_eq!(run.quota(1, 0).left(), 8, "a blocked seat is no sale: it draws on no quota");
    let both = hold_of(1, &[seats(STALLS, &[0, 1]), seats(BOX, &[4])], TTL_MS);
    assert_eq!(run.refuse(both.clone()), Rejection::SeatTaken { show: show(1), seats: vec![1, 4] });
    assert_eq!(run.accept(unblock(&[4])), [Event::SeatsUnblocked { show: show(1), seats: vec![4] }]);
    assert_eq!(run.refuse(both.clone()), Rejection::SeatTaken { show: show(1), seats: vec![1] });
    run.accept(unblock(&[1]));
    run.accept(both);
    run.agrees();
}

/// Whoever holds a seat keeps it: blocking comes too late for it, and comes through when it is free again.
#[test]
fn a_seat_can_be_blocked_as_soon_as_nobody_has_it() {
    let mut run = mixed();
    assert_eq!(run.refuse(block(&[0])).code(), "seat_taken");
    run.pass(TTL_MS);
    run.accept(block(&[0]));
    let order = run.state.orders().next().unwrap().id;
    assert_eq!(run.refuse(block(&[1])).code(), "seat_taken");
    run.accept(cancel_of(order, None));
    run.accept(block(&[1]));
    // The money is on its way all the same.
    run.report(done());
    assert_eq!(run.state.live_sagas(), 0);
    run.agrees();
}

#[test]
fn blocking_needs_no_open_sale() {
    let mut run = Run::on_sale();
    run.set_sale(1, guichet_domain::show::SaleState::Closed);
    run.accept(block(&[0, 1]));
    run.accept(unblock(&[0]));
    assert_eq!((run.seat(1, 0), run.seat(1, 1)), (SeatState::Free, SeatState::Blocked));
}
