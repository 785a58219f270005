//! `guichet venue import|list|show|check|export`

mod file;
mod show;

use std::io::Read;
use std::path::{Path, PathBuf};

use guichet_api::Venue;

use super::paging::{Paging, more};
use super::{DONE, Outcome};
use crate::failure::{Explain, Failure};
use crate::output::{Fields, Rows};
use crate::progress::Progress;
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct VenueArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Import a plan: Guichet's own format, a seats.io chart or a pretix plan
    Import {
        /// The file; `-` reads stdin
        file: PathBuf,
        /// The organiser that alone may use it, its id or a prefix of it [default: that of the key, else all may]
        #[arg(long, value_name = "ID")]
        organiser: Option<String>,
        /// The same key with the same file makes one venue, however often it is sent
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        idempotency_key: Option<String>,
    },
    /// List the venues that the key reaches, in the order in which they were made
    List(Paging),
    /// Draw a plan from its coordinates, of a file or of a venue, and list its categories and areas
    Show(show::ShowArgs),
    /// Check a plan without importing it: all its faults with their paths, or what it has and what would not be sold
    Check(file::Check),
    /// Write a plan in another format: of a file or of a venue
    Export(file::Export),
}

pub(crate) async fn run(args: VenueArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::Import { file, organiser, idempotency_key } => import(&file, organiser.as_deref(), idempotency_key.as_deref(), context).await,
        Verb::List(paging) => list(&paging, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Check(args) => file::check(&args, context),
        Verb::Export(args) => file::export(args, context).await,
    }
}

async fn import(file: &Path, organiser: Option<&str>, idempotency_key: Option<&str>, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    let plan = read(file).doing(|| format!("the plan {} cannot be read", file.display()))?;
    let mut call = client.create_venue(plan);
    if let Some(organiser) = resolve::organiser_if_any(&client, organiser).await? {
        call = call.query(&[("organiser", organiser)]);
    }
    if let Some(key) = idempotency_key {
        call = call.idempotency_key(key);
    }
    let progress = Progress::begin(screen, "importing the plan");
    let venue = call.await?.value;
    drop(progress);
    screen.data(&venue, describe)?;
    for unsold in &venue.unsold {
        screen.say(format_args!("not sold: {unsold}"));
    }
    screen.say(format_args!("next: guichet show create --venue {} --name NAME --currency EUR --product ...", venue.venue));
    DONE
}

async fn list(paging: &Paging, context: &Context) -> Outcome {
    let list = paging.of(context.client()?.venues()).await?.value;
    context.screen.data(&list, |list| {
        let mut rows = Rows::new(&["venue", "name", "seats#", "rows#", "sections#", "areas#"]);
        for venue in &list.venues {
            rows.row(&[&venue.venue, &venue.name, &venue.seats, &venue.rows, &venue.sections, &venue.areas.len()]);
        }
        rows.text()
    })?;
    more(context.screen, list.next.as_ref());
    DONE
}

/// The bytes of a file, or of stdin.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    Ok(std::fs::read(file)?)
}

fn describe(venue: &Venue) -> String {
    let fields = Fields::default()
        .field("venue", &venue.venue)
        .field("name", &venue.name)
        .maybe("organiser", venue.organiser.as_ref())
        .field("seats", venue.seats)
        .field("rows", venue.rows)
        .field("sections", venue.sections)
        .field("zones", venue.zones);
    let mut text = fields.text();
    if !venue.categories.is_empty() {
        let mut rows = Rows::new(&["category", "seats#", "colour"]);
        for category in &venue.categories {
            rows.row(&[&category.name, &category.seats, &category.colour]);
        }
        text = format!("{text}\n\n{}", rows.text());
    }
    if !venue.areas.is_empty() {
        let mut rows = Rows::new(&["area", "capacity#", "category"]);
        for area in &venue.areas {
            rows.row(&[&area.name, &area.capacity, &area.category]);
        }
        text = format!("{text}\n\n{}", rows.text());
    }
    text
}
