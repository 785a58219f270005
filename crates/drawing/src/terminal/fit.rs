//! From the plan's coordinates to cells: how large, and how far in.

use std::collections::HashSet;

use guichet_domain::seating::Point;

use super::Room;
use crate::label;
use crate::scene::{Bounds, Scene};

/// Columns from a seat to the next in a picture that is large enough: a row then has the height of its seats' width.
const COLUMNS_PER_PITCH: f64 = 2.0;
/// How much larger the picture is tried when seats fall on each other.
const LARGER: f64 = 1.25;
/// One seat in so many may fall on another, and each still have a cell: in real plans seats do stand on each other.
const SHARED_ONE_IN: usize = 50;
/// The height of a cell by its width.
const CELL_HEIGHT: f64 = 2.0;
/// A row may be moved that much, by the distance of rows, so that rows are lines.
const ROWS_ARE_LINES: std::ops::RangeInclusive<f64> = 0.7..=1.4;
/// Room for labels of rows, in columns; longer ones are shown where there is more by chance.
const ROW_LABEL_MAX: usize = 6;

/// What a cell stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// A seat.
    Seats,
    /// All seats that are there.
    Crowds,
}

/// Where everything goes.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) detail: Detail,
    /// Columns of the picture without its legend.
    pub(super) width: usize,
    /// Lines of the picture without its legend.
    pub(super) height: usize,
    origin: Point,
    per_column: f64,
    per_line: f64,
    margin_left: usize,
    margin_top: usize,
}

impl Fit {
    pub(super) fn of(scene: &Scene<'_>, room: Room) -> Self {
        let Some(bounds) = scene.bounds else {
            return Self::nothing();
        };
        let cells = usize::from(room.width) * usize::from(room.height);
        if scene.spots.len() <= cells {
            let margins = margins(scene, room);
            let closest = Self::fitting(bounds, room, margins);
            // Never more than the room has: a picture as large as its seats need, or larger while they fall on each other.
            let mut per_column = closest.max(scene.pitch.seat / COLUMNS_PER_PITCH);
            loop {
                let fit = Self::at(bounds, (per_column, scene.pitch.row), margins, room, Detail::Seats);
                if fit.shared(scene) <= scene.spots.len() / SHARED_ONE_IN {
                    return fit;
                }
                if per_column <= closest {
                    break;
                }
                per_column = (per_column / LARGER).max(closest);
            }
        }
        Self::at(bounds, (Self::fitting(bounds, room, (0, 0)), None), (0, 0), room, Detail::Crowds)
    }

    fn nothing() -> Self {
        let (per_column, per_line, origin) = (1.0, CELL_HEIGHT, Point::default());
        Self { detail: Detail::Seats, width: 0, height: 0, origin, per_column, per_line, margin_left: 0, margin_top: 0 }
    }

    /// Drawing units in a column of the largest picture that the room has.
    fn fitting(bounds: Bounds, room: Room, (left, top): (usize, usize)) -> f64 {
        let steps = |cells: u16, margin: usize| f64::from(u32::from(cells.saturating_sub(1))).max(1.0) - margin as f64;
        let (columns, lines) = (steps(room.width, left).max(1.0), steps(room.height, top).max(1.0));
        let closest = (bounds.width() / columns).max(bounds.height() / (lines * CELL_HEIGHT));
        if closest.is_normal() { closest } else { 1.0 }
    }

    fn at(
        bounds: Bounds,
        (per_column, row): (f64, Option<f64>),
        (margin_left, margin_top): (usize, usize),
        room: Room,
        detail: Detail,
    ) -> Self {
        let mut per_line = per_column * CELL_HEIGHT;
        let lines = f64::from(room.height) - margin_top as f64 - 1.0;
        let as_lines = |row: &f64| ROWS_ARE_LINES.contains(&(row / per_line)) && bounds.height() / row <= lines;
        if let Some(row) = row.filter(as_lines) {
            per_line = row;
        }
        let steps = |length: f64, per_cell: f64, cells: u16, margin: usize| {
            cell(length / per_cell).min(usize::from(cells).saturating_sub(margin + 1)) + margin + 1
        };
        Self {
            detail,
            width: steps(bounds.width(), per_column, room.width, margin_left),
            height: steps(bounds.height(), per_line, room.height, margin_top),
            origin: Point { x: bounds.left, y: bounds.top },
            per_column,
            per_line,
            margin_left,
            margin_top,
        }
    }

    /// Column and line of a place.
    pub(super) fn cell(&self, point: Point) -> (usize, usize) {
        let column = cell((point.x - self.origin.x) / self.per_column) + self.margin_left;
        let line = cell((point.y - self.origin.y) / self.per_line) + self.margin_top;
        (column.min(self.width.saturating_sub(1)), line.min(self.height.saturating_sub(1)))
    }

    /// Where the middle of a line is in the plan.
    pub(super) fn middle_of(&self, line: usize) -> f64 {
        self.origin.y + (line as f64 - self.margin_top as f64) * self.per_line
    }

    /// The braille dot of a place in its cell: two columns of four.
    pub(super) fn dot(&self, point: Point) -> u8 {
        let within = |distance: f64, per_cell: f64, dots: f64| {
            let exact = distance / per_cell + 0.5;
            ((exact - exact.floor()) * dots).clamp(0.0, dots - 1.0) as usize
        };
        let across = within(point.x - self.origin.x, self.per_column, 2.0);
        let down = within(point.y - self.origin.y, self.per_line, 4.0);
        [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]][across][down]
    }

    /// How many seats have no cell of their own.
    fn shared(&self, scene: &Scene<'_>) -> usize {
        let mut taken = HashSet::with_capacity(scene.spots.len());
        scene.spots.iter().filter(|spot| !taken.insert(self.cell(spot.at))).count()
    }
}

/// The number of a cell; a float that is too large for one becomes the largest.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and nothing here is negative")]
fn cell(steps: f64) -> usize {
    (steps.round() as usize).min(usize::from(u16::MAX))
}

/// Columns to the left for the labels of rows, and lines above for those of sections, where there is room for such things.
fn margins(scene: &Scene<'_>, room: Room) -> (usize, usize) {
    let longest = scene.lines.iter().map(|line| label::columns(&label::shown(line.label, ROW_LABEL_MAX))).max().unwrap_or(0);
    // The name, a colon and a blank.
    let left = if usize::from(room.width) > 4 * (longest + 2) && longest > 0 { longest + 2 } else { 0 };
    let names = usize::from(!scene.sections.is_empty()) + usize::from(!scene.floors.is_empty());
    (left, if usize::from(room.height) > 4 * names { names } else { 0 })
}
