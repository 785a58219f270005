//! The fold: every record in journal order, checked against a map from seat to holder and a sum per quota.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::order::order_code;
use guichet_domain::record::KeyHash;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{Admits, SaleState, ShowDefinition};
use guichet_domain::{Event, HoldId, OrderId, Record, Rejection, SagaId, ShowId, VenueId};

use crate::money::{Order, Saga};
use crate::report::{FINDINGS_KEPT_MAX, Finding, QuotaSum, Report, Rule, ShowCounts};

/// No key is forgotten sooner than this after its record, in milliseconds of logged time.
const KEY_KEPT_MS_MIN: u64 = 24 * 60 * 60 * 1_000;

pub(crate) struct Show(Arc<ShowDefinition>, Arc<SeatingPlan>, SaleState);

#[derive(Clone)]
pub(crate) struct Hold {
    show: ShowId,
    items: Arc<[HoldItem]>,
    expires_at_unix_ms: u64,
    order: Option<OrderId>,
}

/// Whose a seat is; a free seat is nobody's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    Hold(HoldId),
    Order(OrderId),
}

impl fmt::Display for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(hold) => write!(f, "hold {hold}"),
            Self::Order(order) => write!(f, "order {}", order_code(*order)),
        }
    }
}

/// An audit of one partition's journal, from its first record on.
#[derive(Default)]
pub struct Audit {
    pub(crate) report: Report,
    offset: u64,
    stamp_unix_ms: u64,
    ids: HashMap<&'static str, u64>,
    keys: HashMap<KeyHash, u64>,
    venues: BTreeSet<VenueId>,
    shows: BTreeMap<ShowId, Show>,
    seats: HashMap<(ShowId, u32), Hand>,
    quotas: HashMap<(ShowId, u16), (u64, u64)>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    ends: BTreeSet<(u64, HoldId)>,
    pub(crate) orders: BTreeMap<OrderId, Order>,
    pub(crate) sagas: BTreeMap<SagaId, Saga>,
}

impl Audit {
    /// An audit that has read nothing yet.
    #[must_use]
    pub fn new(partition: u16) -> Self {
        Self { report: Report { partition, ..Report::default() }, ..Self::default() }
    }

    /// Reads the next record.
    pub fn record(&mut self, offset: u64, stamp_unix_ms: u64, record: &Record) {
        self.offset = offset;
        self.report.records_checked += 1;
        self.check(stamp_unix_ms >= self.stamp_unix_ms, Rule::StampWentBack, || format!("to {stamp_unix_ms} ms"));
        self.stamp_unix_ms = self.stamp_unix_ms.max(stamp_unix_ms);
        // Whatever is due goes before any command, so here nothing may be left that is.
        while let Some((at, hold)) =
            self.ends.first().copied().filter(|(at, _)| *at <= stamp_unix_ms && !matches!(record, Record::Timely { .. }))
        {
            self.found(Rule::HoldPastItsTime, format!("hold {hold} should have ended at {at} ms, it is {stamp_unix_ms} ms"));
            self.ends.remove(&(at, hold));
        }
        if let Some(before) = record.key().and_then(|stamp| self.keys.insert(stamp.key, stamp_unix_ms)) {
            let long_ago = stamp_unix_ms.saturating_sub(before) >= KEY_KEPT_MS_MIN;
            self.check(long_ago, Rule::KeyDecidedTwice, || format!("first at {before} ms, again at {stamp_unix_ms} ms"));
        }
        if let Record::Refused { rejection, .. } = record {
            self.refusal(rejection);
        }
        let mut last_expired = None;
        for event in record.events() {
            self.report.events_checked += 1;
            if let Event::HoldExpired { hold } = event
                && let Some(at) = self.holds.get(hold).map(|row| (row.expires_at_unix_ms, *hold))
            {
                self.check(last_expired <= Some(at), Rule::ExpiryOutOfOrder, || format!("hold {hold}"));
                last_expired = Some(at);
            }
            self.event(event);
        }
    }

    fn event(&mut self, event: &Event) {
        let here = self.report.partition;
        match event {
            Event::VenueRegistered { venue, .. } => {
                self.fresh("venue", venue.partition(), venue.sequence(), 1);
                self.venues.insert(*venue);
            }
            Event::ShowCreated { definition } => self.fresh("show", here, definition.id.sequence(), 1),
            Event::ApiKeyCreated { key } => self.fresh("API key", key.id.partition(), key.id.sequence(), 1),
            Event::ApiKeyRevoked { .. } => {}
            Event::ShowAdopted { definition, plan } => {
                let show = definition.id;
                self.check(show.partition() == here, Rule::ForeignId, || format!("show \"{}\"", definition.name));
                let row = Show(Arc::clone(definition), Arc::clone(plan), SaleState::Draft);
                let twice = self.shows.insert(show, row).is_some();
                self.check(!twice, Rule::DuplicateId, || format!("show \"{}\"", definition.name));
            }
            Event::SaleStateChanged { show, state } => match self.shows.get_mut(show) {
                Some(show) => show.2 = *state,
                None => self.found(Rule::UnknownShow, format!("show {show}")),
            },
            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, .. } => {
                self.fresh("hold", hold.partition(), hold.sequence(), 1);
                let Some(Show(definition, plan, sale)) = self.shows.get(show) else {
                    return self.found(Rule::UnknownShow, format!("hold {hold} is of show {show}"));
                };
                let (open, fits) = (*sale == SaleState::Open, items.iter().all(|item| sells(definition, plan, item)));
                self.check(open, Rule::SaleWasNotOpen, || format!("hold {hold}"));
                self.check(fits, Rule::SeatOutsideProduct, || format!("hold {hold}"));
                self.hand_over(*show, items, None, Some(Hand::Hold(*hold)));
                let row = Hold { show: *show, items: Arc::clone(items), expires_at_unix_ms: *expires_at_unix_ms, order: None };
                self.ends.insert((*expires_at_unix_ms, *hold));
                self.holds.insert(*hold, row);
                self.report.holds.placed += 1;
            }
            Event::HoldExtended { hold, expires_at_unix_ms } => {
                let Some(row) = self.live(*hold) else { return };
                let longer = *expires_at_unix_ms >= row.expires_at_unix_ms;
                self.check(longer, Rule::HoldShortened, || format!("hold {hold}"));
                self.check(row.order.is_none(), Rule::HoldTakenFromOrder, || format!("hold {hold} was extended"));
                self.move_end(*hold, *expires_at_unix_ms);
            }
            Event::HoldReleased { hold } => {
                let Some(row) = self.end(*hold, None) else { return };
                let undoing =
                    |order| self.orders.get(&order).and_then(|order| self.sagas.get(&order.saga)).is_some_and(|saga| saga.backward);
                let right = row.order.is_none_or(undoing);
                self.check(right, Rule::HoldTakenFromOrder, || format!("hold {hold} was released"));
                self.report.holds.released += 1;
            }
            Event::HoldExpired { hold } => {
                let Some(row) = self.end(*hold, None) else { return };
                let (at, now) = (row.expires_at_unix_ms, self.stamp_unix_ms);
                self.check(at <= now, Rule::ExpiredEarly, || format!("hold {hold} at {now} ms, it lives until {at} ms"));
                self.report.holds.expired += 1;
            }
            Event::ReopenGraceGranted { until_unix_ms } => {
                let short: Vec<_> = self.ends.range(..(*until_unix_ms, HoldId::from_bits(0))).map(|(_, hold)| *hold).collect();
                short.into_iter().for_each(|hold| self.move_end(hold, *until_unix_ms));
            }
            Event::OrderPlaced { order, saga, show, holds, total_minor, deadline_unix_ms, .. } => {
                self.fresh("order", order.partition(), order.sequence(), 1);
                let (mut items, mut total) = (Vec::new(), 0_i128);
                for hold in holds {
                    let Some(row) = self.live(*hold) else { continue };
                    let mine = row.order.is_none() && row.show == *show;
                    self.check(mine, Rule::HoldTakenFromOrder, || format!("order {} took hold {hold}", order_code(*order)));
                    self.holds.insert(*hold, Hold { order: Some(*order), ..row.clone() });
                    self.move_end(*hold, *deadline_unix_ms);
                    total += row.items.iter().map(|item| self.price(*show, item)).sum::<i128>();
                    items.extend(row.items.iter().cloned());
                }
                self.check(i128::from(*total_minor) == total, Rule::WrongAmount, || {
                    format!("{total_minor} minor units asked, {total} due")
                });
                let (holds, total_minor, facts) = (holds.clone(), *total_minor, BTreeSet::new());
                self.orders.insert(*order, Order { show: *show, holds, items, total_minor, saga: *saga, facts });
                self.report.orders.placed += 1;
            }
            Event::SeatsBooked { order, .. }
            | Event::BookingReversed { order }
            | Event::PaymentAuthorised { order }
            | Event::PaymentDeclined { order }
            | Event::PaymentUnknown { order }
            | Event::PaymentCaptured { order }
            | Event::PaymentVoided { order }
            | Event::PaymentRefunded { order }
            | Event::TicketsIssued { order }
            | Event::OrderConfirmed { order }
            | Event::OrderCancelled { order, .. }
            | Event::OrderStuck { order } => match self.orders.remove(order) {
                Some(mut row) => {
                    self.follow_order(*order, &mut row, event);
                    self.orders.insert(*order, row);
                }
                None => self.found(Rule::UnknownOrder, format!("order {}", order_code(*order))),
            },
            Event::SagaStarted { saga, order, .. } => {
                self.fresh("saga", saga.partition(), saga.sequence(), 1);
                self.sagas.insert(*saga, Saga::new(*order));
            }
            Event::EffectIntended { saga, .. }
            | Event::StepDone { saga, .. }
            | Event::StepFailed { saga, .. }
            | Event::RetryScheduled { saga, .. }
            | Event::SagaStuck { saga, .. }
            | Event::SagaCompleted { saga }
            | Event::SagaCompensated { saga } => self.follow_saga(*saga, event),
        }
    }

    fn refusal(&mut self, rejection: &Rejection) {
        *self.report.refusals.entry(rejection.code()).or_default() += 1;
        let hold_of = |hold: &HoldId| self.holds.get(hold);
        let placed = |hold: &HoldId| hold.sequence() <= self.ids.get("hold").copied().unwrap_or_default();
        let sale_of = |show: &ShowId| self.shows.get(show).map(|show| show.2);
        let untrue = match rejection {
            Rejection::SeatTaken { show, seats } => {
                let free = seats.iter().find(|seat| !self.seats.contains_key(&(*show, **seat)));
                free.map(|seat| format!("{} was free", self.label(*show, *seat)))
            }
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
            Rejection::ShowNotFound { show } => sale_of(show).map(|_| format!("show {show} was there")),
            Rejection::VenueNotFound { venue } => self.venues.contains(venue).then(|| format!("venue {venue} was there")),
            Rejection::HoldNotFound { hold } => hold_of(hold).map(|_| format!("hold {hold} was live")),
            Rejection::HoldExpired { hold } => {
                (hold_of(hold).is_some() || !placed(hold)).then(|| format!("hold {hold} had not ended, or was never placed"))
            }
            Rejection::HoldInOrder { hold, order } => {
                let there = hold_of(hold).is_some_and(|row| row.order == Some(*order));
                (!there).then(|| format!("hold {hold} was not in order {}", order_code(*order)))
            }
            _ => None,
        };
        self.check(untrue.is_none(), Rule::FalseRefusal, || untrue.unwrap_or_default());
    }

    /// Moves everything that the items claim from hand to hand; nobody's hand is `None`.
    pub(crate) fn hand_over(&mut self, show: ShowId, items: &[HoldItem], from: Option<Hand>, to: Option<Hand>) {
        let Some(Show(definition, ..)) = self.shows.get(&show) else { return };
        let definition = Arc::clone(definition);
        for item in items {
            let seats = if let Claim::Seats(seats) = &item.claim { seats.as_slice() } else { &[] };
            for seat in seats {
                let owner = self.seats.get(&(show, *seat)).copied();
                if owner != from && to.is_some() {
                    let name = |hand: Option<Hand>| hand.map_or_else(|| "nobody".to_owned(), |hand| hand.to_string());
                    let what = format!("{} belongs to {} and was given to {}", self.label(show, *seat), name(owner), name(to));
                    self.found(Rule::SeatInTwoHands, what);
                }
                match to {
                    Some(hand) => drop(self.seats.insert((show, *seat), hand)),
                    None if owner == from => drop(self.seats.remove(&(show, *seat))),
                    None => {}
                }
            }
            for quota in definition.products.get(usize::from(item.product)).map_or(&[][..], |product| &product.quotas) {
                let (held, booked) = self.quotas.entry((show, *quota)).or_default();
                for (hand, way) in [(from, false), (to, true)] {
                    let sum = if let Some(Hand::Order(_)) = hand { &mut *booked } else { &mut *held };
                    let quantity = if hand.is_some() { u64::from(item.claim.quantity()) } else { 0 };
                    *sum = if way { *sum + quantity } else { sum.saturating_sub(quantity) };
                }
                let sum = self.sum(show, *quota);
                let within = sum.held + sum.booked <= sum.size || from.is_some();
                let what = || {
                    format!("quota \"{}\" of \"{}\": {} held, {} sold, size {}", sum.name, definition.name, sum.held, sum.booked, sum.size)
                };
                self.check(within, Rule::QuotaOversold, what);
            }
        }
    }

    fn live(&mut self, hold: HoldId) -> Option<Hold> {
        let row = self.holds.get(&hold).cloned();
        let rule =
            if hold.sequence() > self.ids.get("hold").copied().unwrap_or_default() { Rule::UnknownHold } else { Rule::HoldEndedTwice };
        self.check(row.is_some(), rule, || format!("hold {hold}"));
        row
    }

    pub(crate) fn end(&mut self, hold: HoldId, to: Option<Hand>) -> Option<Hold> {
        let row = self.live(hold)?;
        self.holds.remove(&hold);
        self.ends.remove(&(row.expires_at_unix_ms, hold));
        self.hand_over(row.show, &row.items, Some(Hand::Hold(hold)), to);
        Some(row)
    }

    fn move_end(&mut self, hold: HoldId, to_unix_ms: u64) {
        if let Some(row) = self.holds.get_mut(&hold) {
            self.ends.remove(&(row.expires_at_unix_ms, hold));
            row.expires_at_unix_ms = to_unix_ms;
            self.ends.insert((to_unix_ms, hold));
        }
    }

    /// Numbers only go up, so a number given out twice is one that is not above the last.
    pub(crate) fn fresh(&mut self, kind: &'static str, partition: u16, first: u64, many: u64) {
        let last = self.ids.insert(kind, (first + many).saturating_sub(1)).unwrap_or_default();
        self.check(first > last, Rule::DuplicateId, || format!("{kind} number {first} came after number {last}"));
        let here = self.report.partition;
        self.check(partition == here, Rule::ForeignId, || format!("{kind} number {first} is of partition {partition}, this is {here}"));
    }

    fn price(&self, show: ShowId, item: &HoldItem) -> i128 {
        let product = self.shows.get(&show).and_then(|show| show.0.products.get(usize::from(item.product)));
        product.map_or(0, |product| i128::from(product.price_minor) * i128::from(item.claim.quantity()))
    }

    fn sum(&self, show: ShowId, quota: u16) -> QuotaSum {
        let (held, booked) = self.quotas.get(&(show, quota)).copied().unwrap_or_default();
        let row = self.shows.get(&show).and_then(|show| show.0.quotas.get(usize::from(quota)));
        QuotaSum { name: row.map(|row| row.name.clone()).unwrap_or_default(), size: row.map_or(0, |row| row.size.into()), held, booked }
    }

    fn label(&self, show: ShowId, seat: u32) -> String {
        match self.shows.get(&show) {
            Some(Show(definition, plan, _)) if (seat as usize) < plan.seats.len() => {
                format!("seat {} of \"{}\"", plan.seat_label(seat), definition.name)
            }
            _ => format!("seat number {seat} of show {show}"),
        }
    }

    pub(crate) fn check(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds {
            self.found(rule, what());
        }
    }

    pub(crate) fn found(&mut self, rule: Rule, what: String) {
        self.report.findings_total += 1;
        self.report.oversold += u64::from(matches!(rule, Rule::SeatInTwoHands | Rule::QuotaOversold));
        self.report.false_refusals += u64::from(rule == Rule::FalseRefusal);
        if self.report.findings.len() < FINDINGS_KEPT_MAX {
            self.report.findings.push(Finding { offset: self.offset, rule, what });
        }
    }

    /// What has come out so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        for (id, Show(definition, plan, _)) in &self.shows {
            let quotas = (0_u16..).zip(&definition.quotas).map(|(quota, _)| self.sum(*id, quota)).collect();
            let (name, seats) = (definition.name.clone(), plan.seats.len() as u64);
            report.shows.insert(*id, ShowCounts { name, seats, quotas, ..ShowCounts::default() });
        }
        for ((show, _), hand) in &self.seats {
            let Some(counts) = report.shows.get_mut(show) else { continue };
            match hand {
                Hand::Hold(_) => counts.seats_held += 1,
                Hand::Order(_) => counts.seats_booked += 1,
            }
        }
        self.count_orders(&mut report.orders);
        report
    }

    /// The result.
    #[must_use]
    pub fn finish(self) -> Report {
        self.report()
    }
}

/// Whether the item is something that its product sells.
fn sells(definition: &ShowDefinition, plan: &SeatingPlan, item: &HoldItem) -> bool {
    let Some(product) = definition.products.get(usize::from(item.product)) else { return false };
    match (&item.claim, &product.admits) {
        (Claim::Seats(seats), Admits::Seats { categories }) => {
            let fits = |seat: &u32| plan.seats.get(*seat as usize).is_some_and(|seat| categories.contains(&seat.category));
            seats.iter().all(fits)
        }
        (Claim::Quantity(_), Admits::Quantity) => true,
        _ => false,
    }
}
