//! `guichet order place|show|list`

use std::time::Duration;

use guichet_api::{Buyer, Order, OrderFilter, OrderState, Payment, PlaceOrder};

use super::{DONE, Outcome};
use crate::money::readable;
use crate::output::{Fields, Rows};
use crate::settings::Context;
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(crate) struct OrderArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Buy one or more holds of a show
    Place(Place),
    /// Show an order
    Show {
        /// Its id
        order: String,
        /// Secret of one of its holds; an admin key needs none
        #[arg(long, allow_hyphen_values = true)]
        token: Option<String>,
    },
    /// List orders that have ended, the latest first
    List {
        /// Only of this show: its id, or a prefix of it
        #[arg(long)]
        show: Option<String>,
        /// Only in this state: placed, awaiting_payment, confirmed, cancelled or stuck
        #[arg(long)]
        state: Option<OrderState>,
        /// Orders on a page
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        /// The page after this cursor
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Place {
    /// Ids of the holds
    #[arg(required = true)]
    holds: Vec<String>,
    /// Secret of each hold, in the same order; an admin key needs none
    #[arg(long = "token", value_name = "TOKEN", allow_hyphen_values = true)]
    tokens: Vec<String>,
    /// Name of the payment provider
    #[arg(long, default_value = "simulated")]
    provider: String,
    /// What the provider needs to know; the simulated one takes approve, decline, slow:MS, timeout
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    payment_token: String,
    /// The buyer's e-mail address
    #[arg(long, requires = "name")]
    email: Option<String>,
    /// The buyer's name
    #[arg(long, requires = "email")]
    name: Option<String>,
    /// Let the answer come when the order is settled, or after so long
    #[arg(long, value_parser = when::duration)]
    wait: Option<Duration>,
    /// The same key with the same order is the same order, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    idempotency_key: Option<String>,
}

pub(crate) async fn run(args: OrderArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Place(place) => {
            let buyer = place.email.zip(place.name).map(|(email, name)| Buyer { email, name });
            let payment = Payment { provider: place.provider, token: place.payment_token };
            let request = PlaceOrder { holds: place.holds, tokens: place.tokens, buyer, payment };
            let mut call = client.place_order(&request);
            if let Some(patience) = place.wait {
                call = call.wait(Duration::from_secs(when::whole_seconds(patience)));
            }
            if let Some(key) = &place.idempotency_key {
                call = call.idempotency_key(key);
            }
            let order = call.await?.value;
            screen.data(&order, describe)?;
            match order.state {
                OrderState::Confirmed => screen.say(format_args!("next: guichet ticket list {}", order.order)),
                OrderState::Cancelled => screen.say("the order has ended without a sale"),
                OrderState::Stuck => screen.say("the order cannot go on by itself; an operator must look"),
                OrderState::Placed | OrderState::AwaitingPayment => {
                    screen.say(format_args!("under way: `guichet order show {}` tells how it goes", order.order));
                }
            }
        }
        Verb::Show { order, token } => {
            let mut call = client.order(&order);
            if let Some(token) = &token {
                call = call.hold_token(token);
            }
            screen.data(&call.await?.value, describe)?;
        }
        Verb::List { show, state, limit, after } => {
            let show = match show {
                Some(show) => Some(resolve::show(&client, &show).await?),
                None => None,
            };
            let list = client.orders(&OrderFilter { show, state, after, limit }).await?.value;
            screen.data(&list, |list| {
                let mut rows = Rows::new(&["order", "code", "state", "payment", "total#", "places#", "updated at"]);
                for order in &list.orders {
                    let (state, payment) = (&order.state, &order.payment.state);
                    rows.row(&[
                        &order.order,
                        &order.code,
                        state,
                        payment,
                        &readable(&order.total),
                        &order.positions.len(),
                        &order.updated_at,
                    ]);
                }
                rows.text()
            })?;
            if let Some(next) = &list.next {
                screen.say(format_args!("there is more: --after {next}"));
            }
        }
    }
    DONE
}

fn describe(order: &Order) -> String {
    let saga = &order.saga;
    let step = format!("{}{}", saga.step, if saga.unwinding { ", on its way back" } else { "" });
    let fields = Fields::default()
        .field("order", &order.order)
        .field("code", &order.code)
        .field("show", &order.show)
        .field("state", order.state)
        .maybe("because", order.cancel_reason)
        .field("payment", format_args!("{} ({})", order.payment.state, order.payment.provider))
        .field("total", readable(&order.total))
        .field("tickets", order.tickets)
        .field("holds", order.holds.join(", "))
        .field("placed at", order.placed_at)
        .field("updated at", order.updated_at)
        .field("deadline", order.deadline)
        .field("saga", format_args!("{} at {step}", saga.saga))
        .maybe("last error", saga.last_error.as_ref())
        .maybe("retry at", saga.retry_at);
    let mut rows = Rows::new(&["product", "seat", "price#"]);
    for position in &order.positions {
        rows.row(&[&position.product, &position.seat.as_deref().unwrap_or_default(), &readable(&position.price)]);
    }
    format!("{}\n\n{}", fields.text(), rows.text())
}
