//! A second correct journal, made by hand: an order over two shows that is sold, entered and taken back in part; seats that are blocked
//! for a while; late money that finds other places and late money that goes back; an order that costs nothing; one that turns round.

use std::sync::Arc;

use guichet_audit::Rule;
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::money::Currency;
use guichet_domain::order::CancelReason;
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::show::{Admits, CancellationFee, CheckInList, LatePayment, SaleState, SaleWindow, ShowDefinition};
use guichet_domain::{Event, Record, TicketId};

use super::*;

/// Rules whose planted records stand in the tests of this journal.
pub(crate) const AFTER_SALE: [Rule; 20] = [
    Rule::ResumedElsewhere,
    Rule::OutsideItsWindow,
    Rule::BuyerUnknown,
    Rule::BuyerAboveLimit,
    Rule::SeatWasNotBlocked,
    Rule::MixedCurrencies,
    Rule::FreeOrderPaid,
    Rule::CancelRequestIgnored,
    Rule::CancelledInPart,
    Rule::PositionNotSold,
    Rule::WrongFee,
    Rule::RefundedTwice,
    Rule::RefundedTooMuch,
    Rule::RefundLost,
    Rule::LatePaymentWithoutCause,
    Rule::LatePolicyIgnored,
    Rule::TicketOfNobody,
    Rule::CancelledTicketUsed,
    Rule::TicketNotOnList,
    Rule::TicketUsedTwice,
];

/// Rules whose planted records stand in the tests of orders over several partitions.
pub(crate) const OVER_PARTITIONS: [Rule; 6] = [
    Rule::PartNotAsOrdered,
    Rule::PartAfterRelease,
    Rule::PartTwice,
    Rule::PartDecidedItself,
    Rule::PinnedHoldExpired,
    Rule::OverdueIgnored,
];

/// Offsets at which the journal is cut: the record with that offset is the first one left out.
pub(crate) const ON_SALE: usize = 2;
pub(crate) const HELD: usize = 4;
pub(crate) const PLACED: usize = 5;
pub(crate) const SOLD: usize = 8;
pub(crate) const ENTERED: usize = 9;
pub(crate) const TAKEN_BACK: usize = 10;
pub(crate) const GIVEN_BACK: usize = 11;
pub(crate) const BLOCKED: usize = 12;
pub(crate) const UNBLOCKED: usize = 13;
pub(crate) const LAPSED: usize = 17;
pub(crate) const REINSTATED: usize = 18;
pub(crate) const LATE_SOLD: usize = 19;
pub(crate) const FREE_HELD: usize = 20;
pub(crate) const FREE_PLACED: usize = 21;
pub(crate) const ASKED_TO_CANCEL: usize = 26;
pub(crate) const TURNING: usize = 27;
pub(crate) const TURNED: usize = 28;
pub(crate) const LATE_BACK: usize = 29;
pub(crate) const STUCK: usize = 30;
pub(crate) const RESUMED: usize = 31;
pub(crate) const SETTLED: usize = 32;

pub(crate) const FORWARD: Direction = Direction::Forward;
pub(crate) const BACKWARD: Direction = Direction::Backward;

pub(crate) const ANNA: Option<[u8; 16]> = Some([1; 16]);
pub(crate) const BERT: Option<[u8; 16]> = Some([2; 16]);
pub(crate) const CARL: Option<[u8; 16]> = Some([3; 16]);

/// The show starts at 1 000 s. Up to 500 s before that it costs nothing to cancel, then 10 % and 0.50.
fn first_show() -> ShowDefinition {
    let mut standing = product("Standing", 900, Admits::Quantity, vec![0]);
    standing.window.closes_at_unix_ms = Some(100_000);
    ShowDefinition {
        starts_at_unix_ms: Some(1_000_000),
        products: vec![
            product("Stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![]),
            standing,
            product("Free", 0, Admits::Quantity, vec![0]),
        ],
        window: SaleWindow { opens_at_unix_ms: Some(1_500), closes_at_unix_ms: Some(900_000) },
        per_buyer_max: Some(2),
        late_payment: LatePayment::EquivalentSeat,
        cancellation_fees: vec![CancellationFee { within_ms: 500_000, price_bp: 1_000, fixed_minor: 50 }],
        check_in_lists: ["main", "stalls"].iter().zip([vec![], vec![0]]).map(|(name, products)| list(name, products)).collect(),
        ..definition(1)
    }
}

fn list(name: &str, products: Vec<u16>) -> CheckInList {
    CheckInList { name: name.into(), products }
}

/// The second show is sold in dollars, the third in euros, both standing only.
fn other_show(number: u64, currency: &str) -> ShowDefinition {
    let mut check_in_lists = definition(number).check_in_lists;
    check_in_lists.push(list("nobody", vec![1]));
    let products = vec![product("Standing", 900, Admits::Quantity, vec![0]), product("Lounge", 900, Admits::Quantity, vec![0])];
    ShowDefinition { currency: Currency::from_code(currency).unwrap(), products, check_in_lists, ..definition(number) }
}

pub(crate) fn place(product: u16, claim: Claim) -> Arc<[HoldItem]> {
    Arc::new([HoldItem { product, claim }])
}

pub(crate) fn held(number: u64, of_show: u64, items: Arc<[HoldItem]>, until: u64, buyer_ref: Option<[u8; 16]>) -> Event {
    Event::HoldPlaced { hold: hold(number), show: show(of_show), items, expires_at_unix_ms: until, buyer_ref }
}

pub(crate) fn ordered_over(number: u64, by_saga: u64, holds: &[u64], total_minor: i64, deadline_unix_ms: u64) -> [Event; 2] {
    let placed = Event::OrderPlaced {
        order: order(number),
        saga: saga(by_saga),
        show: show(1),
        holds: holds.iter().map(|number| hold(*number)).collect(),
        total_minor,
        payment: payment(),
        deadline_unix_ms,
        buyer: None,
    };
    [placed, started(by_saga, 1, number)]
}

pub(crate) fn started(number: u64, kind: u8, of_order: u64) -> Event {
    Event::SagaStarted { saga: saga(number), definition: SagaRef { kind, version: 1 }, order: order(of_order) }
}

pub(crate) fn tickets(number: u64) -> TicketId {
    ticket().later(u32::try_from(number - 1).unwrap())
}

pub(crate) fn books(number: u64, first_ticket: u64, count: u32) -> Event {
    Event::SeatsBooked { order: order(number), first_ticket: tickets(first_ticket), tickets: count }
}

pub(crate) fn issues(number: u64, first_ticket: u64, count: u32) -> Effect {
    Effect::IssueTickets { order: order(number), first_ticket: tickets(first_ticket), tickets: count }
}

pub(crate) fn fails(number: u64, step: u8, error: StepError, undo_below: u8) -> Event {
    Event::StepFailed { saga: saga(number), step, error, undo_below }
}

pub(crate) fn takes_back(number: u64, positions: &[u32], fees_minor: &[i64]) -> Event {
    let (positions, fees_minor) = (positions.to_vec(), fees_minor.to_vec());
    Event::PositionsCancelled { order: order(number), positions, fees_minor, reason: CancelReason::ByBuyer }
}

/// A refund starts, up to its intent.
pub(crate) fn refunding(number: u64, by_saga: u64, amount_minor: i64) -> [Event; 3] {
    let (order, saga) = (order(number), saga(by_saga));
    [
        Event::RefundStarted { order, saga, amount_minor, note: String::new() },
        started(by_saga, 2, number),
        intend(by_saga, 0, FORWARD, refund(number, amount_minor)),
    ]
}

pub(crate) fn given_back(number: u64, by_saga: u64, amount_minor: i64) -> Event {
    Event::PaymentRefunded { order: order(number), saga: saga(by_saga), amount_minor }
}

/// The refund is done, and its saga.
pub(crate) fn refunded(number: u64, by_saga: u64, amount_minor: i64) -> [Event; 3] {
    [given_back(number, by_saga, amount_minor), done(by_saga, 0, FORWARD), Event::SagaCompleted { saga: saga(by_saga) }]
}

pub(crate) fn too_late(number: u64, by_saga: u64, amount_minor: i64, policy: LatePayment) -> [Event; 3] {
    let (order, saga) = (order(number), saga(by_saga));
    [
        Event::PaymentArrivedLate { order, saga, amount_minor, reference: "late".into(), policy },
        started(by_saga, 3, number),
        done(by_saga, 0, FORWARD),
    ]
}

pub(crate) fn reinstated(number: u64, items: Arc<[HoldItem]>, first_ticket: u64) -> Event {
    Event::OrderReinstated { order: order(number), items: vec![items], first_ticket: tickets(first_ticket), tickets: 1 }
}

pub(crate) fn enters(number: u64, ticket_number: u64, list: u16) -> Event {
    Event::TicketCheckedIn {
        order: order(number),
        ticket: tickets(ticket_number),
        list,
        gate: "north".into(),
        scanned_at_unix_ms: 7_000,
        offline: false,
    }
}

pub(crate) fn cancelled(number: u64, reason: CancelReason) -> Event {
    Event::OrderCancelled { order: order(number), reason }
}

fn chain<const N: usize>(parts: [Vec<Event>; N]) -> Record {
    accepted(parts.into_iter().flatten().collect())
}

/// Stamps and records; nothing is wrong with them.
pub(crate) fn after_journal() -> Vec<(u64, Record)> {
    let adopt = |definition| Event::ShowAdopted { definition: Arc::new(definition), plan: Arc::new(plan()) };
    let open = |number| Event::SaleStateChanged { show: show(number), state: SaleState::Open };
    let completed = |number| Event::SagaCompleted { saga: saga(number) };
    let compensated = |number| Event::SagaCompensated { saga: saga(number) };
    let confirmed = |number| Event::OrderConfirmed { order: order(number) };
    let captured = |number| Event::PaymentCaptured { order: order(number) };
    let blocked = Event::SeatsBlocked { show: show(1), seats: vec![2], reason: "camera".into() };
    let unblocked = Event::SeatsUnblocked { show: show(1), seats: vec![2] };
    let by_buyer = StepError::Cancelled(CancelReason::ByBuyer);
    let stuck = StepError::Failed("no such account".into());
    vec![
        (1_000, accepted(vec![adopt(first_show()), adopt(other_show(2, "USD")), adopt(other_show(3, "EUR"))])),
        (1_000, accepted(vec![open(1), open(2), open(3)])),
        // Order 1: seats 1 and 2 of the first show and a place of the third.
        (2_000, accepted(vec![held(1, 1, seats(&[0, 1]), 10_000, ANNA)])),
        (2_000, accepted(vec![held(2, 3, place(0, Claim::Quantity(1)), 10_000, None)])),
        (
            3_000,
            chain([
                ordered_over(1, 1, &[1, 2], 5_900, 60_000).into(),
                vec![done(1, 0, FORWARD), intend(1, 1, FORWARD, authorise(1, 5_900))],
            ]),
        ),
        (4_000, accepted(vec![authorised(1), done(1, 1, FORWARD), books(1, 1, 3), done(1, 2, FORWARD), intend(1, 3, FORWARD, capture(1))])),
        (5_000, accepted(vec![captured(1), done(1, 3, FORWARD), intend(1, 4, FORWARD, issues(1, 1, 3))])),
        (6_000, accepted(vec![issued(1), done(1, 4, FORWARD), confirmed(1), completed(1)])),
        (7_000, accepted(vec![enters(1, 1, 0)])),
        // 300 of 2 500 are kept.
        (600_000, chain([vec![takes_back(1, &[1], &[300])], refunding(1, 2, 2_200).into()])),
        (600_100, accepted(refunded(1, 2, 2_200).into())),
        (600_200, accepted(vec![blocked])),
        (600_300, accepted(vec![unblocked])),
        // Order 2: not paid in time, its seat not free any more, paid after all.
        (600_400, accepted(vec![held(3, 1, seats(&[3]), 610_000, BERT)])),
        (
            600_500,
            chain([ordered_over(2, 3, &[3], 2_500, 620_000).into(), vec![done(3, 0, FORWARD), intend(3, 1, FORWARD, authorise(2, 2_500))]]),
        ),
        (
            620_000,
            Record::Timely {
                events: vec![
                    Event::HoldExpired { hold: hold(3) },
                    fails(3, 1, StepError::DeadlinePassed, 2),
                    intend(3, 1, BACKWARD, void(2)),
                ],
            },
        ),
        (
            620_100,
            accepted(vec![
                Event::PaymentVoided { order: order(2) },
                done(3, 1, BACKWARD),
                done(3, 0, BACKWARD),
                cancelled(2, CancelReason::DeadlinePassed),
                compensated(3),
            ]),
        ),
        (
            620_200,
            chain([
                too_late(2, 4, 2_500, LatePayment::EquivalentSeat).into(),
                vec![reinstated(2, seats(&[2]), 4), done(4, 1, FORWARD), intend(4, 2, FORWARD, issues(2, 4, 1))],
            ]),
        ),
        (620_300, accepted(vec![issued(2), done(4, 2, FORWARD), confirmed(2), completed(4)])),
        // Order 3 costs nothing.
        (620_400, accepted(vec![held(4, 1, place(2, Claim::Quantity(1)), 630_000, BERT)])),
        (
            620_500,
            chain([
                ordered_over(3, 5, &[4], 0, 640_000).into(),
                vec![done(5, 0, FORWARD), done(5, 1, FORWARD), books(3, 5, 1), done(5, 2, FORWARD), done(5, 3, FORWARD)],
                vec![intend(5, 4, FORWARD, issues(3, 5, 1))],
            ]),
        ),
        (620_600, accepted(vec![issued(3), done(5, 4, FORWARD), confirmed(3), completed(5)])),
        // Order 4 is cancelled while its money is taken.
        (620_700, accepted(vec![held(5, 1, seats(&[1]), 630_000, CARL)])),
        (
            620_800,
            chain([ordered_over(4, 6, &[5], 2_500, 640_000).into(), vec![done(6, 0, FORWARD), intend(6, 1, FORWARD, authorise(4, 2_500))]]),
        ),
        (
            620_900,
            accepted(vec![authorised(4), done(6, 1, FORWARD), books(4, 6, 1), done(6, 2, FORWARD), intend(6, 3, FORWARD, capture(4))]),
        ),
        (621_000, accepted(vec![Event::CancelRequested { order: order(4), reason: CancelReason::ByBuyer }])),
        (621_100, accepted(vec![captured(4), done(6, 3, FORWARD), fails(6, 4, by_buyer, 4), intend(6, 3, BACKWARD, refund(4, 2_500))])),
        (
            621_200,
            accepted(vec![
                given_back(4, 6, 2_500),
                done(6, 3, BACKWARD),
                Event::BookingReversed { order: order(4) },
                done(6, 2, BACKWARD),
                done(6, 1, BACKWARD),
                done(6, 0, BACKWARD),
                cancelled(4, CancelReason::ByBuyer),
                compensated(6),
            ]),
        ),
        // Somebody pays a part of it nevertheless.
        (
            621_300,
            chain([
                too_late(4, 7, 100, LatePayment::Refund).into(),
                vec![fails(7, 1, StepError::GivenBack, 1), intend(7, 0, BACKWARD, refund(4, 100))],
            ]),
        ),
        (621_400, accepted(vec![Event::OrderStuck { order: order(4) }, Event::SagaStuck { saga: saga(7), step: 0, error: stuck }])),
        (
            621_500,
            accepted(vec![Event::SagaResumed { saga: saga(7), step: 0, direction: BACKWARD }, intend(7, 0, BACKWARD, refund(4, 100))]),
        ),
        (621_600, accepted(vec![given_back(4, 7, 100), done(7, 0, BACKWARD), compensated(7)])),
        // Order 2 is taken back as a whole, without a fee.
        (621_700, chain([vec![takes_back(2, &[0], &[0]), cancelled(2, CancelReason::ByOperator)], refunding(2, 8, 2_500).into()])),
        (621_800, accepted(refunded(2, 8, 2_500).into())),
    ]
}
