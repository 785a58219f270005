//! A plan in the cells of a terminal.
//!
//! A cell is about twice as high as it is wide. Where there is room, a seat has a cell of its own; where there is not, a cell shows the
//! category or the state that most of its seats have, and dots where they are. Must never be true: a seat outside of the picture, or a
//! picture larger than its room.

mod figures;
mod fit;
mod labels;
mod legend;

use crate::By;
use crate::colour::Rgb;
use crate::keys::Keys;
use crate::picture::{Cell, Picture};
use crate::scene::{Scene, Spot};
use fit::{Detail, Fit};

/// In a run of cells with dots, the sign of what they are stands in the middle of each so many.
const SIGN_EVERY: usize = 12;
/// Where a cell has fewer seats than this, dots would be scattered: each cell has its sign.
const SEATS_FOR_DOTS: usize = 3;

/// The braille sign without dots; the 255 with them follow.
const BRAILLE: u32 = 0x2800;
/// The colour of what is not sold by itself.
const QUIET: Option<Rgb> = Some(Rgb::NEUTRAL);

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// Draws a plan, its legend below it, in no more than the room. Small plans are not blown up: their pictures are smaller.
#[must_use]
pub fn picture(plan: &guichet_domain::seating::SeatingPlan, by: By<'_>, room: Room) -> Picture {
    let scene = Scene::of(plan);
    let keys = Keys::of(&scene, by);
    let room = Room { width: room.width.max(1), height: room.height.max(1) };
    let legend = legend::lines(&scene, &keys, room);
    // At least one line is the plan's own.
    let legend_height = u16::try_from(legend.len()).unwrap_or(u16::MAX).min(room.height - 1);
    let gap = u16::from(legend_height > 0 && room.height - legend_height > 2);
    let fit = Fit::of(&scene, Room { height: room.height - legend_height - gap, ..room });
    let width = legend.iter().map(legend::Line::columns).fold(fit.width, Ord::max).min(usize::from(room.width));
    let height = fit.height.min(usize::from(room.height - legend_height - gap));
    let gap = if height == 0 { 0 } else { gap };
    let mut picture = Picture::blank(narrow(width), narrow(height) + gap + legend_height);
    figures::draw(&mut picture, &scene, &keys, &fit);
    match fit.detail {
        Detail::Seats => seats(&mut picture, &scene, &keys, &fit),
        Detail::Crowds => crowds(&mut picture, &scene, &keys, &fit),
    }
    labels::draw(&mut picture, &scene, &fit, height);
    for (line, text) in legend.iter().take(usize::from(legend_height)).enumerate() {
        text.draw(&mut picture, height + usize::from(gap) + line);
    }
    picture
}

fn narrow(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// One seat, one cell.
fn seats(picture: &mut Picture, scene: &Scene<'_>, keys: &Keys<'_>, fit: &Fit) {
    for spot in &scene.spots {
        let (column, line) = fit.cell(spot.at);
        let colour = Some(keys.get(keys.index(spot)).colour);
        picture.put(column, line, Cell { sign: keys.sign(spot), colour, bold: false });
    }
}

/// A seat of a crowd; sorted by cell, then by key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    line: usize,
    column: usize,
    key: u16,
    dot: u8,
}

/// Many seats in a cell: the commonest key counts.
fn crowds(picture: &mut Picture, scene: &Scene<'_>, keys: &Keys<'_>, fit: &Fit) {
    let place = |spot: &Spot| {
        let (column, line) = fit.cell(spot.at);
        Placed { line, column, key: keys.index(spot), dot: fit.dot(spot.at) }
    };
    let mut placed: Vec<Placed> = scene.spots.iter().map(place).collect();
    placed.sort_unstable();
    let cells = placed.chunk_by(|one, other| (one.line, one.column) == (other.line, other.column));
    let cells: Vec<Placed> =
        cells.map(|cell| Placed { key: commonest(cell), dot: cell.iter().fold(0, |dots, seat| dots | seat.dot), ..cell[0] }).collect();
    // States change from cell to cell and are what is looked for: each cell says its own.
    let each = keys.are_states() || placed.len() < SEATS_FOR_DOTS * cells.len();
    for run in cells.chunk_by(|one, other| (one.line, one.column + 1, one.key) == (other.line, other.column, other.key)) {
        let parts = run.len().div_ceil(SIGN_EVERY);
        let middles: Vec<usize> = (0..parts).map(|part| (2 * part + 1) * run.len() / (2 * parts)).collect();
        for (index, cell) in run.iter().enumerate() {
            let key = keys.get(cell.key);
            let named = each || middles.contains(&index);
            let sign = if named { key.sign } else { char::from_u32(BRAILLE + u32::from(cell.dot)).unwrap_or(key.sign) };
            picture.put(cell.column, cell.line, Cell { sign, colour: Some(key.colour), bold: false });
        }
    }
}

/// The commonest key in a cell, whose seats are sorted; of two that are as common the first.
fn commonest(cell: &[Placed]) -> u16 {
    let kinds = cell.chunk_by(|one, other| one.key == other.key).map(|kind| (kind.len(), kind[0].key));
    kinds.max_by_key(|(seats, key)| (*seats, u16::MAX - key)).unwrap_or_default().1
}
