//! Any plan is drawn: hostile labels, absurd coordinates, indices that lead nowhere.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use guichet_domain::seating::{Area, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape, Zone};
use guichet_drawing::{By, Colours, Room, SeatState, picture, svg};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn label() -> BoxedStrategy<String> {
    let hostile = prop_oneof![
        Just("]]>".to_owned()),
        Just("\" onload=\"alert(1)".to_owned()),
        Just("<!--&#0;\u{0}\u{1b}[2J\u{fffe}\u{feff}".to_owned()),
        Just("\u{202e}\u{200b}\r\n\t".to_owned()),
        Just("席".repeat(80)),
    ];
    prop_oneof![4 => "[A-Z]{0,3}[0-9]{0,2}", 2 => any::<String>(), 1 => hostile].boxed()
}

fn number() -> BoxedStrategy<f64> {
    let absurd = prop_oneof![
        Just(f64::MAX),
        Just(f64::MIN),
        Just(f64::MIN_POSITIVE),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(0.0),
        -1e12..1e12,
        -1e-9..1e-9
    ];
    prop_oneof![6 => -1e3..1e3, 1 => absurd].boxed()
}

fn point() -> BoxedStrategy<Point> {
    (number(), number()).prop_map(|(x, y)| Point { x, y }).boxed()
}

fn colour() -> BoxedStrategy<String> {
    prop_oneof![Just("#87A9CD".to_owned()), Just("\"/><script>".to_owned()), Just(String::new())].boxed()
}

fn index() -> BoxedStrategy<u16> {
    prop_oneof![4 => 0_u16..3, 1 => any::<u16>()].boxed()
}

fn shape() -> BoxedStrategy<Shape> {
    let figure = prop_oneof![
        (number(), number()).prop_map(|(width, height)| Figure::Rectangle { width, height }),
        (number(), number()).prop_map(|(radius_x, radius_y)| Figure::Ellipse { radius_x, radius_y }),
        vec(point(), 0..6).prop_map(|points| Figure::Polygon { points }),
        Just(Figure::Text),
    ];
    let caption = (label(), point(), colour(), number());
    (figure, point(), number(), colour(), option::of(caption), option::of(index()))
        .prop_map(|(figure, centre, rotation_deg, fill, caption, floor)| {
            let caption = caption.map(|(text, position, colour, size)| guichet_domain::seating::Caption { text, position, colour, size });
            Shape { figure, centre, rotation_deg, border: fill.clone(), fill, caption, floor }
        })
        .boxed()
}

fn row() -> BoxedStrategy<Row> {
    let kind = prop_oneof![
        4 => Just(RowKind::Line),
        1 => (point(), any::<bool>()).prop_map(|(centre, whole)| RowKind::Table { centre, whole }),
        1 => Just(RowKind::Booth { people: None }),
    ];
    let seats = vec(prop_oneof![9 => 0_u32..40, 1 => any::<u32>()], 0..12);
    (label(), option::of(index()), option::of(index()), kind, seats)
        .prop_map(|(label, section, floor, kind, seats)| Row { label, section, floor, kind, seats })
        .boxed()
}

fn plan() -> BoxedStrategy<SeatingPlan> {
    let seat = (label(), point(), index(), any::<[bool; 2]>()).prop_map(|(label, position, category, [accessible, restricted_view])| {
        Seat { label: label.into(), position, category, accessible, restricted_view, ..Seat::default() }
    });
    let area = (label(), any::<u32>(), index(), option::of(shape())).prop_map(|(label, capacity, category, outline)| Area {
        label,
        capacity,
        category,
        outline,
    });
    let zone = (label(), option::of(point())).prop_map(|(name, focal_point)| Zone { name, focal_point });
    let tables = (
        vec((label(), colour()).prop_map(|(name, colour)| Category { name, colour }), 0..4),
        vec(zone, 0..3),
        vec(label(), 0..3),
        vec(label().prop_map(|label| Section { label, ..Section::default() }), 0..3),
    );
    let things = (vec(row(), 0..5), vec(seat, 0..40), vec(area, 0..3), vec(shape(), 0..3));
    (label(), option::of(point()), tables, things)
        .prop_map(|(name, focal_point, (categories, zones, floors, sections), (rows, seats, areas, shapes))| SeatingPlan {
            name,
            focal_point,
            categories,
            zones,
            floors,
            sections,
            rows,
            seats,
            areas,
            shapes,
            ..SeatingPlan::default()
        })
        .boxed()
}

fn states() -> BoxedStrategy<Option<Vec<SeatState>>> {
    let state = prop_oneof![Just(SeatState::Free), Just(SeatState::Held), Just(SeatState::Booked), Just(SeatState::Blocked)];
    option::of(vec(state, 0..40)).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_terminal_gets_signs_within_its_room_and_nothing_else(
        plan in plan(), states in states(), width in 0_u16..120, height in 0_u16..50
    ) {
        let by = states.as_ref().map_or(By::Category, |states| By::State(states));
        let drawn = picture(&plan, by, Room { width, height });
        prop_assert!(drawn.width() <= width.max(1) && drawn.height() <= height.max(1));
        let text = drawn.text(Colours::None);
        prop_assert!(text.chars().all(|sign| sign == '\n' || !sign.is_control()), "{text:?}");
        prop_assert_eq!(text.lines().count(), usize::from(drawn.height()));
    }

    #[test]
    fn an_svg_is_xml_with_every_seat_inside(plan in plan(), states in states()) {
        let by = states.as_ref().map_or(By::Category, |states| By::State(states));
        let drawn = svg(&plan, by);
        let document = roxmltree::Document::parse(&drawn).map_err(|error| TestCaseError::fail(format!("{error}: {drawn}")))?;
        let numbers = |text: &str| text.split(' ').map(|number| number.parse::<f64>().unwrap()).collect::<Vec<_>>();
        let view = numbers(document.root_element().attribute("viewBox").unwrap());
        let tipped = document.descendants().filter(|node| matches!(node.tag_name().name(), "circle" | "rect") && node.has_children());
        let mut seats = 0;
        for seat in tipped {
            seats += 1;
            for (names, end) in [(["cx", "x"], view[2]), (["cy", "y"], view[3])] {
                let at = names.iter().find_map(|name| seat.attribute(*name)).map(|value| numbers(value)[0]);
                prop_assert!(at.is_some_and(|at| (0.0..=end).contains(&at)), "{seat:?} in {view:?}");
            }
        }
        let placed = plan.rows.iter().flat_map(|row| &row.seats).filter(|number| (**number as usize) < plan.seats.len()).count();
        prop_assert_eq!(seats, placed);
        let elements = document.descendants().filter(|node| node.has_tag_name("script")).count();
        prop_assert_eq!(elements, 0);
    }
}

#[test]
fn plans_of_almost_nothing_are_drawn() {
    let nothing = SeatingPlan::default();
    let one = support::lattice(1, 1);
    let mut heap = support::lattice(10, 10);
    heap.seats.iter_mut().for_each(|seat| seat.position = Point { x: 7.0, y: 7.0 });
    let mut standing = SeatingPlan { categories: one.categories.clone(), ..SeatingPlan::default() };
    standing.areas.push(Area { label: "Floor".to_owned(), capacity: 120, category: 0, outline: None });
    let far = |factor: f64| {
        let mut plan = support::lattice(3, 4);
        plan.seats.iter_mut().for_each(|seat| seat.position = Point { x: seat.position.x * factor, y: seat.position.y * factor });
        plan
    };
    let drawn = |plan: &SeatingPlan| picture(plan, By::Category, Room { width: 60, height: 20 }).text(Colours::None);
    assert_eq!(drawn(&nothing), "");
    assert_eq!(drawn(&one), "0: A\n\nA All 1\n");
    assert!(drawn(&heap).ends_with("A All 100\n"), "{}", drawn(&heap));
    assert_eq!(drawn(&standing), "A Floor up to 120\n");
    // The unit does not matter.
    for factor in [1e-30, 1e30, 1e90] {
        assert_eq!(drawn(&far(factor)), drawn(&far(1.0)), "{factor}");
    }
}
