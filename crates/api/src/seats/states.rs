//! The states of all seats in memory: two bits a seat, as the bits travel.

use std::fmt;

use data_encoding::BASE64;

use super::runs::{Reader, Writer};
use super::{NotSeats, SEATS_MAX, SeatState};

/// Seats in a byte.
const SEATS_PER_BYTE: u32 = 4;

/// The state of every seat of a show, in the order of the plan. Its text is one letter a seat.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SeatStates {
    packed: Vec<u8>,
    count: u32,
}

impl SeatStates {
    /// So many free seats.
    fn all_free(count: u32) -> Result<Self, NotSeats> {
        if count > SEATS_MAX {
            return Err(NotSeats::TooMany { count });
        }
        Ok(Self { packed: vec![0; bytes_of(count)], count })
    }

    /// From two bits a seat, four seats a byte, the first in the lowest bits.
    ///
    /// # Errors
    /// When these are not exactly the bits of so many seats.
    pub fn from_packed(count: u32, packed: Vec<u8>) -> Result<Self, NotSeats> {
        if count > SEATS_MAX {
            return Err(NotSeats::TooMany { count });
        }
        if packed.len() != bytes_of(count) {
            return Err(NotSeats::WrongLength { bytes: packed.len(), count });
        }
        let used = count % SEATS_PER_BYTE;
        if used != 0 && packed.last().is_some_and(|last| last >> (2 * used) != 0) {
            return Err(NotSeats::SpareBits { count });
        }
        Ok(Self { packed, count })
    }

    /// From memory that has 32 seats in a word, two bits each, the first in the lowest bits. What is behind the last seat is passed
    /// over, and where words are missing seats are free.
    #[must_use]
    pub fn from_words(count: u32, words: &[u64]) -> Self {
        let bytes = bytes_of(count);
        let mut packed = Vec::with_capacity(size_of_val(words));
        words.iter().for_each(|word| packed.extend_from_slice(&word.to_le_bytes()));
        packed.resize(bytes, 0);
        let used = count % SEATS_PER_BYTE;
        if let Some(last) = packed.last_mut().filter(|_| used != 0) {
            *last &= !(u8::MAX << (2 * used));
        }
        Self { packed, count }
    }

    pub(super) fn from_base64(count: u32, text: &str) -> Result<Self, NotSeats> {
        // Before anything is decoded: so the text cannot be larger than what it stands for.
        if text.len() != base64_len(count) {
            return Err(NotSeats::WrongLength { bytes: text.len() / 4 * 3, count });
        }
        let packed = BASE64.decode(text.as_bytes()).map_err(|error| NotSeats::NotBase64 { why: error.to_string() })?;
        Self::from_packed(count, packed)
    }

    pub(super) fn from_runs(count: u32, text: &str) -> Result<Self, NotSeats> {
        let mut states = Self::all_free(count)?;
        let read = states.write(Reader::new(text, false))?;
        if read == count { Ok(states) } else { Err(NotSeats::WrongCount { runs: read.into(), count }) }
    }

    /// How many seats there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The state of a seat; `None` where there is none.
    #[must_use]
    pub fn get(&self, seat: u32) -> Option<SeatState> {
        (seat < self.count).then(|| self.at(seat))
    }

    fn at(&self, seat: u32) -> SeatState {
        let byte = self.packed.get((seat / SEATS_PER_BYTE) as usize).copied().unwrap_or_default();
        SeatState::of_bits(byte >> (2 * (seat % SEATS_PER_BYTE)))
    }

    /// Every seat's state.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SeatState> + Clone + '_ {
        (0..self.count as usize).map(|seat| {
            let byte = self.packed.get(seat / SEATS_PER_BYTE as usize).copied().unwrap_or_default();
            SeatState::of_bits(byte >> (2 * (seat % SEATS_PER_BYTE as usize)))
        })
    }

    /// How many seats are in a state.
    #[must_use]
    pub fn count_of(&self, state: SeatState) -> usize {
        self.iter().filter(|other| *other == state).count()
    }

    /// Changes what a `delta` changes.
    ///
    /// # Errors
    /// When it is no change of so many seats; then some of it may have been done: follow the stream anew.
    pub fn change(&mut self, changes: &str) -> Result<(), NotSeats> {
        self.write(Reader::new(changes, true)).map(drop)
    }

    /// What makes these states of the newer ones, as the runs of a `delta`; `None` when there are not as many seats.
    #[must_use]
    pub fn changes_to(&self, newer: &Self) -> Option<String> {
        if self.count != newer.count {
            return None;
        }
        let mut writer = Writer::default();
        for (index, (old, new)) in (0..).zip(self.packed.iter().zip(&newer.packed)) {
            let first = index * SEATS_PER_BYTE;
            let seats = SEATS_PER_BYTE.min(self.count - first);
            if old == new {
                writer.push(None, seats);
                continue;
            }
            for seat in first..first + seats {
                let new = newer.at(seat);
                writer.push((self.at(seat) != new).then_some(new), 1);
            }
        }
        Some(writer.finish())
    }

    /// All states as runs, if that is not longer than so many bytes.
    pub(super) fn runs_within(&self, bytes_max: usize) -> Option<String> {
        let mut writer = Writer::default();
        for (index, byte) in (0..).zip(&self.packed) {
            let first = index * SEATS_PER_BYTE;
            let seats = SEATS_PER_BYTE.min(self.count - first);
            let state = SeatState::of_bits(*byte);
            if writer.written() > bytes_max {
                return None;
            }
            // Most bytes of a large house are four seats alike.
            if seats == SEATS_PER_BYTE && *byte == whole_byte(state) {
                writer.push(Some(state), seats);
                continue;
            }
            (first..first + seats).for_each(|seat| writer.push(Some(self.at(seat)), 1));
        }
        Some(writer.finish()).filter(|runs| runs.len() <= bytes_max)
    }

    pub(super) fn base64(&self) -> String {
        BASE64.encode(&self.packed)
    }

    pub(super) fn base64_len(&self) -> usize {
        base64_len(self.count)
    }

    /// Does what runs say, from the first seat on; gives how many seats they were.
    fn write(&mut self, runs: Reader<'_>) -> Result<u32, NotSeats> {
        let mut next = 0_u32;
        for run in runs {
            let run = run?;
            let beyond = NotSeats::WrongCount { runs: u64::from(next) + u64::from(run.seats), count: self.count };
            let end = next.checked_add(run.seats).filter(|end| *end <= self.count).ok_or(beyond)?;
            if let Some(state) = run.state {
                self.fill(next, end, state);
            }
            next = end;
        }
        Ok(next)
    }

    fn fill(&mut self, mut seat: u32, end: u32, state: SeatState) {
        while seat < end {
            let Some(byte) = self.packed.get_mut((seat / SEATS_PER_BYTE) as usize) else { return };
            if seat.is_multiple_of(SEATS_PER_BYTE) && end - seat >= SEATS_PER_BYTE {
                *byte = whole_byte(state);
                seat += SEATS_PER_BYTE;
            } else {
                let shift = 2 * (seat % SEATS_PER_BYTE);
                *byte = (*byte & !(0b11 << shift)) | (state.bits() << shift);
                seat += 1;
            }
        }
    }
}

fn bytes_of(count: u32) -> usize {
    count.div_ceil(SEATS_PER_BYTE) as usize
}

fn base64_len(count: u32) -> usize {
    bytes_of(count).div_ceil(3) * 4
}

/// Four seats alike.
fn whole_byte(state: SeatState) -> u8 {
    state.bits() * 0b0101_0101
}

impl FromIterator<SeatState> for SeatStates {
    fn from_iter<T: IntoIterator<Item = SeatState>>(states: T) -> Self {
        let mut collected = Self::default();
        for state in states {
            let shift = 2 * (collected.count % SEATS_PER_BYTE);
            match collected.packed.last_mut() {
                Some(last) if shift > 0 => *last |= state.bits() << shift,
                _ => collected.packed.push(state.bits()),
            }
            collected.count += 1;
        }
        collected
    }
}

impl fmt::Display for SeatStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|state| fmt::Write::write_char(f, state.letter()))
    }
}

impl fmt::Debug for SeatStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seats: {}", self.count, self.runs_within(usize::MAX).unwrap_or_default())
    }
}
