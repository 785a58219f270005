//! The engine over HTTP/1.1 and HTTP/2, with TLS and without.
//!
//! This crate decides nothing: it reads a request, asks [`guichet_core::Guichet`], and writes the answer. What must never be true here:
//!
//! - an answer says that something was done before the engine said so;
//! - a secret (API key, hold token in a query, payment token) reaches a log line or an event;
//! - a request names a field that is ignored;
//! - a route answers without saying in the list of routes who may call it.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use guichet_core::{Config, Guichet};
//! use guichet_server::{ServerConfig, bind, serve};
//! use tokio_util::sync::CancellationToken;
//!
//! let config = ServerConfig::default();
//! let listener = bind(config.listen).await?;
//! let engine = Guichet::open(Config::at("data")).await?;
//! let shutdown = CancellationToken::new();
//! serve(listener, engine.clone(), config, shutdown).await?;
//! engine.close().await;
//! # Ok(()) }
//! ```
//!
//! Reading order: `routes` (the list), `around` (what stands around all of them), `edge` (what every request of a route passes),
//! `access`, `extract`, `failure`, `reply`, `view`, then one file for each resource in `routes`, with what it says of itself to
//! `description`; `seat_watch` tells everybody who watches a show; `listen` holds the connections.

mod access;
mod app;
mod around;
mod config;
mod description;
mod edge;
mod extract;
mod failure;
mod limits;
mod listen;
mod origin;
mod peer;
mod remembered;
mod reply;
mod routes;
mod seat_watch;
mod sparse;
mod tls;
mod view;

pub use config::{LogFilter, MetricsText, ServerConfig};
pub use limits::{AddressLimit, NotALimit};
pub use listen::{ServerError, bind, serve};
pub use origin::{NotAnOrigin, Origin};
pub use routes::describe_metrics;
pub use tls::{Tls, TlsError, TlsFiles};
