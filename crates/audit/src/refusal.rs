//! Refusals: where one can be checked exactly, against what is known at its place in the journal.
//!
//! Must never be true: somebody was told no for a reason that was not so. What names too little to be checked is only counted.

use guichet_domain::order::order_code;
use guichet_domain::show::SaleState;
use guichet_domain::{HoldId, OrderId, Rejection, ShowId, TicketId};

use crate::fold::{Audit, Hand, Show};
use crate::money::{Fact, Order};
use crate::report::Rule;
use crate::sale::is_open;

impl Audit {
    pub(crate) fn refusal(&mut self, rejection: &Rejection) {
        *self.report.refusals.entry(rejection.code()).or_default() += 1;
        let untrue =
            self.untrue_of_sale(rejection).or_else(|| self.untrue_of_order(rejection)).or_else(|| self.untrue_of_ticket(rejection));
        let untrue = untrue.or_else(|| self.untrue_of_part(rejection)).or_else(|| self.untrue_of_group(rejection));
        self.check(untrue.is_none(), Rule::FalseRefusal, || untrue.unwrap_or_default());
    }

    /// Shows, seats, holds.
    fn untrue_of_sale(&self, rejection: &Rejection) -> Option<String> {
        let hold_of = |hold: &HoldId| self.holds.get(hold);
        let placed = |hold: &HoldId| hold.sequence() <= self.ids.get("hold").copied().unwrap_or_default();
        let sale_of = |show: &ShowId| self.shows.get(show).map(|show| show.2);
        let limit_of = |show: &ShowId| self.shows.get(show).and_then(|show| show.0.per_buyer_max);
        match rejection {
            Rejection::SeatTaken { show, seats } => {
                let free = seats.iter().find(|seat| !self.seats.contains_key(&(*show, **seat)));
                free.map(|seat| format!("{} was free", self.label(*show, *seat)))
            }
            Rejection::SeatNotBlocked { show, seats } => {
                let blocked = seats.iter().find(|seat| self.seats.get(&(*show, **seat)) == Some(&Hand::Blocked));
                blocked.map(|seat| format!("{} was blocked", self.label(*show, *seat)))
            }
            Rejection::PlanConflict { show, lost, parted } => self.untrue_of_plan(*show, lost, parted),
            Rejection::SoldOut { show, quota, requested, left } => {
                let sum = self.sum(*show, *quota);
                let really = sum.size.saturating_sub(sum.held + sum.booked);
                let right = really < u64::from(*requested) && really == u64::from(*left);
                (!right).then(|| format!("quota \"{}\" had {really} left, {requested} were asked for, {left} named", sum.name))
            }
            Rejection::SaleNotOpen { show, state } | Rejection::SaleStateConflict { show, state } => {
                let closed = *state != SaleState::Open || matches!(rejection, Rejection::SaleStateConflict { .. });
                (!closed || sale_of(show) != Some(*state)).then(|| format!("the sale of show {show} was not {}", state.name()))
            }
            Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms } => {
                let window = self.shows.get(show).and_then(|Show(definition, ..)| match product {
                    Some(product) => definition.products.get(usize::from(*product)).map(|product| product.window),
                    None => Some(definition.window),
                });
                let named = |window: &_| is_named(window, *opens_at_unix_ms, *closes_at_unix_ms);
                let right = window.filter(named).is_some_and(|window| !is_open(window, self.stamp_unix_ms));
                (!right).then(|| format!("show {show} was inside its window at {} ms", self.stamp_unix_ms))
            }
            Rejection::BuyerRefRequired { show } => limit_of(show).is_none().then(|| format!("show {show} has no limit for a buyer")),
            // It does not say whose places it counted, so all that can be asked is whether anybody has that many.
            Rejection::LimitExceeded { show, limit, has, requested } => {
                let anybody = *has == 0 || self.buyers_with.get(&(*show, u64::from(*has))).is_some_and(|buyers| *buyers > 0);
                let above = u64::from(*has) + u64::from(*requested) > u64::from(*limit);
                let right = anybody && above && limit_of(show) == Some(*limit);
                (!right).then(|| format!("nobody had {has} places of show {show} and asked for {requested} above a limit of {limit}"))
            }
            Rejection::ShowNotFound { show } => sale_of(show).map(|_| format!("show {show} was there")),
            // Another organiser's venue is not there either, and the refusal does not say who asked.
            Rejection::VenueNotFound { venue } => {
                (self.catalogue.venues.get(venue) == Some(&None)).then(|| format!("venue {venue} was there"))
            }
            Rejection::OrganiserNotFound { organiser } => {
                self.catalogue.organisers.get(organiser).map(|name| format!("organiser {organiser} \"{name}\" was there"))
            }
            Rejection::OrganiserExists { organiser } => {
                (!self.catalogue.organisers.contains_key(organiser)).then(|| format!("there was no organiser {organiser}"))
            }
            Rejection::HoldNotFound { hold } => hold_of(hold).map(|_| format!("hold {hold} was live")),
            Rejection::HoldExpired { hold } => {
                (hold_of(hold).is_some() || !placed(hold)).then(|| format!("hold {hold} had not ended, or was never placed"))
            }
            Rejection::HoldInOrder { hold, order } => {
                let there = hold_of(hold).is_some_and(|row| row.order == Some(*order));
                (!there).then(|| format!("hold {hold} was not in order {}", order_code(*order)))
            }
            _ => None,
        }
    }

    /// Orders and their money.
    fn untrue_of_order(&self, rejection: &Rejection) -> Option<String> {
        let order_of = |order: &OrderId| self.orders.get(order);
        let unless = |right: bool, order: &OrderId, what: &str| (!right).then(|| format!("order {} was {what}", order_code(*order)));
        match rejection {
            Rejection::OrderNotFound { order } => unless(order_of(order).is_none(), order, "there"),
            Rejection::OrderAlreadyCancelled { order } => {
                let turned = |row: &Order| {
                    let backward = self.sagas.get(&row.saga).is_some_and(|saga| saga.backward);
                    row.facts.contains(&Fact::Cancelled) || row.cancel_requested || backward
                };
                unless(order_of(order).is_some_and(turned), order, "not cancelled, and nobody had asked for it")
            }
            Rejection::OrderNotConfirmed { order, .. } => {
                let sold = |row: &Order| row.facts.contains(&Fact::Confirmed);
                unless(order_of(order).is_some_and(|row| !sold(row)), order, "confirmed, or not there")
            }
            Rejection::OrderStuck { order } => unless(order_of(order).is_some_and(|row| row.stuck), order, "not stuck"),
            Rejection::PositionCancelled { order, position } => {
                unless(order_of(order).is_some_and(|row| row.cancelled.contains(position)), order, "not cancelled at that position")
            }
            Rejection::RefundTooLarge { order, requested_minor, .. } => {
                let right = order_of(order).is_some_and(|row| i128::from(*requested_minor) > row.left_minor());
                unless(right, order, "paid with enough to give that much back")
            }
            _ => None,
        }
    }

    /// The door.
    fn untrue_of_ticket(&self, rejection: &Rejection) -> Option<String> {
        let unless = |right: bool, ticket: &TicketId, what: &str| (!right).then(|| format!("ticket {ticket} was {what}"));
        match rejection {
            Rejection::TicketNotFound { ticket } => {
                let there = self
                    .position_of(*ticket)
                    .is_some_and(|(row, _)| row.facts.contains(&Fact::Issued) && row.facts.contains(&Fact::Confirmed));
                unless(!there, ticket, "there")
            }
            Rejection::TicketCancelled { ticket } => {
                let void = self.position_of(*ticket).is_some_and(|(row, position)| row.cancelled.contains(&position));
                unless(void, ticket, "not cancelled")
            }
            Rejection::TicketAlreadyUsed { ticket, gate, scanned_at_unix_ms } => {
                let used = self.passages.get(ticket).is_some_and(|passages| {
                    passages.iter().any(|passage| passage.gate == *gate && passage.scanned_at_unix_ms == *scanned_at_unix_ms)
                });
                unless(used, ticket, "not used at that gate at that time")
            }
            Rejection::UnknownCheckInList { show, list } => {
                let there = self.shows.get(show).is_some_and(|show| usize::from(*list) < show.0.check_in_lists.len());
                there.then(|| format!("check-in list {list} of show {show} was there"))
            }
            _ => None,
        }
    }
}

fn is_named(window: &guichet_domain::show::SaleWindow, opens: Option<u64>, closes: Option<u64>) -> bool {
    window.opens_at_unix_ms == opens && window.closes_at_unix_ms == closes
}
