//! The seats of a show, followed event by event.

use super::{NotSeats, SeatChanges, SeatStates, Seats};
use crate::StreamEvent;

/// What a stream of seats has said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowedSeats {
    known: Option<(String, SeatStates)>,
}

impl FollowedSeats {
    /// Goes on from states that are known; pass their position as the last event's id.
    #[must_use]
    pub fn from_known(position: String, states: SeatStates) -> Self {
        Self { known: Some((position, states)) }
    }

    /// Takes an event in. Types of events that are not known here are passed over.
    ///
    /// # Errors
    /// When the event is not as it should be; then follow the stream anew, without the last id.
    pub fn take(&mut self, event: &StreamEvent) -> Result<(), NotSeats> {
        let unreadable = |error: serde_json::Error| NotSeats::NotAnEvent { event: event.event.clone(), why: error.to_string() };
        match event.event.as_str() {
            "snapshot" => {
                let seats: Seats = serde_json::from_str(&event.data).map_err(unreadable)?;
                self.known = Some((event.id.clone(), seats.decode()?));
            }
            "delta" => {
                let delta: SeatChanges = serde_json::from_str(&event.data).map_err(unreadable)?;
                let (position, states) = self.known.as_mut().ok_or(NotSeats::NothingToChange)?;
                states.change(&delta.changes)?;
                event.id.clone_into(position);
            }
            _ => {}
        }
        Ok(())
    }

    /// How far the seats are known; the id to go on after.
    #[must_use]
    pub fn position(&self) -> Option<&str> {
        self.known.as_ref().map(|(position, _)| position.as_str())
    }

    /// The seats; `None` before the first event.
    #[must_use]
    pub fn states(&self) -> Option<&SeatStates> {
        self.known.as_ref().map(|(_, states)| states)
    }
}
