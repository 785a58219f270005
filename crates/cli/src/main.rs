//! The `guichet` command: the server, the operator's verbs, the demo.
//!
//! Data goes to stdout and talk to stderr; `--output json` prints the API's own JSON. The kind of an error sets the exit code:
//! 0 done, 1 refused, 2 usage, 3 not found, 4 not reachable, 5 damage found.
//!
//! Reading order: [`cli`] (what is accepted), [`commands`] (one file for each group of verbs), [`settings`], [`output`], [`failure`].
//! A new command is one file in `commands` and one line in its list.

mod cli;
mod commands;
mod complete;
mod confirm;
mod demo;
mod failure;
mod journal;
mod money;
mod output;
mod progress;
mod qr;
#[cfg(test)]
mod reference;
mod resolve;
mod settings;
mod steady;
mod when;

use std::process::ExitCode;

use crate::failure::Failure;

fn main() -> ExitCode {
    complete::answer_the_shell();
    let invoked = match cli::parse() {
        Ok(invoked) => invoked,
        // Help, the version and what is wrong with the arguments: clap prints each where it belongs.
        Err(error) => error.exit(),
    };
    let verbose = invoked.globals.verbose > 0;
    run(invoked).unwrap_or_else(|failure| failure.report(verbose))
}

fn run(invoked: cli::Cli) -> Result<ExitCode, Failure> {
    let context = settings::Context::gather(invoked.globals)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(invoked.command.run(&context));
    // A blocking read of a terminal must not keep a finished command from ending.
    runtime.shutdown_background();
    done
}
