//! The list of routes: one line each, with who may call it.

mod after_sale;
mod batch;
mod buyers;
mod door;
mod draft;
mod health;
mod holds;
mod keys;
mod metrics;
mod office;
mod order_list;
mod orders;
mod plans;
mod sagas;
mod seats;
mod shows;
mod snapshots;
mod status;
mod stream;
mod ticket_keys;
mod venues;
mod verify;

pub(crate) use keys::CreatedKeys;
pub(crate) use ticket_keys::Rotations;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};

use crate::access::Need::{self, Admin, AdminOrLocal, Door, Key, Nobody, Shop};
use crate::app::App;
use crate::edge::{self, Edge};

type Handler = MethodRouter<Arc<App>>;

/// Path, who may call, the names that its query may have, what answers.
type Route = (&'static str, Need, &'static [&'static str], Handler);

fn routes() -> Vec<Route> {
    vec![
        ("/v1/venues", Admin, &[], post(venues::create)),
        ("/v1/venues", Admin, &[], get(venues::list)),
        ("/v1/venues/{venue}", Admin, &[], get(venues::show)),
        ("/v1/venues/{venue}/plan", Admin, &[], get(plans::of_venue)),
        ("/v1/shows", Admin, &[], post(shows::create)),
        ("/v1/shows", Key, &[], get(shows::list)),
        ("/v1/shows/{show}", Key, &[], get(shows::show)),
        ("/v1/shows/{show}/plan", Shop, &[], get(plans::of_show)),
        ("/v1/shows/{show}/plan", Admin, &["dry_run"], post(plans::revise)),
        ("/v1/shows/{show}/open", Admin, &[], post(shows::open)),
        ("/v1/shows/{show}/pause", Admin, &[], post(shows::pause)),
        ("/v1/shows/{show}/close", Admin, &[], post(shows::close)),
        ("/v1/shows/{show}/availability", Shop, &[], get(shows::availability)),
        ("/v1/shows/{show}/seats", Shop, &["labels"], get(seats::list)),
        ("/v1/shows/{show}/seats/stream", Shop, &[], get(seats::stream)),
        ("/v1/shows/{show}/seats/block", Admin, &[], post(office::block)),
        ("/v1/shows/{show}/seats/unblock", Admin, &[], post(office::unblock)),
        ("/v1/shows/{show}/report", Admin, &[], get(office::report)),
        ("/v1/shows/{show}/check-ins", Door, &[], post(door::check_in)),
        ("/v1/shows/{show}/check-in-lists", Door, &[], get(door::lists)),
        ("/v1/shows/{show}/check-in-lists/{list}", Door, &["cursor", "limit"], get(door::sheet)),
        ("/v1/shows/{show}/holds", Shop, &[], post(holds::place)),
        ("/v1/holds/{hold}", Shop, &[], get(holds::show)),
        ("/v1/holds/{hold}", Shop, &[], delete(holds::release)),
        ("/v1/holds/{hold}/extend", Shop, &[], post(holds::extend)),
        ("/v1/orders", Shop, &[], post(orders::place)),
        ("/v1/orders", Admin, order_list::QUERY, get(order_list::list)),
        ("/v1/orders/{order}", Shop, &[], get(orders::show)),
        ("/v1/orders/{order}/tickets", Shop, &[], get(orders::tickets)),
        ("/v1/buyers/erase", Admin, &[], post(buyers::erase)),
        ("/v1/orders/{order}/cancel", Shop, &[], post(after_sale::cancel)),
        ("/v1/orders/{order}/refunds", Admin, &[], post(after_sale::refund)),
        ("/v1/orders/{order}/payments", Admin, &[], post(after_sale::payment)),
        ("/v1/orders/{order}/payouts", Admin, &[], post(after_sale::payout)),
        ("/v1/orders/{order}/late-payment", Admin, &[], post(after_sale::late_payment)),
        ("/v1/sagas/{saga}/retry", Admin, &[], post(sagas::retry)),
        ("/v1/batch", Admin, &[], post(batch::run)),
        ("/v1/stream", Admin, &["show", "order", "topic"], get(stream::open)),
        ("/v1/keys", Admin, &[], post(keys::create)),
        ("/v1/keys", Admin, &[], get(keys::list)),
        ("/v1/keys/{key}", Admin, &[], delete(keys::revoke)),
        ("/v1/ticket-keys", Key, &[], get(ticket_keys::list)),
        ("/v1/ticket-keys/rotate", Admin, &[], post(ticket_keys::rotate)),
        ("/v1/snapshots", Admin, &[], post(snapshots::take)),
        ("/v1/status", Admin, &[], get(status::show)),
        ("/v1/verify", Admin, &[], get(verify::run)),
        ("/metrics", AdminOrLocal, &[], get(metrics::show)),
        ("/healthz", Nobody, &[], get(health::alive)),
        ("/readyz", Nobody, &[], get(health::ready)),
    ]
}

/// All routes, and what answers where there is none.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (path, need, query, handler) in routes() {
        let edge = Arc::new(Edge { app: Arc::clone(&app), path, need, query });
        router = router.route(path, handler.route_layer(from_fn_with_state(edge, edge::pass)));
    }
    router.fallback(edge::unknown_route).method_not_allowed_fallback(edge::wrong_method).with_state(app)
}
