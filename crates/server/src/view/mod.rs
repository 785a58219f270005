//! From what the engine knows by number to what callers know by name.

mod order;
mod show;

use std::sync::Arc;

use guichet_api as api;
use guichet_core::domain::hold::{Claim, HoldItem};
use guichet_core::domain::inventory::SeatState;
use guichet_core::domain::key::Scope;
use guichet_core::domain::revision::Changes;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{LatePayment, Orphans, SaleState, ShowDefinition};
use guichet_core::{
    CancelReason, Event, Guichet, HoldState, HoldView, OrderState, OrganiserId, PaymentState, RevisionPreview, ShowId, VenueId,
};
use jiff::Timestamp;

pub(crate) use order::{order, saga_name, step_name};
pub(crate) use show::{availability, check_in_lists, position, report, seat_states, show};

/// A time at the edge.
pub(crate) fn time(unix_ms: u64) -> Timestamp {
    i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::MAX)
}

/// How many; counts of a plan fit in 32 bits.
pub(crate) fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

macro_rules! same_names {
    ($($name:ident: $from:ident = $to:ident { $($variant:ident)* })*) => {$(
        pub(crate) fn $name(value: $from) -> api::$to {
            match value { $($from::$variant => api::$to::$variant,)* }
        }
    )*};
}

/// The same, and the way back for what callers name.
macro_rules! same_names_both_ways {
    ($($name:ident / $back:ident: $from:ident = $to:ident { $($variant:ident)* })*) => {$(
        same_names! { $name: $from = $to { $($variant)* } }

        pub(crate) fn $back(value: api::$to) -> $from {
            match value { $(api::$to::$variant => $from::$variant,)* }
        }
    )*};
}

same_names! {
    hold_state: HoldState = HoldState { Live InOrder Booked Released Expired }
    cancel_reason: CancelReason = CancelReason { PaymentDeclined DeadlinePassed StepFailed ByBuyer ByOperator }
}

same_names_both_ways! {
    sale_state / sale_state_named: SaleState = SaleState { Draft Open Paused Closed }
    order_state / order_state_named: OrderState = OrderState { Placed AwaitingPayment Confirmed Cancelled Stuck }
    payment_state / payment_state_named: PaymentState = PaymentState {
        None Authorising Authorised Captured Declined Unknown Voided Refunded PartiallyRefunded PaidUnfulfilled
    }
    late_payment / late_payment_named: LatePayment = LatePayment { SameSeat EquivalentSeat Refund }
    orphans / orphans_named: Orphans = Orphans { Off Prefer Forbid }
    scope / scope_named: Scope = Scope { Admin Organiser Sales Shop CheckIn ReadOnly }
}

/// A show's names, for as long as an answer takes to write.
pub(crate) struct Names {
    pub(crate) definition: Arc<ShowDefinition>,
    pub(crate) plan: Arc<SeatingPlan>,
}

impl Names {
    pub(crate) fn of(engine: &Guichet, show: ShowId) -> Option<Self> {
        engine.with_show(show, |view| Self { definition: Arc::clone(&view.definition), plan: Arc::clone(&view.plan) }).ok()
    }

    pub(crate) fn money(&self, amount_minor: i64) -> api::Money {
        api::Money::new(amount_minor, self.definition.currency.code())
    }

    pub(crate) fn product(&self, index: u16) -> String {
        self.definition.products.get(usize::from(index)).map(|product| product.name.clone()).unwrap_or_default()
    }

    pub(crate) fn seat(&self, seat: u32) -> String {
        if (seat as usize) < self.plan.seats.len() { self.plan.seat_label(seat) } else { String::new() }
    }

    pub(crate) fn check_in_list(&self, index: u16) -> String {
        self.definition.check_in_lists.get(usize::from(index)).map(|list| list.name.clone()).unwrap_or_default()
    }

    pub(crate) fn items(&self, items: &[HoldItem]) -> Vec<api::HoldItem> {
        let item = |item: &HoldItem| match &item.claim {
            Claim::Seats(seats) => api::HoldItem::seats(self.product(item.product), seats.iter().map(|seat| self.seat(*seat))),
            Claim::Quantity(quantity) => api::HoldItem::quantity(self.product(item.product), *quantity),
        };
        items.iter().map(item).collect()
    }
}

/// What a revision has done; the plan that there was already does nothing and has no event.
pub(crate) fn revision(events: &[Event], unsold: Vec<String>) -> api::PlanRevision {
    let done = events.iter().find_map(|event| match event {
        Event::PlanRevised { plan, added, withdrawn, moved, .. } => Some(revised(plan, [added, withdrawn, moved])),
        _ => None,
    });
    api::PlanRevision { unsold, ..done.unwrap_or_default() }
}

/// What a revision would do.
pub(crate) fn revision_preview(preview: &RevisionPreview, unsold: Vec<String>) -> api::PlanRevision {
    let RevisionPreview { plan, changes: Changes { added, withdrawn, moved }, conflicts, seats } = preview;
    let conflict = |seat: &u32, reason| api::PlanConflict { seat: plan.seat_label(*seat), reason };
    let lost = conflicts.lost.iter().map(|seat| match seats.get(*seat) {
        SeatState::Booked => conflict(seat, api::PlanConflictReason::Booked),
        _ => conflict(seat, api::PlanConflictReason::Held),
    });
    let parted = conflicts.parted.iter().map(|seat| conflict(seat, api::PlanConflictReason::TableSoldInPart));
    api::PlanRevision { dry_run: true, conflicts: lost.chain(parted).collect(), unsold, ..revised(plan, [added, withdrawn, moved]) }
}

fn revised(plan: &SeatingPlan, changes: [&Vec<u32>; 3]) -> api::PlanRevision {
    let [added, withdrawn, moved] = changes.map(|seats| seats.iter().map(|seat| plan.seat_label(*seat)).collect());
    api::PlanRevision { added, withdrawn, moved, ..api::PlanRevision::default() }
}

pub(crate) fn venue(id: VenueId, plan: &SeatingPlan, organiser: Option<OrganiserId>, unsold: Vec<String>) -> api::Venue {
    let mut seats = vec![0_u32; plan.categories.len()];
    for seat in &plan.seats {
        if let Some(seats) = seats.get_mut(usize::from(seat.category)) {
            *seats += 1;
        }
    }
    let name_of = |category: u16| plan.categories.get(usize::from(category)).map(|category| category.name.clone()).unwrap_or_default();
    let areas = plan.areas.iter();
    let categories = plan.categories.iter().zip(seats);
    api::Venue {
        venue: id.to_string(),
        organiser: organiser.map(|organiser| organiser.to_string()),
        name: plan.name.clone(),
        seats: count(plan.seats.len()),
        rows: count(plan.rows.len()),
        sections: count(plan.sections.len()),
        zones: count(plan.zones.len()),
        areas: areas
            .map(|area| api::Area { name: area.label.clone(), capacity: area.capacity, category: name_of(area.category) })
            .collect(),
        categories: categories
            .map(|(category, seats)| api::Category { name: category.name.clone(), colour: category.colour.clone(), seats })
            .collect(),
        unsold,
    }
}

pub(crate) fn hold(engine: &Guichet, hold: &HoldView) -> api::Hold {
    api::Hold {
        hold: hold.id.to_string(),
        token: None,
        show: hold.show.to_string(),
        state: hold_state(hold.state),
        items: Names::of(engine, hold.show).map(|names| names.items(&hold.items)).unwrap_or_default(),
        expires_at: time(hold.expires_at_unix_ms),
        order: hold.order.map(|order| order.to_string()),
    }
}
