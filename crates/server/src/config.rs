//! Settings of a server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use guichet_core::Durability;

use crate::limits::AddressLimit;
use crate::origin::Origin;
use crate::tls::Tls;

/// Renders what the process has measured, in Prometheus' text form.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// What of the log is written: whoever began the log gives this to the server, so that it can be changed while it runs.
pub trait LogFilter: Send + Sync {
    /// The filter, as `tracing_subscriber::EnvFilter` writes it.
    fn get(&self) -> String;

    /// Changes it from the next line on.
    ///
    /// # Errors
    /// What is wrong with it.
    fn set(&self, filter: &str) -> Result<(), String>;
}

/// Settings of a server, with a default for each.
#[derive(Clone)]
pub struct ServerConfig {
    /// Where it listens. Default: 127.0.0.1:8080, reachable from this machine alone.
    pub listen: SocketAddr,
    /// TLS for all connections. Default: none.
    pub tls: Option<Tls>,
    /// What the engine's acknowledgements promise, for the `Guichet-Durability` header. Default: fsync.
    pub durability: Durability,
    /// What `/metrics` shows beside the state of the partitions. Default: nothing.
    pub metrics: Option<MetricsText>,
    /// What of the log is written. Default: nothing that the server could change.
    pub log_filter: Option<Arc<dyn LogFilter>>,
    /// How long requests in flight may take after the shutdown has begun. Default: 10 s.
    pub shutdown_patience: Duration,
    /// Origins whose pages may ask from a browser, such as `https://shop.example`; with keys of scope `shop` alone. Default: none.
    pub allowed_origins: Vec<Origin>,
    /// How much one address may ask with keys of scope `shop`, or with none that is known. Programs on this machine are not counted.
    /// Default: 50 requests per second, 200 at once.
    pub address_limit: Option<AddressLimit>,
    /// Proxies in front of the server, whose `X-Forwarded-For` says who asked; those on this machine are believed in any case.
    /// Default: none.
    pub trusted_proxies: Vec<IpAddr>,
    /// How often a stream of events that is silent sends a comment, so that nobody on the way takes it for dead. Default: 15 s.
    pub heartbeat: Duration,
    /// How often those who watch a show's seats hear of changes. Each time costs a write to every watcher, whatever is in it, so this
    /// bounds what 10,000 of them cost. Default: 250 ms, soon enough for a picture that people look at.
    pub seats_every: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            durability: Durability::Fsync,
            metrics: None,
            log_filter: None,
            shutdown_patience: Duration::from_secs(10),
            allowed_origins: Vec::new(),
            address_limit: Some(AddressLimit {
                requests_per_s: const { NonZeroU32::new(50).unwrap() },
                burst: const { NonZeroU32::new(200).unwrap() },
            }),
            trusted_proxies: Vec::new(),
            heartbeat: Duration::from_secs(15),
            seats_every: Duration::from_millis(250),
        }
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig").field("listen", &self.listen).field("durability", &self.durability).finish_non_exhaustive()
    }
}
