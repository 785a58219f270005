//! pretix plans: read, written, and refused with all faults at once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::collections::BTreeMap;

use guichet_domain::seating::{Caption, Category, Figure, Point, Row, SeatingPlan, Shape};
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

fn drawn(figure: Figure, centre: Point) -> Shape {
    Shape { figure, centre, rotation_deg: 0.0, fill: String::new(), border: String::new(), caption: None, floor: None }
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
    let sections: Vec<&str> = plan.sections.iter().map(|section| section.label.as_str()).collect();
    assert_eq!((sections.as_slice(), plan.rows[1].section), (["Main", "Empty"].as_slice(), None));
    assert_eq!(write_plan_as(PlanFormat::Pretix, &plan).unwrap().lost, [""; 0]);
    assert_eq!(rewritten(&plan), plan);
}

#[test]
fn zones_of_one_name_are_one_section_and_seats_stand_in_the_order_in_which_they_sit() {
    let mut file = theatre();
    set(&mut file, "/zones/1/name", "Main");
    set(&mut file, "/zones/1/rows", json!([{"row_number": "B", "row_number_position": "start", "seats": []}]));
    let row = "/zones/0/rows/0";
    set(&mut file, &format!("{row}/row_number_position"), "end");
    set(&mut file, &format!("{row}/seats/1/position/x"), 60);
    let plan = read(&file).unwrap().plan;
    assert_eq!((plan.sections.len(), plan.rows[1].section), (1, Some(0)));
    let row: Vec<&str> = plan.rows[0].seats.iter().map(|seat| &*plan.seats[*seat as usize].label).collect();
    assert_eq!(row, ["1", "3", "2"]);
    assert_eq!(plan.guids.iter().map(|guid| &**guid).collect::<Vec<_>>(), ["g-1", "g-3", "g-2", "g-4"]);
    set(&mut file, "/zones/1/rows/0/row_number_position", "middle");
    assert_eq!(faults(&file), ["zones[1].rows[0].row_number_position: is neither \"start\", \"end\" nor \"both\""]);
}

#[test]
fn what_is_drawn() {
    let mut file = theatre();
    let areas = json!([
        {"shape": "rectangle", "color": "#111", "border_color": "#222", "position": {"x": 5, "y": 6}, "rotation": 30,
         "rectangle": {"width": 30, "height": 10}, "text": {"text": "Stage", "color": "#333", "size": 9, "position": {"x": 1, "y": 2}}},
        {"shape": "circle", "circle": {"radius": 3}},
        {"shape": "ellipse", "ellipse": {"radius": {"x": 3, "y": 4}}},
        {"shape": "polygon", "polygon": {"points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}},
        {"shape": "text", "text": {"text": "Exit", "position": {"x": 0, "y": 0}}},
    ]);
    set(&mut file, "/zones/0/areas", areas);
    let plan = read(&file).unwrap().plan;
    let point = |x, y| Point { x, y };
    let shape = |figure| drawn(figure, point(10.0, 20.0));
    let words = |text: &str, position, colour: &str, size| Some(Caption { text: text.into(), position, colour: colour.into(), size });
    let corners = vec![point(0.0, 0.0), point(30.0, 0.0), point(30.0, 10.0), point(0.0, 10.0)];
    assert_eq!(
        plan.shapes,
        [
            Shape {
                figure: Figure::Polygon { points: corners },
                centre: point(15.0, 26.0),
                rotation_deg: 30.0,
                fill: "#111".into(),
                border: "#222".into(),
                caption: words("Stage", point(1.0, 2.0), "#333", 9.0),
                floor: None,
            },
            shape(Figure::Ellipse { radius_x: 3.0, radius_y: 3.0 }),
            shape(Figure::Ellipse { radius_x: 3.0, radius_y: 4.0 }),
            shape(Figure::Polygon { points: vec![point(1.0, 2.0), point(3.0, 4.0)] }),
            Shape { caption: words("Exit", point(0.0, 0.0), "#000000", 16.0), ..shape(Figure::Text) },
        ]
    );
    assert_eq!(rewritten(&plan), plan);
}

#[test]
fn what_pretix_puts_otherwise_is_written_its_way() {
    let mut plan = read(&theatre()).unwrap().plan;
    plan.shapes = vec![drawn(Figure::Rectangle { width: 8.0, height: 4.0 }, Point::default())];
    plan.guids = ["g", "twin", "twin", " seat"].map(Into::into).to_vec();
    // Sections in the order of the plan, though the first has no rows and the rows of the second come later.
    plan.sections.swap(0, 1);
    plan.rows[0].section = Some(1);
    let written = write_plan_as(PlanFormat::Pretix, &plan).unwrap();
    assert_eq!(written.lost, ["guids: pretix does not take 3 of them; others are written"]);
    let again = rewritten(&plan);
    assert_eq!((&again.sections, again.rows[0].section), (&plan.sections, Some(1)));
    assert_eq!(again.guids.iter().map(|guid| &**guid).collect::<Vec<_>>(), ["seat-0.", "twin", "seat-2.", "seat-3."]);
    let points = [(-4.0, -2.0), (4.0, -2.0), (4.0, 2.0), (-4.0, 2.0)].map(|(x, y)| Point { x, y }).to_vec();
    assert_eq!(again.shapes[0].figure, Figure::Polygon { points });
    // A made-up guid gives way to one that the plan has.
    plan.guids = ["seat-1.", "x", "seat-1..", "seat-3."].map(Into::into).to_vec();
    assert_eq!(&*rewritten(&plan).guids[1], "seat-1...");
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
    plan.categories.extend([category.clone(), Category { name: "Stalls (2)".into(), ..category.clone() }, category]);
    plan.seats[0].category = 1;
    plan.seats[1].category = 3;
    let written = write_plan_as(PlanFormat::Pretix, &plan).unwrap();
    assert_eq!(
        written.lost,
        [
            "categories[1] \"Stalls\": is written as \"Stalls (3)\", as pretix tells categories apart by name",
            "categories[3] \"Stalls\": is written as \"Stalls (4)\", as pretix tells categories apart by name",
        ]
    );
    let again = rewritten(&plan);
    let names: Vec<&str> = again.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["Stalls", "Stalls (3)", "Stalls (2)", "Stalls (4)"]);
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
