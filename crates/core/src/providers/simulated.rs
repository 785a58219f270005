//! A provider that moves no money, for demos, tests and rehearsals. What it does is chosen by the token:
//!
//! | token | what happens |
//! |---|---|
//! | `approve` | authorised at once |
//! | `decline`, `decline:CODE` | declined, with that code |
//! | `slow:MS` | authorised after so many milliseconds |
//! | `timeout` | authorised, but the answer is lost: the caller must look it up |
//! | `timeout_declined` | declined, and the answer is lost |
//! | `outage:N` | unavailable N times, then authorised |
//! | `flapping` | every call about the payment fails as unavailable at its first try |
//! | `callback` | authorised, the answer is lost, and the provider calls back by itself |
//! | `duplicate` | authorised, answered, and called back twice as well |
//! | `late:MS` | in progress; paid and called back after so many milliseconds, even if the order was voided meanwhile |
//!
//! Any other token is declined as `invalid_token`. [`SimulatedProvider::set_outage`] makes every call fail as unavailable.
//! It keeps a ledger of what it did and answers a repeated effect id from it, as real providers do.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use guichet_domain::OrderId;
use guichet_domain::saga::{EffectOutcome, StepError};
use parking_lot::Mutex;

use super::{Answer, Authorisation, EffectId, LookUp, NewsDesk, PaymentNews, PaymentProvider};

/// Longest `slow:MS`: beyond it every caller has given up.
const SLOW_MS_MAX: u64 = 60_000;
/// Longest `late:MS`: a day, longer than any prompt payment is waited for.
const LATE_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// One movement that the provider performed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after the types, which are documented")]
pub enum LedgerEntry {
    Authorised {
        order: OrderId,
        amount_minor: i64,
    },
    Captured {
        authorisation: String,
    },
    Voided {
        order: OrderId,
    },
    /// Given back by a void although it had been taken.
    Reversed {
        authorisation: String,
    },
    Refunded {
        authorisation: String,
        amount_minor: i64,
    },
}

#[derive(Default)]
struct Books {
    /// What was answered to each effect, the base of idempotency.
    answered: BTreeMap<EffectId, EffectOutcome>,
    /// Orders that were given back, reserved or not: an authorisation that was overtaken on its way comes too late.
    closed: BTreeSet<OrderId>,
    ledger: Vec<LedgerEntry>,
    /// How often each effect was asked for.
    asked: BTreeMap<EffectId, u32>,
    /// Authorisations about which every call fails at its first try.
    flapping: BTreeSet<String>,
    /// Authorisations whose money has been taken.
    captured: BTreeSet<String>,
    /// Payments in progress, by effect.
    late: BTreeMap<EffectId, PaymentNews>,
}

#[derive(Default)]
struct Shared {
    books: Mutex<Books>,
    outage: AtomicBool,
    desk: OnceLock<NewsDesk>,
}

/// The simulated provider. Clones share one set of books.
#[derive(Clone, Default)]
pub struct SimulatedProvider {
    shared: Arc<Shared>,
}

/// How an authorisation goes, and how its answer travels.
enum Plan {
    Answer(EffectOutcome),
    AnswerAfter(Duration, EffectOutcome),
    LoseAnswer(EffectOutcome),
    /// Unavailable so often, then this.
    FailFirst(u32, EffectOutcome),
    /// Answered or not, and called back so often.
    CallBack {
        outcome: EffectOutcome,
        arrives: bool,
        times: u32,
    },
    Late(Duration),
}

/// What an authorisation leads to, for a program that has a clock of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// The answer.
    pub outcome: EffectOutcome,
    /// How long it takes.
    pub after: Duration,
    /// Whether it arrives at all.
    pub arrives: bool,
    /// How often the provider calls back by itself to say that the money is reserved.
    pub callbacks: u32,
    /// The payment is in progress, and [`SimulatedProvider::settle_late`] is due after so long.
    pub late: Option<Duration>,
}

impl SimulatedProvider {
    /// Starts or ends an outage.
    pub fn set_outage(&self, outage: bool) {
        self.shared.outage.store(outage, Ordering::Release);
    }

    /// Everything that was performed, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.shared.books.lock().ledger.clone()
    }

    fn down(&self) -> Option<EffectOutcome> {
        self.shared.outage.load(Ordering::Acquire).then(|| unavailable("simulated outage"))
    }

    /// Counts a call; how often this effect was asked for before.
    fn count(&self, id: &EffectId) -> u32 {
        let mut books = self.shared.books.lock();
        let asked = books.asked.entry(id.clone()).or_default();
        *asked += 1;
        *asked - 1
    }

    /// A call about an authorisation that flaps fails once.
    fn flaps(&self, id: &EffectId, authorisation: &str) -> Option<EffectOutcome> {
        let flapping = self.shared.books.lock().flapping.contains(authorisation);
        (flapping && self.count(id) == 0).then(|| unavailable("simulated flapping"))
    }

    /// Performs an effect once; a repeat gets the first answer and changes nothing.
    fn perform(&self, id: &EffectId, act: impl FnOnce() -> (EffectOutcome, Option<LedgerEntry>)) -> EffectOutcome {
        let mut books = self.shared.books.lock();
        if let Some(answer) = books.answered.get(id) {
            return answer.clone();
        }
        let (outcome, entry) = act();
        books.ledger.extend(entry);
        books.answered.insert(id.clone(), outcome.clone());
        outcome
    }

    fn plan(id: &EffectId, token: &str) -> Plan {
        let approve = || EffectOutcome::Done { receipt: Some(authorisation_of(id)) };
        let decline = |code: &str| EffectOutcome::Refused { error: StepError::Declined(code.to_owned()) };
        let invalid = || Plan::Answer(decline("invalid_token"));
        match token.split_once(':').unwrap_or((token, "")) {
            ("approve", "") => Plan::Answer(approve()),
            ("decline", "") => Plan::Answer(decline("card_declined")),
            ("decline", code) => Plan::Answer(decline(code)),
            ("slow", ms) => {
                ms.parse().map_or(invalid(), |ms: u64| Plan::AnswerAfter(Duration::from_millis(ms.min(SLOW_MS_MAX)), approve()))
            }
            ("late", ms) => ms.parse().map_or(invalid(), |ms: u64| Plan::Late(Duration::from_millis(ms.min(LATE_MS_MAX)))),
            ("outage", times) => times.parse().map_or(invalid(), |times| Plan::FailFirst(times, approve())),
            ("flapping", "") => Plan::FailFirst(1, approve()),
            ("callback", "") => Plan::CallBack { outcome: approve(), arrives: false, times: 1 },
            ("duplicate", "") => Plan::CallBack { outcome: approve(), arrives: true, times: 2 },
            ("timeout", "") => Plan::LoseAnswer(approve()),
            ("timeout_declined", "") => Plan::LoseAnswer(decline("card_declined")),
            _ => invalid(),
        }
    }

    /// What an authorisation leads to, without waiting. For programs with a clock of their own, such as a simulator.
    pub fn authorise_now(&self, id: &EffectId, authorisation: &Authorisation) -> Simulated {
        let at_once = |outcome| Simulated { outcome, after: Duration::ZERO, arrives: true, callbacks: 0, late: None };
        if let Some(down) = self.down() {
            return at_once(down);
        }
        let asked_before = self.count(id);
        let (known, closed) = {
            let books = self.shared.books.lock();
            (books.answered.contains_key(id), books.closed.contains(&authorisation.order))
        };
        if closed && !known {
            return at_once(self.perform(id, || (EffectOutcome::Refused { error: StepError::Declined("order_voided".to_owned()) }, None)));
        }
        let mut simulated = match Self::plan(id, &authorisation.token) {
            Plan::Answer(outcome) => at_once(outcome),
            Plan::AnswerAfter(after, outcome) => Simulated { after, ..at_once(outcome) },
            // A repeat of a call whose answer was lost is answered.
            Plan::LoseAnswer(outcome) => Simulated { arrives: known, ..at_once(outcome) },
            Plan::FailFirst(times, _) if asked_before < times => return at_once(unavailable("simulated outage")),
            Plan::FailFirst(_, outcome) => at_once(outcome),
            Plan::CallBack { outcome, arrives, times } => {
                Simulated { arrives: arrives || known, callbacks: if known { 0 } else { times }, ..at_once(outcome) }
            }
            Plan::Late(after) => return self.in_progress(id, authorisation, after),
        };
        if authorisation.token == "flapping" {
            self.shared.books.lock().flapping.insert(authorisation_of(id));
        }
        let entry = matches!(simulated.outcome, EffectOutcome::Done { .. })
            .then_some(LedgerEntry::Authorised { order: authorisation.order, amount_minor: authorisation.amount_minor });
        simulated.outcome = self.perform(id, || (simulated.outcome.clone(), entry));
        simulated
    }

    fn in_progress(&self, id: &EffectId, authorisation: &Authorisation, after: Duration) -> Simulated {
        let mut books = self.shared.books.lock();
        if let Some(outcome) = books.answered.get(id).cloned() {
            return Simulated { outcome, after: Duration::ZERO, arrives: true, callbacks: 0, late: None };
        }
        let news = PaymentNews {
            order: authorisation.order,
            amount_minor: authorisation.amount_minor,
            reference: authorisation_of(id),
            taken: true,
        };
        let late = books.late.insert(id.clone(), news).is_none().then_some(after);
        Simulated { outcome: unavailable("in progress"), after: Duration::ZERO, arrives: true, callbacks: 0, late }
    }

    /// A payment in progress succeeds, whatever has become of its order: the money is reserved and taken at once.
    pub fn settle_late(&self, id: &EffectId) -> Option<PaymentNews> {
        let mut books = self.shared.books.lock();
        let news = books.late.remove(id)?;
        books.answered.insert(id.clone(), EffectOutcome::Done { receipt: Some(news.reference.clone()) });
        books.ledger.push(LedgerEntry::Authorised { order: news.order, amount_minor: news.amount_minor });
        books.ledger.push(LedgerEntry::Captured { authorisation: news.reference.clone() });
        books.captured.insert(news.reference.clone());
        Some(news)
    }

    /// [`PaymentProvider::capture`] without waiting.
    pub fn capture_now(&self, id: &EffectId, authorisation: &str) -> EffectOutcome {
        if let Some(unavailable) = self.down().or_else(|| self.flaps(id, authorisation)) {
            return unavailable;
        }
        let taken = !self.shared.books.lock().captured.insert(authorisation.to_owned());
        let entry = (!taken).then(|| LedgerEntry::Captured { authorisation: authorisation.to_owned() });
        self.perform(id, || (EffectOutcome::Done { receipt: None }, entry))
    }

    /// [`PaymentProvider::void`] without waiting.
    pub fn void_now(&self, id: &EffectId, order: OrderId, authorisation: Option<&str>) -> EffectOutcome {
        let entry = {
            let books = self.shared.books.lock();
            let reserved = |entry: &LedgerEntry| matches!(entry, LedgerEntry::Authorised { order: of, .. } if *of == order);
            match authorisation.filter(|authorisation| books.captured.contains(*authorisation)) {
                Some(taken) => Some(LedgerEntry::Reversed { authorisation: taken.to_owned() }),
                None => books.ledger.iter().any(reserved).then_some(LedgerEntry::Voided { order }),
            }
        };
        if let Some(unavailable) = self.down() {
            return unavailable;
        }
        self.shared.books.lock().closed.insert(order);
        self.perform(id, || (EffectOutcome::Done { receipt: None }, entry))
    }

    /// [`PaymentProvider::refund`] without waiting.
    pub fn refund_now(&self, id: &EffectId, authorisation: &str, amount_minor: i64) -> EffectOutcome {
        if let Some(unavailable) = self.down().or_else(|| self.flaps(id, authorisation)) {
            return unavailable;
        }
        let entry = LedgerEntry::Refunded { authorisation: authorisation.to_owned(), amount_minor };
        self.perform(id, || (EffectOutcome::Done { receipt: None }, Some(entry)))
    }

    /// [`PaymentProvider::look_up`] without waiting.
    pub fn look_up_now(&self, id: &EffectId) -> LookUp {
        if self.shared.outage.load(Ordering::Acquire) {
            return LookUp::Unavailable(StepError::Unavailable("simulated outage".into()));
        }
        if self.shared.books.lock().late.contains_key(id) {
            return LookUp::Unavailable(StepError::Unavailable("in progress".into()));
        }
        self.shared.books.lock().answered.get(id).cloned().map_or(LookUp::NeverSeen, LookUp::Known)
    }
}

fn authorisation_of(id: &EffectId) -> String {
    format!("sim_{}", id.0)
}

fn unavailable(why: &str) -> EffectOutcome {
    EffectOutcome::Unavailable { error: StepError::Unavailable(why.to_owned()) }
}

impl SimulatedProvider {
    /// Reports in the background what nobody asks about.
    fn call_back(&self, id: &EffectId, authorisation: &Authorisation, simulated: &Simulated) {
        let Some(desk) = self.shared.desk.get().cloned() else { return };
        if let Some(after) = simulated.late {
            let (provider, id) = (self.clone(), id.clone());
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                if let Some(news) = provider.settle_late(&id) {
                    let _ = desk.send(news).await;
                }
            });
        } else if simulated.callbacks > 0 {
            let (order, amount_minor) = (authorisation.order, authorisation.amount_minor);
            let (news, times) = (PaymentNews { order, amount_minor, reference: authorisation_of(id), taken: false }, simulated.callbacks);
            tokio::spawn(async move {
                for _ in 0..times {
                    let _ = desk.send(news.clone()).await;
                }
            });
        }
    }
}

impl PaymentProvider for SimulatedProvider {
    fn authorise<'a>(&'a self, id: &'a EffectId, authorisation: &'a Authorisation) -> Answer<'a> {
        Box::pin(async move {
            let simulated = self.authorise_now(id, authorisation);
            self.call_back(id, authorisation, &simulated);
            if !simulated.arrives {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(simulated.after).await;
            Some(simulated.outcome)
        })
    }

    fn capture<'a>(&'a self, id: &'a EffectId, authorisation: &'a str) -> Answer<'a> {
        Box::pin(std::future::ready(Some(self.capture_now(id, authorisation))))
    }

    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, authorisation: Option<&'a str>) -> Answer<'a> {
        Box::pin(std::future::ready(Some(self.void_now(id, order, authorisation))))
    }

    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a> {
        Box::pin(std::future::ready(Some(self.refund_now(id, authorisation, amount_minor))))
    }

    fn report_to(&self, desk: NewsDesk) {
        let _ = self.shared.desk.set(desk);
    }

    fn look_up<'a>(&'a self, id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        Box::pin(std::future::ready(self.look_up_now(id)))
    }
}
