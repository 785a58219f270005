//! Real charts are read whole: what is in the file is in the plan.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::collections::BTreeMap;

use guichet_domain::seating::{Category, Point, SeatingPlan};
use guichet_plans::{PlanFormat, read_plan};
use serde_json::{Value, json};
use support::{RACE_TRACK, ROWS_AND_AREAS, SECTIONS, bytes, chart, read, set};

fn plan(name: &str) -> SeatingPlan {
    let read = read_plan(&bytes(name)).unwrap();
    assert_eq!(read.format, PlanFormat::SeatsIo);
    assert_eq!(read.unsold, [""; 0], "{name}");
    assert_eq!(read.plan.check(), []);
    assert_eq!(read.plan.labels().len(), read.plan.seats.len(), "labels are unique");
    read.plan
}

/// Seats of each category, by name.
fn seats_per_category(plan: &SeatingPlan) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for seat in &plan.seats {
        *counts.entry(plan.categories[usize::from(seat.category)].name.as_str()).or_default() += 1;
    }
    counts
}

/// Whether a point is inside a polygon, by counting the edges to its right.
fn inside(point: Point, polygon: &[Point]) -> bool {
    let mut inside = false;
    for (index, a) in polygon.iter().enumerate() {
        let b = polygon[(index + polygon.len() - 1) % polygon.len()];
        if (a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

fn outlines(chart: &Value) -> Vec<Vec<Point>> {
    let point = |point: &Value| Point { x: point["x"].as_f64().unwrap(), y: point["y"].as_f64().unwrap() };
    let sections = chart["subChart"]["sections"].as_array().unwrap();
    sections.iter().map(|section| section["points"].as_array().unwrap().iter().map(point).collect()).collect()
}

#[test]
fn the_race_track() {
    let plan = plan(RACE_TRACK);
    assert_eq!(plan.name, "Race Track");
    assert_eq!((plan.seats.len(), plan.rows.len(), plan.sections.len(), plan.areas.len()), (8_897, 131, 4, 0));
    let counts = BTreeMap::from([("Goal Stands", 2_865), ("Mid Track Stand", 6_032)]);
    assert_eq!(seats_per_category(&plan), counts);
    assert_eq!(plan.categories[0], Category { name: "Goal Stands".into(), colour: "#4176A5".into() });

    let zones: Vec<_> = plan.zones.iter().map(|zone| (zone.name.as_str(), zone.focal_point.unwrap())).collect();
    assert_eq!(zones, [("Finish Line", Point { x: 15_445.45, y: 18_181.82 }), ("Mid Track", Point { x: 43_627.27, y: 18_681.82 })]);
    let file = chart(RACE_TRACK);
    for (section, from) in plan.sections.iter().zip(file["subChart"]["sections"].as_array().unwrap()) {
        let zone = usize::from(section.zone.unwrap());
        assert_eq!(file["zones"]["list"][zone]["key"], from["zone"]);
        assert_eq!(section.entrance, None);
    }
    let seats_per_section: Vec<usize> =
        (0..4).map(|section| plan.rows.iter().filter(|row| row.section == Some(section)).map(|row| row.seats.len()).sum()).collect();
    assert_eq!(seats_per_section, [650, 2_215, 2_418, 3_614]);
    assert!(plan.labels().contains_key("MT1-C-8"));
}

#[test]
fn the_chart_with_sections() {
    let plan = plan(SECTIONS);
    assert_eq!(plan.name, "Sample chart with sections");
    assert_eq!((plan.seats.len(), plan.rows.len(), plan.sections.len()), (71, 13, 2));
    assert_eq!((plan.zones.len(), plan.areas.len()), (0, 0));
    assert_eq!(seats_per_category(&plan), BTreeMap::from([("cat1", 36), ("cat2", 35)]));
    let sections: Vec<_> = plan.sections.iter().map(|s| (s.label.as_str(), s.entrance.as_deref().unwrap(), s.zone)).collect();
    assert_eq!(sections, [("Section A", "Entrance 1", None), ("Section B", "Entrance 2", None)]);
    // 189.94 + 16.25: the section's corner and the seat's place in it.
    let first_of_b = plan.labels()["Section B-A-1"] as usize;
    assert!((plan.seats[first_of_b].position.x - 206.19).abs() < 1e-9);
}

#[test]
fn the_chart_with_rows_and_areas() {
    let plan = plan(ROWS_AND_AREAS);
    assert_eq!(plan.name, "Sample chart");
    assert_eq!((plan.seats.len(), plan.rows.len(), plan.sections.len(), plan.zones.len()), (32, 4, 0, 0));
    assert_eq!(plan.categories.len(), 3);
    assert_eq!(seats_per_category(&plan), BTreeMap::from([("Cat1", 16), ("Cat2", 16)]));
    let areas: Vec<_> = plan.areas.iter().map(|area| (area.label.as_str(), area.capacity, area.category)).collect();
    assert_eq!(areas, [("GA1", 100, 0), ("GA2", 100, 1)]);
    assert_eq!(plan.seats.iter().filter(|seat| seat.accessible).count(), 1);
    assert_eq!(plan.seats.iter().filter(|seat| seat.companion || seat.restricted_view).count(), 0);
    let first = plan.labels()["A-1"] as usize;
    assert_eq!(plan.seats[first].position, Point { x: 151.94, y: 99.56 });
}

#[test]
fn every_seat_lies_inside_its_section() {
    for name in [RACE_TRACK, SECTIONS] {
        let (plan, outlines) = (plan(name), outlines(&chart(name)));
        for (index, seat) in plan.seats.iter().enumerate() {
            let row = &plan.rows[plan.row_of(u32::try_from(index).unwrap())];
            let section = usize::from(row.section.unwrap());
            assert!(inside(seat.position, &outlines[section]), "{name}, seat {index}");
        }
    }
}

/// No row of the real charts has an aisle: their spacing is even to 0.1 %, measured beside this program.
#[test]
fn aisles_are_told_from_the_gaps() {
    for name in [RACE_TRACK, SECTIONS, ROWS_AND_AREAS] {
        assert!(plan(name).seats.iter().all(|seat| !seat.aisle_after), "{name}");
    }
    let mut chart = chart(ROWS_AND_AREAS);
    // Row B steps aside for somebody to walk through; row C is listed from its middle.
    for seat in chart["subChart"]["rows"][1]["seats"].as_array_mut().unwrap().iter_mut().skip(5) {
        seat["x"] = json!(seat["x"].as_f64().unwrap() + 20.0);
    }
    chart["subChart"]["rows"][2]["seats"].as_array_mut().unwrap().rotate_left(3);
    let plan = read(&chart).unwrap().plan;
    let aisles: Vec<String> = (0..32).filter(|seat| plan.seats[*seat as usize].aisle_after).map(|seat| plan.seat_label(seat)).collect();
    assert_eq!(aisles, ["B-5"]);
    let in_order: Vec<String> = plan.rows[2].seats.iter().map(|seat| plan.seat_label(*seat)).collect();
    assert_eq!(in_order, ["C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8"]);
}

#[test]
fn what_a_seat_says_of_itself() {
    let mut chart = chart(ROWS_AND_AREAS);
    let seats = "/subChart/rows/0/seats";
    set(&mut chart, &format!("{seats}/0/companionSeat"), true);
    set(&mut chart, &format!("{seats}/1/restrictedView"), true);
    set(&mut chart, &format!("{seats}/2/accessible"), true);
    // A category whose key is a text, and one that is found by its label alone.
    set(&mut chart, &format!("{seats}/3/categoryKey"), "string11");
    set(&mut chart, &format!("{seats}/4/categoryKey"), Value::Null);
    set(&mut chart, &format!("{seats}/4/categoryLabel"), "Cat3");
    // The key decides against a label that was left behind.
    set(&mut chart, &format!("{seats}/5/categoryKey"), 10);
    set(&mut chart, &format!("{seats}/5/categoryLabel"), "Cat1");
    set(&mut chart, &format!("{seats}/6/disabledBySocialDistancingRules"), true);
    let (label, count) = (chart["subChart"]["rows"][0]["seats"][6]["label"].clone(), plan(ROWS_AND_AREAS).seats.len());
    let read = read(&chart).unwrap();
    assert_eq!(read.unsold, [format!("subChart.rows[0].seats[6] {label}: is disabled in the chart and not sold")]);
    let seats = read.plan.seats;
    assert_eq!(seats.len(), count - 1);
    assert!(seats[0].companion && seats[1].restricted_view && seats[2].accessible);
    assert_eq!((seats[3].category, seats[4].category, seats[5].category), (2, 2, 1));
}

#[test]
fn a_seats_own_category_goes_before_its_sections() {
    let mut chart = chart(SECTIONS);
    set(&mut chart, "/subChart/sections/0/subChart/rows/0/seats/0/categoryKey", 4);
    let plan = read(&chart).unwrap().plan;
    assert_eq!((plan.seats[0].category, plan.seats[1].category), (1, 0));
}

#[test]
fn in_old_charts_the_category_says_that_seats_are_accessible() {
    let mut chart = chart(SECTIONS);
    set(&mut chart, "/categories/list/0/accessible", true);
    set(&mut chart, "/subChart/sections/0/subChart/rows/0/seats/0/accessible", false);
    let seats = read(&chart).unwrap().plan.seats;
    assert_eq!(seats.iter().filter(|seat| seat.accessible).count(), 35);
    assert!(!seats[0].accessible, "what the seat says goes first");
}

#[test]
fn rows_may_name_a_section_without_an_outline() {
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/subChart/rows/0/sectionLabel", "Left");
    set(&mut chart, "/subChart/rows/1/sectionLabel", "Right");
    set(&mut chart, "/subChart/rows/1/label", "A");
    set(&mut chart, "/subChart/rows/2/sectionLabel", "Left");
    let plan = read(&chart).unwrap().plan;
    assert_eq!(plan.sections.len(), 2);
    let labels = plan.labels();
    for label in ["Left-A-1", "Right-A-1", "Left-C-1", "D-1"] {
        assert!(labels.contains_key(label), "{label}");
    }
}

#[test]
fn areas_in_sections_carry_the_sections_label() {
    let mut chart = chart(SECTIONS);
    let area = json!([{"label": "Pit", "capacity": 40}]);
    set(&mut chart, "/subChart/sections/0/subChart/generalAdmissionAreas", area.clone());
    set(&mut chart, "/subChart/sections/1/subChart/generalAdmissionAreas", area);
    let areas = read(&chart).unwrap().plan.areas;
    let areas: Vec<_> = areas.iter().map(|area| (area.label.as_str(), area.capacity, area.category)).collect();
    assert_eq!(areas, [("Section A-Pit", 40, 0), ("Section B-Pit", 40, 1)]);
}
