//! Everything that can happen to the dashboard. One type, so that one channel carries it and a list of them is a replay.

use guichet_api::{Availability, Show, Status};
use jiff::Timestamp;
use serde::Deserialize;

/// Something happened, here or at the server.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The clock, once a second.
    Tick {
        /// The time here.
        now: Timestamp,
    },
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// The server answered.
    Polled {
        /// When, by the clock here.
        at: Timestamp,
        /// What it said.
        polled: Box<Polled>,
    },
    /// The server did not answer, or said no.
    PollFailed {
        /// When, by the clock here.
        at: Timestamp,
        /// In words.
        why: String,
    },
    /// The stream of events is open.
    StreamOpened,
    /// The stream of events could not be opened, or has ended.
    StreamLost {
        /// When, by the clock here.
        at: Timestamp,
        /// In words.
        why: String,
    },
    /// The stream told a domain event.
    Happened {
        /// When it came, by the clock here.
        received_at: Timestamp,
        /// What it is.
        happened: Box<Happened>,
    },
}

/// A key that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Ends the dashboard.
    Quit,
    /// Shows or hides the help.
    Help,
    /// Closes what is open.
    Escape,
    /// Towards the first show.
    Up,
    /// Towards the last show.
    Down,
}

/// One round of questions, answered.
#[derive(Clone, Debug)]
pub(crate) struct Polled {
    /// How the server is.
    pub(crate) status: Status,
    /// The shows that are followed.
    pub(crate) shows: Vec<(Show, Availability)>,
    /// Shows beyond those.
    pub(crate) shows_not_followed: usize,
    /// Requests for a hold that were refused since the server started; `None` when it does not say.
    pub(crate) holds_refused: Option<u64>,
}

/// A domain event, as far as it is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Happened {
    /// Its type, such as `hold_placed`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The partition that wrote it.
    pub(crate) partition: u16,
    /// When, by the server's clock.
    pub(crate) at: Timestamp,
    /// Id of its show.
    pub(crate) show: Option<String>,
    /// Id of its hold.
    pub(crate) hold: Option<String>,
    /// Id of its order.
    pub(crate) order: Option<String>,
    /// Id of its saga.
    pub(crate) saga: Option<String>,
    /// The order's code.
    pub(crate) code: Option<String>,
    /// Tickets that a booking will give.
    pub(crate) tickets: Option<u64>,
    /// What the sale of a show is now.
    pub(crate) sale: Option<String>,
    /// Why an order was cancelled.
    pub(crate) reason: Option<String>,
    /// What a step died of.
    pub(crate) error: Option<String>,
}
