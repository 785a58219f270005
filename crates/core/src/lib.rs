//! The Guichet engine: seats, quotas, holds, orders, payments and tickets, durable in a directory, without a database or a broker to
//! operate.
//!
//! # A first sale
//!
//! An engine lives in a directory that is its own. For tests there is one in memory, which is what runs here:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { tokio::runtime::Runtime::new()?.block_on(async {
//! use std::time::Duration;
//! use guichet_core::domain::show::SaleState;
//! use guichet_core::{Caller, Config, Currency, Guichet, Item, OrderState, PaymentRequest, ProductDraft, ShowDraft};
//!
//! let engine = Guichet::open(Config::in_memory()?).await?;                                // or Config::at("data")
//!
//! let plan = guichet_plans::read_plan(include_bytes!("../../../examples/data/theatre.json"))?.plan;
//! let (venue, _) = engine.register_venue(plan, None, Caller::EMBEDDER, None).await?;
//! let stalls = ProductDraft { name: "Stalls".into(), price_minor: 4_500, categories: vec!["Standard".into()], ..ProductDraft::default() };
//! let euros = Currency::from_code("EUR").ok_or("no such currency")?;
//! let draft = ShowDraft { products: vec![stalls], ..ShowDraft::new(venue, "Hamlet", euros) };
//! let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
//! engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;
//!
//! let hold = engine.place_hold(show.id, [Item::seats("Stalls", ["Stalls-C-1", "Stalls-C-2"])]).await?;   // durable when it returns
//! let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
//! let order = engine.place_order(&[hold.id], None, payment).await?.settled(Duration::from_secs(5)).await?;
//! assert_eq!(order.state, OrderState::Confirmed);
//! assert_eq!(engine.tickets(&order).len(), 2);
//! engine.close().await;
//! # Ok(()) }) }
//! ```
//!
//! # What holds
//!
//! - A command that returns is durable; [`Durability`] says against what.
//! - It is decided once: the same [`IdempotencyKey`] gives the same answer again, refusals included, also after a restart. Dropping the
//!   future does not take a command back; its key finds out what became of it.
//! - [`CommandError`] tells a refusal ([`CommandError::Rejected`]: the rules say no) from what may be tried again
//!   ([`CommandError::Busy`]: certainly not done; [`CommandError::OutcomeUnknown`]: perhaps done, ask with the same key) and from what
//!   needs somebody to look ([`CommandError::Fault`]).
//! - Every command answers with the [`Position`] at which it is written. Queries read a projection that follows within moments;
//!   [`Guichet::wait_for`] waits until it has seen a position.
//! - Amounts are whole minor units of the show's [`Currency`]; times are milliseconds since 1970; durations are [`std::time::Duration`].
//!
//! # What it leaves alone
//!
//! The engine runs inside the caller's tokio runtime and beside it only has threads that wait for the disk. It installs no subscriber of
//! `tracing`, no recorder of `metrics`, no allocator and no signal handler. [`Guichet::close`] makes everything durable and lets the directory go; a
//! second engine, in this process or another, cannot open a directory before that.
//!
//! # To go on
//!
//! - [`Guichet`]: every command and every query. Everything that the server does goes through it.
//! - [`Config`]: partitions, durability, the clock, and who moves the money: [`Config::payment_provider`] registers a [`PaymentProvider`].
//! - [`Guichet::subscribe`]: events of a [`Topic`], from any position.
//! - [`verify`]: recounts the journal by rules of its own.
//! - The repository's `examples/` has the whole way, a provider of one's own, and a projection of one's own over restarts.

pub mod clock;
pub mod codec;
mod engine;
mod feed;
mod idempotency;
mod position;
mod providers;
mod read_model;
mod roles;
pub mod shard;
pub mod snapshot;
mod store;
mod ticket_code;
mod ticket_keys;
mod vault;
pub mod verify;

pub use engine::*;
pub use guichet_broker::{self as broker, Durability};
pub use guichet_domain::money::{Currency, Money};
pub use guichet_domain::order::{CancelReason, OrderState, PaymentRequest, PaymentState};
pub use guichet_domain::{self as domain, ApiKeyId, Event, HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};
pub use idempotency::{Caller, IdempotencyKey, NotAKey};
pub use position::{NotAPosition, Position};
pub use providers::{
    Answer, Authorisation, EffectId, LedgerEntry, LookUp, ManualProvider, NewsDesk, PaymentNews, PaymentProvider, Simulated,
    SimulatedProvider,
};
pub use read_model::{
    HoldState, HoldView, LateView, LineView, OrderView, PositionView, ProductTally, QuotaView, RefundView, SagaView, SeatNames, ShowView,
};
pub use roles::effect_id;
pub use ticket_code::{
    NotAPublicKey, NotATicket, TicketCode, TicketPublicKey, TicketSigner, key_name as ticket_key_name, read as read_ticket_code,
    verify as verify_ticket, verify_any as verify_ticket_with,
};
pub use ticket_keys::TicketKeyInfo;
pub use vault::{Buyer, VaultError};
