//! A plan that is revised while it is sold.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::commands::{BlockSeats, PlaceHold, ReleaseHold, RevisePlan, UnblockSeats};
use guichet_domain::inventory::SeatState;
use guichet_domain::revision::{Changes, revise};
use guichet_domain::seating::{Category, Point, Row, RowKind, Seat, SeatingPlan};
use guichet_domain::{Command, Event, HoldId, Rejection};
use proptest::prelude::*;
use proptest::sample::Index;

use support::{BOX, Run, STALLS, TTL_MS, cancel_of, hold_of, plan, seats, show};

fn revision(plan: SeatingPlan) -> Command {
    Command::RevisePlan(RevisePlan { show: show(1), plan: Arc::new(plan) })
}

/// The same seats drawn anew: none has the number that it had, and what is withdrawn is not there.
fn drawn_anew(plan: &SeatingPlan) -> SeatingPlan {
    let mut anew = SeatingPlan { rows: Vec::new(), seats: Vec::new(), guids: Vec::new(), ..plan.clone() };
    for row in plan.rows.iter().rev().filter(|row| !row.seats.is_empty()) {
        anew.push_row(Row { seats: Vec::new(), ..row.clone() }, row.seats.iter().map(|seat| plan.seats[*seat as usize].clone()));
    }
    anew
}

fn without(labels: &[&str]) -> SeatingPlan {
    without_of(&plan(), labels)
}

fn without_of(plan: &SeatingPlan, labels: &[&str]) -> SeatingPlan {
    let mut plan = plan.clone();
    let gone: Vec<u32> = (0..).take(plan.seats.len()).filter(|seat| labels.contains(&plan.seat_label(*seat).as_str())).collect();
    assert_eq!(gone.len(), labels.len());
    gone.iter().for_each(|seat| plan.seats[*seat as usize].withdrawn = true);
    plan.rows.iter_mut().for_each(|row| row.seats.retain(|seat| !gone.contains(seat)));
    drawn_anew(&plan)
}

fn changes(run: &mut Run, plan: SeatingPlan) -> Changes {
    match run.accept(revision(plan)).as_slice() {
        [Event::PlanRevised { added, withdrawn, moved, .. }] => {
            Changes { added: added.clone(), withdrawn: withdrawn.clone(), moved: moved.clone() }
        }
        other => panic!("no revision: {other:?}"),
    }
}

fn the_plan(run: &Run) -> &SeatingPlan {
    &run.state.show(show(1)).unwrap().plan
}

#[test]
fn seats_are_recognised_by_their_labels_and_keep_their_numbers() {
    let mut run = Run::on_sale();
    let sold = run.sold(1, &[seats(STALLS, &[1])]);
    run.hold(1, &[seats(STALLS, &[2])], TTL_MS);

    let mut wanted = without(&["A-1-1", "A-1-6"]);
    let last = wanted.seats.len() - 1;
    wanted.categories.insert(0, Category { name: "gallery".into(), colour: "#111111".into() });
    wanted.seats.iter_mut().for_each(|seat| seat.category += 1);
    wanted.seats[last].category = 1;
    let gallery = Seat { category: 0, ..Seat::default() };
    wanted.push_row(
        Row { label: "G".into(), ..Row::default() },
        ["1", "2"].map(|label| Seat { label: label.into(), position: Point { x: 3.0, y: 9.0 }, ..gallery.clone() }),
    );
    assert_eq!(changes(&mut run, wanted), Changes { added: vec![6, 7], withdrawn: vec![0, 5], moved: vec![4] });

    let labels: Vec<String> = (0..8).map(|seat| the_plan(&run).seat_label(seat)).collect();
    assert_eq!(labels, ["A-1-1", "A-1-2", "A-1-3", "A-1-4", "A-1-5", "A-1-6", "G-1", "G-2"]);
    let names: Vec<&str> = the_plan(&run).categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["stalls", "box", "gallery"], "products name categories by their places");
    assert_eq!(the_plan(&run).check(), vec![]);
    let states: Vec<SeatState> = (0..8).map(|seat| run.seat(1, seat)).collect();
    use SeatState::{Blocked, Booked, Free, Held};
    assert_eq!(states, [Blocked, Booked, Held, Free, Free, Blocked, Free, Free]);

    // What was a box is sold as stalls now; what is gone can be neither held nor given back.
    assert_eq!(run.refuse(hold_of(1, &[seats(BOX, &[4])], TTL_MS)), Rejection::SeatNotInProduct { seat: 4, product: BOX });
    run.hold(1, &[seats(STALLS, &[4])], TTL_MS);
    assert_eq!(run.refuse(hold_of(1, &[seats(STALLS, &[0])], TTL_MS)), Rejection::UnknownSeat { seat: 0 });
    let unblock = UnblockSeats { show: show(1), seats: vec![0] };
    assert_eq!(run.refuse(Command::UnblockSeats(unblock)), Rejection::UnknownSeat { seat: 0 });
    let block = BlockSeats { show: show(1), seats: vec![5], reason: String::new() };
    assert_eq!(run.refuse(Command::BlockSeats(block)), Rejection::UnknownSeat { seat: 5 });

    // Back under its number, and the sale goes on as if nothing had been.
    let same = the_plan(&run).clone();
    assert_eq!(run.accept(revision(same)), vec![], "the plan that it has changes nothing");
    let again = revise(the_plan(&run), &plan()).unwrap();
    assert_eq!(changes(&mut run, drawn_anew(&again)), Changes { added: vec![0, 5], withdrawn: vec![6, 7], moved: vec![4] });
    run.hold(1, &[seats(STALLS, &[0])], TTL_MS);
    run.accept(cancel_of(sold, None));
    assert!(run.audit().is_clean(), "{:#?}", run.audit().findings);
    assert_eq!(run.replayed().show(show(1)), run.state.show(show(1)));
}

#[test]
fn names_that_other_programs_use_go_with_their_seats() {
    let named = |mut plan: SeatingPlan, names: &[&str]| {
        plan.guids = names.iter().map(|name| (*name).into()).collect();
        plan
    };
    let known = named(plan(), &["a", "b", "c", "d", "e", "f"]);
    let mut wanted = without(&["A-1-2"]);
    wanted.push_row(Row { label: "2".into(), section: Some(0), ..Row::default() }, [Seat { label: "1".into(), ..Seat::default() }]);
    let guids = |plan: SeatingPlan| plan.guids.iter().map(ToString::to_string).collect::<Vec<_>>();
    // The drawing has none of its own: those that are known stay, what is new is called by its label.
    assert_eq!(guids(revise(&known, &wanted).unwrap()), ["a", "b", "c", "d", "e", "f", "A-2-1"]);
    let anew = named(wanted.clone(), &["A", "C", "D", "E", "F", "N"]);
    assert_eq!(guids(revise(&known, &anew).unwrap()), ["A", "b", "C", "D", "E", "F", "N"], "what is withdrawn keeps its name");
    assert!(revise(&plan(), &wanted).unwrap().guids.is_empty());
}

#[test]
fn what_somebody_has_stands_against_a_revision_and_nothing_is_changed() {
    let mut run = Run::on_sale();
    run.sold(1, &[seats(STALLS, &[1])]);
    let hold = run.hold(1, &[seats(STALLS, &[3])], TTL_MS);
    let before = run.state.show(show(1)).cloned();
    let wanted = || without(&["A-1-1", "A-1-2", "A-1-4"]);
    let conflict = |lost: &[u32]| Rejection::PlanConflict { show: show(1), lost: lost.to_vec(), parted: vec![] };
    assert_eq!(run.refuse(revision(wanted())), conflict(&[1, 3]));
    assert_eq!(run.state.show(show(1)).cloned(), before);
    run.accept(Command::ReleaseHold(ReleaseHold { hold }));
    assert_eq!(run.refuse(revision(wanted())), conflict(&[1]));
    assert_eq!(changes(&mut run, without(&["A-1-1", "A-1-4"])).withdrawn, [0, 3]);

    let faulty = SeatingPlan { categories: Vec::new(), ..plan() };
    assert!(matches!(run.refuse(revision(faulty)), Rejection::InvalidPlan { what } if what.contains("categor")));
    assert!(run.audit().is_clean(), "{:#?}", run.audit().findings);
}

#[test]
fn a_table_that_is_sold_in_part_cannot_become_one_that_is_sold_whole() {
    let tables = |whole: bool, chairs: u32| {
        let mut plan = plan();
        let table = Row { label: "T".into(), kind: RowKind::Table { centre: Point::default(), whole }, ..Row::default() };
        plan.push_row(table, (1..=chairs).map(|chair| Seat { label: chair.to_string().into(), ..Seat::default() }));
        plan
    };
    let mut run = Run::on_sale();
    assert_eq!(changes(&mut run, tables(false, 3)).added, [6, 7, 8]);
    let hold = run.hold(1, &[seats(STALLS, &[7])], TTL_MS);
    let parted = Rejection::PlanConflict { show: show(1), lost: vec![], parted: vec![6, 8] };
    assert_eq!(run.refuse(revision(tables(true, 3))), parted);
    run.accept(Command::ReleaseHold(ReleaseHold { hold }));
    assert_eq!(changes(&mut run, tables(true, 3)), Changes::default());
    assert_eq!(run.refuse(hold_of(1, &[seats(STALLS, &[7])], TTL_MS)).code(), "table_sold_whole");
    // One chair of a sold table is given back: that is no fault of a revision, but a chair more is.
    let order = run.sold(1, &[seats(STALLS, &[6, 7, 8])]);
    run.accept(cancel_of(order, Some(&[1])));
    let mut moved = tables(true, 3);
    moved.name = "Rose".into();
    assert_eq!(changes(&mut run, moved), Changes::default());
    let parted = Rejection::PlanConflict { show: show(1), lost: vec![], parted: vec![9] };
    assert_eq!(run.refuse(revision(tables(true, 4))), parted);
    assert!(run.audit().is_clean(), "{:#?}", run.audit().findings);
}

#[derive(Clone, Debug)]
enum Op {
    Hold(Vec<Index>),
    Best(u32),
    Release(Index),
    Sell(Index),
    Cancel(Index),
    Block(Index, bool),
    Take(Vec<Index>),
    BringBack,
    Move(Index),
    Add(Index),
}

fn op() -> impl Strategy<Value = Op> {
    let some = || prop::collection::vec(any::<Index>(), 1..4);
    prop_oneof![
        3 => some().prop_map(Op::Hold),
        2 => (1_u32..4).prop_map(Op::Best),
        1 => any::<Index>().prop_map(Op::Release),
        2 => any::<Index>().prop_map(Op::Sell),
        1 => any::<Index>().prop_map(Op::Cancel),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(seat, blocked)| Op::Block(seat, blocked)),
        2 => some().prop_map(Op::Take),
        1 => Just(Op::BringBack),
        1 => any::<Index>().prop_map(Op::Move),
        1 => any::<Index>().prop_map(Op::Add),
    ]
}

/// The plan after somebody has drawn on it.
fn redrawn(plan: &SeatingPlan, op: &Op) -> SeatingPlan {
    let mut wanted = plan.clone();
    match op {
        Op::Take(seats) => {
            for seat in seats {
                let seat = seat.index(wanted.seats.len());
                wanted.seats[seat].withdrawn = true;
                wanted.rows.iter_mut().for_each(|row| row.seats.retain(|other| *other as usize != seat));
            }
        }
        Op::BringBack => {
            for seat in (0..wanted.seats.len()).filter(|seat| plan.seats[*seat].withdrawn) {
                wanted.seats[seat].withdrawn = false;
                wanted.rows[plan.seats[seat].row as usize].seats.insert(0, u32::try_from(seat).unwrap());
            }
        }
        Op::Move(seat) => {
            let seat = seat.index(wanted.seats.len());
            wanted.seats[seat].category = 1 - wanted.seats[seat].category;
        }
        Op::Add(seat) => {
            let row = plan.seats[seat.index(plan.seats.len())].row;
            let number = wanted.seats.len();
            wanted.seats.push(Seat { label: format!("n{number}").into(), row, ..Seat::default() });
            wanted.rows[row as usize].seats.push(u32::try_from(number).unwrap());
        }
        _ => {}
    }
    drawn_anew(&wanted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Whatever is sold meanwhile: no seat of anybody is lost, numbers and labels belong together for ever, the checker finds nothing,
    /// and the journal alone leads to the same state.
    #[test]
    fn plans_are_revised_in_the_middle_of_the_sale(ops in prop::collection::vec(op(), 1..40)) {
        let mut run = Run::on_sale();
        let (mut holds, mut orders) = (Vec::<HoldId>::new(), Vec::new());
        let mut labels: BTreeMap<u32, String> = BTreeMap::new();
        for op in &ops {
            let plan = the_plan(&run).clone();
            let seat = |index: &Index| u32::try_from(index.index(plan.seats.len())).unwrap();
            match op {
                Op::Hold(chosen) => {
                    let chosen: Vec<u32> = chosen.iter().map(seat).collect();
                    let product = if plan.seats[chosen[0] as usize].category == 0 { STALLS } else { BOX };
                    let placed = run.ask(&hold_of(1, &[seats(product, &chosen)], TTL_MS).into());
                    holds.extend(placed.is_ok().then(|| run.last_hold()));
                }
                Op::Best(quantity) => {
                    let choices = vec![vec![Part { product: STALLS, quantity: *quantity }]];
                    let (accessible, categories, zones) = (0, Vec::new(), Vec::new());
                    let best = BestAvailable { choices, accessible, categories, zones, across_aisles: false, split: true };
                    let items = Vec::new().into();
                    let hold = PlaceHold { show: show(1), items, best: vec![best], ttl_ms: TTL_MS, buyer_ref: None };
                    let placed = run.ask(&Command::PlaceHold(hold).into());
                    holds.extend(placed.is_ok().then(|| run.last_hold()));
                }
                Op::Release(hold) if !holds.is_empty() => {
                    let hold = holds.remove(hold.index(holds.len()));
                    run.accept(Command::ReleaseHold(ReleaseHold { hold }));
                }
                Op::Sell(hold) if !holds.is_empty() => {
                    let hold = holds.remove(hold.index(holds.len()));
                    let order = run.order(&[hold]);
                    for _ in 0..3 {
                        run.report(support::done());
                    }
                    orders.push(order);
                }
                Op::Cancel(order) if !orders.is_empty() => {
                    let order = orders.remove(order.index(orders.len()));
                    run.accept(cancel_of(order, None));
                    run.report(support::done());
                }
                Op::Block(index, blocked) => {
                    let (show, seats) = (show(1), vec![seat(index)]);
                    let _ = run.ask(&match blocked {
                        true => Command::BlockSeats(BlockSeats { show, seats, reason: String::new() }),
                        false => Command::UnblockSeats(UnblockSeats { show, seats }),
                    }.into());
                }
                Op::Take(_) | Op::BringBack | Op::Move(_) | Op::Add(_) => {
                    let wanted = redrawn(&plan, op);
                    let taken = |seat: &u32| matches!(run.seat(1, *seat), SeatState::Held | SeatState::Booked);
                    let mut lost: Vec<u32> = (0..).take(plan.seats.len()).filter(taken).collect();
                    let kept = wanted.labels();
                    lost.retain(|seat| !kept.contains_key(&plan.seat_label(*seat)));
                    let empty = wanted.seats.is_empty() && wanted.areas.is_empty();
                    match run.ask(&revision(wanted).into()) {
                        Ok(_) => {
                            prop_assert!(lost.is_empty());
                            prop_assert_eq!(the_plan(&run).labels().into_keys().collect::<Vec<_>>(), kept.into_keys().collect::<Vec<_>>());
                        }
                        Err(Rejection::PlanConflict { lost: named, .. }) => prop_assert_eq!(named, lost),
                        Err(other) => prop_assert!(empty, "{:?}", other),
                    }
                }
                Op::Release(_) | Op::Sell(_) | Op::Cancel(_) => {}
            }
            for seat in 0..run.state.show(show(1)).unwrap().inventory.seats.len() {
                let label = the_plan(&run).seat_label(seat);
                prop_assert_eq!(labels.entry(seat).or_insert_with(|| label.clone()), &label);
                let gone = the_plan(&run).seats[seat as usize].withdrawn;
                prop_assert!(!gone || run.seat(1, seat) == SeatState::Blocked);
            }
            prop_assert_eq!(the_plan(&run).check(), vec![]);
        }
        let report = run.audit();
        prop_assert!(report.is_clean(), "{:#?}", report.findings);
        let mut replayed = run.replayed();
        replayed.pass_time(run.now_unix_ms);
        prop_assert_eq!(replayed, run.state);
    }
}
