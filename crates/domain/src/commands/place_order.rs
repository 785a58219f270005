//! Place an order over holds. Its saga starts in the same record.

use crate::hold::Hold;
use crate::order::{HOLDS_PER_ORDER_MAX, PaymentRequest};
use crate::state::Show;
use crate::{Event, HoldId, Rejection, State};

/// How a provider is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentTerms {
    /// While the buyer waits, such as a card: the show's `order_deadline_ms`.
    Prompt,
    /// By the buyer afterwards, such as a bank transfer: the show's `transfer_deadline_ms`.
    Transfer,
}

/// Buys what the holds claim. From here on they live until the order's deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceOrder {
    /// The holds; they may be of several shows of this partition.
    pub holds: Vec<HoldId>,
    /// How it is paid.
    pub payment: PaymentRequest,
    /// How long it may wait for that.
    pub terms: PaymentTerms,
    /// Reference to the buyer's details, which are never in the journal.
    pub buyer: Option<[u8; 16]>,
}

impl PlaceOrder {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let first = *self.holds.first().ok_or(Rejection::NoHolds)?;
        if self.holds.len() > HOLDS_PER_ORDER_MAX {
            return Err(Rejection::TooManyHolds { holds: u32::try_from(self.holds.len()).unwrap_or(u32::MAX) });
        }
        let home_id = state.free_hold(first)?.show;
        let home = state.show(home_id).ok_or(Rejection::ShowNotFound { show: home_id })?;
        let mut total_minor = 0_i64;
        for (index, id) in self.holds.iter().enumerate() {
            if self.holds[..index].contains(id) {
                return Err(Rejection::HoldTwice { hold: *id });
            }
            let hold = state.free_hold(*id)?;
            let show = state.show(hold.show).ok_or(Rejection::ShowNotFound { show: hold.show })?;
            if show.definition.currency != home.definition.currency {
                return Err(Rejection::MixedCurrencies);
            }
            total_minor = price(hold, show).and_then(|price| total_minor.checked_add(price)).ok_or(Rejection::AmountTooLarge)?;
        }
        let patience_ms = match self.terms {
            PaymentTerms::Prompt => home.definition.order_deadline_ms,
            PaymentTerms::Transfer => home.definition.transfer_deadline_ms,
        };
        let order = state.next_order(now_unix_ms);
        let saga = state.next_saga(now_unix_ms);
        Ok(vec![
            Event::OrderPlaced {
                order,
                saga,
                show: home_id,
                holds: self.holds.clone(),
                total_minor,
                payment: self.payment.clone(),
                deadline_unix_ms: now_unix_ms + patience_ms,
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
