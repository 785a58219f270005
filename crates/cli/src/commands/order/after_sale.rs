//! `guichet order refund|retry|resolve`

use guichet_api::{LatePayment, RefundOrder, ResolveLatePayment};

use super::super::{DONE, Outcome};
use super::{Amount, describe, readable};
use crate::failure::{Failure, Kind};
use crate::settings::Context;
use crate::{confirm, resolve, steady};

#[derive(Debug, clap::Args)]
pub(super) struct Refund {
    /// Its id, a prefix of it, or its short code
    order: String,
    /// How much: 4500 in cents or whatever the minor unit is, or 45.00
    amount: Amount,
    /// Why, for those who look at it later
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The same key with the same refund is the same refund, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    idempotency_key: Option<String>,
}

pub(super) async fn refund(args: Refund, context: &Context) -> Outcome {
    confirm::can_ask(args.yes, "a refund").map_err(|failure| failure.hint("--yes refunds without asking"))?;
    let (client, screen) = (context.client()?, context.screen);
    let order = client.order(&resolve::order(&client, &args.order).await?).await?.value;
    let amount = args.amount.of(&order.total.currency).map_err(Failure::usage)?;
    if !args.yes {
        let (code, provider) = (&order.code, &order.payment.provider);
        let given: i64 = order.refunds.iter().map(|refund| refund.amount.amount_minor).sum();
        let given = readable(&guichet_api::Money::new(given, &order.total.currency));
        let happens = format!(
            "this gives {} back for order {code} through {provider}; its total was {}, refunds so far {given}; its places stay sold",
            readable(&amount),
            readable(&order.total)
        );
        if !confirm::ask(happens, "refund?")? {
            return Err(Failure::new(Kind::Refused, "nothing was refunded"));
        }
    }
    let request = RefundOrder { amount, note: args.note };
    let key = args.idempotency_key.unwrap_or_else(steady::key);
    let answer = steady::send(&key, || client.refund_order(&order.order, &request)).await?;
    screen.data(&answer.value, describe)?;
    if answer.replayed {
        screen.say("this key was used before: it is the same refund");
    }
    DONE
}

/// Lets stuck sagas of an order go on: the one that drives it, and its refunds.
pub(super) async fn retry(order: &str, context: &Context) -> Outcome {
    let client = context.client()?;
    let order = client.order(&resolve::order(&client, order).await?).await?.value;
    let mut sagas = vec![order.saga.saga.clone()];
    for refund in order.refunds.iter().filter(|refund| !refund.done) {
        if !sagas.contains(&refund.saga) {
            sagas.push(refund.saga.clone());
        }
    }
    let mut retried = 0;
    for saga in &sagas {
        match steady::send(&steady::key(), || client.retry_saga(saga)).await {
            Ok(_) => retried += 1,
            // Some other one is it.
            Err(error) if matches!(error.code(), Some("saga_not_stuck" | "saga_not_found")) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if retried == 0 {
        return Err(Failure::new(Kind::Refused, format!("nothing of order {} is stuck", order.code)));
    }
    let order = client.order(&order.order).await?.value;
    context.screen.data(&order, describe)?;
    context.screen.say(format_args!("it tries again: `guichet order show {}` tells how it goes", order.code));
    DONE
}

pub(super) async fn resolve(order: &str, policy: LatePayment, context: &Context) -> Outcome {
    let client = context.client()?;
    let order = resolve::order(&client, order).await?;
    let request = ResolveLatePayment { policy };
    let order = steady::send(&steady::key(), || client.resolve_late_payment(&order, &request)).await?.value;
    context.screen.data(&order, describe)?;
    DONE
}
