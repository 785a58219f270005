//! Orders: place one over holds, wait for its end, get its tickets.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use guichet_domain::order::{PaymentRequest, order_code};
use guichet_domain::{Command, Event, HoldId, OrderId, ShowId, TicketId, commands};

use super::across::Spread;
use super::submit::{RETRY_AFTER, Sent};
use super::{CommandError, Fault, Guichet, Invalid, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};
use crate::position::Position;
use crate::read_model::{OrderView, PositionView};
use crate::vault::{Buyer, VaultError};

/// An order that is durable; its saga is on its way.
#[derive(Clone)]
pub struct PlacedOrder {
    engine: Guichet,
    /// Its id.
    pub id: OrderId,
    /// The code that people read to each other.
    pub code: String,
    /// What it costs, in minor units of the show's currency.
    pub total_minor: i64,
    /// Where it is written.
    pub position: Position,
    /// The key of this command.
    pub key: IdempotencyKey,
    /// Whether this answer was given before.
    pub repeated: bool,
}

impl PlacedOrder {
    /// Waits until the order is confirmed, cancelled or stuck, at most so long; gives it as it then is.
    ///
    /// # Errors
    /// When the engine cannot read it.
    pub async fn settled(&self, patience: Duration) -> Result<OrderView, Fault> {
        self.engine.order_settled(self.id, &self.position, patience).await
    }
}

/// A ticket of a confirmed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What the door scans.
    pub code: String,
    /// The order whose position it is: a part of the one that was placed, for shows of other partitions.
    pub order: OrderId,
    /// Its position in that order.
    pub position: u32,
    /// The show that it is for.
    pub show: ShowId,
    /// Index of its product.
    pub product: u16,
    /// Its seat.
    pub seat: Option<u32>,
}

/// An order about to be placed; await it.
#[must_use = "nothing is placed before it is awaited"]
pub struct PlaceOrder<'a> {
    engine: &'a Guichet,
    holds: Vec<HoldId>,
    buyer: Option<Buyer>,
    payment: PaymentRequest,
    key: Option<IdempotencyKey>,
    caller: Caller,
}

impl PlaceOrder<'_> {
    /// The same key with the same holds is the same order.
    pub fn key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// On whose behalf.
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }
}

impl<'a> IntoFuture for PlaceOrder<'a> {
    type Output = Result<PlacedOrder, CommandError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let engine = self.engine;
            let Spread { partition, holds, parts } = engine.spread(self.holds).await?;
            let Some(terms) = engine.inner.providers.get(&self.payment.provider).copied() else {
                let known: Vec<&str> = engine.inner.providers.keys().map(String::as_str).collect();
                return Err(Invalid::UnknownProvider { provider: self.payment.provider, known: known.join(", ") }.into());
            };
            // The details are durable before the order that refers to them; what refers to nothing is erased with its key.
            let buyer = match self.buyer {
                Some(buyer) => Some(engine.inner.vault.keep(buyer).await.map_err(not_kept)?),
                None => None,
            };
            let command = Command::PlaceOrder(commands::PlaceOrder { holds, parts, payment: self.payment, terms, buyer });
            let receipt = engine.execute(Sent::new(partition, command, self.key, self.caller, u128::from(partition))).await?;
            engine.order_placed(receipt)
        })
    }
}

/// Nothing was ordered: keeping the same details again is the same, so an unknown outcome is as good as busy.
fn not_kept(error: VaultError) -> CommandError {
    match error {
        VaultError::Busy | VaultError::OutcomeUnknown => CommandError::Busy { retry_after: RETRY_AFTER },
        VaultError::TooLong { .. } => Invalid::BuyerTooLong(error.to_string()).into(),
        VaultError::Closed => Fault::Closing.into(),
        other => Fault::Vault(other.to_string()).into(),
    }
}

impl Guichet {
    /// Buys what holds claim, of one show or several, all or nothing; the order lives with the first. Returns when it is placed, durably;
    /// payment and tickets follow, see [`PlacedOrder::settled`].
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] for `hold_expired` and the like.
    pub fn place_order(&self, holds: &[HoldId], buyer: impl Into<Option<Buyer>>, payment: PaymentRequest) -> PlaceOrder<'_> {
        PlaceOrder { engine: self, holds: holds.to_vec(), buyer: buyer.into(), payment, key: None, caller: Caller::EMBEDDER }
    }

    fn order_placed(&self, receipt: Receipt) -> Result<PlacedOrder, CommandError> {
        let placed = receipt.events().iter().find_map(|event| match event {
            Event::OrderPlaced { order, total_minor, .. } => Some((*order, *total_minor)),
            _ => None,
        });
        let (id, total_minor) = placed.ok_or_else(|| Fault::Journal("an order's record has no order".into()))?;
        let Receipt { position, key, repeated, .. } = receipt;
        Ok(PlacedOrder { engine: self.clone(), id, code: order_code(id), total_minor, position, key, repeated })
    }

    /// Waits until an order does not change by itself any more, at most so long; gives it as it then is.
    ///
    /// # Errors
    /// When it does not exist or cannot be read.
    pub async fn order_settled(&self, id: OrderId, position: &Position, patience: Duration) -> Result<OrderView, Fault> {
        let deadline = tokio::time::Instant::now() + patience;
        self.wait_for(position).await?;
        let settlements = &self.partition(id.partition())?.settlements;
        let read = || self.order(id)?.ok_or_else(|| Fault::Journal(format!("order {id} is not in the read model")));
        loop {
            let settled = settlements.wait_for(id);
            let impatient = if read()?.settled() {
                drop(settled);
                true
            } else {
                tokio::time::timeout_at(deadline, settled).await.is_err()
            };
            if impatient {
                settlements.forget_impatient(id);
                let order = read()?;
                // Its parts were confirmed before it was: whoever looks at it now finds their tickets, too.
                let _ = tokio::time::timeout_at(deadline, self.parts_caught_up(&order)).await;
                return Ok(order);
            }
        }
    }

    /// The buyer's details, if the order has any and they have not been erased.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn buyer(&self, order: &OrderView) -> Result<Option<Buyer>, Fault> {
        // A part's buyer is its home's.
        let home = order.part_of.map_or(Ok(None), |home| self.order(home))?;
        let Some(reference) = home.as_ref().unwrap_or(order).buyer else { return Ok(None) };
        self.inner.vault.read(&reference).map_err(|error| Fault::Vault(error.to_string()))
    }

    /// The valid tickets of an order and of its parts in other partitions; none before they are issued, none for positions that were
    /// cancelled.
    #[must_use]
    pub fn tickets(&self, order: &OrderView) -> Vec<Ticket> {
        let mut tickets = self.own_tickets(order);
        for part in &order.parts {
            match self.order(*part) {
                Ok(part) => tickets.extend(part.iter().flat_map(|part| self.own_tickets(part))),
                Err(error) => tracing::error!(%part, %error, "the tickets of a part cannot be read"),
            }
        }
        tickets
    }

    fn own_tickets(&self, order: &OrderView) -> Vec<Ticket> {
        let Some((first, key_id)) = order.first_ticket.zip(order.ticket_key) else { return Vec::new() };
        let positions = order.positions().into_iter().filter(|position| !position.cancelled);
        positions
            .filter_map(|position| {
                let id = first.later(position.number);
                // The ring never loses a key, and a directory without its ring is not opened.
                let code = self.inner.ticket_keys.code(id, key_id)?;
                let PositionView { number: position, show, product, seat, .. } = position;
                Some(Ticket { id, order: order.id, code, position, show, product, seat })
            })
            .collect()
    }
}
