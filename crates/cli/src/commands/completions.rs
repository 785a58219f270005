//! `guichet completions SHELL`

use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{DONE, Outcome};
use crate::complete::VARIABLE;
use crate::failure::{Failure, Kind};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell; it asks `guichet` for what fits, ids of shows, venues, organisers, keys and orders included. For bash:
    /// `source <(guichet completions bash)`
    shell: Shell,
}

#[allow(clippy::unused_async, reason = "the shape of a command")]
pub(crate) async fn run(args: CompletionsArgs, context: &Context) -> Outcome {
    let name = args.shell.to_string();
    let shells = Shells::builtins();
    let unknown = || Failure::new(Kind::NotFound, format!("nothing is known of {name}"));
    let shell = shells.completer(&name).ok_or_else(unknown)?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "guichet", "guichet", "guichet", &mut script)?;
    context.screen.line(String::from_utf8_lossy(&script))?;
    DONE
}
