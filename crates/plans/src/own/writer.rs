//! From the plan to the file.

use guichet_domain::seating::{self, RowKind, SeatingPlan};

use super::file::{Area, Booth, Caption, Category, Figure, Plan, Point, Polygon, Radii, Row, Seat, Section, Shape, Size, Table, Zone};
use super::{FORMAT, VERSION};
use crate::lenient::{Leaf, List, Node, TextOr};

/// Writes a plan in Guichet's own format, for [`read_plan`](crate::read_plan) to read the same plan back; seats that a revision has
/// withdrawn or appended are counted anew.
///
/// The plan must be one that [`SeatingPlan::check`] finds nothing wrong with and whose positions are finite; another is
/// written too, but is refused when it is read.
#[must_use]
pub fn write_plan(plan: &SeatingPlan) -> String {
    let file = Plan {
        format: FORMAT.into(),
        version: VERSION.into(),
        name: plan.name.as_str().into(),
        size: plan.size.map(size).into(),
        focal_point: plan.focal_point.map(point).into(),
        categories: plan.categories.iter().map(category).collect(),
        zones: plan.zones.iter().map(zone).collect::<List<_>>().unless_empty(),
        floors: plan.floors.iter().map(String::as_str).collect(),
        sections: plan.sections.iter().map(section).collect::<List<_>>().unless_empty(),
        rows: plan.rows.iter().map(|row| written_row(plan, row)).collect::<List<_>>().unless_empty(),
        areas: plan.areas.iter().map(area).collect::<List<_>>().unless_empty(),
        shapes: plan.shapes.iter().map(shape).collect::<List<_>>().unless_empty(),
        ..Plan::default()
    };
    match serde_json::to_string_pretty(&file) {
        Ok(text) => text + "\n",
        Err(error) => unreachable!("texts and numbers under fixed names are always JSON: {error}"),
    }
}

fn size(seating::Size { width, height }: seating::Size) -> Size {
    Size { width: width.into(), height: height.into(), ..Size::default() }
}

fn point(seating::Point { x, y }: seating::Point) -> Point {
    Point { x: x.into(), y: y.into(), ..Point::default() }
}

fn category(category: &seating::Category) -> Category {
    Category { name: category.name.as_str().into(), colour: category.colour.as_str().into(), ..Category::default() }
}

fn zone(zone: &seating::Zone) -> Zone {
    Zone { name: zone.name.as_str().into(), focal_point: zone.focal_point.map(point).into(), ..Zone::default() }
}

fn section(section: &seating::Section) -> Section {
    Section {
        label: section.label.as_str().into(),
        zone: section.zone.into(),
        entrance: section.entrance.as_deref().into(),
        ..Section::default()
    }
}

fn written_row(plan: &SeatingPlan, row: &seating::Row) -> Row {
    let (table, booth) = match row.kind {
        RowKind::Line => (None, None),
        RowKind::Table { centre: seating::Point { x, y }, whole } => {
            (Some(Table { x: x.into(), y: y.into(), whole: if_set(whole), ..Table::default() }), None)
        }
        RowKind::Booth { people } => (None, Some(Booth { people: people.into(), ..Booth::default() })),
    };
    let seats = row.seats.iter().filter_map(|number| {
        let seat = plan.seats.get(*number as usize)?;
        Some(Seat {
            label: (*seat.label).into(),
            x: seat.position.x.into(),
            y: seat.position.y.into(),
            category: seat.category.into(),
            guid: plan.guids.get(*number as usize).map(|guid| &**guid).into(),
            accessible: if_set(seat.accessible),
            companion: if_set(seat.companion),
            restricted_view: if_set(seat.restricted_view),
            aisle_after: if_set(seat.aisle_after),
            ..Seat::default()
        })
    });
    Row {
        label: if_any(&row.label),
        section: row.section.into(),
        floor: row.floor.into(),
        table: table.into(),
        booth: booth.into(),
        seats: seats.collect(),
        ..Row::default()
    }
}

fn area(area: &seating::Area) -> Area {
    Area {
        label: area.label.as_str().into(),
        capacity: area.capacity.into(),
        category: area.category.into(),
        outline: area.outline.as_ref().map(|outline| Box::new(shape(outline))).into(),
        ..Area::default()
    }
}

fn shape(shape: &seating::Shape) -> Shape {
    Shape {
        figure: figure(&shape.figure),
        x: shape.centre.x.into(),
        y: shape.centre.y.into(),
        rotation_deg: unless_zero(shape.rotation_deg),
        fill: if_any(&shape.fill),
        border: if_any(&shape.border),
        caption: shape.caption.as_ref().map(|words| Box::new(caption(words))).into(),
        floor: shape.floor.into(),
        ..Shape::default()
    }
}

fn figure(figure: &seating::Figure) -> TextOr<Box<Figure>> {
    let figure = match figure {
        seating::Figure::Text => return TextOr::Leaf("text".into()),
        seating::Figure::Rectangle { width, height } => {
            Figure { rectangle: Node::Is(size(seating::Size { width: *width, height: *height })), ..Figure::default() }
        }
        seating::Figure::Ellipse { radius_x, radius_y } => {
            let radii = Radii { radius_x: (*radius_x).into(), radius_y: (*radius_y).into(), ..Radii::default() };
            Figure { ellipse: Node::Is(radii), ..Figure::default() }
        }
        seating::Figure::Polygon { points } => {
            let polygon = Polygon { points: points.iter().copied().map(point).collect(), ..Polygon::default() };
            Figure { polygon: Node::Is(polygon), ..Figure::default() }
        }
    };
    TextOr::Object(Box::new(figure))
}

fn caption(caption: &seating::Caption) -> Caption {
    Caption {
        text: caption.text.as_str().into(),
        x: unless_zero(caption.position.x),
        y: unless_zero(caption.position.y),
        colour: caption.colour.as_str().into(),
        size: caption.size.into(),
        ..Caption::default()
    }
}

fn if_set(flag: bool) -> Leaf {
    if flag { Leaf::Flag(true) } else { Leaf::Nothing }
}

fn if_any(text: &str) -> Leaf {
    if text.is_empty() { Leaf::Nothing } else { text.into() }
}

/// A negative zero is written: it must come back as it was.
fn unless_zero(number: f64) -> Leaf {
    if number.to_bits() == 0 { Leaf::Nothing } else { number.into() }
}
