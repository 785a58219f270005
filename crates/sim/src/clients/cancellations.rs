//! Cancellations: whole orders and single positions, by buyers and by operators, sold or still being sold.

use guichet_domain::Command;
use guichet_domain::commands::CancelOrder;
use guichet_domain::order::{CancelReason, Order};

use crate::rng::Rng;

/// A wish to cancel an order, as it is now or as nobody would.
pub(super) fn wish(rng: &mut Rng, order: &Order, reason: CancelReason, nonsense: bool) -> Command {
    let left: Vec<u32> = (0..order.places()).filter(|position| !order.is_cancelled(*position)).collect();
    let mut positions = (rng.one_of(2) && left.len() > 1).then(|| {
        let some: Vec<u32> = left.iter().copied().filter(|_| rng.one_of(3)).collect();
        if some.is_empty() { left.iter().copied().take(1).collect() } else { some }
    });
    if nonsense {
        positions = match rng.below(4) {
            0 => Some(Vec::new()),
            1 => Some(vec![order.places()]),
            2 => Some(vec![0, 0]),
            _ => positions,
        };
    }
    let waive_fee = reason == CancelReason::ByOperator && rng.one_of(3);
    Command::CancelOrder(CancelOrder { order: order.id, positions, reason, waive_fee })
}
