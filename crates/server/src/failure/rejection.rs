//! What a refused command is answered: its status, and by name what the engine knows by number.

use guichet_api as api;
use guichet_core::domain::Rejection;
use guichet_core::{Guichet, OrderId, ShowId, ShowView};

use super::Failure;
use crate::view;

/// The problem of a rejection; `show` is what its command was about, where the rejection itself does not say.
pub(super) fn failure(engine: &Guichet, rejection: &Rejection, show: Option<ShowId>) -> Failure {
    let names = Names { engine, show };
    let detail = match rejection {
        Rejection::SeatNotInProduct { seat, product } => {
            format!("seat {} is not in a category of \"{}\"", names.seat(*seat), names.product(*product))
        }
        Rejection::SeatTwice { seat } => format!("seat {} is named twice", names.seat(*seat)),
        Rejection::UnknownSeat { seat } => format!("the plan has no seat {}", names.seat(*seat)),
        Rejection::WrongClaim { product } => format!("product \"{}\" is not sold that way", names.product(*product)),
        Rejection::OutsideSaleWindow { show, product: Some(product), .. } => {
            format!("\"{}\" is not sold now", Names { engine, show: Some(*show) }.product(*product))
        }
        other => other.to_string(),
    };
    let mut failure = Failure::new(rejection.code(), detail);
    let problem = &mut *failure.problem;
    match rejection {
        Rejection::SeatTaken { show, seats }
        | Rejection::SeatNotBlocked { show, seats }
        | Rejection::OrphanSeat { show, seats }
        | Rejection::TableSoldWhole { show, seats } => {
            let names = Names { engine, show: Some(*show) };
            problem.seats = seats.iter().map(|seat| names.seat(*seat)).collect();
        }
        Rejection::PlanConflict { show, lost, parted } => {
            let names = Names { engine, show: Some(*show) };
            problem.seats = lost.iter().chain(parted).map(|seat| names.seat(*seat)).collect();
        }
        Rejection::SeatNotInProduct { seat, .. } | Rejection::SeatTwice { seat } => problem.seats = vec![names.seat(*seat)],
        Rejection::SoldOut { show, quota, .. } => problem.quota = Names { engine, show: Some(*show) }.quota(*quota),
        Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms } => {
            problem.product = product.map(|product| Names { engine, show: Some(*show) }.product(product));
            problem.opens_at = opens_at_unix_ms.map(view::time);
            problem.closes_at = closes_at_unix_ms.map(view::time);
        }
        Rejection::SeatsSoldOut { wanted, left, .. } => {
            (problem.requested, problem.seats_left) = (Some(wanted.quantity()), Some(*left));
        }
        Rejection::NotEnoughAdjacentSeats { wanted, left, together_max, .. } => {
            (problem.requested, problem.seats_left) = (Some(wanted.quantity()), Some(*left));
            problem.together_max = Some(*together_max);
        }
        Rejection::LimitExceeded { limit, has, requested, .. } => {
            (problem.limit, problem.has, problem.requested) = (Some(*limit), Some(*has), Some(*requested));
        }
        Rejection::RefundTooLarge { order, left_minor, .. } => problem.left = money(engine, *order, *left_minor),
        Rejection::WrongAmount { order, expected_minor, received_minor } => {
            problem.expected = money(engine, *order, *expected_minor);
            problem.received = money(engine, *order, *received_minor);
        }
        Rejection::TicketAlreadyUsed { gate, scanned_at_unix_ms, .. } => {
            problem.gate = Some(gate.clone());
            problem.scanned_at = Some(view::time(*scanned_at_unix_ms));
        }
        _ => {}
    }
    failure
}

/// An amount of an order, in its currency.
fn money(engine: &Guichet, order: OrderId, amount_minor: i64) -> Option<api::Money> {
    let order = engine.order(order).ok().flatten()?;
    Some(api::Money::new(amount_minor, order.currency.code()))
}

/// Names of what a rejection knows by number.
struct Names<'a> {
    engine: &'a Guichet,
    show: Option<ShowId>,
}

impl Names<'_> {
    fn look<T>(&self, look: impl FnOnce(&ShowView) -> Option<T>) -> Option<T> {
        self.engine.with_show(self.show?, look).ok().flatten()
    }

    fn seat(&self, seat: u32) -> String {
        let label = self.look(|view| (view.plan.seats.len() > seat as usize).then(|| view.plan.seat_label(seat)));
        label.unwrap_or_else(|| format!("number {seat}"))
    }

    fn product(&self, product: u16) -> String {
        let name = self.look(|view| view.definition.products.get(usize::from(product)).map(|product| product.name.clone()));
        name.unwrap_or_else(|| format!("number {product}"))
    }

    fn quota(&self, quota: u16) -> Option<String> {
        self.look(|view| view.definition.quotas.get(usize::from(quota)).map(|quota| quota.name.clone()))
    }
}
