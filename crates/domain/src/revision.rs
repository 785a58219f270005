//! A plan that is revised while it is sold.
//!
//! What is wanted is a plan as anybody would draw it anew; seats are recognised by their label paths. A seat keeps its number for ever,
//! and a number its label path: what is new gets the next numbers, what is not wanted any more is withdrawn, and what was withdrawn
//! and is wanted again comes back under its number. Categories and zones keep their places in their lists, because products and
//! requests name them by these.
//!
//! Must never be true: a seat that somebody holds or has bought withdrawn, or under another label.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::inventory::{SeatMap, SeatState};
use crate::seating::{Area, PlanFault, Row, RowKind, Seat, SeatingPlan, Section};

/// The plan that a show has after a revision.
///
/// # Errors
/// Over its revisions the plan would come to have more categories, zones or sections than can be numbered.
pub fn revise(plan: &SeatingPlan, wanted: &SeatingPlan) -> Result<SeatingPlan, PlanFault> {
    let (categories, category_of) = merged(&plan.categories, &wanted.categories, |category| &category.name, "categories")?;
    let (zones, zone_of) = merged(&plan.zones, &wanted.zones, |zone| &zone.name, "zones")?;
    let section = |section: &Section| Section { zone: section.zone.map(|zone| zone_of[usize::from(zone)]), ..section.clone() };
    let area = |area: &Area| Area { category: category_of[usize::from(area.category)], ..area.clone() };
    let mut revised = SeatingPlan {
        categories,
        zones,
        sections: wanted.sections.iter().map(section).collect(),
        rows: Vec::with_capacity(wanted.rows.len()),
        seats: plan.seats.iter().map(|seat| Seat { withdrawn: true, ..seat.clone() }).collect(),
        guids: Vec::new(),
        areas: wanted.areas.iter().map(area).collect(),
        name: wanted.name.clone(),
        size: wanted.size,
        focal_point: wanted.focal_point,
        floors: wanted.floors.clone(),
        shapes: wanted.shapes.clone(),
    };
    let mut guids = Guids::of(plan, wanted);
    let numbers: FxHashMap<String, u32> = (0..).zip(&plan.seats).map(|(seat, _)| (plan.seat_label(seat), seat)).collect();
    for (index, row) in (0..).zip(&wanted.rows) {
        let mut seats = Vec::with_capacity(row.seats.len());
        for drawn in &row.seats {
            let number = numbers.get(&wanted.seat_label(*drawn)).copied().unwrap_or_else(|| count(&revised.seats));
            let seat = &wanted.seats[*drawn as usize];
            let seat = Seat { row: index, category: category_of[usize::from(seat.category)], withdrawn: false, ..seat.clone() };
            match revised.seats.get_mut(number as usize) {
                Some(known) => *known = seat,
                None => revised.seats.push(seat),
            }
            guids.give(number, *drawn);
            seats.push(number);
        }
        revised.rows.push(Row { seats, ..row.clone() });
    }
    keep_names_of_withdrawn(plan, &mut revised)?;
    revised.guids = guids.of_all(&revised);
    revised.share_labels();
    Ok(revised)
}

/// The list that there was, brought up to date, and what is new behind it; and where each of the wanted ones is in it.
fn merged<T: Clone>(known: &[T], wanted: &[T], name: impl Fn(&T) -> &String, what: &str) -> Result<(Vec<T>, Vec<u16>), PlanFault> {
    // From the last to the first: of two with one name the first stands for the first.
    let mut by_name: FxHashMap<&String, Vec<usize>> = FxHashMap::default();
    known.iter().enumerate().rev().for_each(|(place, one)| by_name.entry(name(one)).or_default().push(place));
    let (mut all, mut places) = (known.to_vec(), Vec::with_capacity(wanted.len()));
    for one in wanted {
        let place = by_name.get_mut(name(one)).and_then(Vec::pop).unwrap_or(all.len());
        match all.get_mut(place) {
            Some(before) => *before = one.clone(),
            None => all.push(one.clone()),
        }
        places.push(numbered(place, what)?);
    }
    Ok((all, places))
}

fn numbered(place: usize, what: &str) -> Result<u16, PlanFault> {
    let fault = |_| PlanFault { path: what.to_owned(), what: format!("with those of earlier revisions they are more than {}", u16::MAX) };
    u16::try_from(place).map_err(fault)
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// The label path of a seat comes from its row: withdrawn ones keep theirs, in a row that has nothing on sale if need be.
fn keep_names_of_withdrawn(plan: &SeatingPlan, revised: &mut SeatingPlan) -> Result<(), PlanFault> {
    let section_of = |plan: &SeatingPlan, row: &Row| row.section.map(|section| plan.sections[usize::from(section)].label.clone());
    let mut rows: BTreeMap<(Option<String>, String), u32> = BTreeMap::new();
    for (index, row) in (0..).zip(&revised.rows) {
        rows.entry((section_of(revised, row), row.label.clone())).or_insert(index);
    }
    for number in 0..plan.seats.len() {
        if !revised.seats[number].withdrawn {
            continue;
        }
        let before = &plan.rows[plan.seats[number].row as usize];
        let section = section_of(plan, before);
        let name = (section.clone(), before.label.clone());
        let row = match rows.get(&name) {
            Some(row) => *row,
            None => {
                let section = section.map(|label| section_named(revised, label)).transpose()?;
                revised.rows.push(Row { label: before.label.clone(), section, ..Row::default() });
                let row = count(&revised.rows) - 1;
                rows.insert(name, row);
                row
            }
        };
        revised.seats[number].row = row;
    }
    Ok(())
}

fn section_named(plan: &mut SeatingPlan, label: String) -> Result<u16, PlanFault> {
    let known = plan.sections.iter().position(|section| section.label == label);
    if known.is_none() {
        plan.sections.push(Section { label, ..Section::default() });
    }
    numbered(known.unwrap_or(plan.sections.len() - 1), "sections")
}

/// What other programs call the seats: as it is wanted, else as it was, else the label path.
struct Guids<'a> {
    known: &'a [Arc<str>],
    wanted: &'a [Arc<str>],
    given: FxHashMap<u32, Arc<str>>,
}

impl<'a> Guids<'a> {
    fn of(plan: &'a SeatingPlan, wanted: &'a SeatingPlan) -> Self {
        Self { known: &plan.guids, wanted: &wanted.guids, given: FxHashMap::default() }
    }

    fn give(&mut self, number: u32, drawn: u32) {
        self.given.extend(self.wanted.get(drawn as usize).map(|guid| (number, Arc::clone(guid))));
    }

    fn of_all(self, revised: &SeatingPlan) -> Vec<Arc<str>> {
        if self.known.is_empty() && self.wanted.is_empty() {
            return Vec::new();
        }
        let guid = |number: u32| {
            let known = self.given.get(&number).or_else(|| self.known.get(number as usize));
            known.cloned().unwrap_or_else(|| revised.seat_label(number).into())
        };
        (0..count(&revised.seats)).map(guid).collect()
    }
}

/// What a revision does to the seats, by their numbers, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// On sale after it and not before.
    pub added: Vec<u32>,
    /// On sale before it and not after.
    pub withdrawn: Vec<u32>,
    /// In another category than before. What is held or sold keeps the product and the price that it has.
    pub moved: Vec<u32>,
}

impl Changes {
    /// Compares a plan with its revision.
    #[must_use]
    pub fn between(plan: &SeatingPlan, revised: &SeatingPlan) -> Self {
        let mut changes = Self::default();
        for (number, seat) in (0..).zip(&revised.seats) {
            let before = plan.seats.get(number as usize).filter(|seat| !seat.withdrawn);
            match before {
                None if !seat.withdrawn => changes.added.push(number),
                Some(_) if seat.withdrawn => changes.withdrawn.push(number),
                Some(before) if before.category != seat.category => changes.moved.push(number),
                _ => {}
            }
        }
        changes
    }
}

/// Why a plan cannot be revised now, by the numbers of seats, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflicts {
    /// Held or sold, and not in the wanted plan.
    pub lost: Vec<u32>,
    /// Free chairs of tables that would be sold as a whole, and of which others are held or sold: nobody could buy them.
    pub parted: Vec<u32>,
}

impl Conflicts {
    /// Looks at the seats as they are now.
    #[must_use]
    pub fn between(plan: &SeatingPlan, revised: &SeatingPlan, seats: &SeatMap) -> Self {
        let taken = |seat: u32| seat < seats.len() && matches!(seats.get(seat), SeatState::Held | SeatState::Booked);
        let lost = (0..).zip(&revised.seats).filter(|(number, seat)| seat.withdrawn && taken(*number)).map(|(number, _)| number);
        let whole = |row: &Row| matches!(row.kind, RowKind::Table { whole: true, .. });
        // A chair that was given back stands beside the sold ones of its table, with and without a revision.
        let was_whole = |seat: &u32| {
            let before = plan.seats.get(*seat as usize).filter(|seat| !seat.withdrawn);
            before.is_some_and(|seat| whole(&plan.rows[seat.row as usize]))
        };
        let free = |seat: &u32| *seat >= seats.len() || seats.get(*seat) == SeatState::Free;
        let tables = revised.rows.iter().filter(|row| whole(row) && row.seats.iter().any(|seat| taken(*seat)));
        let mut parted: Vec<u32> = tables.flat_map(|row| &row.seats).filter(|seat| free(seat) && !was_whole(seat)).copied().collect();
        parted.sort_unstable();
        Self { lost: lost.collect(), parted }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty() && self.parted.is_empty()
    }
}
