//! Random plans.

use guichet_domain::seating::{Area, Caption, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape, Size, Zone};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

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
pub(crate) fn plan() -> impl Strategy<Value = SeatingPlan> {
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
