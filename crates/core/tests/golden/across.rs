//! Examples of orders across partitions.

use guichet_domain::across::PartRequest;
use guichet_domain::commands::{BookPart, ConfirmPart, PaymentTerms, PlaceOrder, PlacePart, RefundPart, ReleasePart};
use guichet_domain::money::Currency;
use guichet_domain::order::CancelReason;
use guichet_domain::saga::{Direction, Effect};
use guichet_domain::{Command, Event, OrderId, Rejection};

use crate::examples::{hold, order, parts, payment, saga, show};

fn home() -> OrderId {
    OrderId::new(parts(79))
}

fn wanted() -> PartRequest {
    let currency = Currency::from_code("EUR").unwrap();
    PartRequest { partition: 300, holds: vec![hold(41), hold(42)], total_minor: 9_000, currency }
}

pub(crate) fn events() -> Vec<(&'static str, Event)> {
    let (order, home, saga, deadline_unix_ms) = (order(), home(), saga(), 1_795_000_900_123);
    let parts = || vec![order, home];
    let intent = |effect| Event::EffectIntended { saga, step: 1, direction: Direction::Forward, attempt: 0, effect };
    let reason = CancelReason::ByBuyer;
    vec![
        ("parts_wanted", Event::PartsWanted { order, parts: vec![wanted()], deadline_unix_ms }),
        ("parts_reserved", Event::PartsReserved { order, parts: parts() }),
        ("parts_cancelled", Event::PartsCancelled { order, saga, waive_fee: true }),
        ("part_refund_taken", Event::PartRefundTaken { order: home, part: order, by: saga, amount_minor: 9_000 }),
        ("part_placed", Event::PartPlaced { order, home, saga, show: show(), holds: vec![hold(41)], total_minor: 9_000, deadline_unix_ms }),
        ("part_barred", Event::PartBarred { home, saga, until_unix_ms: deadline_unix_ms }),
        ("part_overdue", Event::PartOverdue { order, ask_again_at_unix_ms: deadline_unix_ms }),
        ("refund_handed_over", Event::RefundHandedOver { order, saga }),
        ("effect_reserve_parts", intent(Effect::ReserveParts { order, parts: vec![wanted()], deadline_unix_ms })),
        ("effect_book_parts", intent(Effect::BookParts { order, parts: parts() })),
        ("effect_confirm_parts", intent(Effect::ConfirmParts { order, parts: parts(), key_id: [0xca, 0xfe, 0xba, 0xbe] })),
        ("effect_release_parts", intent(Effect::ReleaseParts { order, partitions: vec![1, 300], deadline_unix_ms, reason })),
        ("effect_cancel_parts", intent(Effect::CancelParts { order, parts: parts(), reason, waive_fee: false })),
        ("effect_refund_part", intent(Effect::RefundPart { order, home, amount_minor: -1 })),
    ]
}

pub(crate) fn rejections() -> Vec<(&'static str, Rejection)> {
    let (order, home) = (order(), home());
    vec![
        ("refused_part_released", Rejection::PartReleased { home }),
        ("refused_reserved_too_late", Rejection::ReservedTooLate { home }),
        ("refused_part_sold", Rejection::PartSold { order }),
        ("refused_part_of_order", Rejection::PartOfOrder { order, home }),
    ]
}

pub(crate) fn commands() -> Vec<(&'static str, Command)> {
    let (part, home, saga, deadline_unix_ms) = (order(), home(), saga(), 1_795_000_900_123);
    let PartRequest { holds, total_minor, currency, .. } = wanted();
    let buy = PlaceOrder { holds: vec![hold(41)], parts: vec![wanted()], payment: payment(), terms: PaymentTerms::Prompt, buyer: None };
    vec![
        ("place_order_across", Command::PlaceOrder(buy)),
        ("place_part", Command::PlacePart(PlacePart { home, saga, holds, total_minor, currency, deadline_unix_ms })),
        ("book_part", Command::BookPart(BookPart { part })),
        ("confirm_part", Command::ConfirmPart(ConfirmPart { part, key_id: [0xca, 0xfe, 0xba, 0xbe] })),
        ("release_part", Command::ReleasePart(ReleasePart { saga, home, deadline_unix_ms, reason: CancelReason::ByBuyer })),
        ("refund_part", Command::RefundPart(RefundPart { order: home, part, by: saga, amount_minor: 9_000 })),
    ]
}
