//! Orders over several partitions, driven through the domain's own world of partitions that lose messages and crash: nothing is wrong
//! with what they record, each partition by itself, and whatever is changed in it afterwards is found.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

#[path = "../../domain/tests/across/mod.rs"]
mod across;
mod support;

use std::collections::BTreeSet;

use across::house::{DEADLINE_MS, SEATS, euro, hold, part, place};
use across::{CHAOS_MS, START_MS, World};
use guichet_audit::{Audit, Report, Rule};
use guichet_domain::commands::{BookPart, CancelOrder, CheckInTicket, ConfirmPayment, PlacePart, RefundOrder, ReleasePart, ReportEffect};
use guichet_domain::id::IdParts;
use guichet_domain::order::{CancelReason, OrderState};
use guichet_domain::saga::{Direction, Effect, EffectOutcome, SagaRef, StepError};
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId};

/// Longer than anything takes: retries wait a minute at most.
const REST_MS: u64 = 6 * 60 * 60 * 1_000;
const SEEDS: u64 = 150;
const HOME: u16 = 1;
const PART: u16 = 2;

fn audit(world: &World, partition: u16, mut change: impl FnMut(Event) -> Vec<Event>) -> Report {
    let mut audit = Audit::new(partition);
    for (offset, (stamp, record)) in (0_u64..).zip(&world.nodes[&partition].journal) {
        let mut changed = |events: &[Event]| events.iter().cloned().flat_map(&mut change).collect();
        let record = match record {
            Record::Accepted { key, events } => Record::Accepted { key: *key, events: changed(events) },
            Record::Timely { events } => Record::Timely { events: changed(events) },
            refused @ Record::Refused { .. } => refused.clone(),
        };
        audit.record(offset, *stamp, &record);
    }
    audit.finish()
}

#[track_caller]
fn clean(world: &World, what: &str) {
    for partition in world.nodes.keys() {
        let report = audit(world, *partition, |event| vec![event]);
        assert_eq!(report.findings, vec![], "{what}, partition {partition}");
    }
}

fn cancel(order: OrderId, positions: Option<Vec<u32>>) -> Command {
    Command::CancelOrder(CancelOrder { order, positions, reason: CancelReason::ByBuyer, waive_fee: false })
}

fn rest(world: &mut World) {
    world.run_until(world.now_unix_ms + REST_MS);
}

/// One order over two partitions just placed: one place at home, two elsewhere.
fn ordered() -> (World, OrderId) {
    let mut world = World::new(1, 2);
    let (first, second) = (hold(&mut world, HOME, &[0], 10_000).unwrap(), hold(&mut world, PART, &[3, 4], 10_000).unwrap());
    let order = place(&mut world, first, vec![part(second, 2)]);
    (world, order)
}

fn sold() -> (World, OrderId, OrderId) {
    let (mut world, order) = ordered();
    rest(&mut world);
    assert_eq!(world.order(order).state, OrderState::Confirmed);
    let part = world.order(order).parts()[0];
    (world, order, part)
}

/// Entered, then one position of the part is cancelled, then the rest of it.
fn part_cancelled() -> World {
    let (mut world, order, part) = sold();
    let ticket = world.order(part).first_ticket.unwrap();
    let (show, gate) = (across::house::show(PART), "north".into());
    world.ask(PART, Command::CheckInTicket(CheckInTicket { ticket, show, list: 0, gate, scanned_offline_at_unix_ms: None })).unwrap();
    world.ask(PART, cancel(part, Some(vec![1]))).unwrap();
    rest(&mut world);
    // The home gives a little back by itself, so that less is left than the part cost.
    world.ask(HOME, Command::RefundOrder(RefundOrder { order, amount_minor: 1_500, note: "rain".into() })).unwrap();
    world.ask(PART, cancel(part, None)).unwrap();
    rest(&mut world);
    assert_eq!(world.order(order).refundable_minor(), 0);
    world
}

fn cancelled_whole() -> World {
    let (mut world, order, part) = sold();
    // All places of the home, which is sold nevertheless while its part is.
    world.ask(HOME, cancel(order, Some(vec![0]))).unwrap();
    rest(&mut world);
    world.ask(HOME, cancel(order, None)).unwrap();
    rest(&mut world);
    assert_eq!((world.order(order).state, world.order(part).state), (OrderState::Cancelled, OrderState::Cancelled));
    world
}

fn declined() -> World {
    let (mut world, _) = ordered();
    world.provider.declining = 100;
    rest(&mut world);
    world
}

/// The part waits for a home that is away, and asks for it.
fn overdue() -> World {
    let (mut world, _) = ordered();
    world.run_until(START_MS + 1_000);
    world.nodes.get_mut(&HOME).unwrap().up = false;
    world.run_until(START_MS + 20 * DEADLINE_MS);
    world.nodes.get_mut(&HOME).unwrap().up = true;
    rest(&mut world);
    world
}

/// Three partitions, and the last of them cannot pin any more.
fn half_done() -> World {
    let mut world = World::new(1, 3);
    let mut held = |partition, ttl_ms| hold(&mut world, partition, &[0], ttl_ms).unwrap();
    let (first, second, third) = (held(1, 10_000), held(2, 10_000), held(3, 1_000));
    world.run_until(START_MS + 2_000);
    place(&mut world, first, vec![part(second, 1), part(third, 1)]);
    rest(&mut world);
    world
}

fn saga(number: u64) -> SagaId {
    SagaId::new(IdParts { partition: HOME, incarnation: 0, created_at_unix_ms: START_MS, sequence: number })
}

/// A home by each saga's number.
fn home(number: u64) -> OrderId {
    OrderId::new(IdParts { partition: HOME, incarnation: 0, created_at_unix_ms: START_MS, sequence: number })
}

fn place_part(number: u64, hold: HoldId) -> Command {
    let deadline_unix_ms = START_MS + DEADLINE_MS;
    let (home, saga) = (home(number), saga(number));
    Command::PlacePart(PlacePart { home, saga, holds: vec![hold], total_minor: 1_000, currency: euro(), deadline_unix_ms })
}

fn release_part(number: u64) -> Command {
    let (deadline_unix_ms, reason) = (START_MS + DEADLINE_MS, CancelReason::DeadlinePassed);
    Command::ReleasePart(ReleasePart { saga: saga(number), home: home(number), deadline_unix_ms, reason })
}

/// One release comes before its reservation; another part is released when it is there, and a third when it is booked.
fn released_early() -> World {
    let mut world = World::new(1, 2);
    let early = hold(&mut world, PART, &[0], 10_000).unwrap();
    world.ask(PART, release_part(1)).unwrap();
    world.ask(PART, place_part(1, early)).unwrap_err();
    world.ask(PART, place_part(2, early)).unwrap();
    world.ask(PART, release_part(2)).unwrap();
    world.ask(PART, place_part(2, early)).unwrap_err();
    let part = world.nodes[&PART].state.part_of_saga(saga(2)).unwrap().id;
    assert!(matches!(world.ask(PART, Command::BookPart(BookPart { part })), Err(Rejection::PartReleased { .. })));
    let again = hold(&mut world, PART, &[0], 10_000).unwrap();
    world.ask(PART, place_part(3, again)).unwrap();
    let part = world.nodes[&PART].state.part_of_saga(saga(3)).unwrap().id;
    world.ask(PART, Command::BookPart(BookPart { part })).unwrap();
    world.ask(PART, cancel(part, None)).unwrap_err();
    world.ask(PART, Command::RefundOrder(RefundOrder { order: part, amount_minor: 1, note: String::new() })).unwrap_err();
    world.ask(PART, release_part(3)).unwrap();
    world.now_unix_ms += DEADLINE_MS;
    let late = hold(&mut world, PART, &[1], 10_000).unwrap();
    world.ask(PART, place_part(4, late)).unwrap_err();
    world.ask(PART, release_part(4)).unwrap();
    world
}

fn late_money() -> World {
    let (mut world, order) = ordered();
    world.provider.hangs_until_unix_ms = START_MS + REST_MS;
    world.run_until(START_MS + 2 * DEADLINE_MS);
    world.provider.accounts.entry(order).or_default().taken_minor = 3_000;
    let news = ConfirmPayment { order, provider: "test".into(), amount_minor: 3_000, reference: "late".into(), taken: true };
    world.ask(HOME, Command::ConfirmPayment(news)).unwrap();
    let (saga, outcome) = (world.order(order).saga, EffectOutcome::Refused { error: StepError::Failed("no".into()) });
    world.ask(HOME, Command::ReportEffect(ReportEffect { saga, step: 0, direction: Direction::Backward, outcome })).unwrap();
    world.ask(HOME, support::live::resolve(order, guichet_domain::show::LatePayment::SameSeat)).unwrap();
    rest(&mut world);
    world
}

#[test]
fn what_is_recorded_over_partitions_is_clean() {
    clean(&sold().0, "sold");
    clean(&part_cancelled(), "a part cancelled");
    clean(&cancelled_whole(), "cancelled whole");
    clean(&declined(), "declined");
    clean(&overdue(), "overdue");
    clean(&half_done(), "half done");
    clean(&released_early(), "released early");
    clean(&late_money(), "late money");
    let report = audit(&part_cancelled(), HOME, |event| vec![event]);
    assert_eq!((report.after_sale.refunds, report.after_sale.refunded_minor), (3, 3_000));
    let report = audit(&part_cancelled(), PART, |event| vec![event]);
    assert_eq!((report.orders.placed, report.orders.cancelled, report.after_sale.refunds), (1, 1, 0));
}

#[test]
fn an_order_that_turns_round_at_any_time_is_clean() {
    let mut turned_when_booked = false;
    for after_ms in (0..12_000).step_by(200) {
        let (mut world, order) = ordered();
        world.send_in(after_ms, HOME, cancel(order, None));
        rest(&mut world);
        turned_when_booked |= world.nodes[&PART].events().any(|event| matches!(event, Event::BookingReversed { .. }));
        clean(&world, &format!("cancelled after {after_ms} ms"));
    }
    assert!(turned_when_booked);
}

#[test]
fn whatever_goes_wrong_the_journals_are_clean() {
    for seed in 0..SEEDS {
        let mut world = World::new(seed, 3);
        (world.lossy, world.crashing) = (world.chance.below(40), world.chance.below(4));
        (world.provider.declining, world.provider.troubled) = (world.chance.below(30), world.chance.below(40));
        if world.chance.percent(20) {
            world.provider.hangs_until_unix_ms = START_MS + world.chance.below(CHAOS_MS);
        }
        for _ in 0..12 {
            let pause = world.chance.below(6_000);
            world.run_until(world.now_unix_ms + pause);
            world.now_unix_ms += 1;
            if world.nodes.values().all(|node| node.up) {
                buy(&mut world);
            }
        }
        rest(&mut world);
        clean(&world, &format!("seed {seed}"));
    }
}

/// Orders in up to three partitions, and perhaps cancels something of it later.
fn buy(world: &mut World) {
    let (first, count) = (world.chance.below(3), 1 + world.chance.below(3));
    let mut holds = Vec::new();
    for partition in (0..count).map(|step| u16::try_from((first + step) % 3 + 1).unwrap()) {
        let seat = u32::try_from(world.chance.below(u64::from(SEATS))).unwrap();
        let ttl_ms = if world.chance.percent(20) { 1_000 } else { 40_000 };
        holds.extend(hold(world, partition, &[seat, (seat + 1) % SEATS], ttl_ms));
    }
    let Some(at_home) = holds.first().copied() else { return };
    let order = place(world, at_home, holds[1..].iter().map(|hold| part(*hold, 2)).collect());
    for _ in 0..world.chance.below(3) {
        let after = world.chance.below(60_000);
        world.run_until(world.now_unix_ms + after / 20);
        world.now_unix_ms += 1;
        let whom = world.order(order).parts().first().copied().filter(|_| world.chance.percent(60)).unwrap_or(order);
        let positions = world.chance.percent(40).then(|| vec![0]);
        world.send_in(after, whom.partition(), cancel(whom, positions));
    }
}

/// The rule, the history, the partition, and what an event becomes if it is the one.
type Changed = (Rule, fn() -> World, u16, fn(&Event) -> Option<Vec<Event>>);

/// What each change breaks, in which history, and in which of its partitions.
fn changes() -> Vec<Changed> {
    let is_sold = || sold().0;
    [at_home(is_sold), after_the_sale(), at_the_part(is_sold), let_go()].into_iter().flatten().collect()
}

fn intent(event: &Event, change: impl FnOnce(&mut Effect) -> bool) -> Option<Vec<Event>> {
    let mut event = event.clone();
    let Event::EffectIntended { effect, .. } = &mut event else { return None };
    change(effect).then(|| vec![event])
}

fn at_home(sold: fn() -> World) -> Vec<Changed> {
    vec![
        (Rule::WrongAmount, sold, HOME, |event| match event.clone() {
            Event::PartsWanted { order, mut parts, deadline_unix_ms } => {
                parts[0].total_minor += 1;
                Some(vec![Event::PartsWanted { order, parts, deadline_unix_ms }])
            }
            _ => None,
        }),
        (Rule::PartNotAsOrdered, sold, HOME, |event| match event.clone() {
            Event::PartsWanted { order, mut parts, deadline_unix_ms } => {
                parts[0].partition = HOME;
                Some(vec![Event::PartsWanted { order, parts, deadline_unix_ms }])
            }
            _ => None,
        }),
        (Rule::UnknownOrder, sold, HOME, |event| match event.clone() {
            Event::SagaStarted { saga, order, .. } => {
                Some(vec![Event::SagaStarted { saga, definition: SagaRef { kind: 1, version: 1 }, order }])
            }
            _ => None,
        }),
        (Rule::PartNotAsOrdered, sold, HOME, |event| match event {
            Event::PartsReserved { order, .. } => Some(vec![Event::PartsReserved { order: *order, parts: Vec::new() }]),
            _ => None,
        }),
        (Rule::PartNotAsOrdered, sold, HOME, |event| {
            intent(event, |effect| match effect {
                Effect::ReserveParts { parts, .. } => {
                    parts[0].total_minor -= 1;
                    true
                }
                _ => false,
            })
        }),
        (Rule::PartNotAsOrdered, sold, HOME, |event| {
            intent(event, |effect| match effect {
                Effect::ConfirmParts { parts, .. } => {
                    parts.clear();
                    true
                }
                _ => false,
            })
        }),
        (Rule::EffectWithoutIntent, sold, HOME, |event| intent(event, |effect| matches!(effect, Effect::BookParts { .. })).map(|_| vec![])),
        (Rule::StepOutOfOrder, sold, HOME, |event| {
            intent(event, |effect| {
                let Effect::ConfirmParts { order, parts, .. } = effect.clone() else { return false };
                *effect = Effect::BookParts { order, parts };
                true
            })
        }),
        (Rule::EffectAbandoned, half_done, HOME, |event| match event.clone() {
            Event::StepFailed { saga, step, error, .. } => Some(vec![Event::StepFailed { saga, step, error, undo_below: step }]),
            _ => None,
        }),
    ]
}

fn after_the_sale() -> Vec<Changed> {
    vec![
        (Rule::RefundedTwice, part_cancelled, HOME, |event| {
            matches!(event, Event::PartRefundTaken { .. }).then(|| vec![event.clone(), event.clone()])
        }),
        (Rule::RefundedTooMuch, part_cancelled, HOME, |event| match event.clone() {
            Event::PartRefundTaken { order, part, by, .. } => Some(vec![Event::PartRefundTaken { order, part, by, amount_minor: 2_001 }]),
            _ => None,
        }),
        (Rule::PartNotAsOrdered, part_cancelled, HOME, |event| match event.clone() {
            Event::PartRefundTaken { order, by, amount_minor, .. } => {
                Some(vec![Event::PartRefundTaken { order, part: order, by, amount_minor }])
            }
            _ => None,
        }),
        (Rule::RefundLost, cancelled_whole, HOME, |event| matches!(event, Event::RefundStarted { .. }).then(Vec::new)),
        (Rule::CancelledInPart, cancelled_whole, HOME, |event| matches!(event, Event::PartsCancelled { .. }).then(Vec::new)),
        (Rule::PartNotAsOrdered, cancelled_whole, HOME, |event| {
            intent(event, |effect| match effect {
                Effect::CancelParts { waive_fee, .. } => {
                    *waive_fee = true;
                    true
                }
                _ => false,
            })
        }),
        (Rule::RefundLost, part_cancelled, PART, |event| matches!(event, Event::RefundHandedOver { .. }).then(Vec::new)),
        (Rule::RefundedTwice, part_cancelled, PART, |event| {
            matches!(event, Event::RefundHandedOver { .. }).then(|| vec![event.clone(), event.clone()])
        }),
        (Rule::RefundLost, part_cancelled, PART, |event| match event.clone() {
            Event::SagaStarted { saga, order, .. } => {
                Some(vec![Event::SagaStarted { saga, definition: SagaRef { kind: 2, version: 1 }, order }])
            }
            _ => None,
        }),
        (Rule::WrongAmount, part_cancelled, PART, |event| {
            intent(event, |effect| match effect {
                Effect::RefundPart { amount_minor, .. } => {
                    *amount_minor += 1;
                    true
                }
                _ => false,
            })
        }),
    ]
}

fn at_the_part(sold: fn() -> World) -> Vec<Changed> {
    vec![
        (Rule::WrongAmount, sold, PART, |event| match event.clone() {
            Event::PartPlaced { order, home, saga, show, holds, total_minor, deadline_unix_ms } => {
                let total_minor = total_minor + 1;
                Some(vec![Event::PartPlaced { order, home, saga, show, holds, total_minor, deadline_unix_ms }])
            }
            _ => None,
        }),
        (Rule::PartTwice, sold, PART, |event| matches!(event, Event::PartPlaced { .. }).then(|| vec![event.clone(), event.clone()])),
        (Rule::PinnedHoldExpired, sold, PART, |event| match event {
            Event::PartPlaced { holds, .. } => Some(vec![event.clone(), Event::HoldExpired { hold: holds[0] }]),
            _ => None,
        }),
        (Rule::HoldTakenFromOrder, sold, PART, |event| match event {
            Event::PartPlaced { holds, .. } => Some(vec![event.clone(), Event::HoldReleased { hold: holds[0] }]),
            _ => None,
        }),
        (Rule::PartDecidedItself, sold, PART, |event| match event {
            Event::SeatsBooked { order, .. } => Some(vec![event.clone(), Event::PaymentCaptured { order: *order }]),
            _ => None,
        }),
        (Rule::TicketsWithoutCapture, sold, PART, |event| matches!(event, Event::SeatsBooked { .. }).then(Vec::new)),
        (Rule::ConfirmedWithoutTickets, sold, PART, |event| matches!(event, Event::TicketsIssued { .. }).then(Vec::new)),
        (Rule::OverdueIgnored, overdue, PART, |event| matches!(event, Event::PartOverdue { .. }).then(Vec::new)),
        (Rule::OverdueIgnored, overdue, PART, |event| {
            matches!(event, Event::PartOverdue { .. }).then(|| vec![event.clone(), event.clone()])
        }),
    ]
}

fn let_go() -> Vec<Changed> {
    vec![
        (Rule::FalseRefusal, released_early, PART, |event| matches!(event, Event::PartBarred { .. }).then(Vec::new)),
        (Rule::PartAfterRelease, released_early, PART, |event| match event.clone() {
            Event::PartPlaced { order, show, holds, total_minor, deadline_unix_ms, .. } => {
                let (home, saga) = (home(1), saga(1));
                Some(vec![Event::PartPlaced { order, home, saga, show, holds, total_minor, deadline_unix_ms }])
            }
            _ => None,
        }),
        (Rule::PartAfterRelease, declined, PART, |event| match event {
            Event::OrderCancelled { order, .. } => {
                let first_ticket = guichet_domain::TicketId::new(IdParts { sequence: 1, ..order.parts() });
                Some(vec![event.clone(), Event::SeatsBooked { order: *order, first_ticket, tickets: 2 }])
            }
            _ => None,
        }),
        (Rule::PartAfterRelease, declined, PART, |event| match event {
            Event::PartPlaced { home, saga, deadline_unix_ms: until_unix_ms, .. } => {
                let barred = Event::PartBarred { home: *home, saga: *saga, until_unix_ms: *until_unix_ms };
                Some(vec![barred, event.clone()])
            }
            _ => None,
        }),
        (Rule::CancelledOrderKeepsSeats, declined, PART, |event| matches!(event, Event::HoldReleased { .. }).then(Vec::new)),
        (Rule::HoldTakenFromOrder, declined, PART, |event| matches!(event, Event::OrderCancelled { .. }).then(Vec::new)),
        (Rule::CancelledOrderKeepsSeats, released_early, PART, |event| matches!(event, Event::BookingReversed { .. }).then(Vec::new)),
    ]
}

#[test]
fn whatever_is_changed_in_one_of_the_journals_is_found() {
    for (number, (rule, history, partition, change)) in changes().into_iter().enumerate() {
        let mut hit = false;
        let report = audit(&history(), partition, |event| match change(&event) {
            Some(events) => {
                hit = true;
                events
            }
            None => vec![event],
        });
        assert!(hit && report.findings.iter().any(|found| found.rule == rule), "{number}, {rule:?}: {hit} {:#?}", report.findings);
    }
    let covered: BTreeSet<Rule> = changes().iter().map(|(rule, ..)| *rule).collect();
    assert!(support::after::OVER_PARTITIONS.iter().all(|rule| covered.contains(rule)));
}
