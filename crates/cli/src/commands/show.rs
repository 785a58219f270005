//! `guichet show create|list|show|open|pause|close`

use std::path::PathBuf;

use guichet_api::{Availability, Call, CreateProduct, CreateShow, Money, Quota, Show};
use jiff::Timestamp;
use serde::Serialize;

use super::{DONE, Outcome, venue};
use crate::failure::{Explain, Failure};
use crate::money::readable;
use crate::output::{Fields, Rows, Screen};
use crate::settings::Context;
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a show; its sale is closed until `show open`
    Create(Box<Create>),
    /// List all shows
    List,
    /// Show what a show sells and what is left of it
    Show(One),
    /// Open the sale
    Open(One),
    /// Stop the sale for a while; orders in flight go on
    Pause(One),
    /// End the sale
    Close(One),
}

#[derive(Debug, clap::Args)]
struct One {
    /// Its id, or a prefix of it
    show: String,
}

#[derive(Debug, clap::Args)]
struct Create {
    /// Id of the venue, or a prefix of it
    #[arg(long, required_unless_present = "file")]
    venue: Option<String>,
    /// What the show is called
    #[arg(long, required_unless_present = "file")]
    name: Option<String>,
    /// ISO 4217 code of the currency of all prices
    #[arg(long, required_unless_present = "file")]
    currency: Option<String>,
    /// A product, `NAME=PRICE_MINOR[:categories=A|B][:quotas=q1|q2]`, its price in cents or whatever the minor unit is; may be
    /// repeated
    #[arg(long = "product", id = "products", value_name = "PRODUCT", required_unless_present = "file", value_parser = product)]
    products: Vec<ProductFlag>,
    /// A counted limit, `NAME=SIZE`; may be repeated. Every area of the plan has one of its name and capacity already
    #[arg(long = "quota", id = "quotas", value_name = "QUOTA", value_parser = quota)]
    quotas: Vec<Quota>,
    /// When it starts: RFC 3339, or "in 2h"
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    starts_at: Option<Timestamp>,
    /// How long an order may take to be paid [default: 15m]
    #[arg(long, value_name = "DURATION", value_parser = when::duration)]
    order_deadline: Option<std::time::Duration>,
    /// The whole show as JSON, as POST /v1/shows takes it; `-` reads stdin
    #[arg(long, conflicts_with_all = ["venue", "name", "currency", "products", "quotas", "starts_at", "order_deadline"])]
    file: Option<PathBuf>,
    /// The same key with the same show is the same show, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    idempotency_key: Option<String>,
}

/// A product as the flag has it: its currency comes from another flag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ProductFlag {
    name: String,
    price_minor: i64,
    categories: Vec<String>,
    quotas: Vec<String>,
}

fn product(text: &str) -> Result<ProductFlag, String> {
    let wrong = |what: &str| format!("{what}; a product looks like NAME=PRICE_MINOR[:categories=A|B][:quotas=q1|q2]");
    let (name, rest) = text.split_once('=').ok_or_else(|| wrong("there is no ="))?;
    let mut parts = rest.split(':');
    let price = parts.next().unwrap_or_default();
    let price_minor = price.trim().parse().map_err(|_| wrong(&format!("\"{price}\" is not a price in minor units")))?;
    let mut product = ProductFlag { name: name.trim().to_owned(), price_minor, categories: Vec::new(), quotas: Vec::new() };
    for part in parts {
        let names = |list: &str| list.split('|').map(|name| name.trim().to_owned()).collect();
        match part.split_once('=') {
            Some(("categories", list)) => product.categories = names(list),
            Some(("quotas", list)) => product.quotas = names(list),
            _ => return Err(wrong(&format!("\"{part}\" is neither categories= nor quotas="))),
        }
    }
    Ok(product)
}

fn quota(text: &str) -> Result<Quota, String> {
    let wrong = || format!("\"{text}\" is not a quota; a quota looks like NAME=SIZE");
    let (name, size) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok(Quota { name: name.trim().to_owned(), size: size.trim().parse().map_err(|_| wrong())? })
}

impl Create {
    async fn request(&self, client: &guichet_api::Client) -> Result<CreateShow, Failure> {
        if let Some(file) = &self.file {
            let bytes = venue::read(file).doing(|| format!("the show {} cannot be read", file.display()))?;
            let parsed = serde_json::from_slice(&bytes).map_err(Failure::usage);
            return parsed.doing(|| format!("{} is not a show", file.display()));
        }
        let currency = self.currency.clone().unwrap_or_default();
        let products = self.products.iter().map(|product| CreateProduct {
            name: product.name.clone(),
            price: Money::new(product.price_minor, &currency),
            categories: product.categories.clone(),
            quotas: product.quotas.clone(),
        });
        Ok(CreateShow {
            venue: resolve::venue(client, self.venue.as_deref().unwrap_or_default()).await?,
            name: self.name.clone().unwrap_or_default(),
            starts_at: self.starts_at,
            products: products.collect(),
            quotas: self.quotas.clone(),
            order_deadline_s: self.order_deadline.map(when::whole_seconds),
            currency,
        })
    }
}

/// A show and what is left of it, each in the API's own shape.
#[derive(Serialize)]
struct Seen {
    #[serde(flatten)]
    show: Show,
    availability: Availability,
}

pub(crate) async fn run(args: ShowArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Create(create) => {
            let request = create.request(&client).await?;
            let mut call = client.create_show(&request);
            if let Some(key) = &create.idempotency_key {
                call = call.idempotency_key(key);
            }
            let show = call.await?.value;
            screen.data(&show, describe)?;
            screen.say(format_args!("next: guichet show open {}", show.show));
        }
        Verb::List => screen.data(&client.shows().await?.value, |list| {
            let mut rows = Rows::new(&["show", "name", "sale", "starts at", "products#"]);
            for show in &list.shows {
                let starts_at = show.starts_at.map(|at| at.to_string()).unwrap_or_default();
                rows.row(&[&show.show, &show.name, &show.sale, &starts_at, &show.products.len()]);
            }
            rows.text()
        })?,
        Verb::Show(one) => {
            let id = resolve::show(&client, &one.show).await?;
            let show = client.show(&id).await?.value;
            let availability = client.availability(&id).await?.value;
            screen.data(&Seen { show, availability }, |seen| format!("{}\n\n{}", describe(&seen.show), left(&seen.availability)))?;
        }
        Verb::Open(one) => changed(screen, client.open_show(&resolve::show(&client, &one.show).await?)).await?,
        Verb::Pause(one) => changed(screen, client.pause_show(&resolve::show(&client, &one.show).await?)).await?,
        Verb::Close(one) => changed(screen, client.close_show(&resolve::show(&client, &one.show).await?)).await?,
    }
    DONE
}

/// Changes the sale of a show and says how it stands.
async fn changed(screen: Screen, call: Call<Show>) -> Result<(), Failure> {
    let show = call.await?.value;
    screen.data(&show, |show| Fields::default().field("show", &show.show).field("name", &show.name).field("sale", show.sale).text())?;
    Ok(())
}

fn describe(show: &Show) -> String {
    let fields = Fields::default()
        .field("show", &show.show)
        .field("name", &show.name)
        .field("venue", &show.venue)
        .maybe("starts at", show.starts_at)
        .field("sale", show.sale)
        .field("order deadline", format_args!("{} s", show.order_deadline_s));
    let mut rows = Rows::new(&["product", "price#", "categories", "quotas"]);
    for product in &show.products {
        rows.row(&[&product.name, &readable(&product.price), &product.categories.join(", "), &product.quotas.join(", ")]);
    }
    format!("{}\n\n{}", fields.text(), rows.text())
}

fn left(availability: &Availability) -> String {
    let mut rows = Rows::new(&["left of", "left#", "held#", "booked#", "blocked#"]);
    let total = availability.seats.total;
    rows.row(&[&"all seats", &total.free, &total.held, &total.booked, &total.blocked]);
    for category in &availability.seats.by_category {
        let seats = category.seats;
        rows.row(&[&format_args!("seats: {}", category.category), &seats.free, &seats.held, &seats.booked, &seats.blocked]);
    }
    for quota in &availability.quotas {
        rows.row(&[&format_args!("quota: {}", quota.name), &quota.left, &quota.held, &quota.booked, &""]);
    }
    for product in &availability.products {
        rows.row(&[&format_args!("product: {}", product.name), &product.left, &"", &"", &""]);
    }
    rows.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_names_its_price_categories_and_quotas() {
        let stands = product("Goal Stands=4500:categories=Goal Stands|Mid Track:quotas=members").unwrap();
        assert_eq!((stands.name.as_str(), stands.price_minor), ("Goal Stands", 4_500));
        assert_eq!((stands.categories.len(), stands.quotas.as_slice()), (2, ["members".to_owned()].as_slice()));
        for text in ["Stands", "Stands=cheap", "Stands=1:seats=A", "Stands=45.00"] {
            assert!(product(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quota_has_a_size() {
        assert_eq!(quota("infield=500"), Ok(Quota { name: "infield".into(), size: 500 }));
        assert!(quota("infield").is_err());
        assert!(quota("infield=many").is_err());
    }
}
