//! Many commands in one request, one reply each, in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use futures_util::future::join_all;
use guichet_api as api;
use guichet_core::{CommandError, IdempotencyKey, PlaceHold, ShowId};

use super::holds;
use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{parse_id, parse_json, reached, read_body};
use crate::failure::Failure;
use crate::reply::Reply;

/// Most commands in one batch: some milliseconds of a shard's time, which everybody behind it waits.
const COMMANDS_MAX: usize = 10_000;
/// Room for a full batch of holds of several seats each.
const BATCH_BYTES_MAX: usize = 8 << 20;

/// One command with its place in the batch.
struct Placing<'a> {
    place: usize,
    key: IdempotencyKey,
    items: Vec<api::HoldItem>,
    hold: PlaceHold<'a>,
}

/// `POST /v1/batch`. Commands of one show enter its shard together, in order. Each has its own key: its `idempotency_key`, else one made
/// of the request's key and its number, else a new one.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    request: Request,
) -> Result<Reply, Failure> {
    let commands: Vec<api::BatchCommand> = parse_json(&read_body(request, BATCH_BYTES_MAX).await?)?;
    if commands.len() > COMMANDS_MAX {
        let detail = format!("{} commands in one batch, at most {COMMANDS_MAX} are allowed.", commands.len());
        return Err(Failure::new("too_many_commands", detail));
    }
    let mut replies: Vec<Option<api::BatchReply>> = vec![None; commands.len()];
    let mut shows: BTreeMap<ShowId, Vec<Placing<'_>>> = BTreeMap::new();
    for (place, api::BatchCommand::PlaceHold(command)) in commands.into_iter().enumerate() {
        let named = command.idempotency_key.clone();
        match prepare(&app, identity, &key, place, command) {
            Ok((show, placing)) => shows.entry(show).or_default().push(placing),
            Err(failure) => replies[place] = Some(refused(named, failure)),
        }
    }
    let answered = join_all(shows.into_iter().map(|(show, placings)| place_all(&app, show, placings))).await;
    for (place, reply) in answered.into_iter().flatten() {
        replies[place] = Some(reply);
    }
    let replies: Vec<_> = replies.into_iter().flatten().collect();
    Ok(Reply::ok(&replies))
}

fn prepare<'a>(
    app: &'a App,
    identity: Identity,
    key: &RequestKey,
    place: usize,
    command: api::BatchPlaceHold,
) -> Result<(ShowId, Placing<'a>), Failure> {
    let show: ShowId = parse_id(&app.engine, &command.show).and_then(|show| reached(&app.engine, identity, show))?;
    let key = match command.idempotency_key {
        Some(named) => named.parse(),
        None if key.given => format!("{}#{place}", key.key).parse(),
        None => Ok(IdempotencyKey::generate()),
    };
    let key = key.map_err(|error| Failure::new("malformed_idempotency_key", error))?;
    let mut hold = app.engine.place_hold(show, holds::resolve(&command.items)?).caller(identity.caller).key(key.clone());
    if let Some(ttl_s) = command.ttl_s {
        hold = hold.ttl(Duration::from_secs(ttl_s));
    }
    if let Some(buyer_ref) = command.buyer_ref {
        hold = hold.buyer_ref(buyer_ref);
    }
    Ok((show, Placing { place, key, items: command.items, hold }))
}

async fn place_all(app: &App, show: ShowId, placings: Vec<Placing<'_>>) -> Vec<(usize, api::BatchReply)> {
    let (mut asked, mut commands) = (Vec::with_capacity(placings.len()), Vec::with_capacity(placings.len()));
    for Placing { place, key, items, hold } in placings {
        asked.push((place, key, items));
        commands.push(hold);
    }
    let failed = |error: CommandError| Failure::of_command(&app.engine, error, Some(show));
    match app.engine.place_holds(show, commands).await {
        Ok(answers) => {
            let replies = asked.into_iter().zip(answers).map(|((place, key, items), answer)| match answer {
                Ok(hold) => {
                    let outcome = api::BatchOutcome::Hold(holds::placed(&app.engine, &hold, items));
                    (place, api::BatchReply { idempotency_key: Some(key.to_string()), replayed: hold.repeated, outcome })
                }
                Err(error) => (place, refused(Some(key.to_string()), failed(error))),
            });
            replies.collect()
        }
        Err(error) => asked.into_iter().map(|(place, key, _)| (place, refused(Some(key.to_string()), failed(error.clone())))).collect(),
    }
}

fn refused(idempotency_key: Option<String>, failure: Failure) -> api::BatchReply {
    api::BatchReply { idempotency_key, replayed: false, outcome: api::BatchOutcome::Problem(failure.into_problem()) }
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use super::super::holds::about::CLAIMS;
    use crate::description::operation::Operation;

    pub(crate) fn run() -> Operation {
        Operation::new("batch", "Many commands in one request, one reply each, in order.")
            .notes("10,000 commands at most. What one command is refused with stands in its reply: the answer is 200 all the same.")
            .takes_list_of::<api::BatchCommand>()
            .command()
            .answers_list_of::<api::BatchReply>("One reply for each command.")
            .refuses(&["too_many_commands", "show_not_found"])
            .refuses(CLAIMS)
    }
}
