//! Orders over several partitions, where a part is: what it pins and sells for its home, and when it asks what has become of that.
//!
//! Must never be true: a pinned hold that expires by itself; a part placed or sold when its home has let go of it; a part that takes or
//! gives back money; a part that is due to ask for its home and does not.

use guichet_domain::order::order_code;
use guichet_domain::saga::Effect;
use guichet_domain::{Event, OrderId, Record, Rejection, SagaId};

use crate::across::Across;
use crate::fold::{Audit, Hold};
use crate::money::{Fact, Order};
use crate::report::Rule;

/// How long after its deadline a part asks for the first time, in milliseconds.
const ASKS_AFTER_MS: u64 = 1_000;
/// Longest pause before it asks again, in milliseconds.
const ASKS_AGAIN_MS_MAX: u64 = 10 * 60 * 1_000;

/// What a part has of its home.
pub(crate) struct Part {
    pub(crate) home: OrderId,
    /// When it asks for it next.
    due_unix_ms: u64,
}

impl Order {
    pub(crate) fn part(&self) -> Option<&Part> {
        if let Some(Across::Part(part)) = &self.across { Some(part) } else { None }
    }
}

impl Audit {
    pub(crate) fn part_placed(&mut self, event: &Event) {
        let Event::PartPlaced { order, home, saga, show, holds, total_minor, deadline_unix_ms } = event else { return };
        self.fresh("order", order.partition(), order.sequence(), 1);
        let (code, now) = (order_code(*order), self.stamp_unix_ms);
        let elsewhere = home.partition() != self.report.partition && saga.partition() == home.partition();
        self.check(elsewhere && !holds.is_empty(), Rule::PartNotAsOrdered, || format!("part {code} of order {}", order_code(*home)));
        let before = self.parts.insert(*saga, *order);
        let released = before.is_some_and(|before| self.orders.get(&before).is_some_and(|row| row.facts.contains(&Fact::Cancelled)));
        let barred = self.barred.get(saga).is_some_and(|until| now < *until);
        let wanted = !released && !barred && now < *deadline_unix_ms;
        self.check(wanted, Rule::PartAfterRelease, || format!("part {code} of order {} was placed", order_code(*home)));
        self.check(before.is_none() || released, Rule::PartTwice, || format!("order {}, saga {saga}", order_code(*home)));
        let (lines, total) = self.take_over(*order, *show, holds, None);
        self.check(i128::from(*total_minor) == total, Rule::WrongAmount, || format!("part {code}: {total_minor} asked, {total} due"));
        let due_unix_ms = deadline_unix_ms.saturating_add(ASKS_AFTER_MS);
        self.due.insert((due_unix_ms, *order));
        let mut row = Order::new(*show, holds.clone(), lines, *total_minor, *saga);
        row.across = Some(Across::Part(Part { home: *home, due_unix_ms }));
        self.orders.insert(*order, row);
        self.report.orders.placed += 1;
    }

    pub(crate) fn part_barred(&mut self, home: OrderId, saga: SagaId, until_unix_ms: u64) {
        let there = self.parts.contains_key(&saga);
        self.check(!there, Rule::PartAfterRelease, || format!("order {}: its part is there, and was barred", order_code(home)));
        self.barred.insert(saga, until_unix_ms);
        let released = self.released.entry(home).or_default();
        *released = until_unix_ms.max(*released);
    }

    /// Whatever a part is told to do about money is told to the wrong one; says whether that was so.
    pub(crate) fn is_for_its_home(&mut self, id: OrderId, row: &Order, event: &Event) -> bool {
        let money = matches!(
            event,
            Event::PaymentAuthorised { .. }
                | Event::PaymentDeclined { .. }
                | Event::PaymentUnknown { .. }
                | Event::PaymentCaptured { .. }
                | Event::PaymentVoided { .. }
                | Event::PaymentRefunded { .. }
                | Event::PaymentArrivedLate { .. }
                | Event::LatePolicyChosen { .. }
                | Event::OrderReinstated { .. }
                | Event::CancelRequested { .. }
        );
        let wrong = money && row.part().is_some();
        self.check(!wrong, Rule::PartDecidedItself, || format!("part {}", order_code(id)));
        wrong
    }

    pub(crate) fn follow_part(&mut self, id: OrderId, row: &mut Order, event: &Event) {
        let (code, now) = (order_code(id), self.stamp_unix_ms);
        match event {
            Event::PartOverdue { ask_again_at_unix_ms: again, .. } => {
                let Some(Across::Part(part)) = &mut row.across else {
                    return self.found(Rule::OverdueIgnored, format!("order {code} is not a part"));
                };
                let due = self.due.remove(&(part.due_unix_ms, id)) && part.due_unix_ms <= now;
                let soon = *again > now && *again <= now.saturating_add(ASKS_AGAIN_MS_MAX);
                part.due_unix_ms = *again;
                if due {
                    self.due.insert((*again, id));
                }
                self.check(due && soon, Rule::OverdueIgnored, || format!("part {code}: at {now} ms, again at {again} ms"));
            }
            Event::RefundHandedOver { saga, .. } => {
                let pending = self.sagas.get(saga).filter(|running| running.order == id).and_then(|running| running.pending.as_ref());
                let asked = row.part().is_some() && pending.is_some_and(|(_, _, effect)| matches!(effect, Effect::RefundPart { .. }));
                self.check(asked, Rule::EffectWithoutIntent, || format!("part {code}"));
                match row.refunds.get_mut(saga) {
                    Some(refund) if !refund.done => refund.done = true,
                    _ => self.found(Rule::RefundedTwice, format!("part {code}, saga {saga}")),
                }
            }
            _ => {}
        }
    }

    /// Its home has paid for it, so a part is sold as soon as it is told, but only while it stands.
    pub(crate) fn rules_of_part(row: &Order, event: &Event) -> Vec<(bool, Rule)> {
        let has = |fact| row.facts.contains(&fact);
        match event {
            Event::SeatsBooked { tickets, .. } => vec![
                (!has(Fact::Cancelled), Rule::PartAfterRelease),
                (!has(Fact::Booked), Rule::OrderEndedTwice),
                (u64::from(*tickets) == row.size(), Rule::WrongTicketCount),
            ],
            Event::TicketsIssued { .. } => {
                vec![(has(Fact::Booked), Rule::TicketsWithoutCapture), (!has(Fact::Issued), Rule::OrderEndedTwice)]
            }
            _ => Vec::new(),
        }
    }

    /// A part that is decided asks no more. What was let go of may be refused by that name from then on.
    pub(crate) fn part_ends(&mut self, id: OrderId, row: &Order, event: &Event) {
        let Some(part) = row.part() else { return };
        self.due.remove(&(part.due_unix_ms, id));
        if let Event::OrderCancelled { .. } = event {
            self.released.insert(part.home, u64::MAX);
        }
    }

    /// The part that has pinned a hold.
    pub(crate) fn pinned_by(&self, hold: &Hold) -> Option<OrderId> {
        hold.order.filter(|order| self.orders.get(order).is_some_and(|row| row.part().is_some()))
    }

    /// Whatever is due goes before any command.
    pub(crate) fn parts_past_their_time(&mut self, record: &Record) {
        if matches!(record, Record::Timely { .. }) {
            return;
        }
        while let Some((at, part)) = self.due.first().copied().filter(|(at, _)| *at <= self.stamp_unix_ms) {
            self.found(Rule::OverdueIgnored, format!("part {} should have asked at {at} ms", order_code(part)));
            self.due.remove(&(at, part));
        }
    }

    /// At the end of a record: a part that stands and is not sold has all that it has pinned.
    pub(crate) fn settle_part(&mut self, id: OrderId) {
        let Some(row) = self.orders.get(&id).filter(|row| row.part().is_some()) else { return };
        let stands = !row.facts.contains(&Fact::Cancelled) && !row.facts.contains(&Fact::Booked);
        let gone = row.holds.iter().copied().find(|hold| stands && !self.holds.contains_key(hold));
        self.check(gone.is_none(), Rule::HoldTakenFromOrder, || format!("part {} stands without what it has pinned", order_code(id)));
    }

    /// Refusals that speak of parts.
    pub(crate) fn untrue_of_part(&self, rejection: &Rejection) -> Option<String> {
        let row_of = |order: &OrderId| self.orders.get(order);
        match rejection {
            Rejection::PartReleased { home } => {
                let released = self.released.get(home).is_some_and(|until| self.stamp_unix_ms < *until);
                (!released).then(|| format!("nothing of order {} was released here", order_code(*home)))
            }
            Rejection::PartSold { order } => {
                let sold = row_of(order).is_some_and(|row| row.part().is_some() && row.facts.contains(&Fact::Confirmed));
                (!sold).then(|| format!("part {} was not sold", order_code(*order)))
            }
            Rejection::PartOfOrder { order, home } => {
                let right = row_of(order).and_then(Order::part).is_some_and(|part| part.home == *home);
                (!right).then(|| format!("order {} was no part of order {}", order_code(*order), order_code(*home)))
            }
            _ => None,
        }
    }
}
