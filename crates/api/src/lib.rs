//! What travels between Guichet and whoever calls it over HTTP, and a client that speaks it.
//!
//! Every body is a type here: the server answers with them, the command line and the tests read them. Requests refuse unknown
//! fields, so that a misspelt one is never ignored; answers may gain fields.
//!
//! - Money is whole minor units with an ISO 4217 currency ([`Money`]).
//! - Times are RFC 3339 in UTC, ids and positions are opaque texts.
//! - A refusal is a [`Problem`] with a stable code.
//!
//! ```no_run
//! # async fn example() -> Result<(), guichet_api::ClientError> {
//! use guichet_api::{Client, HoldItem, PlaceHold};
//!
//! let client = Client::new("http://127.0.0.1:8080", Some("gk_..."))?;
//! let request = PlaceHold { items: vec![HoldItem::seats("Goal Stands", ["Goal Stand 3-A-1"])], ..PlaceHold::default() };
//! let hold = client.place_hold("019a5b0e-7c00-7000-8001-000000000001", &request).idempotency_key("visitor-17").await?.value;
//! println!("{} until {}", hold.hold, hold.expires_at);
//! # Ok(()) }
//! ```

mod after_sale;
mod batch;
mod buyer;
mod client;
mod door;
pub mod header;
mod hold;
mod key;
mod money;
mod office;
mod order;
mod organiser;
mod page;
mod percent;
mod problem;
mod seats;
mod show;
mod state;
mod status;
mod stream;
mod ticket_key;
mod venue;

pub use after_sale::{CancelOrder, MoneyMoved, OrderCheckIn, OrderLatePayment, OrderRefund, RefundOrder, ResolveLatePayment, RetriedSaga};
pub use batch::{BatchCommand, BatchOutcome, BatchPlaceHold, BatchReply};
pub use buyer::{EraseBuyer, ErasedBuyer};
pub use client::{Answer, Call, Client, ClientError, Events, KeyFilter, OrderFilter, Pages, ShowFilter};
pub use door::{Admission, CheckIn, CheckInEntry, CheckInLists, CheckInSheet};
pub use hold::{BestAvailable, ExtendHold, GroupPart, Hold, HoldItem, PlaceHold};
pub use key::{ApiKey, ApiKeyList, CreateApiKey, CreatedApiKey, RotateApiKey, RotatedApiKey};
pub use money::Money;
pub use office::{
    BlockSeats, BlockedFor, BlockedSeats, PlanConflict, PlanConflictReason, PlanRevision, ProductReport, ReportTotals, SeatReport,
    ShowReport, UnblockSeats, UnblockedSeats,
};
pub use order::{Buyer, Order, OrderList, OrderPayment, OrderPosition, OrderSaga, Payment, PlaceOrder, Ticket, TicketList};
pub use organiser::{CreateOrganiser, Organiser, OrganiserList};
pub use page::Page;
pub use percent::{NotAPercent, Percent};
pub use problem::{Problem, ProblemError};
pub use seats::{FollowedSeats, NotSeats, SEATS_MAX, SeatChanges, SeatEncoding, SeatState, SeatStates, Seats};
pub use show::{
    Availability, CancellationFee, CategoryAvailability, CheckInList, CreateProduct, CreateShow, Product, ProductAvailability, Quota,
    QuotaAvailability, SeatAvailability, SeatCounts, SeatingRules, Show, ShowList,
};
pub use state::{CancelReason, CancelledBy, HoldState, LatePayment, OrderState, Orphans, PaymentState, SaleState, Scope, UnknownName};
pub use status::{Health, LogFilter, PartitionStatus, Readiness, SnapshotList, SnapshotTaken, Status, Verification};
pub use stream::{StreamEvent, StreamFilter};
pub use ticket_key::{TicketKey, TicketKeyList};
pub use venue::{Area, Category, Venue, VenueList};
