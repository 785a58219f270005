//! Rejections. Their tags are as stable as their codes, and never used twice.

use guichet_domain::show::SaleState;
use guichet_domain::{HoldId, OrderId, Rejection, SagaId, ShowId, VenueId};

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
    25 = HoldsOfDifferentShows,
    26 = AmountTooLarge,
    27 = OrderNotFound { order: OrderId },
    28 = SagaNotFound { saga: SagaId },
    29 = StepNotPending { saga: SagaId },
    30 = KeyNotFound,
    31 = WrongPartition,
});
