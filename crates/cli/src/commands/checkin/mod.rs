//! `guichet checkin scan|list|export|offline|import`

mod carry;
mod import;
mod logbook;
mod offline;
mod scan;
mod sheet;
mod verdict;

use super::Outcome;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct CheckinArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Let the holder of a ticket in, once
    ///
    /// Exit codes: 0 everybody may enter, 1 somebody may not, 4 the server could not be asked.
    Scan(scan::Scan),
    /// List the tickets of a check-in list, and who has entered
    List(sheet::List),
    /// Write a check-in list to a file, for a gate without connection
    Export(carry::Export),
    /// Scan with an exported list and no connection; every entry is kept in a log on this machine
    ///
    /// Of two gates without connection neither knows what the other does: `guichet checkin import` finds out afterwards. Exit codes: 0
    /// everybody may enter, 1 somebody may not.
    Offline(offline::Offline),
    /// Tell the server what gates without connection did
    ///
    /// Exit codes: 0 every scan is booked, 1 some ticket was used twice or should not have passed.
    Import(import::Import),
}

pub(crate) async fn run(args: CheckinArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::Scan(args) => scan::run(args, context).await,
        Verb::List(args) => sheet::run(args, context).await,
        Verb::Export(args) => carry::run(args, context).await,
        Verb::Offline(args) => offline::run(args, context),
        Verb::Import(args) => import::run(args, context).await,
    }
}
