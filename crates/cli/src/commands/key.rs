//! `guichet key create|list|revoke`

use guichet_api::{CreateApiKey, Scope};

use super::{DONE, Outcome};
use crate::output::{Fields, Rows};
use crate::resolve;
use crate::settings::Context;

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
        /// What it allows: `admin` everything, `shop` holds and orders with their tokens, `check_in` the door
        #[arg(long, value_name = "admin|shop|check_in")]
        scope: Scope,
    },
    /// List all keys, without their secrets
    List,
    /// Revoke a key, at once and for good
    Revoke {
        /// Its id, or a prefix of it
        #[arg(id = "revoked", value_name = "ID")]
        key: String,
    },
}

pub(crate) async fn run(args: KeyArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Create { name, scope } => {
            let created = client.create_key(&CreateApiKey { name, scope }).await?.value;
            screen.data(&created, |key| {
                let fields = Fields::default().field("key", &key.key).field("name", &key.name);
                fields.field("scope", key.scope).field("secret", &key.secret).text()
            })?;
            screen.say("keep the secret: it is not shown again");
        }
        Verb::List => screen.data(&client.keys().await?.value, |list| {
            let mut rows = Rows::new(&["key", "name", "scope"]);
            for key in &list.keys {
                rows.row(&[&key.key, &key.name, &key.scope]);
            }
            rows.text()
        })?,
        Verb::Revoke { key } => {
            let id = resolve::key(&client, &key).await?;
            client.revoke_key(&id).await?;
            screen.say(format_args!("{id} is revoked"));
        }
    }
    DONE
}
