//! `guichet ticket list`

use super::{DONE, Outcome};
use crate::output::Rows;
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
        /// Id of the order
        order: String,
        /// Secret of one of its holds; an admin key needs none
        #[arg(long, allow_hyphen_values = true)]
        token: Option<String>,
    },
}

pub(crate) async fn run(args: TicketArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    let Verb::List { order, token } = args.verb;
    let mut call = client.tickets(&order);
    if let Some(token) = &token {
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
