//! The list of orders: over all partitions, under way and ended, the latest first.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{Fault, Guichet, OrderFilter, OrderId, OrderView, ShowId};
use jiff::Timestamp;
use serde::Deserialize;

use super::paging::{PAGE_DEFAULT, PAGE_MAX};
use crate::access::Identity;
use crate::app::App;
use crate::extract::{Query, parse_cursor, parse_id, reached, unix_ms};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Which orders a list shows.
#[derive(Deserialize)]
pub(super) struct Wanted {
    show: Option<String>,
    state: Option<api::OrderState>,
    payment: Option<api::PaymentState>,
    provider: Option<String>,
    placed_from: Option<Timestamp>,
    placed_before: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/orders`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Failure> {
    let show = wanted.show.as_deref().map(|show| parse_id::<ShowId>(&app.engine, show)).transpose()?;
    let show = show.map(|show| reached(&app.engine, identity, show)).transpose()?;
    let before = wanted.cursor.as_deref().map(parse_cursor).transpose()?;
    let filter = OrderFilter {
        show,
        shows: identity.organiser.map(|organiser| app.engine.shows_of(organiser)),
        state: wanted.state.map(view::order_state_named),
        payment: wanted.payment.map(view::payment_state_named),
        provider: wanted.provider,
        // There was nothing before 1970.
        placed_from_unix_ms: wanted.placed_from.map(|from| unix_ms(from).unwrap_or(0)),
        placed_before_unix_ms: wanted.placed_before.map(|before| unix_ms(before).unwrap_or(0)),
    };
    let limit = wanted.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let engine = app.engine.clone();
    // The lists are on disk: not on a worker that answers others.
    let page = tokio::task::spawn_blocking(move || page(&engine, &filter, before, limit)).await;
    let (orders, next) = page.map_err(|error| Fault::Lists(error.to_string()))??;
    let orders = orders.iter().map(|order| view::order(&app.engine, order)).collect();
    Ok(Reply::ok(&api::OrderList { orders, next: next.map(|next| next.to_string()) }))
}

/// A page over all partitions. Ids sort by time, so the cursor is the id of the last order on the page.
fn page(engine: &Guichet, filter: &OrderFilter, before: Option<OrderId>, limit: usize) -> Result<(Vec<OrderView>, Option<OrderId>), Fault> {
    let partitions = filter.show.map_or(0..engine.partitions(), |show| show.partition()..show.partition() + 1);
    let mut orders = Vec::new();
    for partition in partitions {
        // One more than fits tells whether there is another page.
        orders.extend(engine.orders(partition, filter, before, limit + 1)?.orders);
    }
    orders.sort_unstable_by_key(|order| std::cmp::Reverse(order.id));
    let more = orders.len() > limit;
    orders.truncate(limit);
    let next = orders.last().map(|order| order.id).filter(|_| more);
    Ok((orders, next))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size, text, time};

    pub(crate) fn list() -> Operation {
        Operation::new("list_orders", "Orders, the latest first.")
            .query("show", "Only orders of this show.", text())
            .query_of::<api::OrderState>("state", "Only orders in this state.")
            .query_of::<api::PaymentState>("payment", "Only orders whose money stands so.")
            .query("provider", "Only orders that are paid through this provider.", text())
            .query("placed_from", "Only orders that were placed then or later.", time())
            .query("placed_before", "Only orders that were placed earlier.", time())
            .query("limit", "Orders on the page: 50 unless told, 500 at most.", page_size())
            .lists::<api::OrderList, api::Order>("orders")
            .refuses(&["show_not_found"])
            .reads_lists()
    }
}
