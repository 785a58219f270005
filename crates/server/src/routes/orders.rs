//! Orders: place one, look at it, get its tickets.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use guichet_api::{self as api, header};
use guichet_core::{Buyer, Fault, HoldId, OrderView, PaymentRequest, PlacedOrder};

use crate::access::{Identity, wrong_token};
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, OrderName, Token, parse_id};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view;

/// Longest that an answer is held back, in seconds: below what proxies and clients give up after.
const WAIT_S_MAX: u64 = 30;
/// The vault's limits, in bytes.
const EMAIL_BYTES_MAX: usize = 254;
const NAME_BYTES_MAX: usize = 512;

/// `POST /v1/orders`. `Prefer: wait=N` holds the answer back until the order is settled, at most N seconds.
pub(super) async fn place(
    State(app): State<Arc<App>>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Token(token): Token,
    headers: HeaderMap,
    Body(request): Body<api::PlaceOrder>,
) -> Result<Reply, Failure> {
    let holds: Vec<HoldId> = request.holds.iter().map(|hold| parse_id(&app.engine, hold)).collect::<Result<_, _>>()?;
    check_tokens(&app, identity, &holds, &request.tokens, token.as_deref()).await?;
    let buyer = request.buyer.map(check_buyer).transpose()?;
    let payment = PaymentRequest { provider: request.payment.provider, token: request.payment.token };
    let placed = app.engine.place_order(&holds, buyer, payment).caller(identity.caller).key(key.key).await;
    let placed = placed.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    let wait_s = preferred_wait_s(&headers);
    let order = settled(&app, &placed, Duration::from_secs(wait_s.unwrap_or(0))).await?;
    let location = format!("/v1/orders/{}", placed.id);
    let mut reply = Reply::created(&view::order(&app.engine, &order), &location).replayed(placed.repeated);
    // An order that was waited for is told as of now: the position of its placing would be too early.
    if wait_s.is_none() {
        reply = reply.at(&placed.position);
    }
    match wait_s {
        Some(wait_s) => Ok(reply.header(HeaderName::from_static(header::PREFERENCE_APPLIED), &format!("wait={wait_s}"))),
        None => Ok(reply),
    }
}

/// Every hold of a shop needs its token. One hold may have it in the header.
async fn check_tokens(
    app: &App,
    identity: Identity,
    holds: &[HoldId],
    tokens: &[String],
    header_token: Option<&str>,
) -> Result<(), Failure> {
    if !tokens.is_empty() && tokens.len() != holds.len() {
        let detail = format!("There are {} holds and {} tokens.", holds.len(), tokens.len());
        return Err(Failure::new("tokens_mismatch", detail));
    }
    let of_header = header_token.filter(|_| holds.len() == 1);
    for (place, hold) in holds.iter().enumerate() {
        let token = tokens.get(place).map(String::as_str).or(of_header);
        identity.may_touch(app, *hold, token).await?;
    }
    Ok(())
}

fn check_buyer(buyer: api::Buyer) -> Result<Buyer, Failure> {
    for (what, text, bytes_max) in [("email", &buyer.email, EMAIL_BYTES_MAX), ("name", &buyer.name, NAME_BYTES_MAX)] {
        if text.len() > bytes_max {
            return Err(Failure::new("buyer_too_long", format!("The buyer's {what} is longer than {bytes_max} bytes.")));
        }
    }
    Ok(Buyer { email: buyer.email, name: buyer.name })
}

/// `wait=N` of RFC 7240, in seconds.
fn preferred_wait_s(headers: &HeaderMap) -> Option<u64> {
    let values = headers.get_all(header::PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split([',', ';']));
    preferences.find_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        let wait_s: u64 = name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').parse().ok())??;
        Some(wait_s.min(WAIT_S_MAX))
    })
}

/// The order when it is settled, when patience is over, or when the server shuts down, whichever comes first.
async fn settled(app: &App, placed: &PlacedOrder, patience: Duration) -> Result<OrderView, Fault> {
    tokio::select! {
        settled = placed.settled(patience) => settled,
        () = app.shutdown.cancelled() => placed.settled(Duration::ZERO).await,
    }
}

/// `GET /v1/orders/{order}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Token(token): Token,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, token.as_deref()).await?;
    Ok(Reply::ok(&view::order(&app.engine, &order)))
}

/// `GET /v1/orders/{order}/tickets`
pub(super) async fn tickets(
    State(app): State<Arc<App>>,
    name: OrderName,
    Extension(identity): Extension<Identity>,
    Token(token): Token,
) -> Result<Reply, Failure> {
    let order = reachable(&app, &name, identity, token.as_deref()).await?;
    let mut tickets = Vec::new();
    for ticket in app.engine.tickets(&order) {
        let (product, seat) = app.engine.with_show(ticket.show, |show| {
            let product = show.definition.products.get(usize::from(ticket.product)).map(|product| product.name.clone());
            (product.unwrap_or_default(), ticket.seat.map(|seat| show.plan.seat_label(seat)))
        })?;
        tickets.push(api::Ticket {
            ticket: ticket.id.to_string(),
            code: ticket.code,
            position: ticket.position,
            show: ticket.show.to_string(),
            product,
            seat,
            order: ticket.order.to_string(),
        });
    }
    Ok(Reply::ok(&api::TicketList { tickets }))
}

/// An order that the caller may reach: with the token of one of its holds, or, for those who look or sell without, any of theirs.
pub(super) async fn reachable(app: &App, name: &OrderName, identity: Identity, token: Option<&str>) -> Result<OrderView, Failure> {
    if !identity.looks() && token.is_none() {
        // Says what is missing, and not whether the order exists.
        return Err(Failure::new("hold_token_required", "This needs the token of a hold of the order."));
    }
    let order = name.find(app).await?;
    let fits = |order: &OrderView| {
        identity.looks() || token.is_some_and(|token| order.holds.iter().any(|hold| app.engine.token_fits(*hold, token)))
    };
    match order {
        Some(order) if fits(&order) && identity.reaches_order(&app.engine, &order) => Ok(order),
        Some(order) if !fits(&order) => Err(wrong_token()),
        None if !identity.looks() => Err(wrong_token()),
        _ => Err(name.not_found()),
    }
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;
    use guichet_api::header;

    use super::super::holds::about::OWNED;
    use crate::description::operation::Operation;

    pub(crate) const TOKEN: &str = "The secret of one of the order's holds. Only keys of scope shop need it.";

    pub(crate) fn place() -> Operation {
        Operation::new("place_order", "Buys holds, also of several shows: the payment is asked for, and the tickets follow.")
            .notes("Answered when the order is on disk; it goes on by itself.")
            .header(header::PREFER, "`wait=N`: answers when the order is settled, after N seconds (30 at most) in any case.")
            .header(header::HOLD_TOKEN, "The secret of the hold, where there is one hold and no `tokens`.")
            .takes::<api::PlaceOrder>()
            .command()
            .creates::<api::Order>("The order.")
            .refuses(OWNED)
            .refuses(&["tokens_mismatch", "unknown_provider", "buyer_too_long", "vault_unavailable", "no_holds", "too_many_holds"])
            .refuses(&["hold_twice", "hold_not_found", "hold_expired", "hold_in_order", "mixed_currencies", "amount_too_large"])
            .refuses(&["show_not_found"])
    }

    pub(crate) fn show() -> Operation {
        let operation =
            Operation::new("get_order", "An order: its money, its places, its saga.").header(header::HOLD_TOKEN, TOKEN).token_in_query();
        operation.answers::<api::Order>("The order.").refuses(OWNED).reads_lists()
    }

    pub(crate) fn tickets() -> Operation {
        let operation = Operation::new("list_tickets", "The valid tickets of an order.").header(header::HOLD_TOKEN, TOKEN).token_in_query();
        operation
            .answers::<api::TicketList>("The tickets; none before they are issued.")
            .refuses(OWNED)
            .reads_lists()
            .refuses(&["show_not_found"])
    }
}
