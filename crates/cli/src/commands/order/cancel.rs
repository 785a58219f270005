//! `guichet order cancel`
//!
//! What must never be true: a sale is taken back that nobody has confirmed.

use std::collections::BTreeSet;

use guichet_api::{CancelOrder, CancelledBy, Client, Order, OrderPosition, OrderState};
use jiff::Timestamp;

use super::super::show::fee_sentence;
use super::super::{DONE, Outcome};
use super::describe;
use crate::failure::{Failure, Kind};
use crate::money::readable;
use crate::settings::Context;
use crate::{confirm, resolve, steady};

#[derive(Debug, clap::Args)]
pub(super) struct Cancel {
    /// Its id, a prefix of it, or its short code
    order: String,
    /// Only this position, by its number in `order show`; may be repeated
    #[arg(long = "position", value_name = "N")]
    positions: Vec<u32>,
    /// On whose wish [default: operator with an admin key, buyer with a shop key]
    #[arg(long, value_name = "buyer|operator")]
    by: Option<CancelledBy>,
    /// Keep no fee for a late cancellation; only with an admin key
    #[arg(long)]
    waive_fee: bool,
    /// Secret of one of its holds; an admin key needs none
    #[arg(long, allow_hyphen_values = true)]
    token: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(args: Cancel, context: &Context) -> Outcome {
    confirm::can_ask(args.yes, "cancelling").map_err(|failure| failure.hint("--yes cancels without asking"))?;
    let (client, screen) = (context.client()?, context.screen);
    let order = resolve::order(&client, &args.order).await?;
    if !args.yes {
        let mut call = client.order(&order);
        if let Some(token) = &args.token {
            call = call.hold_token(token);
        }
        let happens = happens(&client, &call.await?.value, &args).await?;
        if !confirm::ask(happens, "cancel?")? {
            return Err(Failure::new(Kind::Refused, "nothing was cancelled"));
        }
    }
    let positions = (!args.positions.is_empty()).then(|| args.positions.clone());
    let request = CancelOrder { positions, by: args.by, waive_fee: args.waive_fee };
    let key = steady::key();
    let cancelled = steady::send(&key, || {
        let call = client.cancel_order(&order, &request);
        match &args.token {
            Some(token) => call.hold_token(token),
            None => call,
        }
    });
    let order = cancelled.await?.value;
    screen.data(&order, describe)?;
    for refund in order.refunds.iter().filter(|refund| !refund.done) {
        let amount = readable(&refund.amount);
        match order.payment.provider.as_str() {
            "manual" => screen
                .say(format_args!("pay {amount} back, then: guichet payment payout {} \"{amount}\" --reference REFERENCE", order.code)),
            provider => screen.say(format_args!("{amount} go back through {provider}: `guichet order show {}` tells when", order.code)),
        }
    }
    DONE
}

/// What will happen, before it does.
async fn happens(client: &Client, order: &Order, args: &Cancel) -> Result<String, Failure> {
    let wanted = |position: &&OrderPosition| args.positions.is_empty() || args.positions.contains(&position.number);
    let left: Vec<&OrderPosition> = order.positions.iter().filter(|position| !position.cancelled).collect();
    let taken: Vec<&OrderPosition> = left.iter().copied().filter(wanted).collect();
    let price = guichet_api::Money::new(taken.iter().map(|position| position.price.amount_minor).sum(), &order.total.currency);
    let mut lines = vec![format!(
        "this cancels {} of {} places of order {}, bought for {}; they are on sale again at once, their tickets open no door any more",
        taken.len(),
        left.len(),
        order.code,
        readable(&price)
    )];
    for position in &taken {
        let seat = position.seat.as_deref().map(|seat| format!(", {seat}")).unwrap_or_default();
        lines.push(format!("  {}  {}{seat}  {}", position.number, position.product, readable(&position.price)));
    }
    if order.state != OrderState::Confirmed {
        lines.push("it is not sold yet: it ends without a sale, and no fee is kept".into());
    } else if args.waive_fee {
        lines.push("no fee is kept".into());
    } else {
        for show in taken.iter().map(|position| position.show.as_str()).collect::<BTreeSet<_>>() {
            lines.push(fee_sentence(&client.show(show).await?.value, Timestamp::now()));
        }
    }
    Ok(lines.join("\n"))
}
