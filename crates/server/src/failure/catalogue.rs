//! Every code that a problem may have: its status, what it means, what to do. One line each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::StatusCode;
use guichet_core::domain::Rejection;

/// A code and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    /// When it comes.
    pub(crate) meaning: &'static str,
    /// What to do, where the problem itself says nothing better.
    pub(crate) advice: &'static str,
}

/// What the code is answered with everywhere; `None` when nobody has written down what it means.
pub(crate) fn find(code: &str) -> Option<&'static Known> {
    CATALOGUE.get(code)
}

/// All codes, by name.
pub(crate) fn all() -> impl Iterator<Item = &'static Known> {
    CATALOGUE.values()
}

static CATALOGUE: LazyLock<BTreeMap<&'static str, Known>> = LazyLock::new(|| {
    let own = OWN.iter().map(|(status, code, meaning, advice)| Known { code, status: *status, meaning, advice });
    let rejections = Rejection::CODES.iter().map(|known| Known {
        code: known.code,
        status: of_rejection(known.code),
        meaning: known.meaning,
        advice: known.advice,
    });
    own.chain(rejections).map(|known| (known.code, known)).collect()
});

/// What kind of answer a rejection is: nothing there, makes no sense, or in conflict with how things are.
fn of_rejection(code: &str) -> StatusCode {
    match code {
        "venue_not_found"
        | "show_not_found"
        | "hold_not_found"
        | "order_not_found"
        | "saga_not_found"
        | "key_not_found"
        | "ticket_not_found"
        | "organiser_not_found" => StatusCode::NOT_FOUND,
        "idempotency_key_reused"
        | "idempotency_key_expired"
        | "sale_not_open"
        | "sale_state_conflict"
        | "outside_sale_window"
        | "limit_exceeded"
        | "seat_taken"
        | "seat_not_blocked"
        | "plan_conflict"
        | "organiser_exists"
        | "not_enough_adjacent_seats"
        | "orphan_seat"
        | "sold_out"
        | "hold_expired"
        | "hold_in_order"
        | "order_already_cancelled"
        | "order_not_confirmed"
        | "order_stuck"
        | "position_cancelled"
        | "refund_too_large"
        | "payment_already_known"
        | "order_already_paid"
        | "not_awaiting_payment"
        | "no_payout_pending"
        | "no_late_payment"
        | "ticket_cancelled"
        | "ticket_already_used"
        | "saga_not_stuck"
        | "part_released"
        | "reserved_too_late"
        | "part_sold"
        | "part_of_order"
        | "step_not_pending" => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

const BAD: StatusCode = StatusCode::BAD_REQUEST;
const UNAUTHENTICATED: StatusCode = StatusCode::UNAUTHORIZED;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOWHERE: StatusCode = StatusCode::NOT_FOUND;
const SENSELESS: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const FAULT: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
const LATE: StatusCode = StatusCode::GATEWAY_TIMEOUT;

/// Codes that are not of a rejection: status, code, when it comes, what to do.
#[rustfmt::skip]
const OWN: &[(StatusCode, &str, &str, &str)] = &[
    // The request as it is written.
    (BAD, "malformed_json", "The body is not JSON. The problem says where.", "Correct the request."),
    (BAD, "malformed_request", "The body is JSON, but not what this route takes: a field is missing, unknown or of the wrong type.", "Correct the request; /docs shows what each route takes."),
    (BAD, "malformed_body", "The body broke off on its way.", "Send it again."),
    (BAD, "malformed_query", "A query parameter has a value that it cannot have.", "Correct the request."),
    (BAD, "malformed_cursor", "The cursor is not one that this list was answered with.", "Send the `next` of the page before, or none."),
    (BAD, "malformed_position", "A position or the id of an event is not one that was answered.", "Send the Guichet-Position or the event id of an answer, or none."),
    (BAD, "malformed_idempotency_key", "The Idempotency-Key is empty, too long, or has other characters than printable ASCII.", "Send 1 to 255 printable ASCII characters."),
    (BAD, "unknown_parameter", "The query names a parameter that this route does not have. Nothing is ignored in silence.", "Leave it out, or correct its name."),
    (BAD, "unknown_topic", "The stream has no topic of this name.", "Choose shows, holds, orders or sagas, or leave the topic out."),
    (StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body did not arrive in time.", "Send it again."),
    (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than this route takes.", "Send less at once."),
    (NOWHERE, "route_not_found", "No route has this path.", "Check the path; every resource is under /v1, and /docs lists them."),
    (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path has routes, but none for this method.", "The Allow header says what can be done there."),
    // Who asks.
    (UNAUTHENTICATED, "unauthenticated", "The request has no API key.", "Send `Authorization: Bearer KEY`; an admin makes keys with POST /v1/keys."),
    (UNAUTHENTICATED, "invalid_key", "The API key is unknown, revoked or over.", "Send `Authorization: Bearer KEY`; an admin makes keys with POST /v1/keys."),
    (FORBIDDEN, "scope_missing", "The API key is good for other things than this.", "Use a key of a scope that is named, from a place where it stays secret."),
    (FORBIDDEN, "key_not_for_browsers", "A web page sent a key that is good for more than a shop. Whoever opens the page can read it.", "Revoke that key, and give the page one of scope shop."),
    (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "The API key or the address has sent more requests than it may.", "Wait as long as Retry-After says, then send the same request again."),
    (FORBIDDEN, "hold_token_required", "A hold and its order belong to whoever has the hold's token, and the request has none.", "Send the token that the hold was answered with as Guichet-Hold-Token."),
    (FORBIDDEN, "hold_token_wrong", "The token is not that of this hold. The answer is the same whether the hold exists or not.", "Send the token that the hold was answered with."),
    // Names and values that mean nothing here.
    (NOWHERE, "check_in_list_not_found", "The show has no check-in list of this name.", "GET /v1/shows/{show}/check-in-lists names the check-in lists."),
    (NOWHERE, "code_not_found", "No problem has this code.", "/docs/errors lists all codes."),
    (NOWHERE, "partition_not_found", "The server has no partition of this number.", "Check the id; ids are complete UUIDs."),
    (SENSELESS, "nothing_in_price_range", "No product that was asked for costs as much as was said.", "Ask for other products, or another price."),
    (SENSELESS, "unknown_category", "The plan has no category of this name.", "GET /v1/venues/{venue} lists the categories."),
    (SENSELESS, "unknown_zone", "The plan has no zone of this name.", "GET /v1/shows/{show}/plan names the zones."),
    (SENSELESS, "unknown_provider", "The server has no payment provider of this name.", "Choose one of those that are named."),
    (SENSELESS, "buyer_too_long", "The buyer's e-mail address or name is longer than is kept.", "Shorten it; an e-mail address has at most 254 bytes, a name at most 512."),
    (SENSELESS, "email_empty", "The e-mail address says nothing.", "Say whose records are meant."),
    (SENSELESS, "not_a_ticket", "The code is not one that this house has signed.", "Do not let the holder in: this house never signed that code."),
    (SENSELESS, "invalid_scan", "The time of the scan cannot be.", "Correct the clock of the gate, or leave the time out."),
    (SENSELESS, "wrong_currency", "The amount is in another currency than the order.", "Name the amount in the order's currency."),
    (SENSELESS, "tokens_mismatch", "There are not as many tokens as holds.", "Send one token for each hold, in the same order."),
    (SENSELESS, "invalid_log_filter", "What is to be written of the log makes no sense.", "Write a level (error, warn, info, debug, trace), or levels by module such as `warn,guichet_core=debug`."),
    (StatusCode::CONFLICT, "log_not_here", "The log is not this server's: the program that it is embedded in writes it.", "Change it there."),
    (SENSELESS, "too_many_commands", "The batch has more commands than one batch may have.", "Send several batches."),
    // The server's side.
    (UNAVAILABLE, "busy", "Too much waits already: this request was not taken, and nothing was done.", "Send the same request again after Retry-After, with the same key."),
    (LATE, "outcome_unknown", "The disk failed while this was written: it may have been done or not.", "Send the same request again with the same Idempotency-Key (it is in the answer): that finds out."),
    (LATE, "position_not_reached", "The read model has not come as far as `min_position` in time.", "Try again, or ask without min_position."),
    (UNAVAILABLE, "partition_stopped", "A part of the engine has stopped, because going on might lose something.", "An operator must restart the server when the cause is mended."),
    (UNAVAILABLE, "closing", "The server is shutting down.", "Try again when the server has started."),
    (UNAVAILABLE, "vault_unavailable", "The store of personal data cannot be written now.", "Send the same request again, with the same key."),
    (UNAVAILABLE, "snapshot_not_taken", "The snapshot could not be written. Nothing was lost.", "An operator must look at the server's log."),
    (UNAVAILABLE, "projection_unreadable", "The lists cannot be read now. Nothing was lost: they follow from the journal.", "An operator must look at the server's log."),
    (UNAVAILABLE, "projection_verifying", "The lists are being checked after a start that was not clean.", "Try again soon."),
    (FAULT, "ticket_key_not_kept", "The new key for tickets could not be written; the one before goes on signing.", "An operator must look at the data directory."),
    (FAULT, "journal_unreadable", "The journal could not be read.", "An operator must look at the server's log, and at the journal with `guichet verify`."),
    (FAULT, "internal_error", "The server has a defect that this request has found. What was accepted before is safe.", "Tell the operator the request's id; the server's log has more."),
];
