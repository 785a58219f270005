//! What handlers take out of a request. Everything that is wrong becomes a problem.

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::RequestPartsExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, RawPathParams, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use guichet_api::header;
use guichet_core::domain::id::NotAnId;
use guichet_core::domain::order::order_of_code;
use guichet_core::{ApiKeyId, Fault, Guichet, HoldId, OrderId, OrderView, OrganiserId, SagaId, ShowId, VenueId};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::access::Identity;
use crate::app::App;
use crate::failure::Failure;

/// Largest body of a request that is not a plan or a batch. A hold of 100 seats has some thousand bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(60);

/// Reads a body up to a limit.
pub(crate) async fn read_body(request: Request, bytes_max: usize) -> Result<Bytes, Failure> {
    let too_large = || {
        let detail = format!("The body is larger than {bytes_max} bytes.");
        Failure::new("body_too_large", detail)
    };
    let collected = tokio::time::timeout(BODY_PATIENCE, Limited::new(request.into_body(), bytes_max).collect()).await;
    let late = |_| Failure::new("request_timeout", "The body did not arrive in time.");
    match collected.map_err(late)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if is_limit(&*error) => Err(too_large()),
        Err(error) => Err(Failure::new("malformed_body", format!("the body broke off: {error}"))),
    }
}

fn is_limit(error: &(dyn Error + 'static)) -> bool {
    // The body may have wrapped it.
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}

/// Parses JSON; the message says what is wrong and where.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code = if error.is_data() { "malformed_request" } else { "malformed_json" };
        Failure::new(code, error)
    })
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Failure> {
        parse_json(&read_body(request, BODY_BYTES_MAX).await?).map(Self)
    }
}

/// The query as names and values.
pub(crate) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Failure> {
    query(uri)
}

fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failure> {
    let parsed = axum::extract::Query::<T>::try_from_uri(uri);
    parsed.map(|query| query.0).map_err(|error| Failure::new("malformed_query", error.body_text()))
}

/// The query.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        query(&parts.uri).map(Self)
    }
}

/// What an id names.
pub(crate) trait Resource: FromStr<Err = NotAnId> + Copy + Display {
    /// The stable code of its absence.
    const NOT_FOUND: &'static str;
    /// Where it lives.
    fn home(self) -> u16;
    /// Whether it is there for this caller. What has a hold token is asked for that first, so it is reached from here.
    fn is_reached(self, engine: &Guichet, identity: Identity) -> bool;
}

macro_rules! resources {
    ($($id:ident $code:literal $reached:expr,)*) => {$(
        impl Resource for $id {
            const NOT_FOUND: &'static str = $code;
            fn home(self) -> u16 {
                self.partition()
            }
            fn is_reached(self, engine: &Guichet, identity: Identity) -> bool {
                let reached: fn(Identity, &Guichet, Self) -> bool = $reached;
                reached(identity, engine, self)
            }
        }
    )*};
}

resources! {
    VenueId "venue_not_found" Identity::reaches_venue,
    ShowId "show_not_found" Identity::reaches_show,
    HoldId "hold_not_found" |_, _, _| true,
    OrderId "order_not_found" |_, _, _| true,
    SagaId "saga_not_found" |_, _, _| true,
    ApiKeyId "key_not_found" Identity::reaches_key,
    OrganiserId "organiser_not_found" |identity, _, organiser| identity.reaches(Some(organiser)),
}

/// An id in a text. One that is none, or that no partition of this directory can have made, names nothing.
pub(crate) fn parse_id<T: Resource>(engine: &Guichet, text: &str) -> Result<T, Failure> {
    let id: T = text.parse().map_err(|error: NotAnId| Failure::new(T::NOT_FOUND, error))?;
    if id.home() >= engine.partitions() {
        return Err(Failure::new(T::NOT_FOUND, format!("There is nothing with the id {text}.")));
    }
    Ok(id)
}

/// The id, when what it names is there for this caller.
pub(crate) fn reached<T: Resource>(engine: &Guichet, identity: Identity, id: T) -> Result<T, Failure> {
    let gone = || Failure::new(T::NOT_FOUND, format!("There is nothing with the id {id}."));
    id.is_reached(engine, identity).then_some(id).ok_or_else(gone)
}

/// A cursor that a list was answered with: the id of the last order on its page.
pub(crate) fn parse_cursor(text: &str) -> Result<OrderId, Failure> {
    let malformed = |_| Failure::new("malformed_cursor", format!("\"{text}\" is not a cursor of this list."));
    text.parse().map_err(malformed)
}

/// A time in milliseconds since 1970; `None` before.
pub(crate) fn unix_ms(time: Timestamp) -> Option<u64> {
    u64::try_from(time.as_millisecond()).ok()
}

/// The first id in the path, when what it names is there for the caller.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Resource + Send> FromRequestParts<Arc<App>> for Id<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let path = parts.extract::<RawPathParams>().await.map_err(|error| Failure::new(T::NOT_FOUND, error.body_text()))?;
        let text = path.iter().next().map(|(_, value)| value).unwrap_or_default();
        let id = parse_id(&app.engine, text)?;
        match parts.extensions.get::<Identity>() {
            Some(identity) => reached(&app.engine, *identity, id).map(Self),
            None => Ok(Self(id)),
        }
    }
}

/// What a caller calls an order: its id, or the code that people read to each other.
pub(crate) enum OrderName {
    Id(OrderId),
    Code { code: String, partition: u16 },
}

impl OrderName {
    /// From a text. One that no order can have names nothing.
    pub(crate) fn parse(engine: &Guichet, text: &str) -> Result<Self, Failure> {
        match order_of_code(text).filter(|(partition, _)| *partition < engine.partitions()) {
            Some((partition, _)) => Ok(Self::Code { code: text.to_owned(), partition }),
            None => parse_id(engine, text).map(Self::Id),
        }
    }

    /// The order itself.
    pub(crate) async fn find(&self, app: &App) -> Result<Option<OrderView>, Fault> {
        match self {
            Self::Id(id) => app.found(id.partition(), |engine| engine.order(*id)).await,
            Self::Code { code, partition } => app.found(*partition, |engine| engine.order_by_code(code)).await,
        }
    }

    /// It names nothing.
    pub(crate) fn not_found(&self) -> Failure {
        let detail = match self {
            Self::Id(id) => format!("There is no order {id}."),
            Self::Code { code, .. } => format!("There is no order {code}."),
        };
        Failure::new(OrderId::NOT_FOUND, detail).advice("Check the id or the code; ids are complete UUIDs, codes have 7 letters or more.")
    }
}

impl FromRequestParts<Arc<App>> for OrderName {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let path = parts.extract::<Path<String>>().await;
        let Path(text) = path.map_err(|error| Failure::new(OrderId::NOT_FOUND, error.body_text()))?;
        Self::parse(&app.engine, &text)
    }
}

/// The secret of the hold that a request is about: a header, or, for links, `?token=` of a GET.
pub(crate) struct Token(pub(crate) Option<String>);

impl FromRequestParts<Arc<App>> for Token {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        if let Some(token) = parts.headers.get(header::HOLD_TOKEN) {
            return Ok(Self(token.to_str().ok().map(str::to_owned)));
        }
        let has_query = parts.uri.query().is_some_and(|query| !query.is_empty());
        let pairs = if has_query { pairs(&parts.uri)? } else { Vec::new() };
        Ok(Self(pairs.into_iter().find(|(name, _)| name == "token").map(|(_, value)| value)))
    }
}
