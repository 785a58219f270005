//! Orders over several partitions, at home: what is asked of the others, and what of their money is given back here.
//!
//! Must never be true: a part asked for what was not ordered of it; money of a part given back twice, or more than that part cost; an
//! order cancelled whole whose parts nobody takes back. The other end is in `part`.

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::across::PartRequest;
use guichet_domain::order::order_code;
use guichet_domain::saga::{Direction, Effect};
use guichet_domain::{Event, OrderId, SagaId};

use crate::fold::Audit;
use crate::money::{Fact, Order};
use crate::part::Part;
use crate::report::Rule;
use crate::saga::{ACROSS, CANCEL_ACROSS, PART_REFUND};

/// The steps that ask the parts, in a sale and, first, in a cancellation.
const RESERVE: u8 = 1;
const BOOK_PARTS: u8 = 4;
/// From here on nothing is turned round: some parts may be sold.
pub(crate) const CONFIRM_PARTS: u8 = 7;

/// The far end of an order.
pub(crate) enum Across {
    Home(Home),
    Part(Part),
}

/// What a home has of its parts.
pub(crate) struct Home {
    wanted: Vec<PartRequest>,
    deadline_unix_ms: u64,
    /// Empty until all of them have answered.
    parts: Vec<OrderId>,
    /// The saga that takes the parts back after the sale, and whether it waives the fee.
    cancelled_by: Option<(SagaId, bool)>,
    /// That saga has ended.
    pub(crate) taken_back: bool,
    /// Sagas of parts that have got their money back here.
    asked_by: BTreeSet<SagaId>,
    /// How much each part has got back.
    given_minor: BTreeMap<OrderId, i128>,
}

impl Order {
    pub(crate) fn home(&self) -> Option<&Home> {
        if let Some(Across::Home(home)) = &self.across { Some(home) } else { None }
    }

    pub(crate) fn home_mut(&mut self) -> Option<&mut Home> {
        if let Some(Across::Home(home)) = &mut self.across { Some(home) } else { None }
    }

    pub(crate) fn is_taken_back_by(&self, saga: SagaId) -> bool {
        self.home().and_then(|home| home.cancelled_by).is_some_and(|(by, _)| by == saga)
    }

    /// Whether every part that it wants has a name; an order without parts wants none.
    pub(crate) fn knows_its_parts(&self) -> bool {
        self.home().is_none_or(|home| home.parts.len() == home.wanted.len())
    }
}

impl Audit {
    pub(crate) fn follow_home(&mut self, id: OrderId, row: &mut Order, event: &Event) {
        let code = order_code(id);
        match event {
            Event::PartsWanted { parts, deadline_unix_ms, .. } => self.parts_wanted(id, row, parts, *deadline_unix_ms),
            Event::PartsReserved { parts, .. } => {
                let pending = self.sagas.get(&row.saga).and_then(|saga| saga.pending.as_ref());
                let asked = pending.is_some_and(|(_, _, effect)| matches!(effect, Effect::ReserveParts { .. }));
                self.check(asked, Rule::EffectWithoutIntent, || format!("order {code}"));
                let right = row.home_mut().is_some_and(|home| {
                    home.parts.clone_from(parts);
                    let mut there: Vec<u16> = parts.iter().map(|part| part.partition()).collect();
                    there.sort_unstable();
                    there == partitions(&home.wanted)
                });
                self.check(right, Rule::PartNotAsOrdered, || format!("order {code} has other parts than it wants"));
            }
            Event::PartsCancelled { saga, waive_fee, .. } => {
                let all = row.facts.contains(&Fact::Cancelled) && row.cancelled.len() as u64 == row.size();
                let first = row.home_mut().is_some_and(|home| home.cancelled_by.replace((*saga, *waive_fee)).is_none());
                self.check(all && first, Rule::CancelledInPart, || format!("order {code}: its parts are taken back, and it is not"));
                self.unsettled.insert(id);
            }
            Event::PartRefundTaken { part, by, amount_minor, .. } => self.part_refund_taken(id, row, *part, *by, *amount_minor),
            _ => {}
        }
    }

    fn parts_wanted(&mut self, id: OrderId, row: &mut Order, wanted: &[PartRequest], deadline_unix_ms: u64) {
        let code = order_code(id);
        let here = self.report.partition;
        let currency = self.shows.get(&row.show).map(|show| show.0.currency);
        let same = wanted.iter().all(|part| currency.is_none_or(|currency| currency == part.currency));
        self.check(same, Rule::MixedCurrencies, || format!("order {code}"));
        let elsewhere = |part: &PartRequest| {
            let at_home = part.holds.iter().all(|hold| hold.partition() == part.partition);
            part.partition != here && at_home && !part.holds.is_empty() && part.total_minor >= 0
        };
        let different: BTreeSet<u16> = wanted.iter().map(|part| part.partition).collect();
        let same_end = row.holds.iter().filter_map(|hold| self.holds.get(hold)).all(|hold| hold.expires_at_unix_ms == deadline_unix_ms);
        let right = !wanted.is_empty() && different.len() == wanted.len() && wanted.iter().all(elsewhere) && same_end;
        // Only what has just been placed can still be ordered over several partitions.
        let fresh = row.across.is_none() && row.due_minor.is_some();
        self.check(right && fresh, Rule::PartNotAsOrdered, || format!("order {code} wants parts that it cannot have"));
        row.due_minor = row.due_minor.map(|due| due + wanted.iter().map(|part| i128::from(part.total_minor)).sum::<i128>());
        row.across = Some(Across::Home(Home {
            wanted: wanted.to_vec(),
            deadline_unix_ms,
            parts: Vec::new(),
            cancelled_by: None,
            taken_back: false,
            asked_by: BTreeSet::new(),
            given_minor: BTreeMap::new(),
        }));
    }

    fn part_refund_taken(&mut self, id: OrderId, row: &mut Order, part: OrderId, by: SagaId, amount_minor: i64) {
        let code = order_code(id);
        let (amount, left) = (i128::from(amount_minor), row.left_minor());
        let decided = row.facts.contains(&Fact::Confirmed) || row.facts.contains(&Fact::Cancelled);
        self.check(decided && (row.paid_minor > 0 || amount == 0), Rule::RefundedWithoutCapture, || format!("order {code}"));
        self.check((0..=left).contains(&amount), Rule::RefundedTooMuch, || format!("order {code}: {amount} minor units, {left} are left"));
        let Some(home) = row.home_mut() else {
            return self.found(Rule::PartNotAsOrdered, format!("order {code} has no parts"));
        };
        let its_own = home.parts.contains(&part) && by.partition() == part.partition();
        let again = !home.asked_by.insert(by);
        let given = home.given_minor.entry(part).or_default();
        *given += amount;
        let given = *given;
        let cost =
            home.wanted.iter().find(|wanted| wanted.partition == part.partition()).map_or(0, |wanted| i128::from(wanted.total_minor));
        self.check(its_own, Rule::PartNotAsOrdered, || format!("order {code}: {} is not a part of it", order_code(part)));
        self.check(!again, Rule::RefundedTwice, || format!("order {code}, saga {by} of part {}", order_code(part)));
        self.check(!its_own || given <= cost, Rule::RefundedTooMuch, || {
            format!("order {code}: {given} minor units for part {}, which cost {cost}", order_code(part))
        });
        row.owed_minor = Some(amount).filter(|amount| *amount > 0);
        self.unsettled.insert(id);
    }

    /// What is asked of other partitions is what was ordered of them, and at its time.
    pub(crate) fn asked_of_parts(&self, id: SagaId, about: OrderId, row: &Order, effect: &Effect) -> Vec<(bool, Rule)> {
        let has = |fact| row.facts.contains(&fact);
        let free = row.total_minor == 0;
        let home = row.home();
        let (right, mut rules) = match effect {
            Effect::ReserveParts { order, parts, deadline_unix_ms } => {
                let same = home.is_some_and(|home| home.wanted == *parts && home.deadline_unix_ms == *deadline_unix_ms);
                (*order == about && same, Vec::new())
            }
            Effect::BookParts { order, parts } => {
                let ready = has(Fact::Booked) && (free || has(Fact::Authorised));
                (*order == about && names(home, parts), vec![(ready, Rule::BookedWithoutAuthorisation)])
            }
            Effect::ConfirmParts { order, parts, .. } => {
                let ready = has(Fact::Issued) && (free || has(Fact::Captured) && !has(Fact::Refunded));
                (*order == about && names(home, parts), vec![(ready, Rule::TicketsWithoutCapture)])
            }
            Effect::ReleaseParts { order, partitions: of, deadline_unix_ms, .. } => {
                let mut of = of.clone();
                of.sort_unstable();
                let same = home.is_some_and(|home| partitions(&home.wanted) == of && home.deadline_unix_ms == *deadline_unix_ms);
                (*order == about && same, Vec::new())
            }
            Effect::CancelParts { order, parts, reason, waive_fee } => {
                let same = home.is_some_and(|home| home.cancelled_by == Some((id, *waive_fee))) && row.cancel_reason == Some(*reason);
                (*order == about && same && names(home, parts), Vec::new())
            }
            Effect::RefundPart { order, home: of, amount_minor } => {
                let due = row.refunds.get(&id).map(|refund| refund.amount_minor);
                let same = row.part().is_some_and(|part| part.home == *of);
                (*order == about && same, vec![(due == Some(*amount_minor), Rule::WrongAmount)])
            }
            Effect::Authorise { .. }
            | Effect::Capture { .. }
            | Effect::Void { .. }
            | Effect::Refund { .. }
            | Effect::IssueTickets { .. } => (true, Vec::new()),
        };
        rules.push((right, Rule::PartNotAsOrdered));
        rules
    }

    /// Whatever was cancelled whole has somebody who takes its parts back, and what it cost is what all of it costs.
    pub(crate) fn settle_home(&mut self, id: OrderId) {
        let Some(row) = self.orders.get_mut(&id) else { return };
        let (due, total) = (row.due_minor.take(), row.total_minor);
        let whole = row.facts.contains(&Fact::Cancelled) && row.size() > 0 && row.cancelled.len() as u64 == row.size();
        let by = row.home().map(|home| home.cancelled_by.filter(|_| !home.taken_back).map(|(saga, _)| saga));
        let forgotten = whole && row.home().is_some_and(|home| home.cancelled_by.is_none());
        let driven = by.flatten().is_none_or(|saga| self.sagas.contains_key(&saga));
        let code = order_code(id);
        self.check(due.is_none_or(|due| due == i128::from(total)), Rule::WrongAmount, || {
            format!("order {code}: {total} minor units asked, {} due", due.unwrap_or_default())
        });
        self.check(!forgotten, Rule::CancelledInPart, || format!("order {code}: nobody takes its parts back"));
        self.check(driven, Rule::RefundLost, || format!("order {code}: nothing takes its parts back"));
    }
}

/// In ascending order.
fn partitions(wanted: &[PartRequest]) -> Vec<u16> {
    let mut partitions: Vec<u16> = wanted.iter().map(|part| part.partition).collect();
    partitions.sort_unstable();
    partitions
}

fn names(home: Option<&Home>, parts: &[OrderId]) -> bool {
    home.is_some_and(|home| home.parts == *parts && parts.len() == home.wanted.len())
}

/// Whether a step in this direction asks other partitions: then it is not done without having asked.
pub(crate) fn asks_parts(kind: u8, step: u8, direction: Direction) -> bool {
    match (kind, direction) {
        (ACROSS, Direction::Forward) => matches!(step, RESERVE | BOOK_PARTS | CONFIRM_PARTS),
        (ACROSS, Direction::Backward) => is_half_done(kind, step),
        (CANCEL_ACROSS | PART_REFUND, Direction::Forward) => step == 0,
        _ => false,
    }
}

/// Steps of which a part may have been done when they are refused.
pub(crate) fn is_half_done(kind: u8, step: u8) -> bool {
    kind == ACROSS && matches!(step, RESERVE | BOOK_PARTS)
}

/// Whether a saga of this kind asks for such a thing in this step at all.
pub(crate) fn belongs(kind: u8, step: u8, direction: Direction, effect: &Effect) -> bool {
    use Direction::{Backward, Forward};
    match effect {
        Effect::ReserveParts { .. } => (kind, step, direction) == (ACROSS, RESERVE, Forward),
        Effect::BookParts { .. } => (kind, step, direction) == (ACROSS, BOOK_PARTS, Forward),
        Effect::ConfirmParts { .. } => (kind, step, direction) == (ACROSS, CONFIRM_PARTS, Forward),
        Effect::ReleaseParts { .. } => is_half_done(kind, step) && direction == Backward,
        Effect::CancelParts { .. } => (kind, step, direction) == (CANCEL_ACROSS, 0, Forward),
        Effect::RefundPart { .. } => (kind, step, direction) == (PART_REFUND, 0, Forward),
        Effect::Authorise { .. } => kind != ACROSS || (step, direction) == (2, Forward),
        Effect::Void { .. } => kind != ACROSS || (step, direction) == (2, Backward),
        Effect::Capture { .. } => kind != ACROSS || (step, direction) == (5, Forward),
        Effect::Refund { .. } => match kind {
            ACROSS => (step, direction) == (5, Backward),
            CANCEL_ACROSS => (step, direction) == (1, Forward),
            _ => kind != PART_REFUND,
        },
        Effect::IssueTickets { .. } => kind != ACROSS || (step, direction) == (6, Forward),
    }
}
