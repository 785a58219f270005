//! `guichet order place`

use std::time::Duration;

use guichet_api::{Buyer, OrderState, Payment, PlaceOrder};

use super::super::{DONE, Outcome};
use super::describe;
use crate::settings::Context;
use crate::when;

#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Ids of the holds
    #[arg(required = true)]
    holds: Vec<String>,
    /// Secret of each hold, in the same order; an admin key needs none
    #[arg(long = "token", value_name = "TOKEN", allow_hyphen_values = true)]
    tokens: Vec<String>,
    /// Name of the payment provider; `manual` waits for a transfer or for cash, `guichet payment confirm` says that it came
    #[arg(long, default_value = "simulated")]
    provider: String,
    /// What the provider needs to know; the simulated one takes approve, decline, slow:MS, timeout, the manual one anything
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

pub(super) async fn run(place: Place, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
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
        OrderState::Stuck => screen.say(format_args!("the order cannot go on by itself: `guichet order show {}` tells why", order.code)),
        OrderState::Placed | OrderState::AwaitingPayment => {
            screen.say(format_args!("under way: `guichet order show {}` tells how it goes", order.order));
        }
    }
    DONE
}
