//! A rejection as a sentence for people. What is known by number here is said by number; the edge says it by name.

use std::fmt;

use super::Rejection;
use crate::order::order_code;

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
            Self::InvalidApiKey { what } => write!(f, "this API key cannot be: {what}"),
            Self::InvalidOrganiser { what } => write!(f, "this organiser cannot be: {what}"),
            Self::OrganiserNotFound { organiser } => write!(f, "there is no organiser {organiser}"),
            Self::OrganiserExists { organiser } => write!(f, "organiser {organiser} has this name"),
            Self::WrongPartition => write!(f, "this partition does not hold that"),
        }
    }
}
