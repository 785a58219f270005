//! The state of a partition as plain data, to be kept somewhere and taken up again without its history.
//!
//! Parts are the state without what follows from the rest: the timers, whose a ticket is, and who has a part here. Taking a state apart and putting it together moves its tables
//! and copies none. Must never be true: a field of the state that is neither a part nor derived. Both directions name every field, so
//! a new one breaks the build here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::dedup::Dedup;
use crate::dense::Dense;
use crate::hold::{Claim, Hold, HoldItem};
use crate::key::ApiKey;
use crate::order::{Order, OrderState};
use crate::organiser::Organisers;
use crate::saga::Saga;
use crate::seating::{Row, SeatingPlan};
use crate::show::ShowDefinition;
use crate::state::{Sequences, Show, State, Timer};
use crate::{ApiKeyId, OrderId, SagaId, ShowId, VenueId};

/// Everything that a partition knows and cannot derive.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the state")]
pub struct StateParts {
    pub partition: u16,
    pub incarnation: u16,
    pub logged_unix_ms: u64,
    pub sequences: Sequences,
    pub venues: BTreeMap<VenueId, Arc<SeatingPlan>>,
    pub catalogue: BTreeMap<ShowId, Arc<ShowDefinition>>,
    pub api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub organisers: Organisers,
    pub shows: FxHashMap<ShowId, Show>,
    pub holds: Dense<Hold>,
    pub orders: Dense<Order>,
    pub barred: BTreeSet<(u64, SagaId)>,
    pub sagas: Dense<Saga>,
    pub dedup: Dedup,
}

/// Parts that cannot have been one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction(pub &'static str);

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Contradiction {}

impl State {
    /// Takes the state apart.
    #[must_use]
    pub fn into_parts(self) -> StateParts {
        let Self {
            partition,
            incarnation,
            logged_unix_ms,
            sequences,
            venues,
            catalogue,
            api_keys,
            organisers,
            shows,
            holds,
            orders,
            tickets: _,
            parts: _,
            barred,
            sagas,
            timers: _,
            dedup,
        } = self;
        StateParts {
            partition,
            incarnation,
            logged_unix_ms,
            sequences,
            venues,
            catalogue,
            api_keys,
            organisers,
            shows,
            holds,
            orders,
            barred,
            sagas,
            dedup,
        }
    }

    /// Puts a state together. Parts that were stored must have been held to [`StateParts::check`].
    #[must_use]
    pub fn from_parts(parts: StateParts) -> Self {
        let (timers, tickets, of_others) = (parts.timers(), parts.tickets(), parts.parts_of_others());
        let StateParts {
            partition,
            incarnation,
            logged_unix_ms,
            sequences,
            venues,
            catalogue,
            api_keys,
            organisers,
            shows,
            holds,
            orders,
            barred,
            sagas,
            dedup,
        } = parts;
        Self {
            partition,
            incarnation,
            logged_unix_ms,
            sequences,
            venues,
            catalogue,
            api_keys,
            organisers,
            shows,
            holds,
            orders,
            tickets,
            parts: of_others,
            barred,
            sagas,
            timers,
            dedup,
        }
    }
}

impl StateParts {
    /// What is to happen: each live hold ends unless a part has pinned it, each part that is not decided asks for its home, and each
    /// effect that waits for its next try is tried.
    fn timers(&self) -> BTreeSet<(u64, Timer)> {
        let part = |order: OrderId| self.orders.get(order.sequence()).and_then(Order::part_of);
        let free = self.holds.values().filter(|hold| hold.order.and_then(part).is_none());
        let ends = free.map(|hold| (hold.expires_at_unix_ms, Timer::HoldEnds(hold.id)));
        let undecided = self.orders.values().filter(|order| !matches!(order.state, OrderState::Confirmed | OrderState::Cancelled));
        let asks = undecided.filter_map(|order| Some((order.part_of()?.due_unix_ms, Timer::PartDue(order.id))));
        let retry = |saga: &Saga| Some((saga.pending.as_ref()?.retry_at_unix_ms?, Timer::RetryDue(saga.id)));
        // Sorted first, the tree is built from its leaves: several times faster than one by one.
        let mut timers: Vec<_> = ends.chain(asks).chain(self.sagas.values().filter_map(retry)).collect();
        timers.sort_unstable();
        timers.into_iter().collect()
    }

    /// The parts that orders of other partitions have here.
    fn parts_of_others(&self) -> BTreeMap<SagaId, OrderId> {
        self.orders.values().filter_map(|order| Some((order.part_of()?.saga, order.id))).collect()
    }

    /// The order of each run of tickets.
    fn tickets(&self) -> BTreeMap<u64, OrderId> {
        self.orders.values().filter_map(|order| Some((order.first_ticket?.sequence(), order.id))).collect()
    }

    /// Looks whether everything that a part names is there. It does not recount what is sold.
    ///
    /// # Errors
    /// When something is missing: an event that leads there would stop the partition by a panic.
    pub fn check(&self) -> Result<(), Contradiction> {
        self.venues.values().try_for_each(|plan| check_rows(plan))?;
        for show in self.shows.values() {
            check_rows(&show.plan)?;
            let (seats, quotas) = (show.plan.seats.len(), show.definition.quotas.len());
            if show.inventory.seats.len() as usize != seats || show.inventory.quotas.len() != quotas {
                return Err(Contradiction("what is left of a show does not fit its plan"));
            }
            if show.definition.products.iter().flat_map(|product| &product.quotas).any(|quota| usize::from(*quota) >= quotas) {
                return Err(Contradiction("a product draws on a quota that is not there"));
            }
        }
        self.holds.values().try_for_each(|hold| self.check_claims(hold.show, &hold.items))?;
        let lines = self.orders.values().flat_map(|order| &order.lines);
        lines.into_iter().try_for_each(|line| self.check_claims(line.show, &line.items))
    }

    /// Looks whether all that is claimed of a show is there.
    ///
    /// # Errors
    /// When it is not.
    pub fn check_claims(&self, show: ShowId, items: &[HoldItem]) -> Result<(), Contradiction> {
        let show = self.shows.get(&show).ok_or(Contradiction("a hold or an order is of no show"))?;
        let there = |item: &HoldItem| {
            let seats = match &item.claim {
                Claim::Seats(seats) => seats.iter().all(|seat| *seat < show.inventory.seats.len()),
                Claim::Quantity(_) => true,
            };
            seats && usize::from(item.product) < show.definition.products.len()
        };
        if items.iter().all(there) { Ok(()) } else { Err(Contradiction("a claim is on a seat or product that is not there")) }
    }
}

fn check_rows(plan: &SeatingPlan) -> Result<(), Contradiction> {
    let there = |row: &Row| {
        let section = row.section.is_none_or(|section| usize::from(section) < plan.sections.len());
        section && row.seats.iter().all(|seat| (*seat as usize) < plan.seats.len())
    };
    let in_a_row = plan.seats.iter().all(|seat| (seat.row as usize) < plan.rows.len());
    if in_a_row && plan.rows.iter().all(there) { Ok(()) } else { Err(Contradiction("a row of a plan has seats that are not there")) }
}
