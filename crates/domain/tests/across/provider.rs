//! A payment provider that is slow, away or silent by chance, keeps books, and answers the same question the same.

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::saga::{Direction, Effect, EffectOutcome, StepError};
use guichet_domain::{OrderId, SagaId};

use super::Chance;

/// What it did with the money of one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) reserved_minor: i64,
    pub(crate) taken_minor: i64,
    pub(crate) back_minor: i64,
    pub(crate) voided: bool,
}

#[derive(Default)]
pub(crate) struct Provider {
    pub(crate) accounts: BTreeMap<OrderId, Account>,
    answered: BTreeMap<(SagaId, u8, u8), EffectOutcome>,
    declined: BTreeSet<OrderId>,
    /// Chances in percent: that it declines, that it has trouble with a call.
    pub(crate) declining: u64,
    pub(crate) troubled: u64,
    /// Until then every authorisation hangs.
    pub(crate) hangs_until_unix_ms: u64,
}

impl Provider {
    /// The outcome and how long it takes.
    pub(crate) fn perform(
        &mut self,
        chance: &mut Chance,
        id: (SagaId, u8, Direction),
        effect: &Effect,
        now_unix_ms: u64,
    ) -> (u64, EffectOutcome) {
        let trouble = || StepError::Unavailable("trouble".into());
        if matches!(effect, Effect::Authorise { .. }) && now_unix_ms < self.hangs_until_unix_ms {
            return (10_000, EffectOutcome::Unknown { error: StepError::TimedOut });
        }
        if chance.percent(self.troubled) {
            return (10, EffectOutcome::Unavailable { error: trouble() });
        }
        let key = (id.0, id.1, u8::from(id.2 == Direction::Backward));
        let outcome = match self.answered.get(&key) {
            Some(outcome) => outcome.clone(),
            None => self.act(chance, effect),
        };
        self.answered.insert(key, outcome.clone());
        if chance.percent(self.troubled) {
            return (2_000, EffectOutcome::Unknown { error: StepError::TimedOut });
        }
        (1 + chance.below(3_000), outcome)
    }

    fn act(&mut self, chance: &mut Chance, effect: &Effect) -> EffectOutcome {
        let declined = || EffectOutcome::Refused { error: StepError::Declined("no".into()) };
        let done = |receipt: &str| EffectOutcome::Done { receipt: Some(receipt.into()) };
        match effect {
            Effect::Authorise { order, amount_minor, .. } => {
                let account = self.accounts.entry(*order).or_default();
                if account.voided || chance.percent(self.declining) {
                    return declined();
                }
                account.reserved_minor = *amount_minor;
                done("authorisation")
            }
            Effect::Void { order, .. } => {
                let account = self.accounts.entry(*order).or_default();
                assert_eq!(account.taken_minor - account.back_minor, 0, "money that was taken is not voided");
                (account.voided, account.reserved_minor) = (true, 0);
                done("")
            }
            Effect::Capture { order, .. } => {
                let account = self.accounts.get_mut(order).unwrap();
                assert!(account.reserved_minor > 0 && !account.voided);
                account.taken_minor = account.reserved_minor;
                done("")
            }
            Effect::Refund { order, amount_minor, .. } => {
                let account = self.accounts.get_mut(order).unwrap();
                account.back_minor += amount_minor;
                assert!(account.back_minor <= account.taken_minor, "more given back than taken");
                done("")
            }
            Effect::IssueTickets { .. } => done("0000002a"),
            other => panic!("{other:?} is not for a provider"),
        }
    }
}
