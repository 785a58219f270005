//! A seating plan: what a venue has to sell, before anybody sells it.
//!
//! The plan is a set of flat tables. A seat is known inside by its index in `seats` (dense, stable for the life of the plan)
//! and outside by its label path, `section-row-seat` with the absent parts left out. Two seats never share a label path:
//! [`SeatingPlan::check`] names every duplicate before a plan is accepted.

use std::collections::BTreeMap;
use std::fmt;

/// A point in the plan's own drawing units, y pointing down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f64,
    /// Distance from the upper edge.
    pub y: f64,
}

/// A price group of seats.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// The name that people and products use.
    pub name: String,
    /// A colour for drawings, as `#rrggbb`.
    pub colour: String,
}

/// A part of the venue that looks at its own focal point.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// The name that people use.
    pub name: String,
    /// What the seats of this zone face; the best seats are near to it.
    pub focal_point: Option<Point>,
}

/// A block of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// First part of the label path of its seats.
    pub label: String,
    /// Index of its zone.
    pub zone: Option<u16>,
    /// The entrance that leads to it.
    pub entrance: Option<String>,
}

/// Seats in a line, left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Second part of the label path of its seats.
    pub label: String,
    /// Index of its section.
    pub section: Option<u16>,
    /// Index of its first seat.
    pub first_seat: u32,
    /// How many seats follow each other from `first_seat` on.
    pub seat_count: u32,
}

/// One seat.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    /// Last part of its label path.
    pub label: String,
    /// Where it stands.
    pub position: Point,
    /// Index of its category.
    pub category: u16,
    /// Fit for a wheelchair.
    pub accessible: bool,
    /// For the companion of somebody in an accessible seat.
    pub companion: bool,
    /// The view is restricted.
    pub restricted_view: bool,
}

/// A general-admission area: people stand or sit where they like.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Its name.
    pub label: String,
    /// How many people it takes.
    pub capacity: u32,
    /// Index of its category.
    pub category: u16,
}

/// A venue's plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeatingPlan {
    /// The plan's name.
    pub name: String,
    /// Price groups.
    pub categories: Vec<Category>,
    /// Zones with focal points.
    pub zones: Vec<Zone>,
    /// Blocks of rows.
    pub sections: Vec<Section>,
    /// Rows; together they cover `seats` once, in order.
    pub rows: Vec<Row>,
    /// Seats, row after row.
    pub seats: Vec<Seat>,
    /// General-admission areas.
    pub areas: Vec<Area>,
}

/// One thing that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// Where: a path such as `rows[3].seats[7].label`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

impl SeatingPlan {
    /// The label path of a seat, `section-row-seat`; the section is left out where there is none.
    ///
    /// # Panics
    /// When `seat` or its row does not exist; indices come from this plan.
    #[must_use]
    pub fn seat_label(&self, seat: u32) -> String {
        let row = &self.rows[self.row_of(seat)];
        let seat = &self.seats[seat as usize].label;
        match row.section {
            Some(section) => format!("{}-{}-{}", self.sections[section as usize].label, row.label, seat),
            None => format!("{}-{}", row.label, seat),
        }
    }

    /// Index of the row that a seat is in, by binary search.
    #[must_use]
    pub fn row_of(&self, seat: u32) -> usize {
        self.rows.partition_point(|row| row.first_seat <= seat).saturating_sub(1)
    }

    /// Every label path with its seat.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, u32> {
        let mut labels = BTreeMap::new();
        for row in &self.rows {
            for seat in row.first_seat..row.first_seat + row.seat_count {
                labels.insert(self.seat_label(seat), seat);
            }
        }
        labels
    }

    /// Index of a category by its name.
    #[must_use]
    pub fn category(&self, name: &str) -> Option<u16> {
        self.categories.iter().position(|category| category.name == name).and_then(|index| u16::try_from(index).ok())
    }

    /// Everything that is wrong with the plan, all at once; nothing when it can be sold.
    #[must_use]
    pub fn check(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        let mut fault = |path: String, what: String| faults.push(PlanFault { path, what });
        if self.seats.is_empty() && self.areas.is_empty() {
            fault("seats".into(), "the plan has neither seats nor areas".into());
        }
        let mut next_seat = 0_u32;
        let mut references_hold = true;
        for (index, row) in self.rows.iter().enumerate() {
            if row.first_seat != next_seat {
                fault(format!("rows[{index}].first_seat"), format!("is {}, expected {next_seat}", row.first_seat));
                references_hold = false;
            }
            next_seat = row.first_seat.saturating_add(row.seat_count);
            if row.section.is_some_and(|section| usize::from(section) >= self.sections.len()) {
                fault(format!("rows[{index}].section"), "no such section".into());
                references_hold = false;
            }
        }
        if next_seat as usize != self.seats.len() {
            fault("rows".into(), format!("cover {next_seat} seats, the plan has {}", self.seats.len()));
            references_hold = false;
        }
        for (index, section) in self.sections.iter().enumerate() {
            if section.zone.is_some_and(|zone| usize::from(zone) >= self.zones.len()) {
                fault(format!("sections[{index}].zone"), "no such zone".into());
            }
        }
        for (index, seat) in self.seats.iter().enumerate() {
            if usize::from(seat.category) >= self.categories.len() {
                fault(format!("seats[{index}].category"), "no such category".into());
            }
        }
        for (index, area) in self.areas.iter().enumerate() {
            if usize::from(area.category) >= self.categories.len() {
                fault(format!("areas[{index}].category"), "no such category".into());
            }
        }
        if references_hold {
            let mut seen = BTreeMap::new();
            for (index, row) in self.rows.iter().enumerate() {
                for place in 0..row.seat_count {
                    let label = self.seat_label(row.first_seat + place);
                    if seen.insert(label.clone(), ()).is_some() {
                        fault(format!("rows[{index}].seats[{place}].label"), format!("duplicate of \"{label}\""));
                    }
                }
            }
        }
        faults
    }
}
