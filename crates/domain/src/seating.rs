//! A seating plan: what a venue has to sell, before anybody sells it.
//!
//! The plan is a set of flat tables. A seat is known inside by its number, its index in `seats`, and outside by its label path,
//! `section-row-seat` with the absent parts left out. Two seats on sale never share a label path: [`SeatingPlan::check`] names every
//! duplicate before a plan is accepted. A seat keeps its number for ever: a revision of the plan appends seats and withdraws others,
//! but moves none, because holds, orders and tickets name seats by number.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;

/// A point in the plan's own drawing units, y pointing down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// First part of the label path of its seats.
    pub label: String,
    /// Index of its zone.
    pub zone: Option<u16>,
    /// The entrance that leads to it.
    pub entrance: Option<String>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum RowKind {
    /// Seats in a line, left to right.
    #[default]
    Line,
    /// Chairs around a table, in turn.
    Table {
        /// The middle of the table.
        centre: Point,
        /// All its chairs are sold together, to one buyer.
        whole: bool,
    },
    /// One thing that is sold as one place, whatever its size: a booth, a box, an area that is booked as a whole.
    Booth {
        /// How many people it takes, where the plan tells.
        people: Option<u32>,
    },
}

/// Seats that stand together, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Second part of the label path of its seats; empty where it has none.
    pub label: String,
    /// Index of its section.
    pub section: Option<u16>,
    /// Index of its floor.
    pub floor: Option<u16>,
    /// A line, a table or a booth.
    pub kind: RowKind,
    /// Its seats by number, in the order in which they stand: neighbours in this list are neighbours in the house, unless an aisle is
    /// between them.
    pub seats: Vec<u32>,
}

/// One seat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seat {
    /// Last part of its label path. Shared: most rows use the same few.
    pub label: Arc<str>,
    /// Where it stands.
    pub position: Point,
    /// Index of its row.
    pub row: u32,
    /// Index of its category.
    pub category: u16,
    /// Fit for a wheelchair.
    pub accessible: bool,
    /// For the companion of somebody in an accessible seat.
    pub companion: bool,
    /// The view is restricted.
    pub restricted_view: bool,
    /// An aisle is between it and the next seat of its row.
    pub aisle_after: bool,
    /// Taken out by a revision of the plan: its number stays, its place is gone.
    pub withdrawn: bool,
}

/// A general-admission area: people stand or sit where they like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// Its name.
    pub label: String,
    /// How many people it takes.
    pub capacity: u32,
    /// Index of its category.
    pub category: u16,
    /// Where it is.
    pub outline: Option<Shape>,
}

/// A figure around its own centre, in drawing units.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A rectangle.
    Rectangle {
        /// From side to side.
        width: f64,
        /// From top to bottom.
        height: f64,
    },
    /// A circle or an ellipse.
    Ellipse {
        /// Half its width.
        radius_x: f64,
        /// Half its height.
        radius_y: f64,
    },
    /// A polygon by its corners, counted from the centre.
    Polygon {
        /// The corners.
        points: Vec<Point>,
    },
    /// Nothing but its caption.
    Text,
}

/// Words on a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The words.
    pub text: String,
    /// Their middle, counted from the centre of the figure.
    pub position: Point,
    /// Their colour, as `#rrggbb`.
    pub colour: String,
    /// Their height, in drawing units.
    pub size: f64,
}

/// Something that is drawn and not sold: a stage, a bar, a wall, a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Its form.
    pub figure: Figure,
    /// Its centre.
    pub centre: Point,
    /// Turned clockwise by so many degrees.
    pub rotation_deg: f64,
    /// Colour of its inside, as `#rrggbb`; empty for none.
    pub fill: String,
    /// Colour of its border, as `#rrggbb`; empty for none.
    pub border: String,
    /// What is written on it.
    pub caption: Option<Caption>,
    /// Index of its floor.
    pub floor: Option<u16>,
}

/// Width and height of a drawing, in its own units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// A venue's plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeatingPlan {
    /// The plan's name.
    pub name: String,
    /// The size of its drawing, where the plan tells.
    pub size: Option<Size>,
    /// What everybody looks at whose zone does not have a focal point of its own.
    pub focal_point: Option<Point>,
    /// Price groups.
    pub categories: Vec<Category>,
    /// Zones with focal points.
    pub zones: Vec<Zone>,
    /// Names of floors, from the lowest.
    pub floors: Vec<String>,
    /// Blocks of rows.
    pub sections: Vec<Section>,
    /// Rows, tables and booths; each seat that is not withdrawn stands in exactly one.
    pub rows: Vec<Row>,
    /// Seats by number.
    pub seats: Vec<Seat>,
    /// What other programs call the seats (`seat_guid` of pretix): empty, or one for each seat.
    pub guids: Vec<Arc<str>>,
    /// General-admission areas.
    pub areas: Vec<Area>,
    /// What is drawn besides.
    pub shapes: Vec<Shape>,
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
    /// Appends a row and its seats, which get the next numbers; whatever they say of their row is replaced.
    ///
    /// # Panics
    /// Beyond 2³² seats or rows; whoever reads plans refuses them long before.
    pub fn push_row(&mut self, row: Row, seats: impl IntoIterator<Item = Seat>) {
        let number = |count: usize| u32::try_from(count).unwrap_or_else(|_| panic!("a plan has less than 2^32 seats and rows"));
        let (index, first) = (number(self.rows.len()), number(self.seats.len()));
        self.seats.extend(seats.into_iter().map(|seat| Seat { row: index, ..seat }));
        self.rows.push(Row { seats: (first..number(self.seats.len())).collect(), ..row });
    }

    /// Keeps one copy of each label, however many seats have it: every row has a seat 1.
    pub fn share_labels(&mut self) {
        let mut kept: FxHashSet<Arc<str>> = FxHashSet::default();
        for seat in &mut self.seats {
            match kept.get(&seat.label) {
                Some(label) => seat.label = Arc::clone(label),
                None => drop(kept.insert(Arc::clone(&seat.label))),
            }
        }
    }

    /// The label path of a seat, `section-row-seat`; what is absent is left out.
    ///
    /// # Panics
    /// When `seat` or its row does not exist; numbers come from this plan.
    #[must_use]
    pub fn seat_label(&self, seat: u32) -> String {
        self.label_path(&self.rows[self.row_of(seat)], &self.seats[seat as usize].label)
    }

    fn label_path(&self, row: &Row, seat: &str) -> String {
        let section = row.section.and_then(|section| self.sections.get(usize::from(section))).map_or("", |section| &section.label);
        let parts = [section, &row.label, seat];
        let mut path = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            if !path.is_empty() {
                path.push('-');
            }
            path.push_str(part);
        }
        path
    }

    /// Index of the row that a seat is in, or was in before it was withdrawn.
    ///
    /// # Panics
    /// When there is no such seat.
    #[must_use]
    pub fn row_of(&self, seat: u32) -> usize {
        self.seats[seat as usize].row as usize
    }

    /// Index of the zone that a row belongs to.
    #[must_use]
    pub fn zone_of(&self, row: &Row) -> Option<u16> {
        self.sections.get(usize::from(row.section?))?.zone
    }

    /// Every seat that is not withdrawn, by label path.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, u32> {
        let seats = self.rows.iter().flat_map(|row| &row.seats);
        seats.map(|seat| (self.seat_label(*seat), *seat)).collect()
    }

    /// Index of a category by its name.
    #[must_use]
    pub fn category(&self, name: &str) -> Option<u16> {
        self.categories.iter().position(|category| category.name == name).and_then(|index| u16::try_from(index).ok())
    }

    /// Index of a zone by its name.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<u16> {
        self.zones.iter().position(|zone| zone.name == name).and_then(|index| u16::try_from(index).ok())
    }

    /// Everything that is wrong with the plan, all at once; nothing when it can be sold.
    #[must_use]
    pub fn check(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        self.check_rows(&mut faults);
        let mut fault = |path: String, what: &str| faults.push(PlanFault { path, what: what.to_owned() });
        if self.seats.iter().all(|seat| seat.withdrawn) && self.areas.is_empty() {
            fault("seats".into(), "the plan has neither seats nor areas");
        }
        let beyond = |index: Option<u16>, len: usize| index.is_some_and(|index| usize::from(index) >= len);
        for (index, section) in self.sections.iter().enumerate() {
            if beyond(section.zone, self.zones.len()) {
                fault(format!("sections[{index}].zone"), "no such zone");
            }
        }
        for (index, seat) in self.seats.iter().enumerate() {
            if usize::from(seat.category) >= self.categories.len() {
                fault(format!("seats[{index}].category"), "no such category");
            }
            if seat.row as usize >= self.rows.len() {
                fault(format!("seats[{index}].row"), "no such row");
            }
        }
        for (index, area) in self.areas.iter().enumerate() {
            if usize::from(area.category) >= self.categories.len() {
                fault(format!("areas[{index}].category"), "no such category");
            }
        }
        if !self.guids.is_empty() && self.guids.len() != self.seats.len() {
            fault("guids".into(), "there must be one for each seat, or none");
        }
        faults
    }

    /// Every seat on sale stands in the one row that it names, and no two have one name.
    fn check_rows(&self, faults: &mut Vec<PlanFault>) {
        let mut fault = |path: String, what: String| faults.push(PlanFault { path, what });
        let mut placed = vec![false; self.seats.len()];
        let mut names = BTreeMap::new();
        for (index, row) in self.rows.iter().enumerate() {
            if row.section.is_some_and(|section| usize::from(section) >= self.sections.len()) {
                fault(format!("rows[{index}].section"), "no such section".into());
            }
            if row.floor.is_some_and(|floor| usize::from(floor) >= self.floors.len()) {
                fault(format!("rows[{index}].floor"), "no such floor".into());
            }
            if matches!(row.kind, RowKind::Booth { .. }) && row.seats.len() > 1 {
                fault(format!("rows[{index}].seats"), "a booth is one place".into());
            }
            for (place, number) in row.seats.iter().enumerate() {
                let path = || format!("rows[{index}].seats[{place}]");
                let Some(seat) = self.seats.get(*number as usize) else {
                    fault(path(), format!("there is no seat number {number}"));
                    continue;
                };
                if std::mem::replace(&mut placed[*number as usize], true) || seat.row as usize != index || seat.withdrawn {
                    fault(path(), format!("seat number {number} stands elsewhere, or nowhere"));
                }
                let label = self.label_path(row, &seat.label);
                if seat.label.is_empty() {
                    fault(format!("{}.label", path()), "missing".into());
                } else if names.insert(label.clone(), ()).is_some() {
                    fault(format!("{}.label", path()), format!("duplicate of \"{label}\""));
                }
            }
        }
        for (index, _) in placed.iter().enumerate().filter(|(index, placed)| !**placed && !self.seats[*index].withdrawn) {
            fault(format!("seats[{index}]"), "stands in no row".into());
        }
    }
}
