//! The whole system in one process and a temporary directory: engine, server on a free loopback port, and a payment provider that
//! can fail on demand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use guichet_api::Client;
use guichet_core::domain::key::Scope;
use guichet_core::{Config, Guichet, SimulatedProvider};
use guichet_server::ServerConfig;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::output::Screen;

/// How long the demo's provider may take: short, so that a lost answer is looked up within the demo.
const PROVIDER_PATIENCE: Duration = Duration::from_secs(1);
/// When the outage begins, as a part of the arrivals, and how long it lasts.
const OUTAGE: (f64, Duration) = (0.45, Duration::from_millis(1_500));

/// A running system.
pub(super) struct World {
    pub(super) engine: Guichet,
    pub(super) admin: Client,
    /// What a web shop has: it may hold and order, and nothing else.
    pub(super) shop: Client,
    address: SocketAddr,
    admin_secret: String,
    provider: Arc<SimulatedProvider>,
    shutdown: CancellationToken,
    server: JoinHandle<Result<(), guichet_server::ServerError>>,
    directory: tempfile::TempDir,
}

impl World {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("guichet-demo-").tempdir().context("no temporary directory")?;
        let provider = Arc::new(SimulatedProvider::default());
        let config = Config::at(directory.path().join("data"))
            .payment_provider("simulated", Arc::clone(&provider) as _)
            .provider_patience(PROVIDER_PATIENCE);
        let engine = Guichet::open(config).await?;
        let admin_secret = engine.create_api_key(guichet_core::ApiKeyDraft::new("demo", Scope::Admin)).await?.secret;
        let shop_secret = engine.create_api_key(guichet_core::ApiKeyDraft::new("demo shop", Scope::Shop)).await?.secret;
        let listener = guichet_server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = listener.local_addr().context("the listener has no address")?;
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(guichet_server::serve(listener, engine.clone(), ServerConfig::default(), shutdown.clone()));
        let base = format!("http://{address}");
        let admin = Client::new(&base, Some(&admin_secret))?;
        let shop = Client::new(&base, Some(&shop_secret))?;
        Ok(Self { engine, admin, shop, address, admin_secret, provider, shutdown, server, directory })
    }

    /// Lets the provider fail for a while in the middle of the arrivals.
    pub(super) fn outage(&self, last_arrival: Duration) -> JoinHandle<()> {
        let provider = Arc::clone(&self.provider);
        tokio::spawn(async move {
            tokio::time::sleep(last_arrival.mul_f64(OUTAGE.0)).await;
            provider.set_outage(true);
            tokio::time::sleep(OUTAGE.1).await;
            provider.set_outage(false);
        })
    }

    /// Waits until no order is under way and no hold is left, at most so long.
    pub(super) async fn settle(&self, patience: Duration) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let sagas: usize = self.engine.status().partitions.iter().map(|partition| partition.live_sagas).sum();
            let held: u64 = self.engine.held_places();
            if (sagas == 0 && held == 0) || tokio::time::Instant::now() > deadline {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Serves on until Ctrl-C.
    pub(super) async fn keep(&self, screen: Screen) -> anyhow::Result<()> {
        screen.say(format_args!("serving on http://{} until Ctrl-C; in another terminal:", self.address));
        screen.say(format_args!("  export GUICHET_SERVER=http://{} GUICHET_KEY={}", self.address, self.admin_secret));
        screen.say(format_args!("  guichet show list"));
        tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.server.await.context("the server did not end")??;
        self.engine.close().await;
        self.directory.close().context("the temporary directory cannot be removed")
    }
}
