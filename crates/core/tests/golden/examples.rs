//! One record for every variant, with values that show where each field lies.

use std::sync::Arc;

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::id::IdParts;
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

use crate::across;

const NOW_UNIX_MS: u64 = 1_795_000_000_123;

pub(crate) fn parts(sequence: u64) -> IdParts {
    IdParts { partition: 3, incarnation: 1, created_at_unix_ms: NOW_UNIX_MS, sequence }
}

pub(crate) fn show() -> ShowId {
    ShowId::new(parts(1))
}

pub(crate) fn hold(sequence: u64) -> HoldId {
    HoldId::new(parts(sequence))
}

pub(crate) fn order() -> OrderId {
    OrderId::new(parts(77))
}

pub(crate) fn saga() -> SagaId {
    SagaId::new(parts(78))
}

pub(crate) fn ticket() -> TicketId {
    TicketId::new(parts(500))
}

pub(crate) fn venue() -> VenueId {
    VenueId::new(IdParts { partition: 0, ..parts(2) })
}

pub(crate) fn organiser() -> OrganiserId {
    OrganiserId::new(IdParts { partition: 0, ..parts(3) })
}

pub(crate) fn api_key() -> ApiKeyId {
    ApiKeyId::new(IdParts { partition: 0, ..parts(9) })
}

pub(crate) fn payment() -> PaymentRequest {
    PaymentRequest { provider: "simulated".into(), token: "tok_4242".into() }
}

pub(crate) fn items() -> Arc<[HoldItem]> {
    [HoldItem { product: 0, claim: Claim::Seats(vec![1_200, 1_201]) }, HoldItem { product: 300, claim: Claim::Quantity(4) }].into()
}

/// Two adults and a child, or three in the balcony.
pub(crate) fn wanted() -> BestAvailable {
    let part = |product, quantity| Part { product, quantity };
    BestAvailable {
        choices: vec![vec![part(0, 2), part(300, 1)], vec![part(1, 3)]],
        accessible: 1,
        categories: vec![0, 1],
        zones: vec![1],
        across_aisles: true,
        split: false,
    }
}

pub(crate) fn plan() -> Arc<SeatingPlan> {
    let seat = |label: &str, x, row| Seat { label: label.into(), position: Point { x, y: -0.5 }, row, ..Seat::default() };
    let shape = |figure, floor| Shape {
        figure,
        centre: Point { x: 2.0, y: 1.5 },
        rotation_deg: 45.0,
        fill: "#dddddd".into(),
        border: String::new(),
        caption: None,
        floor,
    };
    let caption = Caption { text: "Bühne".into(), position: Point { x: 0.0, y: 0.5 }, colour: "#000000".into(), size: 12.0 };
    Arc::new(SeatingPlan {
        name: "Großer Saal".into(),
        size: Some(Size { width: 600.0, height: 400.0 }),
        focal_point: Some(Point { x: 300.0, y: 0.0 }),
        floors: vec!["Parkett".into(), "Rang".into()],
        categories: vec![Category { name: "A".into(), colour: "#aa0000".into() }, Category { name: "B".into(), colour: "#00aa00".into() }],
        zones: vec![
            Zone { name: "main".into(), focal_point: Some(Point { x: 10.0, y: 0.25 }) },
            Zone { name: "foyer".into(), focal_point: None },
        ],
        sections: vec![
            Section { label: "L".into(), zone: Some(0), entrance: Some("West".into()) },
            Section { label: "R".into(), zone: None, entrance: None },
        ],
        rows: vec![
            Row { label: "1".into(), section: Some(0), floor: Some(0), kind: RowKind::Line, seats: vec![0, 4, 1] },
            Row {
                label: "T".into(),
                kind: RowKind::Table { centre: Point { x: 5.0, y: 5.0 }, whole: true },
                seats: vec![2],
                ..Row::default()
            },
            Row { kind: RowKind::Booth { people: Some(8) }, seats: vec![3], ..Row::default() },
        ],
        seats: vec![
            Seat { accessible: true, ..seat("1", 1.0, 0) },
            Seat { companion: true, ..seat("2", 2.0, 0) },
            Seat { restricted_view: true, aisle_after: true, ..seat("1", 3.0, 1) },
            seat("B1", 1.0, 2),
            Seat { category: 1, ..seat("1a", 1.5, 0) },
            Seat { withdrawn: true, ..seat("9", 9.0, 0) },
        ],
        guids: (0..6).map(|number| format!("guid-{number}").into()).collect(),
        areas: vec![
            Area { label: "floor".into(), capacity: 2_000, category: 1, outline: None },
            Area {
                label: "bar".into(),
                capacity: 30,
                category: 0,
                outline: Some(shape(Figure::Ellipse { radius_x: 4.0, radius_y: 2.5 }, None)),
            },
        ],
        shapes: vec![
            Shape { caption: Some(caption), ..shape(Figure::Rectangle { width: 200.0, height: 40.0 }, Some(1)) },
            shape(Figure::Polygon { points: vec![Point { x: 0.0, y: 0.0 }, Point { x: 1.0, y: 2.0 }, Point { x: -1.0, y: 2.0 }] }, None),
            shape(Figure::Text, None),
        ],
    })
}

pub(crate) fn definition() -> ShowDefinition {
    let open = |opens_at_unix_ms, closes_at_unix_ms| SaleWindow { opens_at_unix_ms, closes_at_unix_ms };
    ShowDefinition {
        id: show(),
        venue: venue(),
        name: "Première".into(),
        starts_at_unix_ms: Some(NOW_UNIX_MS + 86_400_000),
        currency: Currency::from_code("EUR").unwrap(),
        products: vec![
            Product {
                name: "seat".into(),
                price_minor: 4_500,
                admits: Admits::Seats { categories: vec![0, 1] },
                quotas: vec![],
                window: open(Some(NOW_UNIX_MS), None),
            },
            Product {
                name: "floor".into(),
                price_minor: 0,
                admits: Admits::Quantity,
                quotas: vec![0],
                window: open(None, Some(NOW_UNIX_MS + 1)),
            },
        ],
        quotas: vec![Quota { name: "floor".into(), size: 2_000 }],
        order_deadline_ms: 900_000,
        transfer_deadline_ms: 604_800_000,
        window: open(Some(NOW_UNIX_MS - 3_600_000), Some(NOW_UNIX_MS + 86_400_000)),
        per_buyer_max: Some(6),
        late_payment: LatePayment::EquivalentSeat,
        cancellation_fees: vec![
            CancellationFee { within_ms: 86_400_000, price_bp: 10_000, fixed_minor: 0 },
            CancellationFee { within_ms: 604_800_000, price_bp: 2_500, fixed_minor: 150 },
        ],
        check_in_lists: vec![
            CheckInList { name: "main".into(), products: vec![] },
            CheckInList { name: "floor".into(), products: vec![1] },
        ],
        seating: SeatingRules {
            orphans: Orphans::Forbid,
            accessible_released_before_start_ms: Some(3_600_000),
            accessible_released_when_sold_out: true,
        },
    }
}

fn key() -> Option<KeyStamp> {
    let hash = std::array::from_fn(|index| 0xa0 + u8::try_from(index).unwrap());
    Some(KeyStamp { key: KeyHash(hash), fingerprint: 0x0102_0304_0506_0708 })
}

/// Every example with its name.
pub(crate) fn all() -> Vec<(&'static str, Record)> {
    let accepted = |(name, event)| (name, Record::Accepted { key: None, events: vec![event] });
    let refused = |(name, rejection)| (name, Record::Refused { key: None, rejection });
    let mut all = whole_records();
    all.extend(catalogue().into_iter().map(accepted));
    all.extend(holds().into_iter().map(accepted));
    all.extend(orders().into_iter().map(accepted));
    all.extend(after_the_sale().into_iter().map(accepted));
    all.extend(sagas().into_iter().map(accepted));
    all.extend(effects().into_iter().map(accepted));
    all.extend(rejections().into_iter().map(refused));
    all.extend(later_rejections().into_iter().map(refused));
    all.extend(across::events().into_iter().map(accepted));
    all.extend(across::rejections().into_iter().map(refused));
    all
}

fn whole_records() -> Vec<(&'static str, Record)> {
    let placed = |claim| Event::HoldPlaced {
        hold: hold(1_000_000),
        show: show(),
        items: [HoldItem { product: 0, claim }].into(),
        expires_at_unix_ms: NOW_UNIX_MS + 600_000,
        buyer_ref: None,
    };
    let order_placed = vec![
        Event::OrderPlaced {
            order: order(),
            saga: saga(),
            show: show(),
            holds: vec![hold(41)],
            total_minor: 9_000,
            payment: payment(),
            deadline_unix_ms: NOW_UNIX_MS + 900_000,
            buyer: Some([0xee; 16]),
        },
        Event::SagaStarted { saga: saga(), definition: SagaRef { kind: 1, version: 1 }, order: order() },
    ];
    vec![
        ("accepted_nothing", Record::Accepted { key: key(), events: vec![] }),
        ("accepted_hold_of_two_seats", Record::Accepted { key: key(), events: vec![placed(Claim::Seats(vec![1_200, 1_201]))] }),
        ("accepted_hold_of_a_quantity", Record::Accepted { key: key(), events: vec![placed(Claim::Quantity(1))] }),
        ("accepted_order", Record::Accepted { key: key(), events: order_placed }),
        ("refused_seat_taken", Record::Refused { key: key(), rejection: Rejection::SeatTaken { show: show(), seats: vec![1_200, 1_201] } }),
        (
            "refused_sold_out",
            Record::Refused { key: key(), rejection: Rejection::SoldOut { show: show(), quota: 2, requested: 4, left: 1 } },
        ),
        ("timely_nothing", Record::Timely { events: vec![] }),
        (
            "timely_expiries",
            Record::Timely { events: vec![Event::HoldExpired { hold: hold(1) }, Event::HoldExpired { hold: hold(1 << 40) }] },
        ),
    ]
}

fn catalogue() -> Vec<(&'static str, Event)> {
    let api_key = |scope| ApiKey {
        id: api_key(),
        name: "box office".into(),
        scope,
        organiser: None,
        requests_per_s: None,
        secret_sha256: [0xcd; 32],
        previous: None,
        last_used_unix_ms: None,
    };
    let full_key = ApiKey {
        organiser: Some(organiser()),
        requests_per_s: Some(500),
        previous: Some(PreviousSecret { sha256: [0xef; 32], until_unix_ms: 1_795_000_000_000 }),
        last_used_unix_ms: Some(1_795_000_000_123),
        ..api_key(Scope::Organiser)
    };
    let rotated = |previous_until_unix_ms| Event::ApiKeyRotated { key: self::api_key(), secret_sha256: [0xab; 32], previous_until_unix_ms };
    let bare = ShowDefinition {
        starts_at_unix_ms: None,
        products: vec![],
        quotas: vec![],
        window: SaleWindow::default(),
        per_buyer_max: None,
        cancellation_fees: vec![],
        check_in_lists: vec![],
        seating: SeatingRules::default(),
        ..definition()
    };
    let prefers = SeatingRules { orphans: Orphans::Prefer, ..SeatingRules::default() };
    let prefers = Event::ShowCreated { definition: Arc::new(ShowDefinition { seating: prefers, ..bare.clone() }) };
    let late = |late_payment| Event::ShowCreated { definition: Arc::new(ShowDefinition { late_payment, ..bare.clone() }) };
    let sale = |state| Event::SaleStateChanged { show: show(), state };
    vec![
        ("venue_registered", Event::VenueRegistered { venue: venue(), plan: plan() }),
        ("venue_registered_empty", Event::VenueRegistered { venue: venue(), plan: Arc::new(SeatingPlan::default()) }),
        ("show_created", Event::ShowCreated { definition: Arc::new(definition()) }),
        ("show_created_bare", Event::ShowCreated { definition: Arc::new(bare.clone()) }),
        ("show_created_prefers_no_orphans", prefers),
        ("show_created_late_same_seat", late(LatePayment::SameSeat)),
        ("show_created_late_refund", late(LatePayment::Refund)),
        ("api_key_created_admin", Event::ApiKeyCreated { key: api_key(Scope::Admin) }),
        ("api_key_created_shop", Event::ApiKeyCreated { key: api_key(Scope::Shop) }),
        ("api_key_created_check_in", Event::ApiKeyCreated { key: api_key(Scope::CheckIn) }),
        ("api_key_created_organiser", Event::ApiKeyCreated { key: full_key }),
        ("api_key_created_sales", Event::ApiKeyCreated { key: api_key(Scope::Sales) }),
        ("api_key_created_read_only", Event::ApiKeyCreated { key: api_key(Scope::ReadOnly) }),
        ("api_key_rotated", rotated(Some(1_795_000_000_000))),
        ("api_key_rotated_at_once", rotated(None)),
        ("api_keys_used", Event::ApiKeysUsed { uses: vec![(self::api_key(), 1_795_000_000_123)] }),
        ("organiser_created", Event::OrganiserCreated { organiser: Organiser { id: organiser(), name: "Circuit".into() } }),
        ("venue_owned", Event::VenueOwned { venue: venue(), organiser: organiser() }),
        ("show_owned", Event::ShowOwned { show: show(), organiser: organiser() }),
        ("api_key_revoked", Event::ApiKeyRevoked { key: self::api_key() }),
        ("show_adopted", Event::ShowAdopted { definition: Arc::new(definition()), plan: plan() }),
        ("sale_draft", sale(SaleState::Draft)),
        ("sale_open", sale(SaleState::Open)),
        ("sale_paused", sale(SaleState::Paused)),
        ("sale_closed", sale(SaleState::Closed)),
        ("seats_blocked", Event::SeatsBlocked { show: show(), seats: vec![7, 1_200], reason: "camera".into() }),
        ("plan_revised", Event::PlanRevised { show: show(), plan: plan(), added: vec![1_200], withdrawn: vec![5, 7], moved: vec![300] }),
        ("seats_unblocked", Event::SeatsUnblocked { show: show(), seats: vec![1_200] }),
    ]
}

fn holds() -> Vec<(&'static str, Event)> {
    let expires_at_unix_ms = NOW_UNIX_MS + 600_000;
    let placed = |items, buyer_ref| Event::HoldPlaced { hold: hold(41), show: show(), items, expires_at_unix_ms, buyer_ref };
    vec![
        ("hold_placed", placed(items(), Some([0xbb; 16]))),
        ("hold_placed_empty", placed([].into(), None)),
        ("hold_extended", Event::HoldExtended { hold: hold(41), expires_at_unix_ms }),
        ("hold_released", Event::HoldReleased { hold: hold(41) }),
        ("hold_expired", Event::HoldExpired { hold: hold(41) }),
        ("reopen_grace_granted", Event::ReopenGraceGranted { until_unix_ms: u64::MAX }),
    ]
}

fn orders() -> Vec<(&'static str, Event)> {
    let order = order();
    let cancelled = |reason| Event::OrderCancelled { order, reason };
    vec![
        (
            "order_placed",
            Event::OrderPlaced {
                order,
                saga: saga(),
                show: show(),
                holds: vec![hold(41), hold(42)],
                total_minor: -1,
                payment: payment(),
                deadline_unix_ms: NOW_UNIX_MS + 900_000,
                buyer: None,
            },
        ),
        ("seats_booked", Event::SeatsBooked { order, first_ticket: ticket(), tickets: 6 }),
        ("booking_reversed", Event::BookingReversed { order }),
        ("payment_authorised", Event::PaymentAuthorised { order, authorisation: "auth_1".into() }),
        ("payment_declined", Event::PaymentDeclined { order }),
        ("payment_unknown", Event::PaymentUnknown { order }),
        ("payment_captured", Event::PaymentCaptured { order }),
        ("payment_voided", Event::PaymentVoided { order }),
        ("payment_refunded", Event::PaymentRefunded { order, saga: saga(), amount_minor: 9_000 }),
        ("tickets_issued", Event::TicketsIssued { order, key_id: [0xca, 0xfe, 0xba, 0xbe] }),
        ("order_confirmed", Event::OrderConfirmed { order }),
        ("order_cancelled_declined", cancelled(CancelReason::PaymentDeclined)),
        ("order_cancelled_deadline", cancelled(CancelReason::DeadlinePassed)),
        ("order_cancelled_step_failed", cancelled(CancelReason::StepFailed)),
        ("order_cancelled_by_buyer", cancelled(CancelReason::ByBuyer)),
        ("order_cancelled_by_operator", cancelled(CancelReason::ByOperator)),
        ("order_stuck", Event::OrderStuck { order }),
    ]
}

fn after_the_sale() -> Vec<(&'static str, Event)> {
    let (order, saga) = (order(), saga());
    let arrived = |policy| Event::PaymentArrivedLate { order, saga, amount_minor: 9_000, reference: "stmt 12/3".into(), policy };
    let chosen = |policy| Event::LatePolicyChosen { order, policy };
    let checked_in = |list, offline| Event::TicketCheckedIn {
        order,
        ticket: ticket(),
        list,
        gate: "North".into(),
        scanned_at_unix_ms: NOW_UNIX_MS,
        offline,
    };
    vec![
        ("cancel_requested", Event::CancelRequested { order, reason: CancelReason::ByBuyer }),
        (
            "positions_cancelled",
            Event::PositionsCancelled { order, positions: vec![0, 300], fees_minor: vec![1_275, 0], reason: CancelReason::ByOperator },
        ),
        ("refund_started", Event::RefundStarted { order, saga, amount_minor: 7_725, note: "rain".into() }),
        ("payment_arrived_late_same_seat", arrived(LatePayment::SameSeat)),
        ("payment_arrived_late_equivalent_seat", arrived(LatePayment::EquivalentSeat)),
        ("payment_arrived_late_refund", arrived(LatePayment::Refund)),
        ("late_policy_chosen", chosen(LatePayment::Refund)),
        ("order_reinstated", Event::OrderReinstated { order, items: vec![items(), [].into()], first_ticket: ticket(), tickets: 6 }),
        ("ticket_checked_in", checked_in(0, false)),
        ("ticket_checked_in_offline", checked_in(300, true)),
    ]
}

fn sagas() -> Vec<(&'static str, Event)> {
    let saga = saga();
    let failed = |error| Event::StepFailed { saga, step: 1, error, undo_below: 2 };
    let retry = |error| Event::RetryScheduled { saga, step: 1, attempt: 130, at_unix_ms: NOW_UNIX_MS + 50, error };
    vec![
        ("saga_started", Event::SagaStarted { saga, definition: SagaRef { kind: 1, version: 2 }, order: order() }),
        ("step_done", Event::StepDone { saga, step: 1, direction: Direction::Forward, receipt: Some("auth_1".into()) }),
        ("step_undone", Event::StepDone { saga, step: 1, direction: Direction::Backward, receipt: None }),
        ("step_failed_declined", failed(StepError::Declined("insufficient_funds".into()))),
        ("step_failed_deadline", failed(StepError::DeadlinePassed)),
        ("step_failed_hold_gone", failed(StepError::HoldGone)),
        ("step_failed_otherwise", failed(StepError::Failed("no such account".into()))),
        ("step_failed_cancelled", failed(StepError::Cancelled(CancelReason::ByBuyer))),
        ("step_failed_given_back", failed(StepError::GivenBack)),
        ("retry_scheduled_unavailable", retry(StepError::Unavailable("connection refused".into()))),
        ("retry_scheduled_timed_out", retry(StepError::TimedOut)),
        ("saga_completed", Event::SagaCompleted { saga }),
        ("saga_compensated", Event::SagaCompensated { saga }),
        ("saga_stuck", Event::SagaStuck { saga, step: 3, error: StepError::TimedOut }),
        ("saga_resumed", Event::SagaResumed { saga, step: 3, direction: Direction::Backward }),
    ]
}

fn effects() -> Vec<(&'static str, Event)> {
    let order = order();
    let forward = |step, effect| Event::EffectIntended { saga: saga(), step, direction: Direction::Forward, attempt: 0, effect };
    let backward = |step, effect| Event::EffectIntended { saga: saga(), step, direction: Direction::Backward, attempt: 1, effect };
    let currency = Currency::from_code("EUR").unwrap();
    let (provider, authorisation) = (|| String::from("simulated"), || String::from("auth_1"));
    vec![
        ("effect_authorise", forward(1, Effect::Authorise { order, amount_minor: 9_000, currency, payment: payment() })),
        ("effect_capture", forward(3, Effect::Capture { order, provider: provider(), authorisation: authorisation() })),
        ("effect_void", backward(1, Effect::Void { order, provider: provider(), authorisation: Some(authorisation()) })),
        ("effect_void_unknown", backward(1, Effect::Void { order, provider: provider(), authorisation: None })),
        ("effect_refund", backward(3, Effect::Refund { order, provider: provider(), authorisation: authorisation(), amount_minor: 9_000 })),
        ("effect_issue_tickets", forward(4, Effect::IssueTickets { order, first_ticket: ticket(), tickets: 6 })),
    ]
}

fn rejections() -> Vec<(&'static str, Rejection)> {
    let (show, hold, order, saga) = (show(), hold(41), order(), saga());
    vec![
        ("refused_idempotency_key_reused", Rejection::IdempotencyKeyReused),
        ("refused_idempotency_key_expired", Rejection::IdempotencyKeyExpired),
        ("refused_venue_not_found", Rejection::VenueNotFound { venue: venue() }),
        ("refused_show_not_found", Rejection::ShowNotFound { show }),
        ("refused_invalid_show", Rejection::InvalidShow { what: "a show needs at least one product".into() }),
        ("refused_invalid_plan", Rejection::InvalidPlan { what: "rows: cover 3 seats".into() }),
        ("refused_sale_not_open", Rejection::SaleNotOpen { show, state: SaleState::Paused }),
        ("refused_sale_state_conflict", Rejection::SaleStateConflict { show, state: SaleState::Closed }),
        ("refused_empty_hold", Rejection::EmptyHold),
        ("refused_unknown_product", Rejection::UnknownProduct { product: 300 }),
        ("refused_wrong_claim", Rejection::WrongClaim { product: 1 }),
        ("refused_seats_sold_out", Rejection::SeatsSoldOut { show, wanted: Box::new(wanted()), left: 1, claimed: vec![] }),
        (
            "refused_not_enough_adjacent_seats",
            Rejection::NotEnoughAdjacentSeats { show, wanted: Box::new(wanted()), left: 300, together_max: 2, claimed: vec![1_200, 7] },
        ),
        ("refused_orphan_seat", Rejection::OrphanSeat { show, seats: vec![4] }),
        ("refused_table_sold_whole", Rejection::TableSoldWhole { show, seats: vec![4, 5] }),
        ("refused_unknown_seat", Rejection::UnknownSeat { seat: u32::MAX }),
        ("refused_seat_not_in_product", Rejection::SeatNotInProduct { seat: 1_200, product: 1 }),
        ("refused_seat_twice", Rejection::SeatTwice { seat: 1_200 }),
        ("refused_too_many_places", Rejection::TooManyPlaces { places: 101, places_max: 100 }),
        ("refused_ttl_out_of_range", Rejection::TtlOutOfRange { ttl_ms: 999 }),
        ("refused_seat_taken_by_a_role", Rejection::SeatTaken { show, seats: vec![7] }),
        ("refused_sold_out_to_a_role", Rejection::SoldOut { show, quota: 1, requested: 200, left: 130 }),
        ("refused_hold_not_found", Rejection::HoldNotFound { hold }),
        ("refused_hold_expired", Rejection::HoldExpired { hold }),
        ("refused_hold_in_order", Rejection::HoldInOrder { hold, order }),
        ("refused_no_holds", Rejection::NoHolds),
        ("refused_too_many_holds", Rejection::TooManyHolds { holds: 21 }),
        ("refused_hold_twice", Rejection::HoldTwice { hold }),
        ("refused_mixed_currencies", Rejection::MixedCurrencies),
        ("refused_amount_too_large", Rejection::AmountTooLarge),
        ("refused_order_not_found", Rejection::OrderNotFound { order }),
        ("refused_saga_not_found", Rejection::SagaNotFound { saga }),
        ("refused_step_not_pending", Rejection::StepNotPending { saga }),
        ("refused_key_not_found", Rejection::KeyNotFound),
        ("refused_invalid_api_key", Rejection::InvalidApiKey { what: "the name is empty".into() }),
        ("refused_invalid_organiser", Rejection::InvalidOrganiser { what: "the name is empty".into() }),
        ("refused_organiser_not_found", Rejection::OrganiserNotFound { organiser: organiser() }),
        ("refused_organiser_exists", Rejection::OrganiserExists { organiser: organiser() }),
        ("refused_wrong_partition", Rejection::WrongPartition),
    ]
}

/// Those that came with what follows a sale.
fn later_rejections() -> Vec<(&'static str, Rejection)> {
    let (show, order, saga, ticket) = (show(), order(), saga(), ticket());
    let outside =
        |product, opens_at_unix_ms, closes_at_unix_ms| Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms };
    let not_confirmed = |state| Rejection::OrderNotConfirmed { order, state };
    vec![
        ("refused_outside_sale_window", outside(None, Some(NOW_UNIX_MS), None)),
        ("refused_outside_product_window", outside(Some(300), None, Some(NOW_UNIX_MS))),
        ("refused_buyer_ref_required", Rejection::BuyerRefRequired { show }),
        ("refused_limit_exceeded", Rejection::LimitExceeded { show, limit: 6, has: 200, requested: 2 }),
        ("refused_order_already_cancelled", Rejection::OrderAlreadyCancelled { order }),
        ("refused_order_not_confirmed_placed", not_confirmed(OrderState::Placed)),
        ("refused_order_not_confirmed_awaiting", not_confirmed(OrderState::AwaitingPayment)),
        ("refused_order_not_confirmed_confirmed", not_confirmed(OrderState::Confirmed)),
        ("refused_order_not_confirmed_cancelled", not_confirmed(OrderState::Cancelled)),
        ("refused_order_not_confirmed_stuck", not_confirmed(OrderState::Stuck)),
        ("refused_order_stuck", Rejection::OrderStuck { order }),
        ("refused_unknown_position", Rejection::UnknownPosition { order, position: 300 }),
        ("refused_position_cancelled", Rejection::PositionCancelled { order, position: 0 }),
        ("refused_nothing_selected", Rejection::NothingSelected),
        ("refused_refund_too_large", Rejection::RefundTooLarge { order, requested_minor: 9_001, left_minor: -1 }),
        ("refused_wrong_provider", Rejection::WrongProvider { order, provider: "transfer".into() }),
        ("refused_wrong_amount", Rejection::WrongAmount { order, expected_minor: 9_000, received_minor: 8_999 }),
        ("refused_payment_already_known", Rejection::PaymentAlreadyKnown { order }),
        ("refused_order_already_paid", Rejection::OrderAlreadyPaid { order }),
        ("refused_not_awaiting_payment", Rejection::NotAwaitingPayment { order }),
        ("refused_no_payout_pending", Rejection::NoPayoutPending { order, amount_minor: 9_000 }),
        ("refused_no_late_payment", Rejection::NoLatePayment { order }),
        ("refused_seat_not_blocked", Rejection::SeatNotBlocked { show, seats: vec![7, 1_200] }),
        ("refused_plan_conflict", Rejection::PlanConflict { show, lost: vec![7, 1_200], parted: vec![3] }),
        ("refused_ticket_not_found", Rejection::TicketNotFound { ticket }),
        ("refused_ticket_cancelled", Rejection::TicketCancelled { ticket }),
        ("refused_ticket_of_other_show", Rejection::TicketOfOtherShow { ticket, show }),
        ("refused_unknown_check_in_list", Rejection::UnknownCheckInList { show, list: 300 }),
        ("refused_ticket_not_on_list", Rejection::TicketNotOnList { ticket, list: 1 }),
        ("refused_ticket_already_used", Rejection::TicketAlreadyUsed { ticket, gate: "North".into(), scanned_at_unix_ms: NOW_UNIX_MS }),
        ("refused_saga_not_stuck", Rejection::SagaNotStuck { saga }),
    ]
}
