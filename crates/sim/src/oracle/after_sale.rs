//! What the commands of after the sale may be answered: from the request, the time of its batch and the definition of the show.

use std::collections::BTreeMap;

use guichet_domain::commands::{CancelOrder, ConfirmPayment, RefundOrder};
use guichet_domain::saga::StepError;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::{Command, Event, OrderId, Rejection, State};

use super::expect::expect;

/// Holds accepted events against their command.
pub(super) fn accepted(command: &Command, stamp_unix_ms: u64, events: &[Event], state: &State) -> Result<(), String> {
    let right = match (command, events) {
        (Command::CancelOrder(cancel), events) => return cancelled(cancel, stamp_unix_ms, events, state),
        (
            Command::RefundOrder(refund),
            [Event::RefundStarted { order, saga, amount_minor, note }, Event::SagaStarted { saga: of, .. }, ..],
        ) => *order == refund.order && *amount_minor == refund.amount_minor && *note == refund.note && of == saga,
        (Command::BlockSeats(block), [Event::SeatsBlocked { show, seats, reason }]) => {
            *show == block.show && same(seats, &block.seats) && *reason == block.reason
        }
        (Command::UnblockSeats(unblock), [Event::SeatsUnblocked { show, seats }]) => *show == unblock.show && same(seats, &unblock.seats),
        (Command::RevisePlan(revise), [Event::PlanRevised { show, plan, .. }]) => {
            *show == revise.show && on_sale(plan) == on_sale(&revise.plan)
        }
        // The plan that it had: what the show has by now may be another one.
        (Command::RevisePlan(_), []) => true,
        (Command::ConfirmPayment(confirm), events) => paid(confirm, events),
        (Command::ConfirmPayout(payout), [Event::PaymentRefunded { order, amount_minor, .. }, ..]) => {
            *order == payout.order && *amount_minor == payout.amount_minor
        }
        (Command::ResolveLatePayment(resolve), [Event::LatePolicyChosen { order, policy }, Event::SagaResumed { .. }, ..]) => {
            *order == resolve.order && *policy == resolve.policy
        }
        (Command::RetrySaga(retry), [Event::SagaResumed { saga, .. }, ..]) => *saga == retry.saga,
        (Command::CheckInTicket(scan), [Event::TicketCheckedIn { ticket, list, gate, scanned_at_unix_ms, offline, .. }]) => {
            let at = scan.scanned_offline_at_unix_ms.unwrap_or(stamp_unix_ms);
            let when = *scanned_at_unix_ms == at && *offline == scan.scanned_offline_at_unix_ms.is_some();
            *ticket == scan.ticket && *list == scan.list && *gate == scan.gate && when
        }
        _ => false,
    };
    expect(right, "the events are not those of this command")
}

/// What a plan sells: each seat by its label, with its category.
fn on_sale(plan: &SeatingPlan) -> BTreeMap<String, &str> {
    let seats = plan.rows.iter().flat_map(|row| &row.seats);
    let category = |seat: u32| plan.categories[usize::from(plan.seats[seat as usize].category)].name.as_str();
    seats.map(|seat| (plan.seat_label(*seat), category(*seat))).collect()
}

fn same(sorted: &[u32], asked: &[u32]) -> bool {
    let mut asked = asked.to_vec();
    asked.sort_unstable();
    sorted == asked
}

fn paid(confirm: &ConfirmPayment, events: &[Event]) -> bool {
    match events {
        [Event::PaymentAuthorised { order, authorisation }, Event::StepDone { .. }, ..] => {
            *order == confirm.order && *authorisation == confirm.reference
        }
        [Event::PaymentArrivedLate { order, amount_minor, reference, .. }, Event::SagaStarted { .. }, ..] => {
            *order == confirm.order && *amount_minor == confirm.amount_minor && *reference == confirm.reference
        }
        _ => false,
    }
}

fn cancelled(cancel: &CancelOrder, stamp_unix_ms: u64, events: &[Event], state: &State) -> Result<(), String> {
    match events {
        [Event::PositionsCancelled { order, positions, fees_minor, reason }, ..] => {
            expect(*order == cancel.order && *reason == cancel.reason, "another order was cancelled")?;
            let mut asked = cancel.positions.clone();
            asked.iter_mut().for_each(|asked| {
                asked.sort_unstable();
                asked.dedup();
            });
            expect(asked.is_none_or(|asked| asked == *positions), "other positions were cancelled")?;
            let order = state.order(*order).ok_or("an order was cancelled that is not there")?;
            for (number, fee) in positions.iter().zip(fees_minor) {
                let place = order.positions().nth(*number as usize).ok_or("a position was cancelled that is not there")?;
                let show = state.show(place.line.show).ok_or("an order is of a show that is not here")?;
                let price = show.definition.products[usize::from(place.item.product)].price_minor;
                let due = if cancel.waive_fee { 0 } else { show.definition.cancellation_fee_minor(price, stamp_unix_ms) };
                expect(*fee == due, "the fee is not that of the show")?;
            }
            Ok(())
        }
        [Event::CancelRequested { order, reason }] => {
            expect(*order == cancel.order && *reason == cancel.reason && cancel.positions.is_none(), "another order was cancelled")
        }
        [Event::StepFailed { error: StepError::Cancelled(reason), .. }, ..] => {
            expect(*reason == cancel.reason && cancel.positions.is_none(), "another order was turned round")
        }
        _ => Err("a cancellation led to nothing".to_owned()),
    }
}

/// Whether a refusal is one to this command.
pub(super) fn refused(command: &Command, rejection: &Rejection, state: &State) -> bool {
    use Rejection as R;
    // The money of a part is with its home.
    if let R::PartOfOrder { order: named, .. } = rejection {
        return match command {
            Command::RefundOrder(RefundOrder { order, .. }) | Command::ConfirmPayment(ConfirmPayment { order, .. }) => order == named,
            _ => false,
        };
    }
    let alone = |order: OrderId| state.order(order).is_none_or(|order| order.across.is_none());
    match command {
        Command::CancelOrder(cancel) => match rejection {
            R::OrderNotFound { order } | R::OrderStuck { order } | R::OrderAlreadyCancelled { order } => *order == cancel.order,
            R::OrderNotConfirmed { order, .. } => *order == cancel.order && (cancel.positions.is_some() || !alone(*order)),
            R::NothingSelected => cancel.positions.as_ref().is_some_and(Vec::is_empty),
            R::UnknownPosition { order, position } | R::PositionCancelled { order, position } => {
                *order == cancel.order && cancel.positions.as_ref().is_some_and(|positions| positions.contains(position))
            }
            _ => false,
        },
        Command::RefundOrder(refund) => match rejection {
            R::OrderNotFound { order } | R::OrderStuck { order } | R::OrderNotConfirmed { order, .. } => *order == refund.order,
            R::NothingSelected => refund.amount_minor <= 0,
            R::RefundTooLarge { order, requested_minor, .. } => *order == refund.order && *requested_minor == refund.amount_minor,
            _ => false,
        },
        Command::BlockSeats(block) => match rejection {
            R::SeatTaken { show, seats } => *show == block.show && seats.iter().all(|seat| block.seats.contains(seat)),
            _ => wrong_seats(&block.seats, rejection),
        },
        Command::RevisePlan(revise) => match rejection {
            R::ShowNotFound { show } => *show == revise.show,
            R::PlanConflict { show, lost, parted } => {
                let wanted = on_sale(&revise.plan);
                let lacks = |seat: &u32| state.show(*show).is_some_and(|show| !wanted.contains_key(&show.plan.seat_label(*seat)));
                // The hall has no tables.
                *show == revise.show && lost.iter().all(lacks) && parted.is_empty()
            }
            _ => false,
        },
        Command::UnblockSeats(unblock) => match rejection {
            R::SeatNotBlocked { show, seats } => *show == unblock.show && seats.iter().all(|seat| unblock.seats.contains(seat)),
            _ => wrong_seats(&unblock.seats, rejection),
        },
        Command::ConfirmPayment(confirm) => match rejection {
            R::WrongProvider { order, provider } => *order == confirm.order && *provider != confirm.provider,
            R::WrongAmount { order, received_minor, .. } => *order == confirm.order && *received_minor == confirm.amount_minor,
            // Only what was merely reserved can come for an order that is cancelled and be refused for that.
            R::OrderAlreadyCancelled { order } => *order == confirm.order && !confirm.taken,
            R::OrderNotFound { order }
            | R::OrderStuck { order }
            | R::PaymentAlreadyKnown { order }
            | R::OrderAlreadyPaid { order }
            | R::NotAwaitingPayment { order } => *order == confirm.order,
            _ => false,
        },
        Command::ConfirmPayout(payout) => match rejection {
            R::OrderNotFound { order } => *order == payout.order,
            R::WrongProvider { order, provider } => *order == payout.order && *provider != payout.provider,
            R::NoPayoutPending { order, amount_minor } => *order == payout.order && *amount_minor == payout.amount_minor,
            _ => false,
        },
        Command::ResolveLatePayment(resolve) => match rejection {
            R::OrderNotFound { order } | R::NoLatePayment { order } => *order == resolve.order,
            R::SagaNotStuck { .. } => true,
            _ => false,
        },
        Command::RetrySaga(retry) => matches!(rejection, R::SagaNotFound { saga } | R::SagaNotStuck { saga } if *saga == retry.saga),
        Command::CheckInTicket(scan) => match rejection {
            R::TicketOfOtherShow { ticket, show } => *ticket == scan.ticket && *show != scan.show,
            R::UnknownCheckInList { show, list } => *show == scan.show && *list == scan.list,
            R::TicketNotOnList { ticket, list } => *ticket == scan.ticket && *list == scan.list,
            R::TicketNotFound { ticket } | R::TicketCancelled { ticket } | R::TicketAlreadyUsed { ticket, .. } => *ticket == scan.ticket,
            R::ShowNotFound { show } => *show == scan.show,
            _ => false,
        },
        _ => false,
    }
}

fn wrong_seats(asked: &[u32], rejection: &Rejection) -> bool {
    match rejection {
        Rejection::ShowNotFound { .. } => true,
        Rejection::NothingSelected => asked.is_empty(),
        Rejection::SeatTwice { seat } => asked.iter().filter(|other| *other == seat).count() > 1,
        Rejection::UnknownSeat { seat } => asked.contains(seat),
        _ => false,
    }
}
