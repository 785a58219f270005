//! Closing time: once the faults have stopped, somebody pays out what waits to be paid out, decides on late money, and lets go on what is
//! stuck.

use std::collections::BTreeMap;

use guichet_domain::commands::{ConfirmPayout, ResolveLatePayment, RetrySaga};
use guichet_domain::order::PaymentState;
use guichet_domain::saga::{Effect, Progress};
use guichet_domain::show::LatePayment;
use guichet_domain::{Command, OrderId, SagaId, State};

use super::{MANUAL, View};

/// Whoever stays last.
#[derive(Default)]
pub(crate) struct Closing {
    payouts: u64,
    decisions: u64,
}

impl Closing {
    pub(super) fn want(&mut self, view: &View<'_>) -> Option<(u16, Command)> {
        view.states.iter().zip(&view.sagas).find_map(|(state, sagas)| Some((state.partition(), self.next(state, sagas)?)))
    }

    fn next(&mut self, state: &State, sagas: &BTreeMap<SagaId, OrderId>) -> Option<Command> {
        for (saga, order) in sagas {
            if let (Some(saga), Some(order)) = (state.saga(*saga), state.order(*order)) {
                let stuck = matches!(saga.progress, Progress::Stuck { .. });
                if stuck && order.payment == PaymentState::PaidUnfulfilled {
                    self.decisions += 1;
                    let policy = if self.decisions.is_multiple_of(2) { LatePayment::Refund } else { LatePayment::EquivalentSeat };
                    return Some(Command::ResolveLatePayment(ResolveLatePayment { order: order.id, policy }));
                }
                if stuck {
                    return Some(Command::RetrySaga(RetrySaga { saga: saga.id }));
                }
                if let Some(Effect::Refund { provider, amount_minor, .. }) = saga.pending.as_ref().map(|pending| &pending.effect)
                    && provider == MANUAL
                {
                    self.payouts += 1;
                    let (provider, reference) = (MANUAL.to_owned(), format!("last-{}", self.payouts));
                    return Some(Command::ConfirmPayout(ConfirmPayout {
                        order: order.id,
                        provider,
                        amount_minor: *amount_minor,
                        reference,
                    }));
                }
            }
        }
        None
    }
}
