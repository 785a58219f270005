//! The list of routes: one line each, with who may call it.

mod after_sale;
mod batch;
mod buyers;
mod docs;
mod door;
mod draft;
mod health;
mod holds;
mod keys;
mod log_filter;
mod metrics;
mod office;
mod order_list;
mod orders;
mod organisers;
mod paging;
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

pub(crate) use keys::{CreatedKeys, RotatedKeys};
pub use metrics::describe_metrics;
pub(crate) use ticket_keys::RotatedTicketKeys;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};

use crate::access::Need::{self, Admin, Browse, Door, Key, Look, Manage, Nobody, Sell, Shop, Watch, WatchOrLocal};
use crate::app::App;
use crate::around;
use crate::description::Described;
use crate::description::operation::Operation;
use crate::edge::{self, Edge};

/// What answers, and what is said of it.
struct Route {
    described: Described,
    handler: MethodRouter<Arc<App>>,
}

impl Route {
    fn get<T: 'static>(path: &'static str, need: Need, handler: impl Handler<T, Arc<App>>, about: fn() -> Operation) -> Self {
        Self { described: Described::new(Method::GET, path, need, about()), handler: get(handler) }
    }

    fn post<T: 'static>(path: &'static str, need: Need, handler: impl Handler<T, Arc<App>>, about: fn() -> Operation) -> Self {
        Self { described: Described::new(Method::POST, path, need, about()), handler: post(handler) }
    }

    fn delete<T: 'static>(path: &'static str, need: Need, handler: impl Handler<T, Arc<App>>, about: fn() -> Operation) -> Self {
        Self { described: Described::new(Method::DELETE, path, need, about()), handler: delete(handler) }
    }
}

/// Path, who may call, what answers, what is said of it.
#[rustfmt::skip]
fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/venues", Manage, venues::create, venues::about::create),
        Route::get("/v1/venues", Look, venues::list, venues::about::list),
        Route::get("/v1/venues/{venue}", Look, venues::show, venues::about::show),
        Route::get("/v1/venues/{venue}/plan", Look, plans::of_venue, plans::about::of_venue),
        Route::post("/v1/shows", Manage, shows::create, shows::about::create),
        Route::get("/v1/shows", Key, shows::list, shows::about::list),
        Route::get("/v1/shows/{show}", Key, shows::show, shows::about::show),
        Route::get("/v1/shows/{show}/plan", Browse, plans::of_show, plans::about::of_show),
        Route::post("/v1/shows/{show}/plan", Manage, plans::revise, plans::about::revise),
        Route::post("/v1/shows/{show}/open", Manage, shows::open, shows::about::open),
        Route::post("/v1/shows/{show}/pause", Manage, shows::pause, shows::about::pause),
        Route::post("/v1/shows/{show}/close", Manage, shows::close, shows::about::close),
        Route::get("/v1/shows/{show}/availability", Browse, shows::availability, shows::about::availability),
        Route::get("/v1/shows/{show}/seats", Browse, seats::list, seats::about::list),
        Route::get("/v1/shows/{show}/seats/stream", Browse, seats::stream, seats::about::stream),
        Route::post("/v1/shows/{show}/seats/block", Sell, office::block, office::about::block),
        Route::post("/v1/shows/{show}/seats/unblock", Sell, office::unblock, office::about::unblock),
        Route::get("/v1/shows/{show}/report", Look, office::report, office::about::report),
        Route::post("/v1/shows/{show}/check-ins", Door, door::check_in, door::about::check_in),
        Route::get("/v1/shows/{show}/check-in-lists", Door, door::lists, door::about::lists),
        Route::get("/v1/shows/{show}/check-in-lists/{list}", Door, door::sheet, door::about::sheet),
        Route::post("/v1/shows/{show}/holds", Shop, holds::place, holds::about::place),
        Route::get("/v1/holds/{hold}", Browse, holds::show, holds::about::show),
        Route::delete("/v1/holds/{hold}", Shop, holds::release, holds::about::release),
        Route::post("/v1/holds/{hold}/extend", Shop, holds::extend, holds::about::extend),
        Route::post("/v1/orders", Shop, orders::place, orders::about::place),
        Route::get("/v1/orders", Look, order_list::list, order_list::about::list),
        Route::get("/v1/orders/{order}", Browse, orders::show, orders::about::show),
        Route::get("/v1/orders/{order}/tickets", Shop, orders::tickets, orders::about::tickets),
        Route::post("/v1/buyers/erase", Admin, buyers::erase, buyers::about::erase),
        Route::post("/v1/orders/{order}/cancel", Shop, after_sale::cancel, after_sale::about::cancel),
        Route::post("/v1/orders/{order}/refunds", Manage, after_sale::refund, after_sale::about::refund),
        Route::post("/v1/orders/{order}/payments", Sell, after_sale::payment, after_sale::about::payment),
        Route::post("/v1/orders/{order}/payouts", Manage, after_sale::payout, after_sale::about::payout),
        Route::post("/v1/orders/{order}/late-payment", Manage, after_sale::late_payment, after_sale::about::late_payment),
        Route::post("/v1/sagas/{saga}/retry", Manage, sagas::retry, sagas::about::retry),
        Route::post("/v1/batch", Sell, batch::run, batch::about::run),
        Route::get("/v1/stream", Look, stream::open, stream::about::open),
        Route::post("/v1/keys", Manage, keys::create, keys::about::create),
        Route::get("/v1/keys", Manage, keys::list, keys::about::list),
        Route::delete("/v1/keys/{key}", Manage, keys::revoke, keys::about::revoke),
        Route::post("/v1/keys/{key}/rotate", Manage, keys::rotate, keys::about::rotate),
        Route::post("/v1/organisers", Admin, organisers::create, organisers::about::create),
        Route::get("/v1/organisers", Look, organisers::list, organisers::about::list),
        Route::get("/v1/ticket-keys", Key, ticket_keys::list, ticket_keys::about::list),
        Route::post("/v1/ticket-keys/rotate", Admin, ticket_keys::rotate, ticket_keys::about::rotate),
        Route::post("/v1/snapshots", Admin, snapshots::take, snapshots::about::take),
        Route::get("/v1/status", Watch, status::show, status::about::show),
        Route::get("/v1/log-filter", Admin, log_filter::show, log_filter::about::show),
        Route::post("/v1/log-filter", Admin, log_filter::change, log_filter::about::change),
        Route::get("/v1/verify", Admin, verify::run, verify::about::run),
        Route::get("/metrics", WatchOrLocal, metrics::show, metrics::about::show),
        Route::get("/healthz", Nobody, health::alive, health::about::alive),
        Route::get("/readyz", Nobody, health::ready, health::about::ready),
        Route::get("/openapi.json", Nobody, docs::openapi, docs::about::openapi),
        Route::get("/docs", Nobody, docs::readable, docs::about::readable),
        Route::get("/docs/errors", Nobody, docs::errors, docs::about::errors),
        Route::get("/docs/errors/{code}", Nobody, docs::error, docs::about::error),
    ]
}

/// What is said of every route, in the order of the list.
pub(crate) fn described() -> Vec<Described> {
    routes().into_iter().map(|route| route.described).collect()
}

/// All routes, and what answers where there is none.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for Route { described, handler } in routes() {
        let path = described.path;
        let edge = Arc::new(Edge::new(Arc::clone(&app), described));
        router = router.route(path, handler.route_layer(from_fn_with_state(edge, edge::pass)));
    }
    let router = router.fallback(edge::unknown_route).method_not_allowed_fallback(edge::wrong_method);
    around::surround(router.with_state(Arc::clone(&app)), &app)
}
