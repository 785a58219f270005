//! Partition 0: venues, shows and API keys.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::sync::Arc;

use guichet_audit::Audit;
use guichet_domain::commands::{CreateApiKey, CreateShow, RegisterVenue, Request, RevokeApiKey};
use guichet_domain::key::Scope;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, Record, Rejection, State};

use support::{PARTITION, START_MS, definition, plan};

#[test]
fn the_catalogue_counts_its_ids_knows_its_venues_and_is_replayed_and_audited() {
    let mut state = State::new(0, 3);
    let (mut audit, mut replayed) = (Audit::new(0), State::new(0, 3));
    state.pass_time(START_MS);
    let mut offset = 0;
    let mut ask = |command: Command| {
        let Decision::Decided(record) = state.submit(&Request::from(command), offset) else { panic!("no key, no repeat") };
        audit.record(offset, START_MS, &record);
        replayed.replay(START_MS, offset, &record);
        assert_eq!(state, replayed);
        offset += 1;
        match record {
            Record::Refused { rejection, .. } => Err(rejection),
            record => Ok(record.events()[0].clone()),
        }
    };

    let unknown = definition(1).venue;
    let draft_of = |venue| CreateShow { draft: guichet_domain::show::ShowDefinition { venue, ..definition(1) }, partition: PARTITION };
    assert_eq!(ask(Command::CreateShow(draft_of(unknown))), Err(Rejection::VenueNotFound { venue: unknown }));
    let empty = Arc::new(SeatingPlan::default());
    assert_eq!(ask(Command::RegisterVenue(RegisterVenue { plan: empty })).unwrap_err().code(), "invalid_plan");
    let Ok(Event::VenueRegistered { venue, .. }) = ask(Command::RegisterVenue(RegisterVenue { plan: Arc::new(plan()) })) else {
        panic!("a venue")
    };
    assert_eq!((venue.partition(), venue.sequence(), venue.parts().incarnation), (0, 1, 3));

    for number in 1..=2 {
        let Ok(Event::ShowCreated { definition }) = ask(Command::CreateShow(draft_of(venue))) else { panic!("a show") };
        assert_eq!((definition.id.partition(), definition.id.sequence()), (PARTITION, number));
    }

    let key = CreateApiKey { name: "till".into(), scope: Scope::Shop, secret_sha256: [1; 32] };
    let Ok(Event::ApiKeyCreated { key }) = ask(Command::CreateApiKey(key)) else { panic!("a key") };
    let revoke = || Command::RevokeApiKey(RevokeApiKey { key: key.id });
    assert_eq!(ask(revoke()), Ok(Event::ApiKeyRevoked { key: key.id }));
    assert_eq!(ask(revoke()), Err(Rejection::KeyNotFound));

    let report = audit.finish();
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!(report.records_checked, 8);
}
