//! From the plan's coordinates to those of the SVG: moved to the corner, and scaled so that strokes and words fit the seats.

use guichet_domain::seating::Point;

use crate::scene::{Bounds, Scene};

/// From a seat to the next in the SVG.
pub(super) const PITCH: f64 = 20.0;
/// Width and height of the largest SVG: numbers stay short.
const EXTENT_MAX: f64 = 1e6;
/// Seats are never drawn smaller than this part of the whole.
const SEAT_MIN: f64 = 1.0 / 6000.0;
/// Up to this part of the whole they grow until they touch: blanks between them would take their colour away.
const SEAT_APART: f64 = 1.0 / 1200.0;
/// Names and the legend are this part of the whole, so that they can be read when all of it is on a screen.
const NAME: f64 = 1.0 / 60.0;
/// The smallest height of names.
const NAME_MIN: f64 = 14.0;
/// The narrowest picture, in heights of names: the legend needs it.
const NAMES_WIDE: f64 = 30.0;

/// Where everything goes.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Half the width of a seat.
    pub(super) radius: f64,
    /// Height of the names of sections and of the legend.
    pub(super) name: f64,
    /// From a seat to the next.
    pub(super) pitch: f64,
    scale: f64,
    plan: Bounds,
    margin: Point,
}

impl Frame {
    /// A frame around all of the scene, without a legend.
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let plan = scene.bounds.unwrap_or(Bounds { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 });
        let extent = plan.width().max(plan.height());
        let scale = (PITCH / scene.pitch.seat).min(if extent > 0.0 { EXTENT_MAX / extent } else { f64::MAX });
        let scale = if scale.is_finite() { scale } else { 1.0 };
        let (width, height) = (plan.width() * scale, plan.height() * scale);
        let name = (width.max(height) * NAME).max(NAME_MIN);
        let floors = if scene.floors.is_empty() { 0.0 } else { 2.0 * name };
        let above = if scene.sections.is_empty() { 0.0 } else { 2.0 * name };
        let (pitch, whole) = (scene.pitch.seat * scale, width.max(height));
        let radius = (0.4 * pitch).max((whole * SEAT_APART).min(0.5 * pitch)).max(whole * SEAT_MIN).max(0.1);
        let edge = 0.75 * PITCH + 1.5 * radius;
        // The names of rows begin to the left.
        let margin = Point { x: edge + PITCH + name, y: edge + floors + above };
        let wide = (width + 2.0 * margin.x).max(NAMES_WIDE * name);
        let nothing = scene.bounds.is_none();
        Self {
            width: wide,
            height: if nothing { name } else { height + margin.y + edge + name },
            radius,
            pitch: (scene.pitch.seat * scale).max(1.0),
            name,
            scale,
            plan,
            margin: Point { x: (wide - width) / 2.0, ..margin },
        }
    }

    /// Where a point of the scene is.
    pub(super) fn at(&self, point: Point) -> Point {
        Point { x: (point.x - self.plan.left) * self.scale + self.margin.x, y: (point.y - self.plan.top) * self.scale + self.margin.y }
    }

    /// Where something that covers a part of the scene is.
    pub(super) fn around(&self, bounds: Bounds) -> Bounds {
        let from = self.at(Point { x: bounds.left, y: bounds.top });
        let to = self.at(Point { x: bounds.right, y: bounds.bottom });
        Bounds { left: from.x, top: from.y, right: to.x, bottom: to.y }
    }

    /// Half the width of a focal point.
    pub(super) fn focal_point(&self) -> f64 {
        self.radius.max(self.name / 2.0)
    }

    /// A length of the plan in the SVG.
    pub(super) fn length(&self, length: f64) -> f64 {
        (length * self.scale).min(EXTENT_MAX)
    }
}
