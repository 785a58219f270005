//! A show as callers see it: what it is, what is left of it, what it has sold.

use guichet_api as api;
use guichet_core::domain::inventory::SeatState;
use guichet_core::domain::seating::SeatingPlan;
use guichet_core::domain::show::{Admits, CancellationFee, CheckInList, Product, SaleState, ShowDefinition};
use guichet_core::{Currency, OrganiserId, Position, ShowId, ShowReport, ShowView};

use super::{late_payment, orphans, sale_state, time};

pub(crate) fn show(definition: &ShowDefinition, plan: &SeatingPlan, sale: SaleState, organiser: Option<OrganiserId>) -> api::Show {
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
            sale_opens_at: product.window.opens_at_unix_ms.map(time),
            sale_closes_at: product.window.closes_at_unix_ms.map(time),
        }
    };
    api::Show {
        show: definition.id.to_string(),
        venue: definition.venue.to_string(),
        organiser: organiser.map(|organiser| organiser.to_string()),
        name: definition.name.clone(),
        starts_at: definition.starts_at_unix_ms.map(time),
        sale: sale_state(sale),
        currency: definition.currency.code().to_owned(),
        products: definition.products.iter().map(product).collect(),
        quotas: definition.quotas.iter().map(|quota| api::Quota { name: quota.name.clone(), size: quota.size }).collect(),
        order_deadline_s: definition.order_deadline_ms / 1_000,
        transfer_deadline_s: definition.transfer_deadline_ms / 1_000,
        sale_opens_at: definition.window.opens_at_unix_ms.map(time),
        sale_closes_at: definition.window.closes_at_unix_ms.map(time),
        per_buyer_max: definition.per_buyer_max,
        late_payment: late_payment(definition.late_payment),
        cancellation_fees: definition.cancellation_fees.iter().map(|fee| cancellation_fee(definition, fee)).collect(),
        check_in_lists: check_in_lists(definition),
        seating: api::SeatingRules {
            orphans: orphans(definition.seating.orphans),
            accessible_released_before_start_s: definition.seating.accessible_released_before_start_ms.map(|ms| ms / 1_000),
            accessible_released_when_sold_out: definition.seating.accessible_released_when_sold_out,
        },
    }
}

fn cancellation_fee(definition: &ShowDefinition, fee: &CancellationFee) -> api::CancellationFee {
    api::CancellationFee {
        within_s: fee.within_ms / 1_000,
        price_percent: api::Percent::from_basis_points(fee.price_bp),
        fixed: (fee.fixed_minor > 0).then(|| api::Money::new(fee.fixed_minor, definition.currency.code())),
    }
}

pub(crate) fn check_in_lists(definition: &ShowDefinition) -> Vec<api::CheckInList> {
    let product = |index: &u16| definition.products.get(usize::from(*index)).map(|product| product.name.clone());
    let list =
        |list: &CheckInList| api::CheckInList { name: list.name.clone(), products: list.products.iter().filter_map(product).collect() };
    definition.check_in_lists.iter().map(list).collect()
}

/// Counts a show. One pass over its seats; the projection stands still meanwhile.
pub(crate) fn availability(view: &ShowView, position: String) -> api::Availability {
    let mut by_category: Vec<_> = (view.plan.categories.iter())
        .map(|category| api::CategoryAvailability { category: category.name.clone(), seats: api::SeatCounts::default() })
        .collect();
    let mut total = api::SeatCounts::default();
    for (index, seat) in (0..).zip(&view.plan.seats).filter(|(_, seat)| !seat.withdrawn) {
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

/// The state of every seat, in the order of the plan. The engine has them in memory as they travel, and its snapshots hold that fixed.
pub(crate) fn seat_states(view: &ShowView) -> api::SeatStates {
    let seats = &view.inventory.seats;
    api::SeatStates::from_words(seats.len(), seats.words())
}

/// How far a show's seats have been seen.
pub(crate) fn position(show: ShowId, view: &ShowView) -> Position {
    Position::of(show.partition(), view.changed_at_offset)
}

/// What a show has sold, with the sums.
pub(crate) fn report(show: ShowId, currency: Currency, report: ShowReport, position: String) -> api::ShowReport {
    let money = |amount_minor: i64| api::Money::new(amount_minor, currency.code());
    let (mut held, mut sold, mut cancelled) = (0, 0, 0);
    let (mut fees_minor, mut revenue_minor) = (0_i64, 0_i64);
    for product in &report.products {
        held += product.tally.held;
        sold += product.tally.booked;
        cancelled += product.tally.cancelled;
        fees_minor = fees_minor.saturating_add(product.tally.fees_minor);
        revenue_minor = revenue_minor.saturating_add(product.revenue_minor);
    }
    let products = report.products.into_iter().map(|product| api::ProductReport {
        product: product.product,
        price: money(product.price_minor),
        held: product.tally.held,
        sold: product.tally.booked,
        cancelled: product.tally.cancelled,
        fees: money(product.tally.fees_minor),
        revenue: money(product.revenue_minor),
    });
    api::ShowReport {
        show: show.to_string(),
        position,
        totals: api::ReportTotals { held, sold, cancelled, fees: money(fees_minor), revenue: money(revenue_minor) },
        products: products.collect(),
        seats: api::SeatReport {
            free: report.seats_free,
            held: report.seats_held,
            booked: report.seats_booked,
            blocked: report.blocked.into_iter().map(|(reason, seats)| api::BlockedFor { reason, seats }).collect(),
        },
    }
}
