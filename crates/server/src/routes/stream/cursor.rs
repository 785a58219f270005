//! Where a stream of events goes on: for each partition, what has been told of it.
//!
//! A record may have several events, and a stream may break between two of them. So a cursor is a position that may go on to the number
//! of an event inside its record: `p0.3,p1.17.2` has told all of record 3 of partition 0, and record 17 of partition 1 up to its event 2.

use std::collections::BTreeMap;
use std::fmt;

use guichet_core::{Position, Status, TopicEvent};

use crate::failure::Failure;

/// What has been told of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    offset: u64,
    /// The last event of that record; `None` for all of it.
    index: Option<u32>,
}

/// What has been told of each partition. A partition that is not named has been told nothing of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor(BTreeMap<u16, Told>);

impl Cursor {
    /// Everything that is durable now.
    pub(super) fn at_end_of(status: &Status) -> Self {
        let told = status.partitions.iter().filter_map(|partition| {
            let offset = partition.durable_end.checked_sub(1)?;
            Some((partition.partition, Told { offset, index: None }))
        });
        Self(told.collect())
    }

    /// From an id that was sent, or a position.
    pub(super) fn parse(text: &str, partitions: u16) -> Result<Self, Failure> {
        let malformed = || {
            let detail = format!("\"{text}\" is not the id of an event of this stream.");
            Failure::new("malformed_position", detail)
        };
        let mut cursor = Self::default();
        for part in text.split(',') {
            let mut numbers = part.trim().strip_prefix('p').ok_or_else(malformed)?.split('.');
            let partition: u16 = numbers.next().and_then(|number| number.parse().ok()).ok_or_else(malformed)?;
            let offset = numbers.next().and_then(|number| number.parse().ok()).ok_or_else(malformed)?;
            let index = numbers.next().map(|number| number.parse().map_err(|_| malformed())).transpose()?;
            if partition >= partitions || numbers.next().is_some() || cursor.0.insert(partition, Told { offset, index }).is_some() {
                return Err(malformed());
            }
        }
        Ok(cursor)
    }

    /// The records that have been told whole: what the engine goes on after.
    pub(super) fn complete(&self) -> Position {
        let mut position = Position::default();
        for (partition, told) in &self.0 {
            let whole = if told.index.is_none() { Some(told.offset) } else { told.offset.checked_sub(1) };
            if let Some(offset) = whole {
                position.include(*partition, offset);
            }
        }
        position
    }

    /// Moves on to an event; false when it has been told.
    pub(super) fn advance(&mut self, event: &TopicEvent) -> bool {
        let seen = match self.0.get(&event.partition) {
            Some(Told { offset, index: None }) => event.offset <= *offset,
            Some(Told { offset, index: Some(index) }) => (event.offset, event.index) <= (*offset, *index),
            None => false,
        };
        if !seen {
            self.0.insert(event.partition, Told { offset: event.offset, index: Some(event.index) });
        }
        !seen
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (partition, told)) in self.0.iter().enumerate() {
            write!(f, "{}p{partition}.{}", if number > 0 { "," } else { "" }, told.offset)?;
            if let Some(index) = told.index {
                write!(f, ".{index}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::{Event, HoldId};

    use super::*;

    fn event(partition: u16, offset: u64, index: u32) -> TopicEvent {
        let event = Event::HoldReleased { hold: HoldId::from_bits(0) };
        TopicEvent { partition, offset, index, stamp_unix_ms: 0, event }
    }

    #[test]
    fn a_stream_that_breaks_inside_a_record_goes_on_inside_it() {
        let mut cursor = Cursor::parse("p0.3,p1.16", 3).unwrap();
        assert!(cursor.advance(&event(1, 17, 0)) && cursor.advance(&event(1, 17, 1)));
        assert_eq!(cursor.to_string(), "p0.3,p1.17.1");
        let mut again = Cursor::parse("p0.3,p1.17.1", 3).unwrap();
        assert_eq!(again.complete().to_string(), "p0.3,p1.16");
        assert!(!again.advance(&event(1, 17, 0)) && !again.advance(&event(1, 17, 1)));
        assert!(again.advance(&event(1, 17, 2)) && again.advance(&event(2, 0, 0)));
        assert_eq!(again.to_string(), "p0.3,p1.17.2,p2.0.0");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "p1", "1.2", "p1.2.3.4", "p1.2,p1.3", "p9.1", "p1.x"] {
            assert!(Cursor::parse(text, 3).is_err(), "{text}");
        }
    }
}
