//! Areas, shapes, tables and focal points: what lies below the seats.

use guichet_domain::seating::Point;

use super::QUIET;
use super::fit::Fit;
use crate::keys::Keys;
use crate::picture::{Cell, GROUND, Picture};
use crate::scene::Scene;

/// A table in its middle.
pub(super) const TABLE: char = '□';

/// What people look at.
pub(super) const FOCAL_POINT: char = '⊕';

/// Draws all of it.
pub(super) fn draw(picture: &mut Picture, scene: &Scene<'_>, keys: &Keys<'_>, fit: &Fit) {
    for ground in &scene.grounds {
        let colour = keys.of_area(ground.category).map_or(QUIET, |key| Some(key.colour));
        fill(picture, fit, &ground.outline.corners, Cell { sign: GROUND, colour, bold: false });
    }
    for shape in &scene.shapes {
        border(picture, fit, &shape.corners);
    }
    for (column, line) in scene.lines.iter().filter_map(|line| line.table).map(|table| fit.cell(table)) {
        picture.put(column, line, Cell { sign: TABLE, colour: QUIET, bold: false });
    }
    for (column, line) in scene.focal_points.iter().map(|point| fit.cell(*point)) {
        picture.put(column, line, Cell { sign: FOCAL_POINT, colour: None, bold: true });
    }
}

/// The corners in steps of cells, each with the one that follows.
fn edges(corners: &[Point]) -> impl Iterator<Item = (&Point, &Point)> {
    corners.iter().zip(corners.iter().cycle().skip(1))
}

/// Fills a polygon, line by line between the places where its edges cross the middle of the line.
fn fill(picture: &mut Picture, fit: &Fit, corners: &[Point], cell: Cell) {
    let lines = corners.iter().map(|corner| fit.cell(*corner).1);
    let (Some(top), Some(bottom)) = (lines.clone().min(), lines.max()) else { return };
    let mut crossings: Vec<usize> = Vec::new();
    for line in top..=bottom {
        let y = fit.middle_of(line);
        crossings.clear();
        for (from, to) in edges(corners).filter(|(from, to)| (from.y <= y) != (to.y <= y)) {
            let x = from.x + (y - from.y) / (to.y - from.y) * (to.x - from.x);
            crossings.push(fit.cell(Point { x, y }).0);
        }
        crossings.sort_unstable();
        for between in crossings.chunks_exact(2) {
            (between[0]..=between[1]).for_each(|column| picture.put(column, line, cell));
        }
    }
}

/// Draws the edges of a polygon, each cell with the stroke that goes its way.
fn border(picture: &mut Picture, fit: &Fit, corners: &[Point]) {
    for (from, to) in edges(corners) {
        let ((from_column, from_line), (to_column, to_line)) = (fit.cell(*from), fit.cell(*to));
        let (across, down) = (from_column.abs_diff(to_column), from_line.abs_diff(to_line));
        let falls = (to_column > from_column) == (to_line > from_line);
        let sign = match (across, down) {
            (_, 0) => '─',
            (0, _) => '│',
            _ if across >= 4 * down => '─',
            _ if falls => '╲',
            _ => '╱',
        };
        let steps = across.max(down);
        let between = |from: usize, to: usize, step: usize| {
            if to >= from { from + (to - from) * step / steps } else { from - (from - to) * step / steps }
        };
        for step in 1..steps {
            put(picture, between(from_column, to_column, step), between(from_line, to_line, step), sign);
        }
    }
    for corner in corners {
        let (column, line) = fit.cell(*corner);
        put(picture, column, line, '·');
    }
}

fn put(picture: &mut Picture, column: usize, line: usize, sign: char) {
    if picture.is_ground(column, line) {
        picture.put(column, line, Cell { sign, colour: QUIET, bold: false });
    }
}
