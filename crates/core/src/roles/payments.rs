//! The payments role: the only one that talks to payment providers.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::saga::{Effect, EffectOutcome, StepError};

use super::{Role, Task};
use crate::providers::{Authorisation, EffectId, LookUp, PaymentProvider};

/// Calls under way at once; each is a small future, and a provider that takes a second still lets 1,000 orders a second through.
const CONCURRENCY: usize = 1_024;

/// Executes payment effects.
pub(crate) struct Payments {
    providers: BTreeMap<String, Arc<dyn PaymentProvider>>,
    /// How long a provider may take; then the outcome is unknown.
    patience: Duration,
}

impl Payments {
    pub(crate) fn new(providers: BTreeMap<String, Arc<dyn PaymentProvider>>, patience: Duration) -> Self {
        Self { providers, patience }
    }

    async fn call(&self, task: &Task) -> Option<EffectOutcome> {
        let provider = match &task.effect {
            Effect::Authorise { payment, .. } => &payment.provider,
            Effect::Capture { provider, .. } | Effect::Void { provider, .. } | Effect::Refund { provider, .. } => provider,
            _ => return refused("this is not the payments role's".to_owned()),
        };
        let Some(provider) = self.providers.get(provider) else {
            return refused(format!("there is no payment provider \"{provider}\""));
        };
        let id = task.effect_id();
        // Asked before: first find out what became of that.
        if task.attempt > 0 {
            match self.within_patience(provider.look_up(&id)).await {
                Some(LookUp::Known(outcome)) => return Some(outcome),
                Some(LookUp::NeverSeen) => {}
                Some(LookUp::Unavailable(error)) => return Some(EffectOutcome::Unavailable { error }),
                None => return Some(EffectOutcome::Unknown { error: StepError::TimedOut }),
            }
        }
        let outcome = self.within_patience(perform(provider.as_ref(), &id, &task.effect)).await;
        outcome.unwrap_or(Some(EffectOutcome::Unknown { error: StepError::TimedOut }))
    }

    async fn within_patience<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.patience, answer).await.ok()
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of an answer")]
fn refused(why: String) -> Option<EffectOutcome> {
    Some(EffectOutcome::Refused { error: StepError::Failed(why) })
}

async fn perform(provider: &dyn PaymentProvider, id: &EffectId, effect: &Effect) -> Option<EffectOutcome> {
    match effect {
        Effect::Authorise { order, amount_minor, currency, payment } => {
            let authorisation =
                Authorisation { order: *order, amount_minor: *amount_minor, currency: *currency, token: payment.token.clone() };
            provider.authorise(id, &authorisation).await
        }
        Effect::Capture { authorisation, .. } => provider.capture(id, authorisation).await,
        Effect::Void { order, authorisation, .. } => provider.void(id, *order, authorisation.as_deref()).await,
        Effect::Refund { authorisation, amount_minor, .. } => provider.refund(id, authorisation, *amount_minor).await,
        _ => refused("this is not the payments role's".to_owned()),
    }
}

impl Role for Payments {
    fn name(&self) -> &'static str {
        "payments"
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn handles(&self, effect: &Effect) -> bool {
        matches!(effect, Effect::Authorise { .. } | Effect::Capture { .. } | Effect::Void { .. } | Effect::Refund { .. })
    }

    fn execute<'a>(&'a self, task: &'a Task) -> Pin<Box<dyn Future<Output = Option<EffectOutcome>> + Send + 'a>> {
        Box::pin(self.call(task))
    }
}
