//! Shows and plans as JSON: a plan only in numbers.

use guichet_api::{Money, Percent};
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{Admits, LatePayment, Orphans, ShowDefinition};
use serde_json::{Value, json};

use super::describe::time;

/// The name of a policy for late payments.
pub(super) fn late_payment(policy: LatePayment) -> &'static str {
    match policy {
        LatePayment::SameSeat => "same_seat",
        LatePayment::EquivalentSeat => "equivalent_seat",
        LatePayment::Refund => "refund",
    }
}

pub(super) fn show(definition: &ShowDefinition) -> Value {
    let currency = definition.currency.code();
    let products = definition.products.iter().map(|product| {
        let quotas = product.quotas.iter().filter_map(|quota| definition.quotas.get(usize::from(*quota)));
        json!({
            "name": product.name,
            "price": Money::new(product.price_minor, currency),
            "admits": if matches!(product.admits, Admits::Quantity) { "quantity" } else { "seats" },
            "quotas": quotas.map(|quota| quota.name.as_str()).collect::<Vec<_>>(),
            "sale_opens_at": product.window.opens_at_unix_ms.map(time),
            "sale_closes_at": product.window.closes_at_unix_ms.map(time),
        })
    });
    let fees = definition.cancellation_fees.iter().map(|fee| {
        let percent = Percent::from_basis_points(fee.price_bp);
        json!({"within_ms": fee.within_ms, "price_percent": percent, "fixed": Money::new(fee.fixed_minor, currency)})
    });
    let lists = definition.check_in_lists.iter().map(|list| {
        let products = list.products.iter().filter_map(|product| definition.products.get(usize::from(*product)));
        json!({"name": list.name, "products": products.map(|product| product.name.as_str()).collect::<Vec<_>>()})
    });
    json!({
        "show": definition.id.to_string(),
        "venue": definition.venue.to_string(),
        "name": definition.name,
        "starts_at": definition.starts_at_unix_ms.map(time),
        "currency": currency,
        "products": products.collect::<Vec<_>>(),
        "quotas": definition.quotas.iter().map(|quota| json!({"name": quota.name, "size": quota.size})).collect::<Vec<_>>(),
        "order_deadline_ms": definition.order_deadline_ms,
        "transfer_deadline_ms": definition.transfer_deadline_ms,
        "sale_opens_at": definition.window.opens_at_unix_ms.map(time),
        "sale_closes_at": definition.window.closes_at_unix_ms.map(time),
        "per_buyer_max": definition.per_buyer_max,
        "late_payment": late_payment(definition.late_payment),
        "cancellation_fees": fees.collect::<Vec<_>>(),
        "check_in_lists": lists.collect::<Vec<_>>(),
        "seating": {
            "orphans": orphans(definition.seating.orphans),
            "accessible_released_before_start_ms": definition.seating.accessible_released_before_start_ms,
            "accessible_released_when_sold_out": definition.seating.accessible_released_when_sold_out,
        },
    })
}

fn orphans(rule: Orphans) -> &'static str {
    match rule {
        Orphans::Off => "off",
        Orphans::Prefer => "prefer",
        Orphans::Forbid => "forbid",
    }
}

pub(super) fn summary(plan: &SeatingPlan) -> Value {
    json!({
        "seats": plan.seats.len(),
        "rows": plan.rows.len(),
        "sections": plan.sections.len(),
        "areas": plan.areas.len(),
        "categories": plan.categories.iter().map(|category| category.name.as_str()).collect::<Vec<_>>(),
    })
}
