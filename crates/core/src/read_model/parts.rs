//! The live projection beside the state of the same offset: what it has more than that.
//!
//! Catalogue, shows and live holds say the same in both, so a snapshot has them once and both share them in memory. Taking a model
//! apart checks that they do say the same: a projection that has gone astray never gets into a snapshot.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use guichet_domain::dense::Dense;
use guichet_domain::hold::Hold;
use guichet_domain::parts::{Contradiction, StateParts};
use guichet_domain::seating::SeatingPlan;
use guichet_domain::{OrderId, SagaId, ShowId};
use rustc_hash::FxHashMap;

use super::seat_names::SeatNames;
use super::{Catalogue, Ended, HoldState, HoldView, OrderView, ProductTally, ReadModel, ShowView};

/// What a live projection has beside a state.
pub(crate) struct ModelParts {
    pub(crate) next_offset: u64,
    pub(crate) stamp_unix_ms: u64,
    pub(crate) forgotten_below: u64,
    /// What is known of shows beside what is left of them.
    pub(crate) shows: BTreeMap<ShowId, ShowRest>,
    /// Holds that are not live.
    pub(crate) ended_holds: Vec<HoldView>,
    pub(crate) orders: Dense<OrderView>,
    pub(crate) sagas: BTreeMap<SagaId, OrderId>,
    pub(crate) ended: VecDeque<(u64, Ended)>,
}

/// What a show's view has beside the show.
pub(crate) struct ShowRest {
    /// Offset of the last change.
    pub(crate) changed_at_offset: u64,
    pub(crate) products: Vec<ProductTally>,
    pub(crate) blocked: Vec<(u32, String)>,
}

impl HoldView {
    /// A live hold as the projection has it.
    fn of_live(hold: &Hold) -> Self {
        let Hold { id, show, items, expires_at_unix_ms, order, buyer_ref: _, keys: _ } = hold;
        let state = if order.is_some() { HoldState::InOrder } else { HoldState::Live };
        Self { id: *id, show: *show, items: Arc::clone(items), expires_at_unix_ms: *expires_at_unix_ms, state, order: *order }
    }
}

impl ReadModel {
    /// Takes the model apart.
    ///
    /// # Errors
    /// When it does not say what the state says.
    pub(crate) fn into_parts(self, state: &StateParts) -> Result<ModelParts, Contradiction> {
        let Self { next_offset, stamp_unix_ms, forgotten_below, catalogue, shows, holds, orders, sagas, ended, parts: _ } = self;
        let same = Catalogue::new(state.venues.clone(), state.catalogue.clone(), state.organisers.clone(), state.api_keys.clone());
        if catalogue != same {
            return Err(Contradiction("the projection's catalogue is not the state's"));
        }
        let same = |view: &ShowView| {
            let ShowView { definition, plan: _, names: _, sale, inventory, products: _, blocked: _, changed_at_offset: _ } = view;
            let show = state.shows.get(&definition.id);
            show.is_some_and(|show| *definition == show.definition && *sale == show.sale && *inventory == show.inventory)
        };
        if shows.len() != state.shows.len() || !shows.values().all(same) {
            return Err(Contradiction("a show of the projection is not the state's"));
        }
        let in_state = |view: &&HoldView| {
            let hold = state.holds.get(view.id.sequence());
            hold.is_some_and(|hold| HoldView::of_live(hold) == **view)
        };
        let ended_holds: Vec<HoldView> = holds.values().filter(|view| !in_state(view)).cloned().collect();
        if holds.len() - ended_holds.len() != state.holds.len() {
            return Err(Contradiction("the live holds of the projection are not the state's"));
        }
        let rest = |show: ShowView| {
            let ShowView { definition, changed_at_offset, products, blocked, .. } = show;
            let blocked = blocked.into_iter().map(|(seat, reason)| (seat, reason.as_ref().to_owned())).collect();
            (definition.id, ShowRest { changed_at_offset, products, blocked })
        };
        let shows = shows.into_values().map(rest).collect();
        let sagas = sagas.into_iter().collect();
        Ok(ModelParts { next_offset, stamp_unix_ms, forgotten_below, shows, ended_holds, orders, sagas, ended })
    }

    /// Puts a model together beside a state.
    ///
    /// # Errors
    /// When a show is missing on either side.
    pub(crate) fn from_parts(parts: ModelParts, state: &StateParts) -> Result<Self, Contradiction> {
        let ModelParts { next_offset, stamp_unix_ms, forgotten_below, shows: rests, ended_holds, orders, sagas, ended } = parts;
        if rests.len() != state.shows.len() {
            return Err(Contradiction("the projection has not the shows of the state"));
        }
        // Shows of one venue share its plan, and with it the labels.
        let mut names_of: FxHashMap<*const SeatingPlan, Arc<SeatNames>> = FxHashMap::default();
        let mut shows = FxHashMap::default();
        for (id, ShowRest { changed_at_offset, products, blocked }) in rests {
            let show = state.shows.get(&id).ok_or(Contradiction("the projection has a show that the state has not"))?;
            if products.len() != show.definition.products.len() {
                return Err(Contradiction("the projection counts other products than the show has"));
            }
            let names = names_of.entry(Arc::as_ptr(&show.plan)).or_insert_with(|| Arc::new(SeatNames::of(&show.plan)));
            let view = ShowView {
                definition: Arc::clone(&show.definition),
                plan: Arc::clone(&show.plan),
                names: Arc::clone(names),
                sale: show.sale,
                inventory: show.inventory.clone(),
                products,
                blocked: blocked.into_iter().map(|(seat, reason)| (seat, reason.into())).collect(),
                changed_at_offset,
            };
            shows.insert(id, view);
        }
        let mut holds = Dense::default();
        for view in state.holds.values().map(HoldView::of_live).chain(ended_holds) {
            holds.insert(view.id.sequence(), view);
        }
        let catalogue = Catalogue::new(state.venues.clone(), state.catalogue.clone(), state.organisers.clone(), state.api_keys.clone());
        let sagas = sagas.into_iter().collect();
        // What is not decided is in memory: only what has ended is ever forgotten.
        let undecided = orders.values().filter(|order| order.part_of.is_some() && !order.ended());
        let parts = undecided.map(|order| (order.saga, order.id)).collect();
        Ok(Self { next_offset, stamp_unix_ms, forgotten_below, catalogue, shows, holds, orders, sagas, ended, parts })
    }
}
