//! Venues, shows and API keys, from partition 0.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::key::ApiKey;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::{ApiKeyId, Event, ShowId, VenueId};

/// The catalogue. Small, read often, so it is in memory as a whole.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Catalogue {
    /// Plans by venue.
    pub venues: BTreeMap<VenueId, Arc<SeatingPlan>>,
    /// Shows, in the order in which they were made.
    pub shows: BTreeMap<ShowId, Arc<ShowDefinition>>,
    /// Keys that are not revoked.
    pub keys: BTreeMap<ApiKeyId, ApiKey>,
}

impl Catalogue {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::VenueRegistered { venue, plan } => drop(self.venues.insert(*venue, Arc::clone(plan))),
            Event::ShowCreated { definition } => drop(self.shows.insert(definition.id, Arc::clone(definition))),
            Event::ApiKeyCreated { key } => drop(self.keys.insert(key.id, key.clone())),
            Event::ApiKeyRevoked { key } => drop(self.keys.remove(key)),
            _ => {}
        }
    }
}
