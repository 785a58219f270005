//! Sagas: long business transactions as tables of steps, each with its compensation.
//!
//! A definition is data ([`Definition`]); [`runner`] interprets it and knows none by name. To add a saga, write its file beside
//! [`order`] and add it to [`DEFINITIONS`]. A released definition is never edited: it gets a new version beside the old one, because
//! sagas in flight go on under the version that they started with.

pub mod cancel_across;
pub mod late_payment;
pub mod order;
pub mod order_across;
pub mod part_refund;
pub mod refund;
pub mod runner;

use std::fmt;

use crate::across::PartRequest;
use crate::money::Currency;
use crate::order::{CancelReason, PaymentRequest};
use crate::{Event, OrderId, SagaId, State, TicketId};

/// Every definition that a journal may name.
pub static DEFINITIONS: &[&Definition] =
    &[&order::V1, &refund::V1, &late_payment::V1, &order_across::V1, &cancel_across::V1, &part_refund::V1];

/// Names a definition in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SagaRef {
    /// Which saga.
    pub kind: u8,
    /// Which version of it.
    pub version: u8,
}

/// A saga as a table.
pub struct Definition {
    /// Its name in the journal.
    pub reference: SagaRef,
    /// Its name for people.
    pub name: &'static str,
    /// Its steps, done from the first to the last and undone backwards.
    pub steps: &'static [Step],
    /// What it means that all steps are done.
    pub completed: fn(&Context<'_>) -> Vec<Event>,
    /// What it means that everything has been undone.
    pub compensated: fn(&Context<'_>, Option<&StepError>) -> Vec<Event>,
    /// What it means that nothing moves any more without an operator.
    pub stuck: fn(&Context<'_>) -> Vec<Event>,
    /// Up to which step (exclusive) the passing of the order's deadline unwinds the saga.
    pub deadline_until_step: u8,
    /// Why it turns round before its next step, if somebody wants it to.
    pub interrupted: fn(&Context<'_>) -> Option<StepError>,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.name, self.reference.version)
    }
}

/// One step.
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// How it is done.
    pub action: Action,
    /// How it is undone.
    pub compensation: Action,
    /// How often and how fast an effect is tried again.
    pub retry: RetryPolicy,
    /// What follows when the other side refuses for good to do it.
    pub refusal: Refusal,
}

/// What a definite refusal of a step leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The steps before it are undone.
    Unwinds,
    /// Some of it may have been done before the refusal came: the step itself is undone, too.
    HalfDone,
    /// There is no way back: an operator has to look.
    Sticks,
}

/// Doing or undoing.
pub enum Action {
    /// Nothing to do.
    Nothing,
    /// Inside this partition, at once.
    Local(fn(&Context<'_>) -> Result<Vec<Event>, StepError>),
    /// Outside, by a role: the intent is journalled first, the outcome comes back as a command.
    Effect {
        /// What the role is asked to do; `None` when there is nothing to do any more.
        intend: fn(&Context<'_>) -> Option<Effect>,
        /// What its success means; the other side's reference comes with it.
        done: fn(&Context<'_>, &str) -> Vec<Event>,
        /// What a definite refusal means.
        refused: fn(&Context<'_>) -> Vec<Event>,
        /// What it means that nobody knows.
        unknown: fn(&Context<'_>) -> Vec<Event>,
    },
}

/// How an effect is tried again after an outcome that is not definite.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// First delay, in milliseconds.
    pub first_ms: u64,
    /// Longest delay, in milliseconds. Each delay is twice the one before it, times a jitter between one half and one.
    pub cap_ms: u64,
    /// Tries before the saga is stuck.
    pub attempts_max: u32,
}

/// What a step sees: the state as the step before it left it, and its saga.
pub struct Context<'a> {
    /// The partition's state.
    pub state: &'a State,
    /// The saga.
    pub saga: &'a Saga,
    /// Logged time.
    pub now_unix_ms: u64,
}

/// Something to be done outside the partition. Complete: the role that executes it needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after the types, which are documented")]
pub enum Effect {
    /// Reserve the money.
    Authorise { order: OrderId, amount_minor: i64, currency: Currency, payment: PaymentRequest },
    /// Take the money that was reserved.
    Capture { order: OrderId, provider: String, authorisation: String },
    /// Give the reservation back, known or not.
    Void { order: OrderId, provider: String, authorisation: Option<String> },
    /// Give the money back.
    Refund { order: OrderId, provider: String, authorisation: String, amount_minor: i64 },
    /// Make the tickets known; their codes are signed from the ids.
    IssueTickets { order: OrderId, first_ticket: TicketId, tickets: u32 },
    /// Let every other partition pin its holds.
    ReserveParts { order: OrderId, parts: Vec<PartRequest>, deadline_unix_ms: u64 },
    /// Let every part sell what it has pinned.
    BookParts { order: OrderId, parts: Vec<OrderId> },
    /// Let every part give its tickets out; their codes are signed with this key.
    ConfirmParts { order: OrderId, parts: Vec<OrderId>, key_id: [u8; 4] },
    /// Let every other partition give back what it may have pinned or booked.
    ReleaseParts { order: OrderId, partitions: Vec<u16>, deadline_unix_ms: u64, reason: CancelReason },
    /// Take back what the parts have sold.
    CancelParts { order: OrderId, parts: Vec<OrderId>, reason: CancelReason, waive_fee: bool },
    /// Let the home of a part give this much back.
    RefundPart { order: OrderId, home: OrderId, amount_minor: i64 },
}

/// What a role says about an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectOutcome {
    /// Done, with the other side's reference.
    Done {
        /// The reference, if there is one.
        receipt: Option<String>,
    },
    /// Definitely not done, and asking again would not help.
    Refused {
        /// Why.
        error: StepError,
    },
    /// Definitely not done; asking again may help.
    Unavailable {
        /// Why.
        error: StepError,
    },
    /// Nobody knows whether it was done.
    Unknown {
        /// Why.
        error: StepError,
    },
}

/// Why a step was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepError {
    /// The provider said no, with its code.
    Declined(String),
    /// The provider could not be asked.
    Unavailable(String),
    /// No answer in time.
    TimedOut,
    /// The order's deadline passed.
    DeadlinePassed,
    /// The seats are gone.
    HoldGone,
    /// Somebody cancelled it.
    Cancelled(CancelReason),
    /// The show's policy for late payments does not want the sale.
    GivenBack,
    /// Anything else the other side reports.
    Failed(String),
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined(code) => write!(f, "declined: {code}"),
            Self::Unavailable(why) => write!(f, "unavailable: {why}"),
            Self::TimedOut => write!(f, "no answer in time"),
            Self::DeadlinePassed => write!(f, "the order's deadline passed"),
            Self::HoldGone => write!(f, "the hold has ended"),
            Self::Cancelled(CancelReason::ByBuyer) => write!(f, "cancelled by its buyer"),
            Self::Cancelled(_) => write!(f, "cancelled by an operator"),
            Self::GivenBack => write!(f, "late money goes back by the show's policy"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

/// Doing or undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Doing.
    Forward,
    /// Undoing.
    Backward,
}

/// Where a saga is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// On its way: this step is next, or pending.
    Forward {
        /// The step.
        step: u8,
    },
    /// On its way back: the steps below this one are still to be undone.
    Backward {
        /// One more than the step that is next, or pending.
        below: u8,
    },
    /// All steps are done.
    Completed,
    /// All steps are undone.
    Compensated,
    /// Waits for an operator.
    Stuck {
        /// At this step.
        step: u8,
        /// Doing or undoing it.
        direction: Direction,
    },
}

/// An intent without an outcome so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEffect {
    /// Its step.
    pub step: u8,
    /// Doing or undoing.
    pub direction: Direction,
    /// How often it has been asked before: the first intent is number 0. The effect's id does not change with it.
    pub attempt: u32,
    /// What to do.
    pub effect: Effect,
    /// When to ask again; `None` while a role is on it.
    pub retry_at_unix_ms: Option<u64>,
}

/// A saga as its shard knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saga {
    /// Its id.
    pub id: SagaId,
    /// What it runs.
    pub definition: SagaRef,
    /// What it is about.
    pub order: OrderId,
    /// Where it is.
    pub progress: Progress,
    /// What it waits for.
    pub pending: Option<PendingEffect>,
    /// References that finished steps brought back, by step.
    pub receipts: Vec<(u8, String)>,
    /// Why it unwinds.
    pub failure: Option<StepError>,
}

impl Saga {
    /// The reference that a step brought back.
    #[must_use]
    pub fn receipt(&self, step: u8) -> Option<&str> {
        self.receipts.iter().find(|(of, _)| *of == step).map(|(_, receipt)| receipt.as_str())
    }
}

/// The definition behind a reference.
#[must_use]
pub fn definition(reference: SagaRef) -> Option<&'static Definition> {
    DEFINITIONS.iter().copied().find(|definition| definition.reference == reference)
}
