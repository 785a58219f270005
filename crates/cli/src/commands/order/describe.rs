//! An order for people: all that is known of it.

use guichet_api::Order;

use crate::money::readable;
use crate::output::{Fields, Rows};

/// The order, its places, and below them what came after the sale, as far as anything did.
pub(in crate::commands) fn describe(order: &Order) -> String {
    let mut parts = vec![fields(order).text(), positions(order)];
    if !order.refunds.is_empty() {
        let mut rows = Rows::new(&["refund#", "state", "note", "saga"]);
        for refund in &order.refunds {
            rows.row(&[&readable(&refund.amount), &if refund.done { "done" } else { "under way" }, &refund.note, &refund.saga]);
        }
        parts.push(rows.text());
    }
    if !order.check_ins.is_empty() {
        let mut rows = Rows::new(&["position#", "check-in list", "gate", "scanned at"]);
        for check_in in &order.check_ins {
            rows.row(&[&check_in.position, &check_in.list, &check_in.gate, &check_in.scanned_at]);
        }
        parts.push(rows.text());
    }
    parts.join("\n\n")
}

fn fields(order: &Order) -> Fields {
    let saga = &order.saga;
    let step = format!("{}{}", saga.step, if saga.unwinding { ", on its way back" } else { "" });
    let fee = (order.fees.amount_minor != 0).then(|| readable(&order.fees));
    let refunded = (order.refunded.amount_minor != 0).then(|| readable(&order.refunded));
    let late = order.late_payment.as_ref();
    let late = late.map(|late| format!("{}, reference {}, policy {}", readable(&late.amount), late.reference, late.policy));
    Fields::default()
        .field("order", &order.order)
        .field("code", &order.code)
        .field("show", &order.show)
        .field("state", order.state)
        .maybe("because", order.cancel_reason)
        .field("payment", format_args!("{} ({})", order.payment.state, order.payment.provider))
        .field("total", readable(&order.total))
        .maybe("fees kept", fee)
        .maybe("refunded", refunded)
        .maybe("late payment", late)
        .field("tickets", order.tickets)
        .field("holds", order.holds.join(", "))
        .field("placed at", order.placed_at)
        .field("updated at", order.updated_at)
        .field("deadline", order.deadline)
        .field("saga", format_args!("{} {} at {step}", saga.definition, saga.saga))
        .maybe("attempt", (saga.attempt > 0).then_some(saga.attempt))
        .maybe("last error", saga.last_error.as_ref())
        .maybe("retry at", saga.retry_at)
}

fn positions(order: &Order) -> String {
    let mut rows = Rows::new(&["position#", "product", "seat", "price#", "state", "ticket"]);
    for position in &order.positions {
        let (seat, ticket) = (position.seat.as_deref().unwrap_or_default(), position.ticket.as_deref().unwrap_or_default());
        let entered = order.check_ins.iter().any(|check_in| check_in.position == position.number);
        let state = match (position.cancelled, entered, position.ticket.is_some()) {
            (true, ..) => "cancelled",
            (false, true, _) => "entered",
            (false, false, true) => "valid",
            (false, false, false) => "",
        };
        rows.row(&[&position.number, &position.product, &seat, &readable(&position.price), &state, &ticket]);
    }
    rows.text()
}
