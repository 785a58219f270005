//! What each request may be answered, in the simplest terms: from the request alone and the time of its batch.
//!
//! Whether a refusal was true is the business of [`super::truth`]; here it is whether the answer is one to this question.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::commands::{PaymentTerms, PlaceOrder, Request};
use guichet_domain::hold::{TTL_MS_MAX, TTL_MS_MIN};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::{Command, Event, HoldId, Record, Rejection, State};

use super::{after_sale, catalogue, holds, parts};

/// Plans by the holds that were chosen from them.
type Plans = BTreeMap<HoldId, Arc<SeatingPlan>>;

/// Holds an answer against its request.
///
/// `plans` are those that the holds were chosen from.
pub(super) fn check(request: &Request, stamp_unix_ms: u64, record: &Record, state: &State, plans: &Plans) -> Result<(), String> {
    match record {
        Record::Accepted { events, .. } => accepted(&request.command, stamp_unix_ms, events, state, plans),
        Record::Refused { rejection, .. } => refused(&request.command, rejection, stamp_unix_ms, state),
        Record::Timely { .. } => Err("the passing of time is no answer".to_owned()),
    }
}

pub(super) fn expect(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

pub(super) fn in_range(ttl_ms: u64) -> bool {
    (TTL_MS_MIN..=TTL_MS_MAX).contains(&ttl_ms)
}

fn accepted(command: &Command, stamp_unix_ms: u64, events: &[Event], state: &State, plans: &Plans) -> Result<(), String> {
    match (command, events) {
        (Command::PlaceHold(hold), [Event::HoldPlaced { hold: id, show, items, expires_at_unix_ms, .. }]) => {
            expect(*show == hold.show, "another hold was placed")?;
            expect(*expires_at_unix_ms == stamp_unix_ms + hold.ttl_ms, "the hold has another life than was asked")?;
            let plan = plans.get(id).ok_or("nobody knows the plan that the hold was chosen from")?;
            holds::placed(hold, items, plan, state)
        }
        (Command::ExtendHold(extend), [Event::HoldExtended { hold, expires_at_unix_ms }]) => {
            expect(*hold == extend.hold, "another hold was extended")?;
            expect(*expires_at_unix_ms >= stamp_unix_ms + extend.ttl_ms && in_range(extend.ttl_ms), "it was extended for too short")
        }
        (Command::ReleaseHold(release), [Event::HoldReleased { hold }]) => expect(*hold == release.hold, "another hold was released"),
        (Command::PlaceOrder(order), events) => order_placed(order, stamp_unix_ms, events, state),
        (Command::SetSaleState(_), []) | (Command::AdoptShow(_), []) => Ok(()),
        (Command::SetSaleState(set), [Event::SaleStateChanged { show, state }]) => {
            expect(*show == set.show && *state == set.state, "another sale was changed")
        }
        (Command::AdoptShow(adopt), [Event::ShowAdopted { definition, plan }]) => {
            expect(*definition == adopt.definition && *plan == adopt.plan, "another show was adopted")
        }
        (Command::ReportEffect(report), [_, ..]) => {
            let own = |event: &Event| match event {
                Event::StepDone { saga, step, .. } | Event::StepFailed { saga, step, .. } | Event::RetryScheduled { saga, step, .. } => {
                    *saga == report.saga && *step == report.step
                }
                Event::SagaStuck { saga, .. } => *saga == report.saga,
                _ => false,
            };
            expect(events.iter().any(own), "the report led to nothing of its saga")
        }
        _ if parts::is_one(command) => parts::accepted(command, events, state),
        _ if catalogue::is_one(command) => catalogue::accepted(command, stamp_unix_ms, events, state),
        _ => after_sale::accepted(command, stamp_unix_ms, events, state),
    }
}

fn order_placed(asked: &PlaceOrder, stamp_unix_ms: u64, events: &[Event], state: &State) -> Result<(), String> {
    let [Event::OrderPlaced { order, saga, show, holds, total_minor, payment, deadline_unix_ms, .. }, rest @ ..] = events else {
        return Err("no order was placed".to_owned());
    };
    expect(*holds == asked.holds && *payment == asked.payment, "another order was placed")?;
    let deadline_ms = state.show(*show).map(|show| match asked.terms {
        PaymentTerms::Prompt => show.definition.order_deadline_ms,
        PaymentTerms::Transfer => show.definition.transfer_deadline_ms,
    });
    expect(deadline_ms.map(|ms| stamp_unix_ms + ms) == Some(*deadline_unix_ms), "the order has another deadline than its show")?;
    let starts = |event: &Event| matches!(event, Event::SagaStarted { saga: of, order: by, .. } if of == saga && by == order);
    expect(rest.iter().any(starts), "the order's saga was not started")?;
    if !asked.parts.is_empty() {
        return parts::wanted(asked, *order, rest);
    }
    let asks = |event: &Event| {
        use guichet_domain::saga::Effect::Authorise;
        matches!(event, Event::EffectIntended { effect: Authorise { order: of, amount_minor, .. }, .. }
            if of == order && amount_minor == total_minor)
    };
    // What costs nothing is not paid.
    expect(rest.iter().any(asks) == (*total_minor > 0), "the wrong payment was asked for")
}

fn refused(command: &Command, rejection: &Rejection, stamp_unix_ms: u64, state: &State) -> Result<(), String> {
    use Rejection as R;
    if matches!(rejection, R::IdempotencyKeyReused | R::IdempotencyKeyExpired) {
        return Ok(());
    }
    let hold_gone = |hold: guichet_domain::HoldId| matches!(rejection, R::HoldExpired { hold: of } | R::HoldNotFound { hold: of } | R::HoldInOrder { hold: of, .. } if *of == hold);
    let right = match command {
        Command::PlaceHold(hold) => holds::refused(hold, rejection, state),
        Command::ExtendHold(extend) => {
            hold_gone(extend.hold) || matches!(rejection, R::TtlOutOfRange { ttl_ms } if *ttl_ms == extend.ttl_ms && !in_range(*ttl_ms))
        }
        Command::ReleaseHold(release) => hold_gone(release.hold),
        Command::PlaceOrder(order) => match rejection {
            R::NoHolds => order.holds.is_empty() || order.parts.iter().any(|part| part.holds.is_empty()),
            R::WrongPartition | R::MixedCurrencies | R::AmountTooLarge => parts::makes_no_sense(order),
            R::HoldTwice { hold } => order.holds.iter().filter(|other| *other == hold).count() > 1,
            R::TooManyHolds { holds } => parts::holds_of(order) == *holds as usize,
            _ => order.holds.iter().any(|hold| hold_gone(*hold)),
        },
        Command::SetSaleState(_) => matches!(rejection, R::SaleStateConflict { .. } | R::ShowNotFound { .. }),
        Command::ReportEffect(report) => matches!(rejection, R::StepNotPending { saga } if *saga == report.saga),
        Command::PlacePart(place) => parts::refused(command, rejection, stamp_unix_ms) || place.holds.iter().any(|hold| hold_gone(*hold)),
        _ if parts::is_one(command) => parts::refused(command, rejection, stamp_unix_ms),
        _ if catalogue::is_one(command) => catalogue::refused(command, rejection, state),
        _ => after_sale::refused(command, rejection, state),
    };
    expect(right, "the refusal is not one to this command")
}
