//! API keys and organisers over restarts, from the journal and from a snapshot.
#![allow(clippy::unwrap_used, reason = "the helpers of tests, too, may fail by panic")]

mod support;

use std::time::Duration;

use guichet_core::domain::key::Scope;
use guichet_core::{ApiKeyDraft, Caller, Guichet, OrganiserId, ShowId};
use support::House;

/// What the catalogue says, without when the keys were last used.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    keys: Vec<(String, Option<OrganiserId>, Option<u32>)>,
    organisers: Vec<String>,
    organiser_of_show: Option<OrganiserId>,
}

fn told(engine: &Guichet, show: ShowId) -> Told {
    Told {
        keys: engine.api_keys().into_iter().map(|key| (key.name, key.organiser, key.requests_per_s)).collect(),
        organisers: engine.organisers().into_iter().map(|organiser| organiser.name).collect(),
        organiser_of_show: engine.organiser_of_show(show),
    }
}

#[tokio::test]
async fn keys_their_uses_and_what_is_whose_survive_restarts() {
    let house = House::open().await;
    let (organiser, _) = house.engine.create_organiser("Circuit", Caller::EMBEDDER, None).await.unwrap();
    let mine = house.show().await;
    let theirs = house.show_with(|draft| draft.organiser = Some(organiser.id)).await;
    let draft = ApiKeyDraft { organiser: Some(organiser.id), requests_per_s: Some(7), ..ApiKeyDraft::new("till", Scope::Sales) };
    let first = house.engine.create_api_key(draft).await.unwrap();
    assert_eq!(house.engine.api_keys()[0].last_used_unix_ms, None);
    assert_eq!(house.engine.authenticate(&first.secret).unwrap().id, first.id);
    assert_eq!(house.engine.authenticate("gk_nothing"), None);
    let second = house.engine.rotate_api_key(first.id, Duration::from_secs(60)).await.unwrap();
    assert_eq!(second.id, first.id);
    let used = house.engine.api_keys()[0].last_used_unix_ms;
    assert!(used.is_some());
    let before = told(&house.engine, theirs);
    assert_eq!(before.organiser_of_show, Some(organiser.id));

    let house = house.reopen_after(|_| ()).await.unwrap();
    assert_eq!((told(&house.engine, theirs), house.engine.api_keys()[0].last_used_unix_ms), (before.clone(), used), "from the journal");
    house.engine.take_snapshot(0).await.unwrap();
    let house = house.reopen_after(|_| ()).await.unwrap();
    assert_eq!((told(&house.engine, theirs), house.engine.api_keys()[0].last_used_unix_ms), (before, used), "from the snapshot");
    assert_eq!(house.engine.organiser_of_show(mine), None);

    for secret in [&first.secret, &second.secret] {
        assert_eq!(house.engine.authenticate(secret).map(|key| key.id), Some(first.id), "both are good for a minute");
    }
    let third = house.engine.rotate_api_key(first.id, Duration::ZERO).await.unwrap();
    let good = [&first, &second, &third].map(|key| house.engine.authenticate(&key.secret).is_some());
    assert_eq!(good, [false, false, true]);
    house.engine.revoke_api_key(first.id).await.unwrap();
    assert_eq!(house.engine.authenticate(&third.secret), None);
    house.verified().await;
}
