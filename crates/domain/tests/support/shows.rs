//! The shows that the tests sell.

use guichet_domain::ShowId;
use guichet_domain::VenueId;
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::seating::{Area, Category, Point, Row, Seat, SeatingPlan, Section};
use guichet_domain::show::{Admits, CancellationFee, CheckInList, LatePayment, Product, Quota, SaleWindow, SeatingRules, ShowDefinition};

use super::{DEADLINE_MS, HOUR_MS, PARTITION, START_MS, TRANSFER_MS};

pub(crate) const STALLS: u16 = 0;
pub(crate) const BOX: u16 = 1;
pub(crate) const STANDING: u16 = 2;
/// Of show 3, for nothing.
pub(crate) const GUEST: u16 = 3;
/// Quota of shows 1 and 3 that stalls and standing draw on together.
pub(crate) const HOUSE: u16 = 0;
/// Most places of one buyer, where a busy show has such a limit.
pub(crate) const LIMIT: u32 = 3;
/// How many shows a busy partition sells.
pub(crate) const BUSY_SHOWS: u64 = 4;

/// Shows 1 and 3 have seats 0 to 3 in the stalls, 4 and 5 in a box, and standing places; 2 and 4 have standing places only, as
/// product 0. Show 3 has guests besides.
pub(crate) fn show(number: u64) -> ShowId {
    ShowId::new(IdParts { partition: PARTITION, incarnation: 0, created_at_unix_ms: START_MS, sequence: number })
}

pub(crate) fn plan() -> SeatingPlan {
    plan_of(&[(6, 4)])
}

/// Rows of so many seats, of which the first so many are stalls and the others boxes.
pub(crate) fn plan_of(rows: &[(u32, u32)]) -> SeatingPlan {
    let seat = |label: u32, boxed: bool| Seat {
        label: label.to_string().into(),
        position: Point { x: 0.0, y: 0.0 },
        category: u16::from(boxed),
        ..Seat::default()
    };
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    let mut plan = SeatingPlan {
        name: "Globe".into(),
        categories: vec![category("stalls"), category("box")],
        sections: vec![Section { label: "A".into(), zone: None, entrance: None }],
        areas: vec![Area { label: "yard".into(), capacity: 100, ..Area::default() }],
        ..SeatingPlan::default()
    };
    for (number, (seat_count, stalls)) in (1..).zip(rows.iter().copied()) {
        let row = Row { label: u32::to_string(&number), section: Some(0), ..Row::default() };
        plan.push_row(row, (0..seat_count).map(|index| seat(index + 1, index >= stalls)));
    }
    plan
}

pub(crate) fn product(name: &str, price_minor: i64, admits: Admits, quotas: Vec<u16>) -> Product {
    Product { name: name.into(), price_minor, admits, quotas, window: SaleWindow::default() }
}

fn quota(name: &str, size: u32) -> Quota {
    Quota { name: name.into(), size }
}

pub(crate) fn list(name: &str, products: &[u16]) -> CheckInList {
    CheckInList { name: name.into(), products: products.to_vec() }
}

/// A show as plain as it can be.
pub(crate) fn definition(number: u64) -> ShowDefinition {
    let seated = number % 2 == 1;
    let (mut products, mut quotas) = if seated {
        let products = vec![
            product("stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![HOUSE]),
            product("box", 9_000, Admits::Seats { categories: vec![1] }, vec![]),
            product("standing", 900, Admits::Quantity, vec![HOUSE, 1]),
        ];
        (products, vec![quota("house", 8), quota("yard", 6)])
    } else {
        (vec![product("standing", 500, Admits::Quantity, vec![0])], vec![quota("all", 5)])
    };
    if number == 3 {
        products.push(product("guest", 0, Admits::Quantity, vec![2]));
        quotas.push(quota("guests", 4));
    }
    ShowDefinition {
        id: show(number),
        venue: VenueId::new(IdParts { partition: 0, incarnation: 0, created_at_unix_ms: START_MS, sequence: 1 }),
        name: format!("show {number}"),
        starts_at_unix_ms: None,
        currency: Currency::from_code("EUR").unwrap(),
        products,
        quotas,
        order_deadline_ms: DEADLINE_MS,
        transfer_deadline_ms: TRANSFER_MS,
        window: SaleWindow::default(),
        per_buyer_max: None,
        late_payment: LatePayment::SameSeat,
        cancellation_fees: Vec::new(),
        check_in_lists: vec![list("door", &[])],
        seating: SeatingRules::default(),
    }
}

/// A show that has every rule that a show can have, spread over four of them.
pub(crate) fn busy_definition(number: u64) -> ShowDefinition {
    let fee = |within_ms, price_bp, fixed_minor| CancellationFee { within_ms, price_bp, fixed_minor };
    let plain = definition(number);
    match number {
        1 => ShowDefinition {
            starts_at_unix_ms: Some(START_MS + 96 * HOUR_MS),
            cancellation_fees: vec![fee(200 * HOUR_MS, 333, 0), fee(24 * HOUR_MS, 10_000, 0), fee(95 * HOUR_MS, 2_500, 70)],
            check_in_lists: vec![list("door", &[]), list("boxes", &[BOX])],
            ..plain
        },
        2 => ShowDefinition { per_buyer_max: Some(LIMIT), late_payment: LatePayment::Refund, ..plain },
        3 => {
            let mut products = plain.products;
            products[usize::from(BOX)].window = SaleWindow { opens_at_unix_ms: None, closes_at_unix_ms: Some(START_MS + HOUR_MS) };
            ShowDefinition { products, late_payment: LatePayment::EquivalentSeat, ..plain }
        }
        _ => ShowDefinition {
            currency: Currency::from_code("CHF").unwrap(),
            window: SaleWindow { opens_at_unix_ms: Some(START_MS + 60_000), closes_at_unix_ms: Some(START_MS + 48 * HOUR_MS) },
            per_buyer_max: Some(LIMIT + 1),
            ..plain
        },
    }
}
