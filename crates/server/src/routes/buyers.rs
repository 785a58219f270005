//! Buyers: erase one.
//!
//! The address stands in the body, never in the path or the query: those end up in logs of servers and proxies.

use std::sync::Arc;

use axum::extract::State;
use guichet_api as api;
use guichet_core::{OrderId, Selector};

use crate::app::App;
use crate::extract::{Body, parse_id};
use crate::failure::Failure;
use crate::reply::Reply;

/// `POST /v1/buyers/erase`: durable when it is answered. Asking again is safe and gives 0.
pub(super) async fn erase(State(app): State<Arc<App>>, Body(request): Body<api::EraseBuyer>) -> Result<Reply, Failure> {
    let whose = match (request.order, request.email) {
        (Some(order), None) => Selector::Order(parse_id::<OrderId>(&app.engine, &order)?),
        (None, Some(email)) => Selector::Email(email),
        _ => return Err(Failure::new("malformed_request", "Exactly one of \"order\" and \"email\" says who is meant.")),
    };
    let answer = if request.dry_run {
        app.engine.count_buyer_records(whose).await.map(|found| api::ErasedBuyer { erased: 0, would_erase: Some(found as u64) })
    } else {
        app.engine.erase_buyer(whose).await.map(|erased| api::ErasedBuyer { erased: erased as u64, would_erase: None })
    };
    answer.map(|answer| Reply::ok(&answer)).map_err(|error| Failure::of_command(&app.engine, error, None))
}

/// What is said of it.
pub(super) mod about {
    use guichet_api as api;

    use crate::description::operation::Operation;

    pub(crate) fn erase() -> Operation {
        Operation::new("erase_buyer", "Destroys what is known of a buyer: the orders stay, nobody can tell whose they were.")
            .notes("Durable when it is answered. Asking again is safe.")
            .takes::<api::EraseBuyer>()
            .command()
            .answers::<api::ErasedBuyer>("How many records were destroyed.")
            .refuses(&["order_not_found", "email_empty", "vault_unavailable"])
            .reads_lists()
    }
}
