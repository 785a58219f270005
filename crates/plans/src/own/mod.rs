//! Guichet's own format: a plan as a JSON file that people can read and version.
//!
//! It mirrors `SeatingPlan`, but for two things: seats stand in their row, so that nobody counts them by hand, and seats that a
//! revision has withdrawn are left out. Sections, zones, floors and categories are referred to by their index, as in the plan.
//! Fields that the format does not have are refused: here they are misspellings, and a misspelt `accessible` would sell a wheelchair
//! place to anybody.
//!
//! A value of the wrong type stops the reading and is named by line and column; whatever the plan's rules refuse comes at once,
//! by path.

mod file;

use guichet_domain::seating::{self, PlanFault, RowKind, SeatingPlan};

use crate::document;
use crate::faults::{Faults, PlanErrors};
use crate::lenient::Leaf;
use file::{Area, Booth, Caption, Category, Figure, Plan, Point, Row, Seat, Section, Shape, Size, Table, Zone};

/// The value of `format`.
pub(crate) const FORMAT: &str = "guichet-plan";
/// The value of `version`: the only one so far.
pub(crate) const VERSION: u32 = 1;
/// What an object of each kind that may come in any number takes in memory while it is read.
pub(crate) const OBJECT_BYTES: [usize; 4] =
    [size_of::<Seat>() + size_of::<seating::Seat>(), size_of::<Row>(), size_of::<Shape>(), size_of::<Area>()];

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
    let mut faults = Faults::default();
    let plan = from_file(file, &mut faults);
    for fault in plan.check() {
        faults.add_fault(in_file(&plan, fault));
    }
    faults.or(plan)
}

fn from_file(file: Plan, faults: &mut Faults) -> SeatingPlan {
    let mut plan = SeatingPlan {
        name: file.name,
        size: file.size.map(|Size { width, height }| seating::Size { width, height }),
        focal_point: file.focal_point.map(point),
        categories: file.categories.into_iter().map(|Category { name, colour }| seating::Category { name, colour }).collect(),
        zones: file
            .zones
            .into_iter()
            .map(|Zone { name, focal_point }| seating::Zone { name, focal_point: focal_point.map(point) })
            .collect(),
        floors: file.floors,
        sections: file.sections.into_iter().map(|Section { label, zone, entrance }| seating::Section { label, zone, entrance }).collect(),
        areas: file.areas.into_iter().map(area).collect(),
        shapes: file.shapes.into_iter().map(shape).collect(),
        ..SeatingPlan::default()
    };
    let with_guids = file.rows.iter().flat_map(|row| &row.seats).any(|seat| seat.guid.is_some());
    for (index, row) in file.rows.into_iter().enumerate() {
        let Row { label, section, floor, table, booth, seats } = row;
        let kind = match (table, booth) {
            (Some(Table { x, y, whole }), None) => RowKind::Table { centre: seating::Point { x, y }, whole },
            (None, Some(Booth { people })) => RowKind::Booth { people },
            (None, None) => RowKind::Line,
            (Some(_), Some(_)) => {
                faults.add_fault(PlanFault { path: format!("rows[{index}]"), what: "is either a table or a booth".into() });
                RowKind::Line
            }
        };
        if with_guids {
            for (place, seat) in seats.iter().enumerate() {
                match &seat.guid {
                    Some(guid) => plan.guids.push((**guid).into()),
                    None => faults.add_fault(PlanFault {
                        path: format!("rows[{index}].seats[{place}].guid"),
                        what: "missing; other seats have one".into(),
                    }),
                }
            }
        }
        let row = seating::Row { label, section, floor, kind, seats: Vec::new() };
        plan.push_row(row, seats.into_iter().map(seat));
    }
    plan.share_labels();
    plan
}

fn point(Point { x, y }: Point) -> seating::Point {
    seating::Point { x, y }
}

fn seat(seat: Seat) -> seating::Seat {
    let Seat { label, x, y, category, guid: _, accessible, companion, restricted_view, aisle_after } = seat;
    let (label, position) = (label.into(), seating::Point { x, y });
    seating::Seat { label, position, row: 0, category, accessible, companion, restricted_view, aisle_after, withdrawn: false }
}

fn area(Area { label, capacity, category, outline }: Area) -> seating::Area {
    seating::Area { label, capacity, category, outline: outline.map(shape) }
}

fn shape(file: Shape) -> seating::Shape {
    let Shape { figure, x, y, rotation_deg, fill, border, caption, floor } = file;
    let figure = match figure {
        Figure::Rectangle { width, height } => seating::Figure::Rectangle { width, height },
        Figure::Ellipse { radius_x, radius_y } => seating::Figure::Ellipse { radius_x, radius_y },
        Figure::Polygon { points } => seating::Figure::Polygon { points: points.into_iter().map(point).collect() },
        Figure::Text => seating::Figure::Text,
    };
    let caption =
        caption.map(|Caption { text, x, y, colour, size }| seating::Caption { text, position: seating::Point { x, y }, colour, size });
    seating::Shape { figure, centre: seating::Point { x, y }, rotation_deg, fill, border, caption, floor }
}

/// The fault with its path in the file, where seats stand in their row.
fn in_file(plan: &SeatingPlan, fault: PlanFault) -> PlanFault {
    let place = fault.path.strip_prefix("seats[").and_then(|rest| rest.split_once(']'));
    let Some((Ok(number), field)) = place.map(|(index, field)| (index.parse::<u32>(), field)) else {
        return fault;
    };
    let row = plan.seats.get(number as usize).map(|seat| seat.row as usize);
    let place = row.and_then(|row| plan.rows.get(row)?.seats.iter().position(|seat| *seat == number));
    match (row, place) {
        (Some(row), Some(place)) => PlanFault { path: format!("rows[{row}].seats[{place}]{field}"), what: fault.what },
        _ => fault,
    }
}

/// Writes a plan in Guichet's own format, for [`read_plan`](crate::read_plan) to read the same plan back; seats that a revision has
/// withdrawn or appended are counted anew.
///
/// The plan must be one that [`SeatingPlan::check`] finds nothing wrong with and whose positions are finite; another is
/// written too, but is refused when it is read.
#[must_use]
pub fn write_plan(plan: &SeatingPlan) -> String {
    let file = Plan {
        format: FORMAT.to_owned(),
        version: VERSION,
        name: plan.name.clone(),
        size: plan.size.map(|seating::Size { width, height }| Size { width, height }),
        focal_point: plan.focal_point.map(to_point),
        categories: plan.categories.iter().map(|c| Category { name: c.name.clone(), colour: c.colour.clone() }).collect(),
        zones: plan.zones.iter().map(|zone| Zone { name: zone.name.clone(), focal_point: zone.focal_point.map(to_point) }).collect(),
        floors: plan.floors.clone(),
        sections: plan
            .sections
            .iter()
            .map(|section| Section { label: section.label.clone(), zone: section.zone, entrance: section.entrance.clone() })
            .collect(),
        rows: plan.rows.iter().map(|row| to_row(plan, row)).collect(),
        areas: plan.areas.iter().map(to_area).collect(),
        shapes: plan.shapes.iter().map(to_shape).collect(),
    };
    match serde_json::to_string_pretty(&file) {
        Ok(text) => text + "\n",
        Err(error) => unreachable!("texts and numbers under fixed names are always JSON: {error}"),
    }
}

fn to_point(seating::Point { x, y }: seating::Point) -> Point {
    Point { x, y }
}

fn to_row(plan: &SeatingPlan, row: &seating::Row) -> Row {
    let (table, booth) = match row.kind {
        RowKind::Line => (None, None),
        RowKind::Table { centre, whole } => (Some(Table { x: centre.x, y: centre.y, whole }), None),
        RowKind::Booth { people } => (None, Some(Booth { people })),
    };
    let seats = row.seats.iter().filter_map(|number| {
        let seat = plan.seats.get(*number as usize)?;
        Some(Seat {
            label: seat.label.to_string(),
            x: seat.position.x,
            y: seat.position.y,
            category: seat.category,
            guid: plan.guids.get(*number as usize).map(|guid| (**guid).into()),
            accessible: seat.accessible,
            companion: seat.companion,
            restricted_view: seat.restricted_view,
            aisle_after: seat.aisle_after,
        })
    });
    Row { label: row.label.clone(), section: row.section, floor: row.floor, table, booth, seats: seats.collect() }
}

fn to_area(area: &seating::Area) -> Area {
    let outline = area.outline.as_ref().map(to_shape);
    Area { label: area.label.clone(), capacity: area.capacity, category: area.category, outline }
}

fn to_shape(shape: &seating::Shape) -> Shape {
    let figure = match &shape.figure {
        seating::Figure::Rectangle { width, height } => Figure::Rectangle { width: *width, height: *height },
        seating::Figure::Ellipse { radius_x, radius_y } => Figure::Ellipse { radius_x: *radius_x, radius_y: *radius_y },
        seating::Figure::Polygon { points } => Figure::Polygon { points: points.iter().copied().map(to_point).collect() },
        seating::Figure::Text => Figure::Text,
    };
    let caption = shape.caption.as_ref().map(|caption| {
        let seating::Caption { text, position, colour, size } = caption;
        Caption { text: text.clone(), x: position.x, y: position.y, colour: colour.clone(), size: *size }
    });
    let (x, y) = (shape.centre.x, shape.centre.y);
    let (fill, border) = (shape.fill.clone(), shape.border.clone());
    Shape { figure, x, y, rotation_deg: shape.rotation_deg, fill, border, caption, floor: shape.floor }
}
