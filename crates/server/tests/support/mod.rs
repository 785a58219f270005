//! A house for a test: an engine in a directory of its own, served on a port of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking, as tests do")]
#![allow(dead_code, reason = "each test file uses its part of it")]

use std::time::Duration;

use guichet_api::{
    Client, CreateApiKey, CreateProduct, CreateShow, Hold, HoldItem, Money, Order, Payment, PlaceHold, PlaceOrder, Quota, Scope, Show,
};
use guichet_core::domain::key;
use guichet_core::{Config, Guichet};
use guichet_server::{ServerConfig, ServerError, bind, serve};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A cellar: row A with six numbered seats (the last two are better), and a floor for 20.
pub(crate) const PLAN: &str = r##"{
  "name": "Cellar",
  "categories": {"list": [
    {"key": 1, "label": "Standard", "color": "#4176A5"},
    {"key": 2, "label": "Better", "color": "#FCA700"},
    {"key": 3, "label": "Standing", "color": "#87A9CD"}
  ]},
  "subChart": {
    "rows": [{"label": "A", "seats": [
      {"label": "1", "x": 0, "y": 0, "categoryKey": 1}, {"label": "2", "x": 1, "y": 0, "categoryKey": 1},
      {"label": "3", "x": 2, "y": 0, "categoryKey": 1}, {"label": "4", "x": 3, "y": 0, "categoryKey": 1},
      {"label": "5", "x": 4, "y": 0, "categoryKey": 2}, {"label": "6", "x": 5, "y": 0, "categoryKey": 2}
    ]}],
    "generalAdmissionAreas": [{"label": "Floor", "capacity": 20, "categoryKey": 3}]
  }
}"##;

pub(crate) struct House {
    pub engine: Guichet,
    /// With an admin key.
    pub admin: Client,
    pub base: String,
    pub secret: String,
    shutdown: CancellationToken,
    served: JoinHandle<Result<(), ServerError>>,
    directory: TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_with(|config| config).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::begin(change, |_| {}).await
    }

    pub(crate) async fn open_serving(change: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::begin(|config| config, change).await
    }

    async fn begin(engine: impl FnOnce(Config) -> Config, server: impl FnOnce(&mut ServerConfig)) -> Self {
        // For the plain clients of the tests; the typed one brings its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().unwrap();
        let engine = Guichet::open(engine(Config::at(directory.path()))).await.unwrap();
        let secret = engine.create_api_key(guichet_core::ApiKeyDraft::new("test", key::Scope::Admin)).await.unwrap().secret;
        Self::serve(engine, secret, directory, server).await
    }

    async fn serve(engine: Guichet, secret: String, directory: TempDir, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let admin = Client::new(&base, Some(&secret)).unwrap();
        let shutdown = CancellationToken::new();
        let mut config =
            ServerConfig { heartbeat: Duration::from_millis(200), seats_every: Duration::from_millis(20), ..ServerConfig::default() };
        change(&mut config);
        let served = tokio::spawn(serve(listener, engine.clone(), config, shutdown.clone()));
        Self { engine, admin, base, secret, shutdown, served, directory }
    }

    /// Begins the shutdown; await what it gives.
    pub(crate) fn stop(self) -> (JoinHandle<Result<(), ServerError>>, Guichet, TempDir) {
        self.shutdown.cancel();
        (self.served, self.engine, self.directory)
    }

    /// Stops server and engine and opens both again in the same directory.
    pub(crate) async fn restart(self) -> Self {
        let secret = self.secret.clone();
        let (served, engine, directory) = self.stop();
        served.await.unwrap().unwrap();
        engine.close().await;
        let engine = Guichet::open(Config::at(directory.path())).await.unwrap();
        Self::serve(engine, secret, directory, |_| {}).await
    }

    /// From now on the secrets cannot be written anew.
    pub(crate) fn block_secrets(&self) {
        std::fs::create_dir(self.directory.path().join("secrets.new")).unwrap();
    }

    /// A client with a new shop key.
    pub(crate) async fn shop(&self) -> Client {
        self.with_new_key(Scope::Shop).await
    }

    /// A client with a new key, called as its scope.
    pub(crate) async fn with_new_key(&self, scope: Scope) -> Client {
        let key = self.admin.create_key(&CreateApiKey::new(scope.to_string(), scope)).await.unwrap().value;
        self.admin.with_key(Some(&key.secret))
    }

    /// A show in the cellar, not yet on sale.
    pub(crate) async fn draft_show(&self) -> Show {
        let venue = self.admin.create_venue(PLAN).await.unwrap().value;
        self.admin.create_show(&show(&venue.venue)).await.unwrap().value
    }

    /// A show in the cellar, on sale.
    pub(crate) async fn open_show(&self) -> String {
        self.open_show_with(|show| show).await
    }

    /// A show in the cellar that is a little different, on sale.
    pub(crate) async fn open_show_with(&self, change: impl FnOnce(CreateShow) -> CreateShow) -> String {
        let venue = self.admin.create_venue(PLAN).await.unwrap().value;
        let show = self.admin.create_show(&change(show(&venue.venue))).await.unwrap().value.show;
        self.admin.open_show(&show).await.unwrap();
        show
    }

    /// Looks at an order until it is as it should be.
    pub(crate) async fn until(&self, order: &str, what: &str, good: impl Fn(&Order) -> bool) -> Order {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            let order = self.admin.order(order).await.unwrap().value;
            if good(&order) {
                return order;
            }
            assert!(tokio::time::Instant::now() < deadline, "{what}: {order:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the lists have been checked after the start.
    pub(crate) async fn lists_are_there(&self) {
        while self.admin.orders(&guichet_api::OrderFilter::default()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Requests that no typed client would send.
    pub(crate) fn raw(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new().request(method, format!("{}{path}", self.base)).bearer_auth(&self.secret)
    }

    /// Holds seats and orders them with a token of the simulated provider; waits for the end.
    pub(crate) async fn buy(&self, show: &str, seats: &[&str], token: &str) -> Order {
        let hold = self.admin.place_hold(show, &hold_seats(seats)).await.unwrap().value;
        self.admin.place_order(&order(&hold, token)).wait(Duration::from_secs(10)).await.unwrap().value
    }
}

pub(crate) fn show(venue: &str) -> CreateShow {
    let product = |name: &str, price, categories: &[&str], quotas: &[&str]| CreateProduct {
        name: name.into(),
        price: Money::new(price, "EUR"),
        categories: categories.iter().map(ToString::to_string).collect(),
        quotas: quotas.iter().map(ToString::to_string).collect(),
        ..CreateProduct::default()
    };
    CreateShow {
        venue: venue.into(),
        name: "Trio".into(),
        starts_at: Some("2027-05-01T19:30:00Z".parse().unwrap()),
        currency: "EUR".into(),
        products: vec![
            product("Seat", 4_500, &["Standard"], &[]),
            product("Better seat", 6_000, &["Better"], &[]),
            product("Standing", 2_000, &[], &["Floor"]),
            product("Programme", 500, &[], &["Programmes"]),
        ],
        quotas: vec![Quota { name: "Programmes".into(), size: 3 }],
        ..CreateShow::default()
    }
}

pub(crate) fn hold_seats(seats: &[&str]) -> PlaceHold {
    PlaceHold { items: vec![HoldItem::seats("Seat", seats.iter().copied())], ..PlaceHold::default() }
}

pub(crate) fn hold_quantity(product: &str, quantity: u32) -> PlaceHold {
    PlaceHold { items: vec![HoldItem::quantity(product, quantity)], ..PlaceHold::default() }
}

/// An amount in euros' cents.
pub(crate) fn eur(amount_minor: i64) -> Money {
    Money::new(amount_minor, "EUR")
}

/// The code of a refusal and its status.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, guichet_api::ClientError>) -> (String, u16) {
    let error = answer.unwrap_err();
    let problem = error.problem().unwrap_or_else(|| panic!("{error}"));
    (problem.code.clone(), problem.status)
}

pub(crate) fn order(hold: &Hold, token: &str) -> PlaceOrder {
    PlaceOrder {
        holds: vec![hold.hold.clone()],
        tokens: hold.token.iter().cloned().collect(),
        buyer: None,
        payment: Payment { provider: "simulated".into(), token: token.into() },
    }
}
