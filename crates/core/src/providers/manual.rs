//! Payment by hand: a bank transfer, an invoice, cash at the till. Nothing is asked of anybody; an order waits until somebody says that
//! the money has come ([`crate::Guichet::confirm_payment`]), and a refund until somebody says that it was paid out
//! ([`crate::Guichet::confirm_payout`]).

use std::future::Future;
use std::pin::Pin;

use guichet_domain::OrderId;
use guichet_domain::commands::PaymentTerms;
use guichet_domain::saga::EffectOutcome;

use super::{Answer, Authorisation, EffectId, LookUp, PaymentProvider};

/// The provider for payments by hand. It keeps nothing: everything is in the journal.
#[derive(Clone, Copy, Debug, Default)]
pub struct ManualProvider;

fn later<'a>() -> Answer<'a> {
    Box::pin(std::future::ready(None))
}

fn done<'a>() -> Answer<'a> {
    Box::pin(std::future::ready(Some(EffectOutcome::Done { receipt: None })))
}

impl PaymentProvider for ManualProvider {
    fn authorise<'a>(&'a self, _id: &'a EffectId, _authorisation: &'a Authorisation) -> Answer<'a> {
        later()
    }

    /// The money is there already: its arrival was the authorisation.
    fn capture<'a>(&'a self, _id: &'a EffectId, _authorisation: &'a str) -> Answer<'a> {
        done()
    }

    /// Nothing was reserved. Money that comes all the same is a late payment.
    fn void<'a>(&'a self, _id: &'a EffectId, _order: OrderId, _authorisation: Option<&'a str>) -> Answer<'a> {
        done()
    }

    fn refund<'a>(&'a self, _id: &'a EffectId, _authorisation: &'a str, _amount_minor: i64) -> Answer<'a> {
        later()
    }

    fn terms(&self) -> PaymentTerms {
        PaymentTerms::Transfer
    }

    /// Waiting again is what asking again means here.
    fn look_up<'a>(&'a self, _id: &'a EffectId) -> Pin<Box<dyn Future<Output = LookUp> + Send + 'a>> {
        Box::pin(std::future::ready(LookUp::NeverSeen))
    }
}
