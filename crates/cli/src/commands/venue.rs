//! `guichet venue import|list|show`

use std::io::Read;
use std::path::{Path, PathBuf};

use guichet_api::Venue;

use super::{DONE, Outcome};
use crate::failure::{Explain, Failure};
use crate::output::{Fields, Rows};
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct VenueArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Import a plan: Guichet's own format, or a seats.io chart
    Import {
        /// The file; `-` reads stdin
        file: PathBuf,
        /// The same key with the same file makes one venue, however often it is sent
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        idempotency_key: Option<String>,
    },
    /// List all venues
    List,
    /// Show a venue: its categories and areas
    Show {
        /// Its id, or a prefix of it
        venue: String,
    },
}

pub(crate) async fn run(args: VenueArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Import { file, idempotency_key } => {
            let plan = read(&file).doing(|| format!("the plan {} cannot be read", file.display()))?;
            let mut call = client.create_venue(plan);
            if let Some(key) = &idempotency_key {
                call = call.idempotency_key(key);
            }
            let venue = call.await?.value;
            screen.data(&venue, describe)?;
            for unsold in &venue.unsold {
                screen.say(format_args!("not sold: {unsold}"));
            }
            screen.say(format_args!("next: guichet show create --venue {} --name NAME --currency EUR --product ...", venue.venue));
        }
        Verb::List => screen.data(&client.venues().await?.value, |list| {
            let mut rows = Rows::new(&["venue", "name", "seats#", "rows#", "sections#", "areas#"]);
            for venue in &list.venues {
                rows.row(&[&venue.venue, &venue.name, &venue.seats, &venue.rows, &venue.sections, &venue.areas.len()]);
            }
            rows.text()
        })?,
        Verb::Show { venue } => {
            let id = resolve::venue(&client, &venue).await?;
            screen.data(&client.venue(&id).await?.value, describe)?;
        }
    }
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
