//! Records and events as JSON. What must never be in it: payment tokens, providers' references, hashes of keys, references of buyers,
//! whole plans.
//!
//! The types and fields are named as on `GET /v1/stream`. The names of products and seats come from the show's own event, which stands
//! before all that uses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_api::{HoldItem, Money};
use guichet_core::domain::hold::{self, Claim};
use guichet_core::domain::order::order_code;
use guichet_core::domain::saga::{self, Direction, Effect, SagaRef};
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{Admits, ShowDefinition};
use guichet_core::domain::{Record, Rejection};
use guichet_core::{CancelReason, Event, OrderId, SagaId, ShowId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What earlier events say about the things that later ones name.
#[derive(Default)]
pub(crate) struct Names {
    shows: BTreeMap<ShowId, (Arc<ShowDefinition>, Option<Arc<SeatingPlan>>)>,
    orders: BTreeMap<OrderId, ShowId>,
    sagas: BTreeMap<SagaId, SagaRef>,
}

impl Names {
    /// Learns from a record.
    pub(crate) fn learn(&mut self, record: &Record) {
        for event in record.events() {
            match event {
                Event::ShowCreated { definition } => {
                    self.shows.insert(definition.id, (Arc::clone(definition), None));
                }
                Event::ShowAdopted { definition, plan } => {
                    self.shows.insert(definition.id, (Arc::clone(definition), Some(Arc::clone(plan))));
                }
                Event::OrderPlaced { order, show, .. } => {
                    self.orders.insert(*order, *show);
                }
                Event::SagaStarted { saga, definition, .. } => {
                    self.sagas.insert(*saga, *definition);
                }
                _ => {}
            }
        }
    }

    fn show(&self, show: ShowId) -> Option<&ShowDefinition> {
        self.shows.get(&show).map(|(definition, _)| &**definition)
    }

    fn product(&self, show: ShowId, product: u16) -> String {
        let known = self.show(show).and_then(|show| show.products.get(usize::from(product)));
        known.map_or_else(|| format!("product number {product}"), |product| product.name.clone())
    }

    fn quota(&self, show: ShowId, quota: u16) -> String {
        let known = self.show(show).and_then(|show| show.quotas.get(usize::from(quota)));
        known.map_or_else(|| format!("quota number {quota}"), |quota| quota.name.clone())
    }

    fn seat(&self, show: ShowId, seat: u32) -> String {
        let plan = self.shows.get(&show).and_then(|(_, plan)| plan.as_ref());
        let plan = plan.filter(|plan| (seat as usize) < plan.seats.len());
        plan.map_or_else(|| format!("seat number {seat}"), |plan| plan.seat_label(seat))
    }

    fn items(&self, show: ShowId, items: &[hold::HoldItem]) -> Vec<HoldItem> {
        let item = |item: &hold::HoldItem| {
            let product = self.product(show, item.product);
            match &item.claim {
                Claim::Seats(seats) => HoldItem::seats(product, seats.iter().map(|seat| self.seat(show, *seat))),
                Claim::Quantity(quantity) => HoldItem::quantity(product, *quantity),
            }
        };
        items.iter().map(item).collect()
    }

    /// Without a known show the currency is left out: minor units of nothing known.
    fn money(&self, show: Option<ShowId>, amount_minor: i64) -> Value {
        match show.and_then(|show| self.show(show)) {
            Some(show) => json!(Money::new(amount_minor, show.currency.code())),
            None => json!({"amount_minor": amount_minor}),
        }
    }

    fn step(&self, saga: SagaId, step: u8) -> Value {
        let definition = self.sagas.get(&saga).and_then(|reference| saga::definition(*reference));
        definition.and_then(|definition| definition.steps.get(usize::from(step))).map_or_else(|| json!(step), |step| json!(step.name))
    }
}

/// A moment, RFC 3339.
pub(crate) fn time(unix_ms: u64) -> String {
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
        Record::Refused { rejection, .. } => ("refused", Some(self::rejection(names, rejection))),
        Record::Timely { .. } => ("timely", None),
    };
    let event = |event| {
        let (kind, details) = details(names, event);
        Described { kind, details }
    };
    let events = rejection.is_none().then(|| record.events().iter().map(event).collect());
    Line { partition, offset, at: time(stamp_unix_ms), outcome, rejection, events }
}

/// A refusal with its code, its sentence and what it names.
fn rejection(names: &Names, rejection: &Rejection) -> Value {
    let mut object = Map::new();
    object.insert("code".into(), rejection.code().into());
    object.insert("detail".into(), rejection.to_string().into());
    match rejection {
        Rejection::SeatTaken { show, seats } => {
            object.insert("show".into(), show.to_string().into());
            object.insert("seats".into(), seats.iter().map(|seat| Value::from(names.seat(*show, *seat))).collect());
        }
        Rejection::SoldOut { show, quota, requested, left } => {
            object.insert("show".into(), show.to_string().into());
            object.insert("quota".into(), names.quota(*show, *quota).into());
            object.insert("requested".into(), (*requested).into());
            object.insert("left".into(), (*left).into());
        }
        Rejection::SaleNotOpen { show, .. } | Rejection::SaleStateConflict { show, .. } => {
            object.insert("show".into(), show.to_string().into());
        }
        // The sentences of the others say all that they name.
        _ => {}
    }
    Value::Object(object)
}

/// The type of an event and its fields. Complete on purpose: a new event does not compile before it is described here.
fn details(names: &Names, event: &Event) -> (&'static str, Value) {
    let just = |order: &OrderId| json!({"order": order.to_string()});
    let way = |direction: Direction| if direction == Direction::Forward { "do" } else { "undo" };
    match event {
        Event::VenueRegistered { venue, plan } => {
            ("venue_registered", json!({"venue": venue.to_string(), "name": plan.name, "plan": summary(plan)}))
        }
        Event::ShowCreated { definition } => ("show_created", show(definition)),
        Event::ApiKeyCreated { key } => {
            let scope = match key.scope {
                guichet_core::domain::key::Scope::Admin => "admin",
                guichet_core::domain::key::Scope::Shop => "shop",
            };
            ("api_key_created", json!({"key": key.id.to_string(), "name": key.name, "scope": scope}))
        }
        Event::ApiKeyRevoked { key } => ("api_key_revoked", json!({"key": key.to_string()})),
        Event::ShowAdopted { definition, plan } => {
            let mut described = show(definition);
            described["plan"] = summary(plan);
            ("show_adopted", described)
        }
        Event::SaleStateChanged { show, state } => ("sale_state_changed", json!({"show": show.to_string(), "sale": state.name()})),
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
                "order": order.to_string(),
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
        Event::SeatsBooked { order, first_ticket, tickets } => {
            ("seats_booked", json!({"order": order.to_string(), "first_ticket": first_ticket.to_string(), "tickets": tickets}))
        }
        Event::BookingReversed { order } => ("booking_reversed", just(order)),
        Event::PaymentAuthorised { order } => ("payment_authorised", just(order)),
        Event::PaymentDeclined { order } => ("payment_declined", just(order)),
        Event::PaymentUnknown { order } => ("payment_unknown", just(order)),
        Event::PaymentCaptured { order } => ("payment_captured", just(order)),
        Event::PaymentVoided { order } => ("payment_voided", just(order)),
        Event::PaymentRefunded { order } => ("payment_refunded", just(order)),
        Event::TicketsIssued { order } => ("tickets_issued", just(order)),
        Event::OrderConfirmed { order } => ("order_confirmed", just(order)),
        Event::OrderCancelled { order, reason } => {
            let reason = match reason {
                CancelReason::PaymentDeclined => "payment_declined",
                CancelReason::DeadlinePassed => "deadline_passed",
                CancelReason::StepFailed => "step_failed",
            };
            ("order_cancelled", json!({"order": order.to_string(), "reason": reason}))
        }
        Event::OrderStuck { order } => ("order_stuck", just(order)),
        Event::SagaStarted { saga, definition, order } => {
            let name = saga::definition(*definition).map_or("unknown", |definition| definition.name);
            ("saga_started", json!({"saga": saga.to_string(), "kind": name, "version": definition.version, "order": order.to_string()}))
        }
        Event::EffectIntended { saga, step, direction, attempt, effect } => {
            let (id, step, direction, effect) = (saga.to_string(), names.step(*saga, *step), way(*direction), self::effect(names, effect));
            ("effect_intended", json!({"saga": id, "step": step, "direction": direction, "attempt": attempt, "effect": effect}))
        }
        Event::StepDone { saga, step, direction, receipt } => {
            let (id, step, direction) = (saga.to_string(), names.step(*saga, *step), way(*direction));
            ("step_done", json!({"saga": id, "step": step, "direction": direction, "has_receipt": receipt.is_some()}))
        }
        Event::StepFailed { saga, step, error, undo_below } => {
            let (id, step) = (saga.to_string(), names.step(*saga, *step));
            ("step_failed", json!({"saga": id, "step": step, "error": error.to_string(), "undo_below": undo_below}))
        }
        Event::RetryScheduled { saga, step, attempt, at_unix_ms, error } => {
            let (id, step, retry_at) = (saga.to_string(), names.step(*saga, *step), time(*at_unix_ms));
            ("retry_scheduled", json!({"saga": id, "step": step, "attempt": attempt, "retry_at": retry_at, "error": error.to_string()}))
        }
        Event::SagaCompleted { saga } => ("saga_completed", json!({"saga": saga.to_string()})),
        Event::SagaCompensated { saga } => ("saga_compensated", json!({"saga": saga.to_string()})),
        Event::SagaStuck { saga, step, error } => {
            ("saga_stuck", json!({"saga": saga.to_string(), "step": names.step(*saga, *step), "error": error.to_string()}))
        }
    }
}

fn effect(names: &Names, effect: &Effect) -> Value {
    let show = |order: &OrderId| names.orders.get(order).copied();
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
            let amount = names.money(show(order), *amount_minor);
            json!({"type": "refund", "order": order.to_string(), "provider": provider, "amount": amount})
        }
        Effect::IssueTickets { order, first_ticket, tickets } => {
            json!({"type": "issue_tickets", "order": order.to_string(), "first_ticket": first_ticket.to_string(), "tickets": tickets})
        }
    }
}

fn show(definition: &ShowDefinition) -> Value {
    let currency = definition.currency.code();
    let products = definition.products.iter().map(|product| {
        let quotas = product.quotas.iter().filter_map(|quota| definition.quotas.get(usize::from(*quota)));
        json!({
            "name": product.name,
            "price": Money::new(product.price_minor, currency),
            "admits": if matches!(product.admits, Admits::Quantity) { "quantity" } else { "seats" },
            "quotas": quotas.map(|quota| quota.name.as_str()).collect::<Vec<_>>(),
        })
    });
    json!({
        "show": definition.id.to_string(),
        "venue": definition.venue.to_string(),
        "name": definition.name,
        "starts_at": definition.starts_at_unix_ms.map(time),
        "currency": currency,
        "products": products.collect::<Vec<_>>(),
        "quotas": definition.quotas.iter().map(|quota| json!({"name": quota.name, "size": quota.size})).collect::<Vec<_>>(),
        "order_deadline_ms": definition.order_deadline_ms,
    })
}

fn summary(plan: &SeatingPlan) -> Value {
    json!({
        "seats": plan.seats.len(),
        "rows": plan.rows.len(),
        "sections": plan.sections.len(),
        "areas": plan.areas.len(),
        "categories": plan.categories.iter().map(|category| category.name.as_str()).collect::<Vec<_>>(),
    })
}
