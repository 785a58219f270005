//! What the signs mean, in as many lines as it takes and at most a third of the room.

use super::figures::{FOCAL_POINT, TABLE};
use super::{QUIET, Room};
use crate::colour::Rgb;
use crate::keys::Keys;
use crate::label::{self, COLUMNS_MAX};
use crate::picture::{Cell, GROUND, Picture};
use crate::scene::Scene;

/// Columns between two entries.
const BETWEEN: usize = 3;
/// A sign and what it means.
struct Entry {
    sign: char,
    colour: Option<Rgb>,
    text: String,
}

impl Entry {
    fn columns(&self) -> usize {
        2 + label::columns(&self.text)
    }
}

/// Entries in one line.
#[derive(Default)]
pub(super) struct Line {
    entries: Vec<Entry>,
    columns: usize,
}

impl Line {
    /// How wide it is.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Puts it into a line of the picture.
    pub(super) fn draw(&self, picture: &mut Picture, line: usize) {
        let mut column = 0;
        for Entry { sign, colour, text } in &self.entries {
            picture.put(column, line, Cell { sign: *sign, colour: *colour, bold: false });
            column += 2;
            column += picture.write(column, line, text, None, false) + BETWEEN;
        }
    }
}

/// The legend, line by line.
pub(super) fn lines(scene: &Scene<'_>, keys: &Keys<'_>, room: Room) -> Vec<Line> {
    let width = usize::from(room.width);
    let lines_max = usize::from(room.height / 3).max(1);
    let mut lines = vec![Line::default()];
    let mut entries = entries(scene, keys, width).into_iter();
    let mut left_out = 0;
    for entry in entries.by_ref() {
        let last = &lines[lines.len() - 1];
        let fits = last.entries.is_empty() || last.columns + BETWEEN + entry.columns() <= width;
        if !fits && lines.len() == lines_max {
            left_out = 1 + entries.len();
            break;
        }
        if !fits {
            lines.push(Line::default());
        }
        if let Some(last) = lines.last_mut() {
            last.columns += entry.columns() + if last.entries.is_empty() { 0 } else { BETWEEN };
            last.entries.push(entry);
        }
    }
    if let Some(last) = lines.last_mut().filter(|_| left_out > 0) {
        say_left_out(last, left_out, width);
    }
    lines.retain(|line| !line.entries.is_empty());
    lines
}

/// Makes room at the end of a line for how much is missing.
fn say_left_out(line: &mut Line, mut left_out: usize, width: usize) {
    loop {
        let entry = Entry { sign: '…', colour: None, text: format!("and {left_out} more") };
        if line.entries.is_empty() || line.columns + BETWEEN + entry.columns() <= width {
            line.columns += entry.columns() + if line.entries.is_empty() { 0 } else { BETWEEN };
            line.entries.push(entry);
            return;
        }
        if let Some(gone) = line.entries.pop() {
            line.columns -= (gone.columns() + BETWEEN).min(line.columns);
            left_out += 1;
        }
    }
}

fn entries(scene: &Scene<'_>, keys: &Keys<'_>, width: usize) -> Vec<Entry> {
    let text_max = width.saturating_sub(2);
    let shown = |name: &str, figure: &str| {
        let name = label::shown(name, COLUMNS_MAX.min(text_max.saturating_sub(figure.len() + 1)));
        label::shown(&format!("{name} {figure}"), text_max)
    };
    let used = keys.iter().filter(|key| key.seats > 0);
    let mut entries: Vec<Entry> =
        used.map(|key| Entry { sign: key.sign, colour: Some(key.colour), text: shown(&key.name, &key.seats.to_string()) }).collect();
    if !keys.are_states() && scene.spots.iter().any(|spot| keys.sign(spot).is_ascii_lowercase()) {
        entries.push(Entry { sign: 'a', colour: None, text: label::shown("small letter: accessible", text_max) });
    }
    for area in &scene.plan.areas {
        let key = keys.of_area(area.category);
        let figure = format!("up to {}", area.capacity);
        let sign = key.map_or(GROUND, |key| key.sign);
        entries.push(Entry { sign, colour: key.map_or(QUIET, |key| Some(key.colour)), text: shown(&area.label, &figure) });
    }
    if scene.lines.iter().any(|line| line.table.is_some()) {
        entries.push(Entry { sign: TABLE, colour: QUIET, text: label::shown("table", text_max) });
    }
    if !scene.focal_points.is_empty() {
        entries.push(Entry { sign: FOCAL_POINT, colour: None, text: label::shown("focal point", text_max) });
    }
    entries
}
