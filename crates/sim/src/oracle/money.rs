//! At the end: the provider's ledger, the journal and the orders tell the same story, and nobody's money is left over.

use std::collections::BTreeMap;

use guichet_core::{LedgerEntry, effect_id};
use guichet_domain::order::{Order, OrderState};
use guichet_domain::saga::Direction;
use guichet_domain::{OrderId, SagaId};

use super::Verdict;
use super::accounts::Account;
use crate::clients::SIMULATED;

/// Step of the order saga whose effect names the authorisation, and that of the saga of an order over several partitions.
const AUTHORISE: (u8, u8) = (1, 2);

/// What the provider did for one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Deeds {
    authorised: Vec<i64>,
    captured: u32,
    voided: u32,
    /// A void found money that had been taken at once, and gave it back.
    reversed: u32,
    refunded: Vec<i64>,
}

/// An order, the saga that it was placed with, and what the journal says about its money.
pub(crate) struct Row<'a> {
    pub(crate) order: &'a Order,
    pub(crate) saga: SagaId,
    pub(crate) account: Account,
}

/// Holds the ledger against all orders.
pub(crate) fn check<'a>(rows: impl Iterator<Item = Row<'a>>, ledger: &[LedgerEntry]) -> Verdict {
    let rows: BTreeMap<OrderId, Row<'a>> = rows.map(|row| (row.order.id, row)).collect();
    let names: BTreeMap<String, OrderId> = rows
        .values()
        .map(|row| (format!("sim_{}", effect_id(row.saga, authorise(row.order), Direction::Forward).0), row.order.id))
        .collect();
    let mut deeds: BTreeMap<OrderId, Deeds> = BTreeMap::new();
    for entry in ledger {
        let order = match entry {
            LedgerEntry::Authorised { order, .. } | LedgerEntry::Voided { order } => Some(*order),
            LedgerEntry::Captured { authorisation }
            | LedgerEntry::Reversed { authorisation }
            | LedgerEntry::Refunded { authorisation, .. } => names.get(authorisation).copied(),
        };
        let Some(order) = order.filter(|order| rows.contains_key(order)) else {
            return Err(format!("the provider did {entry:?}, and no order explains it"));
        };
        let row = deeds.entry(order).or_default();
        match entry {
            LedgerEntry::Authorised { amount_minor, .. } => row.authorised.push(*amount_minor),
            LedgerEntry::Captured { .. } => row.captured += 1,
            LedgerEntry::Voided { .. } => row.voided += 1,
            LedgerEntry::Reversed { .. } => row.reversed += 1,
            LedgerEntry::Refunded { amount_minor, .. } => row.refunded.push(*amount_minor),
        }
    }
    for Row { order, account, .. } in rows.values() {
        let deeds = deeds.remove(&order.id).unwrap_or_default();
        let fees = |id: &OrderId| rows.get(id).and_then(|row| row.order.after.as_ref()).map_or(0, |after| after.fees_minor);
        let fees_minor = fees(&order.id) + order.parts().iter().map(fees).sum::<i64>();
        let what = balance(order, account, fees_minor).or_else(|| agrees(order, account, &deeds));
        if let Some(what) = what {
            let (state, payment) = (order.state, order.payment);
            return Err(format!("{what}: {:?} is {state:?}/{payment:?}, in the journal {account:?}, at the provider {deeds:?}", order.id));
        }
    }
    Ok(())
}

fn authorise(order: &Order) -> u8 {
    if order.home_of().is_some() { AUTHORISE.1 } else { AUTHORISE.0 }
}

/// The journal alone: what came was kept for what was sold, or went back.
fn balance(order: &Order, account: &Account, fees_minor: i64) -> Option<&'static str> {
    let kept = account.received - account.returned;
    if kept < 0 {
        return Some("more was given back than came");
    }
    if matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment) {
        return Some("an order is not at an end");
    }
    if kept != account.sold - account.given {
        return Some("what is kept is not what was sold and not given back");
    }
    // What a part costs is paid to its home.
    if order.state == OrderState::Confirmed && order.part_of().is_none() && account.sold != order.total_minor {
        return Some("an order is sold at another price");
    }
    if order.state == OrderState::Cancelled && kept > fees_minor {
        return Some("a cancelled order keeps more than its fees");
    }
    None
}

/// The provider's ledger against the journal.
fn agrees(order: &Order, account: &Account, deeds: &Deeds) -> Option<&'static str> {
    let Deeds { authorised, captured, voided, reversed, refunded } = deeds;
    if order.payment_request.provider != SIMULATED {
        return (*deeds != Deeds::default()).then_some("the provider moved money for an order that is not its own");
    }
    let taken = (i64::from(*captured) - i64::from(*reversed)) * order.total_minor;
    if authorised.len() > 1 || *captured > 1 || *voided + *reversed > 1 {
        return Some("an effect was performed twice");
    }
    if authorised.iter().any(|amount| *amount != order.total_minor) {
        return Some("an amount is not the order's total");
    }
    if *captured > 0 && authorised.is_empty() {
        return Some("money was taken that was never reserved");
    }
    if taken != account.received {
        return Some("what the provider took is not what the journal received");
    }
    if refunded.iter().sum::<i64>() != account.returned {
        return Some("what the provider gave back is not what the journal says");
    }
    // A void may come too late for a payment that is taken at once; then it gives nothing back.
    if *captured > 0 && *voided > 0 && !account.late {
        return Some("what was taken was given back like a reservation");
    }
    if *captured == 0 && authorised.len() != *voided as usize {
        return Some("the buyer's money stays reserved");
    }
    None
}
