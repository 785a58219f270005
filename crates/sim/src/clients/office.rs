//! The office: cancels, gives money back, and looks after what is stuck.

use guichet_domain::commands::{RefundOrder, ResolveLatePayment, RetrySaga};
use guichet_domain::order::{CancelReason, Order, PaymentState};
use guichet_domain::{Command, OrderId};

use super::{View, cancellations, shows};
use crate::plan::Habits;
use crate::rng::Rng;

/// Somebody in the office.
#[derive(Default)]
pub(crate) struct Office;

impl Office {
    pub(super) fn want(&self, rng: &mut Rng, habits: &Habits, view: &View<'_>) -> Option<(u16, Command)> {
        let nonsense = rng.chance(habits.nonsense);
        if let Some(order) = view.stuck_order(rng)
            && !rng.one_of(3)
        {
            let command = look_after(rng, order);
            return Some((order.id.partition(), command));
        }
        let order = view.some_order(rng)?;
        let command = match rng.below(10) {
            0..=3 => cancellations::wish(rng, order, CancelReason::ByOperator, nonsense),
            4 | 5 => refund(rng, order, nonsense),
            6 => look_after(rng, order),
            _ if nonsense => {
                // An order of another partition, or of none.
                let order = OrderId::from_bits(order.id.bits() ^ 0b1_0000);
                Command::RefundOrder(RefundOrder { order, amount_minor: 1, note: String::new() })
            }
            _ => return None,
        };
        Some((order.id.partition(), command))
    }
}

fn refund(rng: &mut Rng, order: &Order, nonsense: bool) -> Command {
    let left = u64::try_from(order.refundable_minor()).unwrap_or(0);
    let mut amount_minor = if rng.one_of(3) { left } else { rng.below(left) + 1 };
    if nonsense {
        amount_minor = [0, left + 1, left.saturating_mul(10)][rng.index(3)];
    }
    let amount_minor = i64::try_from(amount_minor).unwrap_or(i64::MAX);
    Command::RefundOrder(RefundOrder { order: order.id, amount_minor, note: "a kindness".into() })
}

/// What an operator does with an order that does not move: another decision on its late money, or another try.
fn look_after(rng: &mut Rng, order: &Order) -> Command {
    if order.payment == PaymentState::PaidUnfulfilled || rng.one_of(4) {
        return Command::ResolveLatePayment(ResolveLatePayment { order: order.id, policy: shows::late_payment(rng) });
    }
    let refunds: Vec<_> = order.after.iter().flat_map(|after| &after.refunds).map(|refund| refund.saga).collect();
    let saga = if rng.one_of(2) { rng.pick(&refunds).copied().unwrap_or(order.saga) } else { order.saga };
    Command::RetrySaga(RetrySaga { saga })
}
