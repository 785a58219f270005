//! What the provider says by itself: that money has come, early, twice, or days late, and again until somebody has listened.
//!
//! Mirrors `guichet_core`'s news desk, with a provider behind it that keeps what it could not deliver, as real ones do: neither a crash
//! nor an order that is just being settled makes it forget that money has come.

use std::rc::Rc;
use std::time::Duration;

use guichet_core::EffectId;
use guichet_core::PaymentNews;
use guichet_core::codec;
use guichet_domain::commands::{ConfirmPayment, Request};
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::{Command, Record, Rejection};

use super::requests::From;
use super::{Event, World};
use crate::clients::SIMULATED;
use crate::plan::{HOUR_US, SECOND_US};
use crate::trace::note;

/// Latest that the provider says something.
const LATE_US_MAX: u64 = 72 * HOUR_US;
/// First and longest pause before the provider says it again.
const PAUSE_US: (u64, u64) = (50_000, HOUR_US);

/// News on their way.
pub(crate) struct Flight {
    news: PaymentNews,
    tries: u32,
}

impl World {
    /// The provider has something to say.
    pub(super) fn announce(&mut self, news: Vec<PaymentNews>) {
        for news in news {
            let copies = 1 + u64::from(self.rng.chance(self.plan.payments.double_news));
            for _ in 0..copies {
                let delay_us = if self.rng.chance(self.plan.payments.late_news) {
                    self.rng.spread(SECOND_US, LATE_US_MAX)
                } else {
                    self.rng.below(self.plan.payments.way_us_max)
                };
                self.news_open += 1;
                self.after(delay_us, Event::News(Rc::new(Flight { news: news.clone(), tries: 0 })));
            }
        }
    }

    /// A payment is in progress at the provider.
    pub(super) fn payment_comes(&mut self, id: EffectId, after: Duration) {
        self.news_open += 1;
        self.after(u64::try_from(after.as_micros()).unwrap_or(u64::MAX), Event::PaymentComes(id));
    }

    /// It has come.
    pub(super) fn payment_came(&mut self, id: &EffectId) {
        self.news_open -= 1;
        if let Some(news) = self.bank.settle_late(id) {
            note!(self.trace, "money comes late: {}", news.reference);
            self.announce(vec![news]);
        }
    }

    /// The news arrive at the engine, if it is there.
    pub(super) fn news_arrive(&mut self, flight: Rc<Flight>) {
        let PaymentNews { order, amount_minor, reference, taken } = flight.news.clone();
        let command = Command::ConfirmPayment(ConfirmPayment { order, provider: SIMULATED.into(), amount_minor, reference, taken });
        self.news_sent += 1;
        // The engine makes a key of its own for every try; none of the callers has such a one.
        let mut key = [0xff; 16];
        key[8..].copy_from_slice(&self.news_sent.to_be_bytes());
        let stamp = KeyStamp { key: KeyHash(key), fingerprint: codec::fingerprint(&command) };
        let request = Request { key: Some(stamp), key_made_at_unix_ms: Some(self.wall_unix_ms()), command };
        self.send(usize::from(order.partition()), Rc::new(request), From::Provider(flight));
    }

    /// Nobody listened: the provider says it again.
    pub(super) fn news_again(&mut self, flight: &Flight) {
        let pause_us = (PAUSE_US.0 << flight.tries.min(20)).min(PAUSE_US.1);
        let again = Flight { news: flight.news.clone(), tries: flight.tries + 1 };
        self.after(pause_us, Event::News(Rc::new(again)));
    }

    /// An answer to the news. An order that is just being settled, or that is stuck, says nothing final.
    pub(super) fn news_answered(&mut self, flight: &Flight, record: &Record) {
        let later =
            matches!(record, Record::Refused { rejection: Rejection::NotAwaitingPayment { .. } | Rejection::OrderStuck { .. }, .. });
        if later {
            return self.news_again(flight);
        }
        self.news_open -= 1;
        self.stats.callbacks += 1;
    }
}
