//! Refusals and their order: what the caller did wrong comes before what others were faster at.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::sync::Arc;

use guichet_domain::commands::{
    AdoptShow, BlockSeats, ConfirmPayout, ExtendHold, PlaceHold, RefundOrder, ReleaseHold, RetrySaga, SetSaleState,
};
use guichet_domain::hold::{HoldItem, PLACES_PER_HOLD_MAX, TTL_MS_MAX, TTL_MS_MIN};
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::order::OrderState;
use guichet_domain::show::{Admits, CancellationFee, SaleState, SaleWindow, ShowDefinition, TRANSFER_DEADLINE_MS_MAX};
use guichet_domain::{Command, Event, HoldId, OrderId, Rejection, ShowId};

use support::{BOX, HOUSE, PROVIDER, Run, STALLS, STANDING, START_MS, TTL_MS, cancel_of, declined, definition, hold_of, list, order_of};
use support::{plan, product, refused, seats, show, standing};

/// A request that is right, the rules of its show, and what happens before it is asked.
struct Case {
    hold: PlaceHold,
    rules: ShowDefinition,
    before: Vec<Command>,
}

/// What one mistake does to it.
type Spoil = fn(&mut Case);

/// In their order of precedence; those about single items go by the order of the items.
const PLACE_HOLD: &[(&str, Spoil)] = &[
    ("show_not_found", |case| case.hold.show = show(9)),
    ("sale_not_open", |case| case.before.push(Command::SetSaleState(SetSaleState { show: show(1), state: SaleState::Paused }))),
    ("outside_sale_window", |case| case.rules.window = OVER),
    ("empty_hold", |case| first_of_all(case, standing(STANDING, 0))),
    ("too_many_places", |case| first_of_all(case, standing(STANDING, PLACES_PER_HOLD_MAX))),
    ("ttl_out_of_range", |case| case.hold.ttl_ms = TTL_MS_MIN - 1),
    ("unknown_product", |case| first_of_all(case, standing(77, 1))),
    ("wrong_claim", |case| first_of_all(case, standing(STALLS, 1))),
    ("unknown_seat", |case| first_of_all(case, seats(BOX, &[6]))),
    ("seat_not_in_product", |case| first_of_all(case, seats(BOX, &[3]))),
    ("seat_twice", |case| first_of_all(case, seats(STALLS, &[1, 1]))),
    // Of a product, this time.
    ("outside_sale_window", |case| case.rules.products[usize::from(STALLS)].window = OVER),
    ("buyer_ref_required", |case| {
        case.rules.per_buyer_max.get_or_insert(100);
        case.hold.buyer_ref = None;
    }),
    ("limit_exceeded", |case| case.rules.per_buyer_max = Some(1)),
    ("seat_taken", |case| {
        let reason = String::new();
        case.before.push(Command::BlockSeats(BlockSeats { show: show(1), seats: vec![0], reason }));
    }),
    ("sold_out", |case| case.rules.quotas[1].size = 0),
];

const OVER: SaleWindow = SaleWindow { opens_at_unix_ms: None, closes_at_unix_ms: Some(START_MS) };

fn first_of_all(case: &mut Case, item: HoldItem) {
    case.hold.items = std::iter::once(item).chain(case.hold.items.iter().cloned()).collect();
}

fn spoiled(spoils: &[Spoil]) -> Result<Vec<Event>, Rejection> {
    let items: Arc<[_]> = Arc::new([seats(STALLS, &[0]), standing(STANDING, 1)]);
    let hold = PlaceHold { show: show(1), items, best: Vec::new(), ttl_ms: TTL_MS, buyer_ref: Some([7; 16]) };
    let mut case = Case { hold, rules: definition(1), before: Vec::new() };
    // The last first: the first item is to be the worst.
    spoils.iter().rev().for_each(|spoil| spoil(&mut case));
    let mut run = Run::empty();
    run.sell(case.rules, plan());
    case.before.into_iter().for_each(|command| drop(run.accept(command)));
    run.ask(&Command::PlaceHold(case.hold).into())
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
    run.sell(ShowDefinition { currency: Currency::from_code("CHF").unwrap(), ..definition(4) }, plan());
    let mut hold = |number| run.hold(number, &[standing(if number == 1 { STANDING } else { 0 }, 1)], TTL_MS);
    let (free, other_show, other_currency, taken, gone) = (hold(1), hold(2), hold(4), hold(1), hold(1));
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
        (vec![free, other_currency], Rejection::MixedCurrencies),
    ];
    for (holds, expected) in cases {
        assert_eq!(run.refuse(order_of(&holds)), expected, "{holds:?}");
    }
    // Another show alone is no fault.
    let mut both = run.clone();
    both.order(&[free, other_show]);
    // What an order has, nobody else moves.
    assert_eq!(run.refuse(Command::ReleaseHold(ReleaseHold { hold: taken })), Rejection::HoldInOrder { hold: taken, order });
    let extend = |ttl_ms| Command::ExtendHold(ExtendHold { hold: taken, ttl_ms });
    assert_eq!(run.refuse(extend(0)), Rejection::HoldInOrder { hold: taken, order });
    let short = Command::ExtendHold(ExtendHold { hold: free, ttl_ms: TTL_MS_MIN - 1 });
    assert_eq!(run.refuse(short), Rejection::TtlOutOfRange { ttl_ms: TTL_MS_MIN - 1 });
}

/// An order in each of its states, and what the commands for orders say of it. What is asked is wrong in every later respect, too.
#[test]
fn what_is_asked_of_an_order_is_refused_for_its_state_first() {
    let mut run = Run::on_sale();
    let placed = |run: &mut Run, seat| {
        let hold = run.hold(1, &[seats(STALLS, &[seat])], TTL_MS);
        run.order(&[hold])
    };
    let sold = run.sold(1, &[seats(STALLS, &[0])]);
    let cancelled = placed(&mut run, 1);
    run.report(declined());
    let stuck = run.sold(1, &[seats(STALLS, &[2])]);
    run.accept(cancel_of(stuck, None));
    run.report(refused());
    let saga = run.the_order(stuck).after.as_ref().unwrap().refunds[0].saga;
    let awaiting = placed(&mut run, 3);
    let nowhere = OrderId::new(IdParts { sequence: 99, ..sold.parts() });

    let cancel = |order| cancel_of(order, Some(&[]));
    let refund = |order| Command::RefundOrder(RefundOrder { order, amount_minor: 0, note: String::new() });
    let payout = |order, provider: &str| {
        Command::ConfirmPayout(ConfirmPayout { order, provider: provider.into(), amount_minor: 1, reference: String::new() })
    };
    let retry = |saga| Command::RetrySaga(RetrySaga { saga });
    let state = OrderState::AwaitingPayment;
    let cases = [
        (cancel(nowhere), Rejection::OrderNotFound { order: nowhere }),
        (cancel(stuck), Rejection::OrderStuck { order: stuck }),
        (cancel(cancelled), Rejection::OrderAlreadyCancelled { order: cancelled }),
        (cancel(awaiting), Rejection::OrderNotConfirmed { order: awaiting, state }),
        (cancel(sold), Rejection::NothingSelected),
        (refund(nowhere), Rejection::OrderNotFound { order: nowhere }),
        (refund(stuck), Rejection::OrderStuck { order: stuck }),
        (refund(awaiting), Rejection::OrderNotConfirmed { order: awaiting, state }),
        (refund(sold), Rejection::NothingSelected),
        (refund(cancelled), Rejection::NothingSelected),
        (payout(nowhere, "other"), Rejection::OrderNotFound { order: nowhere }),
        (payout(awaiting, "other"), Rejection::WrongProvider { order: awaiting, provider: PROVIDER.into() }),
        (payout(awaiting, PROVIDER), Rejection::NoPayoutPending { order: awaiting, amount_minor: 1 }),
        (retry(run.the_order(sold).saga), Rejection::SagaNotFound { saga: run.the_order(sold).saga }),
        (retry(run.the_order(awaiting).saga), Rejection::SagaNotStuck { saga: run.the_order(awaiting).saga }),
    ];
    let before = run.state.clone();
    for (command, expected) in cases {
        assert_eq!(run.refuse(command.clone()), expected, "{command:?}");
    }
    assert_eq!(run.state, before);
    run.accept(retry(saga));
    run.agrees();
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

fn with_fees(show: &mut ShowDefinition, fees: impl IntoIterator<Item = (u64, u16, i64)>) {
    let fee = |(within_ms, price_bp, fixed_minor)| CancellationFee { within_ms, price_bp, fixed_minor };
    show.cancellation_fees = fees.into_iter().map(fee).collect();
    show.starts_at_unix_ms = Some(START_MS);
}

type SpoilShow = fn(&mut ShowDefinition);

#[test]
fn a_show_that_contradicts_itself_or_its_plan_is_refused() {
    let cases: [(&str, SpoilShow); 26] = [
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
        ("an order cannot have 0 ms to be paid; 1 s to 24 h is possible", |show| show.order_deadline_ms = 0),
        ("an order cannot wait 999 ms for a transfer; 1 s to 92 days is possible", |show| show.transfer_deadline_ms = 999),
        ("an order cannot wait 7948800001 ms for a transfer; 1 s to 92 days is possible", |show| {
            show.transfer_deadline_ms = TRANSFER_DEADLINE_MS_MAX + 1;
        }),
        ("its sale would close before it opens", |show| {
            show.window = SaleWindow { opens_at_unix_ms: Some(5), closes_at_unix_ms: Some(5) };
        }),
        ("the sale of product \"box\" would close before it opens", |show| {
            show.products[1].window = SaleWindow { opens_at_unix_ms: Some(6), closes_at_unix_ms: Some(5) };
        }),
        ("nobody could buy anything: the limit for each buyer is 0", |show| show.per_buyer_max = Some(0)),
        ("it has more than 100 cancellation fees", |show| {
            with_fees(show, (0..=100).map(|hours| (hours, 0, 0)));
        }),
        ("its cancellation fees depend on when it starts, and it does not say when", |show| {
            with_fees(show, [(1, 0, 0)]);
            show.starts_at_unix_ms = None;
        }),
        ("a cancellation fee is from 0 to 100 % of the price and not negative", |show| with_fees(show, [(1, 10_001, 0)])),
        ("a cancellation fee is from 0 to 100 % of the price and not negative", |show| with_fees(show, [(1, 0, -1)])),
        ("two cancellation fees apply from 5 ms before the start", |show| with_fees(show, [(5, 0, 0), (6, 0, 0), (5, 1, 0)])),
        ("a show has 1 to 100 check-in lists", |show| show.check_in_lists.clear()),
        ("a show has 1 to 100 check-in lists", |show| {
            show.check_in_lists = (0..=100).map(|number| list(&number.to_string(), &[])).collect();
        }),
        ("check-in list \"door\" is there twice", |show| show.check_in_lists.push(list("door", &[]))),
        ("check-in list \"roof\" names a product that does not exist", |show| show.check_in_lists.push(list("roof", &[0, 3]))),
        // The rules of the show come before its products.
        ("nobody could buy anything: the limit for each buyer is 0", |show| {
            show.products.clear();
            show.per_buyer_max = Some(0);
        }),
        ("a show has 1 to 100 check-in lists", |show| {
            show.products.clear();
            show.check_in_lists.clear();
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
