//! `guichet ticket keys|rotate-key`

use super::{DONE, Outcome};
use crate::output::{Fields, Rows};
use crate::settings::Context;

pub(super) async fn list(context: &Context) -> Outcome {
    let keys = context.client()?.ticket_keys().await?.value;
    context.screen.data(&keys, |list| {
        let mut rows = Rows::new(&["key", "made", "signs", "public key"]);
        for key in &list.keys {
            rows.row(&[&key.key_id, &key.made_at, &if key.current { "now" } else { "before" }, &key.public_key]);
        }
        rows.text()
    })?;
    DONE
}

pub(super) async fn rotate(context: &Context) -> Outcome {
    let made = context.client()?.rotate_ticket_key().await?.value;
    context.screen.data(&made, |key| {
        Fields::default().field("key", &key.key_id).field("made", key.made_at).field("public key", &key.public_key).text()
    })?;
    context.screen.say("give the list of `guichet ticket keys --output json` to whoever checks tickets offline: they need every key in it");
    DONE
}
