//! `guichet organiser create|list`

use guichet_api::CreateOrganiser;

use super::paging::{Paging, more};
use super::{DONE, Outcome};
use crate::output::{Fields, Rows};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct OrganiserArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make an organiser: somebody who sells here, beside others
    Create {
        /// What people call it; no other organiser is called so
        #[arg(long)]
        name: String,
        /// The same key with the same name makes one organiser, however often it is sent
        #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
        idempotency_key: Option<String>,
    },
    /// List the organisers that the key reaches, in the order in which they were made
    List(Paging),
}

pub(crate) async fn run(args: OrganiserArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Create { name, idempotency_key } => {
            let mut call = client.create_organiser(&CreateOrganiser { name });
            if let Some(key) = &idempotency_key {
                call = call.idempotency_key(key);
            }
            let made = call.await?.value;
            screen.data(&made, |made| Fields::default().field("organiser", &made.organiser).field("name", &made.name).text())?;
            screen.say(format_args!("next: guichet key create --name NAME --scope organiser --organiser {}", made.organiser));
        }
        Verb::List(paging) => {
            let list = paging.of(client.organisers()).await?.value;
            screen.data(&list, |list| {
                let mut rows = Rows::new(&["organiser", "name"]);
                for organiser in &list.organisers {
                    rows.row(&[&organiser.organiser, &organiser.name]);
                }
                rows.text()
            })?;
            more(screen, list.next.as_ref());
        }
    }
    DONE
}
