//! Refusals and their order: what the caller did wrong comes before what others were faster at.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::sync::Arc;

use guichet_domain::commands::{AdoptShow, ExtendHold, PlaceHold, ReleaseHold, SetSaleState};
use guichet_domain::hold::{HoldItem, PLACES_PER_HOLD_MAX, TTL_MS_MAX, TTL_MS_MIN};
use guichet_domain::id::IdParts;
use guichet_domain::show::{Admits, SaleState, ShowDefinition};
use guichet_domain::{Command, Event, HoldId, Rejection, ShowId};

use support::{BOX, HOUSE, Run, STALLS, STANDING, TTL_MS, definition, hold_of, order_of, plan, product, seats, show, standing};

/// What one mistake does to a request that was right, or to the world that it meets.
type Spoil = fn(&mut Run, &mut PlaceHold);

/// In their order of precedence; those about single items go by the order of the items.
const PLACE_HOLD: &[(&str, Spoil)] = &[
    ("show_not_found", |_, hold| hold.show = show(9)),
    ("sale_not_open", |run, _| run.set_sale(1, SaleState::Paused)),
    ("empty_hold", |_, hold| first_of_all(hold, standing(STANDING, 0))),
    ("too_many_places", |_, hold| first_of_all(hold, standing(STANDING, PLACES_PER_HOLD_MAX))),
    ("ttl_out_of_range", |_, hold| hold.ttl_ms = TTL_MS_MIN - 1),
    ("unknown_product", |_, hold| first_of_all(hold, standing(77, 1))),
    ("wrong_claim", |_, hold| first_of_all(hold, standing(STALLS, 1))),
    ("unknown_seat", |_, hold| first_of_all(hold, seats(BOX, &[6]))),
    ("seat_not_in_product", |_, hold| first_of_all(hold, seats(BOX, &[3]))),
    ("seat_twice", |_, hold| first_of_all(hold, seats(STALLS, &[1, 1]))),
    ("seat_taken", |run, _| taken(run, seats(STALLS, &[0]))),
    ("sold_out", |run, _| taken(run, standing(STANDING, 6))),
];

fn taken(run: &mut Run, item: HoldItem) {
    run.hold(1, &[item], TTL_MS);
}

fn first_of_all(hold: &mut PlaceHold, item: HoldItem) {
    hold.items = std::iter::once(item).chain(hold.items.iter().cloned()).collect();
}

fn spoiled(spoils: &[Spoil]) -> Result<Vec<Event>, Rejection> {
    let mut run = Run::on_sale();
    let items: Arc<[_]> = Arc::new([seats(STALLS, &[0]), standing(STANDING, 1)]);
    let mut hold = PlaceHold { show: show(1), items, ttl_ms: TTL_MS, buyer_ref: None };
    // The last first: what changes the world needs an open sale, and the first item is to be the worst.
    spoils.iter().rev().for_each(|spoil| spoil(&mut run, &mut hold));
    run.ask(&Command::PlaceHold(hold).into())
}

#[test]
fn a_hold_is_refused_for_the_first_of_its_faults() {
    assert!(spoiled(&[]).is_ok());
    for (index, (code, spoil)) in PLACE_HOLD.iter().enumerate() {
        assert_eq!(spoiled(&[*spoil]).unwrap_err().code(), *code, "alone");
        for (later, other) in &PLACE_HOLD[index + 1..] {
            assert_eq!(spoiled(&[*spoil, *other]).unwrap_err().code(), *code, "with {later}");
        }
    }
    let all: Vec<Spoil> = PLACE_HOLD.iter().map(|(_, spoil)| *spoil).collect();
    for (from, (code, _)) in PLACE_HOLD.iter().enumerate() {
        assert_eq!(spoiled(&all[from..]).unwrap_err().code(), *code, "with everything after it");
    }
}

#[test]
fn limits_are_inclusive() {
    let cases = [
        (standing(STANDING, 6), TTL_MS_MIN, "ok"),
        (standing(STANDING, 6), TTL_MS_MAX, "ok"),
        (standing(STANDING, 7), TTL_MS_MAX, "sold_out"),
        (standing(STANDING, PLACES_PER_HOLD_MAX), TTL_MS_MAX, "sold_out"),
        (standing(STANDING, PLACES_PER_HOLD_MAX + 1), TTL_MS_MAX, "too_many_places"),
        (standing(STANDING, u32::MAX), TTL_MS_MAX, "too_many_places"),
        (standing(STANDING, 1), TTL_MS_MIN - 1, "ttl_out_of_range"),
        (standing(STANDING, 1), TTL_MS_MAX + 1, "ttl_out_of_range"),
        (seats(STALLS, &[]), TTL_MS_MAX, "empty_hold"),
    ];
    for (item, ttl_ms, expected) in cases {
        let said = Run::on_sale().ask(&hold_of(1, std::slice::from_ref(&item), ttl_ms).into());
        assert_eq!(said.as_ref().map_or_else(Rejection::code, |_| "ok"), expected, "{item:?} for {ttl_ms} ms");
    }
    assert_eq!(Run::on_sale().refuse(hold_of(1, &[], TTL_MS)), Rejection::EmptyHold);
}

#[test]
fn all_items_together_must_fit_a_quota() {
    let mut run = Run::on_sale();
    let twice = [standing(STANDING, 4), standing(STANDING, 3)];
    assert_eq!(run.refuse(hold_of(1, &twice, TTL_MS)), Rejection::SoldOut { show: show(1), quota: 1, requested: 7, left: 6 });
    // Four stalls and five standing places: each has room, the house has not.
    let house = [seats(STALLS, &[0, 1, 2, 3]), standing(STANDING, 5)];
    assert_eq!(run.refuse(hold_of(1, &house, TTL_MS)), Rejection::SoldOut { show: show(1), quota: HOUSE, requested: 9, left: 8 });
    assert_eq!(run.state.live_holds(), 0, "all or nothing");
}

#[test]
fn a_refusal_names_the_seats_that_are_taken_and_no_others() {
    let mut run = Run::on_sale();
    run.hold(1, &[seats(STALLS, &[1, 3])], TTL_MS);
    let rejection = run.refuse(hold_of(1, &[seats(STALLS, &[3, 2, 1]), seats(BOX, &[4])], TTL_MS));
    assert_eq!(rejection, Rejection::SeatTaken { show: show(1), seats: vec![3, 1] });
}

fn elsewhere(number: u64) -> HoldId {
    HoldId::new(IdParts { partition: support::PARTITION + 1, incarnation: 0, created_at_unix_ms: 0, sequence: number })
}

#[test]
fn an_order_is_refused_for_the_first_of_its_faults() {
    let mut run = Run::on_sale();
    let mut hold = |number| run.hold(number, &[standing(if number == 1 { STANDING } else { 0 }, 1)], TTL_MS);
    let (free, other_show, taken, gone) = (hold(1), hold(2), hold(1), hold(1));
    run.accept(Command::ReleaseHold(ReleaseHold { hold: gone }));
    let order = run.order(&[taken]);
    let unknown = HoldId::new(IdParts { sequence: 99, ..free.parts() });
    let cases = [
        (vec![], Rejection::NoHolds),
        (vec![free; 21], Rejection::TooManyHolds { holds: 21 }),
        (vec![unknown, taken], Rejection::HoldNotFound { hold: unknown }),
        (vec![elsewhere(1)], Rejection::HoldNotFound { hold: elsewhere(1) }),
        (vec![gone, taken], Rejection::HoldExpired { hold: gone }),
        (vec![taken, gone], Rejection::HoldInOrder { hold: taken, order }),
        (vec![free, free], Rejection::HoldTwice { hold: free }),
        (vec![free, gone, free], Rejection::HoldExpired { hold: gone }),
        (vec![free, other_show], Rejection::HoldsOfDifferentShows),
    ];
    for (holds, expected) in cases {
        assert_eq!(run.refuse(order_of(&holds)), expected, "{holds:?}");
    }
    // What an order has, nobody else moves.
    assert_eq!(run.refuse(Command::ReleaseHold(ReleaseHold { hold: taken })), Rejection::HoldInOrder { hold: taken, order });
    let extend = |ttl_ms| Command::ExtendHold(ExtendHold { hold: taken, ttl_ms });
    assert_eq!(run.refuse(extend(0)), Rejection::HoldInOrder { hold: taken, order });
    let short = Command::ExtendHold(ExtendHold { hold: free, ttl_ms: TTL_MS_MIN - 1 });
    assert_eq!(run.refuse(short), Rejection::TtlOutOfRange { ttl_ms: TTL_MS_MIN - 1 });
}

#[test]
fn a_total_that_cannot_be_counted_is_refused() {
    let mut run = Run::empty();
    let mut dear = definition(2);
    dear.products[0].price_minor = i64::MAX / 2;
    adopt(&mut run, dear).unwrap();
    run.set_sale(2, SaleState::Open);
    let two = run.hold(2, &[standing(0, 2)], TTL_MS);
    let three = run.hold(2, &[standing(0, 3)], TTL_MS);
    assert_eq!(run.refuse(order_of(&[three])), Rejection::AmountTooLarge);
    assert_eq!(run.refuse(order_of(&[two, three])), Rejection::AmountTooLarge);
    run.order(&[two]);
}

#[test]
fn a_sale_never_goes_back_to_draft_and_never_out_of_closed() {
    use SaleState::{Closed, Draft, Open, Paused};
    let way = |from| match from {
        Draft => vec![],
        Open => vec![Open],
        Paused => vec![Open, Paused],
        Closed => vec![Closed],
    };
    let allowed = [(Draft, Open), (Draft, Closed), (Open, Paused), (Open, Closed), (Paused, Open), (Paused, Closed)];
    for from in [Draft, Open, Paused, Closed] {
        for to in [Draft, Open, Paused, Closed] {
            let mut run = Run::empty();
            adopt(&mut run, definition(1)).unwrap();
            way(from).into_iter().for_each(|state| run.set_sale(1, state));
            let said = run.ask(&Command::SetSaleState(SetSaleState { show: show(1), state: to }).into());
            let expected = if from == to || allowed.contains(&(from, to)) { "ok" } else { "sale_state_conflict" };
            assert_eq!(said.as_ref().map_or_else(Rejection::code, |_| "ok"), expected, "{from:?} to {to:?}");
            let after = if expected == "ok" { to } else { from };
            assert_eq!(run.state.show(show(1)).unwrap().sale, after);
        }
    }
}

fn adopt(run: &mut Run, definition: ShowDefinition) -> Result<Vec<Event>, Rejection> {
    run.ask(&Command::AdoptShow(AdoptShow { definition: Arc::new(definition), plan: Arc::new(plan()) }).into())
}

type SpoilShow = fn(&mut ShowDefinition);

#[test]
fn a_show_that_contradicts_itself_or_its_plan_is_refused() {
    let cases: [(&str, SpoilShow); 9] = [
        ("a show needs at least one product", |show| show.products.clear()),
        ("quota \"house\" is there twice", |show| show.quotas[1].name = "house".into()),
        ("product \"stalls\" is there twice", |show| show.products[1].name = "stalls".into()),
        ("product \"box\" has a negative price", |show| show.products[1].price_minor = -1),
        ("product \"box\" draws on a quota that does not exist", |show| show.products[1].quotas = vec![2]),
        ("product \"standing\" draws on one quota twice", |show| show.products[2].quotas = vec![1, HOUSE, 1]),
        ("product \"box\" names no seat category", |show| show.products[1].admits = Admits::Seats { categories: vec![] }),
        ("product \"box\" names a category that the plan does not have", |show| {
            show.products[1].admits = Admits::Seats { categories: vec![0, 2] };
        }),
        ("product \"air\" has neither seats nor a quota: nothing would limit it", |show| {
            show.products.push(product("air", 1, Admits::Quantity, vec![]));
        }),
    ];
    for (what, spoil) in cases {
        let mut spoiled = definition(1);
        spoil(&mut spoiled);
        assert_eq!(adopt(&mut Run::empty(), spoiled), Err(Rejection::InvalidShow { what: what.into() }));
    }
    let mut foreign = definition(1);
    foreign.id = ShowId::new(IdParts { partition: support::PARTITION + 1, ..foreign.id.parts() });
    assert_eq!(adopt(&mut Run::empty(), foreign), Err(Rejection::WrongPartition));
}
