//! `guichet doctor`: what is wrong with this machine, its settings, its directory or its server, the worst first.
//!
//! Each check is one file and one line in the list. A check looks and measures; it changes nothing, but for a file that it writes and
//! removes where the disk is tried.

mod clock;
mod directory;
mod disk;
mod findings;
mod machine;
mod server;
mod settings;

use std::process::ExitCode;

use serde::Serialize;

use self::findings::{Finding, Findings, Level};
use super::{DONE, Outcome};
use crate::failure::Kind;
use crate::output::Rows;
use crate::settings::explained::{Explained, explain};
use crate::settings::{Context, Serving};

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    serving: Serving,
    /// Explain the settings alone: what each means, what it is, and who says so
    #[arg(long)]
    settings: bool,
}

/// What was found, and what the settings are.
#[derive(Serialize)]
struct Examined {
    healthy: bool,
    findings: Vec<Finding>,
    settings: Vec<Explained>,
}

pub(crate) async fn run(args: DoctorArgs, context: &Context) -> Outcome {
    let settings = explain()?;
    if args.settings {
        context.screen.data(&settings, explained)?;
        return DONE;
    }
    let serving = args.serving.over(context);
    let data = serving.data();
    let mut findings = Findings::default();
    settings::check(context, &serving, &mut findings);
    directory::check(&data, &mut findings);
    disk::check(&data, serving.durability(), &mut findings);
    clock::check(&data, &mut findings);
    machine::check(&mut findings);
    server::check(context, &mut findings).await;
    let findings = findings.worst_first();
    let healthy = findings.iter().all(|finding| finding.level != Level::Problem);
    let examined = Examined { healthy, findings, settings };
    context.screen.data(&examined, |examined| {
        let lines: Vec<String> = examined.findings.iter().map(ToString::to_string).collect();
        format!("{}\n\n{}", lines.join("\n"), explained(&examined.settings))
    })?;
    Ok(if healthy { ExitCode::SUCCESS } else { Kind::Refused.exit_code() })
}

fn explained(settings: &Vec<Explained>) -> String {
    let mut rows = Rows::new(&["setting", "value", "from", "means"]);
    for setting in settings {
        rows.row(&[&setting.name, &setting.value, &setting.from, &setting.means]);
    }
    rows.text()
}
