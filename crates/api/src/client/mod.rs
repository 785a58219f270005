//! A typed client. Every call is a [`Call`]: add what it needs, then await it.

mod call;
mod error;
mod events;
mod pages;
mod trust;

pub use call::{Answer, Call};
pub use error::ClientError;
pub use events::Events;
pub use pages::Pages;

use std::path::Path;

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde::Serialize;

use crate::{
    Admission, ApiKeyList, Availability, BatchCommand, BatchReply, BlockSeats, BlockedSeats, CancelOrder, CheckIn, CheckInLists,
    CheckInSheet, CreateApiKey, CreateOrganiser, CreateShow, CreatedApiKey, EraseBuyer, ErasedBuyer, ExtendHold, Health, Hold, LogFilter,
    MoneyMoved, Order, OrderList, OrderState, Organiser, OrganiserList, PaymentState, PlaceHold, PlaceOrder, PlanRevision, Readiness,
    RefundOrder, ResolveLatePayment, RetriedSaga, RotateApiKey, RotatedApiKey, SaleState, Scope, Seats, Show, ShowList, ShowReport,
    SnapshotList, Status, StreamFilter, TicketKey, TicketKeyList, TicketList, UnblockSeats, UnblockedSeats, Venue, VenueList, Verification,
};

/// Which orders a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderFilter {
    /// Of this show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<OrderState>,
    /// With this state of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentState>,
    /// Paid through this provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Placed at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_from: Option<Timestamp>,
    /// Placed before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_before: Option<Timestamp>,
}

/// Which shows a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShowFilter {
    /// At this venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue: Option<String>,
    /// Of this organiser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Whose sale stands so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<SaleState>,
}

/// Which API keys a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeyFilter {
    /// Of this organiser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organiser: Option<String>,
    /// Of this scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// A client of one server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: Option<String>,
}

impl Client {
    /// A client of the server at `base`, such as `http://127.0.0.1:8080`, with an API key's secret.
    ///
    /// # Errors
    /// When `base` is not an HTTP address.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self, ClientError> {
        Self::trusting(base, key, None)
    }

    /// The same, which also trusts the certificates in a file in PEM form: of an authority of one's own, or a server's self-signed one.
    ///
    /// # Errors
    /// When `base` is not an HTTP address, or the file has no certificate.
    pub fn trusting(base: &str, key: Option<&str>, certificates: Option<&Path>) -> Result<Self, ClientError> {
        let bad = |why: String| ClientError::BadAddress { url: base.to_owned(), why };
        let url = Url::parse(base).map_err(|error| bad(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(bad("it does not begin with http:// or https://".into()));
        }
        let tls = trust::config(url.scheme() == "https", certificates)?;
        let builder = reqwest::Client::builder().tcp_nodelay(true).no_proxy().tls_backend_preconfigured(tls);
        let http = builder.build().map_err(|source| ClientError::Unreachable { url: base.to_owned(), source })?;
        Ok(Self { http, base: url, key: key.map(str::to_owned) })
    }

    /// The same client with another API key.
    #[must_use]
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    /// Where it calls.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// A call to any path, for what has no method here.
    pub fn call<T>(&self, method: Method, path: &[&str]) -> Call<T> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut request = self.http.request(method, url.clone());
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        Call::new(url, request)
    }

    fn get<T>(&self, path: &[&str]) -> Call<T> {
        self.call(Method::GET, path)
    }

    fn post<T>(&self, path: &[&str], body: &impl Serialize) -> Call<T> {
        self.call(Method::POST, path).json(body)
    }

    /// Registers a venue by its plan, in any format that is understood.
    pub fn create_venue(&self, plan: impl Into<Vec<u8>>) -> Call<Venue> {
        self.call(Method::POST, &["v1", "venues"]).body(plan.into())
    }

    /// Venues, in the order in which they were made, a page.
    pub fn venues(&self) -> Call<VenueList> {
        self.get(&["v1", "venues"])
    }

    /// A venue.
    pub fn venue(&self, venue: &str) -> Call<Venue> {
        self.get(&["v1", "venues", venue])
    }

    /// The plan of a venue, in Guichet's own format.
    ///
    /// # Errors
    /// As any call.
    pub async fn venue_plan(&self, venue: &str) -> Result<String, ClientError> {
        self.get::<()>(&["v1", "venues", venue, "plan"]).text().await
    }

    /// The plan that a show sells, in Guichet's own format. Its seats are those of [`Client::seats`] by label path, not by number: what a
    /// revision has withdrawn is not in it.
    ///
    /// # Errors
    /// As any call.
    pub async fn show_plan(&self, show: &str) -> Result<String, ClientError> {
        self.get::<()>(&["v1", "shows", show, "plan"]).text().await
    }

    /// Gives a show another plan while it is sold, or with `dry_run` only says what that would do and what stands against it.
    pub fn revise_plan(&self, show: &str, plan: impl Into<Vec<u8>>, dry_run: bool) -> Call<PlanRevision> {
        let call = self.call(Method::POST, &["v1", "shows", show, "plan"]).body(plan.into());
        if dry_run { call.query(&[("dry_run", "true")]) } else { call }
    }

    /// Makes a show.
    pub fn create_show(&self, show: &CreateShow) -> Call<Show> {
        self.post(&["v1", "shows"], show)
    }

    /// Shows, in the order in which they were made, a page.
    pub fn shows(&self, filter: &ShowFilter) -> Call<ShowList> {
        self.get(&["v1", "shows"]).query(filter)
    }

    /// A show.
    pub fn show(&self, show: &str) -> Call<Show> {
        self.get(&["v1", "shows", show])
    }

    /// Opens the sale of a show.
    pub fn open_show(&self, show: &str) -> Call<Show> {
        self.call(Method::POST, &["v1", "shows", show, "open"])
    }

    /// Stops the sale of a show for a while.
    pub fn pause_show(&self, show: &str) -> Call<Show> {
        self.call(Method::POST, &["v1", "shows", show, "pause"])
    }

    /// Ends the sale of a show.
    pub fn close_show(&self, show: &str) -> Call<Show> {
        self.call(Method::POST, &["v1", "shows", show, "close"])
    }

    /// What is left of a show.
    pub fn availability(&self, show: &str) -> Call<Availability> {
        self.get(&["v1", "shows", show, "availability"])
    }

    /// Every seat of a show, with its label if wanted; [`Seats::decode`] reads the states.
    pub fn seats(&self, show: &str, labels: bool) -> Call<Seats> {
        let call = self.get(&["v1", "shows", show, "seats"]);
        if labels { call.query(&[("labels", "true")]) } else { call }
    }

    /// Follows the seats of a show, from the beginning or after the id of the last event that was seen;
    /// [`FollowedSeats`](crate::FollowedSeats) takes the events in.
    ///
    /// # Errors
    /// As any call.
    pub async fn follow_seats(&self, show: &str, last_event_id: Option<&str>) -> Result<Events, ClientError> {
        let call: Call<()> = self.get(&["v1", "shows", show, "seats", "stream"]);
        Self::events(call, last_event_id).await
    }

    /// Takes free seats from sale.
    pub fn block_seats(&self, show: &str, seats: &BlockSeats) -> Call<BlockedSeats> {
        self.post(&["v1", "shows", show, "seats", "block"], seats)
    }

    /// Puts blocked seats on sale again.
    pub fn unblock_seats(&self, show: &str, seats: &UnblockSeats) -> Call<UnblockedSeats> {
        self.post(&["v1", "shows", show, "seats", "unblock"], seats)
    }

    /// What a show has sold.
    pub fn show_report(&self, show: &str) -> Call<ShowReport> {
        self.get(&["v1", "shows", show, "report"])
    }

    /// Lets the holder of a ticket in, once; the idempotency key names the scan.
    pub fn check_in(&self, show: &str, scan: &CheckIn) -> Call<Admission> {
        self.post(&["v1", "shows", show, "check-ins"], scan)
    }

    /// The check-in lists of a show.
    pub fn check_in_lists(&self, show: &str) -> Call<CheckInLists> {
        self.get(&["v1", "shows", show, "check-in-lists"])
    }

    /// The tickets of a check-in list, a page.
    pub fn check_in_sheet(&self, show: &str, list: &str) -> Call<CheckInSheet> {
        self.get(&["v1", "shows", show, "check-in-lists", list])
    }

    /// Places a hold.
    pub fn place_hold(&self, show: &str, hold: &PlaceHold) -> Call<Hold> {
        self.post(&["v1", "shows", show, "holds"], hold)
    }

    /// A hold.
    pub fn hold(&self, hold: &str) -> Call<Hold> {
        self.get(&["v1", "holds", hold])
    }

    /// Lets a hold live longer.
    pub fn extend_hold(&self, hold: &str, ttl_s: u64) -> Call<Hold> {
        self.post(&["v1", "holds", hold, "extend"], &ExtendHold { ttl_s })
    }

    /// Gives a hold back.
    pub fn release_hold(&self, hold: &str) -> Call<Hold> {
        self.call(Method::DELETE, &["v1", "holds", hold])
    }

    /// Places an order; [`Call::wait`] lets the answer come when it is settled.
    pub fn place_order(&self, order: &PlaceOrder) -> Call<Order> {
        self.post(&["v1", "orders"], order)
    }

    /// Orders, under way and ended, the latest first, a page.
    pub fn orders(&self, filter: &OrderFilter) -> Call<OrderList> {
        self.get(&["v1", "orders"]).query(filter)
    }

    /// An order, by its id or its short code; so are the calls below.
    pub fn order(&self, order: &str) -> Call<Order> {
        self.get(&["v1", "orders", order])
    }

    /// The tickets of an order.
    pub fn tickets(&self, order: &str) -> Call<TicketList> {
        self.get(&["v1", "orders", order, "tickets"])
    }

    /// Destroys a buyer's details for good, or counts what would go. The address travels in the body.
    pub fn erase_buyer(&self, whose: &EraseBuyer) -> Call<ErasedBuyer> {
        self.post(&["v1", "buyers", "erase"], whose)
    }

    /// Takes a sale back, or a part of it.
    pub fn cancel_order(&self, order: &str, cancel: &CancelOrder) -> Call<Order> {
        self.post(&["v1", "orders", order, "cancel"], cancel)
    }

    /// Gives money back and leaves the places sold.
    pub fn refund_order(&self, order: &str, refund: &RefundOrder) -> Call<Order> {
        self.post(&["v1", "orders", order, "refunds"], refund)
    }

    /// Says that money has come for an order.
    pub fn confirm_payment(&self, order: &str, payment: &MoneyMoved) -> Call<Order> {
        self.post(&["v1", "orders", order, "payments"], payment)
    }

    /// Says that a refund was paid out by hand.
    pub fn confirm_payout(&self, order: &str, payout: &MoneyMoved) -> Call<Order> {
        self.post(&["v1", "orders", order, "payouts"], payout)
    }

    /// Decides on a late payment that is stuck.
    pub fn resolve_late_payment(&self, order: &str, resolve: &ResolveLatePayment) -> Call<Order> {
        self.post(&["v1", "orders", order, "late-payment"], resolve)
    }

    /// Lets a stuck saga try its step again.
    pub fn retry_saga(&self, saga: &str) -> Call<RetriedSaga> {
        self.call(Method::POST, &["v1", "sagas", saga, "retry"])
    }

    /// Many commands, one reply each, in order.
    pub fn batch(&self, commands: &[BatchCommand]) -> Call<Vec<BatchReply>> {
        self.post(&["v1", "batch"], &commands)
    }

    /// Makes an API key.
    pub fn create_key(&self, key: &CreateApiKey) -> Call<CreatedApiKey> {
        self.post(&["v1", "keys"], key)
    }

    /// API keys, in the order in which they were made, a page.
    pub fn keys(&self, filter: &KeyFilter) -> Call<ApiKeyList> {
        self.get(&["v1", "keys"]).query(filter)
    }

    /// Gives an API key another secret.
    pub fn rotate_key(&self, key: &str, rotate: &RotateApiKey) -> Call<RotatedApiKey> {
        self.post(&["v1", "keys", key, "rotate"], rotate)
    }

    /// Makes an organiser.
    pub fn create_organiser(&self, organiser: &CreateOrganiser) -> Call<Organiser> {
        self.post(&["v1", "organisers"], organiser)
    }

    /// The organisers that the key reaches, in the order in which they were made, a page.
    pub fn organisers(&self) -> Call<OrganiserList> {
        self.get(&["v1", "organisers"])
    }

    /// Revokes an API key.
    pub fn revoke_key(&self, key: &str) -> Call<()> {
        self.call(Method::DELETE, &["v1", "keys", key])
    }

    /// All keys that ever signed ticket codes, their public halves.
    pub fn ticket_keys(&self) -> Call<TicketKeyList> {
        self.get(&["v1", "ticket-keys"])
    }

    /// Makes a new key, which signs ticket codes from now on; the codes of tickets that are out stay as they are.
    pub fn rotate_ticket_key(&self) -> Call<TicketKey> {
        self.call(Method::POST, &["v1", "ticket-keys", "rotate"])
    }

    /// Whether the server's process lives.
    pub fn health(&self) -> Call<Health> {
        self.get(&["healthz"])
    }

    /// Whether the server can serve everything now; `ready: false` is an answer, not an error.
    pub fn readiness(&self) -> Call<Readiness> {
        self.get(&["readyz"]).accepting(503)
    }

    /// How the server is.
    pub fn status(&self) -> Call<Status> {
        self.get(&["v1", "status"])
    }

    /// What of the log the server writes.
    pub fn log_filter(&self) -> Call<LogFilter> {
        self.get(&["v1", "log-filter"])
    }

    /// Changes what of the log the server writes.
    pub fn set_log_filter(&self, filter: &LogFilter) -> Call<LogFilter> {
        self.post(&["v1", "log-filter"], filter)
    }

    /// Recounts everything that is durable.
    pub fn verify(&self) -> Call<Verification> {
        self.get(&["v1", "verify"])
    }

    /// Takes a snapshot of every partition.
    pub fn take_snapshots(&self) -> Call<SnapshotList> {
        self.call(Method::POST, &["v1", "snapshots"])
    }

    /// Metrics, in Prometheus' text form.
    ///
    /// # Errors
    /// As any call.
    pub async fn metrics(&self) -> Result<String, ClientError> {
        self.get::<()>(&["metrics"]).text().await
    }

    /// Follows events as they become durable.
    ///
    /// # Errors
    /// As any call.
    pub async fn stream(&self, filter: &StreamFilter) -> Result<Events, ClientError> {
        Self::events(self.get(&["v1", "stream"]).query(filter), filter.last_event_id.as_deref()).await
    }

    async fn events(call: Call<()>, last_event_id: Option<&str>) -> Result<Events, ClientError> {
        let call = match last_event_id {
            Some(id) => call.header("last-event-id", id),
            None => call,
        };
        let (url, response) = call.open().await?;
        Ok(Events::new(url, response))
    }
}
