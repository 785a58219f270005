//! A change of something that exists: what it is about, its idempotency key, and its durable receipt.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use guichet_domain::{Command, HoldId, OrderId, SagaId, ShowId, TicketId};

use super::submit::Sent;
use super::{CommandError, Guichet, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};

/// A change about to be made; await it. Durable when it returns, and visible when [`Guichet::wait_for`] its position has returned.
#[must_use = "nothing happens before it is awaited"]
pub struct Change<'a> {
    engine: &'a Guichet,
    target: Target,
    command: Command,
    key: Option<IdempotencyKey>,
    caller: Caller,
}

/// What a change is about: where it is decided, and the scope of its idempotency key.
#[derive(Clone, Copy)]
pub(super) struct Target {
    partition: u16,
    bits: u128,
}

macro_rules! targets {
    ($($id:ident)*) => {$(
        impl From<$id> for Target {
            fn from(id: $id) -> Self {
                Self { partition: id.partition(), bits: id.bits() }
            }
        }
    )*};
}

targets! { ShowId HoldId OrderId SagaId TicketId }

impl<'a> Change<'a> {
    pub(super) fn new(engine: &'a Guichet, target: impl Into<Target>, command: Command) -> Self {
        Self { engine, target: target.into(), command, key: None, caller: Caller::EMBEDDER }
    }

    /// The same key is the same change, however often it is sent.
    pub fn key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// On whose behalf; keys of different callers never meet.
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }
}

impl<'a> IntoFuture for Change<'a> {
    type Output = Result<Receipt, CommandError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Target { partition, bits } = self.target;
            self.engine.execute(Sent::new(partition, self.command, self.key, self.caller, bits)).await
        })
    }
}
