//! How much one caller may ask, so that it leaves something to others.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota};
use guichet_core::ApiKeyId;
use guichet_core::domain::key::ApiKey;

use crate::failure::Failure;
use crate::peer::{self, Peer};

/// After so many checks of addresses those that have been silent for long are forgotten.
const FORGET_EVERY: u32 = 16_384;

/// How much one address may ask with keys of scope `shop`, or without a key that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLimit {
    /// Requests per second that it may send for ever.
    pub requests_per_s: NonZeroU32,
    /// Requests that it may send at once.
    pub burst: NonZeroU32,
}

/// A text is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no limit: write requests per second, such as 50, or with how many at once, such as 50:200")]
pub struct NotALimit(String);

impl FromStr for AddressLimit {
    type Err = NotALimit;

    /// From `RATE` or `RATE:BURST`; by itself, four seconds' worth may come at once.
    fn from_str(text: &str) -> Result<Self, NotALimit> {
        let number = |text: &str| text.parse::<NonZeroU32>().ok();
        let parsed = match text.split_once(':') {
            Some((rate, burst)) => number(rate).zip(number(burst)),
            None => number(text).map(|rate| (rate, rate.saturating_mul(const { NonZeroU32::new(4).unwrap() }))),
        };
        let (requests_per_s, burst) = parsed.ok_or_else(|| NotALimit(text.to_owned()))?;
        Ok(Self { requests_per_s, burst })
    }
}

type Instant = <DefaultClock as Clock>::Instant;

/// What counts requests.
pub(crate) struct Limits {
    clock: DefaultClock,
    trusted_proxies: Vec<IpAddr>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    checks: AtomicU32,
    /// Keys with a limit of their own, each with the one that it had when it was last seen.
    keys: dashmap::DashMap<ApiKeyId, (NonZeroU32, Arc<DefaultDirectRateLimiter>)>,
}

impl Limits {
    pub(crate) fn new(address: Option<AddressLimit>, trusted_proxies: Vec<IpAddr>) -> Self {
        let quota = |limit: AddressLimit| Quota::per_second(limit.requests_per_s).allow_burst(limit.burst);
        Self {
            clock: DefaultClock::default(),
            trusted_proxies,
            addresses: address.map(|limit| DefaultKeyedRateLimiter::keyed(quota(limit))),
            checks: AtomicU32::new(0),
            keys: dashmap::DashMap::new(),
        }
    }

    /// The address that a request comes from; `None` for a program on this machine.
    pub(crate) fn outside_address(&self, peer: Peer, headers: &HeaderMap) -> Option<IpAddr> {
        peer::outside_address(peer, headers, &self.trusted_proxies)
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// 429 when it has asked too much.
    pub(crate) fn check_address(&self, from: Option<IpAddr>) -> Result<(), Failure> {
        let (Some(addresses), Some(from)) = (&self.addresses, from) else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            addresses.retain_recent();
            addresses.shrink_to_fit();
        }
        let checked = addresses.check_key(&peer::household(from));
        checked.map_err(|not_until| self.refuse(&not_until, "this address may send"))
    }

    /// Counts a request of a key.
    ///
    /// # Errors
    /// 429 when it has asked too much.
    pub(crate) fn check_key(&self, key: &ApiKey) -> Result<(), Failure> {
        let Some(rate) = key.requests_per_s.and_then(NonZeroU32::new) else { return Ok(()) };
        let known = self.keys.get(&key.id).filter(|known| known.0 == rate).map(|known| Arc::clone(&known.1));
        let limiter = known.unwrap_or_else(|| {
            let fresh = Arc::new(DefaultDirectRateLimiter::direct(Quota::per_second(rate)));
            self.keys.insert(key.id, (rate, Arc::clone(&fresh)));
            fresh
        });
        limiter.check().map_err(|not_until| self.refuse(&not_until, "this API key may send"))
    }

    fn refuse(&self, not_until: &NotUntil<Instant>, who: &str) -> Failure {
        let wait = not_until.wait_time_from(self.clock.now());
        // Whole seconds, rounded up: after them it is not refused again.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let rate = not_until.quota().replenish_interval().as_secs_f64().recip();
        let detail = format!("{who} {rate:.0} requests per second, and {} at once.", not_until.quota().burst_size());
        let detail = detail[..1].to_uppercase() + &detail[1..];
        Failure::new("rate_limited", detail).header("retry-after", &seconds.to_string())
    }
}
