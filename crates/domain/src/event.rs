//! What happened. Past tense, complete, and enough to rebuild the state: evolving never looks anything up outside.

use std::sync::Arc;

use crate::hold::HoldItem;
use crate::key::ApiKey;
use crate::order::{CancelReason, PaymentRequest};
use crate::saga::{Direction, Effect, SagaRef, StepError};
use crate::seating::SeatingPlan;
use crate::show::{SaleState, ShowDefinition};
use crate::{ApiKeyId, HoldId, OrderId, SagaId, ShowId, TicketId, VenueId};

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
    ApiKeyRevoked {
        key: ApiKeyId,
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
    PaymentRefunded {
        order: OrderId,
    },
    TicketsIssued {
        order: OrderId,
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
}
