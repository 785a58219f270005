//! Partition 0: venues, shows, organisers and API keys.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::sync::Arc;

use guichet_audit::Audit;
use guichet_domain::commands::{
    CreateApiKey, CreateOrganiser, CreateShow, NoteKeyUses, OVERLAP_MS_MAX, RegisterVenue, Request, RevokeApiKey, RotateApiKey,
};
use guichet_domain::key::{ApiKey, Scope};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::ShowDefinition;
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, OrganiserId, Record, Rejection, ShowId, State, VenueId};

use support::{PARTITION, START_MS, definition, plan};

/// The catalogue: whatever is asked is replayed and audited too.
struct Catalogue {
    state: State,
    replayed: State,
    audit: Audit,
    offset: u64,
}

impl Catalogue {
    fn new() -> Self {
        let mut state = State::new(0, 3);
        state.pass_time(START_MS);
        Self { state, replayed: State::new(0, 3), audit: Audit::new(0), offset: 0 }
    }

    fn ask(&mut self, command: Command) -> Result<Vec<Event>, Rejection> {
        let Decision::Decided(record) = self.state.submit(&Request::from(command), self.offset) else { panic!("no key, no repeat") };
        self.audit.record(self.offset, START_MS, &record);
        self.replayed.replay(START_MS, self.offset, &record);
        assert_eq!(self.state, self.replayed);
        self.offset += 1;
        match record {
            Record::Refused { rejection, .. } => Err(rejection),
            record => Ok(record.events().to_vec()),
        }
    }

    fn venue(&mut self, organiser: Option<OrganiserId>) -> VenueId {
        let made = self.ask(Command::RegisterVenue(RegisterVenue { plan: Arc::new(plan()), organiser })).unwrap();
        let Event::VenueRegistered { venue, .. } = made[0] else { panic!("a venue") };
        venue
    }

    fn show(&mut self, venue: VenueId, organiser: Option<OrganiserId>) -> Result<ShowId, Rejection> {
        let draft = ShowDefinition { venue, ..definition(1) };
        let made = self.ask(Command::CreateShow(CreateShow { draft, partition: PARTITION, organiser }))?;
        let Event::ShowCreated { definition } = &made[0] else { panic!("a show") };
        Ok(definition.id)
    }

    fn organiser(&mut self, name: &str) -> Result<OrganiserId, Rejection> {
        let made = self.ask(Command::CreateOrganiser(CreateOrganiser { name: name.into() }))?;
        let [Event::OrganiserCreated { organiser }] = &made[..] else { panic!("an organiser") };
        Ok(organiser.id)
    }

    fn key(&mut self, key: CreateApiKey) -> Result<ApiKey, Rejection> {
        let made = self.ask(Command::CreateApiKey(key))?;
        let [Event::ApiKeyCreated { key }] = &made[..] else { panic!("a key") };
        Ok(key.clone())
    }

    fn only_key(&self) -> &ApiKey {
        self.state.api_keys().next().unwrap()
    }

    fn finish(self) {
        let report = self.audit.finish();
        assert!(report.is_clean(), "{:?}", report.findings);
        assert_eq!(report.records_checked, self.offset);
    }
}

fn shop_key() -> CreateApiKey {
    CreateApiKey { name: "till".into(), scope: Scope::Shop, organiser: None, requests_per_s: None, secret_sha256: [1; 32] }
}

fn nobody() -> OrganiserId {
    OrganiserId::from_bits(7)
}

#[test]
fn the_catalogue_counts_its_ids_and_knows_its_venues() {
    let mut catalogue = Catalogue::new();
    let unknown = definition(1).venue;
    assert_eq!(catalogue.show(unknown, None), Err(Rejection::VenueNotFound { venue: unknown }));
    let empty = Command::RegisterVenue(RegisterVenue { plan: Arc::new(SeatingPlan::default()), organiser: None });
    assert_eq!(catalogue.ask(empty).unwrap_err().code(), "invalid_plan");
    let venue = catalogue.venue(None);
    assert_eq!((venue.partition(), venue.sequence(), venue.parts().incarnation), (0, 1, 3));
    for number in 1..=2 {
        let show = catalogue.show(venue, None).unwrap();
        assert_eq!((show.partition(), show.sequence()), (PARTITION, number));
    }
    catalogue.finish();
}

#[test]
fn a_show_is_at_a_venue_of_its_organiser_or_of_nobody() {
    let mut catalogue = Catalogue::new();
    assert_eq!(catalogue.organiser("").unwrap_err().code(), "invalid_organiser");
    let (ours, theirs) = (catalogue.organiser("ours").unwrap(), catalogue.organiser("theirs").unwrap());
    assert_eq!(catalogue.organiser("ours"), Err(Rejection::OrganiserExists { organiser: ours }));
    let (common, own) = (catalogue.venue(None), catalogue.venue(Some(ours)));
    let unknown = Command::RegisterVenue(RegisterVenue { plan: Arc::new(plan()), organiser: Some(nobody()) });
    assert_eq!(catalogue.ask(unknown), Err(Rejection::OrganiserNotFound { organiser: nobody() }));

    assert_eq!(catalogue.show(own, Some(nobody())), Err(Rejection::OrganiserNotFound { organiser: nobody() }));
    for organiser in [Some(theirs), None] {
        assert_eq!(catalogue.show(own, organiser), Err(Rejection::VenueNotFound { venue: own }), "it says no more than that");
    }
    let shows = [(common, None), (common, Some(theirs)), (own, Some(ours))];
    for (venue, organiser) in shows {
        let show = catalogue.show(venue, organiser).unwrap();
        assert_eq!(catalogue.state.organisers().of_show(show), organiser);
    }
    assert_eq!((catalogue.state.organisers().of_venue(own), catalogue.state.organisers().of_venue(common)), (Some(ours), None));
    catalogue.finish();
}

#[test]
fn a_key_that_makes_no_sense_is_not_made() {
    let mut catalogue = Catalogue::new();
    let organiser = catalogue.organiser("ours").unwrap();
    for wrong in [
        CreateApiKey { name: String::new(), ..shop_key() },
        CreateApiKey { name: "x".repeat(201), ..shop_key() },
        CreateApiKey { scope: Scope::Admin, organiser: Some(organiser), ..shop_key() },
        CreateApiKey { scope: Scope::Organiser, ..shop_key() },
        CreateApiKey { requests_per_s: Some(0), ..shop_key() },
        CreateApiKey { requests_per_s: Some(1_000_001), ..shop_key() },
    ] {
        assert_eq!(catalogue.key(wrong.clone()).unwrap_err().code(), "invalid_api_key", "{wrong:?}");
    }
    let of_nobody = CreateApiKey { organiser: Some(nobody()), ..shop_key() };
    assert_eq!(catalogue.key(of_nobody), Err(Rejection::OrganiserNotFound { organiser: nobody() }));
    let key = CreateApiKey { scope: Scope::Organiser, organiser: Some(organiser), requests_per_s: Some(5), ..shop_key() };
    let key = catalogue.key(key).unwrap();
    assert_eq!((key.organiser, key.requests_per_s, key.last_used_unix_ms), (Some(organiser), Some(5), None));
    catalogue.finish();
}

#[test]
fn a_rotated_key_is_opened_by_the_secret_before_until_its_time() {
    let mut catalogue = Catalogue::new();
    let key = catalogue.key(shop_key()).unwrap();
    let rotate = |secret: u8, overlap_ms| Command::RotateApiKey(RotateApiKey { key: key.id, secret_sha256: [secret; 32], overlap_ms });
    let opens = |catalogue: &Catalogue, at| [1, 2, 3].map(|secret| catalogue.only_key().is_opened_by(&[secret; 32], at));
    assert_eq!(opens(&catalogue, START_MS), [true, false, false]);

    catalogue.ask(rotate(2, 1_000)).unwrap();
    assert_eq!(opens(&catalogue, START_MS + 999), [true, true, false]);
    assert_eq!(opens(&catalogue, START_MS + 1_000), [false, true, false]);
    catalogue.ask(rotate(3, 500)).unwrap();
    assert_eq!(opens(&catalogue, START_MS), [false, true, true], "only the last one before is good");
    catalogue.ask(rotate(1, 0)).unwrap();
    assert_eq!(opens(&catalogue, START_MS), [true, false, false], "at once");

    assert_eq!(catalogue.ask(rotate(2, OVERLAP_MS_MAX + 1)).unwrap_err().code(), "invalid_api_key");
    let revoke = || Command::RevokeApiKey(RevokeApiKey { key: key.id });
    assert_eq!(catalogue.ask(revoke()), Ok(vec![Event::ApiKeyRevoked { key: key.id }]));
    assert_eq!(catalogue.ask(revoke()), Err(Rejection::KeyNotFound));
    assert_eq!(catalogue.ask(rotate(2, 0)), Err(Rejection::KeyNotFound));
    catalogue.finish();
}

#[test]
fn the_last_use_of_a_key_only_goes_on() {
    let mut catalogue = Catalogue::new();
    let key = catalogue.key(shop_key()).unwrap();
    let note = |at_unix_ms| {
        let unknown = guichet_domain::ApiKeyId::from_bits(9);
        Command::NoteKeyUses(NoteKeyUses { uses: vec![(key.id, at_unix_ms), (unknown, at_unix_ms)] })
    };
    assert_eq!(catalogue.ask(note(500)), Ok(vec![Event::ApiKeysUsed { uses: vec![(key.id, 500)] }]));
    assert_eq!(catalogue.ask(note(500)), Ok(vec![]));
    assert_eq!(catalogue.ask(note(400)), Ok(vec![]));
    assert_eq!(catalogue.only_key().last_used_unix_ms, Some(500));
    catalogue.finish();
}
