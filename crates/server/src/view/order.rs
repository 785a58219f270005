//! An order as callers see it: its places, its money, its saga, and what came after the sale.

use std::collections::BTreeMap;

use guichet_api as api;
use guichet_core::domain::after_sale::CheckIn;
use guichet_core::domain::saga::{self, SagaRef};
use guichet_core::{Guichet, LateView, OrderView, PositionView, RefundView, ShowId};

use super::{Names, cancel_reason, late_payment, order_state, payment_state, time};

pub(crate) fn order(engine: &Guichet, order: &OrderView) -> api::Order {
    let money = |amount_minor: i64| api::Money::new(amount_minor, order.currency.code());
    let shows = names_of_shows(engine, order);
    let positions = order.positions();
    api::Order {
        order: order.id.to_string(),
        code: order.code.clone(),
        show: order.show.to_string(),
        part_of: order.part_of.map(|home| home.to_string()),
        parts: order.parts.iter().map(ToString::to_string).collect(),
        holds: order.holds.iter().map(ToString::to_string).collect(),
        state: order_state(order.state),
        payment: api::OrderPayment { state: payment_state(order.payment), provider: order.provider.clone() },
        total: money(order.total_minor),
        tickets: order.valid_tickets(),
        fees: money(order.fees_minor),
        refunds: order.refunds.iter().map(|refund| refund_of(refund, money(refund.amount_minor))).collect(),
        refunded: money(order.refunded_minor()),
        late_payment: order.late.as_ref().map(|late| late_of(late, money(late.amount_minor))),
        check_ins: order.check_ins.iter().map(|check_in| check_in_of(check_in, &positions, &shows)).collect(),
        positions: positions.iter().map(|position| position_of(order, position, &shows)).collect(),
        cancel_reason: order.cancel_reason.map(cancel_reason),
        placed_at: time(order.placed_at_unix_ms),
        updated_at: time(order.updated_at_unix_ms),
        deadline: time(order.deadline_unix_ms),
        saga: api::OrderSaga {
            saga: order.saga_view.id.to_string(),
            definition: saga_name(order.saga_view.definition),
            step: step_name(Some(order.saga_view.definition), order.saga_view.step),
            unwinding: order.saga_view.unwinding,
            attempt: order.saga_view.attempt,
            last_error: order.saga_view.last_error.clone(),
            retry_at: order.saga_view.retry_at_unix_ms.map(time),
        },
    }
}

/// The names of every show that the order buys places of.
fn names_of_shows(engine: &Guichet, order: &OrderView) -> BTreeMap<ShowId, Names> {
    let mut shows = BTreeMap::new();
    for line in &order.lines {
        if !shows.contains_key(&line.show)
            && let Some(names) = Names::of(engine, line.show)
        {
            shows.insert(line.show, names);
        }
    }
    shows
}

fn position_of(order: &OrderView, position: &PositionView, shows: &BTreeMap<ShowId, Names>) -> api::OrderPosition {
    let names = shows.get(&position.show);
    let first_ticket = order.first_ticket.filter(|_| order.ticket_key.is_some());
    api::OrderPosition {
        number: position.number,
        show: position.show.to_string(),
        product: names.map(|names| names.product(position.product)).unwrap_or_default(),
        seat: position.seat.map(|seat| names.map(|names| names.seat(seat)).unwrap_or_default()),
        price: api::Money::new(position.price_minor, order.currency.code()),
        cancelled: position.cancelled,
        ticket: first_ticket.map(|first| first.later(position.number).to_string()),
    }
}

fn refund_of(refund: &RefundView, amount: api::Money) -> api::OrderRefund {
    api::OrderRefund { amount, done: refund.done, note: refund.note.clone(), saga: refund.saga.to_string() }
}

fn late_of(late: &LateView, amount: api::Money) -> api::OrderLatePayment {
    api::OrderLatePayment { amount, reference: late.reference.clone(), policy: late_payment(late.policy) }
}

fn check_in_of(check_in: &CheckIn, positions: &[PositionView], shows: &BTreeMap<ShowId, Names>) -> api::OrderCheckIn {
    let names = positions.get(check_in.position as usize).and_then(|position| shows.get(&position.show));
    api::OrderCheckIn {
        position: check_in.position,
        list: names.map(|names| names.check_in_list(check_in.list)).unwrap_or_default(),
        gate: check_in.gate.clone(),
        scanned_at: time(check_in.scanned_at_unix_ms),
    }
}

/// Name of what a saga runs.
pub(crate) fn saga_name(definition: SagaRef) -> String {
    saga::definition(definition).map_or_else(|| definition.kind.to_string(), |definition| definition.name.to_owned())
}

/// Name of a step, or its number where nobody knows what the saga runs.
pub(crate) fn step_name(definition: Option<SagaRef>, index: u8) -> String {
    let step = definition.and_then(saga::definition).and_then(|definition| definition.steps.get(usize::from(index)));
    step.map_or_else(|| index.to_string(), |step| step.name.to_owned())
}
