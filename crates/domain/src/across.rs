//! An order over shows of several partitions: what its home knows of the others, and what each of the others knows of it.
//!
//! The order lives with its first show, its *home*. In every other partition it has a *part*: an order like any other, with lines,
//! tickets, check-ins and cancellations of its own, but without a payment. The home's saga drives the parts by commands; a part never
//! decides by itself that it ends.
//!
//! Must never be true: places of a part that are given back while its home may still sell them; a part that nobody will ever end.

use crate::money::Currency;
use crate::order::Order;
use crate::saga::{Effect, StepError};
use crate::{Command, HoldId, OrderId, Rejection, SagaId, State, commands};

/// How long after the deadline a part is overdue, in milliseconds: its home has had the time to decide.
pub const OVERDUE_AFTER_MS: u64 = 1_000;
/// First pause before a part that is overdue asks its home again, in milliseconds.
pub const OVERDUE_MS_MIN: u64 = 10_000;
/// Longest such pause, in milliseconds: an order that is stuck for days must not fill the journals of its parts.
pub const OVERDUE_MS_MAX: u64 = 10 * 60 * 1_000;

/// What an order wants of another partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRequest {
    /// Which partition.
    pub partition: u16,
    /// The holds there.
    pub holds: Vec<HoldId>,
    /// What they cost together, as its home believes: the partition checks it, because the buyer pays this and nothing else.
    pub total_minor: i64,
    /// In which currency.
    pub currency: Currency,
}

/// The far end of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Across {
    /// The order is at home here and has parts elsewhere.
    Home(HomeOf),
    /// The order is a part of one that is at home elsewhere.
    Part(PartOf),
}

/// What a home knows of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeOf {
    /// What was ordered of the other partitions.
    pub wanted: Vec<PartRequest>,
    /// When the order ends unpaid.
    pub deadline_unix_ms: u64,
    /// The parts, once they have pinned their holds.
    pub parts: Vec<OrderId>,
    /// Whether the order was cancelled whole without a fee.
    pub waive_fee: bool,
    /// Sagas of parts whose money has been taken over: each is paid back once, however often it asks.
    pub refunds_taken: Vec<SagaId>,
}

/// What a part knows of its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// The order that it is a part of.
    pub home: OrderId,
    /// The saga there that drives both.
    pub saga: SagaId,
    /// Until when that order should have been decided.
    pub deadline_unix_ms: u64,
    /// When the part asks what became of it.
    pub due_unix_ms: u64,
}

impl Order {
    /// What it knows of its parts elsewhere, if it was ordered over several partitions.
    #[must_use]
    pub fn home_of(&self) -> Option<&HomeOf> {
        match self.across.as_deref() {
            Some(Across::Home(home)) => Some(home),
            _ => None,
        }
    }

    /// What it is a part of.
    #[must_use]
    pub fn part_of(&self) -> Option<&PartOf> {
        match self.across.as_deref() {
            Some(Across::Part(part)) => Some(part),
            _ => None,
        }
    }

    /// Its parts elsewhere.
    #[must_use]
    pub fn parts(&self) -> &[OrderId] {
        self.home_of().map_or(&[], |home| &home.parts)
    }

    pub(crate) fn home_of_mut(&mut self) -> Option<&mut HomeOf> {
        match self.across.as_deref_mut() {
            Some(Across::Home(home)) => Some(home),
            _ => None,
        }
    }

    pub(crate) fn part_of_mut(&mut self) -> Option<&mut PartOf> {
        match self.across.as_deref_mut() {
            Some(Across::Part(part)) => Some(part),
            _ => None,
        }
    }

    /// What concerns its money is for its home to decide.
    pub(crate) fn pays_itself(&self) -> Result<(), Rejection> {
        self.part_of().map_or(Ok(()), |part| Err(Rejection::PartOfOrder { order: self.id, home: part.home }))
    }
}

impl State {
    /// The part that an order of another partition has here, by the saga that drives it.
    #[must_use]
    pub fn part_of_saga(&self, saga: SagaId) -> Option<&Order> {
        self.parts.get(&saga).and_then(|part| self.order(*part))
    }

    /// Whether a part was released before it was asked for.
    #[must_use]
    pub fn is_barred(&self, saga: SagaId, deadline_unix_ms: u64) -> bool {
        self.barred.contains(&(deadline_unix_ms, saga))
    }
}

/// When an overdue part asks again: soon at first, ever more rarely after that.
pub(crate) fn next_due_unix_ms(part: &PartOf, now_unix_ms: u64) -> u64 {
    now_unix_ms + now_unix_ms.saturating_sub(part.deadline_unix_ms).clamp(OVERDUE_MS_MIN, OVERDUE_MS_MAX)
}

/// What an effect asks of other partitions, each with its command, in this order; nothing for effects of other roles. All of them may be
/// sent again at any time: whoever has done it already does nothing.
#[must_use]
pub fn requests(saga: SagaId, effect: &Effect) -> Vec<(u16, Command)> {
    let to_each = |parts: &[OrderId], command: &dyn Fn(OrderId) -> Command| -> Vec<(u16, Command)> {
        parts.iter().map(|part| (part.partition(), command(*part))).collect()
    };
    match effect {
        Effect::ReserveParts { order, parts, deadline_unix_ms } => parts
            .iter()
            .map(|part| {
                let PartRequest { partition, holds, total_minor, currency } = part.clone();
                let (home, deadline_unix_ms) = (*order, *deadline_unix_ms);
                (partition, Command::PlacePart(commands::PlacePart { home, saga, holds, total_minor, currency, deadline_unix_ms }))
            })
            .collect(),
        Effect::BookParts { parts, .. } => to_each(parts, &|part| Command::BookPart(commands::BookPart { part })),
        Effect::ConfirmParts { parts, key_id, .. } => {
            to_each(parts, &|part| Command::ConfirmPart(commands::ConfirmPart { part, key_id: *key_id }))
        }
        Effect::ReleaseParts { order, partitions, deadline_unix_ms, reason } => {
            let (home, deadline_unix_ms, reason) = (*order, *deadline_unix_ms, *reason);
            let release = commands::ReleasePart { saga, home, deadline_unix_ms, reason };
            partitions.iter().map(|partition| (*partition, Command::ReleasePart(release.clone()))).collect()
        }
        Effect::CancelParts { parts, reason, waive_fee, .. } => to_each(parts, &|order| {
            Command::CancelOrder(commands::CancelOrder { order, positions: None, reason: *reason, waive_fee: *waive_fee })
        }),
        Effect::RefundPart { order, home, amount_minor } => {
            vec![(
                home.partition(),
                Command::RefundPart(commands::RefundPart { order: *home, part: *order, by: saga, amount_minor: *amount_minor }),
            )]
        }
        Effect::Authorise { .. } | Effect::Capture { .. } | Effect::Void { .. } | Effect::Refund { .. } | Effect::IssueTickets { .. } => {
            Vec::new()
        }
    }
}

/// What a refusal of such a request means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What was wanted is so already.
    Done,
    /// Not now; it may be accepted later.
    Later(StepError),
    /// Never.
    Never(StepError),
}

/// Reads a refusal in the light of what was asked.
#[must_use]
pub fn refused(effect: &Effect, rejection: &Rejection) -> Refused {
    let why = || StepError::Failed(format!("{}: {rejection}", rejection.code()));
    match (effect, rejection) {
        (Effect::CancelParts { .. }, Rejection::OrderAlreadyCancelled { .. }) => Refused::Done,
        // Its own saga, or the home's, has to be helped first; the money and the places are owed until then.
        (Effect::CancelParts { .. } | Effect::RefundPart { .. }, Rejection::OrderStuck { .. } | Rejection::OrderNotConfirmed { .. }) => {
            Refused::Later(why())
        }
        (_, Rejection::ReservedTooLate { .. }) => Refused::Never(StepError::DeadlinePassed),
        _ => Refused::Never(why()),
    }
}

/// The part ids that a reservation brought back, as the receipt of its step.
#[must_use]
pub fn receipt_of(parts: &[OrderId]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The other direction; nothing when the text is not such a receipt.
pub(crate) fn parts_of_receipt(receipt: &str) -> Vec<OrderId> {
    receipt.split_whitespace().map(str::parse).collect::<Result<_, _>>().unwrap_or_default()
}
