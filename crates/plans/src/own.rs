//! Guichet's own format: a plan as a JSON file that people can read and version.
//!
//! It mirrors `SeatingPlan`, but for one thing: seats stand in their row, so that nobody counts `first_seat` by hand. Sections,
//! zones and categories are referred to by their index, as in the plan. Fields that the format does not have are refused: here
//! they are misspellings, and a misspelt `accessible` would sell a wheelchair place to anybody.
//!
//! A value of the wrong type stops the reading and is named by line and column; whatever the plan's rules refuse comes at once,
//! by path.

use guichet_domain::seating::{self, PlanFault, SeatingPlan};
use serde::{Deserialize, Serialize};

use crate::document;
use crate::faults::{Faults, PlanErrors};
use crate::lenient::Leaf;

/// The value of `format`.
pub(crate) const FORMAT: &str = "guichet-plan";
/// The value of `version`: the only one so far.
pub(crate) const VERSION: u32 = 1;
/// What a seat takes in memory while it is read.
pub(crate) const SEAT_BYTES: usize = size_of::<Seat>() + size_of::<seating::Seat>();

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    format: String,
    version: u32,
    name: String,
    categories: Vec<Category>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    zones: Vec<Zone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sections: Vec<Section>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    areas: Vec<Area>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    name: String,
    colour: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Zone {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    focal_point: Option<Point>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entrance: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    section: Option<u16>,
    seats: Vec<Seat>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seat {
    label: String,
    x: f64,
    y: f64,
    category: u16,
    #[serde(default, skip_serializing_if = "is_false")]
    accessible: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    companion: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    restricted_view: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    label: String,
    capacity: u32,
    category: u16,
}

// By reference: serde's `skip_serializing_if` asks for it.
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Refuses versions that this program does not read, before their new fields are called misspellings.
pub(crate) fn check_version(version: &Leaf) -> Result<(), PlanErrors> {
    let what = match version {
        Leaf::Integer(number) if *number == i64::from(VERSION) => return Ok(()),
        Leaf::Integer(number) => format!("is {number}; this program reads version {VERSION}"),
        Leaf::Nothing => format!("missing; this program reads version {VERSION}"),
        other => format!("a whole number is needed, found {}", other.kind()),
    };
    Err(PlanErrors::one("version", what))
}

/// Reads a plan.
pub(crate) fn read(bytes: &[u8]) -> Result<SeatingPlan, PlanErrors> {
    let file: Plan = document::parse(bytes)?;
    let plan = from_file(file)?;
    let mut faults = Faults::default();
    for fault in plan.check() {
        faults.add_fault(in_file(&plan, fault));
    }
    faults.or(plan)
}

fn from_file(file: Plan) -> Result<SeatingPlan, PlanErrors> {
    let mut plan = SeatingPlan {
        name: file.name,
        categories: file.categories.into_iter().map(|Category { name, colour }| seating::Category { name, colour }).collect(),
        zones: file
            .zones
            .into_iter()
            .map(|zone| seating::Zone { name: zone.name, focal_point: zone.focal_point.map(|Point { x, y }| seating::Point { x, y }) })
            .collect(),
        sections: file.sections.into_iter().map(|Section { label, zone, entrance }| seating::Section { label, zone, entrance }).collect(),
        areas: file.areas.into_iter().map(|Area { label, capacity, category }| seating::Area { label, capacity, category }).collect(),
        ..SeatingPlan::default()
    };
    for (index, row) in file.rows.into_iter().enumerate() {
        let (Ok(first_seat), Ok(seat_count)) = (u32::try_from(plan.seats.len()), u32::try_from(row.seats.len())) else {
            return Err(PlanErrors::one(format!("rows[{index}].seats"), "a plan takes at most 4,294,967,295 seats"));
        };
        plan.rows.push(seating::Row { label: row.label, section: row.section, first_seat, seat_count });
        plan.seats.extend(row.seats.into_iter().map(|seat| seating::Seat {
            label: seat.label,
            position: seating::Point { x: seat.x, y: seat.y },
            category: seat.category,
            accessible: seat.accessible,
            companion: seat.companion,
            restricted_view: seat.restricted_view,
        }));
    }
    Ok(plan)
}

/// The fault with its path in the file, where seats stand in their row.
fn in_file(plan: &SeatingPlan, fault: PlanFault) -> PlanFault {
    let place = fault.path.strip_prefix("seats[").and_then(|rest| rest.split_once(']'));
    let Some((Ok(seat), field)) = place.map(|(index, field)| (index.parse::<u32>(), field)) else {
        return fault;
    };
    let row = plan.row_of(seat);
    match plan.rows.get(row) {
        Some(seating::Row { first_seat, .. }) => {
            PlanFault { path: format!("rows[{row}].seats[{}]{field}", seat.saturating_sub(*first_seat)), what: fault.what }
        }
        None => fault,
    }
}

/// Writes a plan in Guichet's own format, for [`read_plan`](crate::read_plan) to read the same plan back.
///
/// The plan must be one that [`SeatingPlan::check`] finds nothing wrong with and whose positions are finite; another is
/// written too, but is refused when it is read.
#[must_use]
pub fn write_plan(plan: &SeatingPlan) -> String {
    let file = Plan {
        format: FORMAT.to_owned(),
        version: VERSION,
        name: plan.name.clone(),
        categories: plan.categories.iter().map(|c| Category { name: c.name.clone(), colour: c.colour.clone() }).collect(),
        zones: plan
            .zones
            .iter()
            .map(|zone| Zone { name: zone.name.clone(), focal_point: zone.focal_point.map(|p| Point { x: p.x, y: p.y }) })
            .collect(),
        sections: plan
            .sections
            .iter()
            .map(|section| Section { label: section.label.clone(), zone: section.zone, entrance: section.entrance.clone() })
            .collect(),
        rows: plan.rows.iter().map(|row| Row { label: row.label.clone(), section: row.section, seats: seats_of(plan, row) }).collect(),
        areas: plan.areas.iter().map(|area| Area { label: area.label.clone(), capacity: area.capacity, category: area.category }).collect(),
    };
    match serde_json::to_string_pretty(&file) {
        Ok(text) => text + "\n",
        Err(error) => unreachable!("texts and numbers under fixed names are always JSON: {error}"),
    }
}

fn seats_of(plan: &SeatingPlan, row: &seating::Row) -> Vec<Seat> {
    let first = row.first_seat as usize;
    let seats = plan.seats.get(first..first.saturating_add(row.seat_count as usize)).unwrap_or_default();
    let seat = |seat: &seating::Seat| Seat {
        label: seat.label.clone(),
        x: seat.position.x,
        y: seat.position.y,
        category: seat.category,
        accessible: seat.accessible,
        companion: seat.companion,
        restricted_view: seat.restricted_view,
    };
    seats.iter().map(seat).collect()
}
