//! What the server has acknowledged, and what follows from it.
//!
//! A hold or an order enters when its answer has been read. Its fate changes *before* a release or an order is sent, so a seat that the
//! server gives to somebody else although no such thing was sent is always seen.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use guichet_api::{Hold, Order, OrderState, PlaceHold, PlaceOrder};

/// What its owner has asked for since a hold was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Live,
    /// A release was sent, its answer not seen.
    ReleaseSent,
    /// A release was acknowledged.
    Released,
    /// An order was sent or acknowledged.
    Ordered { declined: bool, acknowledged: bool },
}

impl Fate {
    /// Whether somebody else may have its places.
    fn may_be_free(&self) -> bool {
        matches!(self, Self::ReleaseSent | Self::Released | Self::Ordered { declined: true, .. })
    }
}

/// A hold that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct HeldEntry {
    pub(crate) owner: usize,
    pub(crate) key: String,
    pub(crate) request: PlaceHold,
    pub(crate) answer: Hold,
    pub(crate) fate: Fate,
}

/// An order that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct OrderEntry {
    pub(crate) key: String,
    pub(crate) request: PlaceOrder,
    pub(crate) answer: Order,
    pub(crate) declined: bool,
}

/// A request whose answer did not come: nobody knows, and the same key finds out.
#[derive(Clone, Debug)]
pub(crate) enum Unanswered {
    Hold { owner: usize, show: String, key: String, request: PlaceHold },
    Order { key: String, request: PlaceOrder, declined: bool },
}

/// A refusal that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) show: String,
    pub(crate) key: String,
    pub(crate) request: PlaceHold,
    pub(crate) code: String,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) holds: BTreeMap<String, HeldEntry>,
    pub(crate) orders: BTreeMap<String, OrderEntry>,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) unanswered: Vec<Unanswered>,
    /// Who was ever given a seat.
    seats: HashMap<(String, String), Vec<String>>,
    problems: Vec<String>,
    repeats: u64,
}

#[derive(Default, Clone)]
pub(crate) struct Ledger(std::sync::Arc<Mutex<Books>>);

impl Ledger {
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    pub(crate) fn problem(&self, what: String) {
        self.books().problems.push(what);
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        self.books().problems.clone()
    }

    /// A hold was acknowledged.
    pub(crate) fn held(&self, owner: usize, key: &str, request: &PlaceHold, answer: Hold) {
        let mut books = self.books();
        if let Some(known) = books.holds.get(&answer.hold) {
            let problem = format!("hold {} was given to key {} and to key {key}", answer.hold, known.key);
            books.problems.push(problem);
            return;
        }
        for seat in answer.items.iter().filter_map(|item| item.seats.as_ref()).flatten() {
            let place = (answer.show.clone(), seat.clone());
            let before = books.seats.entry(place).or_default();
            before.push(answer.hold.clone());
            let before = before.clone();
            for other in before.iter().filter(|other| **other != answer.hold) {
                if !books.holds[other].fate.may_be_free() {
                    let problem = format!("seat {seat} of show {}: hold {other} has it, hold {} was given it", answer.show, answer.hold);
                    books.problems.push(problem);
                }
            }
        }
        let entry = HeldEntry { owner, key: key.to_owned(), request: request.clone(), answer, fate: Fate::Live };
        books.holds.insert(entry.answer.hold.clone(), entry);
    }

    /// An order was acknowledged.
    pub(crate) fn ordered(&self, key: &str, request: &PlaceOrder, declined: bool, answer: Order) {
        for hold in &request.holds {
            self.fate(hold, Fate::Ordered { declined, acknowledged: true });
        }
        let entry = OrderEntry { key: key.to_owned(), request: request.clone(), answer, declined };
        let mut books = self.books();
        let id = entry.answer.order.clone();
        if let Some(known) = books.orders.insert(id, entry) {
            let problem = format!("order {} was given to key {} and to key {key}", known.answer.order, known.key);
            books.problems.push(problem);
        }
    }

    pub(crate) fn fate(&self, hold: &str, fate: Fate) {
        self.books().holds.get_mut(hold).expect("only acknowledged holds have a fate").fate = fate;
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        self.books().refusals.push(refusal);
    }

    pub(crate) fn unanswered(&self, request: Unanswered) {
        self.books().unanswered.push(request);
    }

    pub(crate) fn repeated(&self) {
        self.books().repeats += 1;
    }

    /// The live holds of a buyer.
    pub(crate) fn live_of(&self, owner: usize) -> Vec<HeldEntry> {
        let books = self.books();
        books.holds.values().filter(|held| held.owner == owner && held.fate == Fate::Live).cloned().collect()
    }

    pub(crate) fn summary(&self) -> String {
        let books = self.books();
        let confirmed = books.orders.values().filter(|order| order.answer.state == OrderState::Confirmed).count();
        format!(
            "acknowledged: {} holds, {} orders ({confirmed} confirmed), {} refusals; {} repeated keys",
            books.holds.len(),
            books.orders.len(),
            books.refusals.len(),
            books.repeats
        )
    }
}
