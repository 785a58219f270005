//! Why not. A rejection is an answer, not a fault: it is decided, journalled and repeatable.
//!
//! One flat enum. Each variant has a stable `code` for programs, a sentence for people and advice on what to do; the codes are part of
//! the public interface and never change their meaning.

mod codes;
mod sentence;

pub use codes::Code;

use crate::best::BestAvailable;
use crate::order::OrderState;
use crate::show::SaleState;
use crate::{HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};

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
    /// The sale is open, but its window is not, or not any more; of one product, where it names one.
    OutsideSaleWindow {
        show: ShowId,
        product: Option<u16>,
        opens_at_unix_ms: Option<u64>,
        closes_at_unix_ms: Option<u64>,
    },
    BuyerRefRequired {
        show: ShowId,
    },
    LimitExceeded {
        show: ShowId,
        limit: u32,
        has: u32,
        requested: u32,
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
    /// Fewer seats than wanted are left of those that would do.
    SeatsSoldOut {
        show: ShowId,
        wanted: Box<BestAvailable>,
        left: u32,
        /// Seats that the same hold had claimed before.
        claimed: Vec<u32>,
    },
    /// So many seats are left, but not together; the largest group that would have been seated instead, 0 if none.
    NotEnoughAdjacentSeats {
        show: ShowId,
        wanted: Box<BestAvailable>,
        left: u32,
        together_max: u32,
        /// Seats that the same hold had claimed before.
        claimed: Vec<u32>,
    },
    /// The show forbids to leave a seat alone, and these would be, at most [`SEATS_NAMED_MAX`].
    OrphanSeat {
        show: ShowId,
        seats: Vec<u32>,
    },
    /// The first chairs that are missing of tables that are sold as a whole, at most [`SEATS_NAMED_MAX`].
    TableSoldWhole {
        show: ShowId,
        seats: Vec<u32>,
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
    MixedCurrencies,
    AmountTooLarge,
    OrderNotFound {
        order: OrderId,
    },
    OrderAlreadyCancelled {
        order: OrderId,
    },
    /// What is wanted is for orders that are sold.
    OrderNotConfirmed {
        order: OrderId,
        state: OrderState,
    },
    OrderStuck {
        order: OrderId,
    },
    UnknownPosition {
        order: OrderId,
        position: u32,
    },
    PositionCancelled {
        order: OrderId,
        position: u32,
    },
    NothingSelected,
    RefundTooLarge {
        order: OrderId,
        requested_minor: i64,
        left_minor: i64,
    },
    WrongProvider {
        order: OrderId,
        provider: String,
    },
    WrongAmount {
        order: OrderId,
        expected_minor: i64,
        received_minor: i64,
    },
    PaymentAlreadyKnown {
        order: OrderId,
    },
    OrderAlreadyPaid {
        order: OrderId,
    },
    NotAwaitingPayment {
        order: OrderId,
    },
    NoPayoutPending {
        order: OrderId,
        amount_minor: i64,
    },
    NoLatePayment {
        order: OrderId,
    },
    /// Held or sold seats that the wanted plan lacks, and free chairs that nobody could buy; of each at most [`SEATS_NAMED_MAX`].
    PlanConflict {
        show: ShowId,
        lost: Vec<u32>,
        parted: Vec<u32>,
    },
    /// The first seats of the request that are not blocked, at most [`SEATS_NAMED_MAX`].
    SeatNotBlocked {
        show: ShowId,
        seats: Vec<u32>,
    },
    TicketNotFound {
        ticket: TicketId,
    },
    TicketCancelled {
        ticket: TicketId,
    },
    TicketOfOtherShow {
        ticket: TicketId,
        show: ShowId,
    },
    UnknownCheckInList {
        show: ShowId,
        list: u16,
    },
    TicketNotOnList {
        ticket: TicketId,
        list: u16,
    },
    TicketAlreadyUsed {
        ticket: TicketId,
        gate: String,
        scanned_at_unix_ms: u64,
    },
    /// A part of an order of another partition was released, before or after it was placed.
    PartReleased {
        home: OrderId,
    },
    ReservedTooLate {
        home: OrderId,
    },
    PartSold {
        order: OrderId,
    },
    PartOfOrder {
        order: OrderId,
        home: OrderId,
    },
    SagaNotStuck {
        saga: SagaId,
    },
    SagaNotFound {
        saga: SagaId,
    },
    StepNotPending {
        saga: SagaId,
    },
    KeyNotFound,
    InvalidApiKey {
        what: String,
    },
    InvalidOrganiser {
        what: String,
    },
    OrganiserNotFound {
        organiser: OrganiserId,
    },
    OrganiserExists {
        organiser: OrganiserId,
    },
    WrongPartition,
}
