//! A stadium of 80,000 seats, for trying out what a large house costs.
//!
//! An oval around a running track. Its three tiers are in the proportions of Wembley Stadium's (34,303, 16,532 and 39,165 of 90,000
//! seats, as the stadium gives them): 30, 15 and 35 rows of 40 sections, each row with 25 seats half a metre apart. Units are metres.

use guichet_core::domain::seating::{Caption, Category, Figure, Point, Row, Seat, SeatingPlan, Section, Shape, Size, Zone};

const SECTIONS: u32 = 40;
const SEATS_PER_ROW: u32 = 25;
const TIERS: [Tier; 3] = [
    Tier { name: "Lower tier", rows: 30, inner: Point { x: 100.0, y: 70.0 } },
    Tier { name: "Club tier", rows: 15, inner: Point { x: 126.0, y: 96.0 } },
    Tier { name: "Upper tier", rows: 35, inner: Point { x: 140.0, y: 110.0 } },
];
const ROW_DEPTH: f64 = 0.8;
const CENTRE: Point = Point { x: 175.0, y: 145.0 };
/// The part of a section's arc that has seats; the rest is stairs.
const SEATED: f64 = 0.92;
const CATEGORIES: [(&str, &str); 4] =
    [("Category 1", "#ae3ec9"), ("Category 2", "#1c7ed6"), ("Category 3", "#2f9e44"), ("Category 4", "#f59f00")];

struct Tier {
    name: &'static str,
    rows: u32,
    /// Half the width and half the height of its first row.
    inner: Point,
}

/// The plan. Sections are called 101 to 340, their first digit is the tier; the last row of the two lower tiers has two wheelchair
/// places in each section, each with the seat of a companion.
#[must_use]
pub fn stadium() -> SeatingPlan {
    let mut plan = SeatingPlan {
        name: "Stadium".into(),
        size: Some(Size { width: 2.0 * CENTRE.x, height: 2.0 * CENTRE.y }),
        focal_point: Some(CENTRE),
        categories: CATEGORIES.map(|(name, colour)| Category { name: name.into(), colour: colour.into() }).into(),
        zones: TIERS.iter().map(|tier| Zone { name: tier.name.into(), focal_point: None }).collect(),
        shapes: vec![pitch()],
        ..SeatingPlan::default()
    };
    for (number, tier) in (0_u16..).zip(&TIERS) {
        for section in 0..SECTIONS {
            let label = format!("{}{:02}", number + 1, section + 1);
            let entrance = Some(format!("Gate {}", 1 + section / 4));
            plan.sections.push(Section { label, zone: Some(number), entrance });
            let section_index = u16::try_from(plan.sections.len() - 1).ok();
            for row in 0..tier.rows {
                let label = (row + 1).to_string();
                let seats = (0..SEATS_PER_ROW).map(|place| seat(number, tier, section, row, place));
                plan.push_row(Row { label, section: section_index, ..Row::default() }, seats);
            }
        }
    }
    plan.share_labels();
    plan
}

fn seat(number: u16, tier: &Tier, section: u32, row: u32, place: u32) -> Seat {
    let along = (1.0 - SEATED) / 2.0 + SEATED * f64::from(place) / f64::from(SEATS_PER_ROW - 1);
    let angle = std::f64::consts::TAU * (f64::from(section) + along) / f64::from(SECTIONS);
    let depth = ROW_DEPTH * f64::from(row);
    let position = Point { x: CENTRE.x + (tier.inner.x + depth) * angle.cos(), y: CENTRE.y + (tier.inner.y + depth) * angle.sin() };
    let along_the_pitch = angle.sin().abs() > 0.6;
    let category = match (number, along_the_pitch) {
        (0 | 1, true) => 0,
        (0 | 1, false) => 1,
        (_, true) => 2,
        (_, false) => 3,
    };
    let wheelchairs = number < 2 && row + 1 == tier.rows;
    Seat {
        label: (place + 1).to_string().into(),
        position,
        category,
        accessible: wheelchairs && (place == 0 || place + 1 == SEATS_PER_ROW),
        companion: wheelchairs && (place == 1 || place + 2 == SEATS_PER_ROW),
        ..Seat::default()
    }
}

fn pitch() -> Shape {
    let caption = Caption { text: "Pitch".into(), position: Point::default(), colour: "#ffffff".into(), size: 8.0 };
    Shape {
        figure: Figure::Rectangle { width: 105.0, height: 68.0 },
        centre: CENTRE,
        rotation_deg: 0.0,
        fill: "#69b578".into(),
        border: "#ffffff".into(),
        caption: Some(caption),
        floor: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_80_000_seats_and_comes_back_from_a_file_as_it_was() {
        let plan = stadium();
        assert_eq!((plan.seats.len(), plan.rows.len(), plan.sections.len()), (80_000, 3_200, 120));
        assert_eq!(plan.check(), vec![]);
        assert_eq!(plan.seats.iter().filter(|seat| seat.accessible).count(), 160);
        let distance = |a: Point, b: Point| (a.x - b.x).hypot(a.y - b.y);
        let apart = plan.rows.iter().flat_map(|row| row.seats.windows(2));
        let apart = apart.map(|pair| distance(plan.seats[pair[0] as usize].position, plan.seats[pair[1] as usize].position));
        assert!(apart.fold(f64::MAX, f64::min) > 0.4, "nobody sits on somebody else's lap");
        assert!(guichet_plans::read_plan(guichet_plans::write_plan(&plan).as_bytes()).unwrap().plan == plan);
    }
}
