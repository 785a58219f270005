//! Closed sets of names, each a snake_case text on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A text is none of the names of its set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not known here; known are {known}")]
pub struct UnknownName {
    /// The text.
    pub given: String,
    /// The names that are known.
    pub known: String,
}

macro_rules! names {
    ($($(#[doc = $doc:literal])* $set:ident { $($(#[$name_doc:meta])* $name:ident = $text:literal,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $set {
            $($(#[$name_doc])* #[serde(rename = $text)] $name,)*
        }

        impl $set {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl PartialSchema for $set {
            fn schema() -> RefOr<Schema> {
                let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($text),*]));
                names.description(Some(concat!($($doc),*).trim())).into()
            }
        }

        impl ToSchema for $set {}

        impl fmt::Display for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $set {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                let unknown = || UnknownName { given: text.to_owned(), known: [$($text),*].join(", ") };
                Self::ALL.iter().copied().find(|name| name.as_str() == text).ok_or_else(unknown)
            }
        }
    )*};
}

names! {
    /// Where the sale of a show stands.
    SaleState {
        /// Made, not yet on sale.
        Draft = "draft",
        /// On sale.
        Open = "open",
        /// Stopped for a while; orders in flight go on.
        Paused = "paused",
        /// Over.
        Closed = "closed",
    }
    /// Where a hold stands.
    HoldState {
        /// Claims its places.
        Live = "live",
        /// Belongs to an order that is not booked yet.
        InOrder = "in_order",
        /// Became a sale.
        Booked = "booked",
        /// Given back.
        Released = "released",
        /// Ended by itself.
        Expired = "expired",
    }
    /// Where a purchase stands.
    OrderState {
        /// Accepted; nothing asked of a payment provider yet.
        Placed = "placed",
        /// Waits for the payment.
        AwaitingPayment = "awaiting_payment",
        /// Paid and booked; tickets are there.
        Confirmed = "confirmed",
        /// Ended without a sale, or taken back.
        Cancelled = "cancelled",
        /// Cannot go on by itself; an operator must look.
        Stuck = "stuck",
    }
    /// Where the money stands.
    PaymentState {
        /// Nothing has happened.
        None = "none",
        /// Asked, not answered.
        Authorising = "authorising",
        /// Reserved at the provider.
        Authorised = "authorised",
        /// Taken.
        Captured = "captured",
        /// The provider said no.
        Declined = "declined",
        /// Nobody knows yet.
        Unknown = "unknown",
        /// An authorisation was given back.
        Voided = "voided",
        /// Taken and given back.
        Refunded = "refunded",
        /// Taken, and a part of it given back.
        PartiallyRefunded = "partially_refunded",
        /// Came when the places had been given back; the show's policy for late payments resolves it.
        PaidUnfulfilled = "paid_unfulfilled",
    }
    /// Why an order was cancelled.
    CancelReason {
        /// The payment was declined.
        PaymentDeclined = "payment_declined",
        /// The payment had not come by the order's deadline.
        DeadlinePassed = "deadline_passed",
        /// A step failed for good.
        StepFailed = "step_failed",
        /// Its buyer did not want it any more.
        ByBuyer = "by_buyer",
        /// An operator took it back.
        ByOperator = "by_operator",
    }
    /// On whose wish an order is cancelled.
    CancelledBy {
        /// Its buyer's.
        Buyer = "buyer",
        /// An operator's.
        Operator = "operator",
    }
    /// What happens to money that comes for an order whose places have been given back.
    LatePayment {
        /// The same places, if they are still free; otherwise the money goes back.
        SameSeat = "same_seat",
        /// The same places, or as many of the same product and category; otherwise the money goes back.
        EquivalentSeat = "equivalent_seat",
        /// The money goes back.
        Refund = "refund",
    }
    /// Whether a seat may be left alone between taken ones.
    Orphans {
        /// Nobody cares.
        Off = "off",
        /// Seats that the house chooses leave none alone as long as there is another place.
        Prefer = "prefer",
        /// No hold may leave a seat alone that was not alone before, hand-picked seats included.
        Forbid = "forbid",
    }
    /// What an API key allows.
    Scope {
        /// Everything, of all organisers.
        Admin = "admin",
        /// Everything of one organiser.
        Organiser = "organiser",
        /// The box office: holds and orders without their tokens, blocked seats, cancellations, payments by hand.
        Sales = "sales",
        /// Holds and orders, each reachable only with its hold token.
        Shop = "shop",
        /// The door: scanning tickets and the lists for it.
        CheckIn = "check_in",
        /// Looking: shows, availability, orders, reports. Neither tickets nor changes.
        ReadOnly = "read_only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_on_the_wire_is_the_name_that_is_parsed_and_printed() {
        for state in OrderState::ALL {
            assert_eq!(state.to_string().parse(), Ok(*state));
            assert_eq!(serde_json::to_string(state).unwrap(), format!("\"{state}\""));
        }
        assert!("sold".parse::<OrderState>().unwrap_err().to_string().contains("awaiting_payment"));
    }
}
