//! Guichet's own format: what is written is read as it was, and what is misspelt is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use guichet_domain::seating::{Area, Caption, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape, Size, Zone};
use guichet_plans::{PlanFormat, read_plan, write_plan};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
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

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z][a-z]{0,6}", any::<String>()]
}

fn point() -> impl Strategy<Value = Point> {
    let number = || prop_oneof![-1e5..1e5_f64, prop::num::f64::NORMAL, Just(0.0)];
    (number(), number()).prop_map(|(x, y)| Point { x, y })
}

fn seat(categories: u16) -> impl Strategy<Value = Seat> {
    (name(), point(), 0..categories, any::<[bool; 4]>()).prop_map(|(label, position, category, flags)| {
        let [accessible, companion, restricted_view, aisle_after] = flags;
        Seat { label: label.into(), position, category, accessible, companion, restricted_view, aisle_after, ..Seat::default() }
    })
}

fn index_below(count: usize) -> BoxedStrategy<Option<u16>> {
    match u16::try_from(count).unwrap() {
        0 => Just(None).boxed(),
        count => option::of(0..count).boxed(),
    }
}

fn kind() -> impl Strategy<Value = RowKind> {
    prop_oneof![
        3 => Just(RowKind::Line),
        1 => (point(), any::<bool>()).prop_map(|(centre, whole)| RowKind::Table { centre, whole }),
        1 => any::<Option<u32>>().prop_map(|people| RowKind::Booth { people }),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    let figure = prop_oneof![
        point().prop_map(|Point { x, y }| Figure::Rectangle { width: x, height: y }),
        point().prop_map(|Point { x, y }| Figure::Ellipse { radius_x: x, radius_y: y }),
        vec(point(), 0..4).prop_map(|points| Figure::Polygon { points }),
        Just(Figure::Text),
    ];
    let caption =
        (name(), point(), name(), -1e5..1e5_f64).prop_map(|(text, position, colour, size)| Caption { text, position, colour, size });
    (
        figure,
        point(),
        prop_oneof![Just(0.0), Just(-0.0), -360.0..360.0_f64],
        name(),
        prop_oneof![Just(String::new()), name()],
        option::of(caption),
    )
        .prop_map(|(figure, centre, rotation_deg, fill, border, caption)| Shape {
            figure,
            centre,
            rotation_deg,
            fill,
            border,
            caption,
            floor: None,
        })
}

/// Any plan that can be sold. Seats' labels get their index, which makes them unique.
fn plan() -> impl Strategy<Value = SeatingPlan> {
    let zone = (name(), option::of(point())).prop_map(|(name, focal_point)| Zone { name, focal_point });
    let category = (name(), name()).prop_map(|(name, colour)| Category { name, colour });
    (name(), vec(category, 1..4), vec(zone, 0..3), vec(name(), 0..3), 0..4_usize)
        .prop_flat_map(|(name_, categories, zones, floors, sections)| {
            let count = u16::try_from(categories.len()).unwrap();
            let section = (name(), index_below(zones.len()), option::of(name())).prop_map(|(label, zone, entrance)| Section {
                label,
                zone,
                entrance,
            });
            let row = (name(), index_below(sections), index_below(floors.len()), kind(), vec(seat(count), 0..6));
            let area = (name(), 1..=u32::MAX, 0..count, option::of(shape())).prop_map(|(label, capacity, category, outline)| Area {
                label,
                capacity,
                category,
                outline,
            });
            let drawn = (vec(shape(), 0..3), option::of(point()), option::of(point()), any::<bool>());
            (Just((name_, categories, zones, floors)), vec(section, sections), vec(row, 0..6), vec(area, 1..3), drawn)
        })
        .prop_map(|((name, categories, zones, floors), sections, rows, areas, (shapes, focal_point, size, with_guids))| {
            let size = size.map(|Point { x, y }| Size { width: x, height: y });
            let mut plan =
                SeatingPlan { name, categories, zones, floors, sections, areas, shapes, focal_point, size, ..SeatingPlan::default() };
            for (label, section, floor, kind, seats) in rows {
                let first = plan.seats.len();
                let named = seats.into_iter().zip(first..).map(|(mut seat, number)| {
                    seat.label = format!("{}#{number}", seat.label).into();
                    seat
                });
                let booth = matches!(kind, RowKind::Booth { .. });
                plan.push_row(Row { label, section, floor, kind, seats: Vec::new() }, named.take(if booth { 1 } else { usize::MAX }));
            }
            if with_guids {
                plan.guids = (0..plan.seats.len()).map(|number| format!("{number:x}").into()).collect();
            }
            plan
        })
}

proptest! {
    #[test]
    fn every_plan_survives_writing(plan in plan()) {
        prop_assert_eq!(plan.check(), []);
        let read = read_plan(write_plan(&plan).as_bytes());
        prop_assert_eq!(read.map(|read| read.plan), Ok(plan));
    }
}
