//! `guichet ticket list|show|verify|keys|rotate-key`

mod keys;
mod public_keys;
mod show;
mod verify;

use super::{DONE, Outcome};
use crate::output::Rows;
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct TicketArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the tickets of an order; there are none before it is paid
    List {
        /// Id of the order, a prefix of it, or its short code
        order: String,
        /// Secret of one of its holds; an admin key needs none
        #[arg(long, allow_hyphen_values = true)]
        token: Option<String>,
    },
    /// Show a ticket and its QR code, on the terminal or as a picture
    Show(show::Show),
    /// Check ticket codes offline, with nothing but public keys
    ///
    /// A genuine code says that the house made the ticket. It does not tell whether the ticket was cancelled or used since: that is
    /// the door's job, with a server. Exit codes: 0 every code is genuine, 1 one is not (malformed, unknown key, forged), 2 usage.
    Verify(verify::Verify),
    /// List the keys of ticket codes; `--output json` is what offline checkers take
    Keys,
    /// Make a new key, which signs from now on; codes of tickets that are out stay as they are
    RotateKey,
}

pub(crate) async fn run(args: TicketArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::List { order, token } => list(&order, token.as_deref(), context).await,
        Verb::Show(show) => show::run(show, context).await,
        Verb::Verify(verify) => verify::run(verify, context),
        Verb::Keys => keys::list(context).await,
        Verb::RotateKey => keys::rotate(context).await,
    }
}

async fn list(order: &str, token: Option<&str>, context: &Context) -> Outcome {
    let screen = context.screen;
    let client = context.client()?;
    let mut call = client.tickets(&resolve::order(&client, order).await?);
    if let Some(token) = token {
        call = call.hold_token(token);
    }
    let tickets = call.await?.value;
    screen.data(&tickets, |list| {
        let mut rows = Rows::new(&["ticket", "product", "seat", "code"]);
        for ticket in &list.tickets {
            rows.row(&[&ticket.ticket, &ticket.product, &ticket.seat.as_deref().unwrap_or_default(), &ticket.code]);
        }
        rows.text()
    })?;
    if tickets.tickets.is_empty() {
        screen.say(format_args!("no tickets yet: `guichet order show {order}` tells how the order stands"));
    }
    DONE
}
