//! Tables, booths, areas booked as a whole, floors and drawings of a seats.io chart.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use guichet_domain::seating::{Figure, Point, RowKind};
use guichet_plans::{read_plan, write_plan};
use serde_json::{Value, json};
use support::{faults, read, set};

fn banquet() -> Value {
    let chair = |label: &str, x: f64| json!({"label": label, "x": x, "y": 0, "categoryKey": 1});
    json!({
        "name": "Banquet",
        "categories": {"list": [{"key": 1, "label": "Dinner", "color": "#aabbcc"}]},
        "subChart": {
            "focalPoint": {"x": 5, "y": -10},
            "floorName": "Ground",
            "tables": [
                {"label": "T1", "center": {"x": 10, "y": 5}, "bookAsAWhole": true, "seats": [chair("1", 0.0), chair("2", 20.0)]},
                {"label": "T2", "categoryKey": 1, "seats": [{"label": "1", "x": 40, "y": 0, "restrictedView": true, "companionSeat": true}]},
                {"label": "T3", "seats": []},
            ],
            "booths": [{"label": "B1", "center": {"x": 1, "y": 2}, "categoryKey": 1}],
            "generalAdmissionAreas": [
                {"label": "Box", "capacity": 8, "bookAsAWhole": true, "categoryKey": 1, "points": [{"x": 0, "y": 0}, {"x": 4, "y": 2}]},
                {"label": "Bar", "capacity": 50, "categoryKey": 1, "center": {"x": 9, "y": 9}, "radius1": 3, "radius2": 2},
            ],
            "shapes": [{"label": "Stage", "center": {"x": 5, "y": 5}, "width": 4, "height": 2}, {"label": "Odd", "type": "spiral"}],
            "texts": [{"text": "Exit", "center": {"x": 1, "y": 1}}],
            "sections": [{
                "label": "Up", "categoryKey": 1, "topLeft": {"x": 100, "y": 0},
                "subChart": {"floorName": "Gallery", "booths": [{"label": "B1", "center": {"x": 1, "y": 2}}]},
            }],
        },
    })
}

#[test]
fn everything_that_is_sold_is_read_and_the_rest_named() {
    let read = read(&banquet()).unwrap();
    let plan = &read.plan;
    let labels: Vec<String> = plan.labels().into_keys().collect();
    assert_eq!(labels, ["B1", "Box", "T1-1", "T1-2", "T2-1", "Up-B1"]);
    let kind = |label: &str| plan.rows[plan.row_of(plan.labels()[label])].kind;
    assert_eq!(kind("T1-1"), RowKind::Table { centre: Point { x: 10.0, y: 5.0 }, whole: true });
    assert_eq!(kind("T2-1"), RowKind::Table { centre: Point { x: 40.0, y: 0.0 }, whole: false });
    assert_eq!((kind("B1"), kind("Box")), (RowKind::Booth { people: None }, RowKind::Booth { people: Some(8) }));
    let seat = |label: &str| &plan.seats[plan.labels()[label] as usize];
    assert!(seat("T2-1").restricted_view && seat("T2-1").companion);
    assert_eq!((seat("Box").position, seat("Up-B1").position), (Point { x: 2.0, y: 1.0 }, Point { x: 101.0, y: 2.0 }));
    assert_eq!(plan.floors, ["Ground", "Gallery"]);
    assert_eq!((plan.rows[plan.row_of(plan.labels()["Up-B1"])].floor, plan.focal_point), (Some(1), Some(Point { x: 5.0, y: -10.0 })));
    let outline = plan.areas[0].outline.as_ref().unwrap();
    assert_eq!((plan.areas[0].capacity, &outline.figure), (50, &Figure::Ellipse { radius_x: 3.0, radius_y: 2.0 }));
    let captions: Vec<&str> = plan.shapes.iter().map(|shape| shape.caption.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(captions, ["Stage", "Exit"]);
    assert_eq!(
        read.unsold,
        ["subChart.tables[2] \"T3\": a table without chairs is not sold", "subChart.shapes[1] \"Odd\": a shape of this kind is not drawn",]
    );
    assert_eq!(read_plan(write_plan(plan).as_bytes()).unwrap().plan, *plan);
}

#[test]
fn faults_of_tables_and_booths_come_at_once() {
    let mut chart = banquet();
    set(&mut chart, "/subChart/tables/0/seats/1/label", "1");
    set(&mut chart, "/subChart/tables/1/bookAsAWhole", "yes");
    set(&mut chart, "/subChart/booths/0/label", "T2-1");
    set(&mut chart, "/subChart/booths/0/center", Value::Null);
    set(&mut chart, "/subChart/generalAdmissionAreas/1/radius1", "wide");
    set(&mut chart, "/subChart/shapes/0/center/x", 1e16);
    set(&mut chart, "/subChart/sections/0/categoryKey", Value::Null);
    set(&mut chart, "/subChart/sections/0/subChart/tables", json!([{"label": "T", "seats": [{"label": "1", "x": 0, "y": 0}]}]));
    assert_eq!(
        faults(&chart),
        [
            "subChart.generalAdmissionAreas[1].radius1: a number is needed, found a text",
            "subChart.tables[0].seats[1].label: duplicate of \"T1-1\"",
            "subChart.tables[1].bookAsAWhole: true or false is needed, found a text",
            "subChart.booths[0].center: missing",
            "subChart.booths[0].label: duplicate of \"T2-1\"",
            "subChart.shapes[0].center: its position is too far away to be a number",
            "subChart.sections[0].categoryKey: missing, and 2 of its seats and areas have no category of their own",
        ]
    );
}

/// In charts of versions before seats had `accessible`, the category says it.
#[test]
fn places_of_an_accessible_category_are_accessible() {
    let mut chart = banquet();
    set(&mut chart, "/categories/list/0/accessible", true);
    set(&mut chart, "/subChart/tables/0/seats/0/accessible", false);
    let plan = read(&chart).unwrap().plan;
    let accessible = plan.labels().into_iter().filter(|(_, seat)| plan.seats[*seat as usize].accessible).map(|(label, _)| label);
    assert_eq!(accessible.collect::<Vec<_>>(), ["B1", "Box", "T1-2", "T2-1", "Up-B1"]);
}

/// A newer designer may draw what this reader has never heard of.
#[test]
fn objects_of_unknown_kinds_and_drafts_are_named_wherever_they_stand() {
    let mut chart = banquet();
    set(&mut chart, "/subChart/imageObjects", json!([{"src": "a.png"}, {"src": "b.png"}]));
    set(&mut chart, "/subChart/tables/0/stools", json!([{"label": "3"}]));
    set(&mut chart, "/subChart/sections/0/subChart/lounges", json!([{"label": "L1"}, {}, {}]));
    set(&mut chart, "/boxes\u{1b}", json!([{"label": "1"}]));
    // Neither objects nor anything in them.
    set(&mut chart, "/tags", json!(["a", [{}]]));
    set(&mut chart, "/subChart/backgroundImage", json!({"layers": [{}]}));
    let draft = json!({"label": "New", "published": false, "subChart": {"rows": [{"seats": [{}]}], "lounges": [{}]}});
    chart["subChart"]["sections"].as_array_mut().unwrap().push(draft);
    let read = read(&chart).unwrap();
    assert_eq!(read.plan.sections.len(), 1);
    assert_eq!(
        read.unsold[2..],
        [
            "subChart.sections[1] \"New\": a section that is not published is left out with all that is in it",
            "boxes\\u{1b}: 1 object of a kind that is not understood",
            "subChart.imageObjects: 2 objects of a kind that is not understood",
            "subChart.sections[0].subChart.lounges: 3 objects of a kind that is not understood",
            "subChart.sections[1].subChart.lounges: 1 object of a kind that is not understood",
            "subChart.tables[0].stools: 1 object of a kind that is not understood",
        ]
    );
    set(&mut chart, "/subChart/sections/1/published", "no");
    assert_eq!(faults(&chart)[0], "subChart.sections[1].published: true or false is needed, found a text");
}
