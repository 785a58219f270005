//! Events and what they carry. Tags are grouped by subject with room between the groups, and never used twice: an event that is given
//! up leaves its tag behind.

use std::sync::Arc;

use guichet_domain::across::PartRequest;
use guichet_domain::hold::{Claim, HoldItem};
use guichet_domain::key::{ApiKey, PreviousSecret, Scope};
use guichet_domain::order::{CancelReason, PaymentRequest};
use guichet_domain::organiser::Organiser;
use guichet_domain::saga::{Direction, Effect, SagaRef, StepError};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{LatePayment, SaleState, ShowDefinition};
use guichet_domain::{ApiKeyId, Event, HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};

use super::layout::layout;

layout!(enum Event, "unknown event" {
    // The catalogue.
    1 = VenueRegistered { venue: VenueId, plan: Arc<SeatingPlan> },
    2 = ShowCreated { definition: Arc<ShowDefinition> },
    3 = ApiKeyCreated { key: ApiKey },
    4 = ApiKeyRevoked { key: ApiKeyId },
    5 = ApiKeyRotated { key: ApiKeyId, secret_sha256: [u8; 32], previous_until_unix_ms: Option<u64> },
    6 = ApiKeysUsed { uses: Vec<(ApiKeyId, u64)> },
    7 = OrganiserCreated { organiser: Organiser },
    8 = VenueOwned { venue: VenueId, organiser: OrganiserId },
    9 = ShowOwned { show: ShowId, organiser: OrganiserId },
    // A show.
    16 = ShowAdopted { definition: Arc<ShowDefinition>, plan: Arc<SeatingPlan> },
    17 = SaleStateChanged { show: ShowId, state: SaleState },
    18 = SeatsBlocked { show: ShowId, seats: Vec<u32>, reason: String },
    19 = SeatsUnblocked { show: ShowId, seats: Vec<u32> },
    20 = PlanRevised {
        show: ShowId,
        plan: Arc<SeatingPlan>,
        added: Vec<u32>,
        withdrawn: Vec<u32>,
        moved: Vec<u32>
    },
    // Holds.
    32 = HoldPlaced { hold: HoldId, show: ShowId, items: Arc<[HoldItem]>, expires_at_unix_ms: u64, buyer_ref: Option<[u8; 16]> },
    33 = HoldExtended { hold: HoldId, expires_at_unix_ms: u64 },
    34 = HoldReleased { hold: HoldId },
    35 = HoldExpired { hold: HoldId },
    36 = ReopenGraceGranted { until_unix_ms: u64 },
    // Orders and money.
    48 = OrderPlaced {
        order: OrderId,
        saga: SagaId,
        show: ShowId,
        holds: Vec<HoldId>,
        total_minor: i64,
        payment: PaymentRequest,
        deadline_unix_ms: u64,
        buyer: Option<[u8; 16]>
    },
    49 = SeatsBooked { order: OrderId, first_ticket: TicketId, tickets: u32 },
    50 = BookingReversed { order: OrderId },
    51 = PaymentAuthorised { order: OrderId, authorisation: String },
    52 = PaymentDeclined { order: OrderId },
    53 = PaymentUnknown { order: OrderId },
    54 = PaymentCaptured { order: OrderId },
    55 = PaymentVoided { order: OrderId },
    56 = PaymentRefunded { order: OrderId, saga: SagaId, amount_minor: i64 },
    57 = TicketsIssued { order: OrderId, key_id: [u8; 4] },
    58 = OrderConfirmed { order: OrderId },
    59 = OrderCancelled { order: OrderId, reason: CancelReason },
    60 = OrderStuck { order: OrderId },
    // After the sale.
    64 = CancelRequested { order: OrderId, reason: CancelReason },
    65 = PositionsCancelled { order: OrderId, positions: Vec<u32>, fees_minor: Vec<i64>, reason: CancelReason },
    66 = RefundStarted { order: OrderId, saga: SagaId, amount_minor: i64, note: String },
    67 = PaymentArrivedLate { order: OrderId, saga: SagaId, amount_minor: i64, reference: String, policy: LatePayment },
    68 = LatePolicyChosen { order: OrderId, policy: LatePayment },
    69 = OrderReinstated { order: OrderId, items: Vec<Arc<[HoldItem]>>, first_ticket: TicketId, tickets: u32 },
    70 = TicketCheckedIn {
        order: OrderId,
        ticket: TicketId,
        list: u16,
        gate: String,
        scanned_at_unix_ms: u64,
        offline: bool
    },
    // Sagas.
    80 = SagaStarted { saga: SagaId, definition: SagaRef, order: OrderId },
    81 = EffectIntended { saga: SagaId, step: u8, direction: Direction, attempt: u32, effect: Effect },
    82 = StepDone { saga: SagaId, step: u8, direction: Direction, receipt: Option<String> },
    83 = StepFailed { saga: SagaId, step: u8, error: StepError, undo_below: u8 },
    84 = RetryScheduled { saga: SagaId, step: u8, attempt: u32, at_unix_ms: u64, error: StepError },
    85 = SagaCompleted { saga: SagaId },
    86 = SagaCompensated { saga: SagaId },
    87 = SagaStuck { saga: SagaId, step: u8, error: StepError },
    88 = SagaResumed { saga: SagaId, step: u8, direction: Direction },
    // Orders across partitions.
    96 = PartsWanted { order: OrderId, parts: Vec<PartRequest>, deadline_unix_ms: u64 },
    97 = PartsReserved { order: OrderId, parts: Vec<OrderId> },
    98 = PartsCancelled { order: OrderId, saga: SagaId, waive_fee: bool },
    99 = PartRefundTaken { order: OrderId, part: OrderId, by: SagaId, amount_minor: i64 },
    100 = PartPlaced {
        order: OrderId,
        home: OrderId,
        saga: SagaId,
        show: ShowId,
        holds: Vec<HoldId>,
        total_minor: i64,
        deadline_unix_ms: u64
    },
    101 = PartBarred { home: OrderId, saga: SagaId, until_unix_ms: u64 },
    102 = PartOverdue { order: OrderId, ask_again_at_unix_ms: u64 },
    103 = RefundHandedOver { order: OrderId, saga: SagaId },
});

layout!(
    struct HoldItem {
        product: u16,
        claim: Claim,
    }
);

layout!(enum Claim, "unknown kind of claim" {
    1 = Seats(seats: Vec<u32>),
    2 = Quantity(quantity: u32),
});

layout!(
    struct PaymentRequest {
        provider: String,
        token: String,
    }
);

layout!(enum CancelReason, "unknown reason of a cancellation" {
    1 = PaymentDeclined,
    2 = DeadlinePassed,
    3 = StepFailed,
    4 = ByBuyer,
    5 = ByOperator,
});

layout!(
    struct ApiKey {
        id: ApiKeyId,
        name: String,
        scope: Scope,
        organiser: Option<OrganiserId>,
        requests_per_s: Option<u32>,
        secret_sha256: [u8; 32],
        previous: Option<PreviousSecret>,
        last_used_unix_ms: Option<u64>,
    }
);

layout!(
    struct PreviousSecret {
        sha256: [u8; 32],
        until_unix_ms: u64,
    }
);

layout!(
    struct Organiser {
        id: OrganiserId,
        name: String,
    }
);

layout!(enum Scope, "unknown scope of an API key" {
    1 = Admin,
    2 = Shop,
    3 = CheckIn,
    4 = Organiser,
    5 = Sales,
    6 = ReadOnly,
});
