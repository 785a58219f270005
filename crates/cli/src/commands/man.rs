//! `guichet man [COMMAND]...`

use super::{DONE, Outcome};
use crate::failure::{Failure, Kind};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Page of a command, such as `hold place`; without one the page of the program
    command: Vec<String>,
}

#[allow(clippy::unused_async, reason = "the shape of a command")]
pub(crate) async fn run(args: ManArgs, context: &Context) -> Outcome {
    let mut whole = crate::cli::command();
    whole.build();
    let mut command = &whole;
    for name in &args.command {
        let missing = || Failure::new(Kind::NotFound, format!("there is no command \"{}\"", args.command.join(" ")));
        command = command.find_subcommand(name).ok_or_else(missing)?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    context.screen.line(String::from_utf8_lossy(&page))?;
    DONE
}
