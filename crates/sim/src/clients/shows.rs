//! The shows of a simulated world: what they sell, when, to whom how much of it, and what becomes of late money.

use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::show::{
    Admits, CancellationFee, CheckInList, LatePayment, Orphans, Product, Quota, SaleWindow, SeatingRules, ShowDefinition,
};
use guichet_domain::{ShowId, VenueId};

use crate::clock::START_UNIX_US;
use crate::plan::Plan;
use crate::rng::{MILLION, Rng};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// A show: stalls that draw on the house quota, boxes that draw on nothing, standing places that draw on two quotas, and a programme
/// that costs nothing.
pub(super) fn draft(rng: &mut Rng, world: &Plan, number: usize, seats: usize) -> ShowDefinition {
    let mut quota = |name: &str, low, high| Quota { name: name.into(), size: u32::try_from(rng.between(low, high)).unwrap_or(1) };
    let house = quota("house", 5, seats as u64 + 40);
    let yard = quota("yard", 3, 60);
    let id = IdParts { partition: 0, incarnation: 0, created_at_unix_ms: 0, sequence: 0 };
    let starts_at_unix_ms = START_UNIX_US / 1_000 + rng.spread(MINUTE_MS, 30 * 24 * HOUR_MS);
    ShowDefinition {
        id: ShowId::new(id),
        venue: VenueId::new(id),
        name: format!("show {number}"),
        starts_at_unix_ms: Some(starts_at_unix_ms),
        currency: Currency::from_code("EUR").unwrap_or_else(|| unreachable!("three capital letters")),
        products: products(rng, world),
        quotas: vec![house, yard],
        order_deadline_ms: if rng.chance(MILLION / 2) { rng.spread(1_000, 60_000) } else { rng.spread(60_000, 3_600_000) },
        transfer_deadline_ms: rng.spread(10_000, 48 * HOUR_MS),
        window: window(rng, world, 6),
        per_buyer_max: rng.one_of(4).then(|| u32::try_from(rng.spread(4, 60)).unwrap_or(4)),
        late_payment: late_payment(rng),
        cancellation_fees: fees(rng),
        check_in_lists: lists(rng),
        seating: SeatingRules {
            orphans: [Orphans::Off, Orphans::Prefer, Orphans::Forbid][rng.index(3)],
            accessible_released_before_start_ms: rng.one_of(4).then(|| rng.spread(MINUTE_MS, 30 * 24 * HOUR_MS)),
            accessible_released_when_sold_out: rng.one_of(3),
        },
    }
}

/// What a show does about late money, or an operator for once.
pub(super) fn late_payment(rng: &mut Rng) -> LatePayment {
    [LatePayment::SameSeat, LatePayment::EquivalentSeat, LatePayment::Refund][rng.index(3)]
}

fn products(rng: &mut Rng, world: &Plan) -> Vec<Product> {
    let rows = [
        ("stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![0]),
        ("box", 9_000, Admits::Seats { categories: vec![1, 0] }, vec![]),
        ("standing", 900, Admits::Quantity, vec![0, 1]),
        ("programme", 0, Admits::Quantity, vec![1]),
    ];
    let product = |(name, price_minor, admits, quotas): (&str, i64, Admits, Vec<u16>)| Product {
        name: name.into(),
        price_minor,
        admits,
        quotas,
        window: window(rng, world, 16),
    };
    rows.into_iter().map(product).collect()
}

/// Mostly without an end. What has one opens and closes while the buyers are about, at their pace.
fn window(rng: &mut Rng, world: &Plan, one_in: u64) -> SaleWindow {
    if !rng.one_of(one_in) {
        return SaleWindow::default();
    }
    let (start, pace_ms) = (START_UNIX_US / 1_000, world.habits.think_us / 1_000 + 1);
    let opens = start + rng.below(4 * pace_ms);
    SaleWindow {
        opens_at_unix_ms: rng.one_of(2).then_some(opens),
        closes_at_unix_ms: rng.one_of(2).then_some(opens + pace_ms * rng.between(8, 80)),
    }
}

fn fees(rng: &mut Rng) -> Vec<CancellationFee> {
    let mut fee = |within_ms| CancellationFee {
        within_ms,
        price_bp: u16::try_from(rng.below(10_001)).unwrap_or(0),
        fixed_minor: i64::try_from(rng.below(1_000)).unwrap_or(0),
    };
    let fees = vec![fee(30 * 24 * HOUR_MS), fee(24 * HOUR_MS), fee(10 * MINUTE_MS)];
    fees.into_iter().take(rng.index(4)).collect()
}

fn lists(rng: &mut Rng) -> Vec<CheckInList> {
    let list = |name: &str, products| CheckInList { name: name.into(), products };
    let lists = vec![list("door", vec![]), list("boxes", vec![1]), list("yard", vec![2, 3])];
    lists.into_iter().take(1 + rng.index(3)).collect()
}
