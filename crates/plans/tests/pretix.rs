//! pretix plans: read, written, and refused with all faults at once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::collections::BTreeMap;

use guichet_domain::seating::{Category, Point, Row, SeatingPlan};
use guichet_plans::{PlanFormat, read_plan, write_plan_as};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::plans::plan;
use support::{RACE_TRACK, ROWS_AND_AREAS, SECTIONS, bytes, faults, read, remove, set};

fn theatre() -> Value {
    let seat = |guid: &str, number: &str, x: i32| json!({"seat_guid": guid, "seat_number": number, "position": {"x": x, "y": 0}, "category": "Stalls"});
    json!({
        "name": "Theatre",
        "size": {"width": 600, "height": 400},
        "categories": [{"name": "Stalls", "color": "#aabbcc"}],
        "zones": [
            {"name": "Main", "position": {"x": 10, "y": 20}, "rows": [
                {"row_number": "A", "position": {"x": 1, "y": 2}, "seats": [seat("g-1", "1", 0), seat("g-2", "2", 20), seat("g-3", "3", 40)]},
            ], "areas": [
                {"shape": "rectangle", "position": {"x": 5, "y": 5}, "rotation": 30, "rectangle": {"width": 30, "height": 10},
                 "text": {"text": "Stage", "position": {"x": 1, "y": 1}}},
                {"shape": "circle", "position": {"x": 5, "y": 5}, "circle": {"radius": 3}},
            ]},
            {"name": "Empty", "position": {"x": 0, "y": 0}, "rows": []},
            {"position": {"x": 0, "y": 100}, "rows": [{"row_number": "A", "seats": [seat("g-4", "1", 0)]}]},
        ],
    })
}

fn rewritten(plan: &SeatingPlan) -> SeatingPlan {
    let written = write_plan_as(PlanFormat::Pretix, plan).unwrap();
    let read = read_plan(written.text.as_bytes()).unwrap();
    assert_eq!(read.format, PlanFormat::Pretix);
    read.plan
}

#[test]
fn a_plan_is_read_and_survives_writing() {
    let read = read(&theatre()).unwrap();
    assert_eq!(read.format, PlanFormat::Pretix);
    let plan = read.plan;
    let labels: Vec<String> = plan.labels().into_keys().collect();
    assert_eq!(labels, ["A-1", "Main-A-1", "Main-A-2", "Main-A-3"]);
    assert_eq!(plan.seats[1].position, Point { x: 31.0, y: 22.0 });
    assert_eq!(&*plan.guids[3], "g-4");
    assert_eq!(plan.shapes.len(), 2);
    assert_eq!(write_plan_as(PlanFormat::Pretix, &plan).unwrap().lost, [""; 0]);
    assert_eq!(rewritten(&plan), plan);
}

#[test]
fn real_charts_keep_every_seat_and_what_is_lost_is_named() {
    for name in [RACE_TRACK, SECTIONS, ROWS_AND_AREAS] {
        let plan = read_plan(&bytes(name)).unwrap().plan;
        let once = rewritten(&plan);
        assert_eq!(once.labels().into_keys().collect::<Vec<_>>(), plan.labels().into_keys().collect::<Vec<_>>(), "{name}");
        assert!(rewritten(&once) == once, "{name}");
    }
    let plan = read_plan(&bytes(ROWS_AND_AREAS)).unwrap().plan;
    let lost = write_plan_as("pretix".parse().unwrap(), &plan).unwrap().lost;
    let area = "areas[0] \"GA1\": general admission for 100 is not sold from a pretix plan; only its outline is written";
    assert_eq!(
        lost,
        [
            area,
            &area.replace("[0]", "[1]").replace("GA1", "GA2"),
            "focal_point: is left out",
            "seats: \"accessible\" of 1 seats is left out"
        ]
    );
    assert!(write_plan_as(PlanFormat::SeatsIo, &plan).is_err());
}

/// pretix tells categories apart by their names.
#[test]
fn categories_of_one_name_stay_apart() {
    let mut plan = read(&theatre()).unwrap().plan;
    let category = plan.categories[0].clone();
    plan.categories.extend([Category { name: "Stalls (2)".into(), ..category.clone() }, category.clone(), category]);
    plan.seats[0].category = 2;
    plan.seats[1].category = 3;
    let written = write_plan_as(PlanFormat::Pretix, &plan).unwrap();
    assert_eq!(
        written.lost,
        [
            "categories[2] \"Stalls\": is written as \"Stalls (3)\", as pretix tells categories apart by name",
            "categories[3] \"Stalls\": is written as \"Stalls (4)\", as pretix tells categories apart by name",
        ]
    );
    let again = rewritten(&plan);
    let names: Vec<&str> = again.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["Stalls", "Stalls (2)", "Stalls (3)", "Stalls (4)"]);
    assert_eq!(again.seats, plan.seats);
}

#[test]
fn all_faults_come_at_once() {
    let mut plan = theatre();
    remove(&mut plan, "/name");
    set(&mut plan, "/size/width", 1.5);
    set(&mut plan, "/zones/0/rows/0/colour", "red");
    set(&mut plan, "/zones/0/rows/0/seats/0/seat_number", 1);
    set(&mut plan, "/zones/0/rows/0/seats/1/seat_guid", "g-1");
    set(&mut plan, "/zones/0/rows/0/seats/2/seat_number", "2");
    set(&mut plan, "/zones/0/rows/0/seats/2/category", "Circle");
    set(&mut plan, "/zones/0/areas/0/shape", "star");
    remove(&mut plan, "/zones/1/position");
    set(&mut plan, "/zones/2/rows/0/seats/0/seat_guid", "x");
    assert_eq!(
        faults(&plan),
        [
            "name: missing",
            "size.width: 1.5 is not a whole number of pixels",
            "zones[0].rows[0].colour: unknown; the fields here are row_number, row_label, seat_label, uuid, seats, row_number_position, position",
            "zones[0].rows[0].seats[0].seat_number: a text is needed, found a number",
            "zones[0].rows[0].seats[1].seat_guid: duplicate of \"g-1\"",
            "zones[0].rows[0].seats[2].seat_number: duplicate of \"Main-A-2\"",
            "zones[0].rows[0].seats[2].category: no category has the name \"Circle\"",
            "zones[0].areas[0].shape: \"star\" is not a shape of pretix",
            "zones[1].position: missing",
            "zones[2].rows[0].seats[0].seat_guid: needs two characters or more in one line, and no space at either end",
        ]
    );
}

proptest! {
    /// Whatever the plan, the file is one that is read, and in every row the same seats stand where they stood, at the same price.
    #[test]
    fn every_plan_with_seats_can_be_written(plan in plan()) {
        prop_assume!(!plan.seats.is_empty());
        let written = write_plan_as(PlanFormat::Pretix, &plan).unwrap();
        let again = read_plan(written.text.as_bytes()).map(|read| read.plan);
        prop_assert!(again.is_ok(), "{}", again.unwrap_err());
        let again = again.unwrap();
        prop_assert_eq!(again.rows.len(), plan.rows.len());
        for (row, before) in again.rows.iter().zip(&plan.rows) {
            prop_assert_eq!(places(&again, row), places(&plan, before));
        }
        prop_assert_eq!(rewritten(&again), again);
    }
}

/// The seats of a row by label, which is unique in the plans above: where they stand and their category.
fn places(plan: &SeatingPlan, row: &Row) -> BTreeMap<String, (Point, u16)> {
    let seats = row.seats.iter().map(|number| &plan.seats[*number as usize]);
    seats.map(|seat| (seat.label.to_string(), (seat.position, seat.category))).collect()
}
