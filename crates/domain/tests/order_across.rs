//! One order over several partitions, in a world where every message may be lost, come twice or late, and every partition may crash
//! between any two steps: in the end all of it is sold, or nothing.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod across;

use std::collections::BTreeMap;

use across::house::{DEADLINE_MS, SEATS, euro, hold, order_of, part, place};
use across::{CHAOS_MS, START_MS, World};
use guichet_domain::commands::{BookPart, CancelOrder, ConfirmPart, ConfirmPayment, PlacePart, RefundPart, ReleasePart};
use guichet_domain::commands::{ReportEffect, ResolveLatePayment};
use guichet_domain::id::IdParts;
use guichet_domain::order::{CancelReason, OrderState, PaymentState};
use guichet_domain::saga::{Direction, EffectOutcome, StepError};
use guichet_domain::show::LatePayment;
use guichet_domain::{Command, Event, HoldId, OrderId, Rejection, SagaId};

/// Longer than anything takes: retries wait a minute at most.
const REST_MS: u64 = 6 * 60 * 60 * 1_000;
const SEEDS: u64 = 2_000;

fn cancel(order: OrderId, positions: Option<Vec<u32>>) -> Command {
    Command::CancelOrder(CancelOrder { order, positions, reason: CancelReason::ByBuyer, waive_fee: false })
}

/// Buyers who hold, order and cancel in three partitions, with everything going wrong that can.
fn festival(seed: u64) -> World {
    let mut world = World::new(seed, 3);
    (world.lossy, world.crashing) = (world.chance.below(40), world.chance.below(4));
    (world.provider.declining, world.provider.troubled) = (world.chance.below(30), world.chance.below(40));
    if world.chance.percent(20) {
        world.provider.hangs_until_unix_ms = START_MS + world.chance.below(CHAOS_MS);
    }
    let mut orders: Vec<OrderId> = Vec::new();
    for _ in 0..12 {
        let pause = world.chance.below(6_000);
        world.run_until(world.now_unix_ms + pause);
        world.now_unix_ms += 1;
        if !world.nodes.values().all(|node| node.up) {
            continue;
        }
        let first = world.chance.below(3);
        let count = 1 + world.chance.below(3);
        let mut holds: Vec<(HoldId, usize)> = Vec::new();
        for partition in (0..count).map(|step| u16::try_from((first + step) % 3 + 1).unwrap()) {
            let seat = u32::try_from(world.chance.below(u64::from(SEATS))).unwrap();
            let seats = if world.chance.percent(50) { vec![seat] } else { vec![seat, (seat + 1) % SEATS] };
            // Some holds do not live until their order asks for them.
            let ttl_ms = if world.chance.percent(20) { 1_000 } else { 40_000 };
            holds.extend(hold(&mut world, partition, &seats, ttl_ms).ok().map(|hold| (hold, seats.len())));
        }
        let Some((home, _)) = holds.first().copied() else { continue };
        let mut parts: Vec<_> = holds[1..].iter().map(|(hold, seats)| part(*hold, *seats)).collect();
        if world.chance.percent(5) {
            parts.iter_mut().for_each(|part| part.total_minor += 1);
        }
        orders.push(place(&mut world, home, parts));
        if world.chance.percent(40) {
            let order = orders[usize::try_from(world.chance.below(orders.len() as u64)).unwrap()];
            let after = world.chance.below(60_000);
            let parts = world.order(order).parts().to_vec();
            let whom = parts.first().copied().filter(|_| world.chance.percent(60)).unwrap_or(order);
            let positions = world.chance.percent(40).then(|| vec![0]);
            world.send_in(after, whom.partition(), cancel(whom, positions));
        }
    }
    world.run_until(START_MS + CHAOS_MS + REST_MS);
    world
}

#[test]
fn at_rest_all_is_booked_or_all_is_free_and_the_money_agrees() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut world = festival(seed);
        let rest = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.assert_at_rest()));
        assert!(rest.is_ok(), "seed {seed}");
        for node in world.nodes.values() {
            for event in node.events() {
                let name = match event {
                    Event::PartPlaced { .. } => "placed",
                    Event::PartBarred { .. } => "barred",
                    Event::PartOverdue { .. } => "overdue",
                    Event::PartsCancelled { .. } => "cancelled whole",
                    Event::PartRefundTaken { .. } => "refund of a part",
                    Event::BookingReversed { .. } => "reversed",
                    Event::OrderConfirmed { .. } => "confirmed",
                    Event::OrderCancelled { reason: CancelReason::PaymentDeclined, .. } => "declined",
                    Event::OrderCancelled { reason: CancelReason::DeadlinePassed, .. } => "too late",
                    Event::OrderCancelled { reason: CancelReason::StepFailed, .. } => "failed",
                    Event::ReopenGraceGranted { .. } => "crashed",
                    _ => continue,
                };
                *seen.entry(name).or_default() += 1;
            }
        }
    }
    for wanted in [
        "placed",
        "barred",
        "overdue",
        "cancelled whole",
        "refund of a part",
        "reversed",
        "confirmed",
        "declined",
        "too late",
        "failed",
        "crashed",
    ] {
        assert!(seen.get(wanted).is_some_and(|times| *times > 5), "{wanted} hardly happened: {seen:#?}");
    }
}

/// A calm world with one order over two partitions just placed: nothing of it has been carried to the other one yet.
fn ordered() -> (World, OrderId, [HoldId; 2]) {
    let mut world = World::new(1, 2);
    let holds = [hold(&mut world, 1, &[0], 10_000).unwrap(), hold(&mut world, 2, &[3, 4], 10_000).unwrap()];
    let order = place(&mut world, holds[0], vec![part(holds[1], 2)]);
    (world, order, holds)
}

#[test]
fn every_crash_after_every_record_ends_whole() {
    for declining in [0, 100] {
        for partition in [1, 2] {
            let mut crashes = 0;
            loop {
                let mut world = World::new(1, 2);
                world.provider.declining = declining;
                let holds = [hold(&mut world, 1, &[0], 10_000).unwrap(), hold(&mut world, 2, &[3, 4], 10_000).unwrap()];
                let placed = world.nodes[&partition].journal.len() + 1;
                world.crash_at = Some((partition, placed + crashes));
                let order = place(&mut world, holds[0], vec![part(holds[1], 2)]);
                world.send_in(60_000, 1, cancel(order, None));
                world.run_until(START_MS + REST_MS);
                world.assert_at_rest();
                assert_eq!(world.order(order).state, OrderState::Cancelled);
                if world.crash_at.is_some() {
                    break;
                }
                crashes += 1;
            }
            assert!(crashes >= 2 + usize::from(partition == 1), "partition {partition} crashed {crashes} times");
        }
    }
}

#[test]
fn an_ordinary_order_is_what_it_was() {
    let mut world = World::new(1, 2);
    let hold = hold(&mut world, 1, &[0], 10_000).unwrap();
    let events = world.ask(1, order_of(hold, Vec::new())).unwrap();
    assert!(matches!(&events[..], [Event::OrderPlaced { .. }, Event::SagaStarted { definition, .. }, ..] if definition.kind == 1));
    world.run_until(START_MS + REST_MS);
    world.assert_at_rest();
}

#[test]
fn what_is_pinned_does_not_expire_and_what_is_sold_is_sold_everywhere() {
    let (mut world, order, holds) = ordered();
    world.provider.hangs_until_unix_ms = START_MS + 15_000;
    world.run_until(START_MS + 18_000);
    // The holds would have ended long ago.
    assert!(world.nodes[&2].state.hold(holds[1]).is_some());
    world.run_until(START_MS + REST_MS);
    let home = world.order(order);
    assert_eq!((home.state, home.total_minor, home.payment), (OrderState::Confirmed, 3_000, PaymentState::Captured));
    assert_eq!(home.parts().len(), 1);
    let part = world.order(home.parts()[0]);
    assert_eq!((part.state, part.total_minor, part.places(), part.issued), (OrderState::Confirmed, 2_000, 2, true));
    world.assert_at_rest();
}

#[test]
fn past_its_deadline_a_part_waits_for_its_home_however_long() {
    let (mut world, order, _) = ordered();
    world.run_until(START_MS + 1_000);
    // The home is away, with the money reserved or not: nobody here can know.
    world.nodes.get_mut(&1).unwrap().up = false;
    world.run_until(START_MS + 20 * DEADLINE_MS);
    assert_eq!(world.free_seats(2), SEATS - 2);
    let overdue = |world: &World| world.nodes[&2].events().filter(|event| matches!(event, Event::PartOverdue { .. })).count();
    assert!((5..30).contains(&overdue(&world)), "asked {} times", overdue(&world));
    world.nodes.get_mut(&1).unwrap().up = true;
    world.run_until(START_MS + REST_MS);
    world.assert_at_rest();
    assert_eq!(world.order(order).state, OrderState::Cancelled);
    assert_eq!(world.free_seats(2), SEATS);
}

#[test]
fn a_reservation_that_is_refused_half_done_is_undone_at_once() {
    let mut world = World::new(1, 3);
    let mut held = |partition, ttl_ms| hold(&mut world, partition, &[0], ttl_ms).unwrap();
    let (first, second, third) = (held(1, 10_000), held(2, 10_000), held(3, 1_000));
    world.run_until(START_MS + 2_000);
    let order = place(&mut world, first, vec![part(second, 1), part(third, 1)]);
    world.run_until(START_MS + DEADLINE_MS / 2);
    let home = world.order(order);
    assert_eq!((home.state, home.cancel_reason, home.payment), (OrderState::Cancelled, Some(CancelReason::StepFailed), PaymentState::None));
    assert_eq!([1, 2, 3].map(|partition| world.free_seats(partition)), [SEATS; 3]);
    world.run_until(START_MS + REST_MS);
    world.assert_at_rest();
}

fn saga(number: u64) -> SagaId {
    SagaId::new(IdParts { partition: 1, incarnation: 0, created_at_unix_ms: START_MS, sequence: number })
}

fn home() -> OrderId {
    OrderId::new(IdParts { partition: 1, incarnation: 0, created_at_unix_ms: START_MS, sequence: 1 })
}

fn place_part(number: u64, hold: HoldId, total_minor: i64) -> Command {
    let deadline_unix_ms = START_MS + DEADLINE_MS;
    let (home, saga) = (home(), saga(number));
    Command::PlacePart(PlacePart { home, saga, holds: vec![hold], total_minor, currency: euro(), deadline_unix_ms })
}

fn release_part(number: u64) -> Command {
    let deadline_unix_ms = START_MS + DEADLINE_MS;
    Command::ReleasePart(ReleasePart { saga: saga(number), home: home(), deadline_unix_ms, reason: CancelReason::DeadlinePassed })
}

#[test]
fn a_participant_gives_the_same_answer_again() {
    let mut world = World::new(1, 2);
    let hold = hold(&mut world, 2, &[0, 1], 10_000).unwrap();
    let refused = world.ask(2, place_part(1, hold, 1_999)).unwrap_err();
    assert!(matches!(refused, Rejection::WrongAmount { expected_minor: 2_000, received_minor: 1_999, .. }));
    let Some(Event::PartPlaced { order: part, .. }) = world.ask(2, place_part(1, hold, 2_000)).unwrap().first().cloned() else {
        panic!("no part")
    };
    assert_eq!(world.ask(2, place_part(1, hold, 2_000)), Ok(vec![]));
    assert_eq!(world.nodes[&2].state.part_of_saga(saga(1)).unwrap().id, part);
    assert!(matches!(world.ask(2, place_part(2, hold, 2_000)), Err(Rejection::HoldInOrder { .. })), "another saga wants the same hold");
    let confirm = Command::ConfirmPart(ConfirmPart { part, key_id: [1; 4] });
    assert!(matches!(world.ask(2, confirm.clone()), Err(Rejection::OrderNotConfirmed { .. })));
    let book = Command::BookPart(BookPart { part });
    assert_eq!(world.ask(2, book.clone()).unwrap().len(), 1);
    assert_eq!(world.ask(2, book.clone()), Ok(vec![]));
    assert_eq!(world.ask(2, confirm.clone()).unwrap().len(), 2);
    assert_eq!((world.ask(2, confirm.clone()), world.ask(2, book.clone())), (Ok(vec![]), Ok(vec![])));
    assert_eq!(world.ask(2, release_part(1)), Err(Rejection::PartSold { order: part }));
    // Cancelled since: what was asked before is still answered as before.
    world.ask(2, cancel(part, None)).unwrap();
    assert_eq!((world.ask(2, confirm), world.ask(2, book)), (Ok(vec![]), Ok(vec![])));
}

#[test]
fn a_release_that_overtakes_its_reservation_is_remembered_until_the_deadline() {
    let mut world = World::new(1, 2);
    let early = hold(&mut world, 2, &[0], 10_000).unwrap();
    assert!(matches!(world.ask(2, release_part(1)).as_deref(), Ok([Event::PartBarred { .. }])));
    assert_eq!(world.ask(2, release_part(1)), Ok(vec![]));
    assert_eq!(world.ask(2, place_part(1, early, 1_000)), Err(Rejection::PartReleased { home: home() }));
    assert!(world.ask(2, place_part(2, early, 1_000)).is_ok());
    assert_eq!(world.ask(2, release_part(2)).unwrap().len(), 2);
    assert_eq!(world.ask(2, release_part(2)), Ok(vec![]));
    assert_eq!(world.ask(2, place_part(2, early, 1_000)), Err(Rejection::PartReleased { home: home() }));
    world.now_unix_ms = START_MS + DEADLINE_MS;
    let late = hold(&mut world, 2, &[1], 10_000).unwrap();
    for number in [1, 3] {
        assert_eq!(world.ask(2, place_part(number, late, 1_000)), Err(Rejection::ReservedTooLate { home: home() }), "saga {number}");
    }
    assert_eq!(world.ask(2, release_part(3)), Ok(vec![]));
}

#[test]
fn the_home_pays_a_part_back_once_and_never_more_than_there_is() {
    let (mut world, order, _) = ordered();
    world.run_until(START_MS + REST_MS);
    let part = world.order(order).parts()[0];
    let refund = |number, amount_minor| Command::RefundPart(RefundPart { order, part, by: saga(number), amount_minor });
    let taken = |events: &[Event]| {
        events.iter().find_map(|event| if let Event::PartRefundTaken { amount_minor, .. } = event { Some(*amount_minor) } else { None })
    };
    assert_eq!(taken(&world.ask(1, refund(77, 2_000)).unwrap()), Some(2_000));
    assert_eq!(world.ask(1, refund(77, 2_000)), Ok(vec![]));
    assert_eq!(taken(&world.ask(1, refund(78, 2_000)).unwrap()), Some(1_000), "what is left");
    world.run_until(world.now_unix_ms + REST_MS);
    assert_eq!(world.order(order).payment, PaymentState::Refunded);
}

#[test]
fn late_money_goes_back_whatever_somebody_chooses() {
    let (mut world, order, _) = ordered();
    world.provider.hangs_until_unix_ms = START_MS + REST_MS;
    world.run_until(START_MS + 2 * DEADLINE_MS);
    assert_eq!(world.order(order).cancel_reason, Some(CancelReason::DeadlinePassed));
    world.provider.accounts.entry(order).or_default().taken_minor = 3_000;
    let news = ConfirmPayment { order, provider: "test".into(), amount_minor: 3_000, reference: "late".into(), taken: true };
    world.ask(1, Command::ConfirmPayment(news)).unwrap();
    // All of it is on its way back: a part that asks for its share has to ask again.
    let share = RefundPart { order, part: OrderId::from_bits(7), by: SagaId::from_bits(77), amount_minor: 2_000 };
    let not_now = Rejection::OrderNotConfirmed { order, state: OrderState::Cancelled };
    assert_eq!(world.ask(1, Command::RefundPart(share)), Err(not_now));
    let outcome = EffectOutcome::Refused { error: StepError::Failed("no".into()) };
    let saga = world.order(order).saga;
    world.ask(1, Command::ReportEffect(ReportEffect { saga, step: 0, direction: Direction::Backward, outcome })).unwrap();
    let events = world.ask(1, Command::ResolveLatePayment(ResolveLatePayment { order, policy: LatePayment::SameSeat })).unwrap();
    assert!(!events.iter().any(|event| matches!(event, Event::OrderReinstated { .. })), "{events:#?}");
    world.run_until(START_MS + REST_MS);
    assert_eq!((world.order(order).state, world.order(order).payment), (OrderState::Cancelled, PaymentState::Refunded));
    world.assert_at_rest();
}

#[test]
fn orders_over_partitions_are_checked_where_they_are_placed() {
    let mut world = World::new(1, 3);
    let mut held = |partition, seat| hold(&mut world, partition, &[seat], 10_000).unwrap();
    let (first, own, second, third) = (held(1, 0), held(1, 1), held(2, 0), held(3, 0));
    let mut mixed = part(second, 1);
    mixed.holds.push(third);
    let mut foreign = part(second, 1);
    foreign.currency = guichet_domain::money::Currency::from_code("CHF").unwrap();
    let mut empty = part(second, 1);
    empty.holds.clear();
    let mut negative = part(second, 1);
    negative.total_minor = -1;
    for (parts, expected) in [
        (vec![part(own, 1)], Rejection::WrongPartition),
        (vec![part(second, 1), part(second, 1)], Rejection::WrongPartition),
        (vec![mixed], Rejection::WrongPartition),
        (vec![foreign], Rejection::MixedCurrencies),
        (vec![empty], Rejection::NoHolds),
        (vec![negative], Rejection::AmountTooLarge),
    ] {
        assert_eq!(world.ask(1, order_of(first, parts)), Err(expected));
    }
    let order = place(&mut world, first, vec![part(second, 1), part(third, 1)]);
    world.run_until(START_MS + REST_MS);
    let parts = world.order(order).parts().to_vec();
    assert_eq!((world.order(order).state, parts.len()), (OrderState::Confirmed, 2));
    // A part has no money of its own.
    let news = ConfirmPayment { order: parts[0], provider: String::new(), amount_minor: 1_000, reference: "x".into(), taken: true };
    assert_eq!(world.ask(2, Command::ConfirmPayment(news)), Err(Rejection::PartOfOrder { order: parts[0], home: order }));
    world.assert_at_rest();
}
