//! A small house on a real disk: one show with a hundred standing places.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its own part; tests fail by panic")]

use std::path::PathBuf;
use std::time::Duration;

use guichet_core::domain::seating::{Area, Category, Point, Row, Seat, SeatingPlan};
use guichet_core::domain::show::SaleState;
use guichet_core::{
    Caller, Config, Currency, Guichet, Item, OpenError, OrderFilter, OrderId, OrderState, OrderView, PaymentRequest, PlacedOrder,
    ProductDraft, ShowDraft, ShowId,
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
        self.show_with(|_| {}).await
    }

    /// A show with two rows of five seats and a yard for a hundred people, changed as the test needs it.
    pub(crate) async fn show_with(&self, change: impl FnOnce(&mut ShowDraft)) -> ShowId {
        let seat = |number: u32| Seat {
            label: (number % 5 + 1).to_string().into(),
            position: Point { x: f64::from(number), y: 0.0 },
            category: 1,
            ..Seat::default()
        };
        let category = |name: &str| Category { name: name.into(), colour: "#000000".into() };
        let mut plan = SeatingPlan {
            name: "Yard".into(),
            categories: vec![category("Yard"), category("Stalls")],
            areas: vec![Area { label: "yard".into(), capacity: 100, ..Area::default() }],
            ..SeatingPlan::default()
        };
        plan.push_row(Row { label: "A".into(), ..Row::default() }, (0..5).map(seat));
        plan.push_row(Row { label: "B".into(), ..Row::default() }, (5..10).map(seat));
        let (venue, _) = self.engine.register_venue(plan, None, Caller::EMBEDDER, None).await.unwrap();
        let standing = ProductDraft { name: "Standing".into(), price_minor: 100, quotas: vec!["yard".into()], ..ProductDraft::default() };
        let stalls =
            ProductDraft { name: "Stalls".into(), price_minor: 1_000, categories: vec!["Stalls".into()], ..ProductDraft::default() };
        let mut draft = ShowDraft::new(venue, "Show", Currency::from_code("EUR").unwrap());
        draft.products = vec![standing, stalls];
        change(&mut draft);
        let (show, _) = self.engine.create_show(draft, Caller::EMBEDDER, None).await.unwrap();
        self.engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await.unwrap();
        show.id
    }

    pub(crate) async fn sell(&self, show: ShowId) -> OrderView {
        self.sell_items(show, [Item::quantity("Standing", 1)]).await
    }

    pub(crate) async fn sell_items(&self, show: ShowId, items: impl IntoIterator<Item = Item>) -> OrderView {
        let order = self.order(show, items, "simulated", "approve").await;
        let order = order.settled(Duration::from_secs(10)).await.unwrap();
        assert_eq!(order.state, OrderState::Confirmed);
        order
    }

    pub(crate) async fn order(&self, show: ShowId, items: impl IntoIterator<Item = Item>, provider: &str, token: &str) -> PlacedOrder {
        let hold = self.engine.place_hold(show, items).await.unwrap();
        let payment = PaymentRequest { provider: provider.into(), token: token.into() };
        self.engine.place_order(&[hold.id], None, payment).await.unwrap()
    }

    /// The order, once it is as expected.
    pub(crate) async fn order_when(&self, id: OrderId, expected: impl Fn(&OrderView) -> bool) -> OrderView {
        for _ in 0..500 {
            match self.engine.order(id) {
                Ok(Some(order)) if expected(&order) => return order,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        panic!("the order never was as expected: {:#?}", self.engine.order(id))
    }

    /// Everything recounted from the journal is as it should be.
    pub(crate) async fn verified(&self) {
        let verification = self.engine.verify().await.unwrap();
        assert!(verification.ok(), "{verification:#?}");
    }

    /// The orders in the lists, once these have caught up.
    pub(crate) async fn listed(&self, show: ShowId, expected: usize) -> Vec<OrderView> {
        for _ in 0..500 {
            match self.engine.orders(show.partition(), &OrderFilter::default(), None, 100) {
                Ok(page) if page.orders.len() == expected => return page.orders,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        panic!("the lists never had {expected} orders: {:?}", self.engine.orders(show.partition(), &OrderFilter::default(), None, 100))
    }
}
