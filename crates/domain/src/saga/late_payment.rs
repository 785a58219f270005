//! The late-payment saga: money came for an order whose places had been given back. By the policy of its show the order gets the same
//! places, or equivalent ones, or the money goes back. It never takes a place that somebody else has.

use std::sync::Arc;

use super::order::{PROVIDER, issue, issued, nothing, order, refund_of};
use super::{Action, Context, Definition, Refusal, SagaRef, Step, StepError};
use crate::hold::{Claim, HoldItem, places_of};
use crate::inventory::SeatState;
use crate::order::{CancelReason, OrderLine};
use crate::show::{Admits, LatePayment};
use crate::state::Show;
use crate::{Event, State};

/// The step that looks for places: an operator who chooses another policy sends the saga there.
pub(crate) const REBOOK: u8 = 1;

/// First version.
pub static V1: Definition = Definition {
    reference: SagaRef { kind: 3, version: 1 },
    name: "late_payment",
    steps: &[
        Step {
            name: "receive",
            action: Action::Nothing,
            compensation: Action::Effect {
                intend: |context| refund_of(context, amount_minor(context)),
                done: |context, _| {
                    let (order, saga) = (context.saga.order, context.saga.id);
                    vec![Event::PaymentRefunded { order, saga, amount_minor: amount_minor(context) }]
                },
                refused: nothing,
                unknown: nothing,
            },
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "rebook",
            action: Action::Local(rebook),
            compensation: Action::Local(|context| Ok(vec![Event::BookingReversed { order: context.saga.order }])),
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
        Step {
            name: "issue",
            action: Action::Effect { intend: issue, done: issued, refused: nothing, unknown: nothing },
            compensation: Action::Nothing,
            retry: PROVIDER,
            refusal: Refusal::Unwinds,
        },
    ],
    completed: |context| vec![Event::OrderConfirmed { order: context.saga.order }],
    compensated: |_, _| Vec::new(),
    stuck: |context| vec![Event::OrderStuck { order: context.saga.order }],
    deadline_until_step: 0,
    interrupted: |_| None,
};

fn amount_minor(context: &Context<'_>) -> i64 {
    order(context).after.as_ref().and_then(|after| after.late.as_ref()).map_or(0, |late| late.amount_minor)
}

/// Only what ended for want of money is sold after all; what somebody cancelled stays cancelled.
fn rebook(context: &Context<'_>) -> Result<Vec<Event>, StepError> {
    let order = order(context);
    let policy = order.after.as_ref().and_then(|after| after.late.as_ref()).map(|late| late.policy);
    // Whatever an operator chooses: places in other partitions cannot be taken back in this step.
    if order.home_of().is_some() {
        return Err(StepError::GivenBack);
    }
    let for_want_of_money = matches!(order.cancel_reason, Some(CancelReason::DeadlinePassed | CancelReason::PaymentDeclined));
    let equivalent = match policy {
        Some(LatePayment::SameSeat) => false,
        Some(LatePayment::EquivalentSeat) => true,
        Some(LatePayment::Refund) | None => return Err(StepError::GivenBack),
    };
    // A part of the price buys nothing, whatever policy an operator chose.
    if !for_want_of_money || amount_minor(context) != order.total_minor {
        return Err(StepError::GivenBack);
    }
    if !limits_allow(context.state, &order.lines) {
        return Err(StepError::GivenBack);
    }
    let items = places(context.state, &order.lines, equivalent).ok_or(StepError::HoldGone)?;
    let first_ticket = context.state.next_ticket(context.now_unix_ms);
    Ok(vec![Event::OrderReinstated { order: order.id, items, first_ticket, tickets: order.places() }])
}

/// Free places for every line, or nothing. Lines of one show must not be given the same place twice, so what is taken is remembered.
fn places(state: &State, lines: &[OrderLine], equivalent: bool) -> Option<Vec<Arc<[HoldItem]>>> {
    let mut found: Vec<(&OrderLine, Arc<[HoldItem]>)> = Vec::with_capacity(lines.len());
    for line in lines {
        let show = state.show(line.show)?;
        let others: Vec<&HoldItem> = found.iter().filter(|(of, _)| of.show == line.show).flat_map(|(_, items)| items.iter()).collect();
        let mut items: Vec<HoldItem> = Vec::with_capacity(line.items.len());
        for item in line.items.iter() {
            let taken: Vec<&HoldItem> = others.iter().copied().chain(&items).collect();
            let item = if fits(show, item, &taken) {
                item.clone()
            } else {
                equivalent.then(|| another(show, item, &taken)).flatten().filter(|item| fits(show, item, &taken))?
            };
            items.push(item);
        }
        found.push((line, items.into()));
    }
    Some(found.into_iter().map(|(_, items)| items).collect())
}

/// Whether every buyer of the lines stays within the limits of the shows, with what they have bought meanwhile.
fn limits_allow(state: &State, lines: &[OrderLine]) -> bool {
    lines.iter().all(|line| {
        let (Some(show), Some(buyer)) = (state.show(line.show), line.buyer_ref.as_deref()) else { return true };
        let Some(limit) = show.definition.per_buyer_max else { return true };
        let same = lines.iter().filter(|other| other.show == line.show && other.buyer_ref.as_deref() == Some(buyer));
        let wanted: u32 = same.map(|line| places_of(&line.items)).sum();
        show.buyers.get(buyer).copied().unwrap_or_default().saturating_add(wanted) <= limit
    })
}

fn seats_of(item: &HoldItem) -> &[u32] {
    match &item.claim {
        Claim::Seats(seats) => seats,
        Claim::Quantity(_) => &[],
    }
}

/// Whether the item's seats are free and its quotas have room, beside what is taken already.
fn fits(show: &Show, item: &HoldItem, taken: &[&HoldItem]) -> bool {
    let free = |seat: &u32| show.inventory.seats.get(*seat) == SeatState::Free && !taken.iter().any(|other| seats_of(other).contains(seat));
    let quotas_of = |item: &HoldItem| &show.definition.products[usize::from(item.product)].quotas;
    let room = |quota: &u16| {
        let drawn: u32 = taken.iter().filter(|other| quotas_of(other).contains(quota)).map(|other| other.claim.quantity()).sum();
        drawn.saturating_add(item.claim.quantity()) <= show.inventory.quotas[usize::from(*quota)].left()
    };
    seats_of(item).iter().all(free) && quotas_of(item).iter().all(room)
}

/// As many free seats of the same product and, seat by seat, the same category: side by side in one row if there is such a place,
/// otherwise the nearest in the order of the plan.
fn another(show: &Show, item: &HoldItem, taken: &[&HoldItem]) -> Option<HoldItem> {
    let Claim::Seats(wanted) = &item.claim else { return None };
    let Admits::Seats { .. } = &show.definition.products[usize::from(item.product)].admits else { return None };
    let category = |seat: u32| show.plan.seats[seat as usize].category;
    let first = *wanted.first()?;
    let free = |seat: u32| show.inventory.seats.get(seat) == SeatState::Free && !taken.iter().any(|other| seats_of(other).contains(&seat));
    let places = |seats: Vec<u32>| HoldItem { product: item.product, claim: Claim::Seats(seats) };
    if wanted.iter().all(|seat| category(*seat) == category(first))
        && let Some(run) = side_by_side(show, wanted.len(), first, |seat| category(seat) == category(first) && free(seat))
    {
        return Some(places(run));
    }
    let mut chosen: Vec<u32> = Vec::with_capacity(wanted.len());
    for seat in wanted {
        let all = 0..show.inventory.seats.len();
        let candidates = all.filter(|other| category(*other) == category(*seat) && free(*other) && !chosen.contains(other));
        chosen.push(candidates.min_by_key(|other| other.abs_diff(*seat))?);
    }
    Some(places(chosen))
}

/// The run of so many seats of one row, all of them `good`, that is nearest to a seat.
fn side_by_side(show: &Show, count: usize, near: u32, good: impl Fn(u32) -> bool) -> Option<Vec<u32>> {
    let runs = show.plan.rows.iter().flat_map(|row| row.seats.windows(count));
    let together = |run: &&[u32]| run[..count - 1].iter().all(|seat| !show.plan.seats[*seat as usize].aisle_after);
    let free = runs.filter(|run| run.iter().all(|seat| good(*seat)));
    free.filter(together).min_by_key(|run| run[0].abs_diff(near)).map(<[u32]>::to_vec)
}
