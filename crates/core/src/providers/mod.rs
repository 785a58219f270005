//! Payment providers: who moves the money. An adapter is one file here, or the embedding application's own, registered by name.

mod manual;
mod simulated;

pub use manual::ManualProvider;
pub use simulated::{LedgerEntry, Simulated, SimulatedProvider};

use std::future::Future;
use std::pin::Pin;

use guichet_domain::OrderId;
use guichet_domain::commands::PaymentTerms;
use guichet_domain::money::Currency;
use guichet_domain::saga::{EffectOutcome, StepError};

/// What a provider answers to a call; nothing, when the outcome will be reported by itself: by a callback, or by an operator.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Option<EffectOutcome>> + Send + 'a>>;

/// A provider says by itself that money has come for an order. It may say so early, late, or more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentNews {
    /// For which order.
    pub order: OrderId,
    /// How much, in minor units of the order's currency.
    pub amount_minor: i64,
    /// The payment's name: the same name is the same payment.
    pub reference: String,
    /// Whether the money is taken already, or only reserved.
    pub taken: bool,
}

/// Where a provider's news go. Bounded: a provider that reports faster than orders are decided waits. What is reported is in memory
/// until it is booked, so a provider says it again until the order shows it.
pub type NewsDesk = tokio::sync::mpsc::Sender<PaymentNews>;

/// Names one effect for ever: the same for every attempt, so that the provider can tell a repeat from a second payment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub String);

/// A payment to be authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// The order.
    pub order: OrderId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// The provider's own token for the means of payment.
    pub token: String,
}

/// What a provider knows about an earlier call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// It was performed, or definitely refused.
    Known(EffectOutcome),
    /// It never arrived: asking again cannot charge twice.
    NeverSeen,
    /// The provider cannot be asked now; nothing is tried again until it can.
    Unavailable(StepError),
}

/// A payment provider.
///
/// Every call carries an [`EffectId`] and must be idempotent by it. A call may be dropped when it takes too long; its outcome is then
/// unknown, and [`PaymentProvider::look_up`] is asked before anything is tried again.
pub trait PaymentProvider: Send + Sync + 'static {
    /// Reserves the money. The receipt of `Done` names the authorisation.
    fn authorise<'a>(&'a self, id: &'a EffectId, authorisation: &'a Authorisation) -> Answer<'a>;

    /// Takes what was reserved.
    fn capture<'a>(&'a self, id: &'a EffectId, authorisation: &'a str) -> Answer<'a>;

    /// Gives a reservation back. Without a name it is the one of this order, if it was ever made; giving back nothing is `Done`. With a
    /// name it may turn out that the money was taken at once, as that of a bank payment is: then it is refunded in full. (Without one
    /// it is not: it is about to be reported, and the show's policy for late payments decides.)
    /// From then on an authorisation of this order must be refused: one that was still on its way would reserve money that nobody
    /// gives back.
    fn void<'a>(&'a self, id: &'a EffectId, order: OrderId, authorisation: Option<&'a str>) -> Answer<'a>;

    /// Gives money back that was taken.
    fn refund<'a>(&'a self, id: &'a EffectId, authorisation: &'a str, amount_minor: i64) -> Answer<'a>;

    /// How it is paid, which decides how long an order waits for it.
    fn terms(&self) -> PaymentTerms {
        PaymentTerms::Prompt
    }

    /// Called once, when the engine opens: where payments are reported that nobody asks about.
    fn report_to(&self, _desk: NewsDesk) {}

    /// What became of an earlier call.
    fn look_up<'a>(&'a self, id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>>;
}
