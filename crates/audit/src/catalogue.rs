//! The catalogue: venues, organisers and what is whose, API keys.
//!
//! Must never be true: a show is somebody's at a venue that is another's, or a key that is revoked or was never made is used.

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::key::Scope;
use guichet_domain::{ApiKeyId, Event, OrganiserId, ShowId, VenueId};

use crate::fold::Audit;
use crate::report::Rule;

/// What the catalogue has.
#[derive(Default)]
pub(crate) struct Catalogue {
    /// Each venue with its organiser.
    pub(crate) venues: BTreeMap<VenueId, Option<OrganiserId>>,
    /// Each show with its venue.
    shows: BTreeMap<ShowId, VenueId>,
    /// Each organiser's name.
    pub(crate) organisers: BTreeMap<OrganiserId, String>,
    names: BTreeSet<String>,
    /// Keys that are not revoked, with the last use that was noted.
    keys: BTreeMap<ApiKeyId, u64>,
}

impl Audit {
    pub(crate) fn catalogue_event(&mut self, event: &Event) {
        let here = self.report.partition;
        match event {
            Event::VenueRegistered { venue, .. } => {
                self.fresh("venue", venue.partition(), venue.sequence(), 1);
                self.catalogue.venues.insert(*venue, None);
            }
            Event::ShowCreated { definition } => {
                self.fresh("show", here, definition.id.sequence(), 1);
                self.catalogue.shows.insert(definition.id, definition.venue);
            }
            Event::OrganiserCreated { organiser } => {
                self.fresh("organiser", organiser.id.partition(), organiser.id.sequence(), 1);
                let taken = !self.catalogue.names.insert(organiser.name.clone());
                self.check(!taken, Rule::OrganiserTwice, || format!("\"{}\"", organiser.name));
                self.catalogue.organisers.insert(organiser.id, organiser.name.clone());
            }
            Event::VenueOwned { venue, organiser } => {
                self.known_organiser(*organiser, || format!("of venue {venue}"));
                self.catalogue.venues.insert(*venue, Some(*organiser));
            }
            Event::ShowOwned { show, organiser } => {
                self.known_organiser(*organiser, || format!("of show {show}"));
                let venue = self.catalogue.shows.get(show).and_then(|venue| self.catalogue.venues.get(venue));
                let usable = venue.is_some_and(|owner| owner.is_none_or(|owner| owner == *organiser));
                self.check(usable, Rule::VenueOfAnother, || format!("show {show}"));
            }
            Event::ApiKeyCreated { key } => {
                self.fresh("API key", key.id.partition(), key.id.sequence(), 1);
                self.catalogue.keys.insert(key.id, 0);
                if let Some(organiser) = key.organiser {
                    self.known_organiser(organiser, || format!("of API key {}", key.id));
                }
                let sensible = match key.scope {
                    Scope::Admin => key.organiser.is_none(),
                    Scope::Organiser => key.organiser.is_some(),
                    _ => true,
                };
                self.check(sensible, Rule::KeyReachesTooFar, || format!("API key {} \"{}\"", key.id, key.name));
            }
            Event::ApiKeyRotated { key, .. } => drop(self.known_key(*key)),
            Event::ApiKeysUsed { uses } => {
                for (key, at_unix_ms) in uses {
                    let Some(before) = self.known_key(*key) else { continue };
                    self.check(before < *at_unix_ms, Rule::KeyUseWentBack, || format!("API key {key}"));
                    self.catalogue.keys.insert(*key, *at_unix_ms);
                }
            }
            Event::ApiKeyRevoked { key } => {
                self.known_key(*key);
                self.catalogue.keys.remove(key);
            }
            _ => {}
        }
    }

    fn known_organiser(&mut self, organiser: OrganiserId, of: impl Fn() -> String) {
        let known = self.catalogue.organisers.contains_key(&organiser);
        self.check(known, Rule::UnknownOrganiser, || format!("organiser {organiser} {}", of()));
    }

    fn known_key(&mut self, key: ApiKeyId) -> Option<u64> {
        let known = self.catalogue.keys.get(&key).copied();
        self.check(known.is_some(), Rule::UnknownKey, || format!("API key {key}"));
        known
    }
}
