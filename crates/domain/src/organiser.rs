//! Who sells, and what is whose.

use std::collections::BTreeMap;

use crate::{Event, OrganiserId, ShowId, VenueId};

/// Who sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organiser {
    /// Its id.
    pub id: OrganiserId,
    /// What people call it; no other organiser is called so.
    pub name: String,
}

/// The organisers and what belongs to each. It is in the catalogue alone: who owns a show changes nothing about how it is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisers {
    /// All of them.
    pub list: BTreeMap<OrganiserId, Organiser>,
    /// Whose a venue is; one of nobody may be used by all.
    pub venues: BTreeMap<VenueId, OrganiserId>,
    /// Whose a show is; one of nobody is reached by keys of no organiser.
    pub shows: BTreeMap<ShowId, OrganiserId>,
}

impl Organisers {
    /// Whose this show is.
    #[must_use]
    pub fn of_show(&self, show: ShowId) -> Option<OrganiserId> {
        self.shows.get(&show).copied()
    }

    /// Whose this venue is.
    #[must_use]
    pub fn of_venue(&self, venue: VenueId) -> Option<OrganiserId> {
        self.venues.get(&venue).copied()
    }

    /// What an event does to them.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::OrganiserCreated { organiser } => drop(self.list.insert(organiser.id, organiser.clone())),
            Event::VenueOwned { venue, organiser } => drop(self.venues.insert(*venue, *organiser)),
            Event::ShowOwned { show, organiser } => drop(self.shows.insert(*show, *organiser)),
            _ => {}
        }
    }
}
