//! Rejections. Their tags are as stable as their codes, and never used twice.

use guichet_domain::best::{BestAvailable, Part};
use guichet_domain::order::OrderState;
use guichet_domain::show::SaleState;
use guichet_domain::{HoldId, OrderId, OrganiserId, Rejection, SagaId, ShowId, TicketId, VenueId};

use super::layout::layout;

layout!(enum Rejection, "unknown rejection" {
    1 = IdempotencyKeyReused,
    2 = IdempotencyKeyExpired,
    3 = VenueNotFound { venue: VenueId },
    4 = ShowNotFound { show: ShowId },
    5 = InvalidShow { what: String },
    6 = InvalidPlan { what: String },
    7 = SaleNotOpen { show: ShowId, state: SaleState },
    8 = SaleStateConflict { show: ShowId, state: SaleState },
    9 = EmptyHold,
    10 = UnknownProduct { product: u16 },
    11 = WrongClaim { product: u16 },
    12 = UnknownSeat { seat: u32 },
    13 = SeatNotInProduct { seat: u32, product: u16 },
    14 = SeatTwice { seat: u32 },
    15 = TooManyPlaces { places: u32, places_max: u32 },
    16 = TtlOutOfRange { ttl_ms: u64 },
    17 = SeatTaken { show: ShowId, seats: Vec<u32> },
    18 = SoldOut { show: ShowId, quota: u16, requested: u32, left: u32 },
    19 = HoldNotFound { hold: HoldId },
    20 = HoldExpired { hold: HoldId },
    21 = HoldInOrder { hold: HoldId, order: OrderId },
    22 = NoHolds,
    23 = TooManyHolds { holds: u32 },
    24 = HoldTwice { hold: HoldId },
    25 = MixedCurrencies,
    26 = AmountTooLarge,
    27 = OrderNotFound { order: OrderId },
    28 = SagaNotFound { saga: SagaId },
    29 = StepNotPending { saga: SagaId },
    30 = KeyNotFound,
    31 = WrongPartition,
    32 = OutsideSaleWindow {
        show: ShowId,
        product: Option<u16>,
        opens_at_unix_ms: Option<u64>,
        closes_at_unix_ms: Option<u64>
    },
    33 = BuyerRefRequired { show: ShowId },
    34 = LimitExceeded { show: ShowId, limit: u32, has: u32, requested: u32 },
    35 = OrderAlreadyCancelled { order: OrderId },
    36 = OrderNotConfirmed { order: OrderId, state: OrderState },
    37 = OrderStuck { order: OrderId },
    38 = UnknownPosition { order: OrderId, position: u32 },
    39 = PositionCancelled { order: OrderId, position: u32 },
    40 = NothingSelected,
    41 = RefundTooLarge { order: OrderId, requested_minor: i64, left_minor: i64 },
    42 = WrongProvider { order: OrderId, provider: String },
    43 = WrongAmount { order: OrderId, expected_minor: i64, received_minor: i64 },
    44 = PaymentAlreadyKnown { order: OrderId },
    45 = OrderAlreadyPaid { order: OrderId },
    46 = NotAwaitingPayment { order: OrderId },
    47 = NoPayoutPending { order: OrderId, amount_minor: i64 },
    48 = NoLatePayment { order: OrderId },
    49 = SeatNotBlocked { show: ShowId, seats: Vec<u32> },
    50 = TicketNotFound { ticket: TicketId },
    51 = TicketCancelled { ticket: TicketId },
    52 = TicketOfOtherShow { ticket: TicketId, show: ShowId },
    53 = UnknownCheckInList { show: ShowId, list: u16 },
    54 = TicketNotOnList { ticket: TicketId, list: u16 },
    55 = TicketAlreadyUsed { ticket: TicketId, gate: String, scanned_at_unix_ms: u64 },
    56 = SagaNotStuck { saga: SagaId },
    57 = PartReleased { home: OrderId },
    58 = ReservedTooLate { home: OrderId },
    59 = PartSold { order: OrderId },
    60 = PartOfOrder { order: OrderId, home: OrderId },
    61 = SeatsSoldOut { show: ShowId, wanted: Box<BestAvailable>, left: u32, claimed: Vec<u32> },
    62 = NotEnoughAdjacentSeats { show: ShowId, wanted: Box<BestAvailable>, left: u32, together_max: u32, claimed: Vec<u32> },
    63 = OrphanSeat { show: ShowId, seats: Vec<u32> },
    64 = TableSoldWhole { show: ShowId, seats: Vec<u32> },
    65 = PlanConflict { show: ShowId, lost: Vec<u32>, parted: Vec<u32> },
    66 = InvalidApiKey { what: String },
    67 = InvalidOrganiser { what: String },
    68 = OrganiserNotFound { organiser: OrganiserId },
    69 = OrganiserExists { organiser: OrganiserId },
});

layout!(
    struct BestAvailable {
        choices: Vec<Vec<Part>>,
        accessible: u32,
        categories: Vec<u16>,
        zones: Vec<u16>,
        across_aisles: bool,
        split: bool,
    }
);

layout!(
    struct Part {
        product: u16,
        quantity: u32,
    }
);

layout!(enum OrderState, "unknown order state" {
    1 = Placed,
    2 = AwaitingPayment,
    3 = Confirmed,
    4 = Cancelled,
    5 = Stuck,
});
