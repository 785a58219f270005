//! A correct journal, made by hand: one show, five holds, an order that is confirmed and one whose deadline passes.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod after;
pub(crate) mod live;

use std::sync::Arc;

use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::id::IdParts;
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::record::{KeyHash, KeyStamp};
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::seating::{Category, Point, Row, Seat, SeatingPlan, Section};
use guichet_domain::show::{Admits, CheckInList, LatePayment, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition};
use guichet_domain::{Event, HoldId, OrderId, Record, Rejection, SagaId, ShowId, TicketId, VenueId};

pub(crate) const PARTITION: u16 = 1;
/// Offsets at which the journal is cut by the tests: the record with that offset is the first one left out.
pub(crate) const ADOPTED: usize = 1;
pub(crate) const FIRST_HOLD: usize = 3;
pub(crate) const THIRD_RELEASED: usize = 7;
pub(crate) const ORDERED: usize = 8;
pub(crate) const BOOKED: usize = 9;
pub(crate) const CAPTURED: usize = 10;
pub(crate) const CONFIRMED: usize = 11;
pub(crate) const DEADLINE_PASSED: usize = 18;

fn parts(partition: u16, sequence: u64) -> IdParts {
    IdParts { partition, incarnation: 0, created_at_unix_ms: 1_000, sequence }
}

pub(crate) fn show(sequence: u64) -> ShowId {
    ShowId::new(parts(PARTITION, sequence))
}

pub(crate) fn hold(sequence: u64) -> HoldId {
    HoldId::new(parts(PARTITION, sequence))
}

pub(crate) fn foreign_hold(sequence: u64) -> HoldId {
    HoldId::new(parts(PARTITION + 1, sequence))
}

pub(crate) fn order(sequence: u64) -> OrderId {
    OrderId::new(parts(PARTITION, sequence))
}

pub(crate) fn saga(sequence: u64) -> SagaId {
    SagaId::new(parts(PARTITION, sequence))
}

pub(crate) fn accepted(events: Vec<Event>) -> Record {
    Record::Accepted { key: None, events }
}

pub(crate) fn refused(rejection: Rejection) -> Record {
    Record::Refused { key: None, rejection }
}

pub(crate) fn key() -> Option<KeyStamp> {
    Some(KeyStamp { key: KeyHash([7; 16]), fingerprint: 1 })
}

pub(crate) fn seats(seats: &[u32]) -> Arc<[HoldItem]> {
    Arc::new([HoldItem { product: 0, claim: Claim::Seats(seats.to_vec()) }])
}

pub(crate) fn standing(quantity: u32) -> Arc<[HoldItem]> {
    Arc::new([HoldItem { product: 1, claim: Claim::Quantity(quantity) }])
}

pub(crate) fn placed(id: HoldId, items: Arc<[HoldItem]>, expires_at_unix_ms: u64) -> Event {
    Event::HoldPlaced { hold: id, show: show(1), items, expires_at_unix_ms, buyer_ref: None }
}

pub(crate) fn ordered(number: u64, hold_number: u64, total_minor: i64, deadline_unix_ms: u64) -> Vec<Event> {
    let (order, saga) = (order(number), saga(number));
    vec![
        Event::OrderPlaced {
            order,
            saga,
            show: show(1),
            holds: vec![hold(hold_number)],
            total_minor,
            payment: payment(),
            deadline_unix_ms,
            buyer: None,
        },
        Event::SagaStarted { saga, definition: SagaRef { kind: 1, version: 1 }, order },
        done(number, 0, Direction::Forward),
        intend(number, 1, Direction::Forward, authorise(number, total_minor)),
    ]
}

pub(crate) fn payment() -> PaymentRequest {
    PaymentRequest { provider: "test".into(), token: "tok".into() }
}

pub(crate) fn done(number: u64, step: u8, direction: Direction) -> Event {
    Event::StepDone { saga: saga(number), step, direction, receipt: None }
}

/// A step whose outcome is known is refused; one that somebody is on is overtaken by the deadline, and undone itself.
pub(crate) fn failed(number: u64, step: u8, undo_below: u8) -> Event {
    let error = if undo_below == step { StepError::Failed("no".into()) } else { StepError::DeadlinePassed };
    Event::StepFailed { saga: saga(number), step, error, undo_below }
}

pub(crate) fn intend(number: u64, step: u8, direction: Direction, effect: Effect) -> Event {
    Event::EffectIntended { saga: saga(number), step, direction, attempt: 0, effect }
}

pub(crate) fn authorise(number: u64, amount_minor: i64) -> Effect {
    Effect::Authorise { order: order(number), amount_minor, currency: Currency::from_code("EUR").unwrap(), payment: payment() }
}

pub(crate) fn capture(number: u64) -> Effect {
    Effect::Capture { order: order(number), provider: "test".into(), authorisation: "a".into() }
}

pub(crate) fn void(number: u64) -> Effect {
    Effect::Void { order: order(number), provider: "test".into(), authorisation: None }
}

pub(crate) fn refund(number: u64, amount_minor: i64) -> Effect {
    Effect::Refund { order: order(number), provider: "test".into(), authorisation: "a".into(), amount_minor }
}

pub(crate) fn issue(number: u64) -> Effect {
    Effect::IssueTickets { order: order(number), first_ticket: ticket(), tickets: 2 }
}

pub(crate) fn ticket() -> TicketId {
    TicketId::new(parts(PARTITION, 1))
}

pub(crate) fn authorised(number: u64) -> Event {
    Event::PaymentAuthorised { order: order(number), authorisation: "a".into() }
}

pub(crate) fn issued(number: u64) -> Event {
    Event::TicketsIssued { order: order(number), key_id: [1; 4] }
}

pub(crate) fn booked(tickets: u32) -> Event {
    Event::SeatsBooked { order: order(1), first_ticket: ticket(), tickets }
}

pub(crate) fn plan() -> SeatingPlan {
    let seat = |label: &str, category| Seat { label: label.into(), position: Point { x: 0.0, y: 0.0 }, category, ..Seat::default() };
    let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
    let mut plan = SeatingPlan {
        name: "Globe".into(),
        categories: vec![category("stalls"), category("box")],
        sections: vec![Section { label: "A".into(), zone: None, entrance: None }],
        ..SeatingPlan::default()
    };
    let seats = [seat("1", 0), seat("2", 0), seat("3", 0), seat("4", 0), seat("5", 1)];
    plan.push_row(Row { label: "1".into(), section: Some(0), ..Row::default() }, seats);
    plan
}

pub(crate) fn product(name: &str, price_minor: i64, admits: Admits, quotas: Vec<u16>) -> Product {
    Product { name: name.into(), price_minor, admits, quotas, window: SaleWindow::default() }
}

/// A show without products and without any rule.
pub(crate) fn definition(number: u64) -> ShowDefinition {
    ShowDefinition {
        id: show(number),
        venue: VenueId::new(parts(0, 1)),
        name: "Hamlet".into(),
        starts_at_unix_ms: None,
        currency: Currency::from_code("EUR").unwrap(),
        products: vec![],
        quotas: vec![Quota { name: "standing".into(), size: 10 }],
        order_deadline_ms: 900_000,
        transfer_deadline_ms: 900_000,
        window: SaleWindow::default(),
        per_buyer_max: None,
        late_payment: LatePayment::SameSeat,
        cancellation_fees: vec![],
        check_in_lists: vec![CheckInList { name: "main".into(), products: vec![] }],
        seating: SeatingRules::default(),
    }
}

pub(crate) fn adopted() -> Event {
    let definition = ShowDefinition {
        products: vec![
            product("Stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![]),
            product("Standing", 900, Admits::Quantity, vec![0]),
        ],
        ..definition(1)
    };
    Event::ShowAdopted { definition: Arc::new(definition), plan: Arc::new(plan()) }
}
/// Stamps and records; nothing is wrong with them.
pub(crate) fn journal() -> Vec<(u64, Record)> {
    use Direction::{Backward, Forward};
    let taken = Rejection::SeatTaken { show: show(1), seats: vec![0, 1] };
    vec![
        (1_000, accepted(vec![adopted()])),
        (1_000, accepted(vec![Event::SaleStateChanged { show: show(1), state: SaleState::Open }])),
        (2_000, Record::Accepted { key: key(), events: vec![placed(hold(1), seats(&[0, 1]), 10_000)] }),
        (2_000, accepted(vec![placed(hold(2), standing(3), 12_000)])),
        (3_000, accepted(vec![Event::HoldExtended { hold: hold(2), expires_at_unix_ms: 13_000 }])),
        (4_000, accepted(vec![placed(hold(3), seats(&[2]), 9_000)])),
        (5_000, accepted(vec![Event::HoldReleased { hold: hold(3) }])),
        (6_000, accepted(ordered(1, 1, 5_000, 60_000))),
        (7_000, accepted(vec![authorised(1), done(1, 1, Forward), booked(2), done(1, 2, Forward), intend(1, 3, Forward, capture(1))])),
        (8_000, accepted(vec![Event::PaymentCaptured { order: order(1) }, done(1, 3, Forward), intend(1, 4, Forward, issue(1))])),
        (
            9_000,
            accepted(vec![
                issued(1),
                done(1, 4, Forward),
                Event::OrderConfirmed { order: order(1) },
                Event::SagaCompleted { saga: saga(1) },
            ]),
        ),
        (13_000, Record::Timely { events: vec![Event::HoldExpired { hold: hold(2) }] }),
        (14_000, accepted(vec![placed(hold(4), standing(4), 20_000)])),
        (14_000, accepted(vec![placed(hold(5), seats(&[3]), 20_000)])),
        (15_000, accepted(ordered(2, 5, 2_500, 30_000))),
        (15_000, refused(taken)),
        (15_000, refused(Rejection::SoldOut { show: show(1), quota: 0, requested: 7, left: 6 })),
        (
            30_000,
            Record::Timely {
                events: vec![
                    Event::HoldExpired { hold: hold(4) },
                    Event::HoldExpired { hold: hold(5) },
                    failed(2, 1, 2),
                    intend(2, 1, Backward, void(2)),
                ],
            },
        ),
        (
            31_000,
            accepted(vec![
                Event::PaymentVoided { order: order(2) },
                done(2, 1, Backward),
                done(2, 0, Backward),
                Event::OrderCancelled { order: order(2), reason: CancelReason::DeadlinePassed },
                Event::SagaCompensated { saga: saga(2) },
            ]),
        ),
    ]
}
