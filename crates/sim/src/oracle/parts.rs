//! Orders over several partitions: what the others may answer, whether a refusal of theirs was true, and at rest that each home and its
//! parts tell the same story.

use std::collections::BTreeSet;

use guichet_domain::across::PartRequest;
use guichet_domain::commands::PlaceOrder;
use guichet_domain::order::{Order, OrderState};
use guichet_domain::saga::Effect;
use guichet_domain::{Command, Event, OrderId, Rejection, SagaId, State};

use super::accounts::{Account, Accounts};
use super::expect::expect;
use super::{Oracle, Verdict};

/// Whether an order has come to an end, good or bad.
pub(crate) fn is_decided(order: &Order) -> bool {
    matches!(order.state, OrderState::Confirmed | OrderState::Cancelled)
}

pub(super) fn holds_of(order: &PlaceOrder) -> usize {
    order.parts.iter().fold(order.holds.len(), |sum, part| sum + part.holds.len())
}

/// Whether parts are asked for that no order can have.
pub(super) fn makes_no_sense(order: &PlaceOrder) -> bool {
    let euro = |part: &PartRequest| part.currency.to_string() == "EUR";
    let home = order.holds.first().map(|hold| hold.partition());
    let right = |part: &PartRequest| {
        let there = part.holds.iter().all(|hold| hold.partition() == part.partition);
        there && Some(part.partition) != home && part.total_minor >= 0 && euro(part)
    };
    !order.parts.iter().all(right)
}

/// An order over several partitions asks for its parts first.
pub(super) fn wanted(asked: &PlaceOrder, order: OrderId, rest: &[Event]) -> Result<(), String> {
    let wants = |event: &Event| matches!(event, Event::PartsWanted { order: of, parts, .. } if *of == order && *parts == asked.parts);
    let asks = |event: &Event| {
        matches!(event, Event::EffectIntended { effect: Effect::ReserveParts { order: of, parts, .. }, .. }
            if *of == order && *parts == asked.parts)
    };
    expect(!makes_no_sense(asked), "the parts make no sense")?;
    expect(rest.iter().any(wants) && rest.iter().any(asks), "other parts were asked for")
}

/// Whether a command is one of those that only other partitions send.
pub(super) fn is_one(command: &Command) -> bool {
    matches!(
        command,
        Command::PlacePart(_) | Command::BookPart(_) | Command::ConfirmPart(_) | Command::ReleasePart(_) | Command::RefundPart(_)
    )
}

/// Holds accepted events against their command; what was done before is accepted and nothing happens.
pub(super) fn accepted(command: &Command, events: &[Event], state: &State) -> Result<(), String> {
    let right = match (command, events) {
        (Command::PlacePart(place), []) => state.part_of_saga(place.saga).is_some_and(|part| part.holds == place.holds),
        (Command::PlacePart(place), [Event::PartPlaced { home, saga, holds, total_minor, deadline_unix_ms, .. }]) => {
            let same = *home == place.home && *saga == place.saga && *holds == place.holds;
            same && *total_minor == place.total_minor && *deadline_unix_ms == place.deadline_unix_ms
        }
        (Command::BookPart(book), []) => state.order(book.part).is_some_and(|part| part.part_of().is_some()),
        (Command::BookPart(book), [Event::SeatsBooked { order, .. }]) => *order == book.part,
        (Command::ConfirmPart(confirm), []) => state.order(confirm.part).is_some_and(|part| part.issued),
        (Command::ConfirmPart(confirm), [Event::TicketsIssued { order, key_id }, Event::OrderConfirmed { order: of }]) => {
            *order == confirm.part && of == order && *key_id == confirm.key_id
        }
        (Command::ReleasePart(release), []) => {
            state.part_of_saga(release.saga).is_none_or(|part| part.state == OrderState::Cancelled && !part.issued)
        }
        (Command::ReleasePart(release), [Event::PartBarred { home, saga, until_unix_ms }]) => {
            *home == release.home && *saga == release.saga && *until_unix_ms == release.deadline_unix_ms
        }
        (Command::ReleasePart(release), [.., Event::OrderCancelled { order, reason }]) => {
            state.part_of_saga(release.saga).is_some_and(|part| part.id == *order) && *reason == release.reason
        }
        (Command::RefundPart(refund), []) => {
            state.order(refund.order).and_then(Order::home_of).is_some_and(|home| home.refunds_taken.contains(&refund.by))
        }
        (Command::RefundPart(refund), [Event::PartRefundTaken { order, part, by, amount_minor }, rest @ ..]) => {
            let same = *order == refund.order && *part == refund.part && *by == refund.by;
            let started = |event: &Event| match event {
                Event::RefundStarted { order: of, amount_minor, .. } if of == order => *amount_minor,
                _ => 0,
            };
            let given: i64 = rest.iter().map(started).sum();
            same && given == *amount_minor && (0..=refund.amount_minor).contains(amount_minor)
        }
        _ => false,
    };
    expect(right, "the events are not those of this command to a part")
}

/// Whether a refusal is one to this command. What is booked is never refused to be confirmed, and what is sold nobody releases.
pub(super) fn refused(command: &Command, rejection: &Rejection, stamp_unix_ms: u64) -> bool {
    use Rejection as R;
    match command {
        Command::PlacePart(place) => match rejection {
            R::PartReleased { home } => *home == place.home,
            R::ReservedTooLate { home } => *home == place.home && stamp_unix_ms >= place.deadline_unix_ms,
            R::WrongAmount { order, received_minor, .. } => *order == place.home && *received_minor == place.total_minor,
            R::HoldTwice { hold } => place.holds.iter().filter(|other| *other == hold).count() > 1,
            _ => false,
        },
        Command::BookPart(_) => matches!(rejection, R::PartReleased { .. }),
        Command::RefundPart(refund) => {
            matches!(rejection, R::OrderStuck { order } | R::OrderNotConfirmed { order, .. } if *order == refund.order)
        }
        _ => false,
    }
}

/// Whether a refusal about parts was true when it was given; nothing when it is about something else.
pub(super) fn is_true(rejection: &Rejection, state: &State, accounts: &Accounts) -> Option<bool> {
    let part_of = |home: &OrderId| state.orders().find(|order| order.part_of().is_some_and(|part| part.home == *home));
    Some(match rejection {
        Rejection::PartReleased { home } => {
            part_of(home).map_or_else(|| accounts.barred.contains(home), |part| part.state == OrderState::Cancelled)
        }
        Rejection::ReservedTooLate { home } => part_of(home).is_none(),
        Rejection::PartSold { order } => state.order(*order).is_some_and(|part| part.state == OrderState::Confirmed),
        Rejection::PartOfOrder { order, home } => state.order(*order).and_then(Order::part_of).is_some_and(|part| part.home == *home),
        _ => return None,
    })
}

/// What the places of an order cost by the definitions of their shows.
fn price_minor(order: &Order, state: &State) -> i64 {
    let price = |position: guichet_domain::order::OrderPosition<'_>| {
        let product = state.show(position.line.show)?.definition.products.get(usize::from(position.item.product))?;
        Some(product.price_minor)
    };
    order.positions().filter_map(price).sum()
}

/// At rest: each home and its parts.
pub(crate) fn check(oracles: &[Oracle]) -> Verdict {
    let mut known: BTreeSet<OrderId> = BTreeSet::new();
    for oracle in oracles {
        let state = &oracle.follower;
        for home in state.orders() {
            let Some(of) = home.home_of() else { continue };
            let wanted: i64 = of.wanted.iter().map(|part| part.total_minor).sum();
            if home.total_minor != price_minor(home, state) + wanted {
                return Err(format!("{:?} does not cost what its places and its parts cost together: {of:?}", home.id));
            }
            let account = oracle.accounts.order(home.id).cloned().unwrap_or_default();
            let mut told = BTreeSet::new();
            for part in &of.wanted {
                let other = oracles.get(usize::from(part.partition));
                let there = other.and_then(|other| Some((other, other.follower.part_of_saga(account.saga?)?)));
                match there {
                    Some((other, order)) => {
                        known.insert(order.id);
                        told.extend(agrees(home, &account, part, other, order)?);
                    }
                    None if account.confirmed => return Err(format!("{:?} was sold without {part:?}", home.id)),
                    None => {}
                }
            }
            if told != account.told {
                return Err(format!("{:?} gave back for {:?}, its parts had asked for {told:?}", home.id, account.told));
            }
        }
    }
    let mut parts = oracles.iter().flat_map(|oracle| oracle.follower.orders()).filter(|order| order.part_of().is_some());
    parts.find(|part| !known.contains(&part.id)).map_or(Ok(()), |part| Err(format!("no order wants the part {:?}", part.id)))
}

/// A part that is there, and its home; gives the sagas that have told the home to give money back.
fn agrees(home: &Order, account: &Account, wanted: &PartRequest, oracle: &Oracle, part: &Order) -> Verdict<BTreeSet<SagaId>> {
    let own = oracle.accounts.order(part.id).cloned().unwrap_or_default();
    let same = part.part_of().is_some_and(|of| of.home == home.id) && part.holds == wanted.holds;
    let what = if !same || part.total_minor != wanted.total_minor || part.total_minor != price_minor(part, &oracle.follower) {
        Some("a part is not what was ordered")
    } else if !is_decided(part) {
        Some("a part is not decided")
    } else if own.confirmed != account.confirmed {
        Some("an order was sold in part")
    } else if home.state == OrderState::Cancelled && part.state != OrderState::Cancelled {
        Some("a part has outlived its home")
    } else if !own.owed.is_empty() {
        Some("a part has not told its home what it owes")
    } else {
        None
    };
    match what {
        Some(what) => Err(format!("{what}: {part:?}, {own:?}; its home is {home:?}, {account:?}")),
        None => Ok(own.told),
    }
}
