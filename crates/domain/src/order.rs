//! An order: a purchase, and its payment. Two axes that never mix.

use std::sync::Arc;

use crate::across::Across;
use crate::after_sale::{AfterSale, Refund};
use crate::hold::{BuyerRef, HoldItem, places_of};
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
    /// Ended without a sale, or taken back; everything it took has been given back.
    Cancelled,
    /// Cannot go on by itself; an operator must look.
    Stuck,
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
    /// Taken, and a part of it given back.
    PartiallyRefunded,
    /// Money came when the places had gone; the show's policy for late payments resolves it.
    PaidUnfulfilled,
}

/// Why an order, or a part of it, was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// The payment was declined.
    PaymentDeclined,
    /// The payment had not come by the order's deadline.
    DeadlinePassed,
    /// A step failed for good.
    StepFailed,
    /// Its buyer did not want it any more.
    ByBuyer,
    /// An operator took it back.
    ByOperator,
}

/// How the buyer pays. The token is opaque; it is the provider's business and never a card number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Name of the provider.
    pub provider: String,
    /// What the provider needs to know.
    pub token: String,
}

/// What one of the order's holds bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Of which show.
    pub show: ShowId,
    /// What.
    pub items: Arc<[HoldItem]>,
    /// Who it counts for, where a show limits what one buyer may have.
    pub buyer_ref: Option<Box<BuyerRef>>,
}

/// One place of an order; one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPosition<'a> {
    /// Its number in the order, from 0.
    pub number: u32,
    /// The line that it is part of.
    pub line: &'a OrderLine,
    /// The place, as an item of its own.
    pub item: HoldItem,
}

/// An order as its shard knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The show that it lives with: the first of its shows.
    pub show: ShowId,
    /// The holds that it took over.
    pub holds: Vec<HoldId>,
    /// What those holds claim, in the same order.
    pub lines: Vec<OrderLine>,
    /// What it costs, in minor units of the currency of its shows.
    pub total_minor: i64,
    /// How it is paid.
    pub payment_request: PaymentRequest,
    /// The purchase. Whether it is stuck stands in `stuck`, so that it is known where it goes on.
    pub state: OrderState,
    /// Whether nothing moves any more without an operator.
    pub stuck: bool,
    /// The money.
    pub payment: PaymentState,
    /// The provider's name for it, once authorised.
    pub authorisation: Option<String>,
    /// The saga that drives it, or that drove it last.
    pub saga: SagaId,
    /// First of its tickets, once booked; the others follow it.
    pub first_ticket: Option<TicketId>,
    /// Whether its tickets are out.
    pub issued: bool,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
    /// What happened after it was sold, or too late; most orders have nothing of it.
    pub after: Option<Box<AfterSale>>,
    /// Its home or its parts in other partitions; most orders have none.
    pub across: Option<Box<Across>>,
}

impl Order {
    /// How many places it buys, which is how many tickets it gets.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.lines.iter().map(|line| places_of(&line.items)).sum()
    }

    /// Its places, one by one, in the order of its tickets.
    pub fn positions(&self) -> impl Iterator<Item = OrderPosition<'_>> {
        let places = self.lines.iter().flat_map(|line| line.items.iter().flat_map(move |item| item.places().map(move |item| (line, item))));
        (0..).zip(places).map(|(number, (line, item))| OrderPosition { number, line, item })
    }

    /// Whether a position was cancelled after the sale.
    #[must_use]
    pub fn is_cancelled(&self, position: u32) -> bool {
        self.after.as_ref().is_some_and(|after| after.cancelled.binary_search(&position).is_ok())
    }

    /// What came after the sale, to be added to.
    pub(crate) fn after_mut(&mut self) -> &mut AfterSale {
        self.after.get_or_insert_default()
    }

    /// A refund is done.
    pub(crate) fn refunded(&mut self, saga: SagaId, amount_minor: i64) {
        let (paid_minor, driver) = (self.paid_minor(), self.saga);
        let after = self.after_mut();
        match after.refunds.iter_mut().find(|refund| refund.saga == saga && !refund.done) {
            Some(refund) => refund.done = true,
            None => after.refunds.push(Refund { saga, amount_minor, done: true }),
        }
        let late = after.late.as_ref().is_some_and(|late| late.amount_minor == amount_minor && driver == saga);
        let all = late || after.given_back_minor(driver, |refund| refund.done) >= paid_minor;
        self.payment = if all { PaymentState::Refunded } else { PaymentState::PartiallyRefunded };
    }

    /// What was taken for it, in minor units: by its last payment, if money came more than once.
    #[must_use]
    pub fn paid_minor(&self) -> i64 {
        match self.payment {
            PaymentState::Captured | PaymentState::Refunded | PaymentState::PartiallyRefunded | PaymentState::PaidUnfulfilled => {
                self.after.as_ref().and_then(|after| after.late.as_ref()).map_or(self.total_minor, |late| late.amount_minor)
            }
            _ => 0,
        }
    }

    /// What can still be given back, refunds under way counted as given.
    #[must_use]
    pub fn refundable_minor(&self) -> i64 {
        let given = self.after.as_ref().map_or(0, |after| after.given_back_minor(self.saga, |_| true));
        self.paid_minor() - given
    }
}

/// Crockford's base 32: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Numbers of one partition before its codes would repeat.
const CODE_NUMBER_BITS: u32 = 35;
const CODE_NUMBER_MASK: u64 = (1 << CODE_NUMBER_BITS) - 1;
/// Multiplying by an odd number modulo a power of two is a bijection: neighbours look different, and there is a way back.
const SCRAMBLE: u64 = 0x0005_DEEC_E66D;

/// The short code that people read to each other: Crockford base 32 of partition and number.
#[must_use]
pub fn order_code(id: OrderId) -> String {
    let parts = id.parts();
    let scrambled = parts.sequence.wrapping_mul(SCRAMBLE) & CODE_NUMBER_MASK;
    let mut value = (u64::from(parts.partition) << CODE_NUMBER_BITS) | scrambled;
    let mut code = Vec::new();
    while value > 0 || code.len() < 7 {
        code.push(ALPHABET[(value & 31) as usize]);
        value >>= 5;
    }
    code.reverse();
    String::from_utf8(code).unwrap_or_default()
}

/// Partition and number of the order with a short code; `None` when the text is no code. Reads what people write: any case, and `O`,
/// `I` and `L` for the digits that they look like.
#[must_use]
pub fn order_of_code(code: &str) -> Option<(u16, u64)> {
    if !(7..=10).contains(&code.len()) {
        return None;
    }
    let value = code.bytes().try_fold(0_u64, |value, letter| {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            letter => letter,
        };
        let digit = ALPHABET.iter().position(|other| *other == letter)?;
        Some((value << 5) | digit as u64)
    })?;
    let partition = u16::try_from(value >> CODE_NUMBER_BITS).ok()?;
    Some((partition, (value & CODE_NUMBER_MASK).wrapping_mul(inverse(SCRAMBLE)) & CODE_NUMBER_MASK))
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the bits that are right, from three.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::IdParts;

    proptest! {
        #[test]
        fn a_code_leads_back_to_its_order(partition in 0_u16..(1 << 14), sequence in 1_u64..(1 << 35)) {
            let code = order_code(OrderId::new(IdParts { partition, incarnation: 0, created_at_unix_ms: 1, sequence }));
            prop_assert_eq!(order_of_code(&code), Some((partition, sequence)));
            prop_assert_eq!(order_of_code(&code.to_lowercase().replace('0', "o").replace('1', "l")), Some((partition, sequence)));
        }

        #[test]
        fn no_text_is_more_than_no_code(text in "\\PC{0,14}") {
            let _ = order_of_code(&text);
        }
    }
}
