//! Names in the picture, where there is room for them. What does not fit is left out: a name that hides seats helps nobody. A crowd
//! that is much larger than its name has it inside: around it, it could be that of another one.

use guichet_domain::seating::Point;

use super::fit::{Detail, Fit};
use crate::label::{self, COLUMNS_MAX};
use crate::picture::Picture;
use crate::scene::{Block, Bounds, Scene};

/// Columns and lines that a crowd must have beyond a name that is written into it.
const AROUND: (usize, usize) = (5, 2);

/// Writes the names of areas and shapes, then of sections and floors, then of rows. `height` is where the legend begins.
pub(super) fn draw(picture: &mut Picture, scene: &Scene<'_>, fit: &Fit, height: usize) {
    for ground in &scene.grounds {
        centred(picture, fit.cell(ground.outline.centre), ground.label, height);
    }
    for words in scene.shapes.iter().filter_map(|shape| shape.words.as_ref()) {
        centred(picture, fit.cell(words.at), words.text, height);
    }
    for section in &scene.sections {
        if !inside(picture, section, fit, height) {
            beside(picture, section, [1, 2], fit, height);
        }
    }
    for floor in &scene.floors {
        // Above the names of its sections.
        beside(picture, floor, [2, 1], fit, height);
    }
    if fit.detail == Detail::Seats {
        rows(picture, scene, fit, height);
    }
}

/// Writes a label around a cell, or a line below or above, where nothing or only the inside of an area is.
fn centred(picture: &mut Picture, (column, line): (usize, usize), label: &str, height: usize) {
    let text = label::shown(label, COLUMNS_MAX);
    let columns = label::columns(&text);
    let Some(start) = column.checked_sub(columns / 2).filter(|_| columns > 0) else { return };
    let has_room = |line: &usize| *line < height && (start..start + columns).all(|column| picture.is_ground(column, *line));
    if let Some(line) = [Some(line), Some(line + 1), line.checked_sub(1)].into_iter().flatten().find(has_room) {
        picture.write(start, line, &text, None, false);
    }
}

/// Writes the name of a section into the middle of its crowd, if that is large; whether it is there.
fn inside(picture: &mut Picture, section: &Block<'_>, fit: &Fit, height: usize) -> bool {
    let Bounds { left, top, right, bottom } = section.bounds;
    let ((left, top), (right, bottom)) = (fit.cell(Point { x: left, y: top }), fit.cell(Point { x: right, y: bottom }));
    // A blank on both sides, or the signs of the crowd could be taken for a part of it.
    let text = format!(" {} ", label::shown(section.label, COLUMNS_MAX));
    let columns = label::columns(&text);
    let large = columns > 2 && right - left >= columns + AROUND.0 && bottom - top >= AROUND.1;
    let (column, line) = fit.cell(section.middle);
    let start = column.saturating_sub(columns / 2).max(left);
    let fits = fit.detail == Detail::Crowds && large && line < height && !picture.has_name(start, line, columns);
    if fits {
        picture.write(start, line, &text, None, true);
    }
    fits
}

/// Writes the name of a block above it, below it or at its side.
fn beside(picture: &mut Picture, block: &Block<'_>, lines_above: [usize; 2], fit: &Fit, height: usize) {
    let Bounds { left, top, right, bottom } = block.bounds;
    let text = label::shown(block.label, COLUMNS_MAX);
    let ((left, top), (right, bottom)) = (fit.cell(Point { x: left, y: top }), fit.cell(Point { x: right, y: bottom }));
    let columns = label::columns(&text);
    let middle = (left + right).saturating_sub(columns.saturating_sub(1)) / 2;
    let start = middle.min(usize::from(picture.width()).saturating_sub(columns));
    let line = usize::midpoint(top, bottom);
    let above = lines_above.into_iter().map(|up| (Some(start), top.checked_sub(up)));
    let others = [(Some(start), Some(bottom + 1)), (Some(right + 2), Some(line)), (left.checked_sub(columns + 1), Some(line))];
    let place = above.chain(others).find_map(|place| match place {
        (Some(column), Some(line)) if line < height && has_room(picture, column, line, columns) => Some((column, line)),
        _ => None,
    });
    if let Some((column, line)) = place {
        picture.write(column, line, &text, None, true);
    }
}

/// The name of a row stands before its first seat.
fn rows(picture: &mut Picture, scene: &Scene<'_>, fit: &Fit, height: usize) {
    for row in scene.lines.iter().filter(|row| row.table.is_none()) {
        let spots = &scene.spots[row.spots.clone()];
        let (Some(first), Some(last)) = (spots.first(), spots.last()) else { continue };
        let mut text = label::shown(row.label, COLUMNS_MAX);
        if text.is_empty() {
            continue;
        }
        // Or it could be taken for the letter of a category.
        text.push(':');
        let columns = label::columns(&text);
        let ((column, line), (last_column, last_line)) = (fit.cell(first.at), fit.cell(last.at));
        let upright = last_line.abs_diff(line) > last_column.abs_diff(column);
        let place = match (upright, last_column >= column, last_line >= line) {
            (false, true, _) => column.checked_sub(columns + 1).map(|start| (start, line)),
            (false, false, _) => Some((column + 2, line)),
            (true, _, true) => line.checked_sub(1).map(|above| (column, above)),
            (true, _, false) => Some((column, line + 1)),
        };
        if let Some((start, line)) = place.filter(|(start, line)| *line < height && has_room(picture, *start, *line, columns)) {
            picture.write(start, line, &text, None, false);
        }
    }
}

/// Whether a text has room, with a blank on both sides.
fn has_room(picture: &Picture, column: usize, line: usize, columns: usize) -> bool {
    let blank_before = column == 0 || picture.is_free(column - 1, line, 1);
    let end = column + columns;
    let blank_after = end >= usize::from(picture.width()) || picture.is_free(end, line, 1);
    columns > 0 && picture.is_free(column, line, columns) && blank_before && blank_after
}
