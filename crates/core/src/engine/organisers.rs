//! Who sells: made, listed, and asked what is theirs.

use std::collections::BTreeSet;

use guichet_domain::organiser::Organiser;
use guichet_domain::{Command, Event, OrganiserId, ShowId, VenueId, commands};

use super::admin::CATALOGUE;
use super::{CommandError, Fault, Guichet, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};

impl Guichet {
    /// Creates an organiser.
    ///
    /// # Errors
    /// `invalid_organiser`; `organiser_exists` when another has the name.
    pub async fn create_organiser(
        &self,
        name: &str,
        caller: Caller,
        key: Option<IdempotencyKey>,
    ) -> Result<(Organiser, Receipt), CommandError> {
        let command = Command::CreateOrganiser(commands::CreateOrganiser { name: name.to_owned() });
        let receipt = self.administer(CATALOGUE, command, caller, key).await?;
        let made = receipt.events().iter().find_map(|event| match event {
            Event::OrganiserCreated { organiser } => Some(organiser.clone()),
            _ => None,
        });
        Ok((made.ok_or_else(|| Fault::Journal("an organiser's record has no organiser".into()))?, receipt))
    }

    /// All organisers, in the order in which they were made.
    #[must_use]
    pub fn organisers(&self) -> Vec<Organiser> {
        self.catalogue().model.read().catalogue.organisers.list.values().cloned().collect()
    }

    /// Whose a show is; of nobody, it is reached by keys of no organiser.
    #[must_use]
    pub fn organiser_of_show(&self, show: ShowId) -> Option<OrganiserId> {
        self.catalogue().model.read().catalogue.organisers.of_show(show)
    }

    /// The shows of an organiser.
    #[must_use]
    pub fn shows_of(&self, organiser: OrganiserId) -> BTreeSet<ShowId> {
        let model = self.catalogue().model.read();
        model.catalogue.organisers.shows.iter().filter(|(_, owner)| **owner == organiser).map(|(show, _)| *show).collect()
    }

    /// Whose a venue is; one of nobody may be used by all.
    #[must_use]
    pub fn organiser_of_venue(&self, venue: VenueId) -> Option<OrganiserId> {
        self.catalogue().model.read().catalogue.organisers.of_venue(venue)
    }
}
