//! A small house on a real disk: one show with a hundred standing places.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its own part; tests fail by panic")]

use std::path::PathBuf;
use std::time::Duration;

use guichet_core::domain::seating::{Area, Category, SeatingPlan};
use guichet_core::domain::show::SaleState;
use guichet_core::{
    Caller, Config, Currency, Guichet, Item, OpenError, OrderState, OrderView, PaymentRequest, ProductDraft, ShowDraft, ShowId,
};

pub(crate) struct House {
    pub(crate) engine: Guichet,
    pub(crate) directory: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = Guichet::open(Config::at(directory.path().join("data"))).await.unwrap();
        Self { engine, directory }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Closes the engine, lets something happen to its directory, and opens it again.
    pub(crate) async fn reopen_after(self, meanwhile: impl FnOnce(PathBuf)) -> Result<Self, OpenError> {
        let data = self.data();
        self.engine.close().await;
        meanwhile(data.clone());
        Ok(Self { engine: Guichet::open(Config::at(data)).await?, directory: self.directory })
    }

    pub(crate) async fn show(&self) -> ShowId {
        let plan = SeatingPlan {
            name: "Yard".into(),
            categories: vec![Category { name: "Yard".into(), colour: "#000000".into() }],
            areas: vec![Area { label: "yard".into(), capacity: 100, category: 0 }],
            ..SeatingPlan::default()
        };
        let (venue, _) = self.engine.register_venue(plan, Caller::EMBEDDER, None).await.unwrap();
        let standing = ProductDraft { name: "Standing".into(), price_minor: 100, categories: vec![], quotas: vec!["yard".into()] };
        let draft = ShowDraft {
            venue,
            name: "Show".into(),
            starts_at_unix_ms: None,
            currency: Currency::from_code("EUR").unwrap(),
            products: vec![standing],
            quotas: vec![],
            order_deadline_ms: None,
        };
        let (show, _) = self.engine.create_show(draft, Caller::EMBEDDER, None).await.unwrap();
        self.engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await.unwrap();
        show.id
    }

    pub(crate) async fn sell(&self, show: ShowId) -> OrderView {
        let hold = self.engine.place_hold(show, [Item::quantity("Standing", 1)]).await.unwrap();
        let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
        let order = self.engine.place_order(&[hold.id], None, payment).await.unwrap().settled(Duration::from_secs(10)).await.unwrap();
        assert_eq!(order.state, OrderState::Confirmed);
        order
    }

    /// The orders in the lists, once these have caught up.
    pub(crate) async fn listed(&self, show: ShowId, expected: usize) -> Vec<OrderView> {
        for _ in 0..500 {
            match self.engine.ended_orders(show.partition(), None, 100) {
                Ok(page) if page.orders.len() == expected => return page.orders,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        panic!("the lists never had {expected} orders: {:?}", self.engine.ended_orders(show.partition(), None, 100))
    }
}
