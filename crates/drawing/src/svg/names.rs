//! Names of rows, tables, sections and floors.

use guichet_domain::seating::Point;

use super::INK;
use super::figures;
use super::frame::Frame;
use super::markup::Markup;
use crate::colour::Rgb;
use crate::label::{self, COLUMNS_MAX};
use crate::scene::{Block, Bounds, Line, Scene};

/// Width of a letter by its height, about: nobody here knows the font.
pub(super) const LETTER: f64 = 0.6;
/// From the middle of a line of letters down to where they stand.
const BASELINE: f64 = 0.35;
/// Height of the names of rows, by the distance of seats.
const ROW: f64 = 0.6;

/// Draws all of them.
pub(super) fn draw(markup: &mut Markup, scene: &Scene<'_>, frame: &Frame) {
    let size = frame.pitch * ROW;
    for line in &scene.lines {
        match figures::table(scene, line, frame) {
            Some((centre, radius)) => {
                let letters = label::columns(&label::shown(line.label, COLUMNS_MAX)).max(1);
                write(markup, centre, (2.0 * radius / (letters as f64 * LETTER)).min(size), line.label, None);
            }
            None => row(markup, scene, line, frame, size),
        }
    }
    let mut names = Names::of(scene, frame);
    markup
        .raw("<g stroke=\"#fff\" stroke-linejoin=\"round\" paint-order=\"stroke\"")
        .attribute("stroke-width", frame.name / 5.0)
        .raw(">\n");
    for section in &scene.sections {
        write(markup, names.place(section, frame), frame.name, section.label, None);
    }
    markup.raw("</g>\n");
    for floor in &scene.floors {
        let bounds = frame.around(floor.bounds);
        let raised = if scene.sections.is_empty() { 1.0 } else { 3.0 };
        let at = Point { x: bounds.middle().x, y: bounds.top - frame.pitch - raised * frame.name };
        write(markup, at, 1.25 * frame.name, floor.label, None);
    }
}

/// A text around its middle.
pub(super) fn write(markup: &mut Markup, middle: Point, size: f64, text: &str, colour: Option<Rgb>) {
    let text = label::shown(text, COLUMNS_MAX);
    if text.is_empty() {
        return;
    }
    markup.raw("<text text-anchor=\"middle\"").attribute("x", middle.x).attribute("y", middle.y + BASELINE * size);
    markup.attribute("font-size", size);
    match colour {
        Some(colour) => markup.colour("fill", colour),
        None => markup.raw(" fill=\"").raw(INK).raw("\""),
    };
    markup.raw(">").text(&text).raw("</text>\n");
}

/// The name of a row, before its first seat. That of a booth is in its tooltip.
fn row(markup: &mut Markup, scene: &Scene<'_>, line: &Line<'_>, frame: &Frame, size: f64) {
    let spots = &scene.spots[line.spots.clone()];
    let (Some(first), Some(last)) = (spots.first(), spots.last()) else { return };
    if first.booth {
        return;
    }
    let (first, last) = (frame.at(first.at), frame.at(last.at));
    let (x, y) = (last.x - first.x, last.y - first.y);
    let length = x.hypot(y);
    let (x, y) = if length > 0.0 { (x / length, y / length) } else { (1.0, 0.0) };
    // A longer name begins farther away, unless it stands above its row.
    let letters = label::columns(&label::shown(line.label, COLUMNS_MAX)) as f64;
    let away = frame.pitch * 0.6 + x.abs() * letters * LETTER * size / 2.0;
    write(markup, Point { x: first.x - x * away, y: first.y - y * away }, size, line.label, None);
}

/// Where the names of sections go.
struct Names {
    /// Sections and what people look at: a name beside a section stands on none of these, and on no other name.
    things: Vec<Bounds>,
    written: Vec<Bounds>,
}

impl Names {
    fn of(scene: &Scene<'_>, frame: &Frame) -> Self {
        let sections = scene.sections.iter().map(|section| frame.around(section.bounds));
        let radius = frame.focal_point();
        let focal_points = scene.focal_points.iter().map(|point| around(frame.at(*point), radius, radius));
        Self { things: sections.chain(focal_points).collect(), written: Vec::new() }
    }

    /// In the middle of a section that is much larger than its name and whose seats are small. Else above, or below where another one
    /// is above.
    fn place(&mut self, section: &Block<'_>, frame: &Frame) -> Point {
        let bounds = frame.around(section.bounds);
        let half = label::columns(&label::shown(section.label, COLUMNS_MAX)) as f64 * LETTER * frame.name / 2.0;
        let inside = around(frame.at(section.middle), half, frame.name / 2.0);
        let large = bounds.width() > 2.6 * half && bounds.height() > 2.0 * frame.name && frame.pitch < frame.name / 2.0;
        let x = bounds.middle().x.min(frame.width - half).max(half);
        let apart = frame.radius + frame.name * 0.8;
        let beside = [bounds.top - apart, bounds.bottom + apart].map(|y| around(Point { x, y }, half, frame.name / 2.0));
        let is_free = |place: &&Bounds, taken: &[Bounds]| !taken.iter().any(|other| crosses(place, other));
        let place = Some(&inside)
            .filter(|place| large && is_free(place, &self.written))
            .or_else(|| beside.iter().find(|place| is_free(place, &self.written) && is_free(place, &self.things)))
            .unwrap_or(&beside[0]);
        self.written.push(*place);
        place.middle()
    }
}

fn around(middle: Point, across: f64, up: f64) -> Bounds {
    Bounds { left: middle.x - across, top: middle.y - up, right: middle.x + across, bottom: middle.y + up }
}

fn crosses(one: &Bounds, other: &Bounds) -> bool {
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
}
