//! Floors beside each other. Each has its coordinates to itself: drawn as they are, they would lie on each other.

use guichet_domain::seating::{Point, RowKind, SeatingPlan};

use super::figure::Outline;
use super::place::near;
use super::{Block, Bounds, LOWEST, focal_points};

/// Between two floors, as a part of the widest.
const GAP: f64 = 0.1;

/// Where each floor is put.
#[derive(Debug, Default)]
pub(super) struct Floors {
    /// For each floor of the plan, and then for what belongs to none: how far it is moved, and what it covers there.
    placed: Vec<Option<(Point, Bounds)>>,
}

impl Floors {
    pub(super) fn of(plan: &SeatingPlan) -> Self {
        if plan.floors.is_empty() {
            return Self::default();
        }
        let none = plan.floors.len();
        let mut covered: Vec<Option<Bounds>> = vec![None; none + 1];
        let mut cover = |floor: Option<u16>, points: &mut dyn Iterator<Item = Point>| {
            let covers = &mut covered[floor.map_or(none, usize::from).min(none)];
            let corners = |bounds: Bounds| [Point { x: bounds.left, y: bounds.top }, Point { x: bounds.right, y: bounds.bottom }];
            *covers = Bounds::of(covers.iter().copied().flat_map(corners).chain(points));
        };
        for row in &plan.rows {
            let centre = match row.kind {
                RowKind::Table { centre, .. } => Some(near(centre)),
                RowKind::Line | RowKind::Booth { .. } => None,
            };
            let seats = row.seats.iter().filter_map(|number| plan.seats.get(*number as usize)).map(|seat| near(seat.position));
            cover(row.floor, &mut seats.chain(centre));
        }
        for shape in plan.shapes.iter().chain(plan.areas.iter().filter_map(|area| area.outline.as_ref())) {
            let unmoved = Outline::of(shape, &Self::default());
            cover(shape.floor, &mut unmoved.extent());
        }
        cover(LOWEST, &mut focal_points(plan).map(near));
        Self::beside(&covered)
    }

    fn beside(covered: &[Option<Bounds>]) -> Self {
        let gap = GAP * covered.iter().flatten().map(|bounds| bounds.width()).fold(0.0, f64::max);
        let mut left = 0.0;
        let place = |bounds: &Option<Bounds>| {
            let bounds = (*bounds)?;
            let by = Point { x: left - bounds.left, y: -bounds.top };
            let placed = Bounds { left, top: 0.0, right: left + bounds.width(), bottom: bounds.height() };
            left = placed.right + gap;
            Some((by, placed))
        };
        Self { placed: covered.iter().map(place).collect() }
    }

    /// Where a point of a floor is drawn.
    pub(super) fn place(&self, floor: Option<u16>, point: Point) -> Point {
        let point = near(point);
        let Some(none) = self.placed.len().checked_sub(1) else { return point };
        let by = self.placed[floor.map_or(none, usize::from).min(none)].map_or(Point::default(), |(by, _)| by);
        near(Point { x: point.x + by.x, y: point.y + by.y })
    }

    /// The floors that have something on them, by name.
    pub(super) fn blocks<'p>(&self, plan: &'p SeatingPlan) -> Vec<Block<'p>> {
        let placed = plan.floors.iter().zip(&self.placed);
        placed
            .filter_map(|(label, placed)| {
                let bounds = placed.as_ref()?.1;
                Some(Block { label, bounds, middle: bounds.middle() })
            })
            .collect()
    }
}
