//! A plan as things that have a place: what is drawn, before anybody knows on what. The only module that knows the plan's tables.
//!
//! Must never be true: a coordinate that is not a finite number, or an index into the plan that leads nowhere.

mod figure;
mod floors;
mod pitch;
mod place;

use std::ops::Range;

use guichet_domain::seating::{Point, Row, RowKind, SeatingPlan, Section};

pub(crate) use figure::Outline;
pub(crate) use pitch::Pitch;
pub(crate) use place::Bounds;
use place::mean;

use floors::Floors;

/// One seat, or another thing that is sold as one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// Its number in the plan.
    pub(crate) number: u32,
    pub(crate) at: Point,
    /// Index of its line in the scene.
    pub(crate) line: u32,
    pub(crate) category: u16,
    pub(crate) accessible: bool,
    pub(crate) restricted_view: bool,
    pub(crate) booth: bool,
}

/// Seats that stand together.
#[derive(Clone, Debug)]
pub(crate) struct Line<'p> {
    pub(crate) label: &'p str,
    /// Its spots, by index in the scene.
    pub(crate) spots: Range<usize>,
    /// The middle of the table that they stand around.
    pub(crate) table: Option<Point>,
}

/// What has a name and covers a part of the picture: a section, a floor.
#[derive(Clone, Debug)]
pub(crate) struct Block<'p> {
    pub(crate) label: &'p str,
    pub(crate) bounds: Bounds,
    /// Where most of it is: a stand that bends or slants is not in the middle of its bounds.
    pub(crate) middle: Point,
}

/// A general-admission area that has a place.
#[derive(Clone, Debug)]
pub(crate) struct Ground<'p> {
    pub(crate) label: &'p str,
    pub(crate) category: u16,
    pub(crate) outline: Outline<'p>,
}

/// A plan as things that have a place.
#[derive(Debug)]
pub(crate) struct Scene<'p> {
    pub(crate) plan: &'p SeatingPlan,
    pub(crate) spots: Vec<Spot>,
    pub(crate) lines: Vec<Line<'p>>,
    pub(crate) sections: Vec<Block<'p>>,
    pub(crate) floors: Vec<Block<'p>>,
    pub(crate) grounds: Vec<Ground<'p>>,
    pub(crate) shapes: Vec<Outline<'p>>,
    pub(crate) focal_points: Vec<Point>,
    /// Around all of it; none where nothing has a place.
    pub(crate) bounds: Option<Bounds>,
    pub(crate) pitch: Pitch,
}

impl<'p> Scene<'p> {
    pub(crate) fn of(plan: &'p SeatingPlan) -> Self {
        let floors = Floors::of(plan);
        let mut spots = Vec::with_capacity(plan.seats.len());
        let mut lines = Vec::with_capacity(plan.rows.len());
        for (row, line) in plan.rows.iter().zip(0_u32..) {
            let first = spots.len();
            spots.extend(row.seats.iter().filter_map(|number| {
                let seat = plan.seats.get(*number as usize)?;
                let (category, booth) = (seat.category, matches!(row.kind, RowKind::Booth { .. }));
                let (accessible, restricted_view) = (seat.accessible, seat.restricted_view);
                let at = floors.place(row.floor, seat.position);
                Some(Spot { number: *number, at, line, category, accessible, restricted_view, booth })
            }));
            let table = match row.kind {
                RowKind::Table { centre, .. } => Some(floors.place(row.floor, centre)),
                RowKind::Line | RowKind::Booth { .. } => None,
            };
            lines.push(Line { label: &row.label, spots: first..spots.len(), table });
        }
        let grounds: Vec<Ground<'p>> = plan
            .areas
            .iter()
            .filter_map(|area| {
                let outline = Outline::of(area.outline.as_ref()?, &floors);
                Some(Ground { label: &area.label, category: area.category, outline })
            })
            .collect();
        let shapes: Vec<Outline<'p>> = plan.shapes.iter().map(|shape| Outline::of(shape, &floors)).collect();
        let focal_points: Vec<Point> = focal_points(plan).map(|point| floors.place(LOWEST, point)).collect();
        let figures = shapes.iter().chain(grounds.iter().map(|ground| &ground.outline)).flat_map(Outline::extent);
        let tables = lines.iter().filter_map(|line| line.table);
        let bounds = Bounds::of(spots.iter().map(|spot| spot.at).chain(figures).chain(tables).chain(focal_points.iter().copied()));
        let sections = sections(plan, &spots, &lines);
        let pitch = Pitch::of(&spots, bounds);
        Self { plan, spots, lines, sections, floors: floors.blocks(plan), grounds, shapes, focal_points, bounds, pitch }
    }

    /// The row of a seat.
    pub(crate) fn row(&self, spot: &Spot) -> &'p Row {
        &self.plan.rows[spot.line as usize]
    }

    /// Writes the parts of a seat's label path, section, row and seat, those that there are.
    pub(crate) fn label_path(&self, spot: &Spot) -> impl Iterator<Item = &'p str> {
        let row = self.row(spot);
        let section = row.section.and_then(|section| self.plan.sections.get(usize::from(section))).map_or("", |section| &*section.label);
        [section, &row.label, &self.plan.seats[spot.number as usize].label].into_iter().filter(|part| !part.is_empty())
    }
}

/// What everybody looks at stands there, where there are floors.
const LOWEST: Option<u16> = Some(0);

fn focal_points(plan: &SeatingPlan) -> impl Iterator<Item = Point> {
    plan.focal_point.into_iter().chain(plan.zones.iter().filter_map(|zone| zone.focal_point))
}

/// The sections that have seats, each with what its seats cover.
fn sections<'p>(plan: &'p SeatingPlan, spots: &[Spot], lines: &[Line<'_>]) -> Vec<Block<'p>> {
    let mut covered: Vec<Vec<Range<usize>>> = vec![Vec::new(); plan.sections.len()];
    for (line, row) in lines.iter().zip(&plan.rows) {
        if let Some(covered) = row.section.and_then(|section| covered.get_mut(usize::from(section))) {
            covered.push(line.spots.clone());
        }
    }
    let block = |(section, lines): (&'p Section, Vec<Range<usize>>)| {
        let points = lines.into_iter().flat_map(|line| &spots[line]).map(|spot| spot.at);
        let bounds = Bounds::of(points.clone())?;
        Some(Block { label: &section.label, bounds, middle: mean(points) })
    };
    plan.sections.iter().zip(covered).filter_map(block).collect()
}
