//! Arbitrary records: every variant, every field over its whole range.

use std::sync::Arc;

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::key::{ApiKey, PreviousSecret, Scope};
use guichet_domain::money::Currency;
use guichet_domain::order::{CancelReason, OrderState, PaymentRequest};
use guichet_domain::organiser::Organiser;
use guichet_domain::record::KeyHash;
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::seating::{Area, Caption, Category, Figure, Point, Row, RowKind, Seat, SeatingPlan, Section, Shape, Size, Zone};
use guichet_domain::show::{
    Admits, CancellationFee, CheckInList, LatePayment, Orphans, Product, Quota, SaleState, SaleWindow, SeatingRules, ShowDefinition,
};
use guichet_domain::{ApiKeyId, Event, HoldId, KeyStamp, OrderId, OrganiserId, Record, Rejection, SagaId, ShowId, TicketId, VenueId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(super) fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        (option::of(key()), vec(event(), 0..4)).prop_map(|(key, events)| Record::Accepted { key, events }),
        (option::of(key()), rejection()).prop_map(|(key, rejection)| Record::Refused { key, rejection }),
        vec(event(), 0..6).prop_map(|events| Record::Timely { events }),
    ]
}

fn key() -> impl Strategy<Value = KeyStamp> {
    any::<([u8; 16], u64)>().prop_map(|(key, fingerprint)| KeyStamp { key: KeyHash(key), fingerprint })
}

fn id<T: std::fmt::Debug>(from_bits: fn(u128) -> T) -> impl Strategy<Value = T> {
    any::<u128>().prop_map(from_bits)
}

fn hold() -> impl Strategy<Value = HoldId> {
    id(HoldId::from_bits)
}

fn show() -> impl Strategy<Value = ShowId> {
    id(ShowId::from_bits)
}

fn order() -> impl Strategy<Value = OrderId> {
    id(OrderId::from_bits)
}

fn saga() -> impl Strategy<Value = SagaId> {
    id(SagaId::from_bits)
}

fn ticket() -> impl Strategy<Value = TicketId> {
    id(TicketId::from_bits)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), vec(any::<char>(), 0..12).prop_map(String::from_iter), Just("x".repeat(300))]
}

fn items() -> impl Strategy<Value = Arc<[HoldItem]>> {
    let claim = prop_oneof![vec(any::<u32>(), 0..5).prop_map(Claim::Seats), any::<u32>().prop_map(Claim::Quantity)];
    vec((any::<u16>(), claim).prop_map(|(product, claim)| HoldItem { product, claim }), 0..4).prop_map(Arc::from)
}

fn payment() -> impl Strategy<Value = PaymentRequest> {
    (text(), text()).prop_map(|(provider, token)| PaymentRequest { provider, token })
}

fn sale() -> impl Strategy<Value = SaleState> {
    select(vec![SaleState::Draft, SaleState::Open, SaleState::Paused, SaleState::Closed])
}

fn reason() -> impl Strategy<Value = CancelReason> {
    select(vec![
        CancelReason::PaymentDeclined,
        CancelReason::DeadlinePassed,
        CancelReason::StepFailed,
        CancelReason::ByBuyer,
        CancelReason::ByOperator,
    ])
}

fn policy() -> impl Strategy<Value = LatePayment> {
    select(vec![LatePayment::SameSeat, LatePayment::EquivalentSeat, LatePayment::Refund])
}

fn direction() -> impl Strategy<Value = Direction> {
    select(vec![Direction::Forward, Direction::Backward])
}

fn currency() -> impl Strategy<Value = Currency> {
    select(["EUR", "JPY", "AAA", "ZZZ"].into_iter().filter_map(Currency::from_code).collect::<Vec<_>>())
}

fn error() -> impl Strategy<Value = StepError> {
    prop_oneof![
        text().prop_map(StepError::Declined),
        text().prop_map(StepError::Unavailable),
        Just(StepError::TimedOut),
        Just(StepError::DeadlinePassed),
        Just(StepError::HoldGone),
        reason().prop_map(StepError::Cancelled),
        Just(StepError::GivenBack),
        text().prop_map(StepError::Failed),
    ]
}

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        (order(), any::<i64>(), currency(), payment()).prop_map(|(order, amount_minor, currency, payment)| Effect::Authorise {
            order,
            amount_minor,
            currency,
            payment
        }),
        (order(), text(), text()).prop_map(|(order, provider, authorisation)| Effect::Capture { order, provider, authorisation }),
        (order(), text(), option::of(text())).prop_map(|(order, provider, authorisation)| Effect::Void { order, provider, authorisation }),
        (order(), text(), text(), any::<i64>()).prop_map(|(order, provider, authorisation, amount_minor)| Effect::Refund {
            order,
            provider,
            authorisation,
            amount_minor
        }),
        (order(), ticket(), any::<u32>()).prop_map(|(order, first_ticket, tickets)| Effect::IssueTickets { order, first_ticket, tickets }),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (any::<f64>(), any::<f64>()).prop_map(|(x, y)| Point { x, y })
}

fn plan() -> impl Strategy<Value = Arc<SeatingPlan>> {
    let seat = (text(), point(), any::<u32>(), any::<u16>(), any::<[bool; 5]>()).prop_map(
        |(label, position, row, category, [accessible, companion, restricted_view, aisle_after, withdrawn])| Seat {
            label: label.into(),
            position,
            row,
            category,
            accessible,
            companion,
            restricted_view,
            aisle_after,
            withdrawn,
        },
    );
    let kind = prop_oneof![
        Just(RowKind::Line),
        (point(), any::<bool>()).prop_map(|(centre, whole)| RowKind::Table { centre, whole }),
        any::<Option<u32>>().prop_map(|people| RowKind::Booth { people }),
    ];
    let row = (text(), any::<Option<u16>>(), any::<Option<u16>>(), kind, vec(any::<u32>(), 0..4))
        .prop_map(|(label, section, floor, kind, seats)| Row { label, section, floor, kind, seats });
    let area = (text(), any::<u32>(), any::<u16>(), option::of(shape())).prop_map(|(label, capacity, category, outline)| Area {
        label,
        capacity,
        category,
        outline,
    });
    let section = (text(), any::<Option<u16>>(), option::of(text())).prop_map(|(label, zone, entrance)| Section { label, zone, entrance });
    (
        text(),
        vec((text(), text()).prop_map(|(name, colour)| Category { name, colour }), 0..3),
        vec((text(), option::of(point())).prop_map(|(name, focal_point)| Zone { name, focal_point }), 0..3),
        vec(section, 0..3),
        vec(row, 0..3),
        vec(seat, 0..6),
        vec(area, 0..3),
        (option::of(any::<(f64, f64)>()), option::of(point()), vec(text(), 0..2), vec(text(), 0..2), vec(shape(), 0..2)),
    )
        .prop_map(|(name, categories, zones, sections, rows, seats, areas, (size, focal_point, floors, guids, shapes))| {
            let size = size.map(|(width, height)| Size { width, height });
            let guids = guids.into_iter().map(Into::into).collect();
            Arc::new(SeatingPlan { name, size, focal_point, categories, zones, floors, sections, rows, seats, guids, areas, shapes })
        })
}

fn shape() -> impl Strategy<Value = Shape> {
    let figure = prop_oneof![
        any::<(f64, f64)>().prop_map(|(width, height)| Figure::Rectangle { width, height }),
        any::<(f64, f64)>().prop_map(|(radius_x, radius_y)| Figure::Ellipse { radius_x, radius_y }),
        vec(point(), 0..4).prop_map(|points| Figure::Polygon { points }),
        Just(Figure::Text),
    ];
    let caption =
        (text(), point(), text(), any::<f64>()).prop_map(|(text, position, colour, size)| Caption { text, position, colour, size });
    (figure, point(), any::<f64>(), text(), text(), option::of(caption), any::<Option<u16>>()).prop_map(
        |(figure, centre, rotation_deg, fill, border, caption, floor)| Shape { figure, centre, rotation_deg, fill, border, caption, floor },
    )
}

fn window() -> impl Strategy<Value = SaleWindow> {
    any::<(Option<u64>, Option<u64>)>().prop_map(|(opens_at_unix_ms, closes_at_unix_ms)| SaleWindow { opens_at_unix_ms, closes_at_unix_ms })
}

fn product() -> impl Strategy<Value = Product> {
    let admits = prop_oneof![vec(any::<u16>(), 0..4).prop_map(|categories| Admits::Seats { categories }), Just(Admits::Quantity)];
    (text(), any::<i64>(), admits, vec(any::<u16>(), 0..4), window()).prop_map(|(name, price_minor, admits, quotas, window)| Product {
        name,
        price_minor,
        admits,
        quotas,
        window,
    })
}

fn definition() -> impl Strategy<Value = Arc<ShowDefinition>> {
    let quotas = vec((text(), any::<u32>()).prop_map(|(name, size)| Quota { name, size }), 0..3);
    let fee = any::<(u64, u16, i64)>().prop_map(|(within_ms, price_bp, fixed_minor)| CancellationFee { within_ms, price_bp, fixed_minor });
    let list = (text(), vec(any::<u16>(), 0..3)).prop_map(|(name, products)| CheckInList { name, products });
    let sold = (show(), id(VenueId::from_bits), text(), any::<Option<u64>>(), currency(), vec(product(), 0..3), quotas);
    let rules = (any::<(u64, u64)>(), window(), any::<Option<u32>>(), policy(), vec(fee, 0..3), vec(list, 0..3), seating());
    (sold, rules).prop_map(|(sold, rules)| {
        let (id, venue, name, starts_at_unix_ms, currency, products, quotas) = sold;
        let ((order_deadline_ms, transfer_deadline_ms), window, per_buyer_max, late_payment, cancellation_fees, check_in_lists, seating) =
            rules;
        Arc::new(ShowDefinition {
            id,
            venue,
            name,
            starts_at_unix_ms,
            currency,
            products,
            quotas,
            order_deadline_ms,
            transfer_deadline_ms,
            window,
            per_buyer_max,
            late_payment,
            cancellation_fees,
            check_in_lists,
            seating,
        })
    })
}

fn seating() -> impl Strategy<Value = SeatingRules> {
    let orphans = select(vec![Orphans::Off, Orphans::Prefer, Orphans::Forbid]);
    (orphans, any::<(Option<u64>, bool)>()).prop_map(|(orphans, (before_start_ms, when_sold_out))| SeatingRules {
        orphans,
        accessible_released_before_start_ms: before_start_ms,
        accessible_released_when_sold_out: when_sold_out,
    })
}

fn event() -> impl Strategy<Value = Event> {
    // Boxed: together they are too large for the stack of a test.
    prop_oneof![catalogue_event().boxed(), hold_event().boxed(), order_event().boxed(), later_event().boxed(), saga_event().boxed()]
}

fn catalogue_event() -> impl Strategy<Value = Event> {
    let scope = select(vec![Scope::Admin, Scope::Organiser, Scope::Sales, Scope::Shop, Scope::CheckIn, Scope::ReadOnly]);
    let organiser = || id(OrganiserId::from_bits);
    let previous = (any::<[u8; 32]>(), any::<u64>()).prop_map(|(sha256, until_unix_ms)| PreviousSecret { sha256, until_unix_ms });
    let rest = (option::of(organiser()), any::<Option<u32>>(), option::of(previous), any::<Option<u64>>());
    let key = (id(ApiKeyId::from_bits), text(), scope, any::<[u8; 32]>(), rest).prop_map(
        |(id, name, scope, secret_sha256, (organiser, requests_per_s, previous, last_used_unix_ms))| ApiKey {
            id,
            name,
            scope,
            organiser,
            requests_per_s,
            secret_sha256,
            previous,
            last_used_unix_ms,
        },
    );
    prop_oneof![
        (id(VenueId::from_bits), plan()).prop_map(|(venue, plan)| Event::VenueRegistered { venue, plan }),
        definition().boxed().prop_map(|definition| Event::ShowCreated { definition }),
        key.prop_map(|key| Event::ApiKeyCreated { key }),
        id(ApiKeyId::from_bits).prop_map(|key| Event::ApiKeyRevoked { key }),
        (id(ApiKeyId::from_bits), any::<[u8; 32]>(), any::<Option<u64>>()).prop_map(|(key, secret_sha256, previous_until_unix_ms)| {
            Event::ApiKeyRotated { key, secret_sha256, previous_until_unix_ms }
        }),
        vec((id(ApiKeyId::from_bits), any::<u64>()), 0..4).prop_map(|uses| Event::ApiKeysUsed { uses }),
        (organiser(), text()).prop_map(|(id, name)| Event::OrganiserCreated { organiser: Organiser { id, name } }),
        (id(VenueId::from_bits), organiser()).prop_map(|(venue, organiser)| Event::VenueOwned { venue, organiser }),
        (show(), organiser()).prop_map(|(show, organiser)| Event::ShowOwned { show, organiser }),
        (definition().boxed(), plan().boxed()).prop_map(|(definition, plan)| Event::ShowAdopted { definition, plan }),
        (show(), sale()).prop_map(|(show, state)| Event::SaleStateChanged { show, state }),
        (show(), vec(any::<u32>(), 0..5), text()).prop_map(|(show, seats, reason)| Event::SeatsBlocked { show, seats, reason }),
        (show(), plan(), [vec(any::<u32>(), 0..5), vec(any::<u32>(), 0..5), vec(any::<u32>(), 0..5)])
            .prop_map(|(show, plan, [added, withdrawn, moved])| Event::PlanRevised { show, plan, added, withdrawn, moved }),
        (show(), vec(any::<u32>(), 0..5)).prop_map(|(show, seats)| Event::SeatsUnblocked { show, seats }),
    ]
}

fn hold_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (hold(), show(), items(), any::<u64>(), any::<Option<[u8; 16]>>()).prop_map(
            |(hold, show, items, expires_at_unix_ms, buyer_ref)| Event::HoldPlaced { hold, show, items, expires_at_unix_ms, buyer_ref }
        ),
        (hold(), any::<u64>()).prop_map(|(hold, expires_at_unix_ms)| Event::HoldExtended { hold, expires_at_unix_ms }),
        hold().prop_map(|hold| Event::HoldReleased { hold }),
        hold().prop_map(|hold| Event::HoldExpired { hold }),
        any::<u64>().prop_map(|until_unix_ms| Event::ReopenGraceGranted { until_unix_ms }),
    ]
}

fn order_event() -> impl Strategy<Value = Event> {
    let of_order: Vec<fn(OrderId) -> Event> = vec![
        |order| Event::BookingReversed { order },
        |order| Event::PaymentDeclined { order },
        |order| Event::PaymentUnknown { order },
        |order| Event::PaymentCaptured { order },
        |order| Event::PaymentVoided { order },
        |order| Event::OrderConfirmed { order },
        |order| Event::OrderStuck { order },
    ];
    let placed = (order(), saga(), show(), vec(hold(), 0..4), any::<i64>(), payment(), any::<u64>(), any::<Option<[u8; 16]>>());
    prop_oneof![
        placed.prop_map(|(order, saga, show, holds, total_minor, payment, deadline_unix_ms, buyer)| {
            Event::OrderPlaced { order, saga, show, holds, total_minor, payment, deadline_unix_ms, buyer }
        }),
        (order(), ticket(), any::<u32>()).prop_map(|(order, first_ticket, tickets)| Event::SeatsBooked { order, first_ticket, tickets }),
        (order(), select(of_order)).prop_map(|(order, event)| event(order)),
        (order(), text()).prop_map(|(order, authorisation)| Event::PaymentAuthorised { order, authorisation }),
        (order(), saga(), any::<i64>()).prop_map(|(order, saga, amount_minor)| Event::PaymentRefunded { order, saga, amount_minor }),
        (order(), any::<[u8; 4]>()).prop_map(|(order, key_id)| Event::TicketsIssued { order, key_id }),
        (order(), reason()).prop_map(|(order, reason)| Event::OrderCancelled { order, reason }),
    ]
}

fn later_event() -> impl Strategy<Value = Event> {
    let cancelled = (order(), vec(any::<u32>(), 0..4), vec(any::<i64>(), 0..4), reason());
    let late = (order(), saga(), any::<i64>(), text(), policy());
    let scan = (order(), ticket(), any::<u16>(), text(), any::<u64>(), any::<bool>());
    prop_oneof![
        (order(), reason()).prop_map(|(order, reason)| Event::CancelRequested { order, reason }),
        cancelled.prop_map(|(order, positions, fees_minor, reason)| Event::PositionsCancelled { order, positions, fees_minor, reason }),
        (order(), saga(), any::<i64>(), text()).prop_map(|(order, saga, amount_minor, note)| Event::RefundStarted {
            order,
            saga,
            amount_minor,
            note
        }),
        late.prop_map(|(order, saga, amount_minor, reference, policy)| Event::PaymentArrivedLate {
            order,
            saga,
            amount_minor,
            reference,
            policy
        }),
        (order(), policy()).prop_map(|(order, policy)| Event::LatePolicyChosen { order, policy }),
        (order(), vec(items(), 0..3), ticket(), any::<u32>()).prop_map(|(order, items, first_ticket, tickets)| Event::OrderReinstated {
            order,
            items,
            first_ticket,
            tickets
        }),
        scan.prop_map(|(order, ticket, list, gate, scanned_at_unix_ms, offline)| Event::TicketCheckedIn {
            order,
            ticket,
            list,
            gate,
            scanned_at_unix_ms,
            offline
        }),
    ]
}

fn saga_event() -> impl Strategy<Value = Event> {
    let reference = any::<(u8, u8)>().prop_map(|(kind, version)| SagaRef { kind, version });
    prop_oneof![
        (saga(), reference, order()).prop_map(|(saga, definition, order)| Event::SagaStarted { saga, definition, order }),
        (saga(), any::<u8>(), direction(), any::<u32>(), effect())
            .prop_map(|(saga, step, direction, attempt, effect)| Event::EffectIntended { saga, step, direction, attempt, effect }),
        (saga(), any::<u8>(), direction(), option::of(text())).prop_map(|(saga, step, direction, receipt)| Event::StepDone {
            saga,
            step,
            direction,
            receipt
        }),
        (saga(), any::<u8>(), error(), any::<u8>()).prop_map(|(saga, step, error, undo_below)| Event::StepFailed {
            saga,
            step,
            error,
            undo_below
        }),
        (saga(), any::<u8>(), any::<u32>(), any::<u64>(), error())
            .prop_map(|(saga, step, attempt, at_unix_ms, error)| Event::RetryScheduled { saga, step, attempt, at_unix_ms, error }),
        saga().prop_map(|saga| Event::SagaCompleted { saga }),
        saga().prop_map(|saga| Event::SagaCompensated { saga }),
        (saga(), any::<u8>(), error()).prop_map(|(saga, step, error)| Event::SagaStuck { saga, step, error }),
        (saga(), any::<u8>(), direction()).prop_map(|(saga, step, direction)| Event::SagaResumed { saga, step, direction }),
    ]
}

fn rejection() -> impl Strategy<Value = Rejection> {
    prop_oneof![
        3 => early_rejection().boxed(), 1 => rule_rejection().boxed(), 2 => order_rejection().boxed(), 1 => door_rejection().boxed()
    ]
}

fn early_rejection() -> impl Strategy<Value = Rejection> {
    let bare = select(vec![
        Rejection::IdempotencyKeyReused,
        Rejection::IdempotencyKeyExpired,
        Rejection::EmptyHold,
        Rejection::NoHolds,
        Rejection::MixedCurrencies,
        Rejection::NothingSelected,
        Rejection::AmountTooLarge,
        Rejection::KeyNotFound,
        Rejection::WrongPartition,
    ]);
    prop_oneof![
        bare,
        id(VenueId::from_bits).prop_map(|venue| Rejection::VenueNotFound { venue }),
        show().prop_map(|show| Rejection::ShowNotFound { show }),
        text().prop_map(|what| Rejection::InvalidShow { what }),
        text().prop_map(|what| Rejection::InvalidPlan { what }),
        text().prop_map(|what| Rejection::InvalidApiKey { what }),
        text().prop_map(|what| Rejection::InvalidOrganiser { what }),
        id(OrganiserId::from_bits).prop_map(|organiser| Rejection::OrganiserNotFound { organiser }),
        id(OrganiserId::from_bits).prop_map(|organiser| Rejection::OrganiserExists { organiser }),
        (show(), sale()).prop_map(|(show, state)| Rejection::SaleNotOpen { show, state }),
        (show(), sale()).prop_map(|(show, state)| Rejection::SaleStateConflict { show, state }),
        any::<u16>().prop_map(|product| Rejection::UnknownProduct { product }),
        any::<u16>().prop_map(|product| Rejection::WrongClaim { product }),
        any::<u32>().prop_map(|seat| Rejection::UnknownSeat { seat }),
        any::<(u32, u16)>().prop_map(|(seat, product)| Rejection::SeatNotInProduct { seat, product }),
        any::<u32>().prop_map(|seat| Rejection::SeatTwice { seat }),
        any::<(u32, u32)>().prop_map(|(places, places_max)| Rejection::TooManyPlaces { places, places_max }),
        any::<u64>().prop_map(|ttl_ms| Rejection::TtlOutOfRange { ttl_ms }),
        (show(), vec(any::<u32>(), 0..16)).prop_map(|(show, seats)| Rejection::SeatTaken { show, seats }),
        (show(), any::<(u16, u32, u32)>()).prop_map(|(show, (quota, requested, left))| Rejection::SoldOut { show, quota, requested, left }),
        hold().prop_map(|hold| Rejection::HoldNotFound { hold }),
        hold().prop_map(|hold| Rejection::HoldExpired { hold }),
        (hold(), order()).prop_map(|(hold, order)| Rejection::HoldInOrder { hold, order }),
        any::<u32>().prop_map(|holds| Rejection::TooManyHolds { holds }),
        hold().prop_map(|hold| Rejection::HoldTwice { hold }),
        order().prop_map(|order| Rejection::OrderNotFound { order }),
        saga().prop_map(|saga| Rejection::SagaNotFound { saga }),
        saga().prop_map(|saga| Rejection::StepNotPending { saga }),
    ]
}

fn rule_rejection() -> impl Strategy<Value = Rejection> {
    prop_oneof![
        (show(), any::<(Option<u16>, Option<u64>, Option<u64>)>()).prop_map(|(show, (product, opens_at_unix_ms, closes_at_unix_ms))| {
            Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms }
        }),
        show().prop_map(|show| Rejection::BuyerRefRequired { show }),
        (show(), any::<(u32, u32, u32)>()).prop_map(|(show, (limit, has, requested))| Rejection::LimitExceeded {
            show,
            limit,
            has,
            requested
        }),
        (show(), vec(any::<u32>(), 0..16)).prop_map(|(show, seats)| Rejection::SeatNotBlocked { show, seats }),
        (show(), vec(any::<u32>(), 0..16), vec(any::<u32>(), 0..16)).prop_map(|(show, lost, parted)| Rejection::PlanConflict {
            show,
            lost,
            parted
        }),
        saga().prop_map(|saga| Rejection::SagaNotStuck { saga }),
        (show(), wanted().prop_map(Box::new), any::<u32>(), vec(any::<u32>(), 0..3))
            .prop_map(|(show, wanted, left, claimed)| Rejection::SeatsSoldOut { show, wanted, left, claimed }),
        (show(), wanted().prop_map(Box::new), any::<(u32, u32)>(), vec(any::<u32>(), 0..3)).prop_map(
            |(show, wanted, (left, together_max), claimed)| {
                Rejection::NotEnoughAdjacentSeats { show, wanted, left, together_max, claimed }
            }
        ),
        (show(), vec(any::<u32>(), 0..16)).prop_map(|(show, seats)| Rejection::OrphanSeat { show, seats }),
        (show(), vec(any::<u32>(), 0..16)).prop_map(|(show, seats)| Rejection::TableSoldWhole { show, seats }),
    ]
}

fn wanted() -> impl Strategy<Value = BestAvailable> {
    let part = any::<(u16, u32)>().prop_map(|(product, quantity)| Part { product, quantity });
    let filters = (vec(any::<u16>(), 0..3), vec(any::<u16>(), 0..3), any::<(u32, bool, bool)>());
    (vec(vec(part, 0..3), 0..3), filters).prop_map(|(choices, (categories, zones, (accessible, across_aisles, split)))| BestAvailable {
        choices,
        accessible,
        categories,
        zones,
        across_aisles,
        split,
    })
}

fn order_rejection() -> impl Strategy<Value = Rejection> {
    let of_order: Vec<fn(OrderId) -> Rejection> = vec![
        |order| Rejection::OrderAlreadyCancelled { order },
        |order| Rejection::OrderStuck { order },
        |order| Rejection::PaymentAlreadyKnown { order },
        |order| Rejection::OrderAlreadyPaid { order },
        |order| Rejection::NotAwaitingPayment { order },
        |order| Rejection::NoLatePayment { order },
    ];
    let states = vec![OrderState::Placed, OrderState::AwaitingPayment, OrderState::Confirmed, OrderState::Cancelled, OrderState::Stuck];
    prop_oneof![
        (order(), select(of_order)).prop_map(|(order, rejection)| rejection(order)),
        (order(), select(states)).prop_map(|(order, state)| Rejection::OrderNotConfirmed { order, state }),
        (order(), any::<u32>()).prop_map(|(order, position)| Rejection::UnknownPosition { order, position }),
        (order(), any::<u32>()).prop_map(|(order, position)| Rejection::PositionCancelled { order, position }),
        (order(), any::<(i64, i64)>()).prop_map(|(order, (requested_minor, left_minor))| Rejection::RefundTooLarge {
            order,
            requested_minor,
            left_minor
        }),
        (order(), text()).prop_map(|(order, provider)| Rejection::WrongProvider { order, provider }),
        (order(), any::<(i64, i64)>()).prop_map(|(order, (expected_minor, received_minor))| Rejection::WrongAmount {
            order,
            expected_minor,
            received_minor
        }),
        (order(), any::<i64>()).prop_map(|(order, amount_minor)| Rejection::NoPayoutPending { order, amount_minor }),
    ]
}

fn door_rejection() -> impl Strategy<Value = Rejection> {
    prop_oneof![
        ticket().prop_map(|ticket| Rejection::TicketNotFound { ticket }),
        ticket().prop_map(|ticket| Rejection::TicketCancelled { ticket }),
        (ticket(), show()).prop_map(|(ticket, show)| Rejection::TicketOfOtherShow { ticket, show }),
        (show(), any::<u16>()).prop_map(|(show, list)| Rejection::UnknownCheckInList { show, list }),
        (ticket(), any::<u16>()).prop_map(|(ticket, list)| Rejection::TicketNotOnList { ticket, list }),
        (ticket(), text(), any::<u64>()).prop_map(|(ticket, gate, scanned_at_unix_ms)| Rejection::TicketAlreadyUsed {
            ticket,
            gate,
            scanned_at_unix_ms
        }),
    ]
}
