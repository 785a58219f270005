//! A show for people: what it sells, by which rules, and what is left of it.

use guichet_api::{Availability, Show};
use jiff::Timestamp;

use super::rules::{cost, seconds};
use crate::money::readable;
use crate::output::{Fields, Rows};

pub(super) fn show(show: &Show) -> String {
    let mut fields = Fields::default()
        .field("show", &show.show)
        .field("name", &show.name)
        .field("venue", &show.venue)
        .maybe("organiser", show.organiser.as_ref())
        .maybe("starts at", show.starts_at)
        .field("sale", show.sale)
        .maybe("sale opens at", show.sale_opens_at)
        .maybe("sale closes at", show.sale_closes_at)
        .maybe("places per buyer", show.per_buyer_max)
        .field("order deadline", format_args!("{} s", show.order_deadline_s))
        .field("transfer deadline", seconds(show.transfer_deadline_s))
        .field("late payment", show.late_payment)
        .field("seats left alone", show.seating.orphans);
    for fee in &show.cancellation_fees {
        fields = fields.field("cancellation fee", format_args!("less than {} before the start: {}", seconds(fee.within_s), cost(fee)));
    }
    for list in &show.check_in_lists {
        let products = if list.products.is_empty() { "all products".to_owned() } else { list.products.join(", ") };
        fields = fields.field("check-in list", format_args!("{}: {products}", list.name));
    }
    let mut rows = Rows::new(&["product", "price#", "categories", "quotas", "on sale"]);
    for product in &show.products {
        let (price, categories, quotas) = (readable(&product.price), product.categories.join(", "), product.quotas.join(", "));
        rows.row(&[&product.name, &price, &categories, &quotas, &window(product.sale_opens_at, product.sale_closes_at)]);
    }
    format!("{}\n\n{}", fields.text(), rows.text())
}

fn window(opens_at: Option<Timestamp>, closes_at: Option<Timestamp>) -> String {
    match (opens_at, closes_at) {
        (None, None) => String::new(),
        (Some(opens_at), None) => format!("from {opens_at}"),
        (None, Some(closes_at)) => format!("until {closes_at}"),
        (Some(opens_at), Some(closes_at)) => format!("{opens_at} to {closes_at}"),
    }
}

pub(super) fn left(availability: &Availability) -> String {
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
