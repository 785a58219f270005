//! The door: tickets are checked in once for each check-in list, and a gate without connection takes its list along.

use guichet_domain::{Command, OrderId, ShowId, TicketId, commands};

use super::change::Change;
use super::{CommandError, Fault, Guichet, Invalid, OrderFilter, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};
use crate::position::Position;
use crate::read_model::OrderView;

/// A scan at a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What was read from the ticket.
    pub code: String,
    /// Name of the check-in list; none means the show's first.
    pub list: Option<String>,
    /// The gate's name.
    pub gate: String,
    /// When a gate without connection scanned it, in milliseconds since 1970; none means now.
    pub scanned_offline_at_unix_ms: Option<u64>,
    /// Names this scan: sent again after a lost answer, it gets the same answer.
    pub nonce: Option<IdempotencyKey>,
    /// On whose behalf.
    pub caller: Caller,
}

/// Somebody may enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The ticket.
    pub ticket: TicketId,
    /// Its order.
    pub order: OrderId,
    /// Its position in the order.
    pub position: u32,
    /// Name of its product.
    pub product: String,
    /// Label of its seat.
    pub seat: Option<String>,
    /// Where it is written.
    pub journal: Position,
    /// Whether this very scan was answered before.
    pub repeated: bool,
}

/// One ticket of a check-in list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetEntry {
    /// The ticket.
    pub ticket: TicketId,
    /// Its order's short code.
    pub order_code: String,
    /// Name of its product.
    pub product: String,
    /// Label of its seat.
    pub seat: Option<String>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// When and at which gate its holder entered.
    pub checked_in: Option<(u64, String)>,
}

/// A page of a check-in list.
#[derive(Clone, Debug)]
pub struct SheetPage {
    /// Its tickets, order by order, the latest order first.
    pub entries: Vec<SheetEntry>,
    /// Where the next page begins.
    pub next: Option<OrderId>,
}

impl Guichet {
    /// Lets the holder of a ticket in, once. Of two gates that scan one ticket at the same time exactly one lets its holder in.
    ///
    /// # Errors
    /// [`Invalid::NotATicket`] for a code that this house never signed, [`CommandError::Rejected`] for `ticket_already_used`,
    /// `ticket_cancelled`, `ticket_not_on_list` and the like.
    pub async fn check_in(&self, show: ShowId, scan: Scan) -> Result<Admission, CommandError> {
        let ticket = self.verify_ticket_code(&scan.code).map_err(|error| Invalid::NotATicket(error.to_string()))?.ticket;
        let list = self.check_in_list(show, scan.list.as_deref())?;
        let command =
            commands::CheckInTicket { ticket, show, list, gate: scan.gate, scanned_offline_at_unix_ms: scan.scanned_offline_at_unix_ms };
        if ticket.partition() != show.partition() {
            return Err(Invalid::TicketOfOtherShow.into());
        }
        let mut change = Change::new(self, ticket, Command::CheckInTicket(command)).caller(scan.caller);
        if let Some(nonce) = scan.nonce {
            change = change.key(nonce);
        }
        let receipt = change.await?;
        self.admission(show, ticket, receipt).await
    }

    async fn admission(&self, show: ShowId, ticket: TicketId, receipt: Receipt) -> Result<Admission, CommandError> {
        let order = receipt.events().iter().find_map(guichet_domain::Event::order);
        let order = order.ok_or_else(|| Fault::Journal("a check-in's record names no order".into()))?;
        self.wait_for(&receipt.position).await?;
        let view = self.order(order)?.ok_or_else(|| Fault::Journal(format!("order {order} is not in the read model")))?;
        let first = view.first_ticket.ok_or_else(|| Fault::Journal(format!("order {order} has no tickets")))?;
        let number = u32::try_from(ticket.sequence() - first.sequence()).unwrap_or(u32::MAX);
        let positions = view.positions();
        let position = positions.get(number as usize).ok_or_else(|| Fault::Journal(format!("order {order} has no position {number}")))?;
        let names = self.with_show(show, |show| {
            let product = show.definition.products.get(usize::from(position.product)).map(|product| product.name.clone());
            (product.unwrap_or_default(), position.seat.map(|seat| show.plan.seat_label(seat)))
        })?;
        let (product, seat) = names;
        Ok(Admission { ticket, order, position: number, product, seat, journal: receipt.position, repeated: receipt.repeated })
    }

    fn check_in_list(&self, show: ShowId, name: Option<&str>) -> Result<u16, Invalid> {
        let Some(name) = name else { return Ok(0) };
        self.with_show(show, |show| {
            let lists = &show.definition.check_in_lists;
            let index = lists.iter().position(|list| list.name == name).and_then(|index| u16::try_from(index).ok());
            index.ok_or_else(|| Invalid::UnknownCheckInList {
                list: name.to_owned(),
                known: lists.iter().map(|list| list.name.as_str()).collect::<Vec<_>>().join(", "),
            })
        })?
    }

    /// A check-in list, as a gate without connection takes it along: every ticket that may pass, and who has passed. Pages by order.
    ///
    /// # Errors
    /// When the show or the list does not exist, or the lists cannot be read.
    pub fn check_in_sheet(
        &self,
        show: ShowId,
        list: Option<&str>,
        before: Option<OrderId>,
        orders_max: usize,
    ) -> Result<SheetPage, CommandError> {
        let list = self.check_in_list(show, list)?;
        let filter = OrderFilter { show: Some(show), ..OrderFilter::default() };
        let page = self.orders(show.partition(), &filter, before, orders_max)?;
        let entries = self.with_show(show, |view| {
            let passes = |product: u16| {
                let products = view.definition.check_in_lists.get(usize::from(list)).map(|list| &list.products);
                products.is_some_and(|products| products.is_empty() || products.contains(&product))
            };
            let of_order = |order: &OrderView| -> Vec<SheetEntry> {
                let Some(first) = order.first_ticket.filter(|_| order.ticket_key.is_some()) else { return Vec::new() };
                let positions = order.positions().into_iter().filter(|position| position.show == show && passes(position.product));
                positions
                    .map(|position| SheetEntry {
                        ticket: first.later(position.number),
                        order_code: order.code.clone(),
                        product: view.definition.products[usize::from(position.product)].name.clone(),
                        seat: position.seat.map(|seat| view.plan.seat_label(seat)),
                        cancelled: position.cancelled,
                        checked_in: (order.check_ins.iter())
                            .find(|used| used.position == position.number && used.list == list)
                            .map(|used| (used.scanned_at_unix_ms, used.gate.clone())),
                    })
                    .collect()
            };
            page.orders.iter().flat_map(of_order).collect()
        })?;
        Ok(SheetPage { entries, next: page.next })
    }
}
