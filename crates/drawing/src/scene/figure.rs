//! Shapes and the outlines of areas, as corners in the plane.

use std::f64::consts::TAU;

use guichet_domain::seating::{Figure, Point, Shape};

use super::floors::Floors;
use super::place::near;
use crate::colour::Rgb;

/// Corners of what is round.
const ROUND: u32 = 48;

/// A figure in its place.
#[derive(Clone, Debug)]
pub(crate) struct Outline<'p> {
    /// Its corners, in turn; none when it is nothing but words.
    pub(crate) corners: Vec<Point>,
    pub(crate) centre: Point,
    pub(crate) fill: Option<Rgb>,
    pub(crate) border: Option<Rgb>,
    pub(crate) words: Option<Words<'p>>,
}

/// What is written on a figure.
#[derive(Clone, Debug)]
pub(crate) struct Words<'p> {
    pub(crate) text: &'p str,
    /// Their middle.
    pub(crate) at: Point,
    pub(crate) colour: Option<Rgb>,
    /// Their height; 0 when the plan's is none.
    pub(crate) size: f64,
}

impl<'p> Outline<'p> {
    pub(super) fn of(shape: &'p Shape, floors: &Floors) -> Self {
        let (sin, cos) = near(Point { x: shape.rotation_deg, y: 0.0 }).x.to_radians().sin_cos();
        let centre = near(shape.centre);
        let place = |offset: Point| floors.place(shape.floor, Point { x: centre.x + offset.x, y: centre.y + offset.y });
        let turn = |Point { x, y }: Point| place(Point { x: x * cos - y * sin, y: x * sin + y * cos });
        let words = shape.caption.as_ref().map(|caption| Words {
            text: &caption.text,
            at: place(near(caption.position)),
            colour: Rgb::parse(&caption.colour),
            size: if caption.size.is_finite() { caption.size.max(0.0) } else { 0.0 },
        });
        Self {
            corners: corners(&shape.figure).into_iter().map(|corner| turn(near(corner))).collect(),
            centre: place(Point { x: 0.0, y: 0.0 }),
            fill: Rgb::parse(&shape.fill),
            border: Rgb::parse(&shape.border),
            words,
        }
    }

    /// What must be inside of the picture.
    pub(super) fn extent(&self) -> impl Iterator<Item = Point> {
        self.corners.iter().copied().chain([self.centre]).chain(self.words.iter().map(|words| words.at))
    }
}

/// The corners of a figure, counted from its centre.
fn corners(figure: &Figure) -> Vec<Point> {
    match figure {
        Figure::Rectangle { width, height } => {
            let (x, y) = (width / 2.0, height / 2.0);
            [(-x, -y), (x, -y), (x, y), (-x, y)].map(|(x, y)| Point { x, y }).into()
        }
        Figure::Ellipse { radius_x, radius_y } => (0..ROUND)
            .map(|corner| {
                let (sin, cos) = (TAU * f64::from(corner) / f64::from(ROUND)).sin_cos();
                Point { x: radius_x * cos, y: radius_y * sin }
            })
            .collect(),
        Figure::Polygon { points } => points.clone(),
        Figure::Text => Vec::new(),
    }
}
