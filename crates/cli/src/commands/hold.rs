//! `guichet hold place|show|extend|release`

use std::time::Duration;

use guichet_api::{BestAvailable, Call, GroupPart, Hold, HoldItem, PlaceHold};

use super::{DONE, Outcome};
use crate::failure::Failure;
use crate::money::Amount;
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
    Place(Box<Place>),
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
    /// Let the house choose `--quantity` seats, together and as near as possible to what they look at
    #[arg(long, requires = "quantity")]
    best: bool,
    #[command(flatten)]
    group: Group,
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

/// What the house minds when it chooses.
#[derive(Debug, clap::Args)]
struct Group {
    /// Others who sit with them, `PRODUCT:2`; may be repeated
    #[arg(long, value_name = "PRODUCT:N", requires = "best", value_parser = part)]
    with: Vec<GroupPart>,
    /// A product that would do instead, `*` for all; may be repeated
    #[arg(long = "or", id = "alternatives", value_name = "PRODUCT", requires = "best")]
    alternatives: Vec<String>,
    /// Only products that cost at most this, such as 45.00
    #[arg(long, value_name = "AMOUNT", requires = "best")]
    price_max: Option<Amount>,
    /// Only products that cost at least this
    #[arg(long, value_name = "AMOUNT", requires = "best")]
    price_min: Option<Amount>,
    /// Only seats of this category; may be repeated
    #[arg(long = "category", id = "categories", value_name = "CATEGORY", requires = "best")]
    categories: Vec<String>,
    /// Only seats of this zone; may be repeated
    #[arg(long = "zone", id = "zones", value_name = "ZONE", requires = "best")]
    zones: Vec<String>,
    /// How many of them need a wheelchair place
    #[arg(long, value_name = "N", default_value_t = 0, requires = "best")]
    accessible: u32,
    /// An aisle may run through the group
    #[arg(long, requires = "best")]
    across_aisles: bool,
    /// The group may be split, into as few parts as possible
    #[arg(long, requires = "best")]
    split: bool,
}

impl Group {
    fn best(&self, currency: &str) -> Result<BestAvailable, Failure> {
        let price = |amount: &Option<Amount>| amount.as_ref().map(|amount| amount.of(currency)).transpose().map_err(Failure::usage);
        Ok(BestAvailable {
            with: self.with.clone(),
            alternatives: self.alternatives.clone(),
            price_min: price(&self.price_min)?,
            price_max: price(&self.price_max)?,
            categories: self.categories.clone(),
            zones: self.zones.clone(),
            accessible: self.accessible,
            across_aisles: self.across_aisles,
            split: self.split,
        })
    }
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
            let show = resolve::show(&client, &place.show).await?;
            let priced = place.group.price_min.is_some() || place.group.price_max.is_some();
            let currency = if priced { client.show(&show).await?.value.currency } else { String::new() };
            let request = place.request(&currency)?;
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
    fn request(&self, currency: &str) -> Result<PlaceHold, Failure> {
        let mut items = self.items.clone();
        if let Some(product) = &self.product {
            items.insert(
                0,
                match self.quantity {
                    Some(quantity) if self.best => HoldItem::best_available(product, quantity, self.group.best(currency)?),
                    Some(quantity) => HoldItem::quantity(product, quantity),
                    None if self.seats.is_empty() => {
                        return Err(Failure::usage(format!("nothing of \"{product}\" is asked for"))
                            .hint("add --seat LABEL, --quantity N, or --quantity N --best"));
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

/// `PRODUCT:2`
fn part(text: &str) -> Result<GroupPart, String> {
    let wrong = || format!("\"{text}\" is not a part of a group; one looks like PRODUCT:2");
    let (product, quantity) = text.rsplit_once(':').ok_or_else(wrong)?;
    Ok(GroupPart { product: product.to_owned(), quantity: quantity.parse().map_err(|_| wrong())? })
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
