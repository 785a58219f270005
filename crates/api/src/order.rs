//! Orders and their tickets.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CancelReason, Money, OrderCheckIn, OrderLatePayment, OrderRefund, OrderState, PaymentState};

/// `POST /v1/orders`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// Ids of the holds that are bought.
    pub holds: Vec<String>,
    /// The secret of each hold, in the same order; an admin key needs none, one hold may have its secret in a header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// Who buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Buyer>,
    /// How it is paid.
    pub payment: Payment,
}

/// Who buys. Printing it with `{:?}` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buyer").finish_non_exhaustive()
    }
}

/// How an order is paid. The token is the provider's business and never a card number; `{:?}` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Name of the provider.
    pub provider: String,
    /// What the provider needs to know.
    pub token: String,
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Its id.
    pub order: String,
    /// The code that people read to each other.
    pub code: String,
    /// Id of the show that it lives with: the first of its shows.
    pub show: String,
    /// The order that it is a part of, when that is at home in another partition and has the money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// Its parts in other partitions, each an order with positions of its own; the total covers them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// The holds that it took.
    pub holds: Vec<String>,
    /// The purchase.
    pub state: OrderState,
    /// The money.
    pub payment: OrderPayment,
    /// What it costs.
    pub total: Money,
    /// What it buys, place by place.
    pub positions: Vec<OrderPosition>,
    /// Tickets that are out and valid.
    pub tickets: u32,
    /// What was kept of the prices of cancelled positions.
    pub fees: Money,
    /// Refunds, done and under way.
    pub refunds: Vec<OrderRefund>,
    /// What has been given back.
    pub refunded: Money,
    /// Money that came when the places had been given back.
    #[serde(default)]
    pub late_payment: Option<OrderLatePayment>,
    /// Who went through which door.
    pub check_ins: Vec<OrderCheckIn>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<CancelReason>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ends unpaid.
    pub deadline: Timestamp,
    /// The saga that drives it, or drove it last.
    pub saga: OrderSaga,
}

/// The money of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderPayment {
    /// Where it stands.
    pub state: PaymentState,
    /// Who handles it.
    pub provider: String,
}

/// One place that an order buys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderPosition {
    /// Its number in the order, from 0.
    pub number: u32,
    /// Id of the show.
    pub show: String,
    /// Name of the product.
    pub product: String,
    /// Label path of the seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Its price.
    pub price: Money,
    /// Whether it was cancelled after the sale.
    pub cancelled: bool,
    /// Id of its ticket, once the tickets are out; that of a cancelled position opens no door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// How the saga of an order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderSaga {
    /// Its id.
    pub saga: String,
    /// Name of what it runs: `order`, `refund` or `late_payment`.
    pub definition: String,
    /// Name of the step that it is at.
    pub step: String,
    /// Whether it is on its way back.
    pub unwinding: bool,
    /// How often the pending effect has been tried before.
    pub attempt: u32,
    /// The last error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it will try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

/// A page of orders, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderList {
    /// The orders.
    pub orders: Vec<Order>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// Its id.
    pub ticket: String,
    /// What the door scans.
    pub code: String,
    /// Number of its position in the order.
    pub position: u32,
    /// Id of the show that it is for.
    pub show: String,
    /// Name of its product.
    pub product: String,
    /// Label path of its seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// Id of its order.
    pub order: String,
}

/// The valid tickets of an order; none before they are issued, none for positions that were cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketList {
    /// The tickets.
    pub tickets: Vec<Ticket>,
}
