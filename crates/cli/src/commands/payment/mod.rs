//! `guichet payment confirm|payout|import`

mod amount;
mod code;
mod import;
mod report;
mod statement;

use guichet_api::MoneyMoved;

use super::order::describe;
use super::{DONE, Outcome};
use crate::failure::Failure;
use crate::money::Amount;
use crate::settings::Context;
use crate::{resolve, steady};

/// The provider of payments that people make by themselves.
const MANUAL: &str = "manual";

#[derive(Debug, clap::Args)]
pub(crate) struct PaymentArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Say that the money for an order has come
    Confirm {
        #[command(flatten)]
        moved: Moved,
        /// Name of the payment provider
        #[arg(long, value_name = "NAME", default_value = MANUAL)]
        provider: String,
    },
    /// Say that a refund was paid out by hand
    Payout(Moved),
    /// Book the payments of a bank's statement: each row's order is found by the short code in its reference
    ///
    /// The file is CSV, separated by commas or semicolons, with a line of headings: `reference`, `purpose` or `subject`, and `amount`;
    /// `currency`, `date` and `id` help where they are there. Importing a file again changes nothing. Exit codes: 0 every row is
    /// booked or was before, 1 some row is not, and the report says why, 2 the file is no statement.
    Import(import::Import),
}

#[derive(Debug, clap::Args)]
struct Moved {
    /// Its id, a prefix of it, or its short code
    order: String,
    /// How much: 4500 in cents or whatever the minor unit is, or 45.00
    amount: Amount,
    /// What the bank's statement or the till's journal calls it: the same name is the same payment
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

pub(crate) async fn run(args: PaymentArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::Confirm { moved, provider } => self::moved(moved, Some(provider), context).await,
        Verb::Payout(moved) => self::moved(moved, None, context).await,
        Verb::Import(args) => import::run(args, context).await,
    }
}

/// Money came through a provider; without one, money went.
async fn moved(moved: Moved, came_through: Option<String>, context: &Context) -> Outcome {
    let client = context.client()?;
    let order = client.order(&resolve::order(&client, &moved.order).await?).await?.value;
    let amount = moved.amount.of(&order.total.currency).map_err(Failure::usage)?;
    let request = MoneyMoved { amount, reference: moved.reference, provider: came_through.clone() };
    let key = steady::key();
    let done = steady::send(&key, || match came_through {
        Some(_) => client.confirm_payment(&order.order, &request),
        None => client.confirm_payout(&order.order, &request),
    });
    let order = done.await?.value;
    context.screen.data(&order, describe)?;
    DONE
}
