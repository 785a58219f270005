//! Who may call.

use std::collections::BTreeMap;

use crate::{ApiKeyId, Event, OrganiserId, Rejection};

/// Longest name of a key or an organiser, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// Highest limit of requests per second; beyond it, none is meant.
pub const REQUESTS_PER_S_MAX: u32 = 1_000_000;

/// What an API key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything, of all organisers.
    Admin,
    /// Everything of one organiser.
    Organiser,
    /// The box office: holds and orders without their tokens, blocked seats, cancellations, payments by hand.
    Sales,
    /// Holds and orders, each reachable only with its hold token.
    Shop,
    /// The door: scanning tickets and the lists for it.
    CheckIn,
    /// Looking: shows, availability, orders, reports. Neither tickets nor changes.
    ReadOnly,
}

impl Scope {
    /// Its name for people and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Organiser => "organiser",
            Self::Sales => "sales",
            Self::Shop => "shop",
            Self::CheckIn => "check_in",
            Self::ReadOnly => "read_only",
        }
    }
}

/// A key as the journal knows it: never the secret, only its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// Whose shows it reaches; of no organiser, it reaches all.
    pub organiser: Option<OrganiserId>,
    /// Most requests per second, with as many at once; none means no limit.
    pub requests_per_s: Option<u32>,
    /// SHA-256 of the secret, which has 256 random bits: no salt needed.
    pub secret_sha256: [u8; 32],
    /// The secret before the last rotation.
    pub previous: Option<PreviousSecret>,
    /// When it was last used, as far as that was noted.
    pub last_used_unix_ms: Option<u64>,
}

/// A secret that was replaced and is still good for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    /// SHA-256 of it.
    pub sha256: [u8; 32],
    /// From when on it is good for nothing.
    pub until_unix_ms: u64,
}

impl ApiKey {
    /// Whether a secret with this hash is the key's, at this time.
    #[must_use]
    pub fn is_opened_by(&self, secret_sha256: &[u8; 32], now_unix_ms: u64) -> bool {
        // What is compared is a hash of 256 random bits: a difference in timing tells nothing about the secret.
        let previous = self.previous.as_ref().filter(|previous| now_unix_ms < previous.until_unix_ms);
        self.secret_sha256 == *secret_sha256 || previous.is_some_and(|previous| previous.sha256 == *secret_sha256)
    }

    /// What of the key makes no sense.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let invalid = |what: &str| Err(Rejection::InvalidApiKey { what: what.to_owned() });
        check_name(&self.name).or_else(invalid)?;
        match (self.scope, self.organiser) {
            (Scope::Admin, Some(_)) => invalid("a key of scope admin reaches all organisers, so it cannot be of one"),
            (Scope::Organiser, None) => invalid("a key of scope organiser needs an organiser"),
            _ if self.requests_per_s.is_some_and(|rate| !(1..=REQUESTS_PER_S_MAX).contains(&rate)) => {
                invalid("a limit is from 1 to 1,000,000 requests per second")
            }
            _ => Ok(()),
        }
    }
}

/// What is wrong with the name of a key or an organiser.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    match name.len() {
        0 => Err("the name is empty"),
        length if length > NAME_BYTES_MAX => Err("the name is longer than 200 bytes"),
        _ => Ok(()),
    }
}

/// What an event does to the keys that are not revoked.
pub fn evolve(keys: &mut BTreeMap<ApiKeyId, ApiKey>, event: &Event) {
    match event {
        Event::ApiKeyCreated { key } => drop(keys.insert(key.id, key.clone())),
        Event::ApiKeyRotated { key, secret_sha256, previous_until_unix_ms } => {
            if let Some(key) = keys.get_mut(key) {
                let sha256 = std::mem::replace(&mut key.secret_sha256, *secret_sha256);
                key.previous = previous_until_unix_ms.map(|until_unix_ms| PreviousSecret { sha256, until_unix_ms });
            }
        }
        Event::ApiKeysUsed { uses } => {
            for (key, at_unix_ms) in uses {
                if let Some(key) = keys.get_mut(key) {
                    key.last_used_unix_ms = Some(*at_unix_ms);
                }
            }
        }
        Event::ApiKeyRevoked { key } => drop(keys.remove(key)),
        _ => {}
    }
}
