//! The payment provider's own side: the engine's simulated one, some refusals that it would never give, and what it says by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use guichet_core::{Authorisation, EffectId, LedgerEntry, LookUp, SimulatedProvider, effect_id};
use guichet_core::{PaymentNews, Simulated};
use guichet_domain::SagaId;
use guichet_domain::saga::{Direction, Effect, EffectOutcome, StepError};

use crate::plan::PaymentFaults;
use crate::rng::Rng;

/// The provider.
pub(crate) struct Bank {
    provider: SimulatedProvider,
    refused: BTreeMap<EffectId, EffectOutcome>,
    /// Payments that were taken without being asked to: their capture cannot be refused any more.
    taken: BTreeSet<String>,
    rng: Rng,
}

/// What the provider does about a question.
pub(super) struct Deed {
    pub(super) outcome: EffectOutcome,
    /// How long it takes.
    pub(super) after: Duration,
    /// Whether it says so.
    pub(super) arrives: bool,
    /// What it says by itself, once for each.
    pub(super) news: Vec<PaymentNews>,
    /// The payment is in progress; it comes after so long.
    pub(super) late: Option<Duration>,
}

fn at_once(outcome: EffectOutcome) -> Deed {
    Deed { outcome, after: Duration::ZERO, arrives: true, news: Vec::new(), late: None }
}

impl Bank {
    pub(super) fn new(rng: Rng) -> Self {
        Self { provider: SimulatedProvider::default(), refused: BTreeMap::new(), taken: BTreeSet::new(), rng }
    }

    pub(super) fn ledger(&self) -> Vec<LedgerEntry> {
        self.provider.ledger()
    }

    pub(super) fn set_outage(&self, outage: bool) {
        self.provider.set_outage(outage);
    }

    pub(super) fn look_up(&self, id: &EffectId) -> LookUp {
        match (self.provider.look_up_now(id), self.refused.get(id)) {
            (LookUp::NeverSeen, Some(refusal)) => LookUp::Known(refusal.clone()),
            (known, _) => known,
        }
    }

    /// Somebody talks to the provider about a refusal: now and then it is taken back, with whatever else the saga could not undo.
    pub(super) fn reconsider(&mut self, saga: SagaId, step: u8, direction: Direction, faults: &PaymentFaults) {
        if self.rng.chance(faults.relent) {
            self.refused.remove(&effect_id(saga, step, direction));
            for step in 0..=step {
                self.refused.remove(&effect_id(saga, step, Direction::Backward));
            }
        }
    }

    pub(super) fn perform(&mut self, id: &EffectId, effect: &Effect, faults: &PaymentFaults) -> Deed {
        if let LookUp::Unavailable(error) = self.provider.look_up_now(id) {
            return at_once(EffectOutcome::Unavailable { error });
        }
        if let LookUp::Known(outcome) = self.look_up(id) {
            return at_once(outcome);
        }
        let rate = match effect {
            Effect::Capture { authorisation, .. } if !self.taken.contains(authorisation) => faults.refuse_capture,
            Effect::Refund { authorisation, .. } if self.taken.contains(authorisation) => faults.refuse_late_refund,
            Effect::Void { .. } | Effect::Refund { .. } => faults.refuse_return,
            _ => 0,
        };
        if self.rng.chance(rate) {
            let refusal = EffectOutcome::Refused { error: StepError::Failed("the bank will not".into()) };
            self.refused.insert(id.clone(), refusal.clone());
            return at_once(refusal);
        }
        match effect {
            Effect::Authorise { order, amount_minor, currency, payment } => {
                let (order, amount_minor, token) = (*order, *amount_minor, payment.token.clone());
                let authorisation = Authorisation { order, amount_minor, currency: *currency, token };
                let Simulated { outcome, after, arrives, callbacks, late } = self.provider.authorise_now(id, &authorisation);
                let receipt = if let EffectOutcome::Done { receipt } = &outcome { receipt.clone() } else { None };
                let news = receipt.map(|reference| PaymentNews { order, amount_minor, reference, taken: false });
                let news = news.into_iter().cycle().take(callbacks as usize).collect();
                Deed { outcome, after, arrives, news, late }
            }
            Effect::Capture { authorisation, .. } => at_once(self.provider.capture_now(id, authorisation)),
            Effect::Void { order, authorisation, .. } => at_once(self.provider.void_now(id, *order, authorisation.as_deref())),
            Effect::Refund { authorisation, amount_minor, .. } => at_once(self.provider.refund_now(id, authorisation, *amount_minor)),
            _ => at_once(EffectOutcome::Refused { error: StepError::Failed("not a payment".into()) }),
        }
    }

    /// A payment in progress comes, whatever has become of its order.
    pub(super) fn settle_late(&mut self, id: &EffectId) -> Option<PaymentNews> {
        let news = self.provider.settle_late(id)?;
        self.taken.insert(news.reference.clone());
        Some(news)
    }
}
