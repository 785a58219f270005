//! What the commands of the catalogue may be answered: organisers, their venues and shows, and API keys.

use std::collections::BTreeMap;

use guichet_domain::commands::{CreateApiKey, CreateShow, NoteKeyUses, RegisterVenue};
use guichet_domain::key::Scope;
use guichet_domain::{Command, Event, OrganiserId, Rejection, State};

use super::expect::expect;

/// Whether it is one of the catalogue's.
pub(super) fn is_one(command: &Command) -> bool {
    matches!(
        command,
        Command::RegisterVenue(_)
            | Command::CreateShow(_)
            | Command::CreateOrganiser(_)
            | Command::CreateApiKey(_)
            | Command::RotateApiKey(_)
            | Command::RevokeApiKey(_)
            | Command::NoteKeyUses(_)
    )
}

/// Holds accepted events against their command.
pub(super) fn accepted(command: &Command, stamp_unix_ms: u64, events: &[Event], state: &State) -> Result<(), String> {
    let exists = |organiser: Option<OrganiserId>| organiser.is_none_or(|organiser| state.organisers().list.contains_key(&organiser));
    let right = match (command, events) {
        (Command::RegisterVenue(register), [Event::VenueRegistered { venue, plan }, owned @ ..]) => {
            let owner = match owned {
                [] => None,
                [Event::VenueOwned { venue: of, organiser }] if of == venue => Some(*organiser),
                _ => return Err("a venue was registered with something else".to_owned()),
            };
            *plan == register.plan && owner == register.organiser && exists(owner)
        }
        (Command::CreateShow(create), [Event::ShowCreated { definition }, owned @ ..]) => {
            let owner = match owned {
                [] => None,
                [Event::ShowOwned { show, organiser }] if *show == definition.id => Some(*organiser),
                _ => return Err("a show was made with something else".to_owned()),
            };
            let venue_of = state.organisers().of_venue(create.draft.venue);
            expect(venue_of.is_none() || venue_of == owner, "a show was made in a venue of another organiser")?;
            let same = definition.name == create.draft.name && definition.venue == create.draft.venue;
            same && definition.id.partition() == create.partition && owner == create.organiser && exists(owner)
        }
        (Command::CreateOrganiser(create), [Event::OrganiserCreated { organiser }]) => organiser.name == create.name,
        (Command::CreateApiKey(create), [Event::ApiKeyCreated { key }]) => {
            let CreateApiKey { name, scope, organiser, requests_per_s, secret_sha256 } = create;
            let same = key.name == *name && key.scope == *scope && key.organiser == *organiser && key.requests_per_s == *requests_per_s;
            same && key.secret_sha256 == *secret_sha256 && key.previous.is_none() && key.last_used_unix_ms.is_none() && exists(*organiser)
        }
        (Command::RotateApiKey(rotate), [Event::ApiKeyRotated { key, secret_sha256, previous_until_unix_ms }]) => {
            let until = (rotate.overlap_ms > 0).then_some(stamp_unix_ms + rotate.overlap_ms);
            *key == rotate.key && *secret_sha256 == rotate.secret_sha256 && *previous_until_unix_ms == until
        }
        (Command::RevokeApiKey(revoke), [Event::ApiKeyRevoked { key }]) => *key == revoke.key,
        (Command::NoteKeyUses(_), []) => true,
        (Command::NoteKeyUses(note), [Event::ApiKeysUsed { uses }]) => return noted(note, uses),
        _ => false,
    };
    expect(right, "the events are not those of this command")
}

/// Each key once, with the latest of its times.
fn noted(note: &NoteKeyUses, uses: &[(guichet_domain::ApiKeyId, u64)]) -> Result<(), String> {
    let mut latest = BTreeMap::new();
    for (key, at_unix_ms) in &note.uses {
        let known = latest.entry(*key).or_insert(*at_unix_ms);
        *known = (*known).max(*at_unix_ms);
    }
    let mut seen = std::collections::BTreeSet::new();
    expect(uses.iter().all(|(key, _)| seen.insert(*key)), "a key was noted twice")?;
    expect(uses.iter().all(|(key, at)| latest.get(key) == Some(at)), "a use was noted that is not the latest")
}

/// Whether a refusal is one to this command. What is missing is never made later: nobody asks for an id before it is there.
pub(super) fn refused(command: &Command, rejection: &Rejection, state: &State) -> bool {
    use Rejection as R;
    let missing = |asked: Option<OrganiserId>| matches!(rejection, R::OrganiserNotFound { organiser } if Some(*organiser) == asked && !state.organisers().list.contains_key(organiser));
    match command {
        Command::RegisterVenue(RegisterVenue { organiser, plan }) => match rejection {
            R::InvalidPlan { .. } => !plan.check().is_empty(),
            _ => missing(*organiser),
        },
        Command::CreateShow(CreateShow { draft, partition, organiser }) => match rejection {
            R::WrongPartition => *partition == 0,
            R::VenueNotFound { venue } => {
                let owner = state.organisers().of_venue(*venue);
                *venue == draft.venue && (state.venue(*venue).is_none() || (owner.is_some() && owner != *organiser))
            }
            R::InvalidShow { .. } => draft.products.is_empty(),
            _ => missing(*organiser),
        },
        Command::CreateOrganiser(create) => match rejection {
            R::InvalidOrganiser { .. } => create.name.is_empty(),
            R::OrganiserExists { organiser } => state.organisers().list.get(organiser).is_some_and(|other| other.name == create.name),
            _ => false,
        },
        Command::CreateApiKey(create) => match rejection {
            R::InvalidApiKey { .. } => match create.scope {
                Scope::Admin => create.organiser.is_some() || create.requests_per_s == Some(0),
                Scope::Organiser => create.organiser.is_none() || create.requests_per_s == Some(0),
                _ => create.requests_per_s == Some(0),
            },
            _ => missing(create.organiser),
        },
        Command::RotateApiKey(rotate) => match rejection {
            R::KeyNotFound => state.api_keys().all(|key| key.id != rotate.key),
            R::InvalidApiKey { .. } => rotate.overlap_ms > guichet_domain::commands::OVERLAP_MS_MAX,
            _ => false,
        },
        Command::RevokeApiKey(revoke) => matches!(rejection, R::KeyNotFound) && state.api_keys().all(|key| key.id != revoke.key),
        _ => false,
    }
}
