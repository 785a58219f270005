//! Runs as text: written with neighbours joined, read one by one.

use std::fmt::Write;

use super::{NotSeats, SeatState};

/// Stands for seats that stay as they were.
const SAME: char = '.';

/// So many seats in a state, or as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) state: Option<SeatState>,
    pub(super) seats: u32,
}

/// Writes runs; equal neighbours become one.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    open: Option<Run>,
}

impl Writer {
    pub(super) fn push(&mut self, state: Option<SeatState>, seats: u32) {
        match &mut self.open {
            Some(open) if open.state == state => open.seats += seats,
            _ => {
                self.close();
                self.open = Some(Run { state, seats });
            }
        }
    }

    /// Bytes so far, without the last run.
    pub(super) fn written(&self) -> usize {
        self.text.len()
    }

    fn close(&mut self) {
        let Some(Run { state, seats }) = self.open.take() else { return };
        self.text.push(state.map_or(SAME, SeatState::letter));
        if seats != 1 {
            // Writing to a text does not fail.
            let _ = write!(self.text, "{seats}");
        }
    }

    /// The text; what stays as it was at the end need not be said.
    pub(super) fn finish(mut self) -> String {
        self.open = self.open.filter(|open| open.state.is_some());
        self.close();
        self.text
    }
}

/// Reads runs, in changes also those that stay as they were.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    in_changes: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, in_changes: bool) -> Self {
        Self { text, at: 0, in_changes }
    }

    fn read(&mut self, first: char) -> Result<Run, NotSeats> {
        let at = self.at;
        let state = match SeatState::ALL.into_iter().find(|state| state.letter() == first) {
            None if first != SAME || !self.in_changes => return Err(NotSeats::NotARun { at, found: first }),
            state => state,
        };
        let rest = &self.text[at + first.len_utf8()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += first.len_utf8() + digits;
        let seats = if digits == 0 { Some(1) } else { rest[..digits].parse().ok().filter(|seats| *seats > 0) };
        seats.map(|seats| Run { state, seats }).ok_or(NotSeats::BadLength { at })
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Run, NotSeats>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.text[self.at..].chars().next()?;
        let run = self.read(first);
        if run.is_err() {
            self.at = self.text.len();
        }
        Some(run)
    }
}
