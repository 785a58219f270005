//! Guichet's own format: what is written is read as it was, and what is misspelt is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use guichet_plans::{PlanFormat, read_plan, write_plan};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::plans::plan;
use support::{RACE_TRACK, ROWS_AND_AREAS, SECTIONS, bytes, faults, read, remove, set};

fn small() -> Value {
    let seat = |label: &str| json!({"label": label, "x": 1.5, "y": 2, "category": 0});
    json!({
        "format": "guichet-plan",
        "version": 1,
        "name": "Cellar",
        "categories": [{"name": "Front", "colour": "#4176a5"}],
        "sections": [{"label": "L"}],
        "rows": [
            {"label": "A", "section": 0, "seats": [seat("1"), seat("2")]},
            {"label": "B", "seats": [seat("1"), seat("2")]},
        ],
        "areas": [{"label": "Bar", "capacity": 30, "category": 0}],
    })
}

#[test]
fn real_plans_survive_writing() {
    for name in [RACE_TRACK, SECTIONS, ROWS_AND_AREAS] {
        let plan = read_plan(&bytes(name)).unwrap().plan;
        let read = read_plan(write_plan(&plan).as_bytes()).unwrap();
        assert_eq!((read.format, read.unsold.len()), (PlanFormat::Guichet, 0));
        assert!(read.plan == plan, "{name} differs");
    }
}

#[test]
fn the_written_form() {
    let plan = read(&small()).unwrap().plan;
    let written = write_plan(&plan);
    assert!(written.starts_with("{\n  \"format\": \"guichet-plan\",\n  \"version\": 1,\n  \"name\": \"Cellar\",\n"));
    assert!(written.ends_with("}\n"));
    let mut expected = small();
    for row in expected["rows"].as_array_mut().unwrap() {
        for seat in row["seats"].as_array_mut().unwrap() {
            seat["y"] = json!(2.0);
        }
    }
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected);
}

#[test]
fn what_the_rules_refuse_comes_at_once_by_path() {
    let mut plan = small();
    set(&mut plan, "/rows/0/section", 4);
    set(&mut plan, "/rows/1/seats/1/category", 7);
    set(&mut plan, "/areas/0/category", 8);
    set(&mut plan, "/sections/0/zone", 0);
    assert_eq!(
        faults(&plan),
        [
            "rows[0].section: no such section",
            "sections[0].zone: no such zone",
            "rows[1].seats[1].category: no such category",
            "areas[0].category: no such category",
        ]
    );
    let mut plan = small();
    set(&mut plan, "/rows/1/seats/1/label", "1");
    assert_eq!(faults(&plan), ["rows[1].seats[1].label: duplicate of \"B-1\""]);
}

#[test]
fn all_faults_come_at_once() {
    let mut plan = small();
    set(&mut plan, "/zone", true);
    remove(&mut plan, "/name");
    set(&mut plan, "/size", json!({"width": "wide", "height": 4}));
    set(&mut plan, "/focal_point", json!([0, 0]));
    set(&mut plan, "/floors", json!(["Ground", 1]));
    set(&mut plan, "/categories/0/color", "red");
    set(&mut plan, "/sections/0/zone", 65_536);
    set(&mut plan, "/rows/0/label", 5);
    set(&mut plan, "/rows/0/seats/0/accesible", true);
    remove(&mut plan, "/rows/0/seats/0/label");
    set(&mut plan, "/rows/0/seats/1/category", 0.5);
    set(&mut plan, "/rows/1/booth", json!({"people": -1}));
    set(&mut plan, "/rows/1/table", json!({"x": 1, "whole": 1}));
    set(&mut plan, "/rows/1/seats/1/label", "1");
    set(&mut plan, "/rows/1/seats/1/guid", "g");
    set(&mut plan, "/areas/0/capacity", 4_294_967_296_u64);
    set(&mut plan, "/areas/0/category", 1);
    let shape = |figure: Value| json!({"figure": figure, "x": 0, "y": 0});
    let shapes = [json!("words"), json!({"star": {}}), json!({"polygon": {"points": [3]}, "ellipse": {"radius_x": 1}}), json!("text")];
    set(&mut plan, "/shapes", shapes.map(shape).to_vec());
    set(&mut plan, "/shapes/3/caption", json!({"text": "Exit", "size": 1}));
    assert_eq!(
        faults(&plan),
        [
            "zone: unknown; the fields here are format, version, name, size, focal_point, categories, zones, floors, sections, rows, areas, \
             shapes",
            "name: missing",
            "size.width: a number is needed, found a text",
            "focal_point: an object is needed, found a list",
            "categories[0].color: unknown; the fields here are name, colour",
            "floors[1]: a text is needed, found a number",
            "sections[0].zone: 65536 is not a whole number from 0 to 65535",
            "areas[0].capacity: 4294967296 is not a whole number from 0 to 4294967295",
            "shapes[0].figure: is neither \"text\" nor an object with rectangle, ellipse or polygon",
            "shapes[1].figure.star: unknown; the fields here are rectangle, ellipse, polygon",
            "shapes[1].figure: needs exactly one of rectangle, ellipse and polygon",
            "shapes[2].figure.ellipse.radius_y: missing",
            "shapes[2].figure.polygon.points[0]: an object is needed, found a number",
            "shapes[2].figure: needs exactly one of rectangle, ellipse and polygon",
            "shapes[3].caption.colour: missing",
            "rows[0].label: a text is needed, found a number",
            "rows[0].seats[0].accesible: unknown; the fields here are label, x, y, category, guid, accessible, companion, restricted_view, \
             aisle_after",
            "rows[0].seats[0].label: missing",
            "rows[0].seats[1].category: 0.5 is not a whole number from 0 to 65535",
            "rows[1].table.y: missing",
            "rows[1].table.whole: true or false is needed, found a number",
            "rows[1].booth.people: -1 is not a whole number from 0 to 4294967295",
            "rows[1]: is either a table or a booth",
            "rows[0].seats[0].guid: missing; other seats have one",
            "rows[0].seats[1].guid: missing; other seats have one",
            "rows[1].seats[0].guid: missing; other seats have one",
        ]
    );
}

/// The plan's rules are held against what is right in spite of faults, and say nothing that only follows from one.
#[test]
fn the_rules_are_checked_beside_the_types() {
    let mut plan = small();
    set(&mut plan, "/rows/0/label", 5);
    set(&mut plan, "/rows/1/seats/1/label", "1");
    let third = json!({"label": 5, "section": 0, "seats": plan["rows"][0]["seats"]});
    plan["rows"].as_array_mut().unwrap().push(third);
    assert_eq!(
        faults(&plan),
        [
            "rows[0].label: a text is needed, found a number",
            "rows[2].label: a text is needed, found a number",
            "rows[1].seats[1].label: duplicate of \"B-1\"",
        ]
    );
    let twice = small().to_string().replacen("\"x\":1.5", "\"x\":1,\"x\":2", 1);
    assert_eq!(read_plan(twice.as_bytes()).unwrap_err().to_string(), "rows[0].seats[0].x: stands here twice");
}

#[test]
fn other_versions_are_refused() {
    let refused = |version: Value| {
        let mut plan = small();
        set(&mut plan, "/version", version);
        set(&mut plan, "/news", 1);
        faults(&plan)
    };
    assert_eq!(refused(json!(2)), ["version: is 2; this program reads version 1"]);
    assert_eq!(refused(json!("1")), ["version: a whole number is needed, found a text"]);
    assert_eq!(refused(Value::Null), ["version: missing; this program reads version 1"]);
}

proptest! {
    #[test]
    fn every_plan_survives_writing(plan in plan()) {
        prop_assert_eq!(plan.check(), []);
        let read = read_plan(write_plan(&plan).as_bytes());
        prop_assert_eq!(read.map(|read| read.plan), Ok(plan));
    }
}
