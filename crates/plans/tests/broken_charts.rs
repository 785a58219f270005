//! A chart with faults is refused with all of them, each at its path in the file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use guichet_plans::read_plan;
use serde_json::{Value, json};
use support::{RACE_TRACK, ROWS_AND_AREAS, SECTIONS, chart, faults, read, remove, set};

#[test]
fn all_faults_of_a_race_track_come_at_once() {
    let mut chart = chart(RACE_TRACK);
    let row = |section: usize, row: usize| format!("/subChart/sections/{section}/subChart/rows/{row}");
    set(&mut chart, &format!("{}/seats/7/label", row(1, 3)), "7");
    set(&mut chart, &format!("{}/seats/0/categoryKey", row(2, 0)), 99);
    remove(&mut chart, &format!("{}/seats/1/label", row(2, 0)));
    set(&mut chart, &format!("{}/seats/2/x", row(2, 0)), "12");
    remove(&mut chart, &format!("{}/seats/2/y", row(2, 0)));
    set(&mut chart, &format!("{}/seats/3/restrictedView", row(2, 0)), "no");
    set(&mut chart, &format!("{}/seats/4", row(2, 0)), 4);
    set(&mut chart, &format!("{}/label", row(3, 25)), "  ");
    remove(&mut chart, &format!("{}/seats", row(3, 24)));
    set(&mut chart, "/subChart/sections/0/zone", "moon");
    set(&mut chart, "/zones/list/1/focalPoint/y", Value::Null);
    assert_eq!(
        faults(&chart),
        [
            "zones.list[1].focalPoint.y: missing",
            "subChart.sections[0].zone: no zone has the key \"moon\"",
            "subChart.sections[1].subChart.rows[3].seats[7].label: duplicate of \"Goal Stand 3-D-7\"",
            "subChart.sections[2].subChart.rows[0].seats[4]: an object is needed, found a number",
            "subChart.sections[2].subChart.rows[0].seats[0].categoryKey: no category has the key \"99\"",
            "subChart.sections[2].subChart.rows[0].seats[1].label: missing",
            "subChart.sections[2].subChart.rows[0].seats[2].x: a number is needed, found a text",
            "subChart.sections[2].subChart.rows[0].seats[2].y: missing",
            "subChart.sections[2].subChart.rows[0].seats[3].restrictedView: true or false is needed, found a text",
            "subChart.sections[3].subChart.rows[24].seats: missing",
            "subChart.sections[3].subChart.rows[25].label: missing",
        ]
    );
}

#[test]
fn sections() {
    let mut chart = chart(SECTIONS);
    set(&mut chart, "/subChart/sections/0/categoryKey", Value::Null);
    set(&mut chart, "/subChart/sections/0/categoryLabel", Value::Null);
    remove(&mut chart, "/subChart/sections/0/topLeft");
    set(&mut chart, "/subChart/sections/0/subChart/rows/0/seats/0/categoryLabel", "cat2");
    set(&mut chart, "/subChart/sections/1/categoryKey", true);
    set(&mut chart, "/subChart/sections/1/label", json!([]));
    set(&mut chart, "/subChart/sections/1/topLeft/x", "left");
    set(&mut chart, "/subChart/sections/1/subChart/sections", json!([{}]));
    set(&mut chart, "/name", "");
    assert_eq!(
        faults(&chart),
        [
            "name: missing",
            "subChart.sections[0].topLeft: missing",
            "subChart.sections[0].categoryKey: missing, and 35 of its seats and areas have no category of their own",
            "subChart.sections[1].label: a text is needed, found a list",
            "subChart.sections[1].categoryKey: a text or a whole number is needed, found true or false",
            "subChart.sections[1].topLeft.x: a number is needed, found a text",
            "subChart.sections[1].subChart.sections[0]: a section inside a section is not understood",
        ]
    );
}

#[test]
fn rows_and_areas() {
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/subChart/rows/1/label", "A");
    let seats = chart["subChart"]["rows"][1]["seats"].as_array_mut().unwrap();
    seats.truncate(2);
    set(&mut chart, "/subChart/rows/2/seats/5/categoryKey", Value::Null);
    set(&mut chart, "/subChart/rows/2/seats/5/categoryLabel", Value::Null);
    set(&mut chart, "/subChart/rows/2/seats/6/categoryKey", Value::Null);
    set(&mut chart, "/subChart/rows/2/seats/6/categoryLabel", "Gold");
    remove(&mut chart, "/subChart/generalAdmissionAreas/0/capacity");
    set(&mut chart, "/subChart/generalAdmissionAreas/1/label", "GA1");
    assert_eq!(
        faults(&chart),
        [
            "subChart.rows[1].seats[0].label: duplicate of \"A-1\"",
            "subChart.rows[1].seats[1].label: duplicate of \"A-2\"",
            "subChart.rows[2].seats[5].categoryKey: missing, and there is no section to inherit a category from",
            "subChart.rows[2].seats[6].categoryLabel: no category has the label \"Gold\"",
            "subChart.generalAdmissionAreas[0].capacity: missing",
            "subChart.generalAdmissionAreas[1].label: duplicate of \"GA1\"",
        ]
    );
}

#[test]
fn capacities() {
    let outside = |number: &str| format!("{number} is not a whole number from 1 to 4,294,967,295");
    for (capacity, what) in [
        (json!(0), outside("0")),
        (json!(-3), outside("-3")),
        (json!(1.5), outside("1.5")),
        (json!(4_294_967_296_u64), outside("4294967296")),
        (json!(u64::MAX), outside("18446744073709552000")),
        (json!("100"), "a number is needed, found a text".into()),
        (Value::Null, "missing".into()),
    ] {
        let mut chart = chart(ROWS_AND_AREAS);
        set(&mut chart, "/subChart/generalAdmissionAreas/0/capacity", capacity);
        assert_eq!(faults(&chart), [format!("subChart.generalAdmissionAreas[0].capacity: {what}")]);
    }
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/subChart/generalAdmissionAreas/0/capacity", u32::MAX);
    assert_eq!(faults(&chart), ["subChart: seats and areas take more than 4,294,967,295 people"]);
}

#[test]
fn names_of_seats_and_areas_are_one_space() {
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/subChart/generalAdmissionAreas/0/label", "B-3");
    assert_eq!(faults(&chart), ["subChart.generalAdmissionAreas[0].label: duplicate of \"B-3\""]);
}

#[test]
fn categories() {
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/categories/list/1/key", 9);
    set(&mut chart, "/categories/list/2/label", "Cat1");
    // That seats refer to key 10, which is gone, is a consequence and is not listed.
    assert_eq!(faults(&chart), ["categories.list[1].key: duplicate of \"9\"", "categories.list[2].label: duplicate of \"Cat1\""]);
    remove(&mut chart, "/categories");
    assert_eq!(faults(&chart), ["categories: missing"]);
    set(&mut chart, "/categories", json!({"list": "none"}));
    assert_eq!(faults(&chart), ["categories.list: a list is needed, found a text"]);
}

#[test]
fn a_far_corner_does_not_make_an_infinite_position() {
    let mut chart = chart(SECTIONS);
    set(&mut chart, "/subChart/sections/1/topLeft/x", f64::MAX);
    set(&mut chart, "/subChart/sections/1/subChart/rows/0/seats/0/x", f64::MAX);
    assert_eq!(faults(&chart), ["subChart.sections[1].subChart.rows[0].seats[0]: its position is too far away to be a number"]);
}

#[test]
fn a_chart_with_nothing_to_sell() {
    let mut chart = chart(ROWS_AND_AREAS);
    set(&mut chart, "/subChart", json!({}));
    assert_eq!(faults(&chart), ["subChart: holds neither seats nor areas"]);
    set(&mut chart, "/subChart", json!({"tables": [{"label": "T1", "seats": []}]}));
    let nothing = "subChart: holds nothing that can be sold: subChart.tables[0] \"T1\": a table without chairs is not sold";
    assert_eq!(faults(&chart), [nothing]);
    set(&mut chart, "/subChart", 3);
    assert_eq!(faults(&chart), ["subChart: an object is needed, found a number"]);
}

#[test]
fn many_faults_are_counted_and_fifty_printed() {
    let mut chart = chart(RACE_TRACK);
    for section in 0..4 {
        for row in chart["subChart"]["sections"][section]["subChart"]["rows"].as_array_mut().unwrap() {
            row["seats"][0]["x"] = Value::Null;
        }
    }
    let errors = read(&chart).unwrap_err();
    assert_eq!((errors.count(), errors.faults().len()), (131, 131));
    let printed = errors.to_string();
    assert_eq!(printed.lines().count(), 51);
    assert!(printed.starts_with("subChart.sections[0].subChart.rows[0].seats[0].x: missing\n"));
    assert!(printed.ends_with("\nand 81 more"));
}

#[test]
fn other_documents_are_told_what_is_understood() {
    for (document, begins) in [
        ("{}", "document: is of no known format; understood are Guichet plans"),
        (r#"{"subChart": null}"#, "document: is of no known format; understood are"),
        (r#"{"format": "other"}"#, "document: is of no known format; understood are"),
        ("[]", "document: is not a JSON object; understood are"),
        ("7", "document: is not a JSON object; understood are"),
        ("", "document: is not JSON: EOF while parsing a value at line 1 column 0"),
        ("{\n \"subChart\": {,", "document: is not JSON: key must be a string at line 2 column 15"),
        (r#"{"subChart": {"rows": [], "rows": []}}"#, "document: duplicate field `rows` at line 1"),
    ] {
        let error = read_plan(document.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(begins), "{document}: {error}");
        assert!(!error.contains("understood") || error.contains("seats.io charts (an object with \"subChart\")"));
    }
}
