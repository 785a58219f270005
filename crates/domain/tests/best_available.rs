//! Best available against the dullest reference: every window of every row is looked at, at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeMap;

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::commands::{BlockSeats, PlaceHold, ReleaseHold};
use guichet_domain::hold::HoldItem;
use guichet_domain::inventory::SeatState;
use guichet_domain::seating::{Category, Point, Row, RowKind, Seat, SeatingPlan, Section, Zone};
use guichet_domain::show::{Admits, Orphans, Quota, SeatingRules, ShowDefinition};
use guichet_domain::{Command, Event, HoldId, Rejection};
use proptest::prelude::*;
use proptest::sample::Index;

use support::{HOUR_MS, Run, START_MS, TTL_MS, definition, product, seats, show};

const STALLS: u16 = 0;
const BALCONY: u16 = 1;
const ANYWHERE: u16 = 2;
/// One of it, and no more.
const LAST_MINUTE: u16 = 3;

fn together(product: u16, quantity: u32) -> BestAvailable {
    BestAvailable {
        choices: vec![vec![Part { product, quantity }]],
        accessible: 0,
        categories: Vec::new(),
        zones: Vec::new(),
        across_aisles: false,
        split: false,
    }
}

fn ask(run: &mut Run, items: &[HoldItem], best: Vec<BestAvailable>) -> Result<Vec<HoldItem>, Rejection> {
    let hold = PlaceHold { show: show(1), items: items.to_vec().into(), best, ttl_ms: TTL_MS, buyer_ref: None };
    run.ask(&Command::PlaceHold(hold).into()).map(|events| match events.as_slice() {
        [Event::HoldPlaced { items, .. }] => items.to_vec(),
        other => panic!("no hold: {other:?}"),
    })
}

fn chosen(run: &mut Run, wanted: BestAvailable) -> Result<Vec<u32>, Rejection> {
    ask(run, &[], vec![wanted]).map(|items| items.iter().flat_map(|item| item.seats().to_vec()).collect())
}

fn on_sale(plan: SeatingPlan, seating: SeatingRules) -> Run {
    let mut run = Run::empty();
    let seats = |categories: &[u16]| Admits::Seats { categories: categories.to_vec() };
    let products = vec![
        product("stalls", 2_000, seats(&[0]), vec![]),
        product("balcony", 1_000, seats(&[1]), vec![]),
        product("anywhere", 3_000, seats(&[0, 1]), vec![]),
        product("last minute", 500, seats(&[0, 1]), vec![0]),
    ];
    let quotas = vec![Quota { name: "last minute".into(), size: 1 }];
    let starts_at_unix_ms = Some(START_MS + 48 * HOUR_MS);
    run.sell(ShowDefinition { products, quotas, starts_at_unix_ms, seating, ..definition(1) }, plan);
    run
}

/// Rows of seats one unit apart, the first nearest to the stage.
fn rows(lengths: &[u32]) -> SeatingPlan {
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    let mut plan = SeatingPlan { categories: vec![category("stalls"), category("balcony")], ..SeatingPlan::default() };
    for (number, length) in (0..).zip(lengths) {
        let middle = f64::from(*length - 1) / 2.0;
        let seat = |place: u32| Seat {
            label: (place + 1).to_string().into(),
            position: Point { x: f64::from(place) - middle, y: f64::from(number) },
            ..Seat::default()
        };
        plan.push_row(Row { label: format!("{}", number + 1), ..Row::default() }, (0..*length).map(seat));
    }
    plan
}

fn rule(orphans: Orphans) -> SeatingRules {
    SeatingRules { orphans, ..SeatingRules::default() }
}

/// What has changed since is remembered only so far back.
#[test]
fn whoever_asks_again_after_a_thousand_changes_is_told_what_is_so_now() {
    let mut plan = rows(&[4, 4, 4]);
    plan.seats[8..].iter_mut().for_each(|seat| seat.category = BALCONY);
    plan.seats[4..8].iter_mut().for_each(|seat| seat.category = BALCONY);
    let mut run = on_sale(plan, rule(Orphans::Off));
    assert_eq!(chosen(&mut run, together(BALCONY, 4)).unwrap(), [4, 5, 6, 7]);
    run.release_all();
    run.hold(1, &[seats(ANYWHERE, &[5])], HOUR_MS);
    for _ in 0..500 {
        let hold = run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
        run.accept(Command::ReleaseHold(ReleaseHold { hold }));
    }
    assert_eq!(chosen(&mut run, together(BALCONY, 4)).unwrap(), [8, 9, 10, 11]);
}

#[test]
fn the_front_row_and_its_middle_come_first() {
    let mut run = on_sale(rows(&[6, 6]), SeatingRules::default());
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![2, 3]));
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![8, 9]));
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![0, 1]));
    let refused = chosen(&mut run, together(STALLS, 3)).unwrap_err();
    assert!(matches!(refused, Rejection::NotEnoughAdjacentSeats { left: 6, together_max: 2, .. }), "{refused:?}");
    let refused = chosen(&mut run, together(STALLS, 7)).unwrap_err();
    assert!(matches!(refused, Rejection::SeatsSoldOut { left: 6, .. }), "{refused:?}");
    assert!(run.audit().is_clean(), "{:?}", run.audit().findings);
}

#[test]
fn a_focal_point_draws_the_group_to_it() {
    let mut plan = rows(&[6, 6]);
    plan.zones = vec![Zone { name: "all".into(), focal_point: Some(Point { x: 2.5, y: 1.0 }) }];
    plan.sections = vec![Section { label: "S".into(), zone: Some(0), entrance: None }];
    plan.rows.iter_mut().for_each(|row| row.section = Some(0));
    let mut run = on_sale(plan, SeatingRules::default());
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![10, 11]));
}

#[test]
fn an_aisle_divides_unless_it_may_run_through() {
    let mut plan = rows(&[6]);
    plan.seats[2].aisle_after = true;
    let mut run = on_sale(plan, SeatingRules::default());
    let refused = chosen(&mut run, together(STALLS, 4)).unwrap_err();
    assert!(matches!(refused, Rejection::NotEnoughAdjacentSeats { left: 6, together_max: 3, .. }), "{refused:?}");
    let across = BestAvailable { across_aisles: true, ..together(STALLS, 4) };
    assert_eq!(chosen(&mut run, across), Ok(vec![1, 2, 3, 4]));
}

#[test]
fn a_group_may_be_split_into_as_few_parts_as_possible() {
    let mut run = on_sale(rows(&[4, 4, 4]), SeatingRules::default());
    let split = |quantity| BestAvailable { split: true, ..together(STALLS, quantity) };
    // In neighbouring rows, and not four and one: nobody sits alone who does not have to.
    assert_eq!(chosen(&mut run, split(5)), Ok(vec![0, 1, 2, 4, 5]));
    // Four and one would do as well, but somebody would sit alone.
    assert_eq!(chosen(&mut run, split(5)), Ok(vec![8, 9, 10, 6, 7]));
}

#[test]
fn seats_left_alone_are_forbidden_or_only_avoided() {
    let mut run = on_sale(rows(&[5]), rule(Orphans::Forbid));
    let refused = ask(&mut run, &[seats(STALLS, &[1, 2])], vec![]).unwrap_err();
    assert_eq!(refused, Rejection::OrphanSeat { show: show(1), seats: vec![0] });
    // In the middle both sides keep two; a pair at the end leaves three.
    assert_eq!(chosen(&mut run, together(STALLS, 1)), Ok(vec![2]));
    let refused = chosen(&mut run, together(STALLS, 1)).unwrap_err();
    assert!(matches!(refused, Rejection::NotEnoughAdjacentSeats { left: 4, together_max: 0, .. }), "{refused:?}");
    assert!(chosen(&mut run, together(STALLS, 2)).is_ok());

    let mut run = on_sale(rows(&[3, 4]), rule(Orphans::Prefer));
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![3, 4]), "the pair leaves a pair in the second row");
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![5, 6]));
    assert_eq!(chosen(&mut run, together(STALLS, 2)).map(|seats| seats.len()), Ok(2), "now there is no other place");
    assert!(run.audit().is_clean(), "{:?}", run.audit().findings);
}

#[test]
fn whom_a_group_would_leave_alone_may_be_of_the_same_hold() {
    let mut run = on_sale(rows(&[5]), rule(Orphans::Forbid));
    let items = ask(&mut run, &[seats(STALLS, &[0])], vec![together(STALLS, 4)]).unwrap();
    assert_eq!(items[1].seats(), [1, 2, 3, 4]);
}

#[test]
fn wheelchair_places_are_for_those_who_ask() {
    let mut plan = rows(&[4, 3]);
    (plan.seats[0].accessible, plan.seats[1].companion) = (true, true);
    let wheelchair = BestAvailable { accessible: 1, ..together(STALLS, 2) };
    let mut run = on_sale(plan.clone(), SeatingRules::default());
    assert_eq!(chosen(&mut run, together(STALLS, 3)), Ok(vec![4, 5, 6]));
    assert!(matches!(chosen(&mut run, together(STALLS, 3)), Err(Rejection::SeatsSoldOut { left: 2, .. })));
    assert_eq!(chosen(&mut run, wheelchair.clone()), Ok(vec![0, 1]));
    // Whoever names a seat has asked for it.
    assert!(matches!(ask(&mut run, &[seats(STALLS, &[0])], vec![]), Err(Rejection::SeatTaken { .. })));
    assert!(matches!(chosen(&mut run, wheelchair), Err(Rejection::NotEnoughAdjacentSeats { left: 2, .. })));

    let when_sold_out = SeatingRules { accessible_released_when_sold_out: true, ..SeatingRules::default() };
    let mut run = on_sale(plan.clone(), when_sold_out);
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![2, 3]));
    assert_eq!(chosen(&mut run, together(STALLS, 3)), Ok(vec![4, 5, 6]));
    assert_eq!(chosen(&mut run, together(STALLS, 2)), Ok(vec![0, 1]));
    assert!(run.audit().is_clean(), "{:?}", run.audit().findings);

    let a_day_before = SeatingRules { accessible_released_before_start_ms: Some(24 * HOUR_MS), ..SeatingRules::default() };
    let mut run = on_sale(plan, a_day_before);
    assert!(matches!(chosen(&mut run, together(STALLS, 4)), Err(Rejection::NotEnoughAdjacentSeats { left: 5, .. })));
    run.pass(24 * HOUR_MS);
    assert_eq!(chosen(&mut run, together(STALLS, 4)), Ok(vec![0, 1, 2, 3]));
    assert!(run.audit().is_clean(), "{:?}", run.audit().findings);
}

#[test]
fn a_table_that_is_sold_whole_is_never_torn_apart() {
    let mut plan = rows(&[4]);
    plan.rows[0].kind = RowKind::Table { centre: Point::default(), whole: true };
    let mut run = on_sale(plan, SeatingRules::default());
    assert!(chosen(&mut run, together(STALLS, 3)).is_err());
    let refused = ask(&mut run, &[seats(STALLS, &[0, 1, 3])], vec![]).unwrap_err();
    assert_eq!(refused, Rejection::TableSoldWhole { show: show(1), seats: vec![2] });
    assert_eq!(chosen(&mut run, together(STALLS, 4)), Ok(vec![0, 1, 2, 3]));
    assert!(run.audit().is_clean(), "{:?}", run.audit().findings);
}

#[test]
fn a_family_of_two_products_sits_together() {
    let mut run = on_sale(rows(&[4, 4]), SeatingRules::default());
    let family = vec![Part { product: ANYWHERE, quantity: 2 }, Part { product: STALLS, quantity: 1 }];
    let wanted = BestAvailable { choices: vec![family], ..together(STALLS, 3) };
    let items = ask(&mut run, &[seats(STALLS, &[3])], vec![wanted]).unwrap();
    assert_eq!(items, [seats(STALLS, &[3]), seats(ANYWHERE, &[0, 1]), seats(STALLS, &[2])]);
}

#[test]
fn of_several_products_the_best_seat_decides_and_a_full_quota_does_not_refuse() {
    let mut plan = rows(&[2, 2]);
    plan.seats[0..2].iter_mut().for_each(|seat| seat.category = BALCONY);
    let mut run = on_sale(plan, SeatingRules::default());
    let choice = |product| vec![Part { product, quantity: 2 }];
    let wanted = BestAvailable { choices: vec![choice(LAST_MINUTE), choice(STALLS), choice(BALCONY)], ..together(STALLS, 2) };
    assert!(matches!(chosen(&mut run, together(LAST_MINUTE, 2)), Err(Rejection::SoldOut { quota: 0, requested: 2, left: 1, .. })));
    assert_eq!(ask(&mut run, &[], vec![wanted.clone()]), Ok(vec![seats(BALCONY, &[0, 1])]));
    assert_eq!(ask(&mut run, &[], vec![wanted]), Ok(vec![seats(STALLS, &[2, 3])]));
}

// --- any house, any requests ---

#[derive(Clone, Debug)]
enum Step {
    Best(BestAvailable, Option<BestAvailable>),
    Pick(Vec<Index>),
    Release(Index),
    Block(Index),
}

fn house() -> impl Strategy<Value = SeatingPlan> {
    let seat = (0..2_u16, prop::array::uniform4(prop::bool::weighted(0.12)), 0.5..1.5_f64);
    let row = (prop::collection::vec(seat, 1..12), 0..3_u8, 0..4_u8);
    let focal = prop::option::of((-6.0..6.0_f64, -1.0..6.0_f64).prop_map(|(x, y)| Point { x, y }));
    (prop::collection::vec(row, 1..7), focal.clone(), focal).prop_map(|(rows, of_plan, of_zone)| {
        let category = |name: &str| Category { name: name.into(), colour: String::new() };
        let section = |zone| Section { label: format!("{zone:?}"), zone, entrance: None };
        let mut plan = SeatingPlan {
            categories: vec![category("a"), category("b")],
            focal_point: of_plan,
            zones: vec![Zone { name: "one".into(), focal_point: of_zone }, Zone { name: "two".into(), focal_point: None }],
            sections: vec![section(Some(0)), section(Some(1)), section(None)],
            ..SeatingPlan::default()
        };
        for (number, (row, place, kind)) in (0..).zip(rows) {
            let kind = match kind {
                0 => RowKind::Table { centre: Point::default(), whole: row.len() % 2 == 0 },
                _ => RowKind::Line,
            };
            let mut x = 0.0;
            let seats = row.into_iter().zip(1..).map(|((category, flags, step), label): (_, u32)| {
                x += step;
                let [accessible, companion, restricted_view, aisle_after] = flags;
                let (label, position) = (label.to_string().into(), Point { x, y: f64::from(number) });
                Seat { label, position, category, accessible, companion, restricted_view, aisle_after, ..Seat::default() }
            });
            let seats: Vec<Seat> = seats.collect();
            plan.push_row(Row { label: number.to_string(), section: Some(u16::from(place)), kind, ..Row::default() }, seats);
        }
        plan
    })
}

fn wanted() -> impl Strategy<Value = BestAvailable> {
    let choices = prop_oneof![
        4 => (0..3_u16, 1..7_u32).prop_map(|(product, quantity)| vec![vec![Part { product, quantity }]]),
        1 => (1..5_u32).prop_map(|quantity| [STALLS, BALCONY].map(|product| vec![Part { product, quantity }]).to_vec()),
        1 => (1..3_u32, 1..3_u32).prop_map(|(some, others)| {
            vec![vec![Part { product: ANYWHERE, quantity: some }, Part { product: STALLS, quantity: others }]]
        }),
    ];
    let filters =
        (prop_oneof![3 => Just(vec![]), 1 => Just(vec![0])], prop_oneof![3 => Just(vec![]), 1 => Just(vec![1]), 1 => Just(vec![0, 1])]);
    (choices, filters, prop::bool::weighted(0.2), any::<bool>(), prop::bool::weighted(0.3)).prop_map(
        |(choices, (categories, zones), accessible, across_aisles, split)| BestAvailable {
            choices,
            accessible: u32::from(accessible),
            categories,
            zones,
            across_aisles,
            split,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (wanted(), prop::option::weighted(0.15, wanted())).prop_map(|(first, second)| Step::Best(first, second)),
        2 => prop::collection::vec(any::<Index>(), 1..4).prop_map(Step::Pick),
        2 => any::<Index>().prop_map(Step::Release),
        1 => any::<Index>().prop_map(Step::Block),
    ]
}

fn seating() -> impl Strategy<Value = SeatingRules> {
    let orphans = prop_oneof![Just(Orphans::Off), Just(Orphans::Prefer), Just(Orphans::Forbid)];
    let released = prop_oneof![2 => Just(None), 1 => Just(Some(72 * HOUR_MS))];
    (orphans, released, any::<bool>()).prop_map(|(orphans, accessible_released_before_start_ms, accessible_released_when_sold_out)| {
        SeatingRules { orphans, accessible_released_before_start_ms, accessible_released_when_sold_out }
    })
}

/// What a reference knows at one step: who is free, and the rules.
struct Reference<'a> {
    plan: &'a SeatingPlan,
    free: Vec<bool>,
    seating: SeatingRules,
}

impl Reference<'_> {
    fn of<'a>(run: &Run, plan: &'a SeatingPlan, seating: SeatingRules) -> Reference<'a> {
        let free = (0..).zip(&plan.seats).map(|(seat, _)| run.seat(1, seat) == SeatState::Free).collect();
        Reference { plan, free, seating }
    }

    fn focus(&self, row: &Row) -> Point {
        let zone = row.section.and_then(|section| self.plan.sections[usize::from(section)].zone);
        let own = zone.and_then(|zone| self.plan.zones[usize::from(zone)].focal_point);
        own.or(self.plan.focal_point).unwrap_or_else(|| {
            let of_zone = self.plan.rows.iter().filter(|row| row.section.and_then(|at| self.plan.sections[usize::from(at)].zone) == zone);
            let at = |seat: &u32| self.plan.seats[*seat as usize].position;
            let xs: Vec<f64> = of_zone.clone().flat_map(|row| &row.seats).map(|seat| at(seat).x).collect();
            let front = of_zone.map(|row| at(&row.seats[0]).y).fold(f64::INFINITY, f64::min);
            let (least, most) = xs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(*x), most.max(*x)));
            Point { x: f64::midpoint(least, most), y: front }
        })
    }

    fn score(&self, row: &Row, seats: &[u32], asked: u32) -> f64 {
        let focus = self.focus(row);
        let far = |seat: &u32| {
            let seat = &self.plan.seats[*seat as usize];
            let far = (seat.position.x - focus.x).hypot(seat.position.y - focus.y);
            if seat.restricted_view { 2.0 * far } else { far }
        };
        let accessible = seats.iter().filter(|seat| self.plan.seats[**seat as usize].accessible).count();
        let wasted = if asked > 0 { accessible as f64 - f64::from(asked) } else { 0.0 };
        seats.iter().map(far).sum::<f64>() / seats.len() as f64 + 1e6 * wasted
    }

    fn alone(&self, row: &Row, window: &[u32]) -> bool {
        let free = |place: Option<usize>| {
            place.and_then(|place| row.seats.get(place)).filter(|seat| self.free[**seat as usize] && !window.contains(seat))
        };
        (0..row.seats.len()).any(|place| {
            let aisle = |place: usize| self.plan.seats[row.seats[place] as usize].aisle_after;
            let left = place.checked_sub(1).filter(|left| !aisle(*left));
            let right = Some(place + 1).filter(|right| *right < row.seats.len() && !aisle(place));
            let beside_window = [left, right].into_iter().flatten().any(|place| window.contains(&row.seats[place]));
            beside_window && free(Some(place)).is_some() && free(left).is_none() && free(right).is_none()
        })
    }

    /// Every place for a group in one manner, with its score.
    fn places(&self, wanted: &BestAvailable, choice: &[Part], kept: bool, spare: bool, across: bool) -> Vec<(f64, Vec<u32>)> {
        let quantity = wanted.quantity() as usize;
        let categories: &[&[u16]] = &[&[0], &[1], &[0, 1]];
        let good = |number: &u32| {
            let seat = &self.plan.seats[*number as usize];
            let admitted = choice.iter().all(|part| categories[usize::from(part.product)].contains(&seat.category));
            let asked = wanted.categories.is_empty() || wanted.categories.contains(&seat.category);
            self.free[*number as usize] && admitted && asked && (kept || !(seat.accessible || seat.companion))
        };
        let mut places = Vec::new();
        for row in &self.plan.rows {
            let zone = row.section.and_then(|section| self.plan.sections[usize::from(section)].zone);
            if !wanted.zones.is_empty() && !zone.is_some_and(|zone| wanted.zones.contains(&zone)) {
                continue;
            }
            let whole = matches!(row.kind, RowKind::Table { whole: true, .. });
            for window in row.seats.windows(quantity).filter(|window| !whole || window.len() == row.seats.len()) {
                let aisle = window[..quantity - 1].iter().any(|seat| self.plan.seats[*seat as usize].aisle_after);
                let accessible = window.iter().filter(|seat| self.plan.seats[**seat as usize].accessible).count();
                let alone = spare && row.kind == RowKind::Line && self.alone(row, window);
                if window.iter().all(good) && (across || !aisle) && accessible >= wanted.accessible as usize && !alone {
                    places.push((self.score(row, window, wanted.accessible), window.to_vec()));
                }
            }
        }
        places
    }

    fn best(&self, wanted: &BestAvailable) -> Option<f64> {
        let kept: &[bool] =
            match (wanted.accessible, self.seating.accessible_released_before_start_ms, self.seating.accessible_released_when_sold_out) {
                (0, None, false) => &[false],
                (0, None, true) => &[false, true],
                _ => &[true],
            };
        let spare: &[bool] = match self.seating.orphans {
            Orphans::Off => &[false],
            Orphans::Prefer => &[true, false],
            Orphans::Forbid => &[true],
        };
        let across: &[bool] = if wanted.across_aisles { &[false, true] } else { &[false] };
        let manners =
            kept.iter().flat_map(|kept| spare.iter().flat_map(move |spare| across.iter().map(move |across| (*kept, *spare, *across))));
        manners.into_iter().find_map(|(kept, spare, across)| {
            let places = wanted.choices.iter().flat_map(|choice| self.places(wanted, choice, kept, spare, across));
            places.map(|(score, _)| score).min_by(f64::total_cmp)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_finds_what_a_scan_of_the_plan_would(plan in house(), seating in seating(), steps in prop::collection::vec(step(), 1..40)) {
        let mut run = on_sale(plan.clone(), seating);
        let mut holds: Vec<HoldId> = Vec::new();
        for step in steps {
            match step {
                Step::Best(wanted, second) => {
                    let reference = Reference::of(&run, &plan, seating);
                    let expected = reference.best(&wanted);
                    match chosen(&mut run, wanted.clone()) {
                        Ok(seats) => {
                            holds.push(run.last_hold());
                            let row = &plan.rows[plan.row_of(seats[0])];
                            if let Some(expected) = expected {
                                let score = reference.score(row, &seats, wanted.accessible);
                                prop_assert!((score - expected).abs() <= 1e-3 * (1.0 + expected.abs()), "{score} instead of {expected}: {seats:?}");
                                prop_assert!(row.seats.windows(seats.len()).any(|window| window == seats));
                            } else {
                                prop_assert!(wanted.split, "{seats:?} is no place for {wanted:?}");
                            }
                        }
                        Err(rejection) => prop_assert_eq!(expected, None, "{:?}", rejection),
                    }
                    // A second group of the same hold never gets the seats of the first.
                    if let Some(second) = second
                        && let Ok(items) = ask(&mut run, &[], vec![wanted, second])
                    {
                        holds.push(run.last_hold());
                        let mut all: Vec<u32> = items.iter().flat_map(|item| item.seats().to_vec()).collect();
                        let many = all.len();
                        all.sort_unstable();
                        all.dedup();
                        prop_assert_eq!(all.len(), many);
                    }
                }
                Step::Pick(picks) => {
                    let mut picked: Vec<u32> = picks.iter().map(|pick| u32::try_from(pick.index(plan.seats.len())).unwrap()).collect();
                    picked.sort_unstable();
                    picked.dedup();
                    if ask(&mut run, &[seats(ANYWHERE, &picked)], vec![]).is_ok() {
                        holds.push(run.last_hold());
                    }
                }
                Step::Release(which) if !holds.is_empty() => {
                    let hold = holds.swap_remove(which.index(holds.len()));
                    run.accept(Command::ReleaseHold(ReleaseHold { hold }));
                }
                Step::Release(_) => {}
                Step::Block(which) => {
                    let seats = vec![u32::try_from(which.index(plan.seats.len())).unwrap()];
                    let _ = run.ask(&Command::BlockSeats(BlockSeats { show: show(1), seats, reason: "camera".into() }).into());
                }
            }
        }
        let report = run.audit();
        prop_assert!(report.is_clean(), "{:?}", report.findings);
        prop_assert_eq!(run.replayed(), run.state);
    }

    /// Without wheelchair places and rules, a group is split into as few parts as the runs of free seats allow.
    #[test]
    fn a_split_has_as_few_parts_as_possible(lengths in prop::collection::vec(1..7_u32, 1..6), picks in prop::collection::vec(any::<Index>(), 0..8), quantity in 1..12_u32) {
        let plan = rows(&lengths);
        let mut run = on_sale(plan.clone(), SeatingRules::default());
        for pick in picks {
            let _ = ask(&mut run, &[seats(STALLS, &[u32::try_from(pick.index(plan.seats.len())).unwrap()])], vec![]);
        }
        let mut runs: Vec<u32> = Vec::new();
        for row in &plan.rows {
            let free: Vec<bool> = row.seats.iter().map(|seat| run.seat(1, *seat) == SeatState::Free).collect();
            runs.extend(free.split(|free| !free).map(|run| u32::try_from(run.len()).unwrap()).filter(|length| *length > 0));
        }
        runs.sort_unstable_by(|a, b| b.cmp(a));
        let enough = runs.iter().sum::<u32>() >= quantity;
        let mut left = i64::from(quantity);
        let fewest = runs.iter().take_while(|length| { let more = left > 0; left -= i64::from(**length); more }).count();
        match chosen(&mut run, BestAvailable { split: true, ..together(STALLS, quantity) }) {
            Ok(seats) => {
                prop_assert_eq!(seats.len(), quantity as usize);
                let mut by_row: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
                seats.iter().for_each(|seat| by_row.entry(plan.row_of(*seat)).or_default().push(*seat));
                by_row.values_mut().for_each(|seats| seats.sort_unstable());
                let parts: usize = by_row.values().map(|seats| 1 + seats.windows(2).filter(|pair| pair[1] != pair[0] + 1).count()).sum();
                prop_assert_eq!(parts, fewest, "{:?} of runs {:?}", seats, runs);
            }
            Err(rejection) => prop_assert!(!enough, "{rejection:?}"),
        }
        prop_assert!(run.audit().is_clean());
    }
}
