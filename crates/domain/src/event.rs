//! What happened. Past tense, complete, and enough to rebuild the state: evolving never looks anything up outside.

use std::sync::Arc;

use crate::across::PartRequest;
use crate::hold::HoldItem;
use crate::key::ApiKey;
use crate::order::{CancelReason, PaymentRequest};
use crate::organiser::Organiser;
use crate::saga::{Direction, Effect, SagaRef, StepError};
use crate::seating::SeatingPlan;
use crate::show::{LatePayment, SaleState, ShowDefinition};
use crate::{ApiKeyId, HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};

/// A domain event.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are named after the types, which are documented")]
pub enum Event {
    // --- the catalogue, partition 0 ---
    VenueRegistered {
        venue: VenueId,
        plan: Arc<SeatingPlan>,
    },
    ShowCreated {
        definition: Arc<ShowDefinition>,
    },
    ApiKeyCreated {
        key: ApiKey,
    },
    /// The key has another secret; the one before is good until then, or not at all any more.
    ApiKeyRotated {
        key: ApiKeyId,
        secret_sha256: [u8; 32],
        previous_until_unix_ms: Option<u64>,
    },
    /// When keys were last used.
    ApiKeysUsed {
        uses: Vec<(ApiKeyId, u64)>,
    },
    ApiKeyRevoked {
        key: ApiKeyId,
    },
    OrganiserCreated {
        organiser: Organiser,
    },
    VenueOwned {
        venue: VenueId,
        organiser: OrganiserId,
    },
    ShowOwned {
        show: ShowId,
        organiser: OrganiserId,
    },

    // --- a show, in its own partition ---
    /// The partition got its copy of the show, plan included; from here on it sells without asking anybody.
    ShowAdopted {
        definition: Arc<ShowDefinition>,
        plan: Arc<SeatingPlan>,
    },
    SaleStateChanged {
        show: ShowId,
        state: SaleState,
    },
    /// The show has another plan: the seats of the one before under their numbers, some of them withdrawn, and new ones behind them.
    PlanRevised {
        show: ShowId,
        plan: Arc<SeatingPlan>,
        added: Vec<u32>,
        withdrawn: Vec<u32>,
        moved: Vec<u32>,
    },

    // --- holds ---
    HoldPlaced {
        hold: HoldId,
        show: ShowId,
        items: Arc<[HoldItem]>,
        expires_at_unix_ms: u64,
        buyer_ref: Option<[u8; 16]>,
    },
    HoldExtended {
        hold: HoldId,
        expires_at_unix_ms: u64,
    },
    HoldReleased {
        hold: HoldId,
    },
    HoldExpired {
        hold: HoldId,
    },
    /// Seats are taken from sale, for as long as an operator wants.
    SeatsBlocked {
        show: ShowId,
        seats: Vec<u32>,
        reason: String,
    },
    SeatsUnblocked {
        show: ShowId,
        seats: Vec<u32>,
    },
    /// The partition was away: holds that were live when it went get at least until then.
    ReopenGraceGranted {
        until_unix_ms: u64,
    },

    // --- orders and money ---
    /// The order took its holds over: they now end with its deadline.
    OrderPlaced {
        order: OrderId,
        saga: SagaId,
        show: ShowId,
        holds: Vec<HoldId>,
        total_minor: i64,
        payment: PaymentRequest,
        deadline_unix_ms: u64,
        buyer: Option<[u8; 16]>,
    },
    /// The order's holds ended in a sale; its tickets have their ids from here on.
    SeatsBooked {
        order: OrderId,
        first_ticket: TicketId,
        tickets: u32,
    },
    BookingReversed {
        order: OrderId,
    },
    PaymentAuthorised {
        order: OrderId,
        authorisation: String,
    },
    PaymentDeclined {
        order: OrderId,
    },
    PaymentUnknown {
        order: OrderId,
    },
    PaymentCaptured {
        order: OrderId,
    },
    PaymentVoided {
        order: OrderId,
    },
    /// Money went back: all that the saga was to give back.
    PaymentRefunded {
        order: OrderId,
        saga: SagaId,
        amount_minor: i64,
    },
    /// The tickets have codes, signed with this key.
    TicketsIssued {
        order: OrderId,
        key_id: [u8; 4],
    },
    OrderConfirmed {
        order: OrderId,
    },
    OrderCancelled {
        order: OrderId,
        reason: CancelReason,
    },
    OrderStuck {
        order: OrderId,
    },

    // --- after the sale ---
    /// Somebody cancels an order whose money is just being taken: it turns round when that is answered.
    CancelRequested {
        order: OrderId,
        reason: CancelReason,
    },
    /// These places are free again and their tickets void. What is kept of each price is its fee.
    PositionsCancelled {
        order: OrderId,
        positions: Vec<u32>,
        fees_minor: Vec<i64>,
        reason: CancelReason,
    },
    /// A saga starts to give this much back.
    RefundStarted {
        order: OrderId,
        saga: SagaId,
        amount_minor: i64,
        note: String,
    },
    /// Money for an order whose places had been given back.
    PaymentArrivedLate {
        order: OrderId,
        saga: SagaId,
        amount_minor: i64,
        reference: String,
        policy: LatePayment,
    },
    LatePolicyChosen {
        order: OrderId,
        policy: LatePayment,
    },
    /// The late money found places: these, line by line, and the tickets that go with them.
    OrderReinstated {
        order: OrderId,
        items: Vec<Arc<[HoldItem]>>,
        first_ticket: TicketId,
        tickets: u32,
    },
    TicketCheckedIn {
        order: OrderId,
        ticket: TicketId,
        list: u16,
        gate: String,
        scanned_at_unix_ms: u64,
        /// The gate had no connection when it let the holder in.
        offline: bool,
    },

    // --- orders across partitions, at home ---
    /// The order just placed has parts elsewhere; its total covers them.
    PartsWanted {
        order: OrderId,
        parts: Vec<PartRequest>,
        deadline_unix_ms: u64,
    },
    /// Every other partition has pinned its holds; these are the parts there.
    PartsReserved {
        order: OrderId,
        parts: Vec<OrderId>,
    },
    /// The whole order was cancelled after the sale: this saga takes its parts back, too.
    PartsCancelled {
        order: OrderId,
        saga: SagaId,
        waive_fee: bool,
    },
    /// A part was cancelled and its price is given back here; `by` is the saga that asked, and asks once.
    PartRefundTaken {
        order: OrderId,
        part: OrderId,
        by: SagaId,
        amount_minor: i64,
    },

    // --- orders across partitions, where a part is ---
    /// The part took its holds over: they end only when the home says so.
    PartPlaced {
        order: OrderId,
        home: OrderId,
        saga: SagaId,
        show: ShowId,
        holds: Vec<HoldId>,
        total_minor: i64,
        deadline_unix_ms: u64,
    },
    /// The home gave up before its request came: if it comes until then, it is refused.
    PartBarred {
        home: OrderId,
        saga: SagaId,
        until_unix_ms: u64,
    },
    /// The home should have decided by now: somebody has to ask it.
    PartOverdue {
        order: OrderId,
        ask_again_at_unix_ms: u64,
    },
    /// The home has taken over what this saga was to give back.
    RefundHandedOver {
        order: OrderId,
        saga: SagaId,
    },

    // --- sagas, whatever they drive ---
    SagaStarted {
        saga: SagaId,
        definition: SagaRef,
        order: OrderId,
    },
    /// The intent: journalled before the effect is executed. Its id at the provider is (incarnation, saga, step, direction).
    EffectIntended {
        saga: SagaId,
        step: u8,
        direction: Direction,
        attempt: u32,
        effect: Effect,
    },
    StepDone {
        saga: SagaId,
        step: u8,
        direction: Direction,
        receipt: Option<String>,
    },
    /// The step will not be done: the saga undoes every step below `undo_below`, itself included if its outcome is unknown.
    StepFailed {
        saga: SagaId,
        step: u8,
        error: StepError,
        undo_below: u8,
    },
    RetryScheduled {
        saga: SagaId,
        step: u8,
        attempt: u32,
        at_unix_ms: u64,
        error: StepError,
    },
    SagaCompleted {
        saga: SagaId,
    },
    SagaCompensated {
        saga: SagaId,
    },
    SagaStuck {
        saga: SagaId,
        step: u8,
        error: StepError,
    },
    /// An operator lets a stuck saga go on, at this step.
    SagaResumed {
        saga: SagaId,
        step: u8,
        direction: Direction,
    },
}

impl Event {
    /// The order that it names itself; the events of a saga name only their saga.
    #[must_use]
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::OrderPlaced { order, .. }
            | Self::SeatsBooked { order, .. }
            | Self::BookingReversed { order }
            | Self::PaymentAuthorised { order, .. }
            | Self::PaymentDeclined { order }
            | Self::PaymentUnknown { order }
            | Self::PaymentCaptured { order }
            | Self::PaymentVoided { order }
            | Self::PaymentRefunded { order, .. }
            | Self::TicketsIssued { order, .. }
            | Self::OrderConfirmed { order }
            | Self::OrderCancelled { order, .. }
            | Self::OrderStuck { order }
            | Self::CancelRequested { order, .. }
            | Self::PositionsCancelled { order, .. }
            | Self::RefundStarted { order, .. }
            | Self::PaymentArrivedLate { order, .. }
            | Self::LatePolicyChosen { order, .. }
            | Self::OrderReinstated { order, .. }
            | Self::TicketCheckedIn { order, .. }
            | Self::PartsWanted { order, .. }
            | Self::PartsReserved { order, .. }
            | Self::PartsCancelled { order, .. }
            | Self::PartRefundTaken { order, .. }
            | Self::PartPlaced { order, .. }
            | Self::PartOverdue { order, .. }
            | Self::RefundHandedOver { order, .. }
            | Self::SagaStarted { order, .. } => Some(*order),
            _ => None,
        }
    }

    /// The saga whose way it is a part of.
    #[must_use]
    pub fn saga(&self) -> Option<SagaId> {
        match self {
            Self::SagaStarted { saga, .. }
            | Self::EffectIntended { saga, .. }
            | Self::StepDone { saga, .. }
            | Self::StepFailed { saga, .. }
            | Self::RetryScheduled { saga, .. }
            | Self::SagaCompleted { saga }
            | Self::SagaCompensated { saga }
            | Self::SagaStuck { saga, .. }
            | Self::SagaResumed { saga, .. }
            | Self::PartBarred { saga, .. } => Some(*saga),
            _ => None,
        }
    }
}
