//! The ticketing role: makes the tickets of a paid order known.
//!
//! A ticket's code is its id signed with a key of the directory. The signature is deterministic, so the codes need not be stored: this
//! role names the key that signs now, and whoever may see an order gets the codes made on the spot.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use guichet_domain::saga::{Effect, EffectOutcome};

use super::{Role, Task};
use crate::ticket_code::key_name;
use crate::ticket_keys::TicketKeys;

/// Issuing is pure computing; more at once would only wait for a core.
const CONCURRENCY: usize = 256;

/// Executes ticket effects.
pub(crate) struct Ticketing {
    keys: Arc<TicketKeys>,
}

impl Ticketing {
    pub(crate) fn new(keys: Arc<TicketKeys>) -> Self {
        Self { keys }
    }
}

impl Role for Ticketing {
    fn name(&self) -> &'static str {
        "ticketing"
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn handles(&self, effect: &Effect) -> bool {
        matches!(effect, Effect::IssueTickets { .. })
    }

    fn execute<'a>(&'a self, _task: &'a Task) -> Pin<Box<dyn Future<Output = Option<EffectOutcome>> + Send + 'a>> {
        Box::pin(std::future::ready(Some(EffectOutcome::Done { receipt: Some(key_name(self.keys.current_id())) })))
    }
}
