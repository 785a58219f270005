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
pub use metrics::describe_metrics;
pub(crate) use ticket_keys::Rotations;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};

use crate::access::Need::{self, Admin, AdminOrLocal, Door, Key, Nobody, Shop};
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
        Route::post("/v1/venues", Admin, venues::create, venues::about::create),
        Route::get("/v1/venues", Admin, venues::list, venues::about::list),
        Route::get("/v1/venues/{venue}", Admin, venues::show, venues::about::show),
        Route::get("/v1/venues/{venue}/plan", Admin, plans::of_venue, plans::about::of_venue),
        Route::post("/v1/shows", Admin, shows::create, shows::about::create),
        Route::get("/v1/shows", Key, shows::list, shows::about::list),
        Route::get("/v1/shows/{show}", Key, shows::show, shows::about::show),
        Route::get("/v1/shows/{show}/plan", Shop, plans::of_show, plans::about::of_show),
        Route::post("/v1/shows/{show}/plan", Admin, plans::revise, plans::about::revise),
        Route::post("/v1/shows/{show}/open", Admin, shows::open, shows::about::open),
        Route::post("/v1/shows/{show}/pause", Admin, shows::pause, shows::about::pause),
        Route::post("/v1/shows/{show}/close", Admin, shows::close, shows::about::close),
        Route::get("/v1/shows/{show}/availability", Shop, shows::availability, shows::about::availability),
        Route::get("/v1/shows/{show}/seats", Shop, seats::list, seats::about::list),
        Route::get("/v1/shows/{show}/seats/stream", Shop, seats::stream, seats::about::stream),
        Route::post("/v1/shows/{show}/seats/block", Admin, office::block, office::about::block),
        Route::post("/v1/shows/{show}/seats/unblock", Admin, office::unblock, office::about::unblock),
        Route::get("/v1/shows/{show}/report", Admin, office::report, office::about::report),
        Route::post("/v1/shows/{show}/check-ins", Door, door::check_in, door::about::check_in),
        Route::get("/v1/shows/{show}/check-in-lists", Door, door::lists, door::about::lists),
        Route::get("/v1/shows/{show}/check-in-lists/{list}", Door, door::sheet, door::about::sheet),
        Route::post("/v1/shows/{show}/holds", Shop, holds::place, holds::about::place),
        Route::get("/v1/holds/{hold}", Shop, holds::show, holds::about::show),
        Route::delete("/v1/holds/{hold}", Shop, holds::release, holds::about::release),
        Route::post("/v1/holds/{hold}/extend", Shop, holds::extend, holds::about::extend),
        Route::post("/v1/orders", Shop, orders::place, orders::about::place),
        Route::get("/v1/orders", Admin, order_list::list, order_list::about::list),
        Route::get("/v1/orders/{order}", Shop, orders::show, orders::about::show),
        Route::get("/v1/orders/{order}/tickets", Shop, orders::tickets, orders::about::tickets),
        Route::post("/v1/buyers/erase", Admin, buyers::erase, buyers::about::erase),
        Route::post("/v1/orders/{order}/cancel", Shop, after_sale::cancel, after_sale::about::cancel),
        Route::post("/v1/orders/{order}/refunds", Admin, after_sale::refund, after_sale::about::refund),
        Route::post("/v1/orders/{order}/payments", Admin, after_sale::payment, after_sale::about::payment),
        Route::post("/v1/orders/{order}/payouts", Admin, after_sale::payout, after_sale::about::payout),
        Route::post("/v1/orders/{order}/late-payment", Admin, after_sale::late_payment, after_sale::about::late_payment),
        Route::post("/v1/sagas/{saga}/retry", Admin, sagas::retry, sagas::about::retry),
        Route::post("/v1/batch", Admin, batch::run, batch::about::run),
        Route::get("/v1/stream", Admin, stream::open, stream::about::open),
        Route::post("/v1/keys", Admin, keys::create, keys::about::create),
        Route::get("/v1/keys", Admin, keys::list, keys::about::list),
        Route::delete("/v1/keys/{key}", Admin, keys::revoke, keys::about::revoke),
        Route::get("/v1/ticket-keys", Key, ticket_keys::list, ticket_keys::about::list),
        Route::post("/v1/ticket-keys/rotate", Admin, ticket_keys::rotate, ticket_keys::about::rotate),
        Route::post("/v1/snapshots", Admin, snapshots::take, snapshots::about::take),
        Route::get("/v1/status", Admin, status::show, status::about::show),
        Route::get("/v1/verify", Admin, verify::run, verify::about::run),
        Route::get("/metrics", AdminOrLocal, metrics::show, metrics::about::show),
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
