//! After the sale: cancellations, refunds, payments by hand, late money, stuck sagas.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CancelledBy, LatePayment, Money, Order};

/// `POST /v1/orders/{order}/cancel`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// Numbers of the positions; none means all that are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<Vec<u32>>,
    /// On whose wish. Default: an operator's with an admin key, the buyer's with a shop key, which cannot say anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<CancelledBy>,
    /// Whether the show's fee for late cancellations is waived; only with an admin key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waive_fee: bool,
}

/// `POST /v1/orders/{order}/refunds`: money goes back, the places stay sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundOrder {
    /// How much, in the order's currency.
    pub amount: Money,
    /// Why, for those who look at it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `POST /v1/orders/{order}/payments`: money came. `POST /v1/orders/{order}/payouts`: a refund was paid out by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyMoved {
    /// How much, in the order's currency.
    pub amount: Money,
    /// What the bank's statement or the till's journal calls it: the same name is the same payment.
    pub reference: String,
    /// Through which provider. Default: `manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// `POST /v1/orders/{order}/late-payment`: decides on late money that is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveLatePayment {
    /// What shall be done.
    pub policy: LatePayment,
}

/// The answer to `POST /v1/sagas/{saga}/retry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetriedSaga {
    /// The order that the saga drives, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
}

/// Money on its way back to a buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderRefund {
    /// How much.
    pub amount: Money,
    /// Whether it is done.
    pub done: bool,
    /// Why, as far as somebody said so.
    pub note: String,
    /// The saga that drives it.
    pub saga: String,
}

/// Money that came when the places had been given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderLatePayment {
    /// How much.
    pub amount: Money,
    /// The payment's name.
    pub reference: String,
    /// What is done about it.
    pub policy: LatePayment,
}

/// One passage through a door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderCheckIn {
    /// Number of the position whose ticket was scanned.
    pub position: u32,
    /// Name of the check-in list.
    pub list: String,
    /// The gate's name.
    pub gate: String,
    /// When it was scanned.
    pub scanned_at: Timestamp,
}
