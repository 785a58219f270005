//! Why not. A rejection is an answer, not a fault: it is decided, journalled and repeatable.
//!
//! One flat enum. Each variant has a stable `code` for programs, a sentence for people and advice on what to do; the codes are part of
//! the public interface and never change their meaning.

use std::fmt;

use crate::best::BestAvailable;
use crate::order::{OrderState, order_code};
use crate::show::SaleState;
use crate::{HoldId, OrderId, SagaId, ShowId, TicketId, VenueId};

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
            Self::OutsideSaleWindow { .. } => "outside_sale_window",
            Self::BuyerRefRequired { .. } => "buyer_ref_required",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::EmptyHold => "empty_hold",
            Self::UnknownProduct { .. } => "unknown_product",
            Self::WrongClaim { .. } => "wrong_claim",
            Self::UnknownSeat { .. } => "unknown_seat",
            Self::SeatNotInProduct { .. } => "seat_not_in_product",
            Self::SeatTwice { .. } => "seat_twice",
            Self::TooManyPlaces { .. } => "too_many_places",
            Self::TtlOutOfRange { .. } => "ttl_out_of_range",
            Self::SeatTaken { .. } => "seat_taken",
            Self::SoldOut { .. } | Self::SeatsSoldOut { .. } => "sold_out",
            Self::NotEnoughAdjacentSeats { .. } => "not_enough_adjacent_seats",
            Self::OrphanSeat { .. } => "orphan_seat",
            Self::TableSoldWhole { .. } => "table_sold_whole",
            Self::HoldNotFound { .. } => "hold_not_found",
            Self::HoldExpired { .. } => "hold_expired",
            Self::HoldInOrder { .. } => "hold_in_order",
            Self::NoHolds => "no_holds",
            Self::TooManyHolds { .. } => "too_many_holds",
            Self::HoldTwice { .. } => "hold_twice",
            Self::MixedCurrencies => "mixed_currencies",
            Self::AmountTooLarge => "amount_too_large",
            Self::OrderNotFound { .. } => "order_not_found",
            Self::OrderAlreadyCancelled { .. } => "order_already_cancelled",
            Self::OrderNotConfirmed { .. } => "order_not_confirmed",
            Self::OrderStuck { .. } => "order_stuck",
            Self::UnknownPosition { .. } => "unknown_position",
            Self::PositionCancelled { .. } => "position_cancelled",
            Self::NothingSelected => "nothing_selected",
            Self::RefundTooLarge { .. } => "refund_too_large",
            Self::WrongProvider { .. } => "wrong_provider",
            Self::WrongAmount { .. } => "wrong_amount",
            Self::PaymentAlreadyKnown { .. } => "payment_already_known",
            Self::OrderAlreadyPaid { .. } => "order_already_paid",
            Self::NotAwaitingPayment { .. } => "not_awaiting_payment",
            Self::NoPayoutPending { .. } => "no_payout_pending",
            Self::NoLatePayment { .. } => "no_late_payment",
            Self::PlanConflict { .. } => "plan_conflict",
            Self::SeatNotBlocked { .. } => "seat_not_blocked",
            Self::TicketNotFound { .. } => "ticket_not_found",
            Self::TicketCancelled { .. } => "ticket_cancelled",
            Self::TicketOfOtherShow { .. } => "ticket_of_other_show",
            Self::UnknownCheckInList { .. } => "unknown_check_in_list",
            Self::TicketNotOnList { .. } => "ticket_not_on_list",
            Self::TicketAlreadyUsed { .. } => "ticket_already_used",
            Self::PartReleased { .. } => "part_released",
            Self::ReservedTooLate { .. } => "reserved_too_late",
            Self::PartSold { .. } => "part_sold",
            Self::PartOfOrder { .. } => "part_of_order",
            Self::SagaNotStuck { .. } => "saga_not_stuck",
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
            Self::SoldOut { .. } | Self::SeatsSoldOut { .. } => {
                "Ask for fewer, or come back when holds have expired; a new try needs a new key."
            }
            Self::NotEnoughAdjacentSeats { .. } => {
                "Ask for a smaller group, let it be split (\"split\": true), or ask for other seats; a new try needs a new key."
            }
            Self::OrphanSeat { .. } => "Take the seat that would be left alone too, or choose seats further away from it.",
            Self::TableSoldWhole { .. } => "Take all chairs of the table.",
            Self::HoldExpired { .. } => "Place a new hold.",
            Self::HoldInOrder { .. } => "The order decides now; look at it.",
            Self::NoHolds => "Name at least one hold.",
            Self::TooManyHolds { .. } => "Place several orders.",
            Self::HoldTwice { .. } => "Name each hold once.",
            Self::MixedCurrencies => "Place one order for each currency.",
            Self::OutsideSaleWindow { .. } => "Come back when it is sold; GET /v1/shows/{show} tells when.",
            Self::BuyerRefRequired { .. } => "Send buyer_ref: this show limits what one buyer may have.",
            Self::LimitExceeded { .. } => "Ask for fewer, or let go of a hold; a new try needs a new key.",
            Self::OrderAlreadyCancelled { .. } => "Nothing to do; the order tells what became of its money.",
            Self::OrderNotConfirmed { .. } => "Wait until the order is confirmed, or cancel it as a whole.",
            Self::OrderStuck { .. } => "Look at its saga and let it go on first.",
            Self::UnknownPosition { .. } => "GET /v1/orders/{order} numbers the positions, from 0.",
            Self::PositionCancelled { .. } => "Leave out what is cancelled already.",
            Self::NothingSelected => "Name at least one.",
            Self::RefundTooLarge { .. } => "Give back at most what is left of the payment.",
            Self::WrongProvider { .. } => "Report the payment through the provider that the order names.",
            Self::WrongAmount { .. } => "Check the amount; a part payment must be settled with the payer.",
            Self::PaymentAlreadyKnown { .. } => "Nothing to do: this payment has been booked.",
            Self::OrderAlreadyPaid { .. } => "The order was paid with another payment; give this one back to its payer.",
            Self::NotAwaitingPayment { .. } => "Look at the order; it is just being settled or cancelled.",
            Self::NoPayoutPending { .. } => "Check the amount; GET /v1/orders/{order} lists the refunds.",
            Self::NoLatePayment { .. } => "Nothing to do: no money waits for a decision there.",
            Self::PlanConflict { .. } => {
                "Keep these seats in the plan under their labels, or cancel or release first what is on them; a dry run lists them all."
            }
            Self::SeatNotBlocked { .. } => "GET /v1/shows/{show}/seats tells which seats are blocked.",
            Self::TicketNotFound { .. } => "The code is genuine, but no sale belongs to it; ask at the box office.",
            Self::TicketCancelled { .. } => "Do not let the holder in; the box office can tell more.",
            Self::TicketOfOtherShow { .. } => "Send the holder to the right door.",
            Self::UnknownCheckInList { .. } => "GET /v1/shows/{show} names the check-in lists.",
            Self::TicketNotOnList { .. } => "Send the holder to the right entrance.",
            Self::TicketAlreadyUsed { .. } => "Do not let the holder in; somebody has entered with this ticket.",
            Self::PartReleased { .. } | Self::ReservedTooLate { .. } => {
                "Nothing to do: the order it belongs to has ended or will end unsold."
            }
            Self::PartSold { .. } => "Cancel it as an order.",
            Self::PartOfOrder { .. } => "The payment belongs to the order that is named; do it there.",
            Self::SagaNotStuck { .. } => "Nothing to do: the saga goes on by itself, or has ended.",
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
            Self::SeatsSoldOut { wanted, left, .. } => write!(f, "{} seats wanted, {left} left", wanted.quantity()),
            Self::NotEnoughAdjacentSeats { wanted, left, together_max, .. } => {
                write!(f, "{} seats wanted together; {left} are left, at most {together_max} of them together", wanted.quantity())
            }
            Self::OrphanSeat { seats, .. } => write!(f, "{} of the seats beside would be left alone", seats.len()),
            Self::TableSoldWhole { seats, .. } => write!(f, "{} chairs are missing of a table that is sold as a whole", seats.len()),
            Self::HoldNotFound { hold } => write!(f, "there is no hold {hold}"),
            Self::HoldExpired { hold } => write!(f, "hold {hold} has expired or was released"),
            Self::HoldInOrder { hold, order } => write!(f, "hold {hold} belongs to order {order}"),
            Self::NoHolds => write!(f, "the order names no hold"),
            Self::TooManyHolds { holds } => write!(f, "{holds} holds in one order are too many"),
            Self::HoldTwice { hold } => write!(f, "hold {hold} is named twice"),
            Self::MixedCurrencies => write!(f, "the holds are priced in different currencies"),
            Self::OutsideSaleWindow { product, .. } => {
                let what = product.map_or_else(|| "this show".to_owned(), |product| format!("product number {product}"));
                write!(f, "{what} is not sold now")
            }
            Self::BuyerRefRequired { .. } => write!(f, "this show limits what one buyer may have, and the hold does not say whose it is"),
            Self::LimitExceeded { limit, has, requested, .. } => {
                write!(f, "{requested} more places wanted, the buyer has {has} and may have {limit}")
            }
            Self::OrderAlreadyCancelled { order } => write!(f, "order {} is cancelled", order_code(*order)),
            Self::OrderNotConfirmed { order, state } => write!(f, "order {} is {}, not confirmed", order_code(*order), state.name()),
            Self::OrderStuck { order } => write!(f, "order {} is stuck", order_code(*order)),
            Self::UnknownPosition { order, position } => write!(f, "order {} has no position {position}", order_code(*order)),
            Self::PositionCancelled { order, position } => write!(f, "position {position} of order {} is cancelled", order_code(*order)),
            Self::NothingSelected => write!(f, "the request names nothing"),
            Self::RefundTooLarge { requested_minor, left_minor, .. } => {
                write!(f, "{requested_minor} minor units cannot be given back, {left_minor} are left")
            }
            Self::WrongProvider { order, provider } => {
                write!(f, "order {} is paid through \"{provider}\"", order_code(*order))
            }
            Self::WrongAmount { order, expected_minor, received_minor } => {
                write!(f, "order {} costs {expected_minor} minor units, {received_minor} came", order_code(*order))
            }
            Self::PaymentAlreadyKnown { order } => write!(f, "this payment of order {} is known already", order_code(*order)),
            Self::OrderAlreadyPaid { order } => write!(f, "order {} is paid already, by another payment", order_code(*order)),
            Self::NotAwaitingPayment { order } => write!(f, "order {} does not wait for a payment now", order_code(*order)),
            Self::NoPayoutPending { order, amount_minor } => {
                write!(f, "order {} does not wait for {amount_minor} minor units to be paid out", order_code(*order))
            }
            Self::NoLatePayment { order } => write!(f, "order {} has no late payment to be decided on", order_code(*order)),
            Self::PlanConflict { lost, .. } if lost.is_empty() => {
                write!(f, "the plan cannot be revised now: tables would be sold as a whole of which a part is held or sold")
            }
            Self::PlanConflict { .. } => write!(f, "the plan cannot be revised now: it lacks seats that are held or sold"),
            Self::SeatNotBlocked { seats, .. } => write!(f, "{} of the seats are not blocked", seats.len()),
            Self::TicketNotFound { ticket } => write!(f, "there is no ticket {ticket}"),
            Self::TicketCancelled { ticket } => write!(f, "ticket {ticket} is cancelled"),
            Self::TicketOfOtherShow { ticket, .. } => write!(f, "ticket {ticket} is for another show"),
            Self::UnknownCheckInList { list, .. } => write!(f, "the show has no check-in list number {list}"),
            Self::TicketNotOnList { ticket, .. } => write!(f, "ticket {ticket} is not valid at this entrance"),
            Self::TicketAlreadyUsed { ticket, gate, .. } => write!(f, "ticket {ticket} was used at gate {gate}"),
            Self::PartReleased { home } => write!(f, "what order {home} has here was released"),
            Self::ReservedTooLate { home } => write!(f, "the time of order {home} is over"),
            Self::PartSold { order } => write!(f, "order {order} is sold"),
            Self::PartOfOrder { order, home } => write!(f, "order {order} is a part of order {home}, which has its money"),
            Self::SagaNotStuck { saga } => write!(f, "saga {saga} is not stuck"),
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

impl OrderState {
    /// Its name at the edge.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Stuck => "stuck",
        }
    }
}
