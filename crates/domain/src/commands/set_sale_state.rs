//! Open, pause or close a sale.

use crate::show::SaleState;
use crate::{Event, Rejection, ShowId, State};

/// Moves the sale of a show. Moving it to where it is changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSaleState {
    /// The show.
    pub show: ShowId,
    /// Where to; never back to draft, and never out of closed.
    pub state: SaleState,
}

impl SetSaleState {
    pub(super) fn decide(&self, state: &State) -> Result<Vec<Event>, Rejection> {
        let show = state.show(self.show).ok_or(Rejection::ShowNotFound { show: self.show })?;
        match (show.sale, self.state) {
            (from, to) if from == to => Ok(Vec::new()),
            (SaleState::Closed, _) | (_, SaleState::Draft) | (SaleState::Draft, SaleState::Paused) => {
                Err(Rejection::SaleStateConflict { show: self.show, state: show.sale })
            }
            (_, to) => Ok(vec![Event::SaleStateChanged { show: self.show, state: to }]),
        }
    }
}
