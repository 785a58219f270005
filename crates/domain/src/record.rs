//! What the journal keeps: one record for each decided command, with everything that follows from it.

use crate::{Event, Rejection};

/// Hash of an idempotency key together with its scope: API key, kind of command, show or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash(pub [u8; 16]);

/// An idempotency key as the journal knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStamp {
    /// Key and scope.
    pub key: KeyHash,
    /// Fingerprint of the parsed command: the same key with another command is a mistake of the caller.
    pub fingerprint: u64,
}

/// The outcome of one command, or of time passing.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A command was accepted.
    Accepted {
        /// Its idempotency key; commands of roles have none.
        key: Option<KeyStamp>,
        /// All that happened, all or nothing.
        events: Vec<Event>,
    },
    /// A command was refused.
    Refused {
        /// Its idempotency key.
        key: Option<KeyStamp>,
        /// Why.
        rejection: Rejection,
    },
    /// Time passed: expiries, retries that are due, grace after a restart.
    Timely {
        /// All that happened.
        events: Vec<Event>,
    },
}

impl Record {
    /// What happened; nothing when it was refused.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        match self {
            Self::Accepted { events, .. } | Self::Timely { events } => events,
            Self::Refused { .. } => &[],
        }
    }

    /// The idempotency key of the command.
    #[must_use]
    pub fn key(&self) -> Option<KeyStamp> {
        match self {
            Self::Accepted { key, .. } | Self::Refused { key, .. } => *key,
            Self::Timely { .. } => None,
        }
    }
}
