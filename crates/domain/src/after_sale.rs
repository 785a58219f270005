//! What happens to an order after it was sold, or too late to be sold: cancellations, refunds, late money, the door.

use crate::SagaId;
use crate::order::CancelReason;
use crate::show::LatePayment;

/// Everything that came after the sale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AfterSale {
    /// Positions that were cancelled, ascending.
    pub cancelled: Vec<u32>,
    /// What was kept of their prices, in minor units.
    pub fees_minor: i64,
    /// Refunds, done and under way.
    pub refunds: Vec<Refund>,
    /// Somebody cancels it while it is on its way to be sold: it turns round as soon as it can.
    pub cancel_requested: Option<CancelReason>,
    /// Money that came when the places had gone.
    pub late: Option<Late>,
    /// Names of payments before the one that counts now: told again, they are known.
    pub earlier_payments: Vec<String>,
    /// Who went through which door.
    pub check_ins: Vec<CheckIn>,
}

/// One refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The saga that drives it; the order's own, where that unwinds.
    pub saga: SagaId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Whether the provider has done it.
    pub done: bool,
}

/// Money that came too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// How much, in minor units.
    pub amount_minor: i64,
    /// What is done about it.
    pub policy: LatePayment,
}

/// One passage through a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// The position of the ticket.
    pub position: u32,
    /// Index of the check-in list.
    pub list: u16,
    /// At which gate.
    pub gate: String,
    /// When it was scanned.
    pub scanned_at_unix_ms: u64,
}

impl AfterSale {
    /// What is given back of the last payment: sagas are numbered, so what began before its own settled an earlier one.
    pub(crate) fn given_back_minor(&self, since: SagaId, is: impl Fn(&Refund) -> bool) -> i64 {
        let counts = |refund: &&Refund| refund.saga.sequence() >= since.sequence() && is(refund);
        self.refunds.iter().filter(counts).map(|refund| refund.amount_minor).sum()
    }

    /// What has been given back, in minor units.
    #[must_use]
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().filter(|refund| refund.done).map(|refund| refund.amount_minor).sum()
    }
}
