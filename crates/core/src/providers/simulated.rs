//! A provider that moves no money, for demos, tests and rehearsals. What it does is chosen by the token:
//!
//! | token | what happens |
//! |---|---|
//! | `approve` | authorised at once |
//! | `decline`, `decline:CODE` | declined, with that code |
//! | `slow:MS` | authorised after so many milliseconds |
//! | `timeout` | authorised, but the answer is lost: the caller must look it up |
//! | `timeout_declined` | declined, and the answer is lost |
//!
//! Any other token is declined as `invalid_token`. [`SimulatedProvider::set_outage`] makes every call fail as unavailable.
//! It keeps a ledger of what it did and answers a repeated effect id from it, as real providers do.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_domain::OrderId;
use guichet_domain::saga::{EffectOutcome, StepError};
use parking_lot::Mutex;

use super::{Answer, Authorisation, EffectId, LookUp, PaymentProvider};

/// Longest `slow:MS`: beyond it every caller has given up.
const SLOW_MS_MAX: u64 = 60_000;

/// One movement that the provider performed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after the types, which are documented")]
pub enum LedgerEntry {
    Authorised { order: OrderId, amount_minor: i64 },
    Captured { authorisation: String },
    Voided { order: OrderId },
    Refunded { authorisation: String, amount_minor: i64 },
}

#[derive(Default)]
struct Books {
    /// What was answered to each effect, the base of idempotency.
    answered: BTreeMap<EffectId, EffectOutcome>,
    /// Orders that were given back, reserved or not: an authorisation that was overtaken on its way comes too late.
    closed: BTreeSet<OrderId>,
    ledger: Vec<LedgerEntry>,
}

/// The simulated provider.
#[derive(Default)]
pub struct SimulatedProvider {
    books: Mutex<Books>,
    outage: AtomicBool,
}

/// How an authorisation goes, and how its answer travels.
enum Plan {
    Answer(EffectOutcome),
    AnswerAfter(Duration, EffectOutcome),
    LoseAnswer(EffectOutcome),
}

impl SimulatedProvider {
    /// Starts or ends an outage.
    pub fn set_outage(&self, outage: bool) {
        self.outage.store(outage, Ordering::Release);
    }

    /// Everything that was performed, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.books.lock().ledger.clone()
    }

    fn unavailable(&self) -> Option<EffectOutcome> {
        let error = || StepError::Unavailable("simulated outage".into());
        self.outage.load(Ordering::Acquire).then(|| EffectOutcome::Unavailable { error: error() })
    }

    /// Performs an effect once; a repeat gets the first answer and changes nothing.
    fn perform(&self, id: &EffectId, act: impl FnOnce() -> (EffectOutcome, Option<LedgerEntry>)) -> EffectOutcome {
        let mut books = self.books.lock();
        if let Some(answer) = books.answered.get(id) {
            return answer.clone();
        }
        let (outcome, entry) = act();
        books.ledger.extend(entry);
        books.answered.insert(id.clone(), outcome.clone());
        outcome
    }

    fn plan(id: &EffectId, token: &str) -> Plan {
        let approve = || EffectOutcome::Done { receipt: Some(format!("sim_{}", id.0)) };
        let decline = |code: &str| EffectOutcome::Refused { error: StepError::Declined(code.to_owned()) };
        match token.split_once(':').unwrap_or((token, "")) {
            ("approve", "") => Plan::Answer(approve()),
            ("decline", "") => Plan::Answer(decline("card_declined")),
            ("decline", code) => Plan::Answer(decline(code)),
            ("slow", ms) => match ms.parse::<u64>() {
                Ok(ms) => Plan::AnswerAfter(Duration::from_millis(ms.min(SLOW_MS_MAX)), approve()),
                Err(_) => Plan::Answer(decline("invalid_token")),
            },
            ("timeout", "") => Plan::LoseAnswer(approve()),
            ("timeout_declined", "") => Plan::LoseAnswer(decline("card_declined")),
            _ => Plan::Answer(decline("invalid_token")),
        }
    }

    /// What an authorisation leads to, without waiting: the outcome, how long it takes, and whether the answer arrives. For programs
    /// with a clock of their own, such as a simulator.
    pub fn authorise_now(&self, id: &EffectId, authorisation: &Authorisation) -> (EffectOutcome, Duration, bool) {
        if let Some(unavailable) = self.unavailable() {
            return (unavailable, Duration::ZERO, true);
        }
        let known = self.books.lock().answered.contains_key(id);
        let too_late = !known && self.books.lock().closed.contains(&authorisation.order);
        let (outcome, delay, arrives) = match Self::plan(id, &authorisation.token) {
            _ if too_late => {
                let error = StepError::Declined("order_voided".to_owned());
                (EffectOutcome::Refused { error }, Duration::ZERO, true)
            }
            Plan::Answer(outcome) => (outcome, Duration::ZERO, true),
            Plan::AnswerAfter(delay, outcome) => (outcome, delay, true),
            // A repeat of a call whose answer was lost is answered.
            Plan::LoseAnswer(outcome) => (outcome, Duration::ZERO, known),
        };
        let entry = matches!(outcome, EffectOutcome::Done { .. })
            .then_some(LedgerEntry::Authorised { order: authorisation.order, amount_minor: authorisation.amount_minor });
        (self.perform(id, || (outcome, entry)), delay, arrives)
    }

    /// [`PaymentProvider::capture`] without waiting.
    pub fn capture_now(&self, id: &EffectId, authorisation: &str) -> EffectOutcome {
        let entry = LedgerEntry::Captured { authorisation: authorisation.to_owned() };
        self.unavailable().unwrap_or_else(|| self.perform(id, || (EffectOutcome::Done { receipt: None }, Some(entry))))
    }

    /// [`PaymentProvider::void`] without waiting.
    pub fn void_now(&self, id: &EffectId, order: OrderId) -> EffectOutcome {
        let authorised =
            self.books.lock().ledger.iter().any(|entry| matches!(entry, LedgerEntry::Authorised { order: of, .. } if *of == order));
        let entry = authorised.then_some(LedgerEntry::Voided { order });
        if let Some(unavailable) = self.unavailable() {
            return unavailable;
        }
        self.books.lock().closed.insert(order);
        self.perform(id, || (EffectOutcome::Done { receipt: None }, entry))
    }

    /// [`PaymentProvider::refund`] without waiting.
    pub fn refund_now(&self, id: &EffectId, authorisation: &str, amount_minor: i64) -> EffectOutcome {
        let entry = LedgerEntry::Refunded { authorisation: authorisation.to_owned(), amount_minor };
        self.unavailable().unwrap_or_else(|| self.perform(id, || (EffectOutcome::Done { receipt: None }, Some(entry))))
    }

    /// [`PaymentProvider::look_up`] without waiting.
    pub fn look_up_now(&self, id: &EffectId) -> LookUp {
        if self.outage.load(Ordering::Acquire) {
            return LookUp::Unavailable(StepError::Unavailable("simulated outage".into()));
        }
        self.books.lock().answered.get(id).cloned().map_or(LookUp::NeverSeen, LookUp::Known)
    }
}

impl PaymentProvider for SimulatedProvider {
    fn authorise<'a>(&'a self, id: &'a EffectId, authorisation: &'a Authorisation) -> Answer<'a> {
        Box::pin(async move {
            let (outcome, delay, arrives) = self.authorise_now(id, authorisation);
            if !arrives {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(delay).await;
            outcome
        })
    }

    fn capture<'a>(&'a self, id: &'a EffectId, authorisation: &'a str) -> Answer<'a> {
        Box::pin(std::future::ready(self.capture_now(id, authorisation)))
    }

    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, _authorisation: Option<&'a str>) -> Answer<'a> {
        Box::pin(std::future::ready(self.void_now(id, order)))
    }

    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a> {
        Box::pin(std::future::ready(self.refund_now(id, authorisation, amount_minor)))
    }

    fn look_up<'a>(&'a self, id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        Box::pin(std::future::ready(self.look_up_now(id)))
    }
}
