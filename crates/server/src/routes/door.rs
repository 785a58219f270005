//! The door: scans, the check-in lists of a show, and a list as a gate without connection takes it along.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use guichet_api as api;
use guichet_core::domain::order::order_code;
use guichet_core::{CommandError, Fault, Invalid, Scan, SheetEntry, ShowId};
use serde::Deserialize;

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, Query, parse_cursor, unix_ms};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Orders on a page of a list that asks for no number.
const PAGE_DEFAULT: usize = 200;
/// Most orders on a page of a list.
const PAGE_MAX: usize = 1_000;

/// `POST /v1/shows/{show}/check-ins`: the request's key names the scan.
pub(super) async fn check_in(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::CheckIn>,
) -> Result<Reply, Failure> {
    let api::CheckIn { code, gate, list, scanned_at } = request;
    let before_1970 = || Failure::new("invalid_scan", "A ticket cannot have been scanned before 1970.");
    let scan = Scan {
        code,
        list,
        gate,
        scanned_offline_at_unix_ms: scanned_at.map(|at| unix_ms(at).ok_or_else(before_1970)).transpose()?,
        nonce: Some(key.key),
        caller: identity.caller,
    };
    let admission = app.engine.check_in(show, scan).await;
    let admission = admission.map_err(|error| Failure::of_command(&app.engine, error, Some(show)))?;
    let (journal, repeated) = (admission.journal, admission.repeated);
    let answer = api::Admission {
        ticket: admission.ticket.to_string(),
        order: admission.order.to_string(),
        order_code: order_code(admission.order),
        position: admission.position,
        product: admission.product,
        seat: admission.seat,
        repeated,
    };
    Ok(Reply::ok(&answer).at(&journal).replayed(repeated))
}

/// `GET /v1/shows/{show}/check-in-lists`
pub(super) async fn lists(State(app): State<Arc<App>>, Id(show): Id<ShowId>) -> Result<Reply, Failure> {
    let check_in_lists = app.engine.with_show(show, |show| view::check_in_lists(&show.definition))?;
    Ok(Reply::ok(&api::CheckInLists { check_in_lists }))
}

/// Which part of a list.
#[derive(Deserialize)]
pub(super) struct Wanted {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/shows/{show}/check-in-lists/{list}`
pub(super) async fn sheet(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    path: Result<Path<(String, String)>, PathRejection>,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, Failure> {
    let Path((_, list)) = path.map_err(|error| Failure::new("check_in_list_not_found", error.body_text()))?;
    let before = wanted.cursor.as_deref().map(parse_cursor).transpose()?;
    let limit = wanted.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let engine = app.engine.clone();
    // The orders are on disk: not on a worker that answers others.
    let page = tokio::task::spawn_blocking(move || engine.check_in_sheet(show, Some(&list), before, limit)).await;
    let page = page.map_err(|error| Fault::Lists(error.to_string()))?.map_err(|error| match error {
        // Here the list is what is asked for, not a name in a request.
        CommandError::Invalid(invalid @ Invalid::UnknownCheckInList { .. }) => Failure::new("check_in_list_not_found", invalid),
        error => Failure::of_command(&app.engine, error, Some(show)),
    })?;
    let entries = page.entries.into_iter().map(entry).collect();
    Ok(Reply::ok(&api::CheckInSheet { entries, next: page.next.map(|next| next.to_string()) }))
}

fn entry(entry: SheetEntry) -> api::CheckInEntry {
    let (checked_in_at, gate) = entry.checked_in.map(|(at_unix_ms, gate)| (view::time(at_unix_ms), gate)).unzip();
    api::CheckInEntry {
        ticket: entry.ticket.to_string(),
        order_code: entry.order_code,
        product: entry.product,
        seat: entry.seat,
        cancelled: entry.cancelled,
        checked_in_at,
        gate,
    }
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::{Operation, page_size};

    pub(crate) fn check_in() -> Operation {
        Operation::new("check_in", "A scan at a gate: each ticket passes each check-in list once.")
            .notes("The Idempotency-Key names the scan: sent again, it gets the same answer.")
            .takes::<api::CheckIn>()
            .command()
            .answers::<api::Admission>("The holder may enter.")
            .refuses(&[
                "not_a_ticket",
                "invalid_scan",
                "ticket_not_found",
                "ticket_cancelled",
                "ticket_of_other_show",
                "ticket_not_on_list",
            ])
            .refuses(&["unknown_check_in_list", "ticket_already_used"])
    }

    pub(crate) fn lists() -> Operation {
        Operation::new("list_check_in_lists", "The controls at the doors of a show.").answers::<api::CheckInLists>("The lists.")
    }

    pub(crate) fn sheet() -> Operation {
        Operation::new(
            "get_check_in_list",
            "A check-in list: every ticket that may pass there, and who has passed, the latest order first.",
        )
        .query("limit", "Orders on the page: 200 unless told, 1,000 at most.", page_size())
        .lists::<api::CheckInSheet, api::CheckInEntry>("entries")
        .reads_lists()
    }
}
