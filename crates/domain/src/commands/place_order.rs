//! Place an order over holds. Its saga starts in the same record.

use crate::across::PartRequest;
use crate::hold::Hold;
use crate::money::Currency;
use crate::order::{HOLDS_PER_ORDER_MAX, PaymentRequest};
use crate::state::Show;
use crate::{Event, HoldId, Rejection, ShowId, State};

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
    /// What is ordered of other partitions together with it, all or nothing.
    pub parts: Vec<PartRequest>,
    /// How it is paid.
    pub payment: PaymentRequest,
    /// How long it may wait for that.
    pub terms: PaymentTerms,
    /// Reference to the buyer's details, which are never in the journal.
    pub buyer: Option<[u8; 16]>,
}

impl PlaceOrder {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let Priced { show: home_id, currency, total_minor } = price_holds(state, &self.holds)?;
        let home = state.show(home_id).ok_or(Rejection::ShowNotFound { show: home_id })?;
        let total_minor = self.with_parts(state.partition(), currency, total_minor)?;
        let patience_ms = match self.terms {
            PaymentTerms::Prompt => home.definition.order_deadline_ms,
            PaymentTerms::Transfer => home.definition.transfer_deadline_ms,
        };
        let order = state.next_order(now_unix_ms);
        let saga = state.next_saga(now_unix_ms);
        let deadline_unix_ms = now_unix_ms + patience_ms;
        let placed = Event::OrderPlaced {
            order,
            saga,
            show: home_id,
            holds: self.holds.clone(),
            total_minor,
            payment: self.payment.clone(),
            deadline_unix_ms,
            buyer: self.buyer,
        };
        if self.parts.is_empty() {
            return Ok(vec![placed, Event::SagaStarted { saga, definition: crate::saga::order::V1.reference, order }]);
        }
        Ok(vec![
            placed,
            Event::PartsWanted { order, parts: self.parts.clone(), deadline_unix_ms },
            Event::SagaStarted { saga, definition: crate::saga::order_across::V1.reference, order },
        ])
    }

    /// What all of it costs. Only what this partition knows is checked; each of the others checks its own.
    fn with_parts(&self, here: u16, currency: Currency, total_minor: i64) -> Result<i64, Rejection> {
        let holds = self.parts.iter().fold(self.holds.len(), |sum, part| sum + part.holds.len());
        if holds > HOLDS_PER_ORDER_MAX {
            return Err(Rejection::TooManyHolds { holds: u32::try_from(holds).unwrap_or(u32::MAX) });
        }
        let mut total_minor = total_minor;
        for (index, part) in self.parts.iter().enumerate() {
            let twice = self.parts[..index].iter().any(|other| other.partition == part.partition);
            let elsewhere = part.holds.iter().any(|hold| hold.partition() != part.partition);
            if part.partition == here || twice || elsewhere {
                return Err(Rejection::WrongPartition);
            }
            if part.holds.is_empty() {
                return Err(Rejection::NoHolds);
            }
            if part.currency != currency {
                return Err(Rejection::MixedCurrencies);
            }
            let price_minor = Some(part.total_minor).filter(|price| *price >= 0);
            total_minor = price_minor.and_then(|price| total_minor.checked_add(price)).ok_or(Rejection::AmountTooLarge)?;
        }
        Ok(total_minor)
    }
}

/// Holds that may be ordered together, and what they cost.
pub(super) struct Priced {
    /// The show of the first.
    pub(super) show: ShowId,
    /// Of all their shows.
    pub(super) currency: Currency,
    /// Of all of them.
    pub(super) total_minor: i64,
}

/// Checks holds of this partition and adds them up.
pub(super) fn price_holds(state: &State, holds: &[HoldId]) -> Result<Priced, Rejection> {
    let first = *holds.first().ok_or(Rejection::NoHolds)?;
    if holds.len() > HOLDS_PER_ORDER_MAX {
        return Err(Rejection::TooManyHolds { holds: u32::try_from(holds.len()).unwrap_or(u32::MAX) });
    }
    let home_id = state.free_hold(first)?.show;
    let currency = state.show(home_id).ok_or(Rejection::ShowNotFound { show: home_id })?.definition.currency;
    let mut total_minor = 0_i64;
    for (index, id) in holds.iter().enumerate() {
        if holds[..index].contains(id) {
            return Err(Rejection::HoldTwice { hold: *id });
        }
        let hold = state.free_hold(*id)?;
        let show = state.show(hold.show).ok_or(Rejection::ShowNotFound { show: hold.show })?;
        if show.definition.currency != currency {
            return Err(Rejection::MixedCurrencies);
        }
        total_minor = price(hold, show).and_then(|price| total_minor.checked_add(price)).ok_or(Rejection::AmountTooLarge)?;
    }
    Ok(Priced { show: home_id, currency, total_minor })
}

fn price(hold: &Hold, show: &Show) -> Option<i64> {
    hold.items.iter().try_fold(0_i64, |sum, item| {
        let each = show.definition.products[usize::from(item.product)].price_minor;
        sum.checked_add(each.checked_mul(i64::from(item.claim.quantity()))?)
    })
}
