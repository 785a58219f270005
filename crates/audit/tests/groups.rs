//! Groups, tables and lone seats: what was placed wrongly, and what was refused although it was not so.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::sync::Arc;

use guichet_audit::{Audit, Report, Rule};
use guichet_domain::Rejection;
use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::seating::{Point, Row, RowKind, Seat, SeatingPlan};
use guichet_domain::show::{Orphans, SeatingRules, ShowDefinition};
use guichet_domain::{Event, Record};
use support::*;

/// A row of six seats with an aisle behind the fourth, and a table of three (6, 7, 8) that is sold as a whole.
fn house() -> SeatingPlan {
    let seat = |number: u32| Seat { label: number.to_string().into(), aisle_after: number == 3, ..Seat::default() };
    let mut plan = SeatingPlan { sections: Vec::new(), rows: Vec::new(), seats: Vec::new(), ..plan() };
    plan.push_row(Row { label: "A".into(), ..Row::default() }, (0..6).map(seat));
    let kind = RowKind::Table { centre: Point::default(), whole: true };
    plan.push_row(Row { label: "T".into(), kind, ..Row::default() }, (6..9).map(seat));
    plan
}

/// Audits a journal of a show with this house in which these seats are held, and then this happened.
fn audit(orphans: Orphans, held: &[u32], then: Record) -> Report {
    let definition = ShowDefinition { seating: SeatingRules { orphans, ..SeatingRules::default() }, ..live::live_show(1, LATE) };
    let definition = Arc::new(ShowDefinition { per_buyer_max: None, ..definition });
    let adopted = Event::ShowAdopted { definition, plan: Arc::new(house()) };
    let open = Event::SaleStateChanged { show: show(1), state: guichet_domain::show::SaleState::Open };
    let mut journal = vec![accepted(vec![adopted]), accepted(vec![open])];
    journal.extend(held.chunks(1).zip(10..).map(|(seat, number)| accepted(vec![placed(hold(number), seats(seat), 90_000)])));
    journal.push(then);
    let mut audit = Audit::new(PARTITION);
    journal.iter().zip(0..).for_each(|(record, offset)| audit.record(offset, 2_000, record));
    audit.finish()
}

const LATE: guichet_domain::show::LatePayment = guichet_domain::show::LatePayment::Refund;

fn broken(report: &Report) -> Vec<Rule> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn holds_that_break_the_rules_of_the_house_are_found() {
    let cases = [
        (Orphans::Forbid, &[][..], &[1, 2][..], vec![Rule::SeatLeftAlone]),
        (Orphans::Forbid, &[], &[0, 1], vec![]),
        // The aisle ends the row: seat 3 would be alone, seat 4 has seat 5.
        (Orphans::Forbid, &[], &[0, 1, 2], vec![Rule::SeatLeftAlone]),
        (Orphans::Forbid, &[], &[0, 1, 2, 3], vec![]),
        (Orphans::Prefer, &[], &[1, 2], vec![]),
        (Orphans::Off, &[], &[6, 7], vec![Rule::TableTornApart]),
        (Orphans::Forbid, &[], &[6, 7, 8], vec![]),
    ];
    for (orphans, held, taken, expected) in cases {
        let report = audit(orphans, held, accepted(vec![placed(hold(1), seats(taken), 90_000)]));
        assert_eq!(broken(&report), expected, "{taken:?}: {:#?}", report.findings);
    }
}

#[test]
fn refusals_of_groups_that_were_not_true_are_found() {
    let group = |people| BestAvailable {
        choices: vec![vec![Part { product: 0, quantity: people }]],
        accessible: 0,
        categories: Vec::new(),
        zones: Vec::new(),
        across_aisles: false,
        split: false,
    };
    let apart = |wanted: BestAvailable, left, together_max| Rejection::NotEnoughAdjacentSeats {
        show: show(1),
        wanted: Box::new(wanted),
        left,
        together_max,
        claimed: Vec::new(),
    };
    let sold_out = |people, left| Rejection::SeatsSoldOut { show: show(1), wanted: Box::new(group(people)), left, claimed: Vec::new() };
    let alone = |seats: &[u32]| Rejection::OrphanSeat { show: show(1), seats: seats.to_vec() };
    let whole = |seats: &[u32]| Rejection::TableSoldWhole { show: show(1), seats: seats.to_vec() };
    let claimed = Rejection::NotEnoughAdjacentSeats {
        show: show(1),
        wanted: Box::new(group(4)),
        left: 5,
        together_max: 3,
        claimed: vec![0, 6, 7, 8],
    };
    use Orphans::{Forbid, Off};
    let cases = [
        (Off, &[][..], apart(group(4), 9, 3), false),
        (Off, &[0][..], apart(group(4), 8, 3), true),
        (Off, &[0], apart(group(4), 7, 3), false),
        (Off, &[0, 7], apart(group(4), 5, 4), false),
        (Off, &[0, 7], apart(group(3), 5, 2), false),
        (Off, &[0, 4, 7], apart(group(4), 4, 3), true),
        (Off, &[0], apart(BestAvailable { across_aisles: true, ..group(5) }, 8, 3), false),
        (Off, &[0], apart(BestAvailable { across_aisles: true, ..group(6) }, 8, 5), true),
        (Off, &[0], apart(BestAvailable { split: true, ..group(4) }, 8, 3), false),
        (Off, &[0], apart(group(2), 8, 1), false),
        (Forbid, &[7], apart(group(3), 6, 2), true),
        (Off, &[7], apart(group(3), 6, 2), false),
        (Off, &[], claimed.clone(), true),
        (Off, &[1], claimed, false),
        (Off, &[0, 1, 2, 3, 7], sold_out(3, 2), true),
        (Off, &[0, 1, 2, 3, 7], sold_out(3, 1), false),
        (Off, &[0, 1, 2, 3], sold_out(3, 2), false),
        (Forbid, &[], alone(&[0]), true),
        (Off, &[], alone(&[0]), false),
        (Forbid, &[0], alone(&[0]), false),
        (Off, &[], whole(&[8]), true),
        (Off, &[], whole(&[1]), false),
    ];
    for (orphans, held, rejection, is_true) in cases {
        let report = audit(orphans, held, refused(rejection.clone()));
        let wrong = broken(&report).into_iter().filter(|rule| *rule == Rule::FalseRefusal).count();
        assert_eq!(wrong, usize::from(!is_true), "{held:?} {rejection:?}: {:#?}", report.findings);
    }
}
