//! One order over shows of several partitions, through the engine and across restarts: all of it is sold, or nothing.
#![allow(clippy::unwrap_used, reason = "tests fail by panic")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use guichet_core::domain::show::LatePayment;
use guichet_core::{
    Buyer, CancelReason, Cancellation, CommandError, Config, Guichet, HoldId, HoldState, IdempotencyKey, Invalid, Item, LedgerEntry,
    OrderFilter, OrderId, OrderState, OrderView, PaymentRequest, PaymentState, PlacedOrder, Scan, ShowId, SimulatedProvider,
};
use support::House;

const PATIENCE: Duration = Duration::from_secs(10);

/// Two shows in two partitions, and a provider whose books can be read.
struct Festival {
    house: House,
    provider: SimulatedProvider,
    friday: ShowId,
    saturday: ShowId,
}

impl Festival {
    async fn open() -> Self {
        Self::with_deadline(None).await
    }

    async fn with_deadline(deadline_ms: Option<u64>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let provider = SimulatedProvider::default();
        let config = Config::at(directory.path().join("data")).show_partitions(2);
        let engine = Guichet::open(config.payment_provider("simulated", Arc::new(provider.clone()))).await.unwrap();
        let house = House { engine, directory };
        let friday = house.show_with(|draft| draft.order_deadline_ms = deadline_ms).await;
        let saturday = house.show_with(|draft| draft.order_deadline_ms = deadline_ms).await;
        assert_ne!(friday.partition(), saturday.partition());
        Self { house, provider, friday, saturday }
    }

    /// As after a crash of the machine: nothing is kept but the directory and the provider's books.
    async fn reopen(self) -> Self {
        let Self { house, provider, friday, saturday } = self;
        let House { engine, directory } = house;
        engine.close().await;
        let config = Config::at(directory.path().join("data")).payment_provider("simulated", Arc::new(provider.clone()));
        let engine = Guichet::open(config).await.unwrap();
        Self { house: House { engine, directory }, provider, friday, saturday }
    }

    fn engine(&self) -> &Guichet {
        &self.house.engine
    }

    async fn hold(&self, show: ShowId, seats: &[&str]) -> HoldId {
        self.engine().place_hold(show, [stalls(seats)]).await.unwrap().id
    }

    /// Two seats on Friday, one on Saturday.
    async fn holds(&self) -> [HoldId; 2] {
        [self.hold(self.friday, &["A-1", "A-2"]).await, self.hold(self.saturday, &["B-1"]).await]
    }

    async fn order(&self, holds: &[HoldId], token: &str) -> PlacedOrder {
        self.engine().place_order(holds, None, payment(token)).await.unwrap()
    }

    async fn sold(&self) -> OrderView {
        let order = self.order(&self.holds().await, "approve").await.settled(PATIENCE).await.unwrap();
        assert_eq!(order.state, OrderState::Confirmed);
        order
    }

    fn free(&self) -> (u64, u64) {
        let free = |show| self.engine().show_report(show).unwrap().seats_free;
        (free(self.friday), free(self.saturday))
    }

    async fn free_when(&self, expected: (u64, u64)) {
        for _ in 0..500 {
            if self.free() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("free seats never were {expected:?} but {:?}", self.free())
    }

    fn of_saturday(&self) -> Vec<OrderView> {
        self.engine().orders(self.saturday.partition(), &OrderFilter::default(), None, 10).unwrap().orders
    }

    /// What the buyer has paid and not got back.
    fn kept_minor(&self) -> i64 {
        let ledger = self.provider.ledger();
        let captured = ledger.iter().any(|entry| matches!(entry, LedgerEntry::Captured { .. }));
        ledger.iter().fold(0, |sum, entry| match entry {
            LedgerEntry::Authorised { amount_minor, .. } if captured => sum + amount_minor,
            LedgerEntry::Refunded { amount_minor, .. } => sum - amount_minor,
            _ => sum,
        })
    }

    async fn nothing_was_sold(&self, order: OrderId, reason: CancelReason) {
        let order = self.house.order_when(order, |order| order.state == OrderState::Cancelled).await;
        assert_eq!(order.cancel_reason, Some(reason));
        self.free_when((10, 10)).await;
        assert!(self.of_saturday().iter().all(|part| part.state == OrderState::Cancelled));
        assert!(self.engine().tickets(&order).is_empty());
        assert_eq!(self.kept_minor(), 0);
    }
}

fn stalls(seats: &[&str]) -> Item {
    Item::seats("Stalls", seats.iter().copied())
}

fn payment(token: &str) -> PaymentRequest {
    PaymentRequest { provider: "simulated".into(), token: token.into() }
}

fn code<T: std::fmt::Debug>(answer: Result<T, CommandError>) -> &'static str {
    match answer {
        Err(CommandError::Rejected(rejection)) => rejection.reason.code(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn both_shows_are_sold_with_one_payment_and_every_ticket_opens_its_door() {
    let festival = Festival::open().await;
    let engine = festival.engine();
    let (holds, key) = (festival.holds().await, IdempotencyKey::generate());
    let buyer = Buyer { name: "Ada".into(), email: "ada@example.org".into() };
    let placed = engine.place_order(&holds, buyer.clone(), payment("approve")).key(key.clone()).await.unwrap();
    let order = placed.settled(PATIENCE).await.unwrap();
    assert_eq!((order.state, order.payment, order.total_minor), (OrderState::Confirmed, PaymentState::Captured, 3_000));
    assert_eq!(festival.provider.ledger().len(), 2, "one authorisation, one capture");
    assert_eq!(festival.kept_minor(), 3_000);
    let tickets = engine.tickets(&order);
    assert_eq!(
        tickets.iter().map(|ticket| (ticket.show, ticket.order, ticket.seat)).collect::<Vec<_>>(),
        [(festival.friday, order.id, Some(0)), (festival.friday, order.id, Some(1)), (festival.saturday, order.parts[0], Some(5))]
    );
    assert_eq!(festival.free(), (8, 9));
    let part = engine.order(order.parts[0]).unwrap().unwrap();
    assert_eq!(
        (part.state, part.part_of, part.total_minor, part.payment),
        (OrderState::Confirmed, Some(order.id), 1_000, PaymentState::None)
    );
    assert_eq!(part.ticket_key, order.ticket_key);
    assert_eq!(engine.buyer(&part).unwrap(), Some(buyer.clone()));

    let again = engine.place_order(&holds, buyer, payment("approve")).key(key.clone()).await.unwrap();
    assert_eq!((again.id, again.repeated), (order.id, true));
    assert_eq!(
        code(engine.place_order(&holds[..1], None, payment("approve")).key(key).await.map(|order| order.id)),
        "idempotency_key_reused"
    );

    let scan = |code: &str| Scan {
        code: code.to_owned(),
        list: None,
        gate: "north".to_owned(),
        scanned_offline_at_unix_ms: None,
        nonce: None,
        caller: guichet_core::Caller::EMBEDDER,
    };
    let admission = engine.check_in(festival.saturday, scan(&tickets[2].code)).await.unwrap();
    assert_eq!((admission.order, admission.position, admission.seat.as_deref()), (part.id, 0, Some("B-1")));
    assert_eq!(code(engine.check_in(festival.saturday, scan(&tickets[2].code)).await), "ticket_already_used");
    let sheet = engine.check_in_sheet(festival.saturday, None, None, 10).unwrap().entries;
    assert_eq!(sheet.iter().map(|entry| (entry.ticket, entry.checked_in.is_some())).collect::<Vec<_>>(), [(tickets[2].id, true)]);
    festival.house.engine.close().await;
}

#[tokio::test]
async fn a_hold_that_has_expired_elsewhere_sells_nothing_and_gives_the_others_back() {
    let festival = Festival::open().await;
    let first = festival.hold(festival.friday, &["A-1"]).await;
    let second = festival.engine().place_hold(festival.saturday, [stalls(&["B-1"])]).ttl(Duration::from_secs(1)).await.unwrap().id;
    while festival.engine().hold(second).unwrap().is_none_or(|hold| hold.state != HoldState::Expired) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let order = festival.order(&[first, second], "approve").await;
    festival.nothing_was_sold(order.id, CancelReason::StepFailed).await;
    let order = festival.engine().order(order.id).unwrap().unwrap();
    assert!(order.saga_view.last_error.unwrap().contains("hold_expired"));
    assert_eq!(festival.engine().hold(first).unwrap().unwrap().state, HoldState::Released);
    assert_eq!(festival.provider.ledger(), []);
    let unknown = HoldId::from_bits(second.bits() + 77);
    let refused = festival.engine().place_order(&[festival.hold(festival.friday, &["A-2"]).await, unknown], None, payment("approve")).await;
    assert!(matches!(refused.map(|order| order.id), Err(CommandError::Invalid(Invalid::HoldNotFound(_)))));
    festival.house.engine.close().await;
}

#[tokio::test]
async fn a_declined_card_releases_everything() {
    let festival = Festival::open().await;
    let order = festival.order(&festival.holds().await, "decline").await;
    festival.nothing_was_sold(order.id, CancelReason::PaymentDeclined).await;
    assert_eq!(festival.of_saturday().iter().map(|part| part.cancel_reason).collect::<Vec<_>>(), [Some(CancelReason::PaymentDeclined)]);
    festival.house.engine.close().await;
}

#[tokio::test]
async fn a_deadline_that_passes_while_the_provider_hangs_releases_everything() {
    let festival = Festival::with_deadline(Some(1_000)).await;
    let order = festival.order(&festival.holds().await, "slow:30000").await;
    festival.house.order_when(order.id, |order| order.payment == PaymentState::Authorising).await;
    festival.free_when((8, 9)).await;
    festival.nothing_was_sold(order.id, CancelReason::DeadlinePassed).await;
    festival.house.engine.close().await;
}

#[tokio::test]
async fn places_elsewhere_do_not_wait_for_a_provider_that_is_away() {
    let festival = Festival::with_deadline(Some(1_000)).await;
    let order = festival.order(&festival.holds().await, "slow:30000").await;
    festival.house.order_when(order.id, |order| order.payment == PaymentState::Authorising).await;
    festival.provider.set_outage(true);
    festival.free_when((8, 9)).await;
    festival.free_when((10, 10)).await;
    // The home cannot void its reservation and has not ended; its part has asked it and let go.
    assert_eq!(festival.engine().order(order.id).unwrap().unwrap().state, OrderState::AwaitingPayment);
    assert_eq!(festival.of_saturday()[0].state, OrderState::Cancelled);
    festival.provider.set_outage(false);
    festival.nothing_was_sold(order.id, CancelReason::DeadlinePassed).await;
    festival.house.engine.close().await;
}

#[tokio::test]
async fn what_is_just_being_paid_keeps_its_places_past_the_deadline() {
    let festival = Festival::with_deadline(Some(1_000)).await;
    let order = festival.order(&festival.holds().await, "slow:300").await;
    festival.house.order_when(order.id, |order| order.payment == PaymentState::Authorising).await;
    // The answer to the authorisation is on its way; nothing can be captured.
    festival.provider.set_outage(true);
    let part = festival.house.order_when(festival.of_saturday()[0].id, |part| part.first_ticket.is_some()).await;
    festival.house.order_when(part.id, |part| part.updated_at_unix_ms > part.deadline_unix_ms).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(festival.free(), (8, 9), "the part has asked, and was told nothing that would let it go");
    festival.provider.set_outage(false);
    let order = festival.house.order_when(order.id, |order| order.state == OrderState::Confirmed).await;
    assert_eq!((festival.free(), festival.engine().tickets(&order).len(), festival.kept_minor()), ((8, 9), 3, 3_000));
    festival.house.engine.close().await;
}

#[tokio::test]
async fn what_is_cancelled_on_its_way_is_released_everywhere_and_only_as_a_whole() {
    let festival = Festival::open().await;
    let holds = festival.holds().await;
    let order = festival.order(&holds, "slow:30000").await;
    festival.house.order_when(order.id, |order| order.payment == PaymentState::Authorising).await;
    let part = festival.of_saturday()[0].clone();
    // Pinned for the order, and nobody else's to end.
    assert_eq!(code(festival.engine().release_hold(holds[1]).await), "hold_in_order");
    assert_eq!(code(festival.engine().cancel_order(part.id, Cancellation::by_buyer()).await), "order_not_confirmed");
    assert_eq!(code(festival.engine().refund_order(part.id, 1, "").await), "part_of_order");
    festival.engine().cancel_order(order.id, Cancellation::by_buyer()).await.unwrap();
    festival.nothing_was_sold(order.id, CancelReason::ByBuyer).await;
    festival.house.engine.close().await;
}

#[tokio::test]
async fn a_restart_in_the_middle_changes_nothing() {
    let festival = Festival::open().await;
    let order = festival.order(&festival.holds().await, "slow:700").await;
    // Whatever has been done until now, the reservation elsewhere included, is taken up again.
    let festival = festival.reopen().await;
    festival.house.order_when(order.id, |order| order.payment == PaymentState::Authorising).await;
    assert_eq!(festival.of_saturday().len(), 1);
    let festival = festival.reopen().await;
    let order = festival.house.order_when(order.id, |order| order.state == OrderState::Confirmed).await;
    assert_eq!((festival.free(), festival.of_saturday().len(), festival.kept_minor()), ((8, 9), 1, 3_000));
    let tickets = festival.engine().tickets(&order);
    assert_eq!(tickets.len(), 3);

    let data = festival.house.data();
    let Festival { house, provider, friday, saturday } = festival;
    let house = house.reopen_after(|_| std::fs::remove_dir_all(data.join("projections")).unwrap()).await.unwrap();
    let festival = Festival { house, provider, friday, saturday };
    let home = festival.house.listed(friday, 1).await.remove(0);
    assert_eq!(home, order);
    assert_eq!(festival.house.listed(saturday, 1).await[0].part_of, Some(home.id));
    assert_eq!(festival.engine().tickets(&home), tickets);
    festival.house.engine.close().await;
}

#[tokio::test]
async fn the_whole_is_cancelled_with_its_parts_and_the_money_goes_back_at_home() {
    let festival = Festival::open().await;
    let order = festival.sold().await;
    festival.engine().cancel_order(order.id, Cancellation::by_operator()).await.unwrap();
    let after = festival.house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!((after.state, after.refunded_minor()), (OrderState::Cancelled, 3_000));
    assert_eq!((festival.free(), festival.kept_minor()), ((10, 10), 0));
    let part = festival.house.order_when(order.parts[0], |part| part.refunds.iter().all(|refund| refund.done)).await;
    assert_eq!((part.state, part.cancel_reason, part.refunds.len()), (OrderState::Cancelled, Some(CancelReason::ByOperator), 1));
    assert!(festival.engine().tickets(&after).is_empty());
    assert_eq!(code(festival.engine().cancel_order(order.id, Cancellation::by_operator()).await), "order_already_cancelled");
    festival.house.engine.close().await;
}

#[tokio::test]
async fn a_part_that_went_before_does_not_keep_the_whole_from_going() {
    let festival = Festival::open().await;
    let order = festival.sold().await;
    festival.engine().cancel_order(order.parts[0], Cancellation::by_buyer()).await.unwrap();
    festival.house.order_when(order.id, |order| order.refunded_minor() == 1_000).await;
    festival.engine().cancel_order(order.id, Cancellation::by_buyer()).await.unwrap();
    let after = festival.house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!((after.state, after.refunded_minor(), festival.kept_minor()), (OrderState::Cancelled, 3_000, 0));
    assert_eq!(festival.free(), (10, 10));
    festival.house.engine.close().await;
}

#[tokio::test]
async fn places_of_a_part_are_cancelled_there_and_paid_back_at_home_once() {
    let festival = Festival::open().await;
    let holds = [festival.hold(festival.friday, &["A-1"]).await, festival.hold(festival.saturday, &["B-1", "B-2"]).await];
    let order = festival.order(&holds, "approve").await.settled(PATIENCE).await.unwrap();
    let one = |position| Cancellation { positions: Some(vec![position]), ..Cancellation::by_buyer() };
    festival.engine().cancel_order(order.parts[0], one(1)).await.unwrap();
    let after = festival.house.order_when(order.id, |order| order.refunded_minor() > 0).await;
    assert_eq!((after.state, after.payment, after.refunded_minor()), (OrderState::Confirmed, PaymentState::PartiallyRefunded, 1_000));
    assert_eq!(after.refunds[0].note, festival.engine().order(order.parts[0]).unwrap().unwrap().code);
    assert_eq!((festival.free(), festival.engine().tickets(&after).len()), ((9, 9), 2));

    // The home's own places may go and its part stay: the order goes on.
    festival.engine().cancel_order(order.id, one(0)).await.unwrap();
    let after = festival.house.order_when(order.id, |order| order.refunded_minor() == 2_000).await;
    assert_eq!((after.state, festival.free(), festival.engine().tickets(&after).len()), (OrderState::Confirmed, (10, 9), 1));

    let festival = festival.reopen().await;
    festival.engine().cancel_order(order.id, Cancellation::by_buyer()).await.unwrap();
    let after = festival.house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    assert_eq!((after.state, after.refunded_minor(), festival.kept_minor()), (OrderState::Cancelled, 3_000, 0));
    festival.free_when((10, 10)).await;
    festival.house.engine.close().await;
}

#[tokio::test]
async fn late_money_for_several_partitions_goes_back() {
    let festival = Festival::with_deadline(Some(1_000)).await;
    let order = festival.order(&festival.holds().await, "late:2000").await;
    let after = festival.house.order_when(order.id, |order| order.payment == PaymentState::Refunded).await;
    let late = after.late.map(|late| (late.amount_minor, late.policy));
    assert_eq!((after.state, late), (OrderState::Cancelled, Some((3_000, LatePayment::Refund))));
    assert_eq!((festival.free(), festival.kept_minor()), ((10, 10), 0));
    festival.house.engine.close().await;
}
