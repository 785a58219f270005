//! The door: who was let in, and whether that ticket could.
//!
//! Must never be true: one ticket through one control twice; a ticket through a door that was cancelled, or that nobody has bought.

use guichet_domain::order::order_code;
use guichet_domain::{Event, OrderId, TicketId};

use crate::fold::Audit;
use crate::money::{Fact, Order};
use crate::report::Rule;

/// One passage of one ticket.
pub(crate) struct Passage {
    list: u16,
    pub(crate) gate: String,
    pub(crate) scanned_at_unix_ms: u64,
}

impl Audit {
    pub(crate) fn follow_door(&mut self, id: OrderId, row: &Order, event: &Event) {
        let Event::TicketCheckedIn { ticket, list, gate, scanned_at_unix_ms, .. } = event else { return };
        let broken = self.broken_at_the_door(row, *ticket, *list);
        if let Some(rule) = broken {
            self.found(rule, format!("ticket {ticket} of order {}, list {list}", order_code(id)));
        }
        let passage = Passage { list: *list, gate: gate.clone(), scanned_at_unix_ms: *scanned_at_unix_ms };
        self.passages.entry(*ticket).or_default().push(passage);
        self.report.after_sale.check_ins += 1;
    }

    /// The first rule that such a passage breaks: those after it ask about what is not there.
    fn broken_at_the_door(&self, row: &Order, ticket: TicketId, list: u16) -> Option<Rule> {
        let Some(position) = row.position_of(ticket) else { return Some(Rule::TicketOfNobody) };
        if row.cancelled.contains(&position) {
            return Some(Rule::CancelledTicketUsed);
        }
        // Issued is not enough: an order that turned round after that is on its way to be given back.
        if !row.facts.contains(&Fact::Issued) || !row.facts.contains(&Fact::Confirmed) {
            return Some(Rule::TicketOfNobody);
        }
        let places = row.places();
        let Some(place) = places.get(position as usize) else { return Some(Rule::TicketOfNobody) };
        let lists = self.shows.get(&place.show).map_or(&[][..], |show| &show.0.check_in_lists);
        let product = place.items.first().map(|item| item.product);
        let passes = lists
            .get(usize::from(list))
            .is_some_and(|list| list.products.is_empty() || product.is_some_and(|product| list.products.contains(&product)));
        if !passes {
            return Some(Rule::TicketNotOnList);
        }
        let used = self.passages.get(&ticket).is_some_and(|passages| passages.iter().any(|passage| passage.list == list));
        used.then_some(Rule::TicketUsedTwice)
    }

    /// The order that has this ticket now, and the ticket's position in it.
    pub(crate) fn position_of(&self, ticket: TicketId) -> Option<(&Order, u32)> {
        let (_, order) = self.tickets.range(..=ticket.sequence()).next_back()?;
        let row = self.orders.get(order)?;
        row.position_of(ticket).map(|position| (row, position))
    }
}

impl Order {
    /// Where a ticket stands in the order; none when it is not one of those that the order has now.
    pub(crate) fn position_of(&self, ticket: TicketId) -> Option<u32> {
        let (first, tickets) = self.tickets?;
        let position = ticket.sequence().checked_sub(first.sequence()).and_then(|position| u32::try_from(position).ok())?;
        // The whole id must fit, not only its number.
        (position < tickets && first.later(position) == ticket).then_some(position)
    }
}
