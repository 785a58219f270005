//! At the end: the provider's ledger and the orders tell the same story.

use std::collections::BTreeMap;

use guichet_core::{LedgerEntry, effect_id};
use guichet_domain::OrderId;
use guichet_domain::order::{Order, OrderState};
use guichet_domain::saga::Direction;

use super::Verdict;

/// Step of the order saga whose effect names the authorisation.
const AUTHORISE: u8 = 1;

/// What a provider did for one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Account {
    authorised: Vec<i64>,
    captured: u32,
    voided: u32,
    refunded: Vec<i64>,
}

/// Holds the ledger against all orders. Returns what the buyers have paid in the end.
pub(crate) fn check<'a>(orders: impl Iterator<Item = &'a Order>, ledger: &[LedgerEntry]) -> Verdict<i64> {
    let orders: BTreeMap<OrderId, &Order> = orders.map(|order| (order.id, order)).collect();
    let names: BTreeMap<String, OrderId> =
        orders.values().map(|order| (format!("sim_{}", effect_id(order.saga, AUTHORISE, Direction::Forward).0), order.id)).collect();
    let mut accounts: BTreeMap<OrderId, Account> = BTreeMap::new();
    for entry in ledger {
        let order = match entry {
            LedgerEntry::Authorised { order, .. } | LedgerEntry::Voided { order } => Some(*order),
            LedgerEntry::Captured { authorisation } | LedgerEntry::Refunded { authorisation, .. } => names.get(authorisation).copied(),
        };
        let Some(order) = order.filter(|order| orders.contains_key(order)) else {
            return Err(format!("the provider did {entry:?}, and no order explains it"));
        };
        let account = accounts.entry(order).or_default();
        match entry {
            LedgerEntry::Authorised { amount_minor, .. } => account.authorised.push(*amount_minor),
            LedgerEntry::Captured { .. } => account.captured += 1,
            LedgerEntry::Voided { .. } => account.voided += 1,
            LedgerEntry::Refunded { amount_minor, .. } => account.refunded.push(*amount_minor),
        }
    }
    let mut paid_minor = 0;
    for order in orders.values() {
        let account = accounts.remove(&order.id).unwrap_or_default();
        if let Some(what) = wrong(order, &account) {
            return Err(format!("{what}: {:?} is {:?}/{:?}, its account {account:?}", order.id, order.state, order.payment));
        }
        if order.state == OrderState::Confirmed {
            paid_minor += order.total_minor;
        }
    }
    Ok(paid_minor)
}

fn wrong(order: &Order, account: &Account) -> Option<&'static str> {
    let Account { authorised, captured, voided, refunded } = account;
    if authorised.len() > 1 || *captured > 1 || *voided > 1 || refunded.len() > 1 {
        return Some("an effect was performed twice");
    }
    if authorised.iter().chain(refunded).any(|amount| *amount != order.total_minor) {
        return Some("an amount is not the order's total");
    }
    if *captured > 0 && authorised.is_empty() {
        return Some("money was taken that was never reserved");
    }
    match order.state {
        OrderState::Confirmed if *captured != 1 || *voided != 0 || !refunded.is_empty() => Some("a confirmed order is not paid once"),
        OrderState::Cancelled if refunded.len() != *captured as usize => Some("a cancelled order keeps the buyer's money"),
        OrderState::Cancelled if *captured == 0 && authorised.len() != *voided as usize => {
            Some("a cancelled order keeps the buyer's money reserved")
        }
        OrderState::Placed | OrderState::AwaitingPayment => Some("an order is not at an end"),
        _ => None,
    }
}
