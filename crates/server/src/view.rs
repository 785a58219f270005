//! From what the engine knows by number to what callers know by name.

use std::sync::Arc;

use guichet_api as api;
use guichet_core::domain::hold::{Claim, HoldItem};
use guichet_core::domain::inventory::SeatState;
use guichet_core::domain::key::Scope;
use guichet_core::domain::saga;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{Admits, Product, SaleState, ShowDefinition};
use guichet_core::{CancelReason, Guichet, HoldState, HoldView, OrderState, OrderView, PaymentState, ShowId, ShowView, VenueId};
use jiff::Timestamp;

/// A time at the edge.
pub(crate) fn time(unix_ms: u64) -> Timestamp {
    i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::MAX)
}

/// How many; counts of a plan fit in 32 bits.
pub(crate) fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

macro_rules! same_names {
    ($($name:ident: $from:ident -> $to:ident { $($variant:ident)* })*) => {$(
        pub(crate) fn $name(value: $from) -> api::$to {
            match value { $($from::$variant => api::$to::$variant,)* }
        }
    )*};
}

same_names! {
    sale_state: SaleState -> SaleState { Draft Open Paused Closed }
    hold_state: HoldState -> HoldState { Live InOrder Booked Released Expired }
    order_state: OrderState -> OrderState { Placed AwaitingPayment Confirmed Cancelled Stuck }
    payment_state: PaymentState -> PaymentState { None Authorising Authorised Captured Declined Unknown Voided Refunded }
    cancel_reason: CancelReason -> CancelReason { PaymentDeclined DeadlinePassed StepFailed }
    scope: Scope -> Scope { Admin Shop }
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

    pub(crate) fn items(&self, items: &[HoldItem]) -> Vec<api::HoldItem> {
        let item = |item: &HoldItem| match &item.claim {
            Claim::Seats(seats) => api::HoldItem::seats(self.product(item.product), seats.iter().map(|seat| self.seat(*seat))),
            Claim::Quantity(quantity) => api::HoldItem::quantity(self.product(item.product), *quantity),
        };
        items.iter().map(item).collect()
    }
}

pub(crate) fn venue(id: VenueId, plan: &SeatingPlan, unsold: Vec<String>) -> api::Venue {
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

pub(crate) fn show(definition: &ShowDefinition, plan: &SeatingPlan, sale: SaleState) -> api::Show {
    let product = |product: &Product| {
        let categories: &[u16] = match &product.admits {
            Admits::Seats { categories } => categories,
            Admits::Quantity => &[],
        };
        let category = |index: &u16| plan.categories.get(usize::from(*index)).map(|category| category.name.clone());
        let quota = |index: &u16| definition.quotas.get(usize::from(*index)).map(|quota| quota.name.clone());
        api::Product {
            name: product.name.clone(),
            price: api::Money::new(product.price_minor, definition.currency.code()),
            categories: categories.iter().filter_map(category).collect(),
            quotas: product.quotas.iter().filter_map(quota).collect(),
        }
    };
    api::Show {
        show: definition.id.to_string(),
        venue: definition.venue.to_string(),
        name: definition.name.clone(),
        starts_at: definition.starts_at_unix_ms.map(time),
        sale: sale_state(sale),
        currency: definition.currency.code().to_owned(),
        products: definition.products.iter().map(product).collect(),
        quotas: definition.quotas.iter().map(|quota| api::Quota { name: quota.name.clone(), size: quota.size }).collect(),
        order_deadline_s: definition.order_deadline_ms / 1_000,
    }
}

/// Counts a show. One pass over its seats; the projection stands still meanwhile.
pub(crate) fn availability(view: &ShowView, position: String) -> api::Availability {
    let mut by_category: Vec<_> = (view.plan.categories.iter())
        .map(|category| api::CategoryAvailability { category: category.name.clone(), seats: api::SeatCounts::default() })
        .collect();
    let mut total = api::SeatCounts::default();
    for (index, seat) in (0..).zip(&view.plan.seats) {
        let state = view.inventory.seats.get(index);
        tally(&mut total, state);
        if let Some(category) = by_category.get_mut(usize::from(seat.category)) {
            tally(&mut category.seats, state);
        }
    }
    let products = view.definition.products.iter().map(|product| {
        let quotas = product.quotas.iter().filter_map(|quota| view.inventory.quotas.get(usize::from(*quota)));
        let by_quotas = quotas.map(guichet_core::domain::inventory::QuotaCount::left).min().unwrap_or(u32::MAX);
        let left = match &product.admits {
            Admits::Quantity => by_quotas,
            Admits::Seats { categories } => {
                let free = categories.iter().filter_map(|category| by_category.get(usize::from(*category)));
                free.map(|category| category.seats.free).sum::<u32>().min(by_quotas)
            }
        };
        let price = api::Money::new(product.price_minor, view.definition.currency.code());
        api::ProductAvailability { name: product.name.clone(), price, left }
    });
    api::Availability {
        position,
        sale: sale_state(view.sale),
        products: products.collect(),
        seats: api::SeatAvailability { total, by_category },
        quotas: (view.quotas())
            .map(|quota| api::QuotaAvailability {
                left: quota.size.saturating_sub(quota.held).saturating_sub(quota.booked),
                name: quota.name,
                size: quota.size,
                held: quota.held,
                booked: quota.booked,
            })
            .collect(),
    }
}

fn tally(counts: &mut api::SeatCounts, state: SeatState) {
    match state {
        SeatState::Free => counts.free += 1,
        SeatState::Held => counts.held += 1,
        SeatState::Booked => counts.booked += 1,
        SeatState::Blocked => counts.blocked += 1,
    }
}

/// One letter a seat, in the order of the plan.
pub(crate) fn seat_states(view: &ShowView) -> String {
    let letter = |seat| match view.inventory.seats.get(seat) {
        SeatState::Free => 'f',
        SeatState::Held => 'h',
        SeatState::Booked => 'b',
        SeatState::Blocked => 'x',
    };
    (0..view.inventory.seats.len()).map(letter).collect()
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

pub(crate) fn order(engine: &Guichet, order: &OrderView) -> api::Order {
    let position = |names: &Names, position: guichet_core::PositionView| api::OrderPosition {
        product: names.product(position.product),
        seat: position.seat.map(|seat| names.seat(seat)),
        price: names.money(position.price_minor),
    };
    let positions = Names::of(engine, order.show).map(|names| {
        let positions = order.positions(&names.definition).into_iter();
        positions.map(|of| position(&names, of)).collect()
    });
    api::Order {
        order: order.id.to_string(),
        code: order.code.clone(),
        show: order.show.to_string(),
        holds: order.holds.iter().map(ToString::to_string).collect(),
        state: order_state(order.state),
        payment: api::OrderPayment { state: payment_state(order.payment), provider: order.provider.clone() },
        total: api::Money::new(order.total_minor, order.currency.code()),
        positions: positions.unwrap_or_default(),
        tickets: if order.tickets_issued && order.first_ticket.is_some() { order.places() } else { 0 },
        cancel_reason: order.cancel_reason.map(cancel_reason),
        placed_at: time(order.placed_at_unix_ms),
        updated_at: time(order.updated_at_unix_ms),
        deadline: time(order.deadline_unix_ms),
        saga: api::OrderSaga {
            saga: order.saga.to_string(),
            step: step(order.saga_view.step),
            unwinding: order.saga_view.unwinding,
            attempt: order.saga_view.attempt,
            last_error: order.saga_view.last_error.clone(),
            retry_at: order.saga_view.retry_at_unix_ms.map(time),
        },
    }
}

/// Name of a step of the saga that drives orders.
pub(crate) fn step(index: u8) -> String {
    saga::order::V1.steps.get(usize::from(index)).map_or_else(|| index.to_string(), |step| step.name.to_owned())
}
