//! Whether a refusal was true when it was given: held against the state and the accounts just before its record.

use guichet_domain::inventory::SeatState;
use guichet_domain::order::{Order, OrderState, PaymentState};
use guichet_domain::saga::{Direction, Effect, Progress, Saga};
use guichet_domain::show::{SaleState, SaleWindow};
use guichet_domain::state::Show;
use guichet_domain::{OrderId, Rejection, ShowId, State, TicketId};

use super::accounts::Accounts;
use super::parts;

/// Says what is untrue about it.
pub(super) fn check(rejection: &Rejection, stamp_unix_ms: u64, state: &State, accounts: &Accounts) -> Result<(), String> {
    let holds = about_shows(rejection, stamp_unix_ms, state)
        .or_else(|| about_holds(rejection, state))
        .or_else(|| about_orders(rejection, state, accounts))
        .or_else(|| about_money(rejection, state, accounts))
        .or_else(|| about_tickets(rejection, state, accounts))
        .or_else(|| parts::is_true(rejection, state, accounts))
        .unwrap_or(true);
    if holds { Ok(()) } else { Err(format!("the refusal {rejection:?} was not true when it was given")) }
}

fn about_shows(rejection: &Rejection, now_unix_ms: u64, state: &State) -> Option<bool> {
    let show = |show: &ShowId| state.show(*show);
    let all = |of: &ShowId, seats: &[u32], is: fn(SeatState) -> bool| {
        show(of).is_some_and(|show| !seats.is_empty() && seats.iter().all(|seat| is(show.inventory.seats.get(*seat))))
    };
    Some(match rejection {
        Rejection::ShowNotFound { show: of } => show(of).is_none(),
        Rejection::SaleNotOpen { show: of, state } => *state != SaleState::Open && show(of).is_some_and(|show| show.sale == *state),
        Rejection::SaleStateConflict { show: of, state } => show(of).is_some_and(|show| show.sale == *state),
        Rejection::OutsideSaleWindow { show: of, product, opens_at_unix_ms, closes_at_unix_ms } => {
            let window = SaleWindow { opens_at_unix_ms: *opens_at_unix_ms, closes_at_unix_ms: *closes_at_unix_ms };
            show(of).and_then(|show| window_of(show, *product)) == Some(window) && !window.contains(now_unix_ms)
        }
        Rejection::BuyerRefRequired { show: of } => show(of).is_some_and(|show| show.definition.per_buyer_max.is_some()),
        Rejection::LimitExceeded { show: of, limit, has, requested } => {
            show(of).is_some_and(|show| show.definition.per_buyer_max == Some(*limit)) && has + requested > *limit
        }
        Rejection::SeatTaken { show, seats } => all(show, seats, |seat| seat != SeatState::Free),
        Rejection::PlanConflict { show, lost, .. } => all(show, lost, |seat| matches!(seat, SeatState::Held | SeatState::Booked)),
        Rejection::SeatNotBlocked { show, seats } => all(show, seats, |seat| seat != SeatState::Blocked),
        Rejection::SoldOut { show: of, quota, requested, left } => {
            let really = show(of).and_then(|show| show.inventory.quotas.get(usize::from(*quota))).map(|quota| quota.left());
            really == Some(*left) && requested > left
        }
        Rejection::UnknownCheckInList { show: of, list } => {
            show(of).is_some_and(|show| usize::from(*list) >= show.definition.check_in_lists.len())
        }
        _ => return None,
    })
}

fn window_of(show: &Show, product: Option<u16>) -> Option<SaleWindow> {
    match product {
        None => Some(show.definition.window),
        Some(product) => show.definition.products.get(usize::from(product)).map(|product| product.window),
    }
}

fn about_holds(rejection: &Rejection, state: &State) -> Option<bool> {
    Some(match rejection {
        Rejection::HoldExpired { hold } | Rejection::HoldNotFound { hold } => state.hold(*hold).is_none(),
        Rejection::HoldInOrder { hold, order } => state.hold(*hold).is_some_and(|hold| hold.order == Some(*order)),
        _ => return None,
    })
}

fn sagas<'a>(state: &'a State, order: &'a Order) -> impl Iterator<Item = &'a Saga> {
    let refunds = order.after.iter().flat_map(|after| &after.refunds).map(|refund| refund.saga);
    std::iter::once(order.saga).chain(refunds).filter_map(|saga| state.saga(saga))
}

fn is_stuck(saga: &Saga) -> bool {
    matches!(saga.progress, Progress::Stuck { .. })
}

fn about_orders(rejection: &Rejection, state: &State, accounts: &Accounts) -> Option<bool> {
    let with = |order: &OrderId, holds: &dyn Fn(&Order) -> bool| state.order(*order).is_some_and(holds);
    Some(match rejection {
        Rejection::OrderNotFound { order } => state.order(*order).is_none(),
        Rejection::OrderAlreadyCancelled { order } => with(order, &|order| {
            let requested = order.after.as_ref().is_some_and(|after| after.cancel_requested.is_some());
            let on_its_way = state.saga(order.saga).is_some_and(|saga| matches!(saga.progress, Progress::Forward { .. }));
            order.state == OrderState::Cancelled || requested || !on_its_way
        }),
        Rejection::OrderNotConfirmed { order, state: named } => {
            with(order, &|order| order.state == *named && order.state != OrderState::Confirmed)
        }
        Rejection::OrderStuck { order } => {
            let mut own = accounts.sagas.iter().filter(|(_, of)| *of == order).filter_map(|(saga, _)| state.saga(*saga));
            own.any(is_stuck)
        }
        Rejection::UnknownPosition { order, position } => with(order, &|order| *position >= order.places()),
        Rejection::PositionCancelled { order, position } => accounts.order(*order).is_some_and(|account| account.is_cancelled(*position)),
        Rejection::SagaNotFound { saga } => state.saga(*saga).is_none(),
        Rejection::SagaNotStuck { saga } => state.saga(*saga).is_some_and(|saga| !is_stuck(saga)),
        _ => return None,
    })
}

fn about_money(rejection: &Rejection, state: &State, accounts: &Accounts) -> Option<bool> {
    let with = |order: &OrderId, holds: &dyn Fn(&Order) -> bool| state.order(*order).is_some_and(holds);
    let account = |order: &OrderId| accounts.order(*order);
    Some(match rejection {
        Rejection::RefundTooLarge { order, requested_minor, left_minor } => {
            let left = account(order).map(super::accounts::Account::left);
            left == Some(*left_minor) && requested_minor > left_minor
        }
        Rejection::WrongProvider { order, provider } => with(order, &|order| order.payment_request.provider == *provider),
        // To a part its home names the price.
        Rejection::WrongAmount { order, expected_minor, received_minor } if order.partition() != state.partition() => {
            expected_minor != received_minor
        }
        Rejection::WrongAmount { order, expected_minor, received_minor } => {
            with(order, &|order| *expected_minor == order.total_minor && (received_minor != expected_minor || *received_minor <= 0))
        }
        // Some of its money is there, or it is sold: it may have cost nothing, or all of it may have been given back.
        Rejection::OrderAlreadyPaid { order } => {
            let kept = account(order).is_some_and(|account| account.received > account.returned);
            kept || with(order, &|order| order.state == OrderState::Confirmed)
        }
        Rejection::NotAwaitingPayment { order } => with(order, &|order| {
            let asks = |saga: &Saga| {
                let pending = saga.pending.as_ref();
                pending.is_some_and(|it| matches!(it.effect, Effect::Authorise { .. }) && it.direction == Direction::Forward)
            };
            let open = matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment);
            open && !state.saga(order.saga).is_some_and(asks)
        }),
        Rejection::NoPayoutPending { order, amount_minor } => with(order, &|order| {
            let waits = |saga: &Saga| {
                let effect = saga.pending.as_ref().map(|pending| &pending.effect);
                matches!(effect, Some(Effect::Refund { amount_minor: of, .. }) if of == amount_minor)
            };
            !sagas(state, order).any(waits)
        }),
        Rejection::NoLatePayment { order } => {
            with(order, &|order| order.payment != PaymentState::PaidUnfulfilled || state.saga(order.saga).is_none())
        }
        _ => return None,
    })
}

fn about_tickets(rejection: &Rejection, state: &State, accounts: &Accounts) -> Option<bool> {
    let with = |ticket: &TicketId, holds: &dyn Fn(&Order, u32) -> bool| {
        state.order_of_ticket(*ticket).is_some_and(|(order, number)| holds(order, number))
    };
    let position = |order: &Order, number: u32| order.positions().nth(number as usize).map(|at| (at.line.show, at.item.product));
    Some(match rejection {
        // What turns round after its tickets were made was never sold.
        Rejection::TicketNotFound { ticket } => state
            .order_of_ticket(*ticket)
            .is_none_or(|(order, _)| !order.issued || !matches!(order.state, OrderState::Confirmed | OrderState::Cancelled)),
        Rejection::TicketCancelled { ticket } => {
            with(ticket, &|order, number| accounts.order(order.id).is_some_and(|account| account.is_cancelled(number)))
        }
        Rejection::TicketOfOtherShow { ticket, show } => {
            with(ticket, &|order, number| position(order, number).is_some_and(|(of, _)| of == *show))
        }
        Rejection::TicketNotOnList { ticket, list } => with(ticket, &|order, number| {
            let Some((show, product)) = position(order, number) else { return false };
            let list = state.show(show).and_then(|show| show.definition.check_in_lists.get(usize::from(*list)));
            list.is_some_and(|list| !list.products.is_empty() && !list.products.contains(&product))
        }),
        Rejection::TicketAlreadyUsed { ticket, gate, scanned_at_unix_ms } => with(ticket, &|order, number| {
            let mut check_ins = order.after.iter().flat_map(|after| &after.check_ins);
            check_ins.any(|used| {
                let named = used.gate == *gate && used.scanned_at_unix_ms == *scanned_at_unix_ms;
                used.position == number && named && accounts.has_passed(*ticket, used.list)
            })
        }),
        _ => return None,
    })
}
