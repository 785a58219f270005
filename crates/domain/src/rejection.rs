//! Why not. A rejection is an answer, not a fault: it is decided, journalled and repeatable.
//!
//! One flat enum. Each variant has a stable `code` for programs, a sentence for people and advice on what to do; the codes are part of
//! the public interface and never change their meaning.

use std::fmt;

use crate::show::SaleState;
use crate::{HoldId, OrderId, SagaId, ShowId, VenueId};

/// Most seats that one refusal names.
pub const SEATS_NAMED_MAX: usize = 16;

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant says in `Display` what it means; its fields are what it names")]
pub enum Rejection {
    IdempotencyKeyReused,
    IdempotencyKeyExpired,
    VenueNotFound {
        venue: VenueId,
    },
    ShowNotFound {
        show: ShowId,
    },
    InvalidShow {
        what: String,
    },
    InvalidPlan {
        what: String,
    },
    SaleNotOpen {
        show: ShowId,
        state: SaleState,
    },
    SaleStateConflict {
        show: ShowId,
        state: SaleState,
    },
    EmptyHold,
    UnknownProduct {
        product: u16,
    },
    WrongClaim {
        product: u16,
    },
    UnknownSeat {
        seat: u32,
    },
    SeatNotInProduct {
        seat: u32,
        product: u16,
    },
    SeatTwice {
        seat: u32,
    },
    TooManyPlaces {
        places: u32,
        places_max: u32,
    },
    TtlOutOfRange {
        ttl_ms: u64,
    },
    /// The first seats of the request that are not free, at most [`SEATS_NAMED_MAX`].
    SeatTaken {
        show: ShowId,
        seats: Vec<u32>,
    },
    SoldOut {
        show: ShowId,
        quota: u16,
        requested: u32,
        left: u32,
    },
    HoldNotFound {
        hold: HoldId,
    },
    HoldExpired {
        hold: HoldId,
    },
    HoldInOrder {
        hold: HoldId,
        order: OrderId,
    },
    NoHolds,
    TooManyHolds {
        holds: u32,
    },
    HoldTwice {
        hold: HoldId,
    },
    HoldsOfDifferentShows,
    AmountTooLarge,
    OrderNotFound {
        order: OrderId,
    },
    SagaNotFound {
        saga: SagaId,
    },
    StepNotPending {
        saga: SagaId,
    },
    KeyNotFound,
    WrongPartition,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::IdempotencyKeyExpired => "idempotency_key_expired",
            Self::VenueNotFound { .. } => "venue_not_found",
            Self::ShowNotFound { .. } => "show_not_found",
            Self::InvalidShow { .. } => "invalid_show",
            Self::InvalidPlan { .. } => "invalid_plan",
            Self::SaleNotOpen { .. } => "sale_not_open",
            Self::SaleStateConflict { .. } => "sale_state_conflict",
            Self::EmptyHold => "empty_hold",
            Self::UnknownProduct { .. } => "unknown_product",
            Self::WrongClaim { .. } => "wrong_claim",
            Self::UnknownSeat { .. } => "unknown_seat",
            Self::SeatNotInProduct { .. } => "seat_not_in_product",
            Self::SeatTwice { .. } => "seat_twice",
            Self::TooManyPlaces { .. } => "too_many_places",
            Self::TtlOutOfRange { .. } => "ttl_out_of_range",
            Self::SeatTaken { .. } => "seat_taken",
            Self::SoldOut { .. } => "sold_out",
            Self::HoldNotFound { .. } => "hold_not_found",
            Self::HoldExpired { .. } => "hold_expired",
            Self::HoldInOrder { .. } => "hold_in_order",
            Self::NoHolds => "no_holds",
            Self::TooManyHolds { .. } => "too_many_holds",
            Self::HoldTwice { .. } => "hold_twice",
            Self::HoldsOfDifferentShows => "holds_of_different_shows",
            Self::AmountTooLarge => "amount_too_large",
            Self::OrderNotFound { .. } => "order_not_found",
            Self::SagaNotFound { .. } => "saga_not_found",
            Self::StepNotPending { .. } => "step_not_pending",
            Self::KeyNotFound => "key_not_found",
            Self::WrongPartition => "wrong_partition",
        }
    }

    /// What the caller can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::IdempotencyKeyReused => "Use a new Idempotency-Key for a new request.",
            Self::IdempotencyKeyExpired => "Make a new key; look first whether the earlier request went through.",
            Self::VenueNotFound { .. } | Self::ShowNotFound { .. } | Self::HoldNotFound { .. } | Self::OrderNotFound { .. } => {
                "Check the id; ids are complete UUIDs."
            }
            Self::SagaNotFound { .. } | Self::KeyNotFound => "Check the id.",
            Self::InvalidShow { .. } | Self::InvalidPlan { .. } => "Correct what is named and send it again with a new key.",
            Self::SaleNotOpen { .. } => "Wait until the sale is open; GET /v1/shows/{show} tells.",
            Self::SaleStateConflict { .. } => "Look at the show's sale state first.",
            Self::EmptyHold => "Name at least one item with a quantity or seats.",
            Self::UnknownProduct { .. } => "GET /v1/shows/{show} lists the products.",
            Self::WrongClaim { .. } => "Name seats for a product with seats, a quantity for one without.",
            Self::UnknownSeat { .. } => "GET /v1/shows/{show}/seats lists the seats.",
            Self::SeatNotInProduct { .. } => "Choose the product of that seat's category.",
            Self::SeatTwice { .. } => "Name each seat once.",
            Self::TooManyPlaces { .. } => "Split the request into several holds.",
            Self::TtlOutOfRange { .. } => "Ask for 1 s to 1 h.",
            Self::SeatTaken { .. } => "Choose other seats; a new try needs a new key.",
            Self::SoldOut { .. } => "Ask for fewer, or come back when holds have expired; a new try needs a new key.",
            Self::HoldExpired { .. } => "Place a new hold.",
            Self::HoldInOrder { .. } => "The order decides now; look at it.",
            Self::NoHolds => "Name at least one hold.",
            Self::TooManyHolds { .. } => "Place several orders.",
            Self::HoldTwice { .. } => "Name each hold once.",
            Self::HoldsOfDifferentShows => "Place one order for each show.",
            Self::AmountTooLarge => "Place several orders.",
            Self::StepNotPending { .. } => "Nothing to do: the step has been reported already or is not due.",
            Self::WrongPartition => "Send it to the partition that the id names.",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdempotencyKeyReused => write!(f, "this idempotency key was used with another request"),
            Self::IdempotencyKeyExpired => write!(f, "this idempotency key is older than keys are remembered"),
            Self::VenueNotFound { venue } => write!(f, "there is no venue {venue}"),
            Self::ShowNotFound { show } => write!(f, "there is no show {show}"),
            Self::InvalidShow { what } => write!(f, "the show cannot be made: {what}"),
            Self::InvalidPlan { what } => write!(f, "the plan cannot be used: {what}"),
            Self::SaleNotOpen { state, .. } => write!(f, "the sale is not open, it is {}", state.name()),
            Self::SaleStateConflict { state, .. } => write!(f, "the sale is {}: that cannot be done now", state.name()),
            Self::EmptyHold => write!(f, "the hold claims nothing"),
            Self::UnknownProduct { product } => write!(f, "the show has no product number {product}"),
            Self::WrongClaim { product } => write!(f, "product number {product} is not sold that way"),
            Self::UnknownSeat { seat } => write!(f, "the plan has no seat number {seat}"),
            Self::SeatNotInProduct { seat, product } => write!(f, "seat number {seat} is not in a category of product number {product}"),
            Self::SeatTwice { seat } => write!(f, "seat number {seat} is named twice"),
            Self::TooManyPlaces { places, places_max } => write!(f, "{places} places in one hold, at most {places_max} are allowed"),
            Self::TtlOutOfRange { ttl_ms } => write!(f, "a hold cannot live {ttl_ms} ms"),
            Self::SeatTaken { seats, .. } => write!(f, "{} of the seats are taken", seats.len()),
            Self::SoldOut { requested, left, .. } => write!(f, "{requested} wanted, {left} left"),
            Self::HoldNotFound { hold } => write!(f, "there is no hold {hold}"),
            Self::HoldExpired { hold } => write!(f, "hold {hold} has expired or was released"),
            Self::HoldInOrder { hold, order } => write!(f, "hold {hold} belongs to order {order}"),
            Self::NoHolds => write!(f, "the order names no hold"),
            Self::TooManyHolds { holds } => write!(f, "{holds} holds in one order are too many"),
            Self::HoldTwice { hold } => write!(f, "hold {hold} is named twice"),
            Self::HoldsOfDifferentShows => write!(f, "the holds are of different shows"),
            Self::AmountTooLarge => write!(f, "the order's total is too large to count"),
            Self::OrderNotFound { order } => write!(f, "there is no order {order}"),
            Self::SagaNotFound { saga } => write!(f, "there is no saga {saga}"),
            Self::StepNotPending { saga } => write!(f, "saga {saga} does not wait for that"),
            Self::KeyNotFound => write!(f, "there is no such API key"),
            Self::WrongPartition => write!(f, "this partition does not hold that"),
        }
    }
}

impl SaleState {
    /// Its name at the edge.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}
