//! From the plan to a pretix plan, and the names of what pretix cannot hold.

use std::collections::HashSet;

use guichet_domain::seating::{Figure, Point, Row, RowKind, SeatingPlan, Shape};
use serde_json::{Map, Value, json};

use super::reader::is_guid;
use crate::Written;

/// Writes a plan for pretix.
pub(crate) fn write(plan: &SeatingPlan) -> Written {
    let mut lost = lost(plan);
    let guids = guids(plan, &mut lost);
    let names = category_names(plan, &mut lost);
    let mut zones = Zones { list: Vec::new(), sections: 0 };
    let mut open: Option<(Option<u16>, Vec<Value>)> = None;
    for row in &plan.rows {
        let written = written_row(plan, row, &guids, &names);
        match &mut open {
            Some((section, rows)) if *section == row.section => rows.push(written),
            _ => {
                if let Some((section, rows)) = open.replace((row.section, vec![written])) {
                    zones.push(plan, section, rows);
                }
            }
        }
    }
    let (section, rows) = open.unwrap_or_default();
    zones.push(plan, section, rows);
    zones.rest(plan, plan.sections.len());
    let outlines = plan.areas.iter().filter_map(|area| area.outline.as_ref());
    let areas: Vec<Value> = plan.shapes.iter().chain(outlines).map(area).collect();
    if let (Some(zone), false) = (zones.list.first_mut(), areas.is_empty()) {
        zone["areas"] = Value::Array(areas);
    }
    let categories: Vec<Value> = plan
        .categories
        .iter()
        .zip(&names)
        .map(
            |(category, name)| {
                if category.colour.is_empty() { json!({"name": name}) } else { json!({"name": name, "color": category.colour}) }
            },
        )
        .collect();
    let (width, height) = size(plan);
    let file = json!({"name": plan.name, "size": {"width": width, "height": height}, "categories": categories, "zones": zones.list});
    Written { text: format!("{file:#}\n"), lost }
}

struct Zones {
    list: Vec<Value>,
    /// Sections below this have their zone; the others still come, in their order, so that they are read in it.
    sections: usize,
}

impl Zones {
    fn push(&mut self, plan: &SeatingPlan, section: Option<u16>, rows: Vec<Value>) {
        let name = section.and_then(|section| plan.sections.get(usize::from(section)));
        if let Some(section) = section.map(usize::from) {
            self.rest(plan, section);
            self.sections = self.sections.max(section + 1);
        }
        self.add(name.map_or("", |section| &section.label), rows);
    }

    /// Sections without rows that come before `end`.
    fn rest(&mut self, plan: &SeatingPlan, end: usize) {
        for section in plan.sections.get(self.sections..end).unwrap_or_default() {
            self.add(&section.label, Vec::new());
        }
        self.sections = self.sections.max(end);
    }

    fn add(&mut self, name: &str, rows: Vec<Value>) {
        self.list.push(json!({"name": name, "position": point(Point::default()), "rows": rows}));
    }
}

fn written_row(plan: &SeatingPlan, row: &Row, guids: &[String], categories: &[String]) -> Value {
    let seats: Vec<Value> = row
        .seats
        .iter()
        .map(|number| {
            let seat = &plan.seats[*number as usize];
            json!({
                "seat_guid": guids[*number as usize],
                "seat_number": &*seat.label,
                "position": point(seat.position),
                "category": categories.get(usize::from(seat.category)),
            })
        })
        .collect();
    json!({"row_number": row.label, "row_number_position": "both", "position": point(Point::default()), "seats": seats})
}

fn area(shape: &Shape) -> Value {
    let mut area = Map::new();
    let kind = match &shape.figure {
        Figure::Rectangle { width, height } => {
            let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
            let points = corners.map(|(x, y)| point(Point { x: x * width / 2.0, y: y * height / 2.0 }));
            area.insert("polygon".into(), json!({"points": points}));
            "polygon"
        }
        Figure::Ellipse { radius_x, radius_y } => {
            area.insert("ellipse".into(), json!({"radius": {"x": radius_x, "y": radius_y}}));
            "ellipse"
        }
        Figure::Polygon { points } => {
            let points: Vec<Value> = points.iter().copied().map(point).collect();
            area.insert("polygon".into(), json!({"points": points}));
            "polygon"
        }
        Figure::Text => "text",
    };
    area.insert("shape".into(), kind.into());
    area.insert("position".into(), point(shape.centre));
    area.insert("rotation".into(), json!(shape.rotation_deg));
    for (name, colour) in [("color", &shape.fill), ("border_color", &shape.border)] {
        if !colour.is_empty() {
            area.insert(name.into(), colour.as_str().into());
        }
    }
    if let Some(caption) = &shape.caption {
        let text = json!({"text": caption.text, "color": caption.colour, "size": caption.size, "position": point(caption.position)});
        area.insert("text".into(), text);
    }
    Value::Object(area)
}

fn point(Point { x, y }: Point) -> Value {
    json!({"x": x, "y": y})
}

/// Whole pixels: what the plan says, else as far as its seats go.
fn size(plan: &SeatingPlan) -> (i64, i64) {
    // Bounded above, so that the conversion is exact.
    let whole = |number: f64| number.clamp(-1e15, 1e15).ceil() as i64;
    match plan.size {
        Some(size) => (whole(size.width), whole(size.height)),
        None => {
            let far = plan
                .seats
                .iter()
                .fold(Point::default(), |far, seat| Point { x: far.x.max(seat.position.x), y: far.y.max(seat.position.y) });
            (whole(far.x + 20.0), whole(far.y + 20.0))
        }
    }
}

/// One guid for each seat by number: its own, else its label path, else, where pretix would refuse that, one that is made up.
fn guids(plan: &SeatingPlan, lost: &mut Vec<String>) -> Vec<String> {
    let numbers = || (0..).take(plan.seats.len());
    let stated: Vec<String> =
        numbers().map(|number: u32| plan.guids.get(number as usize).map_or_else(|| plan.seat_label(number), ToString::to_string)).collect();
    let mut taken = HashSet::new();
    let fit: Vec<bool> = stated.iter().map(|guid| is_guid(guid) && taken.insert(guid.clone())).collect();
    let mut changed = 0;
    let guids = stated
        .into_iter()
        .zip(fit)
        .enumerate()
        .map(|(number, (guid, fit))| {
            if fit {
                return guid;
            }
            changed += usize::from(!plan.guids.is_empty());
            let mut made = format!("seat-{number}.");
            while !taken.insert(made.clone()) {
                made.push('.');
            }
            made
        })
        .collect();
    if changed > 0 {
        lost.push(format!("guids: pretix does not take {changed} of them; others are written"));
    }
    guids
}

/// A name for each category that no other has: its own, else that with the first number from its own place on that makes it one.
fn category_names(plan: &SeatingPlan, lost: &mut Vec<String>) -> Vec<String> {
    let stated: HashSet<&str> = plan.categories.iter().map(|category| category.name.as_str()).collect();
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(plan.categories.len());
    for (index, category) in plan.categories.iter().enumerate() {
        let mut name = category.name.clone();
        let mut number = index + 1;
        while taken.contains(&name) || (name != category.name && stated.contains(name.as_str())) {
            name = format!("{} ({number})", category.name);
            number += 1;
        }
        if name != category.name {
            lost.push(format!(
                "categories[{index}] \"{}\": is written as \"{name}\", as pretix tells categories apart by name",
                category.name
            ));
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// What pretix has no place for, each with its path in the plan, or a count where it is many seats.
fn lost(plan: &SeatingPlan) -> Vec<String> {
    let mut lost = Vec::new();
    for (index, area) in plan.areas.iter().enumerate() {
        let drawn = if area.outline.is_some() { "only its outline is written" } else { "it is left out" };
        lost.push(format!(
            "areas[{index}] \"{}\": general admission for {} is not sold from a pretix plan; {drawn}",
            area.label, area.capacity
        ));
    }
    for (index, row) in plan.rows.iter().enumerate() {
        match row.kind {
            RowKind::Line => {}
            RowKind::Table { whole: true, .. } => {
                lost.push(format!("rows[{index}] \"{}\": a table that is sold as a whole is written as single chairs", row.label));
            }
            RowKind::Table { .. } => lost.push(format!("rows[{index}] \"{}\": a table is written as a row of its chairs", row.label)),
            RowKind::Booth { .. } => lost.push(format!("rows[{index}]: a booth is written as one seat")),
        }
    }
    if plan.focal_point.is_some() {
        lost.push("focal_point: is left out".into());
    }
    for (index, zone) in plan.zones.iter().enumerate() {
        lost.push(format!("zones[{index}] \"{}\": is left out with its focal point", zone.name));
    }
    for (index, floor) in plan.floors.iter().enumerate() {
        lost.push(format!("floors[{index}] \"{floor}\": is left out"));
    }
    for (index, section) in plan.sections.iter().enumerate() {
        if let Some(entrance) = &section.entrance {
            lost.push(format!("sections[{index}].entrance \"{entrance}\": is left out"));
        }
    }
    let on_sale = || plan.rows.iter().flat_map(|row| &row.seats).map(|number| &plan.seats[*number as usize]);
    for (what, count) in [
        ("accessible", on_sale().filter(|seat| seat.accessible).count()),
        ("companion", on_sale().filter(|seat| seat.companion).count()),
        ("restricted_view", on_sale().filter(|seat| seat.restricted_view).count()),
    ] {
        if count > 0 {
            lost.push(format!("seats: \"{what}\" of {count} seats is left out"));
        }
    }
    lost
}
