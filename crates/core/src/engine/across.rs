//! Orders over several partitions: what is ordered where, and how one partition asks another.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use guichet_domain::across::PartRequest;
use guichet_domain::commands::Request;
use guichet_domain::{Command, Event, HoldId, OrderId, Record};

use super::{Fault, Guichet, Inner, Invalid};
use crate::read_model::{HoldView, OrderView};
use crate::roles::{Ask, Others};
use crate::shard::NoAnswer;

/// Longest that a hold of another partition is waited for: it is durable already, only the projection is behind.
const HOLD_PATIENCE: Duration = Duration::from_secs(1);

/// What one order wants of each partition.
pub(super) struct Spread {
    /// Where the order lives: with its first hold.
    pub(super) partition: u16,
    /// The holds there.
    pub(super) holds: Vec<HoldId>,
    /// What it wants elsewhere.
    pub(super) parts: Vec<PartRequest>,
}

impl Guichet {
    /// Sorts holds by partition, each partition where it is first named, and prices those that the order's own partition does not know.
    pub(super) async fn spread(&self, holds: Vec<HoldId>) -> Result<Spread, super::CommandError> {
        let partition = holds.first().map_or(1, |hold| hold.partition());
        let (holds, elsewhere): (Vec<_>, Vec<_>) = holds.into_iter().partition(|hold| hold.partition() == partition);
        let mut parts: Vec<PartRequest> = Vec::new();
        for hold in elsewhere {
            let view = self.hold_is_known(hold).await?;
            let (price_minor, currency) = self.with_show(view.show, |show| {
                let prices = show.prices_minor(&view.items);
                let each = view.items.iter().zip(prices).map(|(item, price)| price.saturating_mul(i64::from(item.claim.quantity())));
                (each.fold(0_i64, i64::saturating_add), show.definition.currency)
            })?;
            match parts.iter_mut().find(|part| part.partition == hold.partition()) {
                Some(part) => {
                    part.holds.push(hold);
                    part.total_minor = part.total_minor.saturating_add(price_minor);
                }
                None => parts.push(PartRequest { partition: hold.partition(), holds: vec![hold], total_minor: price_minor, currency }),
            }
        }
        Ok(Spread { partition, holds, parts })
    }

    /// A hold that was just placed may not be in the projection yet.
    async fn hold_is_known(&self, id: HoldId) -> Result<HoldView, super::CommandError> {
        let missing = || Invalid::HoldNotFound(id.to_string());
        if let Some(hold) = self.hold(id)? {
            return Ok(hold);
        }
        let partition = self.partition(id.partition()).map_err(|_| missing())?;
        let _ = tokio::time::timeout(HOLD_PATIENCE, self.caught_up(partition)).await;
        Ok(self.hold(id)?.ok_or_else(missing)?)
    }

    /// What was durable in the partitions of an order's parts when it was called is in the projections when it returns.
    pub(super) async fn parts_caught_up(&self, order: &OrderView) -> Result<(), Fault> {
        for part in &order.parts {
            self.caught_up(self.partition(part.partition())?).await;
        }
        Ok(())
    }
}

/// The partitions of this engine, for the roles. It does not keep the engine open.
pub(super) struct Neighbours(Weak<Inner>);

impl Neighbours {
    pub(super) fn of(inner: &Arc<Inner>) -> Arc<dyn Others> {
        Arc::new(Self(Arc::downgrade(inner)))
    }
}

impl Others for Neighbours {
    fn ask(&self, partition: u16, command: Command) -> Pin<Box<dyn Future<Output = Result<Ask, NoAnswer>> + Send + '_>> {
        Box::pin(async move {
            let closing = || NoAnswer::Stopped { partition, why: "the engine is closing".into() };
            let engine = Guichet { inner: self.0.upgrade().ok_or_else(closing)? };
            let reserves = if let Command::PlacePart(place) = &command { Some(place.saga) } else { None };
            let response = engine.inner.submit(partition, Request::from(command)).await.map_err(|_| closing())?;
            let outcome = response?;
            // A command without a key is never a repeat, so its record is at hand.
            let record = outcome.batch.as_ref().map(|(batch, index)| &batch.records[*index].1);
            let events = match record {
                Some(Record::Refused { rejection, .. }) => return Ok(Ask::Refused(rejection.clone())),
                Some(record) => record.events(),
                None => &[],
            };
            let Some(saga) = reserves else { return Ok(Ask::Accepted(None)) };
            let placed = events.iter().find_map(|event| if let Event::PartPlaced { order, .. } = event { Some(*order) } else { None });
            if placed.is_some() {
                return Ok(Ask::Accepted(placed));
            }
            // It was placed by an earlier request, whose answer was lost: the projection tells its name.
            let of = engine.partition(partition).map_err(|_| closing())?;
            let _ = of.applied.clone().wait_for(|next| *next > outcome.offset).await;
            let part = of.model.read().part_of_saga(saga);
            part.map(|part| Ask::Accepted(Some(part))).ok_or(NoAnswer::Unknown)
        })
    }

    fn order(&self, id: OrderId) -> Option<OrderView> {
        let engine = Guichet { inner: self.0.upgrade()? };
        engine.order(id).ok().flatten()
    }
}
