//! What the journal says about money, doors and blocked seats, folded event by event and independently of the state: the base of what
//! a refusal may claim, and of the books at the end.

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::order::OrderState;
use guichet_domain::saga::StepError;
use guichet_domain::{Event, OrderId, Record, Rejection, SagaId, ShowId, State, TicketId};

use crate::clients::MANUAL;
use crate::stats::AfterSale;

/// One order's money, in minor units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// The saga that it was placed with.
    pub(crate) saga: Option<SagaId>,
    /// What its places cost when they were sold; nothing before.
    pub(crate) sold: i64,
    /// What came.
    pub(crate) received: i64,
    /// What was given back.
    pub(crate) returned: i64,
    /// What refunds give back that somebody started after the sale.
    pub(crate) given: i64,
    /// What is promised to be given back, done or not.
    promised: i64,
    /// Late money that its saga has not settled.
    unsettled: Option<(SagaId, i64)>,
    /// Whether it was ever sold.
    pub(crate) confirmed: bool,
    /// Of a part: what its home is to give back, by saga, until it has been told.
    pub(crate) owed: BTreeMap<SagaId, i64>,
    /// Sagas of parts: those that have told the home, or at home those that it has heard.
    pub(crate) told: BTreeSet<SagaId>,
    is_part: bool,
    /// Whether money came too late.
    pub(crate) late: bool,
    refunds: BTreeMap<SagaId, i64>,
    references: BTreeSet<String>,
    cancelled: BTreeSet<u32>,
    total: i64,
    by_hand: bool,
}

impl Account {
    /// What could still be given back.
    pub(crate) fn left(&self) -> i64 {
        self.received - self.promised - self.unsettled.map_or(0, |(_, amount)| amount)
    }

    pub(crate) fn knows(&self, reference: &str) -> bool {
        self.references.contains(reference)
    }

    pub(crate) fn is_cancelled(&self, position: u32) -> bool {
        self.cancelled.contains(&position)
    }
}

/// The fold of one partition.
#[derive(Default)]
pub(crate) struct Accounts {
    pub(crate) orders: BTreeMap<OrderId, Account>,
    pub(crate) blocked: BTreeSet<(ShowId, u32)>,
    passed: BTreeSet<(TicketId, u16)>,
    /// The sagas that have not ended, and their orders.
    pub(crate) sagas: BTreeMap<SagaId, OrderId>,
    /// Orders elsewhere whose parts were barred.
    pub(crate) barred: BTreeSet<OrderId>,
    pub(crate) tally: AfterSale,
}

fn expect(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

impl Accounts {
    pub(crate) fn order(&self, order: OrderId) -> Option<&Account> {
        self.orders.get(&order)
    }

    pub(crate) fn has_passed(&self, ticket: TicketId, list: u16) -> bool {
        self.passed.contains(&(ticket, list))
    }

    /// Follows a record; the state is the one before it.
    pub(crate) fn follow(&mut self, record: &Record, before: &State) -> Result<(), String> {
        if let Record::Refused { rejection, .. } = record {
            self.tally.second_scans += u64::from(matches!(rejection, Rejection::TicketAlreadyUsed { .. }));
        }
        let events = record.events();
        for (index, event) in events.iter().enumerate() {
            self.count(event);
            self.count_parts(event, before);
            if let Event::OrderPlaced { show, holds, total_minor, .. } = event {
                let elsewhere = holds.iter().filter_map(|hold| before.hold(*hold)).any(|hold| hold.show != *show);
                self.tally.wide_orders += u64::from(elsewhere);
                self.tally.free_orders += u64::from(*total_minor == 0);
            }
            match event {
                Event::PositionsCancelled { order, positions, fees_minor, .. } => {
                    self.cancelled(*order, positions, fees_minor, before, &events[index + 1..])?;
                }
                Event::SeatsBlocked { show, seats, .. } => {
                    let fresh = seats.iter().all(|seat| self.blocked.insert((*show, *seat)));
                    expect(fresh, || format!("a seat of {seats:?} was blocked twice"))?;
                }
                Event::PlanRevised { show, plan, .. } => {
                    self.blocked.retain(|(of, seat)| of != show || !plan.seats[*seat as usize].withdrawn);
                }
                Event::SeatsUnblocked { show, seats } => {
                    let there = seats.iter().all(|seat| self.blocked.remove(&(*show, *seat)));
                    expect(there, || format!("a seat of {seats:?} was given back that was not blocked"))?;
                }
                Event::TicketCheckedIn { ticket, list, .. } => {
                    expect(self.passed.insert((*ticket, *list)), || format!("{ticket:?} passed list {list} twice"))?;
                }
                Event::SagaStarted { saga, order, .. } => drop(self.sagas.insert(*saga, *order)),
                Event::PartBarred { home, .. } => drop(self.barred.insert(*home)),
                Event::SagaCompleted { saga } | Event::SagaCompensated { saga } => {
                    self.sagas.remove(saga);
                    self.settle(*saga, before);
                }
                _ => self.money(event)?,
            }
        }
        Ok(())
    }

    fn settle(&mut self, saga: SagaId, before: &State) {
        let order = before.saga(saga).map(|saga| saga.order);
        let account = match order {
            Some(order) => self.orders.get_mut(&order),
            // It began in this very record.
            None => self.orders.values_mut().find(|account| account.unsettled.is_some_and(|(of, _)| of == saga)),
        };
        if let Some(account) = account.filter(|account| account.unsettled.is_some_and(|(of, _)| of == saga)) {
            account.unsettled = None;
        }
    }

    fn money(&mut self, event: &Event) -> Result<(), String> {
        let Some(order) = event.order() else { return Ok(()) };
        let account = self.orders.entry(order).or_default();
        match event {
            Event::OrderPlaced { saga, total_minor, payment, .. } => {
                (account.saga, account.total, account.by_hand) = (Some(*saga), *total_minor, payment.provider == MANUAL);
            }
            Event::PaymentAuthorised { authorisation, .. } => {
                expect(account.references.insert(authorisation.clone()), || format!("{authorisation} was booked twice for {order:?}"))?;
                self.tally.paid_by_hand += u64::from(account.by_hand);
            }
            Event::PaymentCaptured { .. } => account.received += account.total,
            Event::PaymentArrivedLate { saga, amount_minor, reference, .. } => {
                expect(account.references.insert(reference.clone()), || format!("{reference} was booked twice for {order:?}"))?;
                expect(account.unsettled.is_none(), || format!("money came for {order:?} while other money was being settled"))?;
                account.received += amount_minor;
                account.unsettled = Some((*saga, *amount_minor));
                account.late = true;
            }
            Event::PartPlaced { .. } => account.is_part = true,
            // The money of a part is with its home.
            Event::RefundStarted { saga, amount_minor, .. } if account.is_part => drop(account.owed.insert(*saga, *amount_minor)),
            Event::RefundHandedOver { saga, .. } => {
                let owed = account.owed.remove(saga).is_some();
                expect(owed && account.told.insert(*saga), || format!("{order:?} handed over what it does not owe: {account:?}"))?;
            }
            Event::PartRefundTaken { by, .. } => {
                expect(account.told.insert(*by), || format!("{order:?} gives back twice for {by:?}"))?;
            }
            Event::RefundStarted { saga, amount_minor, .. } => {
                let left = account.left();
                expect(*amount_minor <= left, || format!("{amount_minor} of {left} are to be given back for {order:?}: {account:?}"))?;
                account.promised += amount_minor;
                account.given += amount_minor;
                account.refunds.insert(*saga, *amount_minor);
            }
            Event::PaymentRefunded { saga, amount_minor, .. } => {
                match account.refunds.remove(saga) {
                    Some(promised) => {
                        expect(promised == *amount_minor, || format!("{promised} was promised for {order:?}, not {amount_minor}"))?
                    }
                    // A saga of the order itself unwinds.
                    None => account.promised += amount_minor,
                }
                account.returned += amount_minor;
                self.tally.paid_out += u64::from(account.by_hand);
                expect(account.returned <= account.received, || format!("more was given back for {order:?} than came: {account:?}"))?;
            }
            Event::OrderConfirmed { .. } => (account.confirmed, account.sold) = (true, account.total),
            _ => {}
        }
        Ok(())
    }

    /// A cancellation gives back the price less the fee, as far as there is anything left.
    fn cancelled(&mut self, id: OrderId, positions: &[u32], fees: &[i64], before: &State, rest: &[Event]) -> Result<(), String> {
        let order = before.order(id).ok_or_else(|| format!("{id:?} was cancelled and never placed"))?;
        let account = self.orders.entry(id).or_default();
        expect(order.state == OrderState::Confirmed, || format!("{id:?} was not sold: {:?}", order.state))?;
        // When all of its own places are gone already, a cancellation is of its parts.
        let of_parts = rest.iter().any(|event| matches!(event, Event::PartsCancelled { order, .. } if *order == id));
        expect(positions.len() == fees.len() && (of_parts || !positions.is_empty()), || format!("{positions:?} of {id:?} cost {fees:?}"))?;
        let mut due = 0;
        for (position, fee) in positions.iter().zip(fees) {
            expect(account.cancelled.insert(*position), || format!("position {position} of {id:?} was cancelled twice"))?;
            let place = order.positions().nth(*position as usize).ok_or_else(|| format!("{id:?} has no position {position}"))?;
            let product = before.show(place.line.show).and_then(|show| show.definition.products.get(usize::from(place.item.product)));
            let price = product.map_or(0, |product| product.price_minor);
            expect((0..=price).contains(fee), || format!("{fee} of {price} is kept for position {position} of {id:?}"))?;
            due += price - fee;
        }
        let due = if account.is_part { due } else { due.min(account.left()) };
        let starts = |event: &Event| match event {
            Event::RefundStarted { order, amount_minor, .. } if *order == id => Some(*amount_minor),
            _ => None,
        };
        let started: i64 = rest.iter().filter_map(starts).sum();
        expect(started == due.max(0), || format!("{due} is due for {positions:?} of {id:?}, {started} is given back"))?;
        let all = u32::try_from(account.cancelled.len()) == Ok(order.places());
        let ended = rest.iter().any(|event| matches!(event, Event::OrderCancelled { order, .. } if *order == id));
        // An order with parts ends only together with them.
        let ends = if order.parts().is_empty() { all } else { all && of_parts };
        expect(ends == ended && of_parts == (ended && !order.parts().is_empty()), || {
            format!("{id:?} was cancelled: {ended}, all of its positions were: {all}")
        })
    }

    fn count_parts(&mut self, event: &Event, before: &State) {
        let Some(order) = event.order().and_then(|order| before.order(order)) else { return };
        let (home, part) = (order.home_of().is_some(), order.part_of().is_some());
        let sold = self.orders.get(&order.id).is_some_and(|account| account.confirmed);
        match event {
            Event::OrderConfirmed { .. } => self.tally.across_confirmed += u64::from(home),
            Event::OrderCancelled { .. } => self.tally.across_released += u64::from(home && !sold),
            Event::PositionsCancelled { .. } => self.tally.parts_cancelled += u64::from(part),
            Event::PartOverdue { .. } => self.tally.parts_overdue += 1,
            _ => {}
        }
    }

    fn count(&mut self, event: &Event) {
        let tally = &mut self.tally;
        match event {
            Event::PositionsCancelled { positions, .. } => {
                tally.positions_cancelled += positions.len() as u64;
                tally.sales_taken_back += 1;
            }
            Event::StepFailed { error: StepError::Cancelled(_), .. } => tally.turned_round += 1,
            Event::PaymentRefunded { .. } => tally.refunds += 1,
            Event::PaymentArrivedLate { .. } => tally.late_payments += 1,
            Event::OrderReinstated { .. } => tally.late_reinstated += 1,
            Event::StepFailed { error: StepError::GivenBack, .. } => tally.late_refunded += 1,
            Event::TicketCheckedIn { .. } => tally.check_ins += 1,
            Event::SeatsBlocked { .. } => tally.blocks += 1,
            Event::SeatsUnblocked { .. } => tally.unblocks += 1,
            Event::PlanRevised { .. } => tally.revisions += 1,
            Event::SagaStuck { .. } => tally.stuck += 1,
            Event::SagaResumed { .. } => tally.resumed += 1,
            Event::LatePolicyChosen { .. } => tally.late_decided += 1,
            _ => {}
        }
    }
}
