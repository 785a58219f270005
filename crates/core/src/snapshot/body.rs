//! What is in a snapshot: the state of the partition, then what the live projection has beside it.
//!
//! Large tables are written and read element by element and never stand in memory twice. A plan is written once, however many shows
//! and venues have it, and is one plan in memory afterwards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use guichet_broker::planted::{self, PlantedBug};
use guichet_domain::best::Memo;
use guichet_domain::dedup::Dedup;
use guichet_domain::dense::Dense;
use guichet_domain::hold::{BuyerRef, Hold};
use guichet_domain::inventory::{Inventory, QuotaCount, SeatMap};
use guichet_domain::key::ApiKey;
use guichet_domain::order::Order;
use guichet_domain::organiser::{Organiser, Organisers};
use guichet_domain::parts::{Contradiction, StateParts};
use guichet_domain::record::KeyHash;
use guichet_domain::saga::Saga;
use guichet_domain::seating::SeatingPlan;
use guichet_domain::show::{SaleState, ShowDefinition};
use guichet_domain::state::{Sequences, Show};
use guichet_domain::{KeyStamp, OrderId, OrganiserId, SagaId, ShowId, VenueId};
use rustc_hash::FxHashMap;

use super::file::{Head, Sink};
use super::take::SnapshotError;
use crate::codec::{CodecError, Reader, Wire, Writer};
use crate::read_model::{Ended, HoldView, ModelParts, OrderView, ReadModel, ShowRest};

/// Numbers of a table stand in pages of this many; see [`Dense`].
const PAGE: u64 = 256;

/// Why a body with the right checksum is not understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// The plans of a partition, each once.
#[derive(Default)]
struct Plans {
    list: Vec<Vec<u8>>,
    by_hash: FxHashMap<[u8; 32], u32>,
    /// Most shows share theirs in memory already.
    by_place: FxHashMap<*const SeatingPlan, u32>,
}

impl Plans {
    fn number(&mut self, plan: &Arc<SeatingPlan>) -> u32 {
        if let Some(number) = self.by_place.get(&Arc::as_ptr(plan)) {
            return *number;
        }
        let mut bytes = Vec::new();
        plan.put(&mut Writer::new(&mut bytes));
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let number = *self.by_hash.entry(*blake3::hash(&bytes).as_bytes()).or_insert(next);
        if number == next {
            self.list.push(bytes);
        }
        self.by_place.insert(Arc::as_ptr(plan), number);
        number
    }
}

/// Writes state and projection.
pub(super) fn write(sink: &mut Sink<'_>, state: &StateParts, model: &ModelParts) -> Result<(), SnapshotError> {
    let StateParts {
        // The head has these two.
        partition: _,
        incarnation: _,
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
    } = state;
    sink.put(logged_unix_ms)?;
    sink.put(sequences)?;
    let shows: BTreeMap<&ShowId, &Show> = shows.iter().collect();
    let mut plans = Plans::default();
    let of_venues: Vec<(VenueId, u32)> = venues.iter().map(|(id, plan)| (*id, plans.number(plan))).collect();
    let of_shows: Vec<u32> = shows.values().map(|show| plans.number(&show.plan)).collect();
    sink.count(plans.list.len())?;
    plans.list.iter().try_for_each(|plan| sink.raw(plan))?;
    sink.put(&of_venues)?;
    sink.count(catalogue.len())?;
    catalogue.values().try_for_each(|definition| sink.put(definition))?;
    sink.count(api_keys.len())?;
    api_keys.values().try_for_each(|key| sink.put(key))?;
    let Organisers { list, venues: of_venue, shows: of_show } = organisers;
    sink.put(&list.values().cloned().collect::<Vec<_>>())?;
    sink.put(&of_venue.iter().map(|(venue, organiser)| (*venue, *organiser)).collect::<Vec<_>>())?;
    sink.put(&of_show.iter().map(|(show, organiser)| (*show, *organiser)).collect::<Vec<_>>())?;
    sink.count(shows.len())?;
    for (show, plan) in shows.values().zip(of_shows) {
        let Show { definition, plan: _, sale, inventory: Inventory { seats, quotas }, buyers, best: _ } = show;
        sink.put(definition)?;
        sink.put(&plan)?;
        sink.put(sale)?;
        sink.put(&seats.len())?;
        seats.words().iter().try_for_each(|word| sink.put(&word.to_le_bytes()))?;
        sink.put(quotas)?;
        let buyers: BTreeMap<BuyerRef, u32> = buyers.iter().map(|(buyer, places)| (*buyer, *places)).collect();
        sink.count(buyers.len())?;
        buyers.into_iter().try_for_each(|entry| sink.put(&entry))?;
    }
    table(sink, holds)?;
    table(sink, orders)?;
    sink.count(barred.len())?;
    barred.iter().try_for_each(|entry| sink.put(entry))?;
    table(sink, sagas)?;
    if planted::is(PlantedBug::DropDedupInSnapshot) {
        write_keys(sink, &Dedup::default())?
    } else {
        write_keys(sink, dedup)?
    };
    write_model(sink, model)
}

fn table<T: Wire>(sink: &mut Sink<'_>, table: &Dense<T>) -> Result<(), SnapshotError> {
    sink.count(table.len())?;
    table.values().try_for_each(|value| sink.put(value))
}

fn write_keys(sink: &mut Sink<'_>, dedup: &Dedup) -> Result<(), SnapshotError> {
    for mut keys in dedup.tables() {
        sink.count(keys.len())?;
        keys.try_for_each(|entry| sink.put(&entry))?;
    }
    let mut before = 0;
    sink.count(dedup.leaving().len())?;
    for (at, key) in dedup.leaving() {
        sink.put(&(at - before, key))?;
        before = at;
    }
    Ok(())
}

fn write_model(sink: &mut Sink<'_>, model: &ModelParts) -> Result<(), SnapshotError> {
    // The head has the offset.
    let ModelParts { next_offset: _, stamp_unix_ms, forgotten_below, shows, ended_holds, orders, sagas, ended } = model;
    sink.put(stamp_unix_ms)?;
    sink.put(forgotten_below)?;
    sink.count(shows.len())?;
    shows.iter().try_for_each(|(show, rest)| sink.put(show).and_then(|()| sink.put(rest)))?;
    sink.count(ended_holds.len())?;
    ended_holds.iter().try_for_each(|hold| sink.put(hold))?;
    table(sink, orders)?;
    sink.count(sagas.len())?;
    sagas.iter().try_for_each(|(saga, order)| sink.put(&(*saga, *order)))?;
    sink.count(ended.len())?;
    ended.iter().try_for_each(|entry| sink.put(entry))
}

/// Reads what [`write`] wrote.
pub(super) fn read(head: &Head, bytes: &[u8]) -> Result<(StateParts, ReadModel), BodyError> {
    let reader = &mut Reader::new(bytes);
    let state = read_state(head, reader)?;
    state.check()?;
    let model = read_model(head, reader, &state)?;
    reader.end()?;
    Ok((state, model))
}

fn read_state(head: &Head, reader: &mut Reader<'_>) -> Result<StateParts, BodyError> {
    let logged_unix_ms = u64::get(reader)?;
    let sequences = Sequences::get(reader)?;
    let mut plans: Vec<Arc<SeatingPlan>> = Vec::new();
    each::<Arc<SeatingPlan>>(reader, |plan| plans.push(plan))?;
    let plan = |number: u32| plans.get(number as usize).cloned().ok_or(Contradiction("a plan is not there"));
    let mut venues = BTreeMap::new();
    for (venue, number) in <Vec<(VenueId, u32)>>::get(reader)? {
        venues.insert(venue, plan(number)?);
    }
    let mut catalogue = BTreeMap::new();
    each::<Arc<ShowDefinition>>(reader, |definition| drop(catalogue.insert(definition.id, definition)))?;
    let mut api_keys = BTreeMap::new();
    each::<ApiKey>(reader, |key| drop(api_keys.insert(key.id, key)))?;
    let organisers = Organisers {
        list: <Vec<Organiser>>::get(reader)?.into_iter().map(|organiser| (organiser.id, organiser)).collect(),
        venues: <Vec<(VenueId, OrganiserId)>>::get(reader)?.into_iter().collect(),
        shows: <Vec<(ShowId, OrganiserId)>>::get(reader)?.into_iter().collect(),
    };
    let mut shows = FxHashMap::default();
    for _ in 0..reader.count(ShowDefinition::BYTES_MIN)? {
        let definition = <Arc<ShowDefinition>>::get(reader)?;
        let (plan, sale, seats) = (plan(u32::get(reader)?)?, SaleState::get(reader)?, u32::get(reader)?);
        let mut words = Vec::new();
        for _ in 0..seats.div_ceil(32) {
            words.push(u64::from_le_bytes(reader.array()?));
        }
        let seats = SeatMap::from_words(seats, words).ok_or(Contradiction("there are more seats than seats"))?;
        let inventory = Inventory { seats, quotas: <Vec<QuotaCount>>::get(reader)? };
        let mut buyers = FxHashMap::default();
        each::<(BuyerRef, u32)>(reader, |(buyer, places)| {
            buyers.insert(buyer, places);
        })?;
        shows.insert(definition.id, Show { definition, plan, sale, inventory, buyers, best: Memo::default() });
    }
    let holds = read_table(head, reader, |hold: &Hold| hold.id.sequence())?;
    let orders = read_table(head, reader, |order: &Order| order.id.sequence())?;
    let mut barred = BTreeSet::new();
    each::<(u64, SagaId)>(reader, |entry| {
        barred.insert(entry);
    })?;
    let sagas = read_table(head, reader, |saga: &Saga| saga.id.sequence())?;
    let dedup = read_keys(reader)?;
    let Head { partition, incarnation, .. } = *head;
    Ok(StateParts {
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
    })
}

/// Reads a list without setting anything aside for it.
fn each<T: Wire>(reader: &mut Reader<'_>, mut take: impl FnMut(T)) -> Result<(), CodecError> {
    for _ in 0..reader.count(T::BYTES_MIN)? {
        take(T::get(reader)?);
    }
    Ok(())
}

fn read_table<T: Wire>(head: &Head, reader: &mut Reader<'_>, number: impl Fn(&T) -> u64) -> Result<Dense<T>, BodyError> {
    let mut table = Dense::default();
    for _ in 0..reader.count(T::BYTES_MIN)? {
        let value = T::get(reader)?;
        let number = check_number(head, number(&value))?;
        if table.insert(number, value).is_some() {
            return Err(Contradiction("two entries of a table have one number").into());
        }
    }
    Ok(table)
}

/// A number far from the others would cost memory for all the pages between: there are never more pages than records.
fn check_number(head: &Head, number: u64) -> Result<u64, Contradiction> {
    if number / PAGE <= head.next_offset { Ok(number) } else { Err(Contradiction("a number is higher than so many records reach")) }
}

fn read_keys(reader: &mut Reader<'_>) -> Result<Dedup, BodyError> {
    let mut dedup = Dedup::default();
    for first_byte in 0..=u8::MAX {
        let count = reader.count(<(KeyStamp, u64)>::BYTES_MIN)?;
        dedup.make_room(first_byte, count);
        for _ in 0..count {
            let (stamp, offset) = <(KeyStamp, u64)>::get(reader)?;
            dedup.remember(stamp, offset);
        }
    }
    let count = reader.count(<(u64, KeyHash)>::BYTES_MIN)?;
    let (mut leaving, mut before) = (VecDeque::with_capacity(count), 0_u64);
    for _ in 0..count {
        let (later, key) = <(u64, KeyHash)>::get(reader)?;
        before = before.checked_add(later).ok_or(Contradiction("a key stays for ever"))?;
        leaving.push_back((before, key));
    }
    dedup.set_leaving(leaving);
    Ok(dedup)
}

fn read_model(head: &Head, reader: &mut Reader<'_>, state: &StateParts) -> Result<ReadModel, BodyError> {
    let (stamp_unix_ms, forgotten_below) = (u64::get(reader)?, u64::get(reader)?);
    let mut shows = BTreeMap::new();
    for _ in 0..reader.count(ShowId::BYTES_MIN)? {
        shows.insert(ShowId::get(reader)?, ShowRest::get(reader)?);
    }
    let mut ended_holds = Vec::new();
    each::<HoldView>(reader, |hold| ended_holds.push(hold))?;
    ended_holds.iter().try_for_each(|hold| check_number(head, hold.id.sequence()).map(drop))?;
    let orders = read_table(head, reader, |order: &OrderView| order.id.sequence())?;
    orders.values().flat_map(|order| &order.lines).try_for_each(|line| state.check_claims(line.show, &line.items))?;
    let sagas = <Vec<(SagaId, OrderId)>>::get(reader)?.into_iter().collect();
    let mut ended = VecDeque::new();
    each::<(u64, Ended)>(reader, |entry| ended.push_back(entry))?;
    let next_offset = head.next_offset;
    let parts = ModelParts { next_offset, stamp_unix_ms, forgotten_below, shows, ended_holds, orders, sagas, ended };
    Ok(ReadModel::from_parts(parts, state)?)
}
