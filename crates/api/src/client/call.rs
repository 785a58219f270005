//! One call: what it sends, and what comes back.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{RequestBuilder, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ClientError;
use crate::header;

/// An answer and what its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// How far it has seen.
    pub position: Option<String>,
    /// The key of the command, the caller's or one that the server made.
    pub idempotency_key: Option<String>,
    /// Whether this answer was given before.
    pub replayed: bool,
}

/// A call about to be made; await it.
#[derive(Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Call<T> {
    url: Url,
    request: RequestBuilder,
    /// A status beyond the 2xx whose body is the answer all the same.
    accepts: Option<u16>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(super) fn new(url: Url, request: RequestBuilder) -> Self {
        Self { url, request, accepts: None, answer: PhantomData }
    }

    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { request: change(self.request), ..self }
    }

    /// The same key with the same body gets the same answer, however often it is sent.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(header::IDEMPOTENCY_KEY, key)
    }

    /// The secret of the hold that this is about.
    pub fn hold_token(self, token: &str) -> Self {
        self.header(header::HOLD_TOKEN, token)
    }

    /// Waits until the read model has seen a position.
    pub fn min_position(self, position: &str) -> Self {
        self.query(&[("min_position", position)])
    }

    /// Lets the answer come when an order is settled, or after so long, in whole seconds.
    pub fn wait(self, patience: Duration) -> Self {
        self.header(header::PREFER, &format!("wait={}", patience.as_secs()))
    }

    /// Any header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|request| request.header(name, value))
    }

    /// More of the query.
    pub fn query(self, query: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.query(query))
    }

    /// A JSON body.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.json(body))
    }

    /// A body that is JSON already.
    pub fn body(self, body: Vec<u8>) -> Self {
        self.with(|request| request.header(CONTENT_TYPE, "application/json").body(body))
    }

    /// The same call once more.
    pub(super) fn again(&self) -> Self {
        let request = self.request.try_clone().unwrap_or_else(|| unreachable!("only a body that streams cannot be sent twice"));
        Self { url: self.url.clone(), request, ..*self }
    }

    pub(super) fn accepting(self, status: u16) -> Self {
        Self { accepts: Some(status), ..self }
    }

    /// Sends it and looks at the status only.
    pub(super) async fn open(self) -> Result<(Url, Response), ClientError> {
        let Self { url, request, accepts, .. } = self;
        let unreachable = |source| ClientError::Unreachable { url: url.to_string(), source };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() || accepts == Some(status.as_u16()) {
            return Ok((url, response));
        }
        let body = response.bytes().await.map_err(unreachable)?;
        Err(ClientError::of_answer(status.as_u16(), &body))
    }

    /// Sends it; the answer is a text.
    pub(super) async fn text(self) -> Result<String, ClientError> {
        let (url, response) = self.open().await?;
        response.text().await.map_err(|source| ClientError::Unreachable { url: url.to_string(), source })
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Call<T> {
    type Output = Result<Answer<T>, ClientError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (url, response) = self.open().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await.map_err(|source| ClientError::Unreachable { url: url.to_string(), source })?;
            // An answer without a body, 204, is `null` to serde.
            let json: &[u8] = if body.is_empty() { b"null" } else { &body };
            let value = serde_json::from_slice(json).map_err(|_| ClientError::unexpected(status, &body))?;
            Ok(Answer {
                value,
                position: text(&headers, header::POSITION),
                idempotency_key: text(&headers, header::IDEMPOTENCY_KEY),
                replayed: text(&headers, header::IDEMPOTENCY_REPLAYED).as_deref() == Some("true"),
            })
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
