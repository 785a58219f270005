//! Holds: place, look, extend, release.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use guichet_api as api;
use guichet_core::{Best, Event, Guichet, Hold, HoldId, HoldState, Item, ShowId};

use crate::access::Identity;
use crate::app::App;
use crate::edge::RequestKey;
use crate::extract::{Body, Id, Token};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::{self, Names};

/// `POST /v1/shows/{show}/holds`: everything or nothing.
pub(super) async fn place(
    State(app): State<Arc<App>>,
    Id(show): Id<ShowId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Body(request): Body<api::PlaceHold>,
) -> Result<Reply, Failure> {
    let api::PlaceHold { buyer_ref, items, ttl_s } = request;
    let mut hold = app.engine.place_hold(show, resolve(&items)?).caller(identity.caller).key(key.key);
    if let Some(ttl_s) = ttl_s {
        hold = hold.ttl(Duration::from_secs(ttl_s));
    }
    if let Some(buyer_ref) = buyer_ref {
        hold = hold.buyer_ref(buyer_ref);
    }
    let hold = hold.await.map_err(|error| Failure::of_command(&app.engine, error, Some(show)))?;
    let location = format!("/v1/holds/{}", hold.id);
    Ok(Reply::created(&placed(&app.engine, &hold, items), &location).at(&hold.position).replayed(hold.repeated))
}

/// Items of a request, each with either seats or a quantity.
pub(super) fn resolve(items: &[api::HoldItem]) -> Result<Vec<Item>, Failure> {
    let item = |item: &api::HoldItem| match (&item.seats, item.quantity, &item.best_available) {
        (Some(seats), None, None) => Ok(Item::seats(item.product.clone(), seats.iter().cloned())),
        (None, Some(quantity), None) => Ok(Item::quantity(item.product.clone(), quantity)),
        (None, Some(quantity), Some(wanted)) => Ok(Item::best(item.product.clone(), best(wanted, quantity))),
        _ => {
            let detail = format!("The item of product \"{}\" needs either \"seats\" or \"quantity\".", item.product);
            let advice = "Name seats, or a quantity; with \"best_available\" a quantity of seats is chosen for you.";
            Err(Failure::new("wrong_claim", detail).advice(advice))
        }
    };
    items.iter().map(item).collect()
}

fn best(wanted: &api::BestAvailable, quantity: u32) -> Best {
    Best {
        quantity,
        with: wanted.with.iter().map(|part| (part.product.clone(), part.quantity)).collect(),
        alternatives: wanted.alternatives.clone(),
        price_minor_min: wanted.price_min.as_ref().map(|price| price.amount_minor),
        price_minor_max: wanted.price_max.as_ref().map(|price| price.amount_minor),
        categories: wanted.categories.clone(),
        zones: wanted.zones.clone(),
        accessible: wanted.accessible,
        across_aisles: wanted.across_aisles,
        split: wanted.split,
    }
}

/// What whoever placed a hold is answered: a pure function of the command and its record, so that a repeat is answered the same.
pub(super) fn placed(engine: &Guichet, hold: &Hold, items: Vec<api::HoldItem>) -> api::Hold {
    let chosen = items.iter().any(|item| item.best_available.is_some());
    let items = if chosen { Names::of(engine, hold.show).map(|names| names.items(&hold.items)).unwrap_or_default() } else { items };
    api::Hold {
        hold: hold.id.to_string(),
        token: Some(hold.token.0.clone()),
        show: hold.show.to_string(),
        state: api::HoldState::Live,
        items,
        expires_at: view::time(hold.expires_at_unix_ms),
        order: None,
    }
}

/// `GET /v1/holds/{hold}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Id(id): Id<HoldId>,
    Extension(identity): Extension<Identity>,
    Token(token): Token,
) -> Result<Reply, Failure> {
    identity.may_see(&app, id, token.as_deref()).await?;
    let hold = app.found(id.partition(), |engine| engine.hold(id)).await?;
    Ok(Reply::ok(&view::hold(&app.engine, &hold.ok_or_else(|| not_found(id))?)))
}

/// `POST /v1/holds/{hold}/extend`
pub(super) async fn extend(
    State(app): State<Arc<App>>,
    Id(id): Id<HoldId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Token(token): Token,
    Body(request): Body<api::ExtendHold>,
) -> Result<Reply, Failure> {
    identity.may_touch(&app, id, token.as_deref()).await?;
    let ttl = Duration::from_secs(request.ttl_s);
    let extended = app.engine.extend_hold(id, ttl).caller(identity.caller).key(key.key).await;
    changed(&app, id, extended).await
}

/// `DELETE /v1/holds/{hold}`: gives everything back.
pub(super) async fn release(
    State(app): State<Arc<App>>,
    Id(id): Id<HoldId>,
    Extension(identity): Extension<Identity>,
    Extension(key): Extension<RequestKey>,
    Token(token): Token,
) -> Result<Reply, Failure> {
    identity.may_touch(&app, id, token.as_deref()).await?;
    let released = app.engine.release_hold(id).caller(identity.caller).key(key.key).await;
    changed(&app, id, released).await
}

/// The hold as the command left it, whatever has happened since.
async fn changed(app: &App, id: HoldId, answer: Result<guichet_core::Receipt, guichet_core::CommandError>) -> Result<Reply, Failure> {
    let receipt = answer.map_err(|error| Failure::of_command(&app.engine, error, None))?;
    app.engine.wait_for(&receipt.position).await?;
    let mut hold = app.engine.hold(id)?.ok_or_else(|| not_found(id))?;
    for event in receipt.events() {
        match event {
            Event::HoldExtended { hold: of, expires_at_unix_ms } if *of == id => {
                (hold.state, hold.order) = (HoldState::Live, None);
                hold.expires_at_unix_ms = *expires_at_unix_ms;
            }
            Event::HoldReleased { hold: of } if *of == id => hold.state = HoldState::Released,
            _ => {}
        }
    }
    Ok(Reply::ok(&view::hold(&app.engine, &hold)).at(&receipt.position).replayed(receipt.repeated))
}

fn not_found(id: HoldId) -> Failure {
    Failure::new("hold_not_found", format!("There is no hold {id}."))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;
    use guichet_api::header;

    use crate::description::operation::Operation;

    /// What may be wrong with the places that are asked for.
    pub(crate) const CLAIMS: &[&str] = &[
        "sale_not_open",
        "outside_sale_window",
        "buyer_ref_required",
        "limit_exceeded",
        "empty_hold",
        "unknown_product",
        "wrong_claim",
        "unknown_seat",
        "seat_not_in_product",
        "seat_twice",
        "too_many_places",
        "ttl_out_of_range",
        "seat_taken",
        "sold_out",
        "not_enough_adjacent_seats",
        "orphan_seat",
        "table_sold_whole",
        "nothing_in_price_range",
        "unknown_category",
        "unknown_zone",
    ];
    pub(crate) const OWNED: &[&str] = &["hold_token_required", "hold_token_wrong"];
    const TOKEN: &str = "The secret of the hold. Only keys of scope shop need it.";

    pub(crate) fn place() -> Operation {
        let operation = Operation::new("place_hold", "Holds places for a while: everything that is asked for, or nothing.");
        operation
            .notes("By seats, by quantity, or the best seats that the house finds. It is on disk before it is answered.")
            .takes::<api::PlaceHold>()
            .command()
            .creates::<api::Hold>("The hold, with the token that whoever orders it needs.")
            .refuses(CLAIMS)
    }

    pub(crate) fn show() -> Operation {
        let operation = Operation::new("get_hold", "A hold.").header(header::HOLD_TOKEN, TOKEN).token_in_query();
        operation.answers::<api::Hold>("The hold.").refuses(OWNED)
    }

    pub(crate) fn release() -> Operation {
        let operation = Operation::new("release_hold", "Gives the places of a hold back.").header(header::HOLD_TOKEN, TOKEN).command();
        operation.answers::<api::Hold>("The hold as this left it.").refuses(OWNED).refuses(&["hold_expired", "hold_in_order"])
    }

    pub(crate) fn extend() -> Operation {
        let operation = Operation::new("extend_hold", "Lets a hold live longer.").header(header::HOLD_TOKEN, TOKEN);
        operation.takes::<api::ExtendHold>().command().answers::<api::Hold>("The hold as this left it.").refuses(OWNED).refuses(&[
            "hold_expired",
            "hold_in_order",
            "ttl_out_of_range",
            "sale_not_open",
        ])
    }
}
