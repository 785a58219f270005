//! What became of every cent, counted from the events alone.

use std::collections::BTreeMap;

use guichet_domain::order::{Order, PaymentState};
use guichet_domain::saga::Effect;
use guichet_domain::{Event, OrderId, SagaId};

/// The money of one order.
#[derive(Debug, Default)]
struct Account {
    total_minor: i64,
    /// Taken and given back before money came late: always the same.
    settled_minor: i64,
    /// Taken since then.
    taken_minor: i64,
    /// Given back since then.
    given_minor: i64,
    /// Refunds on their way.
    under_way: BTreeMap<SagaId, i64>,
    fees_minor: i64,
    /// Refunded although the place stayed sold, or on top of a cancellation.
    goodwill_minor: i64,
    /// Not refunded by a cancellation because goodwill had been quicker.
    short_minor: i64,
}

impl Account {
    fn left_minor(&self) -> i64 {
        self.taken_minor - self.given_minor - self.under_way.values().sum::<i64>()
    }
}

#[derive(Default)]
pub(crate) struct Ledger {
    accounts: BTreeMap<OrderId, Account>,
    /// The refund that must follow in this record.
    due: Option<(OrderId, i64)>,
}

impl Ledger {
    pub(crate) fn placed(&mut self, order: OrderId, total_minor: i64) {
        self.accounts.insert(order, Account { total_minor, ..Account::default() });
    }

    pub(crate) fn cancelled(&mut self, order: OrderId, prices: &[i64], fees: &[i64]) {
        let account = self.account(order);
        assert_eq!(prices.len(), fees.len());
        assert!(prices.iter().zip(fees).all(|(price, fee)| (0..=*price).contains(fee)), "{fees:?} of {prices:?}");
        let fees_minor: i64 = fees.iter().sum();
        let wanted_minor = prices.iter().sum::<i64>() - fees_minor;
        let refund_minor = wanted_minor.min(account.left_minor());
        account.fees_minor += fees_minor;
        account.short_minor += wanted_minor - refund_minor;
        self.due = (refund_minor > 0).then_some((order, refund_minor));
    }

    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::PaymentCaptured { order } => {
                let account = self.account(*order);
                assert_eq!((account.taken_minor, account.given_minor), (0, 0), "taken twice");
                account.taken_minor = account.total_minor;
            }
            Event::PaymentArrivedLate { order, amount_minor, .. } => {
                let account = self.account(*order);
                assert_eq!(account.left_minor(), 0, "money came beside other money: {account:?}");
                account.settled_minor += account.taken_minor;
                (account.taken_minor, account.given_minor) = (*amount_minor, 0);
            }
            Event::RefundStarted { order, saga, amount_minor, .. } => {
                let asked_for = self.due.take() == Some((*order, *amount_minor));
                let account = self.account(*order);
                account.under_way.insert(*saga, *amount_minor);
                account.goodwill_minor += if asked_for { 0 } else { *amount_minor };
            }
            Event::PaymentRefunded { order, saga, amount_minor } => {
                let account = self.account(*order);
                if let Some(wanted_minor) = account.under_way.remove(saga) {
                    assert_eq!(wanted_minor, *amount_minor);
                }
                account.given_minor += amount_minor;
            }
            Event::EffectIntended { effect: Effect::Authorise { amount_minor, .. } | Effect::Refund { amount_minor, .. }, .. } => {
                assert!(*amount_minor > 0, "nothing is paid for what costs nothing");
            }
            Event::EffectIntended { effect: Effect::Capture { order, .. } | Effect::Void { order, .. }, .. } => {
                assert!(self.account(*order).total_minor > 0, "nothing is paid for what costs nothing");
            }
            _ => {}
        }
        for (order, account) in &self.accounts {
            assert!(account.left_minor() >= 0, "{order:?} gave back more than was paid: {account:?}");
        }
    }

    pub(crate) fn end_of_record(&self) {
        assert_eq!(self.due, None, "a cancellation without its refund");
    }

    fn account(&mut self, order: OrderId) -> &mut Account {
        self.accounts.get_mut(&order).expect("the order was placed")
    }

    /// The order says the same; `at_rest`: nothing is being sold or settled, refunds aside.
    pub(crate) fn assert_agrees(&self, order: &Order, at_rest: bool, valid_minor: i64) {
        let account = &self.accounts[&order.id];
        let after = |of: fn(&guichet_domain::after_sale::AfterSale) -> i64| order.after.as_deref().map_or(0, of);
        assert_eq!(after(|after| after.refunded_minor()), account.settled_minor + account.given_minor, "{order:?}");
        assert_eq!(after(|after| after.fees_minor), account.fees_minor, "{order:?}");
        if !at_rest {
            return;
        }
        assert_eq!(order.refundable_minor(), account.left_minor(), "{order:?} {account:?}");
        let kept_minor = valid_minor + account.fees_minor + account.short_minor - account.goodwill_minor;
        assert_eq!(account.left_minor(), kept_minor, "{order:?} {account:?}");
        let said = match order.payment {
            PaymentState::Captured => account.taken_minor == account.total_minor && account.given_minor == 0,
            PaymentState::PartiallyRefunded => (1..account.taken_minor).contains(&account.given_minor),
            PaymentState::Refunded => account.taken_minor > 0 && account.taken_minor == account.given_minor,
            PaymentState::PaidUnfulfilled | PaymentState::Authorising | PaymentState::Authorised | PaymentState::Unknown => false,
            PaymentState::None => account.total_minor == 0 && account.taken_minor == 0,
            PaymentState::Declined | PaymentState::Voided => account.taken_minor == 0,
        };
        assert!(said, "{order:?} {account:?}");
    }
}
