//! `guichet show create`: a show from flags, or from a file.

use std::path::PathBuf;
use std::time::Duration;

use guichet_api::{CancellationFee, CheckInList, CreateProduct, CreateShow, LatePayment, Money, Orphans, Quota, SeatingRules};
use jiff::Timestamp;

use super::rules::{self, FeeFlag};
use super::venue;
use crate::failure::{Explain, Failure};
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Id of the venue, or a prefix of it
    #[arg(long, required_unless_present = "file")]
    venue: Option<String>,
    /// The organiser whose it is, its id or a prefix of it [default: that of the key]
    #[arg(long, value_name = "ID")]
    organiser: Option<String>,
    /// What the show is called
    #[arg(long, required_unless_present = "file")]
    name: Option<String>,
    /// ISO 4217 code of the currency of all prices
    #[arg(long, required_unless_present = "file")]
    currency: Option<String>,
    /// A product, `NAME=PRICE_MINOR[:categories=A|B][:quotas=q1|q2][:opens=WHEN][:closes=WHEN]`, its price in cents or whatever the
    /// minor unit is; may be repeated
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
    order_deadline: Option<Duration>,
    /// How long an order may wait for a transfer [default: 7d]
    #[arg(long, value_name = "DURATION", value_parser = when::duration)]
    transfer_deadline: Option<Duration>,
    /// When the sale begins, as long as the show is open [default: as soon as it is open]
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    sale_opens_at: Option<Timestamp>,
    /// When the sale ends [default: when the show is closed]
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    sale_closes_at: Option<Timestamp>,
    /// Most places that one buyer, by the `buyer_ref` of the holds, may hold and own [default: as many as there are]
    #[arg(long, value_name = "N")]
    per_buyer_max: Option<u32>,
    /// What happens to money that comes when the places have been given back [default: same_seat]
    #[arg(long, value_name = "same_seat|equivalent_seat|refund")]
    late_payment: Option<LatePayment>,
    /// What a cancellation costs less than so long before the start, `24h=50%`, `24h=50%+2.00` or `24h=2.00`; may be repeated
    #[arg(long = "cancellation-fee", id = "cancellation_fees", value_name = "FEE", value_parser = rules::fee)]
    cancellation_fees: Vec<FeeFlag>,
    /// A control at the door that each ticket passes once, `NAME` or `NAME=PRODUCT,PRODUCT`; may be repeated [default: one called main]
    #[arg(long = "check-in-list", id = "check_in_lists", value_name = "LIST", value_parser = rules::check_in_list)]
    check_in_lists: Vec<CheckInList>,
    /// Whether a seat may be left alone between taken ones [default: off]
    #[arg(long, value_name = "off|prefer|forbid")]
    orphans: Option<Orphans>,
    /// How long before the start wheelchair places are chosen for everybody by best available [default: never]
    #[arg(long, value_name = "DURATION", value_parser = when::duration)]
    release_accessible: Option<Duration>,
    /// Wheelchair places are chosen for everybody where a group finds no other seats
    #[arg(long)]
    release_accessible_when_sold_out: bool,
    /// The whole show as JSON, as POST /v1/shows takes it; `-` reads stdin
    #[arg(long, conflicts_with_all = [
        "venue", "name", "currency", "products", "quotas", "starts_at", "order_deadline", "transfer_deadline", "sale_opens_at",
        "sale_closes_at", "per_buyer_max", "late_payment", "cancellation_fees", "check_in_lists", "orphans",
        "release_accessible", "release_accessible_when_sold_out",
    ])]
    file: Option<PathBuf>,
    /// The same key with the same show is the same show, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub(super) idempotency_key: Option<String>,
}

/// A product as the flag has it: its currency comes from another flag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ProductFlag {
    name: String,
    price_minor: i64,
    categories: Vec<String>,
    quotas: Vec<String>,
    opens: Option<Timestamp>,
    closes: Option<Timestamp>,
}

fn product(text: &str) -> Result<ProductFlag, String> {
    let wrong =
        |what: &str| format!("{what}; a product looks like NAME=PRICE_MINOR[:categories=A|B][:quotas=q1|q2][:opens=WHEN][:closes=WHEN]");
    let (name, rest) = text.split_once('=').ok_or_else(|| wrong("there is no ="))?;
    let mut parts = parts(rest).into_iter();
    let price = parts.next().unwrap_or_default();
    let price_minor = price.trim().parse().map_err(|_| wrong(&format!("\"{price}\" is not a price in minor units")))?;
    let mut product = ProductFlag { name: name.trim().to_owned(), price_minor, ..ProductFlag::default() };
    for part in parts {
        let names = |list: &str| list.split('|').map(|name| name.trim().to_owned()).collect();
        match part.split_once('=') {
            Some(("categories", list)) => product.categories = names(list),
            Some(("quotas", list)) => product.quotas = names(list),
            Some(("opens", when)) => product.opens = Some(when::moment(when)?),
            Some(("closes", when)) => product.closes = Some(when::moment(when)?),
            _ => return Err(wrong(&format!("\"{part}\" is none of categories=, quotas=, opens= and closes="))),
        }
    }
    Ok(product)
}

/// What stands between the colons. A moment has colons of its own: they are followed by digits, not by a name.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(':') {
        match parts.last_mut() {
            Some(open)
                if (open.starts_with("opens=") || open.starts_with("closes=")) && piece.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                open.push(':');
                open.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

fn quota(text: &str) -> Result<Quota, String> {
    let wrong = || format!("\"{text}\" is not a quota; a quota looks like NAME=SIZE");
    let (name, size) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok(Quota { name: name.trim().to_owned(), size: size.trim().parse().map_err(|_| wrong())? })
}

impl Create {
    pub(super) async fn request(&self, client: &guichet_api::Client) -> Result<CreateShow, Failure> {
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
            sale_opens_at: product.opens,
            sale_closes_at: product.closes,
        });
        let fees: Result<Vec<CancellationFee>, String> = self.cancellation_fees.iter().map(|fee| fee.of(&currency)).collect();
        Ok(CreateShow {
            venue: resolve::venue(client, self.venue.as_deref().unwrap_or_default()).await?,
            organiser: resolve::organiser_if_any(client, self.organiser.as_deref()).await?,
            name: self.name.clone().unwrap_or_default(),
            starts_at: self.starts_at,
            products: products.collect(),
            quotas: self.quotas.clone(),
            order_deadline_s: self.order_deadline.map(when::whole_seconds),
            transfer_deadline_s: self.transfer_deadline.map(when::whole_seconds),
            sale_opens_at: self.sale_opens_at,
            sale_closes_at: self.sale_closes_at,
            per_buyer_max: self.per_buyer_max,
            late_payment: self.late_payment,
            cancellation_fees: fees.map_err(Failure::usage).doing(|| "--cancellation-fee".into())?,
            check_in_lists: self.check_in_lists.clone(),
            seating: SeatingRules {
                orphans: self.orphans.unwrap_or(Orphans::Off),
                accessible_released_before_start_s: self.release_accessible.map(when::whole_seconds),
                accessible_released_when_sold_out: self.release_accessible_when_sold_out,
            },
            currency,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_names_its_price_categories_quotas_and_window() {
        let stands = product("Goal Stands=4500:categories=Goal Stands|Mid Track:quotas=members").unwrap();
        assert_eq!((stands.name.as_str(), stands.price_minor), ("Goal Stands", 4_500));
        assert_eq!((stands.categories.len(), stands.quotas.as_slice()), (2, ["members".to_owned()].as_slice()));
        let early = product("Early=900:opens=2027-05-01T20:00:00+02:00:closes=2027-05-02T00:00:00Z:quotas=early").unwrap();
        assert_eq!(early.opens.unwrap().to_string(), "2027-05-01T18:00:00Z");
        assert_eq!((early.closes.unwrap().to_string(), early.quotas.len()), ("2027-05-02T00:00:00Z".into(), 1));
        for text in ["Stands", "Stands=cheap", "Stands=1:seats=A", "Stands=45.00", "Stands=1:opens=soon"] {
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
