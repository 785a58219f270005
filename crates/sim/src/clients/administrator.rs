//! The administrator: makes organisers with venues and shows of their own, and their API keys; rotates and revokes those, and notes when
//! they were used.

use std::sync::Arc;

use guichet_domain::commands::{
    CreateApiKey, CreateOrganiser, CreateShow, NoteKeyUses, OVERLAP_MS_MAX, RegisterVenue, RevokeApiKey, RotateApiKey,
};
use guichet_domain::key::Scope;
use guichet_domain::{ApiKeyId, Command, Event, OrganiserId, Record, VenueId};

use super::{View, operator, remember, shows};
use crate::plan::{Habits, Plan};
use crate::rng::Rng;

/// The catalogue.
const PARTITION: u16 = 0;
/// Names that organisers want: few, so that some are taken.
const NAMES: u64 = 12;
/// With this bit turned over, an id is nobody's.
const NEVER_MADE: u128 = 1 << 40;
/// Most uses in one note.
const USES_MAX: u64 = 4;

/// Somebody who says who may do what.
pub(crate) struct Administrator {
    world: Plan,
    organisers: Vec<OrganiserId>,
    venues: Vec<(VenueId, usize)>,
    /// Every key that was ever made: those that were revoked are asked for, too.
    keys: Vec<ApiKeyId>,
    made: usize,
}

impl Administrator {
    pub(crate) fn new(world: &Plan) -> Self {
        Self { world: world.clone(), organisers: Vec::new(), venues: Vec::new(), keys: Vec::new(), made: 0 }
    }

    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let nonsense = rng.chance(habits.nonsense);
        let key = self.some_key(rng, nonsense);
        let command = match rng.below(10) {
            0 => {
                let name = if nonsense { String::new() } else { format!("organiser {}", rng.below(NAMES)) };
                Command::CreateOrganiser(CreateOrganiser { name })
            }
            1 => self.venue(rng, nonsense),
            2 => self.show(rng, nonsense)?,
            3 | 4 => self.key(rng, nonsense),
            5 | 6 => {
                let overlap_ms = if nonsense { OVERLAP_MS_MAX + 1 } else { [0, 60_000, 86_400_000][rng.index(3)] };
                Command::RotateApiKey(RotateApiKey { key: key?, secret_sha256: secret(rng), overlap_ms })
            }
            7 => Command::RevokeApiKey(RevokeApiKey { key: key? }),
            _ => {
                let uses = (0..rng.between(1, USES_MAX)).filter_map(|_| {
                    let used_unix_ms = view.wall_unix_ms.saturating_sub(rng.below(3_600_000));
                    Some((self.some_key(rng, nonsense)?, used_unix_ms))
                });
                Command::NoteKeyUses(NoteKeyUses { uses: uses.collect() })
            }
        };
        Some((PARTITION, command))
    }

    fn some_key(&self, rng: &mut Rng, nonsense: bool) -> Option<ApiKeyId> {
        let key = *rng.pick(&self.keys)?;
        Some(if nonsense { ApiKeyId::from_bits(key.bits() ^ NEVER_MADE) } else { key })
    }

    fn some_organiser(&self, rng: &mut Rng, nonsense: bool) -> Option<OrganiserId> {
        let organiser = rng.pick(&self.organisers).copied();
        if nonsense { organiser.map(|organiser| OrganiserId::from_bits(organiser.bits() ^ NEVER_MADE)) } else { organiser }
    }

    fn venue(&self, rng: &mut Rng, nonsense: bool) -> Command {
        let mut plan = operator::seating(u32::try_from(rng.between(1, 40)).unwrap_or(1));
        if nonsense && rng.one_of(2) {
            plan.categories.clear();
        }
        let organiser = if rng.one_of(4) { None } else { self.some_organiser(rng, nonsense) };
        Command::RegisterVenue(RegisterVenue { plan: Arc::new(plan), organiser })
    }

    /// A show that nobody sells: it is in the catalogue, and no partition takes it over.
    fn show(&mut self, rng: &mut Rng, nonsense: bool) -> Option<Command> {
        let (venue, seats) = *rng.pick(&self.venues)?;
        self.made += 1;
        let mut draft = shows::draft(rng, &self.world, 1_000 + self.made, seats);
        draft.venue = if nonsense && rng.one_of(3) { VenueId::from_bits(venue.bits() ^ NEVER_MADE) } else { venue };
        if nonsense && rng.one_of(3) {
            draft.products.clear();
        }
        let partition = if nonsense && rng.one_of(3) { 0 } else { 1 };
        let nobodys = nonsense && rng.one_of(3);
        let organiser = if rng.one_of(4) { None } else { self.some_organiser(rng, nobodys) };
        Some(Command::CreateShow(CreateShow { draft, partition, organiser }))
    }

    fn key(&mut self, rng: &mut Rng, nonsense: bool) -> Command {
        const SCOPES: [Scope; 6] = [Scope::Admin, Scope::Organiser, Scope::Sales, Scope::Shop, Scope::CheckIn, Scope::ReadOnly];
        self.made += 1;
        let scope = SCOPES[rng.index(SCOPES.len())];
        let organiser = match scope {
            // What is of all cannot be of one, and the other way round.
            Scope::Admin if !nonsense => None,
            Scope::Organiser if nonsense => None,
            _ => self.some_organiser(rng, nonsense),
        };
        let requests_per_s = rng.one_of(3).then(|| u32::try_from(rng.below(1_000)).unwrap_or(1).max(u32::from(!nonsense)));
        let name = format!("key {}", self.made);
        Command::CreateApiKey(CreateApiKey { name, scope, organiser, requests_per_s, secret_sha256: secret(rng) })
    }

    pub(super) fn learn(&mut self, record: &Record) {
        for event in record.events() {
            match event {
                Event::OrganiserCreated { organiser } => remember(&mut self.organisers, organiser.id),
                Event::VenueRegistered { venue, plan } => remember(&mut self.venues, (*venue, plan.seats.len())),
                Event::ApiKeyCreated { key } => remember(&mut self.keys, key.id),
                _ => {}
            }
        }
    }
}

/// What no other secret has, as good as.
fn secret(rng: &mut Rng) -> [u8; 32] {
    let mut secret = [0; 32];
    secret.chunks_exact_mut(8).for_each(|eight| eight.copy_from_slice(&rng.bits().to_be_bytes()));
    secret
}
