//! What can go wrong at the engine's face.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use guichet_broker::{JournalError, LockError};
use guichet_domain::seating::PlanFault;

use crate::idempotency::IdempotencyKey;
use crate::shard::RecoverError;
use crate::store::StoreError;
use crate::vault::VaultError;

use super::submit::Rejection;

/// The engine cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the directory, or it cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The directory cannot be used.
    #[error("the data directory {path} cannot be used: {source}; check that it exists and that this user may write there")]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The directory was made by another version.
    #[error("the data directory {path} has format {found}, this program reads format {expected}; use the program that wrote it")]
    OtherVersion {
        /// Which.
        path: PathBuf,
        /// What stands there.
        found: String,
        /// What this program reads.
        expected: u32,
    },
    /// The secrets were written by another version.
    #[error("{path} has version {found}, this program reads version {expected}; use the program that wrote it")]
    OtherSecrets {
        /// Which.
        path: PathBuf,
        /// What stands there.
        found: String,
        /// What this program reads.
        expected: u32,
    },
    /// A file of the directory is damaged.
    #[error("{path} is damaged: {what}; restore it from a backup")]
    DamagedFile {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal cannot be replayed.
    #[error(transparent)]
    Replay(#[from] RecoverError),
    /// The vault cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Not even a new projection store can be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gave no randomness or no thread.
    #[error("the operating system refused {what}: {source}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The catalogue could not be completed.
    #[error("the catalogue could not be completed: {0}")]
    Catalogue(CommandError),
}

impl OpenError {
    /// Whether data is damaged, which only a backup repairs.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::DamagedFile { .. } | Self::Replay(RecoverError::Record { .. }) => true,
            Self::Journal(error) | Self::Replay(RecoverError::Journal(error)) => error.is_damage(),
            _ => false,
        }
    }
}

/// A command was not done, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// An answer: no.
    #[error("{0}")]
    Rejected(Rejection),
    /// Wrong before it reached a shard: no record, and the key is still unused.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Not accepted, certainly not done.
    #[error("busy; try again in {} ms", retry_after.as_millis())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// Decided, but perhaps not durable: the same key finds out.
    #[error("the outcome is unknown; send the same command again with the key {key}")]
    OutcomeUnknown {
        /// The key.
        key: IdempotencyKey,
    },
    /// The engine cannot serve this.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A command that makes no sense, found before it reached a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's message says what it means; its fields are what it names")]
pub enum Invalid {
    #[error("there is no show {0}")]
    ShowNotFound(String),
    #[error("there is no order {0}")]
    OrderNotFound(String),
    #[error("there is no hold {0}")]
    HoldNotFound(String),
    #[error("the show has no product \"{product}\"; it has {known}")]
    UnknownProduct { product: String, known: String },
    #[error("no product asked for, \"{product}\" among them, costs as much as was said")]
    NothingInPriceRange { product: String },
    #[error("the plan has no category \"{category}\"; it has {known}")]
    UnknownCategory { category: String, known: String },
    #[error("the plan has no zone \"{zone}\"; it has {known}")]
    UnknownZone { zone: String, known: String },
    #[error("the plan has no seat \"{seat}\"; seats are named like \"{example}\"")]
    UnknownSeat { seat: String, example: String },
    #[error("there is no payment provider \"{provider}\"; there is {known}")]
    UnknownProvider { provider: String, known: String },
    #[error("the plan has {} fault(s), the first: {}", faults.len(), faults.first().map(ToString::to_string).unwrap_or_default())]
    InvalidPlan { faults: Vec<PlanFault> },
    #[error("the show cannot be made: {0}")]
    InvalidShow(String),
    #[error("{0}")]
    BuyerTooLong(String),
    #[error("{0}")]
    NotATicket(String),
    #[error("the ticket is for another show")]
    TicketOfOtherShow,
    #[error("the show has no check-in list \"{list}\"; it has {known}")]
    UnknownCheckInList { list: String, known: String },
    #[error("the e-mail address is empty")]
    EmailEmpty,
}

impl Invalid {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ShowNotFound(_) => "show_not_found",
            Self::OrderNotFound(_) => "order_not_found",
            Self::HoldNotFound(_) => "hold_not_found",
            Self::UnknownProduct { .. } => "unknown_product",
            Self::NothingInPriceRange { .. } => "nothing_in_price_range",
            Self::UnknownCategory { .. } => "unknown_category",
            Self::UnknownZone { .. } => "unknown_zone",
            Self::UnknownSeat { .. } => "unknown_seat",
            Self::UnknownProvider { .. } => "unknown_provider",
            Self::InvalidPlan { .. } => "invalid_plan",
            Self::InvalidShow(_) => "invalid_show",
            Self::BuyerTooLong(_) => "buyer_too_long",
            Self::NotATicket(_) => "not_a_ticket",
            Self::TicketOfOtherShow => "ticket_of_other_show",
            Self::UnknownCheckInList { .. } => "unknown_check_in_list",
            Self::EmailEmpty => "email_empty",
        }
    }
}

/// The engine cannot serve something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A partition has stopped.
    #[error("partition {partition} has stopped: {why}; the others go on; restart when the cause is mended")]
    PartitionStopped {
        /// Which.
        partition: u16,
        /// Why.
        why: Arc<str>,
    },
    /// The engine is closing.
    #[error("the engine is closing")]
    Closing,
    /// An id names a partition that this directory does not have.
    #[error("partition {partition} does not exist in this directory")]
    NoSuchPartition {
        /// Which.
        partition: u16,
    },
    /// The journal does not hold what it should.
    #[error("the journal cannot be read: {0}")]
    Journal(String),
    /// The vault cannot keep, read or erase a buyer's details.
    #[error("the buyer's details cannot be reached: {0}")]
    Vault(String),
    /// A new ticket key cannot be kept; the one before goes on signing.
    #[error("the new ticket key cannot be kept: {0}")]
    TicketKey(String),
    /// A snapshot was not taken; nothing else is concerned.
    #[error("no snapshot was taken of partition {partition}: {why}")]
    Snapshot {
        /// Of which partition.
        partition: u16,
        /// Why.
        why: String,
    },
    /// The lists cannot be read.
    #[error("the lists cannot be read: {0}")]
    Lists(String),
    /// The lists are being checked after the start.
    #[error("the lists are being checked; try again soon")]
    ListsVerifying,
    /// The read model has not come as far as was asked.
    #[error("the read model is {lag} records behind the position asked for")]
    PositionNotReached {
        /// How far.
        lag: u64,
    },
}
