//! Let the holder of a ticket in.
//!
//! Refusals in this order: the ticket, its show, whether it was cancelled, the check-in list, whether it was used there. The shard
//! decides, so of two gates that scan one ticket at the same time exactly one lets its holder in.

use crate::order::OrderState;
use crate::{Event, Rejection, ShowId, State, TicketId};

/// A scan at a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInTicket {
    /// The ticket, from a genuine code.
    pub ticket: TicketId,
    /// The show that the gate is open for.
    pub show: ShowId,
    /// Index of the check-in list.
    pub list: u16,
    /// The gate's name.
    pub gate: String,
    /// When a gate without connection scanned it; none means now.
    pub scanned_offline_at_unix_ms: Option<u64>,
}

impl CheckInTicket {
    pub(super) fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        let ticket = self.ticket;
        let (order, number) = state.order_of_ticket(ticket).ok_or(Rejection::TicketNotFound { ticket })?;
        let position = order.positions().nth(number as usize).ok_or(Rejection::TicketNotFound { ticket })?;
        // An order that was cancelled while its tickets were made turns round without having been sold.
        if !order.issued || matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment) {
            return Err(Rejection::TicketNotFound { ticket });
        }
        if position.line.show != self.show {
            return Err(Rejection::TicketOfOtherShow { ticket, show: position.line.show });
        }
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        if order.is_cancelled(number) {
            return Err(Rejection::TicketCancelled { ticket });
        }
        let list = show.definition.check_in_lists.get(usize::from(self.list));
        let list = list.ok_or(Rejection::UnknownCheckInList { show: self.show, list: self.list })?;
        if !list.products.is_empty() && !list.products.contains(&position.item.product) {
            return Err(Rejection::TicketNotOnList { ticket, list: self.list });
        }
        let used = order.after.iter().flat_map(|after| &after.check_ins).find(|used| used.position == number && used.list == self.list);
        if let Some(used) = used {
            let (gate, scanned_at_unix_ms) = (used.gate.clone(), used.scanned_at_unix_ms);
            return Err(Rejection::TicketAlreadyUsed { ticket, gate, scanned_at_unix_ms });
        }
        Ok(vec![Event::TicketCheckedIn {
            order: order.id,
            ticket,
            list: self.list,
            gate: self.gate.clone(),
            scanned_at_unix_ms: self.scanned_offline_at_unix_ms.unwrap_or(now_unix_ms),
            offline: self.scanned_offline_at_unix_ms.is_some(),
        }])
    }
}
