//! The sale of an order: what it costs, what became of its payment, and when it is sold or given up.
//!
//! Must never be true: money taken twice, or kept for an order that was given up; tickets for an order that is not paid; more given back
//! than was paid.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::order::{CancelReason, order_code};
use guichet_domain::saga::Effect;
use guichet_domain::{Event, HoldId, OrderId, SagaId, ShowId, TicketId};

use crate::across::Across;
use crate::after_sale::{Late, Refund};
use crate::fold::{Audit, Hand, Line};
use crate::report::{Report, Rule};
use crate::sale::count;

/// An order, and the facts that the journal has about it.
pub(crate) struct Order {
    pub(crate) show: ShowId,
    pub(crate) holds: Vec<HoldId>,
    pub(crate) lines: Vec<Line>,
    pub(crate) total_minor: i64,
    /// The saga that sells it: its first one, or that of late money.
    pub(crate) saga: SagaId,
    pub(crate) facts: BTreeSet<Fact>,
    pub(crate) stuck: bool,
    pub(crate) cancel_requested: bool,
    pub(crate) cancel_reason: Option<CancelReason>,
    /// The tickets that it has now: the first, and how many.
    pub(crate) tickets: Option<(TicketId, u32)>,
    pub(crate) cancelled: BTreeSet<u32>,
    /// All that ever came in for it.
    pub(crate) paid_minor: i128,
    pub(crate) refunds: BTreeMap<SagaId, Refund>,
    /// What this record's cancellation has to give back, until a refund starts that does it.
    pub(crate) owed_minor: Option<i128>,
    pub(crate) late: Option<Late>,
    /// What all of it should cost, until the record that places it has been read.
    pub(crate) due_minor: Option<i128>,
    pub(crate) across: Option<Across>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// A provider was asked to reserve the money.
    Asked,
    Authorised,
    Declined,
    Booked,
    Captured,
    Issued,
    Voided,
    /// The saga that sells it has given the money back.
    Refunded,
    Confirmed,
    Cancelled,
}

impl Order {
    pub(crate) fn new(show: ShowId, holds: Vec<HoldId>, lines: Vec<Line>, total_minor: i64, saga: SagaId) -> Self {
        Self {
            show,
            holds,
            lines,
            total_minor,
            saga,
            facts: BTreeSet::new(),
            stuck: false,
            cancel_requested: false,
            cancel_reason: None,
            tickets: None,
            cancelled: BTreeSet::new(),
            paid_minor: 0,
            refunds: BTreeMap::new(),
            owed_minor: None,
            late: None,
            due_minor: None,
            across: None,
        }
    }

    /// Its places one by one, in the order of its tickets.
    pub(crate) fn places(&self) -> Vec<Line> {
        let mut places = Vec::new();
        for line in &self.lines {
            for item in line.items.iter() {
                let claims: Vec<Claim> = match &item.claim {
                    Claim::Seats(seats) => seats.iter().map(|seat| Claim::Seats(vec![*seat])).collect(),
                    Claim::Quantity(quantity) => (0..*quantity).map(|_| Claim::Quantity(1)).collect(),
                };
                let place = |claim| Line { items: Arc::new([HoldItem { product: item.product, claim }]), ..line.clone() };
                places.extend(claims.into_iter().map(place));
            }
        }
        places
    }

    pub(crate) fn size(&self) -> u64 {
        self.lines.iter().map(|line| count(&line.items)).sum()
    }

    /// What can still be given back, refunds on their way counted as given. Late money that has not come to its end may go back as a
    /// whole, so nothing of it is there for anything else. What a part cost was paid to its home.
    pub(crate) fn left_minor(&self) -> i128 {
        let given: i128 = self.refunds.values().map(|refund| i128::from(refund.amount_minor)).sum();
        let late = self.late.as_ref().filter(|late| late.open && !self.refunds.contains_key(&late.saga));
        let paid = if self.part().is_some() { i128::from(self.total_minor) } else { self.paid_minor };
        paid - given - late.map_or(0, |late| i128::from(late.amount_minor))
    }
}

impl Audit {
    pub(crate) fn count_orders(&self, report: &mut Report) {
        for order in self.orders.values() {
            let counts = &mut report.orders;
            if order.stuck {
                counts.stuck += 1;
            } else if order.facts.contains(&Fact::Confirmed) {
                counts.confirmed += 1;
            } else if order.facts.contains(&Fact::Cancelled) {
                counts.cancelled += 1;
            }
            let unfulfilled = order.late.as_ref().is_some_and(|late| late.open) && !order.facts.contains(&Fact::Booked);
            report.after_sale.paid_unfulfilled += u64::from(unfulfilled);
        }
        report.after_sale.sagas_stuck = self.sagas.values().filter(|saga| saga.stuck.is_some()).count() as u64;
    }

    pub(crate) fn order_placed(&mut self, event: &Event) {
        let Event::OrderPlaced { order, saga, show, holds, total_minor, deadline_unix_ms, .. } = event else { return };
        self.fresh("order", order.partition(), order.sequence(), 1);
        let (lines, total) = self.take_over(*order, *show, holds, Some(*deadline_unix_ms));
        let mut row = Order::new(*show, holds.clone(), lines, *total_minor, *saga);
        row.due_minor = Some(total);
        self.orders.insert(*order, row);
        self.unsettled.insert(*order);
        self.report.orders.placed += 1;
    }

    /// Gives holds to an order; says what they are, and what they cost.
    pub(crate) fn take_over(&mut self, order: OrderId, show: ShowId, holds: &[HoldId], until_unix_ms: Option<u64>) -> (Vec<Line>, i128) {
        let currency_of = |audit: &Self, show: &ShowId| audit.shows.get(show).map(|show| show.0.currency);
        let (mut lines, mut total) = (Vec::new(), 0_i128);
        for hold in holds {
            let Some(row) = self.live(*hold) else { continue };
            let at_home = !lines.is_empty() || row.line.show == show;
            self.check(row.order.is_none() && at_home, Rule::HoldTakenFromOrder, || {
                format!("order {} took hold {hold}", order_code(order))
            });
            let same = currency_of(self, &row.line.show) == currency_of(self, &show);
            self.check(same, Rule::MixedCurrencies, || format!("order {}, hold {hold}", order_code(order)));
            self.pin(*hold, order, until_unix_ms);
            total += row.line.items.iter().map(|item| self.price(row.line.show, item)).sum::<i128>();
            lines.push(row.line);
        }
        (lines, total)
    }

    pub(crate) fn follow_order(&mut self, id: OrderId, event: &Event) {
        // Taken out while it changes: the rules look at everything else, too.
        let Some(mut row) = self.orders.remove(&id) else {
            return self.found(Rule::UnknownOrder, format!("order {}", order_code(id)));
        };
        match event {
            _ if self.is_for_its_home(id, &row, event) => {}
            Event::PartsWanted { .. } | Event::PartsReserved { .. } | Event::PartsCancelled { .. } | Event::PartRefundTaken { .. } => {
                self.follow_home(id, &mut row, event);
            }
            Event::PartOverdue { .. } | Event::RefundHandedOver { .. } => self.follow_part(id, &mut row, event),
            Event::PositionsCancelled { .. }
            | Event::RefundStarted { .. }
            | Event::PaymentRefunded { .. }
            | Event::PaymentArrivedLate { .. }
            | Event::LatePolicyChosen { .. }
            | Event::OrderReinstated { .. } => self.follow_after_sale(id, &mut row, event),
            Event::TicketCheckedIn { .. } => self.follow_door(id, &row, event),
            _ => self.follow_sale(id, &mut row, event),
        }
        self.orders.insert(id, row);
    }

    fn follow_sale(&mut self, id: OrderId, row: &mut Order, event: &Event) {
        let broken: Vec<Rule> = self.rules_of_sale(row, event).into_iter().filter(|(holds, _)| !holds).map(|(_, rule)| rule).collect();
        for rule in broken {
            self.found(rule, format!("order {}", order_code(id)));
        }
        match event {
            Event::PaymentAuthorised { .. } => drop(row.facts.insert(Fact::Authorised)),
            Event::PaymentDeclined { .. } => drop(row.facts.insert(Fact::Declined)),
            Event::PaymentVoided { .. } => drop(row.facts.insert(Fact::Voided)),
            Event::PaymentCaptured { .. } => {
                row.facts.insert(Fact::Captured);
                row.paid_minor += i128::from(row.total_minor);
            }
            Event::SeatsBooked { first_ticket, tickets, .. } => {
                row.facts.insert(Fact::Booked);
                self.number_tickets(id, row, *first_ticket, *tickets);
                for hold in &row.holds {
                    self.report.holds.booked += u64::from(self.end(*hold, Some(Hand::Order(id))).is_some());
                }
            }
            Event::BookingReversed { .. } => {
                row.facts.remove(&Fact::Booked);
                row.tickets = None;
                self.unsettled.insert(id);
                for line in &row.lines {
                    self.hand_over(line, Some(Hand::Order(id)), None);
                }
            }
            Event::TicketsIssued { .. } => {
                row.facts.insert(Fact::Issued);
                self.report.tickets += row.size();
            }
            Event::OrderConfirmed { .. } => {
                self.part_ends(id, row, event);
                row.facts.remove(&Fact::Cancelled);
                row.facts.insert(Fact::Confirmed);
            }
            Event::OrderCancelled { reason, .. } => {
                self.part_ends(id, row, event);
                self.unsettled.insert(id);
                row.facts = BTreeSet::from([Fact::Cancelled]);
                (row.cancel_reason, row.cancel_requested) = (Some(*reason), false);
            }
            Event::CancelRequested { .. } => row.cancel_requested = true,
            Event::OrderStuck { .. } => row.stuck = true,
            _ => {}
        }
    }

    fn rules_of_sale(&self, row: &Order, event: &Event) -> Vec<(bool, Rule)> {
        let has = |fact| row.facts.contains(&fact);
        let intent = self.sagas.get(&row.saga).and_then(|saga| saga.pending.as_ref());
        let asks = |is: fn(&Effect) -> bool| (intent.is_some_and(|(_, _, effect)| is(effect)), Rule::EffectWithoutIntent);
        let open = !has(Fact::Confirmed) && !has(Fact::Cancelled);
        let free = row.total_minor == 0;
        let has_money = has(Fact::Captured) && !has(Fact::Refunded);
        let authorise = |effect: &Effect| matches!(effect, Effect::Authorise { .. });
        match event {
            Event::PaymentAuthorised { .. } | Event::PaymentDeclined { .. } => vec![asks(authorise)],
            Event::SeatsBooked { .. } | Event::TicketsIssued { .. } if row.part().is_some() => Self::rules_of_part(row, event),
            Event::SeatsBooked { tickets, .. } => vec![
                (row.knows_its_parts(), Rule::PartNotAsOrdered),
                (free || has(Fact::Authorised), Rule::BookedWithoutAuthorisation),
                (u64::from(*tickets) == row.size(), Rule::WrongTicketCount),
            ],
            Event::PaymentCaptured { .. } => vec![
                asks(|effect| matches!(effect, Effect::Capture { .. })),
                (has(Fact::Authorised) && has(Fact::Booked), Rule::CapturedTooSoon),
                (!has(Fact::Captured), Rule::CapturedTwice),
            ],
            Event::PaymentVoided { .. } => {
                vec![asks(|effect| matches!(effect, Effect::Void { .. })), (!has_money, Rule::VoidedAfterCapture)]
            }
            Event::TicketsIssued { .. } => vec![
                asks(|effect| matches!(effect, Effect::IssueTickets { .. })),
                (has_money || free && has(Fact::Booked), Rule::TicketsWithoutCapture),
            ],
            Event::OrderConfirmed { .. } => vec![
                // Late money brings a cancelled order back, but only with places.
                (!has(Fact::Confirmed) && (!has(Fact::Cancelled) || has(Fact::Booked)), Rule::OrderEndedTwice),
                (has(Fact::Issued), Rule::ConfirmedWithoutTickets),
                (!row.cancel_requested, Rule::CancelRequestIgnored),
            ],
            Event::OrderCancelled { .. } if has(Fact::Confirmed) => {
                vec![(row.cancelled.len() as u64 == row.size(), Rule::CancelledInPart)]
            }
            Event::OrderCancelled { .. } => {
                let keeps_seats = has(Fact::Booked) || row.holds.iter().any(|hold| self.holds.contains_key(hold));
                let may_have_money = has(Fact::Asked) && !has(Fact::Declined) && !has(Fact::Voided) && !has(Fact::Refunded);
                vec![
                    (open, Rule::OrderEndedTwice),
                    (!keeps_seats, Rule::CancelledOrderKeepsSeats),
                    (!may_have_money && !has_money, Rule::CancelledOrderKeepsMoney),
                ]
            }
            Event::CancelRequested { .. } => vec![(open, Rule::OrderEndedTwice)],
            Event::OrderStuck { .. } => {
                let moves = self.sagas.contains_key(&row.saga) || row.refunds.keys().any(|saga| self.sagas.contains_key(saga));
                let moves = moves || self.sagas.keys().any(|saga| row.is_taken_back_by(*saga));
                vec![(moves, Rule::OrderEndedTwice)]
            }
            Event::BookingReversed { .. } => {
                vec![(has(Fact::Booked), Rule::ReversedWithoutBooking), (!has(Fact::Confirmed), Rule::OrderEndedTwice)]
            }
            _ => Vec::new(),
        }
    }

    /// The tickets that an order has from here on.
    pub(crate) fn number_tickets(&mut self, id: OrderId, row: &mut Order, first: TicketId, tickets: u32) {
        self.fresh("ticket", first.partition(), first.sequence(), u64::from(tickets));
        self.tickets.insert(first.sequence(), id);
        row.tickets = Some((first, tickets));
    }
}
