//! After the sale: cancellations, refunds, payments by hand, late money, stuck sagas.

use guichet_domain::order::CancelReason;
use guichet_domain::show::LatePayment;
use guichet_domain::{Command, OrderId, Rejection, SagaId, commands};

use super::change::Change;
use super::{CommandError, Guichet};
use crate::providers::PaymentNews;

/// What to cancel, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// Numbers of the positions; none means all that are left.
    pub positions: Option<Vec<u32>>,
    /// On whose wish: [`CancelReason::ByBuyer`] or [`CancelReason::ByOperator`].
    pub reason: CancelReason,
    /// Whether the show's fee for late cancellations is waived.
    pub waive_fee: bool,
}

impl Cancellation {
    /// All of it, on an operator's wish, fees as the show says.
    #[must_use]
    pub fn by_operator() -> Self {
        Self { positions: None, reason: CancelReason::ByOperator, waive_fee: false }
    }

    /// All of it, on the buyer's wish, fees as the show says.
    #[must_use]
    pub fn by_buyer() -> Self {
        Self { reason: CancelReason::ByBuyer, ..Self::by_operator() }
    }
}

impl Guichet {
    /// Takes a sale back, or a part of it: places are free and tickets void when it returns, the money follows. An order that is just
    /// being paid turns round.
    ///
    /// An order with parts in other partitions takes them along when it is cancelled whole, positions are those of its own; a part is
    /// cancelled by its own id, and its home gives the money back. A part is not cancelled before its home is confirmed.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] for `order_already_cancelled`, `order_not_confirmed` and the like.
    pub fn cancel_order(&self, order: OrderId, cancellation: Cancellation) -> Change<'_> {
        let Cancellation { positions, reason, waive_fee } = cancellation;
        Change::new(self, order, Command::CancelOrder(commands::CancelOrder { order, positions, reason, waive_fee }))
    }

    /// Gives money back, in minor units of the order's currency, and leaves the places sold.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] for `refund_too_large` and the like.
    pub fn refund_order(&self, order: OrderId, amount_minor: i64, note: &str) -> Change<'_> {
        Change::new(self, order, Command::RefundOrder(commands::RefundOrder { order, amount_minor, note: note.to_owned() }))
    }

    /// Says that money has come for an order, in minor units of its currency. `reference` names the payment: the same one again is
    /// refused as `payment_already_known`. Money that comes when the places have gone is a late payment.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] for `wrong_amount`, `order_already_paid` and the like.
    pub fn confirm_payment(&self, order: OrderId, provider: &str, amount_minor: i64, reference: &str) -> Change<'_> {
        let news = PaymentNews { order, amount_minor, reference: reference.to_owned(), taken: true };
        self.payment_came(provider, news)
    }

    fn payment_came(&self, provider: &str, news: PaymentNews) -> Change<'_> {
        let PaymentNews { order, amount_minor, reference, taken } = news;
        let provider = provider.to_owned();
        Change::new(self, order, Command::ConfirmPayment(commands::ConfirmPayment { order, provider, amount_minor, reference, taken }))
    }

    /// Says that a refund was paid out by hand.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] with `no_payout_pending` when no refund of this amount waits.
    pub fn confirm_payout(&self, order: OrderId, provider: &str, amount_minor: i64, reference: &str) -> Change<'_> {
        let (provider, reference) = (provider.to_owned(), reference.to_owned());
        Change::new(self, order, Command::ConfirmPayout(commands::ConfirmPayout { order, provider, amount_minor, reference }))
    }

    /// Decides on a late payment that is stuck.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] with `no_late_payment` or `saga_not_stuck`.
    pub fn resolve_late_payment(&self, order: OrderId, policy: LatePayment) -> Change<'_> {
        Change::new(self, order, Command::ResolveLatePayment(commands::ResolveLatePayment { order, policy }))
    }

    /// Lets a stuck saga try its step again.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] with `saga_not_stuck`.
    pub fn retry_saga(&self, saga: SagaId) -> Change<'_> {
        Change::new(self, saga, Command::RetrySaga(commands::RetrySaga { saga }))
    }

    /// Books what a provider reports by itself. False when that cannot be decided now and has to be tried again: the shard is busy, or
    /// the order is just being settled, or stuck. What is refused otherwise is known already, or is for people to look at.
    pub(super) async fn book_news(&self, provider: &str, news: &PaymentNews) -> bool {
        let order = news.order;
        match self.payment_came(provider, news.clone()).await {
            Ok(_) => true,
            Err(CommandError::Busy { .. } | CommandError::OutcomeUnknown { .. }) => false,
            Err(CommandError::Rejected(rejection)) => {
                let code = rejection.reason.code();
                let later = matches!(rejection.reason, Rejection::NotAwaitingPayment { .. } | Rejection::OrderStuck { .. });
                tracing::info!(%order, provider, code, later, "a provider's news changed nothing");
                !later
            }
            Err(error) => {
                tracing::error!(%order, provider, %error, "a provider's news cannot be booked");
                true
            }
        }
    }
}
