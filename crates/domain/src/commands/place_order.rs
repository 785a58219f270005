//! Place an order over holds. Its saga starts in the same record.

use crate::hold::Hold;
use crate::order::{HOLDS_PER_ORDER_MAX, PaymentRequest};
use crate::state::Show;
use crate::{Event, HoldId, Rejection, State};

/// Buys what the holds claim. From here on they live until the order's deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceOrder {
    /// The holds, all of one show.
    pub holds: Vec<HoldId>,
    /// How it is paid.
    pub payment: PaymentRequest,
    /// Reference to the buyer's details, which are never in the journal.
    pub buyer: Option<[u8; 16]>,
}

impl PlaceOrder {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let first = *self.holds.first().ok_or(Rejection::NoHolds)?;
        if self.holds.len() > HOLDS_PER_ORDER_MAX {
            return Err(Rejection::TooManyHolds { holds: u32::try_from(self.holds.len()).unwrap_or(u32::MAX) });
        }
        let show_id = state.free_hold(first)?.show;
        let show = state.show(show_id).ok_or(Rejection::ShowNotFound { show: show_id })?;
        let mut total_minor = 0_i64;
        for (index, id) in self.holds.iter().enumerate() {
            if self.holds[..index].contains(id) {
                return Err(Rejection::HoldTwice { hold: *id });
            }
            let hold = state.free_hold(*id)?;
            if hold.show != show_id {
                return Err(Rejection::HoldsOfDifferentShows);
            }
            total_minor = price(hold, show).and_then(|price| total_minor.checked_add(price)).ok_or(Rejection::AmountTooLarge)?;
        }
        let order = state.next_order(now_unix_ms);
        let saga = state.next_saga(now_unix_ms);
        Ok(vec![
            Event::OrderPlaced {
                order,
                saga,
                show: show_id,
                holds: self.holds.clone(),
                total_minor,
                payment: self.payment.clone(),
                deadline_unix_ms: now_unix_ms + show.definition.order_deadline_ms,
                buyer: self.buyer,
            },
            Event::SagaStarted { saga, definition: crate::saga::order::V1.reference, order },
        ])
    }
}

fn price(hold: &Hold, show: &Show) -> Option<i64> {
    hold.items.iter().try_fold(0_i64, |sum, item| {
        let each = show.definition.products[usize::from(item.product)].price_minor;
        sum.checked_add(each.checked_mul(i64::from(item.claim.quantity()))?)
    })
}
