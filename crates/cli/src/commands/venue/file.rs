//! `guichet venue check|export`: plans as files, without anything being sold.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use guichet_api::Venue;
use guichet_plans::{PlanFormat, ReadPlan, UnknownFormat, Written, write_plan_as};

use super::show::{is_file, served, summary};
use super::{DONE, Outcome, describe, read};
use crate::failure::{Explain, Failure};
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The file; `-` reads stdin
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// A file (`-` reads stdin) or else a venue's id, or a prefix of it
    plan: String,
    /// The format to write
    #[arg(long, value_name = "guichet|pretix", default_value = "guichet", value_parser = writable)]
    format: PlanFormat,
    /// The file to write, instead of printing
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// A format that plans are written in.
fn writable(name: &str) -> Result<PlanFormat, UnknownFormat> {
    match name.parse()? {
        PlanFormat::SeatsIo => Err(UnknownFormat::named(name)),
        format => Ok(format),
    }
}

pub(super) fn check(args: &Check, context: &Context) -> Outcome {
    let plan = plan_in(&args.file)?;
    let venue = Venue { unsold: plan.unsold, ..summary(&plan.plan) };
    context.screen.data(&venue, describe)?;
    context.screen.say(format_args!("read as a {}, without a fault", plan.format));
    for unsold in &venue.unsold {
        context.screen.say(format_args!("not sold: {unsold}"));
    }
    DONE
}

pub(super) async fn export(args: Export, context: &Context) -> Outcome {
    let plan = match is_file(&args.plan) {
        true => plan_in(Path::new(&args.plan))?.plan,
        false => {
            let client = context.client()?;
            let id = resolve::venue(&client, &args.plan).await;
            let id = id.map_err(|failure| failure.hint(format!("there is no file {} either", args.plan)))?;
            served(&client.venue_plan(&id).await?)?
        }
    };
    let Written { text, lost } = write_plan_as(args.format, &plan).map_err(Failure::usage)?;
    match &args.to {
        Some(file) => {
            std::fs::write(file, text).doing(|| format!("{} cannot be written", file.display()))?;
            context.screen.say(format_args!("written: {}", file.display()));
        }
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    for lost in &lost {
        context.screen.say(format_args!("not in the file: {lost}"));
    }
    DONE
}

fn plan_in(file: &Path) -> Result<ReadPlan, Failure> {
    let cannot = || format!("the plan {} cannot be read", file.display());
    let bytes = read(file).doing(cannot)?;
    guichet_plans::read_plan(&bytes).map_err(|errors| Failure::usage(errors).doing(cannot()))
}
