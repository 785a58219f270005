//! The Guichet engine: seats, quotas, holds, orders, payments and tickets, durable in a directory, without a database or a broker to
//! operate.
//!
//! ```no_run
//! # async fn example(show: guichet_core::ShowId) -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use guichet_core::{Config, Guichet, Item, PaymentRequest};
//!
//! let engine = Guichet::open(Config::at("data")).await?;
//! let hold = engine.place_hold(show, [Item::seats("Goal Stands", ["Goal Stand 3-A-1", "Goal Stand 3-A-2"])]).await?;
//! let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
//! let order = engine.place_order(&[hold.id], None, payment).await?;
//! let order = order.settled(Duration::from_secs(5)).await?;
//! println!("{} is {:?}", order.code, order.state);
//! engine.close().await;
//! # Ok(()) }
//! ```
//!
//! [`Config::in_memory`] opens one for tests, [`Config::payment_provider`] registers whoever moves the money, and [`Guichet::subscribe`]
//! tells what happens; the repository has an example of each in `examples/`.
//!
//! A command that returns is durable ([`Durability`] says against what), and decided once: the same idempotency key gives the same
//! answer again. [`CommandError`] tells a refusal from a fault. Everything that the server does goes through [`Guichet`].

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
