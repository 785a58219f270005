//! `guichet hold place|show|extend|release`

use std::time::Duration;

use guichet_api::{Call, Hold, HoldItem, PlaceHold};

use super::{DONE, Outcome};
use crate::failure::Failure;
use crate::output::{Fields, Rows};
use crate::settings::Context;
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(crate) struct HoldArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Claim seats or places for a while, all or nothing
    Place(Place),
    /// Show a hold
    Show(One),
    /// Let a hold live longer; it never gets shorter
    Extend {
        #[command(flatten)]
        one: One,
        /// How long it lives from now on
        #[arg(long, default_value = "10m", value_parser = when::duration)]
        ttl: Duration,
    },
    /// Give a hold back: its places are free at once
    Release(One),
}

#[derive(Debug, clap::Args)]
struct Place {
    /// Id of the show, or a prefix of it
    show: String,
    /// Name of the product
    #[arg(long, required_unless_present = "items")]
    product: Option<String>,
    /// A seat by its label path, such as `MT1-C-8`; may be repeated
    #[arg(long = "seat", value_name = "LABEL", requires = "product", conflicts_with = "quantity")]
    seats: Vec<String>,
    /// Places without numbers
    #[arg(long, value_name = "N", requires = "product")]
    quantity: Option<u32>,
    /// A whole item, `PRODUCT:2` or `PRODUCT:SEAT,SEAT`, split at the last colon; may be repeated
    #[arg(long = "item", id = "items", value_name = "ITEM", value_parser = item)]
    items: Vec<HoldItem>,
    /// How long it lives [default: 10m]
    #[arg(long, value_parser = when::duration)]
    ttl: Option<Duration>,
    /// An opaque name of whoever asks; only a keyed hash of it is kept
    #[arg(long, allow_hyphen_values = true)]
    buyer_ref: Option<String>,
    /// The same key with the same items is the same hold, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    idempotency_key: Option<String>,
}

#[derive(Debug, clap::Args)]
struct One {
    /// Its id
    hold: String,
    /// Its secret; an admin key needs none
    #[arg(long, allow_hyphen_values = true)]
    token: Option<String>,
}

impl One {
    fn with_token<T>(&self, call: Call<T>) -> Call<T> {
        match &self.token {
            Some(token) => call.hold_token(token),
            None => call,
        }
    }
}

pub(crate) async fn run(args: HoldArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Place(place) => {
            let request = place.request()?;
            let show = resolve::show(&client, &place.show).await?;
            let mut call = client.place_hold(&show, &request);
            if let Some(key) = &place.idempotency_key {
                call = call.idempotency_key(key);
            }
            let answer = call.await?;
            screen.data(&answer.value, describe)?;
            if answer.replayed {
                screen.say("this key was used before: it is the same hold");
            }
            if let Some(key) = answer.idempotency_key {
                screen.say(format_args!("idempotency key: {key}"));
            }
        }
        Verb::Show(one) => screen.data(&one.with_token(client.hold(&one.hold)).await?.value, describe)?,
        Verb::Extend { one, ttl } => {
            let call = one.with_token(client.extend_hold(&one.hold, when::whole_seconds(ttl)));
            screen.data(&call.await?.value, describe)?;
        }
        Verb::Release(one) => screen.data(&one.with_token(client.release_hold(&one.hold)).await?.value, describe)?,
    }
    DONE
}

impl Place {
    fn request(&self) -> Result<PlaceHold, Failure> {
        let mut items = self.items.clone();
        if let Some(product) = &self.product {
            items.insert(
                0,
                match self.quantity {
                    Some(quantity) => HoldItem::quantity(product, quantity),
                    None if self.seats.is_empty() => {
                        return Err(
                            Failure::usage(format!("nothing of \"{product}\" is asked for")).hint("add --seat LABEL or --quantity N")
                        );
                    }
                    None => HoldItem::seats(product, &self.seats),
                },
            );
        }
        Ok(PlaceHold { buyer_ref: self.buyer_ref.clone(), items, ttl_s: self.ttl.map(when::whole_seconds) })
    }
}

/// `PRODUCT:2` or `PRODUCT:SEAT,SEAT`. No label path is a mere number, so the two cannot be confused.
fn item(text: &str) -> Result<HoldItem, String> {
    let (product, claim) = text.rsplit_once(':').ok_or("an item looks like PRODUCT:2 or PRODUCT:SEAT,SEAT")?;
    if product.is_empty() || claim.is_empty() {
        return Err("an item looks like PRODUCT:2 or PRODUCT:SEAT,SEAT".into());
    }
    Ok(match claim.parse() {
        Ok(quantity) => HoldItem::quantity(product, quantity),
        Err(_) => HoldItem::seats(product, claim.split(',').map(str::trim)),
    })
}

fn describe(hold: &Hold) -> String {
    let fields = Fields::default()
        .field("hold", &hold.hold)
        .maybe("token", hold.token.as_ref())
        .field("show", &hold.show)
        .field("state", hold.state)
        .field("expires at", hold.expires_at)
        .maybe("order", hold.order.as_ref());
    let mut rows = Rows::new(&["product", "places#", "seats"]);
    for item in &hold.items {
        let seats = item.seats.clone().unwrap_or_default();
        rows.row(&[&item.product, &item.quantity.map_or(seats.len(), |quantity| quantity as usize), &seats.join(", ")]);
    }
    format!("{}\n\n{}", fields.text(), rows.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_a_quantity_or_seats() {
        assert_eq!(item("Infield:2"), Ok(HoldItem::quantity("Infield", 2)));
        assert_eq!(item("Matinee: stands:A-1-1, A-1-2"), Ok(HoldItem::seats("Matinee: stands", ["A-1-1", "A-1-2"])));
        for text in ["Infield", "Infield:", ":2"] {
            assert!(item(text).is_err(), "{text}");
        }
    }
}
