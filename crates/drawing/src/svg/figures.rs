//! Shapes, areas and tables: what lies below the seats; and what people look at.

use guichet_domain::seating::Point;

use super::INK;
use super::frame::Frame;
use super::markup::Markup;
use super::names;
use crate::colour::Rgb;
use crate::keys::Keys;
use crate::scene::{Line, Outline, Scene};

/// The largest table, in distances of seats: one chair may stand far away.
const TABLE_MAX: f64 = 5.0;

/// Draws all of it.
pub(super) fn draw(markup: &mut Markup, scene: &Scene<'_>, keys: &Keys<'_>, frame: &Frame) {
    for shape in &scene.shapes {
        polygon(markup, frame, shape, (shape.fill, shape.border), "1");
    }
    for ground in &scene.grounds {
        let colour = keys.of_area(ground.category).map_or(Rgb::NEUTRAL, |key| key.colour);
        polygon(markup, frame, &ground.outline, (Some(colour), Some(colour)), "0.3");
    }
    for line in &scene.lines {
        if let Some((centre, radius)) = table(scene, line, frame) {
            markup.raw("<circle").attribute("cx", centre.x).attribute("cy", centre.y).attribute("r", radius);
            markup.raw(" fill=\"#f1f3f5\"").colour("stroke", Rgb::NEUTRAL).raw("/>\n");
        }
    }
    for point in &scene.focal_points {
        focal_point(markup, frame.at(*point), frame.focal_point());
    }
    for words in scene.shapes.iter().filter_map(|shape| shape.words.as_ref()) {
        // Half the size of names is the least that can be read.
        let size = frame.length(words.size).max(frame.name / 2.0);
        names::write(markup, frame.at(words.at), size, words.text, words.colour);
    }
    for ground in &scene.grounds {
        names::write(markup, frame.at(ground.outline.centre), frame.name, ground.label, None);
    }
}

/// The disc of a table and where it is: as large as the chairs leave.
pub(super) fn table(scene: &Scene<'_>, line: &Line<'_>, frame: &Frame) -> Option<(Point, f64)> {
    let centre = frame.at(line.table?);
    let distances = scene.spots[line.spots.clone()].iter().map(|spot| {
        let at = frame.at(spot.at);
        (at.x - centre.x).hypot(at.y - centre.y)
    });
    let nearest = distances.fold(f64::INFINITY, f64::min);
    let inside = if nearest.is_finite() { nearest - 1.25 * frame.radius } else { frame.pitch };
    Some((centre, inside.clamp(frame.radius, (TABLE_MAX * frame.pitch).max(frame.radius))))
}

/// A circle with a cross in it.
pub(super) fn focal_point(markup: &mut Markup, Point { x, y }: Point, radius: f64) {
    markup.raw("<g fill=\"none\" stroke=\"").raw(INK).raw("\"").attribute("stroke-width", radius / 5.0).raw("><title>focal point</title>");
    markup.raw("<circle").attribute("cx", x).attribute("cy", y).attribute("r", radius).raw("/><path d=\"M");
    markup.number(x - radius).raw(" ").number(y).raw("H").number(x + radius);
    markup.raw("M").number(x).raw(" ").number(y - radius).raw("V").number(y + radius).raw("\"/></g>\n");
}

fn polygon(markup: &mut Markup, frame: &Frame, outline: &Outline<'_>, (fill, border): (Option<Rgb>, Option<Rgb>), opacity: &'static str) {
    if outline.corners.is_empty() {
        return;
    }
    markup.raw("<polygon points=\"");
    for (index, corner) in outline.corners.iter().enumerate() {
        let Point { x, y } = frame.at(*corner);
        markup.raw(if index == 0 { "" } else { " " }).number(x).raw(",").number(y);
    }
    markup.raw("\"");
    match fill {
        Some(fill) => markup.colour("fill", fill).raw(" fill-opacity=\"").raw(opacity).raw("\""),
        None => markup.raw(" fill=\"none\""),
    };
    // A shape without any colour is a wall or a line: it is still to be seen.
    if let Some(border) = border.or(fill.is_none().then_some(Rgb::NEUTRAL)) {
        markup.colour("stroke", border).attribute("stroke-width", frame.name / 10.0);
    }
    markup.raw("/>\n");
}
