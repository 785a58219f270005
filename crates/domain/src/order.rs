//! An order: a purchase, and its payment. Two axes that never mix.

use std::sync::Arc;

use crate::hold::HoldItem;
use crate::{HoldId, OrderId, SagaId, ShowId, TicketId};

/// Most holds in one order.
pub const HOLDS_PER_ORDER_MAX: usize = 20;

/// Where the purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// Accepted; nothing asked of a payment provider yet.
    Placed,
    /// Waits for the payment.
    AwaitingPayment,
    /// Paid and booked; tickets are there.
    Confirmed,
    /// Ended without a sale; everything it took has been given back.
    Cancelled,
    /// Cannot go on by itself; an operator must look.
    Stuck,
}

/// Where the money stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// Nothing has happened.
    None,
    /// Asked, not answered.
    Authorising,
    /// Reserved at the provider.
    Authorised,
    /// Taken.
    Captured,
    /// The provider said no.
    Declined,
    /// Nobody knows yet.
    Unknown,
    /// An authorisation was given back.
    Voided,
    /// Taken and given back.
    Refunded,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// The payment was declined.
    PaymentDeclined,
    /// The payment had not come by the order's deadline.
    DeadlinePassed,
    /// A step failed for good.
    StepFailed,
}

/// How the buyer pays. The token is opaque; it is the provider's business and never a card number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Name of the provider.
    pub provider: String,
    /// What the provider needs to know.
    pub token: String,
}

/// An order as its shard knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The show.
    pub show: ShowId,
    /// The holds that it took over.
    pub holds: Vec<HoldId>,
    /// What those holds claim.
    pub items: Vec<Arc<[HoldItem]>>,
    /// What it costs, in minor units of the show's currency.
    pub total_minor: i64,
    /// How it is paid.
    pub payment_request: PaymentRequest,
    /// The purchase.
    pub state: OrderState,
    /// The money.
    pub payment: PaymentState,
    /// The saga that drives it.
    pub saga: SagaId,
    /// First of its tickets, once booked; the others follow it.
    pub first_ticket: Option<TicketId>,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
}

impl Order {
    /// How many places it buys, which is how many tickets it gets.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.items.iter().flat_map(|items| items.iter()).map(|item| item.claim.quantity()).sum()
    }
}

/// The short code that people read to each other: Crockford base 32 of partition and number.
#[must_use]
pub fn order_code(id: OrderId) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let parts = id.parts();
    // Multiplying by an odd number modulo a power of two is a bijection: neighbours look different, no two orders share a code
    // until a partition has sold 2^35 of them.
    let scrambled = parts.sequence.wrapping_mul(0x0005_DEEC_E66D) & ((1 << 35) - 1);
    let mut value = (u64::from(parts.partition) << 35) | scrambled;
    let mut code = Vec::new();
    while value > 0 || code.len() < 7 {
        code.push(ALPHABET[(value & 31) as usize]);
        value >>= 5;
    }
    code.reverse();
    String::from_utf8(code).unwrap_or_default()
}
