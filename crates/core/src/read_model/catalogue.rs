//! Venues, shows, organisers and API keys, from partition 0.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::key::{self, ApiKey};
use guichet_domain::organiser::Organisers;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{ApiKeyId, Event, ShowId, VenueId};
use rustc_hash::FxHashMap;

/// The catalogue. Small, read often, so it is in memory as a whole.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Catalogue {
    /// Plans by venue.
    pub venues: BTreeMap<VenueId, Arc<SeatingPlan>>,
    /// Shows, in the order in which they were made.
    pub shows: BTreeMap<ShowId, Arc<ShowDefinition>>,
    /// Who sells, and what is whose.
    pub organisers: Organisers,
    /// Keys that are not revoked.
    pub keys: BTreeMap<ApiKeyId, ApiKey>,
    /// Keys by the hashes of their secrets, replaced ones included.
    by_secret: FxHashMap<[u8; 32], ApiKeyId>,
}

impl Catalogue {
    pub(super) fn new(
        venues: BTreeMap<VenueId, Arc<SeatingPlan>>,
        shows: BTreeMap<ShowId, Arc<ShowDefinition>>,
        organisers: Organisers,
        keys: BTreeMap<ApiKeyId, ApiKey>,
    ) -> Self {
        let by_secret = by_secret(&keys);
        Self { venues, shows, organisers, keys, by_secret }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::VenueRegistered { venue, plan } => drop(self.venues.insert(*venue, Arc::clone(plan))),
            Event::ShowCreated { definition } => drop(self.shows.insert(definition.id, Arc::clone(definition))),
            Event::OrganiserCreated { .. } | Event::VenueOwned { .. } | Event::ShowOwned { .. } => self.organisers.evolve(event),
            Event::ApiKeysUsed { .. } => key::evolve(&mut self.keys, event),
            Event::ApiKeyCreated { .. } | Event::ApiKeyRotated { .. } | Event::ApiKeyRevoked { .. } => {
                key::evolve(&mut self.keys, event);
                self.by_secret = by_secret(&self.keys);
            }
            _ => {}
        }
    }

    /// The key that a secret with this hash opens.
    pub(crate) fn key_of_secret(&self, secret_sha256: &[u8; 32], now_unix_ms: u64) -> Option<&ApiKey> {
        let key = self.by_secret.get(secret_sha256).and_then(|key| self.keys.get(key))?;
        key.is_opened_by(secret_sha256, now_unix_ms).then_some(key)
    }
}

fn by_secret(keys: &BTreeMap<ApiKeyId, ApiKey>) -> FxHashMap<[u8; 32], ApiKeyId> {
    let secrets = |key: &ApiKey| {
        let previous = key.previous.as_ref().map(|previous| (previous.sha256, key.id));
        [Some((key.secret_sha256, key.id)), previous].into_iter().flatten()
    };
    keys.values().flat_map(secrets).collect()
}
