//! Plans to draw.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part; a test may panic")]

use std::path::Path;

use guichet_domain::seating::{Area, Caption, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape};

/// One of the shipped charts.
pub(crate) fn chart(name: &str) -> SeatingPlan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name);
    guichet_plans::read_plan(&std::fs::read(path).unwrap()).unwrap().plan
}

pub(crate) fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

pub(crate) fn seat(label: &str, x: f64, y: f64) -> Seat {
    Seat { label: label.into(), position: point(x, y), ..Seat::default() }
}

pub(crate) fn shape(figure: Figure, centre: Point, words: &str) -> Shape {
    let caption = Caption { text: words.to_owned(), position: Point::default(), colour: "#123456".to_owned(), size: 10.0 };
    let (fill, border) = ("#dddddd".to_owned(), String::new());
    Shape { figure, centre, rotation_deg: 0.0, fill, border, caption: Some(caption), floor: None }
}

/// Two floors: below a stage, a row, a table and an area; above a booth and a row of one section.
pub(crate) fn club() -> SeatingPlan {
    let category = |name: &str, colour: &str| Category { name: name.to_owned(), colour: colour.to_owned() };
    let mut plan = SeatingPlan {
        name: "Club".to_owned(),
        categories: vec![category("Stalls", "#0055aa"), category("Gallery", "#aa5500")],
        floors: vec!["Ground".to_owned(), "Upper".to_owned()],
        sections: vec![Section { label: "G".to_owned(), ..Section::default() }],
        focal_point: Some(point(90.0, 30.0)),
        ..SeatingPlan::default()
    };
    let row = |label: &str, floor: u16, kind: RowKind| Row { label: label.to_owned(), floor: Some(floor), kind, ..Row::default() };
    let numbered = |count: u32, y: f64| (1..=count).map(move |place| seat(&place.to_string(), 20.0 * f64::from(place), y));
    plan.push_row(row("A", 0, RowKind::Line), numbered(8, 60.0).map(|seat| Seat { accessible: &*seat.label == "1", ..seat }));
    let chairs = [(60.0, 100.0), (80.0, 120.0), (60.0, 140.0), (40.0, 120.0)];
    let chairs = chairs.iter().zip(1..).map(|((x, y), number)| seat(&number.to_string(), *x, *y));
    plan.push_row(row("T1", 0, RowKind::Table { centre: point(60.0, 120.0), whole: true }), chairs);
    let gallery = Row { section: Some(0), ..row("1", 1, RowKind::Line) };
    plan.push_row(gallery, numbered(6, 0.0).map(|seat| Seat { category: 1, restricted_view: &*seat.label == "6", ..seat }));
    plan.push_row(row("", 1, RowKind::Booth { people: Some(6) }), [Seat { category: 1, ..seat("Box", 60.0, 40.0) }]);
    let floor = |floor: u16, shape: Shape| Shape { floor: Some(floor), ..shape };
    plan.shapes.push(floor(0, shape(Figure::Rectangle { width: 160.0, height: 40.0 }, point(90.0, 10.0), "Stage")));
    let bar = floor(0, shape(Figure::Ellipse { radius_x: 50.0, radius_y: 25.0 }, point(150.0, 120.0), ""));
    plan.areas.push(Area { label: "Bar".to_owned(), capacity: 40, category: 0, outline: Some(Shape { caption: None, ..bar }) });
    assert_eq!(plan.check(), []);
    plan
}

/// Rows of seats on a lattice, without sections.
pub(crate) fn lattice(rows: u32, seats: u32) -> SeatingPlan {
    let category = Category { name: "All".to_owned(), colour: "#00aa00".to_owned() };
    let mut plan = SeatingPlan { name: "Lattice".to_owned(), categories: vec![category], ..SeatingPlan::default() };
    for row in 0..rows {
        let of_row = (0..seats).map(|place| seat(&place.to_string(), 10.0 * f64::from(place), 10.0 * f64::from(row)));
        plan.push_row(Row { label: row.to_string(), ..Row::default() }, of_row);
    }
    plan
}
