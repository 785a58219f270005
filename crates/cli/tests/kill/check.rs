//! After a restart: is everything that was acknowledged still there?

use std::time::{Duration, Instant};

use guichet_api::{Client, HoldState, Order, OrderState};
use tokio::task::JoinSet;

use super::ledger::{Fate, HeldEntry, Ledger, OrderEntry, Refusal, Unanswered};
use crate::support::PATIENCE;

/// Requests at once.
const AT_ONCE: usize = 32;
/// Refusals whose key is repeated after each restart, the latest ones.
const REFUSALS_REPEATED: usize = 200;

/// Waits until the server has its lists together again; answers given before may be behind.
pub(crate) async fn caught_up(admin: &Client) {
    let started = Instant::now();
    loop {
        let status = admin.status().await.unwrap().value;
        if status.ready && status.partitions.iter().all(|partition| partition.projection_lag == 0 && partition.lists_lag == 0) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "the server does not catch up: {status:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Finds out about requests without an answer, then looks at every hold and order and repeats their keys.
pub(crate) async fn everything(admin: &Client, shop: &Client, ledger: &Ledger) {
    find_out(shop, ledger).await;
    let (holds, orders, refusals) = {
        let books = ledger.books();
        let refusals: Vec<_> = books.refusals.iter().rev().take(REFUSALS_REPEATED).cloned().collect();
        (books.holds.values().cloned().collect::<Vec<_>>(), books.orders.values().cloned().collect::<Vec<_>>(), refusals)
    };
    let mut tasks = JoinSet::new();
    for part in 0..AT_ONCE {
        let (admin, shop, ledger) = (admin.clone(), shop.clone(), ledger.clone());
        let holds: Vec<_> = holds.iter().skip(part).step_by(AT_ONCE).cloned().collect();
        let orders: Vec<_> = orders.iter().skip(part).step_by(AT_ONCE).cloned().collect();
        let refusals: Vec<_> = refusals.iter().skip(part).step_by(AT_ONCE).cloned().collect();
        tasks.spawn(async move {
            for held in &holds {
                hold_is_there(&admin, &ledger, held).await;
                hold_repeats(&shop, &ledger, held).await;
            }
            for order in &orders {
                order_is_there(&admin, &ledger, order).await;
                order_repeats(&shop, &ledger, order).await;
            }
            for refusal in &refusals {
                refusal_repeats(&shop, &ledger, refusal).await;
            }
        });
    }
    tasks.join_all().await;
}

/// Waits until every order has come to its end, and looks at that end.
pub(crate) async fn all_settled(admin: &Client, ledger: &Ledger) {
    let started = Instant::now();
    let orders: Vec<OrderEntry> = ledger.books().orders.values().cloned().collect();
    for entry in orders {
        let id = &entry.answer.order;
        let end = loop {
            let order = admin.order(id).await.unwrap().value;
            if !matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment) {
                break order;
            }
            assert!(started.elapsed() < PATIENCE, "the order does not settle: {order:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let expected = if entry.declined { OrderState::Cancelled } else { OrderState::Confirmed };
        let tickets = if entry.declined { 0 } else { end.positions.len() };
        if end.state != expected || end.tickets as usize != tickets {
            ledger.problem(format!("order {id} should be {expected} with {tickets} tickets: {end:?}"));
        }
        if let Some(known) = ledger.books().orders.get_mut(id) {
            known.answer = end;
        }
    }
}

/// Sends every request without an answer again, with its key.
async fn find_out(shop: &Client, ledger: &Ledger) {
    let unanswered = std::mem::take(&mut ledger.books().unanswered);
    for request in unanswered {
        match request {
            Unanswered::Hold { owner, show, key, request } => match shop.place_hold(&show, &request).idempotency_key(&key).await {
                Ok(answer) => ledger.held(owner, &key, &request, answer.value),
                Err(error) if matches!(error.code(), Some("seat_taken" | "sold_out")) => {}
                Err(error) => ledger.problem(format!("key {key} after the kill: {error}")),
            },
            Unanswered::Order { key, request, declined } => match shop.place_order(&request).idempotency_key(&key).await {
                Ok(answer) => ledger.ordered(&key, &request, declined, answer.value),
                Err(error) => ledger.problem(format!("key {key} after the kill: {error}")),
            },
        }
    }
}

async fn hold_is_there(admin: &Client, ledger: &Ledger, held: &HeldEntry) {
    let (id, answer) = (&held.answer.hold, &held.answer);
    let seen = match admin.hold(id).await {
        Ok(seen) => seen.value,
        Err(error) => return ledger.problem(format!("LOST hold {id} ({:?}): {error}", held.fate)),
    };
    let states: &[HoldState] = match held.fate {
        Fate::Live => &[HoldState::Live],
        Fate::ReleaseSent => &[HoldState::Live, HoldState::Released],
        Fate::Released => &[HoldState::Released],
        Fate::Ordered { declined: false, acknowledged: true } => &[HoldState::InOrder, HoldState::Booked],
        Fate::Ordered { declined: true, acknowledged: true } => &[HoldState::InOrder, HoldState::Released],
        Fate::Ordered { acknowledged: false, .. } => &[HoldState::Live, HoldState::InOrder, HoldState::Booked, HoldState::Released],
    };
    let same = seen.hold == *id && seen.show == answer.show && seen.items == answer.items;
    // A restart may give live holds more time, never less.
    let time = held.fate != Fate::Live || seen.expires_at >= answer.expires_at;
    if !same || !time || !states.contains(&seen.state) {
        ledger.problem(format!("hold {id} was {answer:?}, then {:?}, and is {seen:?}", held.fate));
    }
}

async fn hold_repeats(shop: &Client, ledger: &Ledger, held: &HeldEntry) {
    match shop.place_hold(&held.answer.show, &held.request).idempotency_key(&held.key).await {
        Ok(again) if again.value == held.answer && again.replayed => ledger.repeated(),
        Ok(again) => ledger.problem(format!("key {} was answered {:?}, then {again:?}", held.key, held.answer)),
        Err(error) => ledger.problem(format!("key {} was answered {:?}, then {error}", held.key, held.answer)),
    }
}

async fn order_is_there(admin: &Client, ledger: &Ledger, entry: &OrderEntry) {
    let id = &entry.answer.order;
    let seen = match admin.order(id).await {
        Ok(seen) => seen.value,
        Err(error) => return ledger.problem(format!("LOST order {id}: {error}")),
    };
    let ends = if entry.declined { OrderState::Cancelled } else { OrderState::Confirmed };
    let state = match entry.answer.state {
        OrderState::Placed | OrderState::AwaitingPayment => [OrderState::Placed, OrderState::AwaitingPayment, ends].contains(&seen.state),
        // What has ended stays as it is.
        ended => ended == seen.state && entry.answer.tickets == seen.tickets && entry.answer.payment == seen.payment,
    };
    if !state || !same_order(&entry.answer, &seen) {
        return ledger.problem(format!("order {id} was {:?} and is {seen:?}", entry.answer));
    }
    // From here on this is what was last seen.
    if let Some(known) = ledger.books().orders.get_mut(id) {
        known.answer = seen;
    }
}

fn same_order(before: &Order, after: &Order) -> bool {
    let content = |order: &Order| {
        let Order { order, code, show, holds, total, mut positions, placed_at, deadline, .. } = order.clone();
        let tickets: Vec<Option<String>> = positions.iter_mut().map(|position| position.ticket.take()).collect();
        ((order, code, show, holds, total, positions, placed_at, deadline), tickets)
    };
    let ((before, had), (after, has)) = (content(before), content(after));
    // Tickets come when the order is sold, and then stay what they are.
    before == after && had.iter().zip(&has).all(|(had, has)| had.is_none() || had == has)
}

async fn order_repeats(shop: &Client, ledger: &Ledger, entry: &OrderEntry) {
    match shop.place_order(&entry.request).idempotency_key(&entry.key).await {
        Ok(again) if same_order(&entry.answer, &again.value) && again.replayed => ledger.repeated(),
        Ok(again) => ledger.problem(format!("key {} was answered {:?}, then {again:?}", entry.key, entry.answer)),
        Err(error) => ledger.problem(format!("key {} was answered {:?}, then {error}", entry.key, entry.answer)),
    }
}

async fn refusal_repeats(shop: &Client, ledger: &Ledger, refusal: &Refusal) {
    match shop.place_hold(&refusal.show, &refusal.request).idempotency_key(&refusal.key).await {
        Err(error) if error.code() == Some(&refusal.code) => ledger.repeated(),
        other => ledger.problem(format!("key {} was refused with {}, then {other:?}", refusal.key, refusal.code)),
    }
}
