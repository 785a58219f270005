//! What the command line accepts, and its help.

use std::fmt::Write as _;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::{Command, GROUPS};
use crate::settings::Globals;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 refused, 2 usage, 3 not found, 4 not reachable, 5 damage found.
Settings: flags, then GUICHET_* in the environment, then guichet.toml in the working directory.
Ids of shows, venues and keys may be shortened to a prefix that only one of them has.";

/// Ticket reservations: seats, holds, orders, payments and tickets, durable in one directory
#[derive(Debug, Parser)]
#[command(name = "guichet", version, max_term_width = 120, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) globals: Globals,
}

/// The whole command tree, its help grouped by task.
pub(crate) fn command() -> clap::Command {
    let command = Cli::command();
    let mut groups = String::new();
    for (task, names) in GROUPS {
        let _ = writeln!(groups, "{task}:");
        for name in *names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let _ = writeln!(groups, "  {name:<13}{}", about.map(ToString::to_string).unwrap_or_default());
        }
        groups.push('\n');
    }
    let template = format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{{options}}\n\n{EXIT_CODES}\n");
    command.help_template(template)
}

/// Reads the arguments of this process.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound_and_every_command_is_in_one_group() {
        command().debug_assert();
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut commands: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        listed.sort_unstable();
        commands.sort_unstable();
        assert_eq!(listed, commands);
    }

    #[test]
    fn a_token_may_begin_with_a_hyphen() {
        // One in 64 does.
        for line in [
            "hold show h --token -eXy",
            "hold release h --token --eXy",
            "order place h --token -e --token -q --payment-token approve",
            "order show o --token -e",
            "order cancel o --token -e",
            "ticket list o --token -e",
            "ticket show t --order o --token -e",
        ] {
            let parsed = command().try_get_matches_from(["guichet"].into_iter().chain(line.split(' ')));
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
    }

    #[test]
    fn no_argument_has_the_name_of_a_global_one() {
        fn check(command: &clap::Command, globals: &[String]) {
            for inner in command.get_subcommands() {
                for argument in inner.get_arguments() {
                    let id = argument.get_id().to_string();
                    // It would silently take the place of the global one.
                    assert!(!globals.contains(&id), "{} {id}", inner.get_name());
                }
                check(inner, globals);
            }
        }
        let command = Cli::command();
        let globals: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
        assert!(globals.contains(&"key".to_owned()));
        check(&command, &globals);
    }
}
