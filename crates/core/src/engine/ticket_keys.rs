//! Ticket keys at the engine's face: list them, change the one that signs, check a code against all of them.
//!
//! Must never be true: a new key signs before the file that holds it is durable, or the directory is written after it was let go.

use std::sync::Arc;

use super::{Fault, Guichet, Inner, OpenError, directory, secrets};
use crate::ticket_code::{NotATicket, TicketCode};
use crate::ticket_keys::{TicketKeyInfo, TicketSecret};

impl Guichet {
    /// Makes a new key, which signs the tickets that are issued from now on. The keys before it stay: a code that somebody has is the
    /// same as before and as genuine. Durable when it returns.
    ///
    /// # Errors
    /// When the key cannot be kept: the one before goes on signing.
    pub async fn rotate_ticket_key(&self) -> Result<TicketKeyInfo, Fault> {
        let inner = Arc::clone(&self.inner);
        // Waits for a disk: not on a worker of the caller's runtime. It ends even if the caller does not wait for it.
        let rotated = tokio::task::spawn_blocking(move || inner.rotate_ticket_key()).await;
        rotated.map_err(|error| Fault::TicketKey(error.to_string()))?
    }

    /// Every key that ever signed a ticket, without its secret: what offline checkers need. The oldest first; the last is the current
    /// one.
    #[must_use]
    pub fn ticket_keys(&self) -> Vec<TicketKeyInfo> {
        self.inner.ticket_keys.infos()
    }

    /// The public half of the key that signs ticket codes now. Tickets of before a rotation need the other keys too:
    /// [`Guichet::ticket_keys`].
    #[must_use]
    pub fn ticket_public_key(&self) -> [u8; 32] {
        self.inner.ticket_keys.current().public_key.to_bytes()
    }

    /// What a code says, if one of the house's keys signed it, however long ago. It does not tell whether the ticket was cancelled or
    /// used.
    ///
    /// # Errors
    /// When no key of this directory signed it.
    pub fn verify_ticket_code(&self, code: &str) -> Result<TicketCode, NotATicket> {
        self.inner.ticket_keys.verify(code)
    }
}

impl Inner {
    fn rotate_ticket_key(&self) -> Result<TicketKeyInfo, Fault> {
        let not_kept = |error: OpenError| Fault::TicketKey(error.to_string());
        // Held to the end: one rotation at a time, and the directory stays ours while it is written.
        let lock = self.lock.lock();
        if lock.is_none() || self.stop.is_cancelled() {
            return Err(Fault::Closing);
        }
        // Four bytes name a key. One in four thousand million shares its name with another.
        let secret = loop {
            let secret = directory::random().map_err(not_kept)?;
            if !self.ticket_keys.has_id_of(&secret) {
                break secret;
            }
        };
        let next = TicketSecret { secret, made_unix_ms: self.clock.wall_unix_ms() };
        let mut all = self.ticket_keys.secrets();
        all.push(next);
        secrets::write(&self.directory, &self.token_key, &all).map_err(not_kept)?;
        let made = self.ticket_keys.rotate(next);
        drop(lock);
        tracing::info!(key = crate::ticket_code::key_name(made.key_id), keys = all.len(), "a new ticket key signs from now on");
        Ok(made)
    }
}
