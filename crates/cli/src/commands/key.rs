//! `guichet key create|list|rotate|revoke`

use std::time::Duration;

use guichet_api::{CreateApiKey, KeyFilter, RotateApiKey, Scope};

use super::paging::{Paging, more};
use super::{DONE, Outcome};
use crate::output::{Fields, Rows};
use crate::settings::Context;
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a key; its secret is printed once and kept nowhere
    Create {
        /// What people call it
        #[arg(long)]
        name: String,
        /// What it allows: `admin` everything, `organiser` everything of one organiser, `sales` the box office, `shop` holds and orders
        /// with their tokens, `check_in` the door, `read_only` looking
        #[arg(long, value_name = "admin|organiser|sales|shop|check_in|read_only")]
        scope: Scope,
        /// The organiser whose shows alone it reaches, its id or a prefix of it [default: that of the key that asks, else all]
        #[arg(long, value_name = "ID")]
        organiser: Option<String>,
        /// Most requests per second, with as many at once [default: no limit]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        requests_per_s: Option<u32>,
    },
    /// List the keys that the key reaches, without their secrets, and when they were last used
    List {
        /// Only of this organiser: its id, or a prefix of it
        #[arg(long, value_name = "ID")]
        organiser: Option<String>,
        /// Only of this scope
        #[arg(long, value_name = "SCOPE")]
        scope: Option<Scope>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Give a key another secret, which is printed once
    Rotate {
        /// Its id, or a prefix of it
        #[arg(id = "rotated", value_name = "ID")]
        key: String,
        /// How long the secret before stays good, 30d at most [default: not at all]
        #[arg(long, value_name = "DURATION", value_parser = when::duration)]
        overlap: Option<Duration>,
    },
    /// Revoke a key, at once and for good
    Revoke {
        /// Its id, or a prefix of it
        #[arg(id = "revoked", value_name = "ID")]
        key: String,
    },
}

const ONCE: &str = "keep the secret: it is not shown again";

pub(crate) async fn run(args: KeyArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Create { name, scope, organiser, requests_per_s } => {
            let organiser = resolve::organiser_if_any(&client, organiser.as_deref()).await?;
            let created = client.create_key(&CreateApiKey { name, scope, organiser, requests_per_s }).await?.value;
            screen.data(&created, |key| {
                let fields = Fields::default().field("key", &key.key).field("name", &key.name).field("scope", key.scope);
                let fields = fields.maybe("organiser", key.organiser.as_ref()).maybe("requests per second", key.requests_per_s);
                fields.field("secret", &key.secret).text()
            })?;
            screen.say(ONCE);
        }
        Verb::List { organiser, scope, paging } => {
            let organiser = resolve::organiser_if_any(&client, organiser.as_deref()).await?;
            let list = paging.of(client.keys(&KeyFilter { organiser, scope })).await?.value;
            screen.data(&list, |list| {
                let mut rows = Rows::new(&["key", "name", "scope", "organiser", "requests/s#", "last used"]);
                for key in &list.keys {
                    let organiser = key.organiser.as_deref().unwrap_or("all");
                    let rate = key.requests_per_s.map(|rate| rate.to_string()).unwrap_or_default();
                    let used = key.last_used_at.map_or("never".to_owned(), |at| at.to_string());
                    rows.row(&[&key.key, &key.name, &key.scope, &organiser, &rate, &used]);
                }
                rows.text()
            })?;
            more(screen, list.next.as_ref());
        }
        Verb::Rotate { key, overlap } => {
            let id = resolve::key(&client, &key).await?;
            let rotate = RotateApiKey { overlap_s: overlap.map_or(0, when::whole_seconds) };
            let rotated = client.rotate_key(&id, &rotate).await?.value;
            screen.data(&rotated, |key| Fields::default().field("key", &key.key).field("secret", &key.secret).text())?;
            screen.say(ONCE);
        }
        Verb::Revoke { key } => {
            let id = resolve::key(&client, &key).await?;
            client.revoke_key(&id).await?;
            screen.say(format_args!("{id} is revoked"));
        }
    }
    DONE
}
