//! A buyer: holds, extends, releases, orders and cancels, in time or late, sometimes senselessly.

use std::sync::Arc;

use guichet_domain::across::PartRequest;
use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::commands::{ExtendHold, PaymentTerms, PlaceHold, PlaceOrder, ReleaseHold};
use guichet_domain::hold::{BuyerRef, Claim, HoldItem};
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection};

use super::{Listed, MANUAL, Public, SIMULATED, View, cancellations};
use crate::plan::Habits;
use crate::rng::Rng;

/// Holds that a buyer remembers; the oldest are the ones to act late on.
const HOLDS_MAX: usize = 6;
/// Orders of its own that a buyer remembers.
const ORDERS_MAX: usize = 4;

/// Means of payment: every kind that the simulated provider knows, most of them good.
const TOKENS: &[&str] = &[
    "approve",
    "approve",
    "approve",
    "approve",
    "approve",
    "decline",
    "decline:lost_card",
    "slow:300",
    "slow:4000",
    "slow:30000",
    "timeout",
    "timeout",
    "timeout_declined",
    "nonsense",
    "outage:1",
    "outage:5",
    "flapping",
    "flapping",
    "callback",
    "callback",
    "duplicate",
    "duplicate",
    "late:500",
    "late:40000",
    "late:4000000",
    "late:80000000",
];

/// What a buyer knows.
pub(crate) struct Buyer {
    /// What shows with a limit count by.
    buyer_ref: BuyerRef,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
}

impl Buyer {
    pub(crate) fn new(number: u8) -> Self {
        Self { buyer_ref: [number; 16], holds: Vec::new(), orders: Vec::new() }
    }

    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let public = view.public;
        let listed = rng.pick(&public.shows)?;
        let nonsense = rng.chance(habits.nonsense);
        if rng.below(100) < 8
            && let Some(order) = rng.pick(&self.orders).and_then(|order| view.order(*order))
        {
            return Some((order.id.partition(), cancellations::wish(rng, order, CancelReason::ByBuyer, nonsense)));
        }
        if self.holds.is_empty() || rng.below(100) < 40 {
            let mut hold = hold(rng, habits, listed, nonsense);
            let names_itself = listed.definition.per_buyer_max.map_or(rng.one_of(2), |_| !nonsense);
            hold.buyer_ref = names_itself.then_some(self.buyer_ref);
            return Some((listed.definition.id.partition(), Command::PlaceHold(hold)));
        }
        let mut hold = *rng.pick(&self.holds)?;
        if let Some(overheard) = public.overheard
            && (nonsense || rng.one_of(50))
        {
            hold = overheard;
        }
        let command = match rng.below(10) {
            0 | 1 => Command::ExtendHold(ExtendHold { hold, ttl_ms: ttl_ms(rng, habits, nonsense) }),
            2 | 3 => Command::ReleaseHold(ReleaseHold { hold }),
            4 => return None,
            _ => Command::PlaceOrder(self.order(rng, habits, hold, view, nonsense)),
        };
        // Now and then at the wrong door.
        let partition = if nonsense && rng.one_of(4) { listed.definition.id.partition() } else { hold.partition() };
        Some((partition, command))
    }

    fn order(&self, rng: &mut Rng, habits: &Habits, first: HoldId, view: &View<'_>, nonsense: bool) -> PlaceOrder {
        let mut holds = vec![first];
        for hold in &self.holds {
            if *hold != first && hold.partition() == first.partition() && rng.one_of(2) {
                holds.push(*hold);
            }
        }
        let strange = nonsense && rng.one_of(2);
        let parts = self.parts(rng, first.partition(), view, strange);
        if nonsense {
            match rng.below(3) {
                0 => holds.push(first),
                1 => holds.clear(),
                _ => {}
            }
        }
        let by_hand = rng.below(100) < habits.by_hand;
        let provider = match (nonsense && rng.one_of(3), by_hand) {
            (true, _) => "nobody",
            (false, true) => MANUAL,
            (false, false) => SIMULATED,
        };
        let token = if by_hand { "" } else { rng.pick(TOKENS).copied().unwrap_or("approve") };
        let terms = if by_hand { PaymentTerms::Transfer } else { PaymentTerms::Prompt };
        let buyer = rng.one_of(2).then_some([7; 16]);
        PlaceOrder { holds, parts, payment: PaymentRequest { provider: provider.into(), token: token.into() }, terms, buyer }
    }

    /// What else it orders, in other partitions.
    fn parts(&self, rng: &mut Rng, home: u16, view: &View<'_>, nonsense: bool) -> Vec<PartRequest> {
        let mut parts: Vec<PartRequest> = Vec::new();
        for hold in self.holds.iter().filter(|hold| hold.partition() != home) {
            if rng.one_of(3) {
                continue;
            }
            let Some((total_minor, currency)) = view.price(*hold) else { continue };
            match parts.iter_mut().find(|part| part.partition == hold.partition()) {
                Some(part) => {
                    part.holds.push(*hold);
                    part.total_minor += total_minor;
                }
                None => parts.push(PartRequest { partition: hold.partition(), holds: vec![*hold], total_minor, currency }),
            }
        }
        if nonsense && let Some(part) = parts.first_mut() {
            match rng.below(6) {
                0 => part.total_minor += 1,
                1 => part.total_minor = -1,
                2 => part.holds.clear(),
                3 => part.partition = home,
                4 => part.currency = Currency::from_code("CHF").unwrap_or(part.currency),
                _ => part.holds.extend_from_within(..1),
            }
        }
        parts
    }

    pub(super) fn learn(&mut self, record: &Record, public: &mut Public) {
        for event in record.events() {
            match event {
                Event::HoldPlaced { hold, .. } => {
                    if self.holds.len() == HOLDS_MAX {
                        self.holds.remove(0);
                    }
                    if !self.holds.contains(hold) {
                        self.holds.push(*hold);
                    }
                    public.overheard = Some(*hold);
                }
                Event::HoldReleased { hold } => self.holds.retain(|other| other != hold),
                Event::PartsWanted { parts, .. } => {
                    self.holds.retain(|hold| !parts.iter().any(|part| part.holds.contains(hold)));
                }
                Event::OrderPlaced { order, holds, .. } => {
                    self.holds.retain(|hold| !holds.contains(hold));
                    if self.orders.len() == ORDERS_MAX {
                        self.orders.remove(0);
                    }
                    self.orders.push(*order);
                }
                _ => {}
            }
        }
        if let Record::Refused { rejection: Rejection::HoldExpired { hold } | Rejection::HoldInOrder { hold, .. }, .. } = record {
            self.holds.retain(|other| other != hold);
        }
    }
}

fn ttl_ms(rng: &mut Rng, habits: &Habits, nonsense: bool) -> u64 {
    if nonsense && rng.one_of(3) { [0, 999, 3_600_001][rng.index(3)] } else { rng.spread(1_000, habits.ttl_ms_max) }
}

fn hold(rng: &mut Rng, habits: &Habits, listed: &Listed, nonsense: bool) -> PlaceHold {
    let seats = listed.plan.seats.len() as u64;
    let best: Vec<BestAvailable> =
        if rng.one_of(3) { (0..1 + rng.index(5) / 4).map(|_| group(rng, nonsense)).collect() } else { Vec::new() };
    let count = if best.is_empty() { 1 + rng.index(3) / 2 + rng.index(4) / 3 } else { rng.index(3) / 2 };
    let mut items: Vec<HoldItem> = Vec::new();
    for _ in 0..count {
        let item = match rng.below(5) {
            0 | 1 => {
                // Everybody wants the seats in front.
                let wish = rng.below(seats);
                let first = wish.min(rng.below(seats));
                let claim: Vec<u32> = (first..seats.min(first + 1 + rng.below(4))).filter_map(|seat| u32::try_from(seat).ok()).collect();
                // Boxes admit to all seats, stalls not to the boxes: that is a mistake that buyers make.
                let product = if nonsense { 0 } else { 1 };
                HoldItem { product, claim: Claim::Seats(claim) }
            }
            2 => {
                let stalls = (0..seats).filter(|seat| seat % 5 != 4).nth(rng.index(usize::try_from(seats).unwrap_or(1) / 2));
                let claim = stalls.into_iter().filter_map(|seat| u32::try_from(seat).ok()).collect();
                HoldItem { product: 0, claim: Claim::Seats(claim) }
            }
            3 => HoldItem { product: 2, claim: Claim::Quantity(u32::try_from(1 + rng.below(6)).unwrap_or(1)) },
            _ => HoldItem { product: 3, claim: Claim::Quantity(u32::try_from(1 + rng.below(3)).unwrap_or(1)) },
        };
        items.push(item);
    }
    if nonsense {
        match rng.below(6) {
            0 => items.clear(),
            1 => items.push(HoldItem { product: 9, claim: Claim::Quantity(1) }),
            2 => items.push(HoldItem { product: 2, claim: Claim::Quantity(100) }),
            3 => items.push(HoldItem { product: 0, claim: Claim::Seats(vec![0, 0]) }),
            4 => items.push(HoldItem { product: 1, claim: Claim::Seats(vec![100_000]) }),
            _ => items.push(HoldItem { product: 2, claim: Claim::Seats(vec![1]) }),
        }
    }
    PlaceHold { show: listed.definition.id, items: Arc::from(items), best, ttl_ms: ttl_ms(rng, habits, nonsense), buyer_ref: None }
}

/// People who leave the choice of seats to the house: friends, a family of two prices, whoever takes stalls or a box.
fn group(rng: &mut Rng, nonsense: bool) -> BestAvailable {
    let people = 1 + u32::try_from(rng.below(6)).unwrap_or(0);
    let all_of = |product| vec![Part { product, quantity: people }];
    let choices = match rng.below(4) {
        0 => vec![all_of(1)],
        1 => vec![all_of(0), all_of(1)],
        2 => vec![vec![Part { product: 0, quantity: 1 }, Part { product: 1, quantity: people }]],
        _ => vec![all_of(0)],
    };
    let mut group = BestAvailable {
        choices,
        accessible: u32::from(rng.one_of(8)),
        categories: if rng.one_of(6) { vec![0] } else { Vec::new() },
        zones: Vec::new(),
        across_aisles: rng.one_of(3),
        split: rng.one_of(3),
    };
    if nonsense {
        match rng.below(5) {
            0 => group.choices = vec![all_of(2)],
            1 => group.choices.push(vec![Part { product: 0, quantity: people + 2 }]),
            2 => group.choices = vec![vec![Part { product: 7, quantity: 1 }]],
            3 => group.accessible = 9,
            _ => group.choices.clear(),
        }
    }
    group
}
