//! Completions: a shell asks this program, which knows its commands, and asks the server for ids.
//!
//! Which arguments take which ids follows from their names, so a new verb is completed without a word about it.

use std::time::Duration;

use clap::Args as _;
use clap::FromArgMatches as _;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::CompleteEnv;
use guichet_api::{Client, KeyFilter, OrderFilter, ShowFilter};

use crate::settings::{Context, Globals};

/// The shell sets it when it asks.
pub(crate) const VARIABLE: &str = "COMPLETE";
/// Longest that somebody waits after a tab.
const PATIENCE: Duration = Duration::from_secs(1);
/// Orders that are offered: the latest.
const ORDERS: u32 = 50;

/// Answers the shell and ends the process, if it is the shell that asks.
pub(crate) fn answer_the_shell() {
    CompleteEnv::with_factory(|| with_live_ids(crate::cli::command())).var(VARIABLE).complete();
}

fn with_live_ids(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| match kind_of(argument.get_id().as_str()) {
        Some(kind) => argument.add(ArgValueCompleter::new(move |typed: &std::ffi::OsStr| offer(kind, &typed.to_string_lossy()))),
        None => argument,
    });
    command.mut_subcommands(with_live_ids)
}

/// What can be listed.
#[derive(Clone, Copy)]
enum Kind {
    Shows,
    Venues,
    Organisers,
    Keys,
    Orders,
}

fn kind_of(argument: &str) -> Option<Kind> {
    match argument {
        "show" => Some(Kind::Shows),
        "venue" => Some(Kind::Venues),
        "organiser" => Some(Kind::Organisers),
        "order" => Some(Kind::Orders),
        "rotated" | "revoked" => Some(Kind::Keys),
        _ => None,
    }
}

/// Ids that begin like what was typed, each with its name; nothing when nobody answers in time.
fn offer(kind: Kind, typed: &str) -> Vec<CompletionCandidate> {
    let listed = || -> Option<Vec<(String, String)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let client = context()?.client().ok()?;
        let listed = runtime.block_on(async { tokio::time::timeout(PATIENCE, list(&client, kind)).await });
        listed.ok()?
    };
    let fitting = listed().unwrap_or_default().into_iter().filter(|(id, _)| id.starts_with(typed));
    fitting.map(|(id, name)| CompletionCandidate::new(id).help(Some(name.into()))).collect()
}

/// As the environment and the file have it: flags of the line that is being typed are not known here.
fn context() -> Option<Context> {
    let matches = Globals::augment_args(clap::Command::new("guichet")).try_get_matches_from(["guichet"]).ok()?;
    Context::gather(Globals::from_arg_matches(&matches).ok()?).ok()
}

async fn list(client: &Client, kind: Kind) -> Option<Vec<(String, String)>> {
    Some(match kind {
        Kind::Shows => client.shows(&ShowFilter::default()).all().await.ok()?.into_iter().map(|show| (show.show, show.name)).collect(),
        Kind::Venues => client.venues().all().await.ok()?.into_iter().map(|venue| (venue.venue, venue.name)).collect(),
        Kind::Organisers => {
            let organisers = client.organisers().all().await.ok()?;
            organisers.into_iter().map(|organiser| (organiser.organiser, organiser.name)).collect()
        }
        Kind::Keys => client.keys(&KeyFilter::default()).all().await.ok()?.into_iter().map(|key| (key.key, key.name)).collect(),
        Kind::Orders => client
            .orders(&OrderFilter::default())
            .limit(ORDERS)
            .await
            .ok()?
            .value
            .orders
            .into_iter()
            .map(|order| (order.code, order.state.to_string()))
            .collect(),
    })
}
