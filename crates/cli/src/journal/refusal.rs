//! A refusal as JSON: its code, its sentence, and by name what it knows by number.

use guichet_core::domain::Rejection;
use serde_json::{Value, json};

use super::describe::time;
use super::names::Names;

/// A refusal with its code, its sentence and what it names.
pub(super) fn refusal(names: &Names, rejection: &Rejection) -> Value {
    let mut object = match rejection {
        Rejection::SeatTaken { show, seats }
        | Rejection::SeatNotBlocked { show, seats }
        | Rejection::OrphanSeat { show, seats }
        | Rejection::TableSoldWhole { show, seats } => {
            json!({"show": show.to_string(), "seats": names.seats(*show, seats)})
        }
        Rejection::PlanConflict { show, lost, parted } => {
            json!({"show": show.to_string(), "lost": names.seats(*show, lost), "parted": names.seats(*show, parted)})
        }
        Rejection::SeatsSoldOut { show, wanted, left, .. } => {
            json!({"show": show.to_string(), "requested": wanted.quantity(), "left": left, "accessible": wanted.accessible})
        }
        Rejection::NotEnoughAdjacentSeats { show, wanted, left, together_max, .. } => json!({
            "show": show.to_string(),
            "requested": wanted.quantity(),
            "left": left,
            "together_max": together_max,
            "accessible": wanted.accessible,
        }),
        Rejection::SoldOut { show, quota, requested, left } => {
            json!({"show": show.to_string(), "quota": names.quota(*show, *quota), "requested": requested, "left": left})
        }
        Rejection::SaleNotOpen { show, .. } | Rejection::SaleStateConflict { show, .. } | Rejection::BuyerRefRequired { show } => {
            json!({"show": show.to_string()})
        }
        Rejection::OutsideSaleWindow { show, product, opens_at_unix_ms, closes_at_unix_ms } => json!({
            "show": show.to_string(),
            "product": product.map(|product| names.product(*show, product)),
            "opens_at": opens_at_unix_ms.map(time),
            "closes_at": closes_at_unix_ms.map(time),
        }),
        Rejection::LimitExceeded { show, limit, has, requested } => {
            json!({"show": show.to_string(), "limit": limit, "has": has, "requested": requested})
        }
        Rejection::RefundTooLarge { order, requested_minor, left_minor } => json!({
            "order": order.to_string(),
            "requested": names.money_of(*order, *requested_minor),
            "left": names.money_of(*order, *left_minor),
        }),
        Rejection::WrongAmount { order, expected_minor, received_minor } => json!({
            "order": order.to_string(),
            "expected": names.money_of(*order, *expected_minor),
            "received": names.money_of(*order, *received_minor),
        }),
        Rejection::TicketAlreadyUsed { ticket, gate, scanned_at_unix_ms } => {
            json!({"ticket": ticket.to_string(), "gate": gate, "scanned_at": time(*scanned_at_unix_ms)})
        }
        Rejection::TicketOfOtherShow { ticket, show } => json!({"ticket": ticket.to_string(), "show": show.to_string()}),
        // The sentences of the others say all that they name.
        _ => json!({}),
    };
    object["code"] = rejection.code().into();
    object["detail"] = rejection.to_string().into();
    object
}
