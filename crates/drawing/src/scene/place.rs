//! Points and what is around them.

use guichet_domain::seating::Point;

/// Coordinates beyond this are drawn here: far from where sums of them are no numbers any more.
const FARTHEST: f64 = 1e100;

/// The nearest point that can be drawn.
pub(super) fn near(point: Point) -> Point {
    let near = |part: f64| if part.is_nan() { 0.0 } else { part.clamp(-FARTHEST, FARTHEST) };
    Point { x: near(point.x), y: near(point.y) }
}

/// The middle of some points.
pub(super) fn mean(points: impl IntoIterator<Item = Point>) -> Point {
    let (sum, count) =
        points.into_iter().fold((Point::default(), 0.0), |(sum, count), at| (Point { x: sum.x + at.x, y: sum.y + at.y }, count + 1.0));
    near(Point { x: sum.x / count, y: sum.y / count })
}

/// From where to where something goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Bounds {
    /// Around points, if there are any.
    pub(crate) fn of(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, Point { x, y }| {
            let Self { left, top, right, bottom } = bounds.unwrap_or(Self { left: x, top: y, right: x, bottom: y });
            Some(Self { left: left.min(x), top: top.min(y), right: right.max(x), bottom: bottom.max(y) })
        })
    }

    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn middle(self) -> Point {
        Point { x: f64::midpoint(self.left, self.right), y: f64::midpoint(self.top, self.bottom) }
    }
}
