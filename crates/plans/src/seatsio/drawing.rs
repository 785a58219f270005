//! What is drawn: shapes, texts, icons, and the outlines of areas.

use guichet_domain::seating::{self, Caption, Figure};

use super::chart::{Area, Point, Shape, Text};
use super::reader::{Place, Reader, position};
use super::tables::middle;
use crate::faults::{Faults, Path};
use crate::lenient::{Leaf, List, Node};

/// Colour of words for which the chart has none.
const INK: &str = "#000000";
/// Height of words for which the chart has none.
const LETTER_SIZE: f64 = 16.0;

impl Reader {
    /// Reads a shape of `place`.
    pub(super) fn shape(&mut self, shape: &Shape, path: &Path<'_>, place: &Place) {
        let faults = &mut self.faults;
        let text = shape.label.optional_label(path.field("label"), faults);
        let caption = text.map(|text| Caption {
            text,
            position: seating::Point {
                x: optional(&shape.label_horizontal_offset, path.field("labelHorizontalOffset"), faults).unwrap_or(0.0),
                y: optional(&shape.label_vertical_offset, path.field("labelVerticalOffset"), faults).unwrap_or(0.0),
            },
            colour: INK.to_owned(),
            size: optional(&shape.label_size, path.field("labelSize"), faults).unwrap_or(LETTER_SIZE),
        });
        let fill = shape.fill_color.optional_label(path.field("fillColor"), faults).unwrap_or_default();
        let border = shape.stroke_color.optional_label(path.field("strokeColor"), faults).unwrap_or_default();
        let form = Form {
            center: &shape.center,
            width: &shape.width,
            height: &shape.height,
            radius1: &shape.radius1,
            radius2: &shape.radius2,
            rotation: &shape.rotation_angle,
            points: &shape.points,
        };
        match form.read(path, place, faults) {
            Some(drawn) => self.plan.shapes.push(seating::Shape { fill, border, caption, ..drawn }),
            None => self.not_sold(&shape.label, path, "a shape of this kind is not drawn"),
        }
    }

    /// Reads a text or an icon of `place`; an icon is drawn as its name.
    pub(super) fn text(&mut self, text: &Text, path: &Path<'_>, place: &Place) {
        let faults = &mut self.faults;
        let words = text.text.optional_label(path.field("text"), faults);
        let words = words.or_else(|| text.icon.optional_label(path.field("icon"), faults));
        let at = centre(&text.center, None, path, place.origin, faults);
        let rotation_deg = optional(&text.rotation_angle, path.field("rotationAngle"), faults).unwrap_or(0.0);
        let size = optional(&text.font_size, path.field("fontSize"), faults).unwrap_or(LETTER_SIZE);
        let colour = text.text_color.optional_label(path.field("textColor"), faults).unwrap_or_else(|| INK.to_owned());
        let (Some(words), Some(centre)) = (words, at) else {
            self.not_sold(&text.text, path, "has no words or no place and is not drawn");
            return;
        };
        let caption = Some(Caption { text: words, position: seating::Point::default(), colour, size });
        let (fill, border) = (String::new(), String::new());
        self.plan.shapes.push(seating::Shape { figure: Figure::Text, centre, rotation_deg, fill, border, caption, floor: place.floor });
    }
}

/// The outline of an area, if the chart draws one that is understood.
pub(super) fn outline(area: &Area, path: &Path<'_>, place: &Place, faults: &mut Faults) -> Option<seating::Shape> {
    let form = Form {
        center: &area.center,
        width: &area.width,
        height: &area.height,
        radius1: &area.radius1,
        radius2: &area.radius2,
        rotation: &area.rotation_angle,
        points: &area.points,
    };
    form.read(path, place, faults)
}

/// The fields that say how something is formed; which of them are there tells what it is.
struct Form<'a> {
    center: &'a Node<Box<Point>>,
    width: &'a Leaf,
    height: &'a Leaf,
    radius1: &'a Leaf,
    radius2: &'a Leaf,
    rotation: &'a Leaf,
    points: &'a List<Point>,
}

impl Form<'_> {
    fn read(&self, path: &Path<'_>, place: &Place, faults: &mut Faults) -> Option<seating::Shape> {
        let rotation_deg = optional(self.rotation, path.field("rotationAngle"), faults).unwrap_or(0.0);
        let mut number = |leaf: &Leaf, name| optional(leaf, path.field(name), faults);
        let (width, height) = (number(self.width, "width"), number(self.height, "height"));
        let (radius_x, radius_y) = (number(self.radius1, "radius1"), number(self.radius2, "radius2"));
        let centre = centre(self.center, Some(self.points), path, place.origin, faults)?;
        let figure = match (width, height, radius_x, radius_y) {
            (Some(width), Some(height), _, _) => Figure::Rectangle { width, height },
            (_, _, Some(radius_x), Some(radius_y)) => Figure::Ellipse { radius_x, radius_y },
            _ => {
                let corners = corners(self.points, path, place.origin, faults);
                if corners.len() < 3 {
                    return None;
                }
                let from_centre = |point: seating::Point| seating::Point { x: point.x - centre.x, y: point.y - centre.y };
                Figure::Polygon { points: corners.into_iter().map(from_centre).collect() }
            }
        };
        let (fill, border) = (String::new(), String::new());
        Some(seating::Shape { figure, centre, rotation_deg, fill, border, caption: None, floor: place.floor })
    }
}

/// The centre as the chart states it, else the middle of the corners, if there are any.
pub(super) fn centre(
    stated: &Node<Box<Point>>,
    points: Option<&List<Point>>,
    path: &Path<'_>,
    origin: seating::Point,
    faults: &mut Faults,
) -> Option<seating::Point> {
    let field = path.field("center");
    if let Some(point) = stated.get(false, field, faults) {
        let point = position(&point.x, &point.y, &field, faults)?;
        return near(point, origin, &field, faults);
    }
    let corners = corners(points?, path, origin, faults);
    (!corners.is_empty()).then(|| middle(corners.into_iter()))
}

fn corners(points: &List<Point>, path: &Path<'_>, origin: seating::Point, faults: &mut Faults) -> Vec<seating::Point> {
    let mut corners = Vec::new();
    for (index, point) in points.get(path, "points", faults) {
        let path = path.entry("points", *index);
        let point = position(&point.x, &point.y, &path, faults);
        corners.extend(point.and_then(|point| near(point, origin, &path, faults)));
    }
    corners
}

/// A point of a section in the chart's own units. Beyond a quadrillion a drawing is none, and sums would no longer be numbers.
fn near(point: seating::Point, origin: seating::Point, path: &Path<'_>, faults: &mut Faults) -> Option<seating::Point> {
    let point = seating::Point { x: origin.x + point.x, y: origin.y + point.y };
    if point.x.abs() < 1e15 && point.y.abs() < 1e15 {
        return Some(point);
    }
    faults.add(*path, "its position is too far away to be a number");
    None
}

fn optional(leaf: &Leaf, path: Path<'_>, faults: &mut Faults) -> Option<f64> {
    match leaf {
        Leaf::Nothing => None,
        leaf => leaf.number(path, faults),
    }
}
