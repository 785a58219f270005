//! What became of the orders, as the journal tells it.

use std::time::Duration;

use guichet_core::domain::order::CancelReason;
use guichet_core::{Event, Guichet, Topic};
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
    pub(super) tickets: u64,
    pub(super) revenue_minor: i64,
}

impl OrderTally {
    pub(super) fn awaiting(&self) -> u64 {
        self.placed.saturating_sub(self.confirmed + self.declined + self.cancelled + self.stuck)
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
            let mut totals = std::collections::HashMap::new();
            let mut retried = std::collections::HashSet::new();
            while let Ok(Some(event)) = events.next().await {
                write.send_modify(|tally| match event.event {
                    Event::OrderPlaced { order, total_minor, .. } => {
                        totals.insert(order, total_minor);
                        tally.placed += 1;
                    }
                    Event::OrderConfirmed { order } => {
                        tally.confirmed += 1;
                        tally.revenue_minor += totals.get(&order).copied().unwrap_or(0);
                    }
                    Event::OrderCancelled { reason: CancelReason::PaymentDeclined, .. } => tally.declined += 1,
                    Event::OrderCancelled { .. } => tally.cancelled += 1,
                    Event::OrderStuck { .. } => tally.stuck += 1,
                    Event::SeatsBooked { tickets, .. } => tally.tickets += u64::from(tickets),
                    Event::RetryScheduled { saga, .. } => tally.retried += u64::from(retried.insert(saga)),
                    _ => {}
                });
            }
        });
        Self { seen }
    }

    /// The tally once so many orders have ended in it; it follows the journal and may be a moment behind.
    pub(super) async fn stop(mut self, ended: u64) -> OrderTally {
        let complete = self.seen.wait_for(|tally| tally.placed - tally.awaiting() >= ended);
        let _ = tokio::time::timeout(PATIENCE, complete).await;
        *self.seen.borrow()
    }
}
