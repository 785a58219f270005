//! Idempotency keys through the engine: across restarts, snapshots, the end of what they are about, and the end of their retention.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use guichet_core::clock::{Clock, SystemClock};
use guichet_core::{Caller, Cancellation, CommandError, Config, Guichet, HoldId, IdempotencyKey, Item, OrderState, PaymentRequest, ShowId};
use support::House;

const HOUR_MS: u64 = 3_600_000;

/// The machine's clock, and how far it was moved on.
#[derive(Default)]
struct Moved {
    clock: SystemClock,
    by_ms: AtomicU64,
}

impl Clock for Moved {
    fn wall_unix_ms(&self) -> u64 {
        self.clock.wall_unix_ms() + self.by_ms.load(Ordering::Relaxed)
    }

    fn monotonic_ms(&self) -> u64 {
        self.clock.monotonic_ms() + self.by_ms.load(Ordering::Relaxed)
    }
}

struct World {
    house: House,
    clock: Arc<Moved>,
}

impl World {
    async fn open() -> Self {
        let clock = Arc::new(Moved::default());
        let directory = tempfile::tempdir().unwrap();
        let engine =
            Guichet::open(Config::at(directory.path().join("data")).show_partitions(1).clock(Arc::clone(&clock) as _)).await.unwrap();
        Self { house: House { engine, directory }, clock }
    }

    /// A snapshot, the end of the program, and so many hours later its next start.
    async fn hours_later(self, hours: u64) -> Self {
        let Self { house, clock } = self;
        for partition in 0..house.engine.partitions() {
            house.engine.take_snapshot(partition).await.unwrap();
        }
        clock.by_ms.fetch_add(hours * HOUR_MS, Ordering::Relaxed);
        let (data, House { engine, directory }) = (house.data(), house);
        engine.close().await;
        let engine = Guichet::open(Config::at(data).clock(Arc::clone(&clock) as _)).await.unwrap();
        Self { house: House { engine, directory }, clock }
    }

    /// Lets time pass while the engine runs, up to the next command.
    fn pass(&self, hours: u64) {
        self.clock.by_ms.fetch_add(hours * HOUR_MS, Ordering::Relaxed);
    }

    async fn hold(&self, show: ShowId, places: u32, key: &IdempotencyKey) -> Result<(HoldId, bool), &'static str> {
        match self.house.engine.place_hold(show, [Item::quantity("Standing", places)]).key(key.clone()).await {
            Ok(hold) => Ok((hold.id, hold.repeated)),
            Err(CommandError::Rejected(rejection)) => Err(rejection.reason.code()),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_hold_key_lives_until_a_day_after_its_hold() {
    let world = World::open().await;
    let show = world.house.show().await;
    let (dated, plain): (IdempotencyKey, IdempotencyKey) = (IdempotencyKey::generate(), "my key 1".parse().unwrap());
    let (first, _) = world.hold(show, 2, &dated).await.unwrap();
    let (second, _) = world.hold(show, 3, &plain).await.unwrap();
    // A refusal keeps its answer too, although there is room again later.
    let refused: IdempotencyKey = "my key 2".parse().unwrap();
    assert_eq!(world.hold(show, 96, &refused).await, Err("sold_out"));

    // An hour later both holds have expired, at the latest when the grace after the restart is over. Their keys still give the
    // answers of then.
    let world = world.hours_later(1).await;
    assert_eq!(world.hold(show, 2, &dated).await, Ok((first, true)));
    world.pass(1);
    assert_eq!(world.hold(show, 2, &dated).await, Ok((first, true)));
    assert_eq!(world.hold(show, 3, &plain).await, Ok((second, true)));
    assert_eq!(world.hold(show, 4, &plain).await, Err("idempotency_key_reused"));
    assert_eq!(world.hold(show, 96, &refused).await, Err("sold_out"));
    let gone = world.house.engine.extend_hold(first, std::time::Duration::from_secs(60)).await;
    assert!(matches!(gone, Err(CommandError::Rejected(rejection)) if rejection.reason.code() == "hold_expired"));

    // A day and some after the end of the holds the keys are forgotten. One that tells its age is never executed twice.
    let world = world.hours_later(26).await;
    assert_eq!(world.hold(show, 2, &dated).await, Err("idempotency_key_expired"));
    let (again, repeated) = world.hold(show, 3, &plain).await.unwrap();
    assert!(again != second && !repeated);
    world.house.verified().await;
    world.house.engine.close().await;
}

#[tokio::test]
async fn the_keys_of_an_order_live_as_long_as_the_order() {
    let world = World::open().await;
    let show = world.house.show().await;
    let hold = world.house.engine.place_hold(show, [Item::quantity("Standing", 2)]).await.unwrap();
    let payment = PaymentRequest { provider: "simulated".into(), token: "approve".into() };
    let (order_key, cancel_key, refund_key) = (IdempotencyKey::generate(), IdempotencyKey::generate(), IdempotencyKey::generate());
    let placed = world.house.engine.place_order(&[hold.id], None, payment.clone()).key(order_key.clone()).await.unwrap();
    world.house.order_when(placed.id, |order| order.state == OrderState::Confirmed).await;
    let part = Cancellation { positions: Some(vec![0]), ..Cancellation::by_buyer() };
    let cancelled = world.house.engine.cancel_order(placed.id, part.clone()).key(cancel_key.clone()).await.unwrap();
    let refunded = world.house.engine.refund_order(placed.id, 50, "noise").key(refund_key.clone()).await.unwrap();

    let world = world.hours_later(40 * 24).await;
    let engine = &world.house.engine;
    let again = engine.place_order(&[hold.id], None, payment.clone()).key(order_key.clone()).await.unwrap();
    assert_eq!((again.id, again.repeated), (placed.id, true));
    assert_eq!(engine.cancel_order(placed.id, part).key(cancel_key.clone()).await.unwrap().position, cancelled.position);
    assert_eq!(engine.refund_order(placed.id, 50, "noise").key(refund_key.clone()).await.unwrap().position, refunded.position);
    let other = engine.refund_order(placed.id, 49, "noise").key(refund_key.clone()).await;
    assert!(matches!(other, Err(CommandError::Rejected(rejection)) if rejection.reason.code() == "idempotency_key_reused"));
    let order = world.house.order_when(placed.id, |order| order.refunded_minor() == 150).await;
    assert_eq!(order.refunds.len(), 2, "nothing was given back twice");
    world.house.verified().await;
    world.house.engine.close().await;
}

#[tokio::test]
async fn a_key_counts_inside_its_scope_alone() {
    let world = World::open().await;
    let (friday, saturday) = (world.house.show().await, world.house.show().await);
    let engine = &world.house.engine;
    let key: IdempotencyKey = "monday's newsletter".parse().unwrap();
    let hold = engine.place_hold(friday, [Item::quantity("Standing", 1)]).key(key.clone()).await.unwrap();
    // Another show, another kind of command, another caller: each a request of its own.
    let other_show = engine.place_hold(saturday, [Item::quantity("Standing", 1)]).key(key.clone()).await.unwrap();
    let shop = engine.create_api_key(guichet_core::ApiKeyDraft::new("shop", guichet_core::domain::key::Scope::Shop)).await.unwrap().id;
    let other_caller =
        engine.place_hold(friday, [Item::quantity("Standing", 1)]).key(key.clone()).caller(Caller::with_key(shop)).await.unwrap();
    assert!(hold.id != other_show.id && hold.id != other_caller.id);
    engine.release_hold(hold.id).key(key.clone()).await.unwrap();
    let repeated = engine.place_hold(friday, [Item::quantity("Standing", 1)]).key(key).await.unwrap();
    assert_eq!((repeated.id, repeated.repeated), (hold.id, true));
    world.house.engine.close().await;
}
