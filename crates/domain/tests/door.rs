//! The door: who is let in, and who is not, and why.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use guichet_domain::commands::CheckInTicket;
use guichet_domain::id::IdParts;
use guichet_domain::order::OrderState;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{Command, Event, OrderId, Rejection, TicketId};

use support::{BOX, Run, STALLS, START_MS, TTL_MS, cancel_of, definition, done, list, plan, refused, scan_of, seats, show, standing};

const DOOR: u16 = 0;
const BOXES: u16 = 1;

/// Show 1 has a door for all and one for the boxes, show 2 has one.
fn doors() -> Run {
    let mut run = Run::empty();
    run.sell(ShowDefinition { check_in_lists: vec![list("door", &[]), list("boxes", &[BOX])], ..definition(1) }, plan());
    run.sell(definition(2), plan());
    run
}

/// An order for a stall (position 0) and two boxes (1 and 2).
fn sold() -> (Run, OrderId, Vec<TicketId>) {
    let mut run = doors();
    let order = run.sold(1, &[seats(STALLS, &[0]), seats(BOX, &[4, 5])]);
    let tickets = run.tickets(order);
    (run, order, tickets)
}

fn used(ticket: TicketId, gate: &str, scanned_at_unix_ms: u64) -> Rejection {
    Rejection::TicketAlreadyUsed { ticket, gate: gate.into(), scanned_at_unix_ms }
}

#[test]
fn of_two_gates_one_lets_the_holder_in_and_the_other_says_where() {
    let (mut run, order, tickets) = sold();
    let events = run.accept(scan_of(tickets[0], 1, DOOR, "north"));
    let (scanned_at_unix_ms, gate) = (run.now_unix_ms, "north".to_owned());
    let entered = Event::TicketCheckedIn { order, ticket: tickets[0], list: DOOR, gate, scanned_at_unix_ms, offline: false };
    assert_eq!(events, [entered]);
    let at = run.now_unix_ms;
    for gate in ["south", "north"] {
        assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, gate)), used(tickets[0], "north", at));
    }
    run.pass(60_000);
    assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, "south")), used(tickets[0], "north", at), "the first passage, not the last try");
    run.accept(scan_of(tickets[1], 1, DOOR, "south"));
    run.agrees();
}

#[test]
fn each_list_lets_a_ticket_pass_once() {
    let (mut run, _, tickets) = sold();
    run.accept(scan_of(tickets[1], 1, DOOR, "north"));
    run.accept(scan_of(tickets[1], 1, BOXES, "stairs"));
    let at = run.now_unix_ms;
    assert_eq!(run.refuse(scan_of(tickets[1], 1, DOOR, "x")), used(tickets[1], "north", at));
    assert_eq!(run.refuse(scan_of(tickets[1], 1, BOXES, "x")), used(tickets[1], "stairs", at));
    assert_eq!(run.refuse(scan_of(tickets[0], 1, BOXES, "x")), Rejection::TicketNotOnList { ticket: tickets[0], list: BOXES });
    run.agrees();
}

#[test]
fn a_gate_without_connection_brings_the_time_of_its_scan() {
    let (mut run, _, tickets) = sold();
    run.pass(5_000);
    let scan = |gate: &str| {
        let (ticket, show, gate) = (tickets[0], show(1), gate.to_owned());
        Command::CheckInTicket(CheckInTicket { ticket, show, list: DOOR, gate, scanned_offline_at_unix_ms: Some(START_MS + 7) })
    };
    let events = run.accept(scan("shed"));
    assert!(matches!(events[..], [Event::TicketCheckedIn { scanned_at_unix_ms, offline: true, .. }] if scanned_at_unix_ms == START_MS + 7));
    assert_eq!(run.refuse(scan("barn")), used(tickets[0], "shed", START_MS + 7));
    run.agrees();
}

/// A fault of a scan, or of the world that it meets.
type Spoil = fn(&mut Run, OrderId, &mut CheckInTicket);

/// In their order of precedence. A ticket that nobody has spoils all the rest, so it stands alone at the head.
const FAULTS: &[(&str, Spoil)] = &[
    ("ticket_not_found", |_, _, scan| scan.ticket = TicketId::new(IdParts { sequence: 99, ..scan.ticket.parts() })),
    ("ticket_of_other_show", |_, _, scan| scan.show = show(2)),
    ("ticket_cancelled", |run, order, _| drop(run.accept(cancel_of(order, Some(&[0]))))),
    ("unknown_check_in_list", |_, _, scan| scan.list = 2),
    ("ticket_not_on_list", |_, _, scan| scan.list = scan.list.max(BOXES)),
    ("ticket_already_used", |run, _, scan| drop(run.accept(scan_of(scan.ticket, 1, DOOR, "first")))),
];

#[test]
fn a_scan_is_refused_for_the_first_of_its_faults() {
    let refusal = |spoils: &[Spoil]| {
        let (mut run, order, tickets) = sold();
        let (show, gate) = (show(1), "gate".to_owned());
        let mut scan = CheckInTicket { ticket: tickets[0], show, list: DOOR, gate, scanned_offline_at_unix_ms: None };
        // The last first: who is cancelled cannot be let in any more.
        spoils.iter().rev().for_each(|spoil| spoil(&mut run, order, &mut scan));
        run.ask(&Command::CheckInTicket(scan).into()).map_err(|rejection| rejection.code())
    };
    assert!(refusal(&[]).is_ok());
    for (index, (code, spoil)) in FAULTS.iter().enumerate() {
        assert_eq!(refusal(&[*spoil]), Err(*code), "alone");
        for (later, other) in &FAULTS[index + 1..] {
            assert_eq!(refusal(&[*spoil, *other]), Err(*code), "with {later}");
        }
    }
}

#[test]
fn no_ticket_is_known_by_its_number_alone() {
    let (mut run, _, tickets) = sold();
    let parts = tickets[1].parts();
    let forged = [
        IdParts { created_at_unix_ms: parts.created_at_unix_ms + 1, ..parts },
        IdParts { incarnation: parts.incarnation + 1, ..parts },
        IdParts { partition: parts.partition + 1, ..parts },
        IdParts { sequence: tickets[2].sequence() + 1, ..parts },
        IdParts { sequence: 0, ..parts },
    ];
    for parts in forged {
        let ticket = TicketId::new(parts);
        assert_eq!(run.refuse(scan_of(ticket, 1, DOOR, "gate")), Rejection::TicketNotFound { ticket }, "{parts:?}");
    }
}

#[test]
fn a_ticket_is_good_from_the_issue_of_its_code_to_its_cancellation() {
    let mut run = doors();
    let hold = run.hold(1, &[seats(STALLS, &[0]), standing(support::STANDING, 1)], TTL_MS);
    let order = run.order(&[hold]);
    run.report(done());
    let tickets = run.tickets(order);
    for stage in ["capture pending", "issue pending"] {
        assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, "gate")), Rejection::TicketNotFound { ticket: tickets[0] }, "{stage}");
        run.report(done());
    }
    let entered = run.clone();
    run.accept(cancel_of(order, Some(&[0])));
    assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, "gate")), Rejection::TicketCancelled { ticket: tickets[0] });
    run.accept(scan_of(tickets[1], 1, DOOR, "gate"));
    // All of it cancelled: the tickets are known, and known to be void.
    run.accept(cancel_of(order, None));
    assert_eq!(run.the_order(order).state, OrderState::Cancelled);
    assert_eq!(run.refuse(scan_of(tickets[1], 1, DOOR, "gate")), Rejection::TicketCancelled { ticket: tickets[1] });
    run.agrees();

    // Who has entered can be given the money back, and does not enter again.
    let mut run = entered;
    run.accept(scan_of(tickets[0], 1, DOOR, "gate"));
    run.accept(cancel_of(order, Some(&[0])));
    assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, "gate")), Rejection::TicketCancelled { ticket: tickets[0] });
    // The seat is sold again, with a ticket of its own.
    let other = run.sold(1, &[seats(STALLS, &[0])]);
    let ticket = run.tickets(other)[0];
    assert!(!tickets.contains(&ticket));
    run.accept(scan_of(ticket, 1, DOOR, "gate"));
    run.agrees();
}

#[test]
fn the_tickets_of_a_booking_that_was_reversed_are_nobodys() {
    let mut run = doors();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    run.report(done());
    let ticket = run.tickets(order)[0];
    run.report(done());
    run.report(refused());
    run.report(done());
    assert_eq!(run.refuse(scan_of(ticket, 1, DOOR, "gate")), Rejection::TicketNotFound { ticket });
    assert_eq!(run.state.order_of_ticket(ticket), None);
    let other = run.sold(1, &[seats(STALLS, &[0])]);
    assert_ne!(run.tickets(other)[0], ticket);
    run.agrees();
}

/// Cancelled while its tickets were made: they are out, and the money is on its way back.
#[test]
fn the_tickets_of_an_order_that_turns_round_open_no_door() {
    let mut run = doors();
    let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    let order = run.order(&[hold]);
    run.report(done());
    run.report(done());
    run.accept(cancel_of(order, None));
    run.report(done());
    let ticket = run.tickets(order)[0];
    assert!(run.the_order(order).issued);
    for _ in 0..2 {
        assert_eq!(run.refuse(scan_of(ticket, 1, DOOR, "gate")), Rejection::TicketNotFound { ticket });
        if run.state.live_sagas() > 0 {
            run.report(done());
        }
    }
    assert_eq!(run.the_order(order).state, OrderState::Cancelled);
    run.agrees();
}

#[test]
fn each_ticket_of_an_order_over_two_shows_is_for_its_own() {
    let mut run = doors();
    let holds = [run.hold(2, &[standing(0, 1)], TTL_MS), run.hold(1, &[seats(BOX, &[4])], TTL_MS)];
    let order = run.order(&holds);
    (0..3).for_each(|_| drop(run.report(done())));
    let tickets = run.tickets(order);
    assert_eq!(run.refuse(scan_of(tickets[0], 1, DOOR, "gate")), Rejection::TicketOfOtherShow { ticket: tickets[0], show: show(2) });
    assert_eq!(run.refuse(scan_of(tickets[1], 2, DOOR, "gate")), Rejection::TicketOfOtherShow { ticket: tickets[1], show: show(1) });
    run.accept(scan_of(tickets[0], 2, DOOR, "gate"));
    run.accept(scan_of(tickets[1], 1, BOXES, "gate"));
    run.agrees();
}
