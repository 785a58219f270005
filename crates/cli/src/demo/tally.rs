//! What became of the orders, as the journal tells it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use guichet_core::domain::order::CancelReason;
use guichet_core::{Event, Guichet, OrderId, SagaId, Topic};
use tokio::sync::watch;

/// How long the tally may be behind a journal that is at rest.
const PATIENCE: Duration = Duration::from_secs(2);

/// Orders by their end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OrderTally {
    pub(super) placed: u64,
    pub(super) confirmed: u64,
    pub(super) declined: u64,
    pub(super) cancelled: u64,
    pub(super) stuck: u64,
    /// Orders whose payment provider could not be asked, or did not answer, at least once.
    pub(super) retried: u64,
    /// Orders of which a place was cancelled and another was not.
    pub(super) partly_cancelled: u64,
    /// Tickets that are out and valid.
    pub(super) tickets: u64,
    /// What was taken and not given back.
    pub(super) revenue_minor: i64,
    pub(super) refunds: u64,
    pub(super) refunds_under_way: u64,
    pub(super) refunded_minor: i64,
}

impl OrderTally {
    pub(super) fn awaiting(&self) -> u64 {
        self.placed.saturating_sub(self.confirmed + self.declined + self.cancelled + self.stuck)
    }
}

/// What must be remembered of orders to count them.
#[derive(Default)]
struct Books {
    totals: HashMap<OrderId, i64>,
    sagas: HashMap<SagaId, OrderId>,
    retried: HashSet<OrderId>,
    confirmed: HashSet<OrderId>,
    /// Confirmed, and cancelled as a whole afterwards.
    given_back: HashSet<OrderId>,
    partly_cancelled: HashSet<OrderId>,
}

impl Books {
    fn enter(&mut self, tally: &mut OrderTally, event: &Event) {
        match event {
            Event::OrderPlaced { order, total_minor, .. } => {
                self.totals.insert(*order, *total_minor);
                tally.placed += 1;
            }
            Event::OrderConfirmed { order } => {
                tally.confirmed += 1;
                tally.revenue_minor += self.totals.get(order).copied().unwrap_or(0);
                self.confirmed.insert(*order);
            }
            Event::OrderCancelled { reason: CancelReason::PaymentDeclined, .. } => tally.declined += 1,
            Event::OrderCancelled { order, .. } => {
                tally.cancelled += 1;
                if self.confirmed.remove(order) {
                    tally.confirmed -= 1;
                    self.given_back.insert(*order);
                }
                tally.partly_cancelled -= u64::from(self.partly_cancelled.remove(order));
            }
            Event::OrderStuck { .. } => tally.stuck += 1,
            Event::SeatsBooked { tickets, .. } => tally.tickets += u64::from(*tickets),
            Event::PositionsCancelled { order, positions, .. } => {
                tally.tickets = tally.tickets.saturating_sub(positions.len() as u64);
                tally.partly_cancelled += u64::from(self.partly_cancelled.insert(*order));
            }
            Event::RefundStarted { .. } => tally.refunds_under_way += 1,
            Event::PaymentRefunded { order, amount_minor, .. } => {
                tally.refunds += 1;
                tally.refunds_under_way = tally.refunds_under_way.saturating_sub(1);
                tally.refunded_minor += amount_minor;
                // Of an order that never was confirmed nothing was counted.
                let counted = self.confirmed.contains(order) || self.given_back.contains(order);
                tally.revenue_minor -= if counted { *amount_minor } else { 0 };
            }
            Event::SagaStarted { saga, order, .. } => {
                self.sagas.insert(*saga, *order);
            }
            Event::RetryScheduled { saga, .. } => {
                tally.retried += self.sagas.get(saga).map_or(0, |order| u64::from(self.retried.insert(*order)));
            }
            _ => {}
        }
    }
}

/// Follows the engine's events.
pub(super) struct Tally {
    seen: watch::Receiver<OrderTally>,
}

impl Tally {
    pub(super) fn follow(engine: &Guichet) -> Self {
        let mut events = engine.subscribe(Topic::All).live();
        let (write, seen) = watch::channel(OrderTally::default());
        tokio::spawn(async move {
            let mut books = Books::default();
            while let Ok(Some(event)) = events.next().await {
                write.send_modify(|tally| books.enter(tally, &event.event));
            }
        });
        Self { seen }
    }

    /// The tally once so many orders have ended in it; it follows the journal and may be a moment behind.
    pub(super) async fn stop(mut self, ended: u64) -> OrderTally {
        let complete = self.seen.wait_for(|tally| tally.placed - tally.awaiting() >= ended && tally.refunds_under_way == 0);
        let _ = tokio::time::timeout(PATIENCE, complete).await;
        *self.seen.borrow()
    }
}
