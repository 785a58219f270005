//! What every handler shares.

use axum::http::{HeaderMap, HeaderValue};
use guichet_api::header;
use guichet_core::{Fault, Guichet, OrderFilter, OrderId, Position};
use tokio_util::sync::CancellationToken;

use crate::config::ServerConfig;
use crate::limits::Limits;
use crate::routes::{CreatedKeys, RotatedKeys, RotatedTicketKeys};
use crate::seat_watch::SeatWatches;

/// Records by which a projection may be behind in the rush of a sale; beyond it, answers are seconds old.
const LAG_MAX: u64 = 10_000;

/// What every handler shares.
pub(crate) struct App {
    pub(crate) engine: Guichet,
    pub(crate) config: ServerConfig,
    pub(crate) shutdown: CancellationToken,
    pub(crate) created_keys: CreatedKeys,
    pub(crate) rotated_keys: RotatedKeys,
    pub(crate) rotated_ticket_keys: RotatedTicketKeys,
    pub(crate) limits: Limits,
    pub(crate) seat_watches: SeatWatches,
    /// Held while everything is recounted: once at a time is enough.
    pub(crate) verifying: tokio::sync::Mutex<()>,
    durability: HeaderValue,
}

impl App {
    pub(crate) fn new(engine: Guichet, config: ServerConfig, shutdown: CancellationToken) -> Self {
        let durability = HeaderValue::from_str(&config.durability.to_string()).unwrap_or(HeaderValue::from_static("unknown"));
        let limits = Limits::new(config.address_limit, config.trusted_proxies.clone());
        Self {
            engine,
            config,
            shutdown,
            created_keys: CreatedKeys::default(),
            rotated_keys: RotatedKeys::default(),
            rotated_ticket_keys: RotatedTicketKeys::default(),
            limits,
            seat_watches: SeatWatches::default(),
            verifying: tokio::sync::Mutex::default(),
            durability,
        }
    }

    /// Writes what stands on every answer.
    pub(crate) fn stamp(&self, headers: &mut HeaderMap) {
        headers.insert(header::DURABILITY, self.durability.clone());
        if !headers.contains_key(header::POSITION)
            && let Ok(position) = HeaderValue::from_str(&self.engine.position().to_string())
        {
            headers.insert(header::POSITION, position);
        }
    }

    /// Why not everything can be served now; nothing when it can.
    pub(crate) fn reasons_not_ready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        for partition in self.engine.status().partitions {
            let number = partition.partition;
            if let Some(why) = partition.stopped {
                reasons.push(format!("partition {number} has stopped: {why}"));
            }
            if partition.projection_lag > LAG_MAX {
                reasons.push(format!("the live projection of partition {number} is {} records behind", partition.projection_lag));
            }
            // An empty page: what counts is whether it may be asked for.
            let page = self.engine.orders(number, &OrderFilter::default(), Some(OrderId::from_bits(0)), 0);
            if page.is_err_and(|fault| fault == Fault::ListsVerifying) {
                reasons.push(format!("the lists of partition {number} are being checked"));
            }
        }
        if self.shutdown.is_cancelled() {
            reasons.push("the server is shutting down".into());
        }
        reasons
    }

    /// Looks something up; when it is not there, once more as soon as the read model has everything that is durable now. So what a
    /// caller has just made is found without `min_position`.
    pub(crate) async fn found<T>(&self, partition: u16, look: impl Fn(&Guichet) -> Result<Option<T>, Fault>) -> Result<Option<T>, Fault> {
        if let Some(found) = look(&self.engine)? {
            return Ok(Some(found));
        }
        let status = self.engine.status();
        let durable_end = status.partitions.get(usize::from(partition)).map_or(0, |partition| partition.durable_end);
        if let Some(last) = durable_end.checked_sub(1) {
            self.engine.wait_for(&Position::of(partition, last)).await?;
        }
        look(&self.engine)
    }
}
