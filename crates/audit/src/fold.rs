//! The fold: every record in journal order, checked against a map from seat to holder and a sum per quota. Everything that can be
//! counted twice is counted here in the dullest way there is, because the engine counts it in a fast one.
//!
//! Must never be true: a seat in two hands, a quota above its size, a hold that outlives its time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use guichet_domain::hold::{BuyerRef, Claim, HoldItem};
use guichet_domain::order::order_code;
use guichet_domain::record::KeyHash;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};
use guichet_domain::{Event, HoldId, OrderId, Record, SagaId, ShowId, TicketId};

use crate::catalogue::Catalogue;
use crate::door::Passage;
use crate::money::Order;
use crate::report::{FINDINGS_KEPT_MAX, Finding, QuotaSum, Report, Rule};
use crate::saga::Saga;

/// No key is forgotten sooner than this after its record, in milliseconds of logged time.
const KEY_KEPT_MS_MIN: u64 = 24 * 60 * 60 * 1_000;

/// What it is, its plan, its sale, and which of its seats are in a hand.
pub(crate) struct Show(pub(crate) Arc<ShowDefinition>, pub(crate) Arc<SeatingPlan>, pub(crate) SaleState, pub(crate) Vec<bool>);

/// What a hold claims, or what one of an order's holds bought.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) show: ShowId,
    pub(crate) items: Arc<[HoldItem]>,
    pub(crate) buyer: Option<BuyerRef>,
}

#[derive(Clone)]
pub(crate) struct Hold {
    pub(crate) line: Line,
    pub(crate) expires_at_unix_ms: u64,
    pub(crate) order: Option<OrderId>,
}

/// Whose a seat is; a free seat is nobody's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    Hold(HoldId),
    Order(OrderId),
    /// The operator's, who took it from sale.
    Blocked,
}

impl fmt::Display for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(hold) => write!(f, "hold {hold}"),
            Self::Order(order) => write!(f, "order {}", order_code(*order)),
            Self::Blocked => write!(f, "the operator, blocked"),
        }
    }
}

/// An audit of one partition's journal, from its first record on.
#[derive(Default)]
pub struct Audit {
    pub(crate) report: Report,
    offset: u64,
    pub(crate) stamp_unix_ms: u64,
    pub(crate) ids: HashMap<&'static str, u64>,
    keys: HashMap<KeyHash, u64>,
    pub(crate) catalogue: Catalogue,
    pub(crate) shows: BTreeMap<ShowId, Show>,
    pub(crate) seats: HashMap<(ShowId, u32), Hand>,
    quotas: HashMap<(ShowId, u16), (u64, u64)>,
    /// Places that each buyer holds and owns, and how many buyers have so many; of shows with a limit only.
    pub(crate) buyers: HashMap<(ShowId, BuyerRef), u64>,
    pub(crate) buyers_with: HashMap<(ShowId, u64), u64>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    ends: BTreeSet<(u64, HoldId)>,
    /// When parts that are not decided ask for their homes.
    pub(crate) due: BTreeSet<(u64, OrderId)>,
    /// The part that each saga elsewhere has here, and until when it may have none.
    pub(crate) parts: BTreeMap<SagaId, OrderId>,
    pub(crate) barred: BTreeMap<SagaId, u64>,
    /// Until when a home may be told that its part was released.
    pub(crate) released: BTreeMap<OrderId, u64>,
    pub(crate) orders: BTreeMap<OrderId, Order>,
    pub(crate) sagas: BTreeMap<SagaId, Saga>,
    /// The order of each run of tickets, by the number of its first one.
    pub(crate) tickets: BTreeMap<u64, OrderId>,
    pub(crate) passages: HashMap<TicketId, Vec<Passage>>,
    /// Orders of this record whose books must balance at its end.
    pub(crate) unsettled: BTreeSet<OrderId>,
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
        self.parts_past_their_time(record);
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
        self.settle();
    }

    fn event(&mut self, event: &Event) {
        let here = self.report.partition;
        match event {
            Event::VenueRegistered { .. }
            | Event::ShowCreated { .. }
            | Event::ApiKeyCreated { .. }
            | Event::ApiKeyRotated { .. }
            | Event::ApiKeysUsed { .. }
            | Event::ApiKeyRevoked { .. }
            | Event::OrganiserCreated { .. }
            | Event::VenueOwned { .. }
            | Event::ShowOwned { .. } => self.catalogue_event(event),
            Event::ShowAdopted { definition, plan } => {
                let show = definition.id;
                self.check(show.partition() == here, Rule::ForeignId, || format!("show \"{}\"", definition.name));
                let gone = vec![false; plan.seats.len()];
                let row = Show(Arc::clone(definition), Arc::clone(plan), SaleState::Draft, gone);
                let twice = self.shows.insert(show, row).is_some();
                self.check(!twice, Rule::DuplicateId, || format!("show \"{}\"", definition.name));
            }
            Event::SaleStateChanged { show, state } => match self.shows.get_mut(show) {
                Some(show) => show.2 = *state,
                None => self.found(Rule::UnknownShow, format!("show {show}")),
            },
            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, buyer_ref } => {
                self.fresh("hold", hold.partition(), hold.sequence(), 1);
                let line = Line { show: *show, items: Arc::clone(items), buyer: *buyer_ref };
                if !self.sale_rules(*hold, &line) {
                    return;
                }
                self.hand_over(&line, None, Some(Hand::Hold(*hold)));
                self.group_rules(*show, items);
                self.ends.insert((*expires_at_unix_ms, *hold));
                self.holds.insert(*hold, Hold { line, expires_at_unix_ms: *expires_at_unix_ms, order: None });
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
                // A part lets go of all that it has at once: that is checked when the record is read.
                let part = self.pinned_by(&row);
                self.unsettled.extend(part);
                let right = part.is_some() || row.order.is_none_or(undoing);
                self.check(right, Rule::HoldTakenFromOrder, || format!("hold {hold} was released"));
                self.report.holds.released += 1;
            }
            Event::HoldExpired { hold } => {
                let Some(row) = self.end(*hold, None) else { return };
                let (at, now) = (row.expires_at_unix_ms, self.stamp_unix_ms);
                self.check(self.pinned_by(&row).is_none(), Rule::PinnedHoldExpired, || format!("hold {hold}"));
                self.check(at <= now, Rule::ExpiredEarly, || format!("hold {hold} at {now} ms, it lives until {at} ms"));
                self.report.holds.expired += 1;
            }
            Event::PlanRevised { show, plan, .. } => self.plan_revised(*show, plan),
            Event::SeatsBlocked { show, seats, .. } => self.move_seats(*show, seats, None, Some(Hand::Blocked)),
            Event::SeatsUnblocked { show, seats } => {
                let free = seats.iter().find(|seat| !self.is_blocked(*show, **seat));
                let what = free.map(|seat| self.label(*show, *seat)).unwrap_or_default();
                self.check(free.is_none(), Rule::SeatWasNotBlocked, || what);
                self.move_seats(*show, seats, Some(Hand::Blocked), None);
            }
            Event::ReopenGraceGranted { until_unix_ms } => {
                let short: Vec<_> = self.ends.range(..(*until_unix_ms, HoldId::from_bits(0))).map(|(_, hold)| *hold).collect();
                short.into_iter().for_each(|hold| self.move_end(hold, *until_unix_ms));
            }
            Event::OrderPlaced { .. } => self.order_placed(event),
            Event::PartPlaced { .. } => self.part_placed(event),
            Event::PartBarred { home, saga, until_unix_ms } => self.part_barred(*home, *saga, *until_unix_ms),
            Event::SeatsBooked { order, .. }
            | Event::BookingReversed { order }
            | Event::PaymentAuthorised { order, .. }
            | Event::PaymentDeclined { order }
            | Event::PaymentUnknown { order }
            | Event::PaymentCaptured { order }
            | Event::PaymentVoided { order }
            | Event::PaymentRefunded { order, .. }
            | Event::TicketsIssued { order, .. }
            | Event::OrderConfirmed { order }
            | Event::OrderCancelled { order, .. }
            | Event::OrderStuck { order }
            | Event::CancelRequested { order, .. }
            | Event::PositionsCancelled { order, .. }
            | Event::RefundStarted { order, .. }
            | Event::PaymentArrivedLate { order, .. }
            | Event::LatePolicyChosen { order, .. }
            | Event::OrderReinstated { order, .. }
            | Event::TicketCheckedIn { order, .. }
            | Event::PartsWanted { order, .. }
            | Event::PartsReserved { order, .. }
            | Event::PartsCancelled { order, .. }
            | Event::PartRefundTaken { order, .. }
            | Event::PartOverdue { order, .. }
            | Event::RefundHandedOver { order, .. } => self.follow_order(*order, event),
            Event::SagaStarted { saga, definition, order } => self.saga_started(*saga, *definition, *order),
            Event::EffectIntended { saga, .. }
            | Event::StepDone { saga, .. }
            | Event::StepFailed { saga, .. }
            | Event::RetryScheduled { saga, .. }
            | Event::SagaStuck { saga, .. }
            | Event::SagaResumed { saga, .. }
            | Event::SagaCompleted { saga }
            | Event::SagaCompensated { saga } => self.follow_saga(*saga, event),
        }
    }

    /// Moves everything that a line claims from hand to hand; nobody's hand is `None`.
    pub(crate) fn hand_over(&mut self, line: &Line, from: Option<Hand>, to: Option<Hand>) {
        let Some(Show(definition, ..)) = self.shows.get(&line.show) else { return };
        let definition = Arc::clone(definition);
        for item in line.items.iter() {
            if let Claim::Seats(seats) = &item.claim {
                self.move_seats(line.show, seats, from, to);
            }
            for quota in definition.products.get(usize::from(item.product)).map_or(&[][..], |product| &product.quotas) {
                let (held, booked) = self.quotas.entry((line.show, *quota)).or_default();
                for (hand, way) in [(from, false), (to, true)] {
                    let sum = if let Some(Hand::Order(_)) = hand { &mut *booked } else { &mut *held };
                    let quantity = if hand.is_some() { u64::from(item.claim.quantity()) } else { 0 };
                    *sum = if way { *sum + quantity } else { sum.saturating_sub(quantity) };
                }
                let sum = self.sum(line.show, *quota);
                let within = sum.held + sum.booked <= sum.size || from.is_some();
                let what = || {
                    format!("quota \"{}\" of \"{}\": {} held, {} sold, size {}", sum.name, definition.name, sum.held, sum.booked, sum.size)
                };
                self.check(within, Rule::QuotaOversold, what);
            }
        }
        self.count_buyer(line, from.is_some(), to.is_some());
    }

    fn move_seats(&mut self, show: ShowId, seats: &[u32], from: Option<Hand>, to: Option<Hand>) {
        self.check(self.shows.contains_key(&show), Rule::UnknownShow, || format!("show {show}"));
        for seat in seats {
            let owner = self.seats.get(&(show, *seat)).copied();
            if owner != from && to.is_some() {
                let name = |hand: Option<Hand>| hand.map_or_else(|| "nobody".to_owned(), |hand| hand.to_string());
                let what = format!("{} belongs to {} and was given to {}", self.label(show, *seat), name(owner), name(to));
                self.found(Rule::SeatInTwoHands, what);
            }
            if to.is_some() || owner == from {
                self.give_to(show, *seat, to);
            }
        }
    }

    /// Notes whose a seat is; nobody's hand is `None`.
    pub(crate) fn give_to(&mut self, show: ShowId, seat: u32, hand: Option<Hand>) {
        match hand {
            Some(hand) => drop(self.seats.insert((show, seat), hand)),
            None => drop(self.seats.remove(&(show, seat))),
        }
        if let Some(gone) = self.shows.get_mut(&show).and_then(|show| show.3.get_mut(seat as usize)) {
            *gone = hand.is_some();
        }
    }

    pub(crate) fn live(&mut self, hold: HoldId) -> Option<Hold> {
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
        self.hand_over(&row.line, Some(Hand::Hold(hold)), to);
        Some(row)
    }

    pub(crate) fn move_end(&mut self, hold: HoldId, to_unix_ms: u64) {
        if let Some(row) = self.holds.get_mut(&hold) {
            self.ends.remove(&(row.expires_at_unix_ms, hold));
            row.expires_at_unix_ms = to_unix_ms;
            self.ends.insert((to_unix_ms, hold));
        }
    }

    /// Takes a hold over: it ends with its order, or only when that is told to end.
    pub(crate) fn pin(&mut self, hold: HoldId, order: OrderId, until_unix_ms: Option<u64>) {
        let Some(row) = self.holds.get_mut(&hold) else { return };
        row.order = Some(order);
        let at = row.expires_at_unix_ms;
        match until_unix_ms {
            Some(until) => self.move_end(hold, until),
            None => drop(self.ends.remove(&(at, hold))),
        }
    }

    /// Numbers only go up, so a number given out twice is one that is not above the last.
    pub(crate) fn fresh(&mut self, kind: &'static str, partition: u16, first: u64, many: u64) {
        let last = self.ids.insert(kind, (first + many).saturating_sub(1)).unwrap_or_default();
        self.check(first > last, Rule::DuplicateId, || format!("{kind} number {first} came after number {last}"));
        let here = self.report.partition;
        self.check(partition == here, Rule::ForeignId, || format!("{kind} number {first} is of partition {partition}, this is {here}"));
    }

    pub(crate) fn sum(&self, show: ShowId, quota: u16) -> QuotaSum {
        let (held, booked) = self.quotas.get(&(show, quota)).copied().unwrap_or_default();
        let row = self.shows.get(&show).and_then(|show| show.0.quotas.get(usize::from(quota)));
        QuotaSum { name: row.map(|row| row.name.clone()).unwrap_or_default(), size: row.map_or(0, |row| row.size.into()), held, booked }
    }

    pub(crate) fn label(&self, show: ShowId, seat: u32) -> String {
        match self.shows.get(&show) {
            Some(Show(definition, plan, ..)) if (seat as usize) < plan.seats.len() => {
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
}
