//! A picture made of cells, as a terminal has them, and the text that shows it.

use std::fmt::Write as _;

use crate::colour::Rgb;
use crate::label;

/// The sign of a cell that the wide sign to its left covers.
pub const COVERED: char = '\0';

/// The inside of an area.
pub(crate) const GROUND: char = '░';

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What is in it: a sign one or two columns wide, or [`COVERED`].
    pub sign: char,
    /// Its colour; `None` is that of any text.
    pub colour: Option<Rgb>,
    /// It is a name and may stand out.
    pub bold: bool,
}

impl Cell {
    /// Nothing.
    pub const EMPTY: Self = Self { sign: ' ', colour: None, bold: false };
}

/// Which colours a terminal takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None: the text is nothing but text.
    None,
    /// The 256 of most terminals.
    Indexed,
    /// All.
    True,
}

/// A drawn plan: cells, line after line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u16,
    cells: Vec<Cell>,
}

impl Picture {
    pub(crate) fn blank(width: u16, height: u16) -> Self {
        Self { width: width.max(1), cells: vec![Cell::EMPTY; usize::from(width.max(1)) * usize::from(height)] }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Lines.
    #[must_use]
    pub fn height(&self) -> u16 {
        u16::try_from(self.cells.len() / usize::from(self.width)).unwrap_or(u16::MAX)
    }

    /// The lines, from the top.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &[Cell]> {
        self.cells.chunks(usize::from(self.width))
    }

    /// As text, a line feed behind every line.
    #[must_use]
    pub fn text(&self, colours: Colours) -> String {
        let mut text = String::with_capacity(self.cells.len() * 2);
        for line in self.lines() {
            let end = line.iter().rposition(|cell| cell.sign != ' ').map_or(0, |last| last + 1);
            let mut style = (None, false);
            for cell in line.iter().take(end).filter(|cell| cell.sign != COVERED) {
                let wanted = (cell.colour, cell.bold);
                // A blank looks the same in every style.
                if colours != Colours::None && wanted != style && cell.sign != ' ' {
                    switch(&mut text, wanted, colours);
                    style = wanted;
                }
                text.push(cell.sign);
            }
            if style != (None, false) {
                text.push_str("\x1b[0m");
            }
            text.push('\n');
        }
        text
    }

    fn index(&self, column: usize, line: usize) -> Option<usize> {
        (column < usize::from(self.width)).then(|| line * usize::from(self.width) + column).filter(|index| *index < self.cells.len())
    }

    /// Puts a cell there; nothing happens outside.
    pub(crate) fn put(&mut self, column: usize, line: usize, cell: Cell) {
        if let Some(index) = self.index(column, line) {
            self.cells[index] = cell;
        }
    }

    /// Whether so many columns from there on are inside and empty.
    pub(crate) fn is_free(&self, column: usize, line: usize, columns: usize) -> bool {
        (column..column + columns).all(|column| self.index(column, line).is_some_and(|index| self.cells[index].sign == ' '))
    }

    /// Whether one of so many columns from there on has a part of a name, or of what is marked like one.
    pub(crate) fn has_name(&self, column: usize, line: usize, columns: usize) -> bool {
        (column..column + columns).any(|column| self.index(column, line).is_some_and(|index| self.cells[index].bold))
    }

    /// Whether a cell is inside and has nothing, or nothing but the inside of an area.
    pub(crate) fn is_ground(&self, column: usize, line: usize) -> bool {
        self.index(column, line).is_some_and(|index| matches!(self.cells[index].sign, ' ' | GROUND))
    }

    /// Writes a shown label; the columns that it took. What is beyond the edge is left out.
    pub(crate) fn write(&mut self, column: usize, line: usize, text: &str, colour: Option<Rgb>, bold: bool) -> usize {
        let mut at = column;
        for sign in text.chars() {
            let Some(width) = label::columns_of(sign) else { continue };
            if at + width > usize::from(self.width) {
                break;
            }
            self.put(at, line, Cell { sign, colour, bold });
            if width == 2 {
                self.put(at + 1, line, Cell { sign: COVERED, colour, bold });
            }
            at += width;
        }
        at - column
    }
}

fn switch(text: &mut String, (colour, bold): (Option<Rgb>, bool), colours: Colours) {
    text.push_str(if bold { "\x1b[0;1" } else { "\x1b[0" });
    let written = match (colour, colours) {
        (Some(Rgb(red, green, blue)), Colours::True) => write!(text, ";38;2;{red};{green};{blue}"),
        (Some(colour), Colours::Indexed) => write!(text, ";38;5;{}", colour.indexed()),
        _ => Ok(()),
    };
    debug_assert!(written.is_ok(), "a text takes everything");
    text.push('m');
}
