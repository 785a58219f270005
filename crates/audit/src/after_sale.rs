//! What comes after a sale, or too late for one: places given back, money given back, late money.
//!
//! Must never be true: a place given back twice; a refund that is started and never done, or that gives back what was never paid; late
//! money that buys a place against the rules of its show.

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::order::{CancelReason, order_code};
use guichet_domain::saga::Effect;
use guichet_domain::show::LatePayment;
use guichet_domain::{Event, OrderId, SagaId, ShowId};

use crate::fold::{Audit, Hand};
use crate::money::{Fact, Order};
use crate::report::Rule;

/// A whole, in the hundredths of a percent that fees are given in.
const WHOLE_BP: i128 = 10_000;

/// Money on its way back.
pub(crate) struct Refund {
    pub(crate) amount_minor: i64,
    pub(crate) done: bool,
}

/// Money that came when the places had been given back.
pub(crate) struct Late {
    pub(crate) saga: SagaId,
    pub(crate) amount_minor: i64,
    policy: LatePayment,
    /// An operator has chosen the policy.
    chosen: bool,
    /// Its saga has not ended.
    pub(crate) open: bool,
}

impl Audit {
    pub(crate) fn follow_after_sale(&mut self, id: OrderId, row: &mut Order, event: &Event) {
        let code = order_code(id);
        match event {
            Event::PositionsCancelled { positions, fees_minor, .. } => self.positions_cancelled(id, row, positions, fees_minor),
            Event::RefundStarted { saga, amount_minor, .. } => {
                let amount = i128::from(*amount_minor);
                self.check(amount <= row.left_minor(), Rule::RefundedTooMuch, || {
                    format!("order {code}: {amount} minor units, {} are left", row.left_minor())
                });
                // A part gives nothing back out of goodwill: it has no money.
                let of_part = row.part().is_some();
                let right = amount > 0 && row.owed_minor.take().map_or(!of_part, |owed| owed == amount);
                self.check(right, Rule::WrongAmount, || format!("order {code}: a refund of {amount}"));
                let again = row.refunds.insert(*saga, Refund { amount_minor: *amount_minor, done: false }).is_some();
                self.check(!again, Rule::RefundedTwice, || format!("order {code}, saga {saga}"));
                self.unsettled.insert(id);
            }
            Event::PaymentRefunded { saga, amount_minor, .. } => self.refunded(id, row, *saga, *amount_minor),
            Event::PaymentArrivedLate { saga, amount_minor, policy, .. } => {
                let settled = row.late.as_ref().is_none_or(|late| !late.open);
                let cause = row.facts.contains(&Fact::Cancelled) && settled && *amount_minor > 0;
                self.check(cause, Rule::LatePaymentWithoutCause, || format!("order {code}"));
                // A part of the price buys nothing, and what several partitions gave back is not sold again.
                let whole = *amount_minor == row.total_minor && row.home().is_none();
                let of_show = self.shows.get(&row.show).map(|show| show.0.late_payment);
                let expected = if whole { of_show } else { Some(LatePayment::Refund) };
                self.check(expected == Some(*policy), Rule::LatePolicyIgnored, || format!("order {code}: {policy:?}"));
                (row.saga, row.facts) = (*saga, BTreeSet::from([Fact::Cancelled]));
                row.paid_minor += i128::from(*amount_minor);
                row.late = Some(Late { saga: *saga, amount_minor: *amount_minor, policy: *policy, chosen: false, open: true });
                self.unsettled.insert(id);
            }
            Event::LatePolicyChosen { policy, .. } => {
                let stuck = self.sagas.get(&row.saga).is_some_and(|saga| saga.stuck.is_some());
                match row.late.as_mut().filter(|late| late.open && stuck) {
                    Some(late) => (late.policy, late.chosen) = (*policy, true),
                    None => self.found(Rule::LatePaymentWithoutCause, format!("order {code}: no late money waits for a decision")),
                }
            }
            Event::OrderReinstated { items, first_ticket, tickets, .. } => {
                let right = self.may_be_reinstated(row, items);
                self.check(right, Rule::LatePolicyIgnored, || format!("order {code}"));
                self.check(u64::from(*tickets) == row.size(), Rule::WrongTicketCount, || format!("order {code}"));
                self.number_tickets(id, row, *first_ticket, *tickets);
                for (line, items) in row.lines.iter_mut().zip(items) {
                    line.items = Arc::clone(items);
                    self.hand_over(line, None, Some(Hand::Order(id)));
                }
                row.facts.extend([Fact::Authorised, Fact::Booked, Fact::Captured]);
            }
            _ => {}
        }
    }

    fn positions_cancelled(&mut self, id: OrderId, row: &mut Order, positions: &[u32], fees_minor: &[i64]) {
        let code = order_code(id);
        let places = row.places();
        let sold = row.facts.contains(&Fact::Confirmed) && positions.len() == fees_minor.len();
        self.check(sold, Rule::PositionNotSold, || format!("order {code}"));
        let mut due = 0_i128;
        for (position, fee) in positions.iter().zip(fees_minor) {
            let Some(place) = places.get(*position as usize).filter(|_| row.cancelled.insert(*position)) else {
                self.found(Rule::PositionNotSold, format!("order {code}, position {position}"));
                continue;
            };
            let price: i128 = place.items.iter().map(|item| self.price(place.show, item)).sum();
            let expected = self.fee(place.show, price);
            let right = *fee == 0 || i128::from(*fee) == expected;
            self.check(right, Rule::WrongFee, || format!("order {code}, position {position}: {fee} of {price}, {expected} is right"));
            due += price - i128::from(*fee);
            self.hand_over(place, Some(Hand::Order(id)), None);
            self.report.after_sale.positions_cancelled += 1;
        }
        // No more than what is left: something may have been given back before.
        row.owed_minor = Some(due.min(row.left_minor())).filter(|due| *due > 0);
        self.unsettled.insert(id);
    }

    /// What is kept of a price now: of the rules that apply, the one for the shortest time before the start.
    fn fee(&self, show: ShowId, price_minor: i128) -> i128 {
        let Some(definition) = self.shows.get(&show).map(|show| &show.0) else { return 0 };
        let Some(starts) = definition.starts_at_unix_ms else { return 0 };
        let mut rules = definition.cancellation_fees.clone();
        rules.sort_by_key(|rule| rule.within_ms);
        let left_ms = i128::from(starts) - i128::from(self.stamp_unix_ms);
        // After the start there is no time left: every rule applies that applies at any time at all.
        let Some(rule) = rules.iter().find(|rule| left_ms.max(0) < i128::from(rule.within_ms)) else { return 0 };
        let (part, fixed) = (price_minor * i128::from(rule.price_bp), i128::from(rule.fixed_minor));
        let rounded_up = part / WHOLE_BP + i128::from(part % WHOLE_BP > 0);
        price_minor.min(rounded_up + fixed)
    }

    fn refunded(&mut self, id: OrderId, row: &mut Order, saga: SagaId, amount_minor: i64) {
        let code = order_code(id);
        let running = self.sagas.get(&saga).filter(|running| running.order == id);
        let asked = running.and_then(|running| running.pending.as_ref()).and_then(|(_, _, effect)| match effect {
            Effect::Refund { amount_minor, .. } => Some(*amount_minor),
            _ => None,
        });
        self.check(asked.is_some(), Rule::EffectWithoutIntent, || format!("order {code}"));
        self.check(asked.is_none_or(|asked| asked == amount_minor), Rule::WrongAmount, || {
            format!("order {code}: {amount_minor} given back")
        });
        self.check(row.paid_minor > 0, Rule::RefundedWithoutCapture, || format!("order {code}"));
        let twice = row.refunds.get(&saga).is_some_and(|refund| refund.done);
        self.check(!twice, Rule::RefundedTwice, || format!("order {code}, saga {saga}"));
        if twice {
            return;
        }
        row.refunds.insert(saga, Refund { amount_minor, done: true });
        let within = row.left_minor() >= 0 || row.paid_minor == 0;
        self.check(within, Rule::RefundedTooMuch, || format!("order {code}: {} minor units more than it was paid with", -row.left_minor()));
        if saga == row.saga {
            row.facts.insert(Fact::Refunded);
        }
        self.report.after_sale.refunds += 1;
        self.report.after_sale.refunded_minor += u64::try_from(amount_minor).unwrap_or_default();
    }

    /// Only what ended for want of money is sold after all, and only as the policy says.
    fn may_be_reinstated(&self, row: &Order, items: &[Arc<[HoldItem]>]) -> bool {
        let Some(late) = row.late.as_ref().filter(|late| late.open && !row.facts.contains(&Fact::Booked)) else { return false };
        let for_want_of_money = matches!(row.cancel_reason, Some(CancelReason::DeadlinePassed | CancelReason::PaymentDeclined));
        let enough = late.chosen || late.amount_minor == row.total_minor;
        let alike = items.len() == row.lines.len()
            && row.lines.iter().zip(items).all(|(line, items)| {
                let pairs = line.items.iter().zip(items.iter());
                line.items.len() == items.len()
                    && match late.policy {
                        LatePayment::Refund => false,
                        LatePayment::SameSeat => *line.items == **items,
                        LatePayment::EquivalentSeat => pairs.into_iter().all(|(old, new)| self.is_equivalent(line.show, old, new)),
                    }
            });
        for_want_of_money && enough && alike && row.home().is_none()
    }

    fn is_equivalent(&self, show: ShowId, old: &HoldItem, new: &HoldItem) -> bool {
        let category = |seat: &u32| self.shows.get(&show).and_then(|show| show.1.seats.get(*seat as usize)).map(|seat| seat.category);
        let same = match (&old.claim, &new.claim) {
            (Claim::Quantity(old), Claim::Quantity(new)) => old == new,
            (Claim::Seats(old), Claim::Seats(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| category(old) == category(new))
            }
            _ => false,
        };
        old.product == new.product && same
    }

    /// At the end of a record: whatever was given back in it has its refund, and each refund has its saga.
    pub(crate) fn settle(&mut self) {
        for id in std::mem::take(&mut self.unsettled) {
            self.settle_home(id);
            self.settle_part(id);
            let Some(row) = self.orders.get_mut(&id) else { continue };
            let owed = row.owed_minor.take();
            // A home may have parts left when it has no places.
            let given_up = row.home().is_none() && row.cancelled.len() as u64 == row.size() && row.facts.contains(&Fact::Confirmed);
            let mut promised = row.refunds.iter().filter(|(_, refund)| !refund.done).map(|(saga, _)| saga);
            let driven = promised.all(|saga| self.sagas.contains_key(saga));
            let late_driven = row.late.as_ref().is_none_or(|late| !late.open || self.sagas.contains_key(&late.saga));
            let code = order_code(id);
            self.check(owed.is_none() && driven && late_driven, Rule::RefundLost, || match owed {
                Some(owed) => format!("order {code}: {owed} minor units are owed for what was given back"),
                None => format!("order {code}: nothing drives it"),
            });
            self.check(!given_up, Rule::CancelledInPart, || format!("order {code}: all of its places are cancelled"));
        }
    }
}
