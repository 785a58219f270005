//! The state of every seat of a show, small enough for everybody who looks, and what has changed since.
//!
//! One grammar says both. A *run* is a letter and how many seats it is for, the number left out when it is one: `f` free, `h` held,
//! `b` booked, `x` blocked, and in changes `.` for seats that stay as they were. So `f3hb12` is three free seats, one held and twelve
//! booked; `.3h2` makes the fourth and the fifth held.
//!
//! Where many short runs would be longer than two bits a seat, an answer has the bits instead ([`SeatEncoding`]). What must never be
//! true: a text that is not exactly the states of so many seats is read as if it were, or makes its reader reserve more memory than
//! [`SEATS_MAX`] seats need.
//!
//! A shop reads both in JavaScript, and follows `GET /v1/shows/{show}/seats/stream`:
//!
//! ```js
//! function change(seats, runs) { // seats: an array of letters
//!   let at = 0;
//!   for (const [, state, many] of runs.matchAll(/([a-z.])(\d*)/g)) {
//!     const end = at + Number(many || 1);
//!     if (state !== ".") seats.fill(state, at, end);
//!     at = end;
//!   }
//!   return seats;
//! }
//! function read({ count, encoding, states }) {
//!   const seats = new Array(count).fill("f");
//!   if (encoding === "runs") return change(seats, states);
//!   const bytes = atob(states);
//!   return seats.map((_, seat) => "fhbx"[(bytes.charCodeAt(seat >> 2) >> (2 * (seat & 3))) & 3]);
//! }
//! // An event "snapshot": seats = read(JSON.parse(event.data)); an event "delta": change(seats, JSON.parse(event.data).changes).
//! ```

mod followed;
mod runs;
mod states;

pub use followed::FollowedSeats;
pub use states::SeatStates;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most seats of a show that are read here: far beyond any house, and 1 MiB of states.
pub const SEATS_MAX: u32 = 1 << 22;

/// The state of one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// Can be held.
    Free,
    /// In a hold.
    Held,
    /// Sold.
    Booked,
    /// Not for sale.
    Blocked,
}

impl SeatState {
    /// All, in the order of their bits.
    pub const ALL: [Self; 4] = [Self::Free, Self::Held, Self::Booked, Self::Blocked];

    /// Its letter on the wire.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Free => 'f',
            Self::Held => 'h',
            Self::Booked => 'b',
            Self::Blocked => 'x',
        }
    }

    /// Its two bits.
    pub(crate) fn bits(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Held => 1,
            Self::Booked => 2,
            Self::Blocked => 3,
        }
    }

    /// From the lowest two bits.
    pub(crate) fn of_bits(bits: u8) -> Self {
        Self::ALL[usize::from(bits & 0b11)]
    }
}

/// How [`Seats::states`] are written: whichever is shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatEncoding {
    /// Runs, such as `f3hb12`. Always used when it is not longer than the bits.
    Runs,
    /// Two bits a seat (0 free, 1 held, 2 booked, 3 blocked), four seats a byte, the first in the lowest bits, as base64.
    Bits,
}

/// `GET /v1/shows/{show}/seats`: the state of every seat, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Seats {
    /// How far this has seen.
    pub position: String,
    /// How many seats there are.
    pub count: u32,
    /// How `states` are written.
    pub encoding: SeatEncoding,
    /// The states; [`Seats::decode`] reads them.
    pub states: String,
    /// The label path of every seat, in the same order; only when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
}

/// An event `delta` of `GET /v1/shows/{show}/seats/stream`; its id is the position that it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatChanges {
    /// Runs over the seats, `.` for those that stay as they were; what is behind the last run stays too.
    pub changes: String,
}

/// Something is not the states of seats, or not a change of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSeats {
    /// More seats than are read.
    #[error("{count} seats are more than the {SEATS_MAX} that are read")]
    TooMany {
        /// How many there are said to be.
        count: u32,
    },
    /// The runs are of fewer or more seats than there are.
    #[error("the runs are of {runs} seats or more, but there are {count}")]
    WrongCount {
        /// Seats of the runs, as far as they were read.
        runs: u64,
        /// Seats that there are.
        count: u32,
    },
    /// No run begins so.
    #[error("at byte {at}, \"{found}\" is no state; a run is one of f, h, b, x (and \".\" in changes) and then its length")]
    NotARun {
        /// Where.
        at: usize,
        /// What is there.
        found: char,
    },
    /// A run of nothing, or of more than a number can say.
    #[error("the run at byte {at} has a length that cannot be; it is a number from 1 on, or nothing for one")]
    BadLength {
        /// Where the run begins.
        at: usize,
    },
    /// Not base64.
    #[error("the bits are not base64: {why}")]
    NotBase64 {
        /// Why.
        why: String,
    },
    /// The bits are of another number of seats.
    #[error("{bytes} bytes are not two bits for each of {count} seats")]
    WrongLength {
        /// Bytes that there are.
        bytes: usize,
        /// Seats that there are.
        count: u32,
    },
    /// Bits are set where there is no seat.
    #[error("bits are set behind the last of {count} seats")]
    SpareBits {
        /// Seats that there are.
        count: u32,
    },
    /// An event of a stream of seats is not as it should be.
    #[error("the event \"{event}\" cannot be read: {why}")]
    NotAnEvent {
        /// Its type.
        event: String,
        /// Why.
        why: String,
    },
    /// A change before the first snapshot.
    #[error("a delta came before the first snapshot; follow the stream from the beginning, without Last-Event-ID")]
    NothingToChange,
}

impl Seats {
    /// Writes states down in the shorter way.
    #[must_use]
    pub fn encode(position: String, states: &SeatStates) -> Self {
        let count = states.len();
        let (encoding, states) = match states.runs_within(states.base64_len()) {
            Some(runs) => (SeatEncoding::Runs, runs),
            None => (SeatEncoding::Bits, states.base64()),
        };
        Self { position, count, encoding, states, labels: None }
    }

    /// Reads the states.
    ///
    /// # Errors
    /// When they are not exactly those of `count` seats.
    pub fn decode(&self) -> Result<SeatStates, NotSeats> {
        match self.encoding {
            SeatEncoding::Runs => SeatStates::from_runs(self.count, &self.states),
            SeatEncoding::Bits => SeatStates::from_base64(self.count, &self.states),
        }
    }
}
