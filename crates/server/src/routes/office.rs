//! The office: seats taken from sale and given back, and what a show has sold.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{Change, Event, Receipt, ShowId};

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// `POST /v1/shows/{show}/seats/block`: all or none.
pub(super) async fn block(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::BlockSeats>,
) -> Result<Reply, Failure> {
    let change = app.engine.block_seats(show, &request.seats, &request.reason)?;
    let receipt = done(&app, show, identity, key, change).await?;
    Ok(Reply::ok(&api::BlockedSeats { blocked: seats_of(&receipt) }).at(&receipt.position).replayed(receipt.repeated))
}

/// `POST /v1/shows/{show}/seats/unblock`: all or none.
pub(super) async fn unblock(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::UnblockSeats>,
) -> Result<Reply, Failure> {
    let change = app.engine.unblock_seats(show, &request.seats)?;
    let receipt = done(&app, show, identity, key, change).await?;
    Ok(Reply::ok(&api::UnblockedSeats { unblocked: seats_of(&receipt) }).at(&receipt.position).replayed(receipt.repeated))
}

async fn done(app: &App, show: ShowId, identity: Identity, key: RequestKey, change: Change<'_>) -> Result<Receipt, Failure> {
    let receipt = change.caller(identity.caller).key(key.key).await;
    receipt.map_err(|error| Failure::of_command(&app.engine, error, Some(show)))
}

/// How many seats the command was about.
fn seats_of(receipt: &Receipt) -> u32 {
    let seats = receipt.events().iter().map(|event| match event {
        Event::SeatsBlocked { seats, .. } | Event::SeatsUnblocked { seats, .. } => seats.len(),
        _ => 0,
    });
    view::count(seats.sum())
}

/// `GET /v1/shows/{show}/report`
pub(super) async fn report(State(app): State<Arc<App>>, Id(show): Id<ShowId>) -> Result<Reply, Failure> {
    // Read before: what is counted has seen at least this.
    let position = app.engine.position().to_string();
    let currency = app.engine.with_show(show, |show| show.definition.currency)?;
    let report = app.engine.show_report(show)?;
    Ok(Reply::ok(&view::report(show, currency, report, position)))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn block() -> Operation {
        let operation = Operation::new("block_seats", "Takes free seats from sale, all or none.").takes::<api::BlockSeats>().command();
        operation.answers::<api::BlockedSeats>("How many.").refuses(SEATS).refuses(&["seat_taken"])
    }

    pub(crate) fn unblock() -> Operation {
        let operation = Operation::new("unblock_seats", "Puts blocked seats on sale again, all or none.");
        let operation = operation.takes::<api::UnblockSeats>().command();
        operation.answers::<api::UnblockedSeats>("How many.").refuses(SEATS).refuses(&["seat_not_blocked"])
    }

    const SEATS: &[&str] = &["unknown_seat", "seat_twice", "nothing_selected"];

    pub(crate) fn report() -> Operation {
        Operation::new("get_report", "What a show has sold.").answers::<api::ShowReport>("The report.")
    }
}
