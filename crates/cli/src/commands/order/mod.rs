//! `guichet order place|show|list|cancel|refund|retry|resolve|export`

mod after_sale;
mod cancel;
mod describe;
mod export;
mod filter;
mod place;

use guichet_api::LatePayment;

use super::paging::{Paging, more};
use super::{DONE, Outcome};
use crate::money::{Amount, readable};
use crate::output::Rows;
use crate::resolve;
use crate::settings::Context;

pub(super) use describe::describe;

#[derive(Debug, clap::Args)]
pub(crate) struct OrderArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Buy one or more holds of a show
    Place(place::Place),
    /// Show an order: its places, money, tickets and check-ins
    Show {
        #[command(flatten)]
        one: One,
        /// Secret of one of its holds; an admin key needs none
        #[arg(long, allow_hyphen_values = true)]
        token: Option<String>,
    },
    /// List orders, the latest first
    List {
        #[command(flatten)]
        filters: filter::Filters,
        #[command(flatten)]
        paging: Paging,
    },
    /// Take a sale back, or a part of it: its places are free at once, its tickets void, the money goes back
    Cancel(cancel::Cancel),
    /// Give money back and leave the places sold
    Refund(after_sale::Refund),
    /// Let what is stuck of an order try again
    Retry(One),
    /// Decide what becomes of late money that is stuck
    Resolve {
        #[command(flatten)]
        one: One,
        /// The same places, as many of the same product and category, or the money back
        #[arg(value_name = "same_seat|equivalent_seat|refund")]
        policy: LatePayment,
    },
    /// Write orders as CSV, one row for each place
    Export(export::Export),
}

/// Which order.
#[derive(Debug, clap::Args)]
struct One {
    /// Its id, a prefix of it, or its short code
    order: String,
}

pub(crate) async fn run(args: OrderArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::Place(args) => place::run(args, context).await,
        Verb::Show { one, token } => show(&one, token.as_deref(), context).await,
        Verb::List { filters, paging } => list(filters, &paging, context).await,
        Verb::Cancel(args) => cancel::run(args, context).await,
        Verb::Refund(args) => after_sale::refund(args, context).await,
        Verb::Retry(one) => after_sale::retry(&one.order, context).await,
        Verb::Resolve { one, policy } => after_sale::resolve(&one.order, policy, context).await,
        Verb::Export(args) => export::run(args, context).await,
    }
}

async fn show(one: &One, token: Option<&str>, context: &Context) -> Outcome {
    let client = context.client()?;
    let mut call = client.order(&resolve::order(&client, &one.order).await?);
    if let Some(token) = token {
        call = call.hold_token(token);
    }
    context.screen.data(&call.await?.value, describe)?;
    DONE
}

async fn list(filters: filter::Filters, paging: &Paging, context: &Context) -> Outcome {
    let client = context.client()?;
    let list = paging.of(client.orders(&filters.resolve(&client).await?)).await?.value;
    context.screen.data(&list, |list| {
        let mut rows = Rows::new(&["order", "code", "state", "payment", "provider", "total#", "places#", "placed at"]);
        for order in &list.orders {
            let (payment, total) = (&order.payment, readable(&order.total));
            let places = order.positions.iter().filter(|position| !position.cancelled).count();
            rows.row(&[&order.order, &order.code, &order.state, &payment.state, &payment.provider, &total, &places, &order.placed_at]);
        }
        rows.text()
    })?;
    more(context.screen, list.next.as_ref());
    DONE
}
