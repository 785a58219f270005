//! Records and events as JSON. What must never be in it: payment tokens, providers' references, hashes of keys, references of buyers,
//! whole plans.
//!
//! The types and fields are named as on `GET /v1/stream`.

use guichet_api::Money;
use guichet_core::domain::Record;
use guichet_core::domain::across::PartRequest;
use guichet_core::domain::order::order_code;
use guichet_core::domain::saga::{self, Direction, Effect};
use guichet_core::{CancelReason, Event, OrderId, ticket_key_name};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::definition::{late_payment, show, summary};
use super::names::Names;
use super::refusal::refusal;

/// A moment, RFC 3339.
pub(super) fn time(unix_ms: u64) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(|| format!("{unix_ms} ms since 1970"), |moment| moment.to_string())
}

/// A record as one line of JSON.
#[derive(Serialize)]
pub(crate) struct Line {
    partition: u16,
    offset: u64,
    at: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<Described>>,
}

/// An event with its fields.
#[derive(Serialize)]
struct Described {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    details: Value,
}

/// Describes a record.
pub(crate) fn record(names: &Names, partition: u16, offset: u64, stamp_unix_ms: u64, record: &Record) -> Line {
    let (outcome, rejection) = match record {
        Record::Accepted { .. } => ("accepted", None),
        Record::Refused { rejection, .. } => ("refused", Some(refusal(names, rejection))),
        Record::Timely { .. } => ("timely", None),
    };
    let event = |event: &Event| {
        let (kind, mut details) = details(names, event);
        for (name, id) in [("order", event.order().map(|id| id.to_string())), ("saga", event.saga().map(|id| id.to_string()))] {
            if let Some(id) = id {
                details[name] = id.into();
            }
        }
        Described { kind, details }
    };
    let events = rejection.is_none().then(|| record.events().iter().map(event).collect());
    Line { partition, offset, at: time(stamp_unix_ms), outcome, rejection, events }
}

/// The type of an event and its fields, beside the order and the saga that it names. Complete on purpose: a new event does not compile
/// before it is described here.
fn details(names: &Names, event: &Event) -> (&'static str, Value) {
    let nothing = || json!({});
    let way = |direction: Direction| if direction == Direction::Forward { "do" } else { "undo" };
    match event {
        Event::VenueRegistered { venue, plan } => {
            ("venue_registered", json!({"venue": venue.to_string(), "name": plan.name, "plan": summary(plan)}))
        }
        Event::ShowCreated { definition } => ("show_created", show(definition)),
        Event::ApiKeyCreated { key } => {
            let organiser = key.organiser.map(|organiser| organiser.to_string());
            let (scope, rate) = (key.scope.name(), key.requests_per_s);
            let id = key.id.to_string();
            ("api_key_created", json!({"key": id, "name": key.name, "scope": scope, "organiser": organiser, "requests_per_s": rate}))
        }
        Event::ApiKeyRotated { key, previous_until_unix_ms, .. } => {
            ("api_key_rotated", json!({"key": key.to_string(), "previous_until": previous_until_unix_ms.map(time)}))
        }
        Event::ApiKeysUsed { uses } => {
            let uses: Vec<_> = uses.iter().map(|(key, at)| json!({"key": key.to_string(), "at": time(*at)})).collect();
            ("api_keys_used", json!({"uses": uses}))
        }
        Event::ApiKeyRevoked { key } => ("api_key_revoked", json!({"key": key.to_string()})),
        Event::OrganiserCreated { organiser } => {
            ("organiser_created", json!({"organiser": organiser.id.to_string(), "name": organiser.name}))
        }
        Event::VenueOwned { venue, organiser } => ("venue_owned", json!({"venue": venue.to_string(), "organiser": organiser.to_string()})),
        Event::ShowOwned { show, organiser } => ("show_owned", json!({"show": show.to_string(), "organiser": organiser.to_string()})),
        Event::ShowAdopted { definition, plan } => {
            let mut described = show(definition);
            described["plan"] = summary(plan);
            ("show_adopted", described)
        }
        Event::SaleStateChanged { show, state } => ("sale_state_changed", json!({"show": show.to_string(), "sale": state.name()})),
        Event::PlanRevised { show, plan, added, withdrawn, moved } => {
            let labels = |seats: &[u32]| seats.iter().map(|seat| plan.seat_label(*seat)).collect::<Vec<_>>();
            let (added, withdrawn, moved) = (labels(added), labels(withdrawn), labels(moved));
            let show = show.to_string();
            ("plan_revised", json!({"show": show, "plan": summary(plan), "added": added, "withdrawn": withdrawn, "moved": moved}))
        }
        Event::SeatsBlocked { show, seats, reason } => {
            ("seats_blocked", json!({"show": show.to_string(), "seats": names.seats(*show, seats), "reason": reason}))
        }
        Event::SeatsUnblocked { show, seats } => ("seats_unblocked", json!({"show": show.to_string(), "seats": names.seats(*show, seats)})),
        Event::HoldPlaced { hold, show, items, expires_at_unix_ms, buyer_ref } => {
            let (id, items, at) = (hold.to_string(), names.items(*show, items), time(*expires_at_unix_ms));
            let has_buyer_ref = buyer_ref.is_some();
            ("hold_placed", json!({"hold": id, "show": show.to_string(), "items": items, "expires_at": at, "has_buyer_ref": has_buyer_ref}))
        }
        Event::HoldExtended { hold, expires_at_unix_ms } => {
            ("hold_extended", json!({"hold": hold.to_string(), "expires_at": time(*expires_at_unix_ms)}))
        }
        Event::HoldReleased { hold } => ("hold_released", json!({"hold": hold.to_string()})),
        Event::HoldExpired { hold } => ("hold_expired", json!({"hold": hold.to_string()})),
        Event::ReopenGraceGranted { until_unix_ms } => ("reopen_grace_granted", json!({"until": time(*until_unix_ms)})),
        Event::OrderPlaced { order, saga, show, holds, total_minor, payment, deadline_unix_ms, buyer } => {
            let holds: Vec<String> = holds.iter().map(ToString::to_string).collect();
            let described = json!({
                "code": order_code(*order),
                "saga": saga.to_string(),
                "show": show.to_string(),
                "holds": holds,
                "total": names.money(Some(*show), *total_minor),
                "provider": payment.provider,
                "deadline": time(*deadline_unix_ms),
                "has_buyer": buyer.is_some(),
            });
            ("order_placed", described)
        }
        Event::SeatsBooked { first_ticket, tickets, .. } => {
            ("seats_booked", json!({"first_ticket": first_ticket.to_string(), "tickets": tickets}))
        }
        Event::BookingReversed { .. } => ("booking_reversed", nothing()),
        Event::PaymentAuthorised { .. } => ("payment_authorised", nothing()),
        Event::PaymentDeclined { .. } => ("payment_declined", nothing()),
        Event::PaymentUnknown { .. } => ("payment_unknown", nothing()),
        Event::PaymentCaptured { .. } => ("payment_captured", nothing()),
        Event::PaymentVoided { .. } => ("payment_voided", nothing()),
        Event::PaymentRefunded { order, saga, amount_minor } => {
            ("payment_refunded", json!({"saga": saga.to_string(), "amount": names.money_of(*order, *amount_minor)}))
        }
        Event::TicketsIssued { key_id, .. } => ("tickets_issued", json!({"key_id": ticket_key_name(*key_id)})),
        Event::OrderConfirmed { .. } => ("order_confirmed", nothing()),
        Event::OrderCancelled { reason, .. } => ("order_cancelled", json!({"reason": cancel_reason(*reason)})),
        Event::OrderStuck { .. } => ("order_stuck", nothing()),
        Event::CancelRequested { reason, .. } => ("cancel_requested", json!({"reason": cancel_reason(*reason)})),
        Event::PositionsCancelled { order, positions, fees_minor, reason } => {
            let fees: Vec<Value> = fees_minor.iter().map(|fee| names.money_of(*order, *fee)).collect();
            ("positions_cancelled", json!({"positions": positions, "fees": fees, "reason": cancel_reason(*reason)}))
        }
        Event::RefundStarted { order, saga, amount_minor, note } => {
            ("refund_started", json!({"saga": saga.to_string(), "amount": names.money_of(*order, *amount_minor), "note": note}))
        }
        Event::PaymentArrivedLate { order, saga, amount_minor, policy, .. } => {
            let amount = names.money_of(*order, *amount_minor);
            ("payment_arrived_late", json!({"saga": saga.to_string(), "amount": amount, "policy": late_payment(*policy)}))
        }
        Event::LatePolicyChosen { policy, .. } => ("late_policy_chosen", json!({"policy": late_payment(*policy)})),
        Event::OrderReinstated { first_ticket, tickets, .. } => {
            ("order_reinstated", json!({"first_ticket": first_ticket.to_string(), "tickets": tickets}))
        }
        Event::TicketCheckedIn { ticket, list, gate, scanned_at_unix_ms, offline, .. } => {
            let (ticket, at) = (ticket.to_string(), time(*scanned_at_unix_ms));
            // By number: an order may be for several shows, and a ticket does not say for which of them it is.
            ("ticket_checked_in", json!({"ticket": ticket, "list_number": list, "gate": gate, "scanned_at": at, "offline": offline}))
        }
        Event::PartsWanted { parts, deadline_unix_ms, .. } => {
            let parts: Vec<Value> = parts.iter().map(wanted).collect();
            ("parts_wanted", json!({"parts": parts, "deadline": time(*deadline_unix_ms)}))
        }
        Event::PartsReserved { parts, .. } => ("parts_reserved", json!({"parts": ids(parts)})),
        Event::PartsCancelled { waive_fee, .. } => ("parts_cancelled", json!({"waive_fee": waive_fee})),
        Event::PartRefundTaken { order, part, by, amount_minor } => {
            let amount = names.money_of(*order, *amount_minor);
            ("part_refund_taken", json!({"part": part.to_string(), "by": by.to_string(), "amount": amount}))
        }
        Event::PartPlaced { home, saga, show, holds, total_minor, deadline_unix_ms, .. } => {
            let holds: Vec<String> = holds.iter().map(ToString::to_string).collect();
            let described = json!({
                "home": home.to_string(),
                "driven_by": saga.to_string(),
                "show": show.to_string(),
                "holds": holds,
                "total": names.money(Some(*show), *total_minor),
                "deadline": time(*deadline_unix_ms),
            });
            ("part_placed", described)
        }
        Event::PartBarred { home, until_unix_ms, .. } => ("part_barred", json!({"home": home.to_string(), "until": time(*until_unix_ms)})),
        Event::PartOverdue { ask_again_at_unix_ms, .. } => ("part_overdue", json!({"ask_again_at": time(*ask_again_at_unix_ms)})),
        Event::RefundHandedOver { .. } => ("refund_handed_over", nothing()),
        Event::SagaStarted { definition, .. } => {
            let name = saga::definition(*definition).map_or("unknown", |definition| definition.name);
            ("saga_started", json!({"kind": name, "version": definition.version}))
        }
        Event::EffectIntended { saga, step, direction, attempt, effect } => {
            let (step, direction, effect) = (names.step(*saga, *step), way(*direction), self::effect(names, effect));
            ("effect_intended", json!({"step": step, "direction": direction, "attempt": attempt, "effect": effect}))
        }
        Event::StepDone { saga, step, direction, receipt } => {
            let (step, direction) = (names.step(*saga, *step), way(*direction));
            ("step_done", json!({"step": step, "direction": direction, "has_receipt": receipt.is_some()}))
        }
        Event::StepFailed { saga, step, error, undo_below } => {
            ("step_failed", json!({"step": names.step(*saga, *step), "error": error.to_string(), "undo_below": undo_below}))
        }
        Event::RetryScheduled { saga, step, attempt, at_unix_ms, error } => {
            let (step, retry_at) = (names.step(*saga, *step), time(*at_unix_ms));
            ("retry_scheduled", json!({"step": step, "attempt": attempt, "retry_at": retry_at, "error": error.to_string()}))
        }
        Event::SagaCompleted { .. } => ("saga_completed", nothing()),
        Event::SagaCompensated { .. } => ("saga_compensated", nothing()),
        Event::SagaStuck { saga, step, error } => ("saga_stuck", json!({"step": names.step(*saga, *step), "error": error.to_string()})),
        Event::SagaResumed { saga, step, direction } => {
            ("saga_resumed", json!({"step": names.step(*saga, *step), "direction": way(*direction)}))
        }
    }
}

fn cancel_reason(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::PaymentDeclined => "payment_declined",
        CancelReason::DeadlinePassed => "deadline_passed",
        CancelReason::StepFailed => "step_failed",
        CancelReason::ByBuyer => "by_buyer",
        CancelReason::ByOperator => "by_operator",
    }
}

fn ids(orders: &[OrderId]) -> Vec<String> {
    orders.iter().map(ToString::to_string).collect()
}

/// What an order wants of another partition.
fn wanted(part: &PartRequest) -> Value {
    let holds: Vec<String> = part.holds.iter().map(ToString::to_string).collect();
    json!({"partition": part.partition, "holds": holds, "total": Money::new(part.total_minor, part.currency.code())})
}

fn effect(names: &Names, effect: &Effect) -> Value {
    match effect {
        Effect::Authorise { order, amount_minor, currency, payment } => json!({
            "type": "authorise",
            "order": order.to_string(),
            "amount": Money::new(*amount_minor, currency.code()),
            "provider": payment.provider,
        }),
        Effect::Capture { order, provider, .. } => json!({"type": "capture", "order": order.to_string(), "provider": provider}),
        Effect::Void { order, provider, .. } => json!({"type": "void", "order": order.to_string(), "provider": provider}),
        Effect::Refund { order, provider, amount_minor, .. } => {
            let amount = names.money_of(*order, *amount_minor);
            json!({"type": "refund", "order": order.to_string(), "provider": provider, "amount": amount})
        }
        Effect::ReserveParts { order, parts, deadline_unix_ms } => json!({
            "type": "reserve_parts",
            "order": order.to_string(),
            "parts": parts.iter().map(wanted).collect::<Vec<_>>(),
            "deadline": time(*deadline_unix_ms),
        }),
        Effect::BookParts { order, parts } => json!({"type": "book_parts", "order": order.to_string(), "parts": ids(parts)}),
        Effect::ConfirmParts { order, parts, .. } => {
            json!({"type": "confirm_parts", "order": order.to_string(), "parts": ids(parts)})
        }
        Effect::ReleaseParts { order, partitions, reason, .. } => {
            json!({"type": "release_parts", "order": order.to_string(), "partitions": partitions, "reason": cancel_reason(*reason)})
        }
        Effect::CancelParts { order, parts, reason, waive_fee } => json!({
            "type": "cancel_parts",
            "order": order.to_string(),
            "parts": ids(parts),
            "reason": cancel_reason(*reason),
            "waive_fee": waive_fee,
        }),
        Effect::RefundPart { order, home, amount_minor } => {
            json!({"type": "refund_part", "order": order.to_string(), "home": home.to_string(), "amount_minor": amount_minor})
        }
        Effect::IssueTickets { order, first_ticket, tickets } => {
            json!({"type": "issue_tickets", "order": order.to_string(), "first_ticket": first_ticket.to_string(), "tickets": tickets})
        }
    }
}
