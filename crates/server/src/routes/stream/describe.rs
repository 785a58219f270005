//! An event as JSON. What must never be in it: payment tokens, providers' references, hashes of keys, references of buyers, whole plans.

use guichet_api as api;
use guichet_core::domain::saga::{Direction, Effect, SagaRef};
use guichet_core::{Event, Guichet, OrderId, ShowId, TopicEvent};
use serde_json::{Map, Value, json};

use super::filter::Subject;
use crate::view::{self, Names};

/// The event's type and its JSON.
pub(super) fn describe(engine: &Guichet, event: &TopicEvent, subject: Subject, definition: Option<SagaRef>) -> (&'static str, String) {
    let (name, details) = details(engine, &event.event, definition);
    let mut object = Map::new();
    object.insert("type".into(), name.into());
    object.insert("partition".into(), event.partition.into());
    object.insert("offset".into(), event.offset.into());
    object.insert("index".into(), event.index.into());
    object.insert("position".into(), event.position().to_string().into());
    object.insert("at".into(), view::time(event.stamp_unix_ms).to_string().into());
    let ids = [
        ("show", subject.show.map(|id| id.to_string())),
        ("hold", subject.hold.map(|id| id.to_string())),
        ("order", subject.order.map(|id| id.to_string())),
        ("saga", subject.saga.map(|id| id.to_string())),
    ];
    object.extend(ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?.into()))));
    if let Value::Object(details) = details {
        object.extend(details);
    }
    (name, Value::Object(object).to_string())
}

/// The event's type and what it says beyond its subject. `definition` is what the saga runs that it is a step of.
fn details(engine: &Guichet, event: &Event, definition: Option<SagaRef>) -> (&'static str, Value) {
    let step_name = |step: u8| view::step_name(definition, step);
    let at = |unix_ms: u64| view::time(unix_ms).to_string();
    let direction = |direction: Direction| if direction == Direction::Forward { "do" } else { "undo" };
    let ids = |orders: &[OrderId]| orders.iter().map(ToString::to_string).collect::<Vec<_>>();
    let nothing = Value::Null;
    match event {
        Event::VenueRegistered { venue, plan } => {
            ("venue_registered", json!({"venue": venue.to_string(), "name": plan.name, "seats": plan.seats.len()}))
        }
        Event::ShowCreated { definition } => ("show_created", json!({"venue": definition.venue.to_string(), "name": definition.name})),
        Event::ShowAdopted { definition, .. } => ("show_adopted", json!({"name": definition.name})),
        Event::SaleStateChanged { state, .. } => ("sale_state_changed", json!({"sale": state.name()})),
        Event::PlanRevised { plan, added, withdrawn, moved, .. } => {
            let labels = |seats: &[u32]| seats.iter().map(|seat| plan.seat_label(*seat)).collect::<Vec<_>>();
            ("plan_revised", json!({"added": labels(added), "withdrawn": labels(withdrawn), "moved": labels(moved)}))
        }
        Event::SeatsBlocked { show, seats, reason } => ("seats_blocked", json!({"seats": labels(engine, *show, seats), "reason": reason})),
        Event::SeatsUnblocked { show, seats } => ("seats_unblocked", json!({"seats": labels(engine, *show, seats)})),
        Event::HoldPlaced { show, items, expires_at_unix_ms, .. } => {
            let items = Names::of(engine, *show).map(|names| names.items(items)).unwrap_or_default();
            ("hold_placed", json!({"items": items, "expires_at": at(*expires_at_unix_ms)}))
        }
        Event::HoldExtended { expires_at_unix_ms, .. } => ("hold_extended", json!({"expires_at": at(*expires_at_unix_ms)})),
        Event::HoldReleased { .. } => ("hold_released", nothing),
        Event::HoldExpired { .. } => ("hold_expired", nothing),
        Event::ReopenGraceGranted { until_unix_ms } => ("reopen_grace_granted", json!({"until": at(*until_unix_ms)})),
        Event::OrderPlaced { order, show, holds, total_minor, payment, deadline_unix_ms, .. } => {
            let holds: Vec<_> = holds.iter().map(ToString::to_string).collect();
            let total = Names::of(engine, *show).map(|names| names.money(*total_minor));
            let code = guichet_core::domain::order::order_code(*order);
            let deadline = at(*deadline_unix_ms);
            ("order_placed", json!({"code": code, "holds": holds, "total": total, "provider": payment.provider, "deadline": deadline}))
        }
        Event::SeatsBooked { tickets, .. } => ("seats_booked", json!({"tickets": tickets})),
        Event::BookingReversed { .. } => ("booking_reversed", nothing),
        Event::PaymentAuthorised { .. } => ("payment_authorised", nothing),
        Event::PaymentDeclined { .. } => ("payment_declined", nothing),
        Event::PaymentUnknown { .. } => ("payment_unknown", nothing),
        Event::PaymentCaptured { .. } => ("payment_captured", nothing),
        Event::PaymentVoided { .. } => ("payment_voided", nothing),
        Event::PaymentRefunded { order, amount_minor, .. } => ("payment_refunded", json!({"amount": money(engine, *order, *amount_minor)})),
        Event::TicketsIssued { .. } => ("tickets_issued", nothing),
        Event::OrderConfirmed { .. } => ("order_confirmed", nothing),
        Event::OrderCancelled { reason, .. } => ("order_cancelled", json!({"reason": view::cancel_reason(*reason).as_str()})),
        Event::OrderStuck { .. } => ("order_stuck", nothing),
        Event::CancelRequested { reason, .. } => ("cancel_requested", json!({"reason": view::cancel_reason(*reason).as_str()})),
        Event::PositionsCancelled { order, positions, fees_minor, reason } => {
            let fees = money(engine, *order, fees_minor.iter().sum());
            ("positions_cancelled", json!({"positions": positions, "fees": fees, "reason": view::cancel_reason(*reason).as_str()}))
        }
        Event::RefundStarted { order, amount_minor, .. } => ("refund_started", json!({"amount": money(engine, *order, *amount_minor)})),
        Event::PaymentArrivedLate { order, amount_minor, policy, .. } => {
            let policy = view::late_payment(*policy).as_str();
            ("payment_arrived_late", json!({"amount": money(engine, *order, *amount_minor), "policy": policy}))
        }
        Event::LatePolicyChosen { policy, .. } => ("late_policy_chosen", json!({"policy": view::late_payment(*policy).as_str()})),
        Event::OrderReinstated { tickets, .. } => ("order_reinstated", json!({"tickets": tickets})),
        Event::TicketCheckedIn { ticket, gate, scanned_at_unix_ms, offline, .. } => {
            let (ticket, scanned_at) = (ticket.to_string(), at(*scanned_at_unix_ms));
            ("ticket_checked_in", json!({"ticket": ticket, "gate": gate, "scanned_at": scanned_at, "offline": offline}))
        }
        Event::PartsWanted { parts, .. } => {
            ("parts_wanted", json!({"partitions": parts.iter().map(|part| part.partition).collect::<Vec<_>>()}))
        }
        Event::PartsReserved { parts, .. } => ("parts_reserved", json!({"parts": ids(parts)})),
        Event::PartsCancelled { .. } => ("parts_cancelled", nothing),
        Event::PartRefundTaken { order, part, amount_minor, .. } => {
            ("part_refund_taken", json!({"part": part.to_string(), "amount": money(engine, *order, *amount_minor)}))
        }
        Event::PartPlaced { home, deadline_unix_ms, .. } => {
            ("part_placed", json!({"home": home.to_string(), "deadline": at(*deadline_unix_ms)}))
        }
        Event::PartBarred { home, until_unix_ms, .. } => ("part_barred", json!({"home": home.to_string(), "until": at(*until_unix_ms)})),
        Event::PartOverdue { ask_again_at_unix_ms, .. } => ("part_overdue", json!({"ask_again_at": at(*ask_again_at_unix_ms)})),
        Event::RefundHandedOver { .. } => ("refund_handed_over", nothing),
        Event::SagaStarted { definition, .. } => ("saga_started", json!({"definition": view::saga_name(*definition)})),
        Event::EffectIntended { step, direction: way, attempt, effect, .. } => {
            let (step, way, effect) = (step_name(*step), direction(*way), effect_name(effect));
            ("effect_intended", json!({"step": step, "direction": way, "attempt": attempt, "effect": effect}))
        }
        Event::StepDone { step, direction: way, .. } => ("step_done", json!({"step": step_name(*step), "direction": direction(*way)})),
        Event::StepFailed { step, error, .. } => ("step_failed", json!({"step": step_name(*step), "error": error.to_string()})),
        Event::RetryScheduled { step, attempt, at_unix_ms, error, .. } => {
            let retry_at = at(*at_unix_ms);
            let details = json!({"step": step_name(*step), "attempt": attempt, "retry_at": retry_at, "error": error.to_string()});
            ("retry_scheduled", details)
        }
        Event::SagaCompleted { .. } => ("saga_completed", nothing),
        Event::SagaCompensated { .. } => ("saga_compensated", nothing),
        Event::SagaStuck { step, error, .. } => ("saga_stuck", json!({"step": step_name(*step), "error": error.to_string()})),
        Event::SagaResumed { step, direction: way, .. } => {
            ("saga_resumed", json!({"step": step_name(*step), "direction": direction(*way)}))
        }
        // Topics leave keys out; were one to come, its id is all that may be told.
        Event::ApiKeyCreated { key } => ("api_key_created", json!({"key": key.id.to_string()})),
        Event::ApiKeyRotated { key, .. } => ("api_key_rotated", json!({"key": key.to_string()})),
        Event::ApiKeysUsed { .. } => ("api_keys_used", nothing),
        Event::ApiKeyRevoked { key } => ("api_key_revoked", json!({"key": key.to_string()})),
        Event::OrganiserCreated { organiser } => {
            ("organiser_created", json!({"organiser": organiser.id.to_string(), "name": organiser.name}))
        }
        Event::VenueOwned { venue, organiser } => ("venue_owned", json!({"venue": venue.to_string(), "organiser": organiser.to_string()})),
        Event::ShowOwned { organiser, .. } => ("show_owned", json!({"organiser": organiser.to_string()})),
    }
}

/// An amount of an order, in its currency.
fn money(engine: &Guichet, order: OrderId, amount_minor: i64) -> Option<api::Money> {
    let order = engine.order(order).ok().flatten()?;
    Some(api::Money::new(amount_minor, order.currency.code()))
}

fn labels(engine: &Guichet, show: ShowId, seats: &[u32]) -> Vec<String> {
    Names::of(engine, show).map(|names| seats.iter().map(|seat| names.seat(*seat)).collect()).unwrap_or_default()
}

fn effect_name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Authorise { .. } => "authorise",
        Effect::Capture { .. } => "capture",
        Effect::Void { .. } => "void",
        Effect::Refund { .. } => "refund",
        Effect::IssueTickets { .. } => "issue_tickets",
        Effect::ReserveParts { .. } => "reserve_parts",
        Effect::BookParts { .. } => "book_parts",
        Effect::ConfirmParts { .. } => "confirm_parts",
        Effect::ReleaseParts { .. } => "release_parts",
        Effect::CancelParts { .. } => "cancel_parts",
        Effect::RefundPart { .. } => "refund_part",
    }
}
