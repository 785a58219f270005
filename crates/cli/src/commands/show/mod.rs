//! `guichet show create|list|show|open|pause|close|revise|report`

mod create;
mod describe;
mod list;
mod report;
mod revise;
mod rules;

use guichet_api::{Availability, Call, Show};
use serde::Serialize;

use super::{DONE, Outcome, venue};
use crate::failure::Failure;
use crate::output::{Fields, Screen};
use crate::resolve;
use crate::settings::Context;

pub(super) use rules::fee_sentence;

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a show; its sale is closed until `show open`
    Create(Box<create::Create>),
    /// List the shows that the key reaches, in the order in which they were made
    List(list::List),
    /// Show what a show sells, by which rules, and what is left of it
    Show(One),
    /// Open the sale
    Open(One),
    /// Stop the sale for a while; orders in flight go on
    Pause(One),
    /// End the sale
    Close(One),
    /// Give a show another plan while it is sold: seats added, withdrawn, moved between categories
    Revise(revise::Revise),
    /// Count what a show has sold: places, fees and revenue
    Report(report::Report),
}

#[derive(Debug, clap::Args)]
struct One {
    /// Its id, or a prefix of it
    show: String,
}

/// A show and what is left of it, each in the API's own shape.
#[derive(Serialize)]
struct Seen {
    #[serde(flatten)]
    show: Show,
    availability: Availability,
}

pub(crate) async fn run(args: ShowArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Create(create) => {
            let request = create.request(&client).await?;
            let mut call = client.create_show(&request);
            if let Some(key) = &create.idempotency_key {
                call = call.idempotency_key(key);
            }
            let show = call.await?.value;
            screen.data(&show, describe::show)?;
            screen.say(format_args!("next: guichet show open {}", show.show));
        }
        Verb::List(list) => list::run(list, &client, screen).await?,
        Verb::Show(one) => {
            let id = resolve::show(&client, &one.show).await?;
            let show = client.show(&id).await?.value;
            let availability = client.availability(&id).await?.value;
            screen.data(&Seen { show, availability }, |seen| {
                format!("{}\n\n{}", describe::show(&seen.show), describe::left(&seen.availability))
            })?;
        }
        Verb::Open(one) => changed(screen, client.open_show(&resolve::show(&client, &one.show).await?)).await?,
        Verb::Pause(one) => changed(screen, client.pause_show(&resolve::show(&client, &one.show).await?)).await?,
        Verb::Close(one) => changed(screen, client.close_show(&resolve::show(&client, &one.show).await?)).await?,
        Verb::Revise(args) => return revise::run(args, context).await,
        Verb::Report(args) => return report::run(args, context).await,
    }
    DONE
}

/// Changes the sale of a show and says how it stands.
async fn changed(screen: Screen, call: Call<Show>) -> Result<(), Failure> {
    let show = call.await?.value;
    screen.data(&show, |show| Fields::default().field("show", &show.show).field("name", &show.name).field("sale", show.sale).text())?;
    Ok(())
}
