//! Who waits for which order to settle. Each is woken once, when its own order is decided: with thousands of orders under way, waking
//! everybody at every batch would cost more than the orders.

use guichet_domain::{Event, OrderId};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use crate::shard::DurableBatch;

/// The waiting of one partition.
#[derive(Default)]
pub(super) struct Settlements {
    waiting: Mutex<FxHashMap<OrderId, Vec<oneshot::Sender<()>>>>,
}

impl Settlements {
    /// Waits for an order. Register before looking at it, or its settlement may pass unseen between the two.
    pub(super) fn wait_for(&self, order: OrderId) -> oneshot::Receiver<()> {
        let (settled, wait) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        let waiting = waiting.entry(order).or_default();
        // Those who have lost their patience are not kept until the order settles.
        waiting.retain(|waiting| !waiting.is_closed());
        waiting.push(settled);
        wait
    }

    /// Nobody waits any more whose order settled in this batch, which the read model has taken in.
    pub(super) fn wake(&self, batch: &DurableBatch) {
        let mut waiting = self.waiting.lock();
        if waiting.is_empty() {
            return;
        }
        for event in batch.records.iter().flat_map(|(_, record)| record.events()) {
            if let Event::OrderConfirmed { order } | Event::OrderCancelled { order, .. } | Event::OrderStuck { order } = event
                && let Some(waiting) = waiting.remove(order)
            {
                for waiting in waiting {
                    // One that has lost its patience meanwhile is not missed.
                    let _ = waiting.send(());
                }
            }
        }
    }

    /// Nobody waits for this order any more.
    pub(super) fn forget_impatient(&self, order: OrderId) {
        let mut waiting = self.waiting.lock();
        if let Some(of_order) = waiting.get_mut(&order) {
            of_order.retain(|waiting| !waiting.is_closed());
            if of_order.is_empty() {
                waiting.remove(&order);
            }
        }
    }
}
