//! The clerk: reads the bank's statement. Payments by hand come on time, late, wrong and twice; refunds by hand are paid out.

use guichet_domain::Command;
use guichet_domain::commands::{ConfirmPayment, ConfirmPayout};
use guichet_domain::order::{Order, OrderState};
use guichet_domain::saga::Effect;

use super::{MANUAL, View};
use crate::plan::Habits;
use crate::rng::Rng;

/// Orders that the clerk looks at before going home.
const LOOKS: usize = 8;

/// Somebody with the bank's statement.
#[derive(Default)]
pub(crate) struct Clerk {
    payouts: u64,
}

impl Clerk {
    pub(super) fn want(&mut self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let nonsense = rng.chance(habits.nonsense);
        if rng.one_of(3)
            && let Some(command) = self.payout(rng, view, nonsense)
        {
            return Some(command);
        }
        let mut chosen = None;
        for _ in 0..LOOKS {
            let order = view.some_order(rng)?;
            if order.payment_request.provider == MANUAL || nonsense {
                chosen = Some(order);
            }
            // Most people pay what they have ordered and not paid yet; some pay what has lapsed.
            if chosen.is_some_and(|order| wanted(rng, order)) {
                break;
            }
        }
        let order = chosen?;
        let amount_minor = match rng.below(16) {
            0 => order.total_minor - 1,
            1 => order.total_minor / 2,
            2 if nonsense => 0,
            3 if nonsense => -order.total_minor,
            _ => order.total_minor,
        };
        // The same payment is often reported twice; a second one has another name.
        let number = if rng.one_of(4) { rng.below(3) } else { 0 };
        let reference = format!("tr-{}-{number}", order.id.sequence());
        let provider = if nonsense && rng.one_of(2) { "till" } else { MANUAL };
        let command = ConfirmPayment { order: order.id, provider: provider.into(), amount_minor, reference, taken: true };
        Some((order.id.partition(), Command::ConfirmPayment(command)))
    }

    /// Pays out what waits for it.
    fn payout(&mut self, rng: &mut Rng, view: &View<'_>, nonsense: bool) -> Option<(u16, Command)> {
        let (order, mut amount_minor) = payout_of(view, *rng.pick(&view.public.payouts)?)?;
        if nonsense {
            amount_minor += [-1, 1, 100][rng.index(3)];
        }
        self.payouts += 1;
        let (provider, reference) = (MANUAL.into(), format!("out-{}", self.payouts));
        Some((order.id.partition(), Command::ConfirmPayout(ConfirmPayout { order: order.id, provider, amount_minor, reference })))
    }
}

fn wanted(rng: &mut Rng, order: &Order) -> bool {
    match order.state {
        OrderState::AwaitingPayment => true,
        OrderState::Cancelled => rng.one_of(2),
        _ => rng.one_of(8),
    }
}

/// The order and amount of a refund that waits to be paid out by hand; nothing when it does not any more.
fn payout_of<'a>(view: &View<'a>, saga: guichet_domain::SagaId) -> Option<(&'a Order, i64)> {
    let state = view.states.get(usize::from(saga.partition()))?;
    match &state.saga(saga)?.pending.as_ref()?.effect {
        Effect::Refund { order, provider, amount_minor, .. } if provider == MANUAL => Some((state.order(*order)?, *amount_minor)),
        _ => None,
    }
}
