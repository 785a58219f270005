//! Buyers: erase one.
//!
//! The journal keeps an order's reference for ever; what it refers to is destroyed in the vault. What must never be true: an erasure
//! waits for a shard, or an address of a buyer is printed, logged or put into an error.

use std::fmt;
use std::time::Duration;

use guichet_domain::OrderId;

use super::submit::RETRY_AFTER;
use super::{CommandError, Fault, Guichet, Invalid};
use crate::vault::{VaultError, Whose};

/// Longest that an order is waited for that is durable but not yet in the read model.
const ORDER_PATIENCE: Duration = Duration::from_secs(1);

/// Whose details. Printing it with `{:?}` shows no address.
#[derive(Clone, PartialEq, Eq)]
pub enum Selector {
    /// Those of this order; all orders with the same details share them.
    Order(OrderId),
    /// All with this e-mail address, whatever its case and whatever the names. Reads the whole vault.
    Email(String),
    /// Those with this reference, [`OrderView::buyer`](crate::OrderView::buyer).
    Reference([u8; 16]),
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => f.debug_tuple("Order").field(id).finish(),
            Self::Email(_) => f.debug_tuple("Email").finish_non_exhaustive(),
            Self::Reference(reference) => write!(f, "Reference({:032x})", u128::from_be_bytes(*reference)),
        }
    }
}

impl Guichet {
    /// Destroys a buyer's details with their key, durably, and returns how many records that were; 0 says that nothing was there,
    /// perhaps because it is erased already. Orders, tickets and the journal stay as they are; [`Guichet::buyer`] gives `None`.
    ///
    /// The files that held the details are deleted. What a deleted file leaves on the disk, and backups, are out of reach from here.
    ///
    /// Holds and orders go on meanwhile, but an order with a buyer waits; one that is being placed with the very details may lose
    /// them.
    ///
    /// # Errors
    /// [`Invalid::OrderNotFound`], [`CommandError::Busy`]; [`Fault::Vault`] when it was not done, or only in part: then it must be
    /// asked for again, which is always safe.
    pub async fn erase_buyer(&self, whose: Selector) -> Result<usize, CommandError> {
        match self.whose(whose).await? {
            Some(whose) => self.inner.vault.erase(whose).await.map_err(not_erased),
            None => Ok(0),
        }
    }

    /// How many records [`Guichet::erase_buyer`] would destroy.
    ///
    /// # Errors
    /// As that one; nothing is ever changed.
    pub async fn count_buyer_records(&self, whose: Selector) -> Result<usize, CommandError> {
        match self.whose(whose).await? {
            Some(whose) => self.inner.vault.count(whose).await.map_err(not_erased),
            None => Ok(0),
        }
    }

    async fn whose(&self, selector: Selector) -> Result<Option<Whose>, CommandError> {
        match selector {
            Selector::Order(id) => Ok(self.reference_of(id).await?.map(Whose::Reference)),
            Selector::Email(email) if email.trim().is_empty() => Err(Invalid::EmailEmpty.into()),
            Selector::Email(email) => Ok(Some(Whose::Email(email))),
            Selector::Reference(reference) => Ok(Some(Whose::Reference(reference))),
        }
    }

    /// The reference in an order. One that was just placed may not be in the read model yet.
    async fn reference_of(&self, id: OrderId) -> Result<Option<[u8; 16]>, CommandError> {
        let mut order = self.order(id)?;
        if order.is_none()
            && let Ok(partition) = self.partition(id.partition())
        {
            let _ = tokio::time::timeout(ORDER_PATIENCE, self.caught_up(partition)).await;
            order = self.order(id)?;
        }
        Ok(order.ok_or_else(|| Invalid::OrderNotFound(id.to_string()))?.buyer)
    }
}

fn not_erased(error: VaultError) -> CommandError {
    match error {
        VaultError::Busy => CommandError::Busy { retry_after: RETRY_AFTER },
        VaultError::Closed => Fault::Closing.into(),
        other => Fault::Vault(other.to_string()).into(),
    }
}
