//! `guichet completions SHELL`

use clap_complete::Shell;

use super::{DONE, Outcome};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

#[allow(clippy::unused_async, reason = "the shape of a command")]
pub(crate) async fn run(args: CompletionsArgs, context: &Context) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::command(), "guichet", &mut script);
    context.screen.line(String::from_utf8_lossy(&script))?;
    DONE
}
