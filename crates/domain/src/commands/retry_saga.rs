//! Let a stuck saga go on.

use crate::saga::runner;
use crate::{Event, Rejection, SagaId, State};

/// Tries the step again at which a saga is stuck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySaga {
    /// Which.
    pub saga: SagaId,
}

impl RetrySaga {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let saga = state.saga(self.saga).ok_or(Rejection::SagaNotFound { saga: self.saga })?;
        runner::resume(saga).map(|event| vec![event]).ok_or(Rejection::SagaNotStuck { saga: self.saga })
    }
}
