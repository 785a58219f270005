//! Asks what was drawn at random of a partition, and keeps it to ask it again.

use guichet_domain::commands::{
    BlockSeats, CancelOrder, CheckInTicket, ConfirmPayment, ConfirmPayout, ExtendHold, RefundOrder, ReleaseHold, Request,
    ResolveLatePayment, RetrySaga, SetSaleState, UnblockSeats,
};
use guichet_domain::inventory::SeatState;
use guichet_domain::order::{CancelReason, Order, OrderState, PaymentState};
use guichet_domain::saga::{Effect, Progress};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId};

use super::ops::Op;
use super::{HOUR_MS, PROVIDER, Run, hold_for, keyed, order_by, report_of, show};

/// A run that keeps what was asked, to ask it again.
#[derive(Clone)]
pub(crate) struct Driver {
    pub(crate) run: Run,
    asked: Vec<(u64, u64, Request)>,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    sagas: Vec<SagaId>,
    /// How much of the journal the lists above have seen.
    read: usize,
    /// Whether a wrong answer to a repeat stops the run at once.
    strict: bool,
}

impl Driver {
    pub(crate) fn new() -> Self {
        let (holds, orders, sagas) = (Vec::new(), Vec::new(), Vec::new());
        Self { run: Run::busy(), asked: Vec::new(), holds, orders, sagas, read: 0, strict: true }
    }

    /// One that leaves it to the audit of the journal to find what is wrong.
    pub(crate) fn trusting() -> Self {
        Self { strict: false, ..Self::new() }
    }

    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Pass { ms } => drop(self.run.pass(*ms)),
            Op::Away { ms } => drop(self.run.reopen(*ms)),
            Op::Repeat { request } => {
                if let Some((at, offset, request)) = choose(&self.asked, *request).cloned() {
                    let decision = self.run.submit(&request);
                    // Within a day every key is known, whatever became of its command.
                    if self.strict && self.run.now_unix_ms < at + 24 * HOUR_MS {
                        assert_eq!(decision, Decision::Repeated { offset }, "{request:?}");
                    }
                    self.note(request, &decision);
                }
            }
            Op::Reuse { request } => {
                if let Some((at, _, request)) = choose(&self.asked, *request).cloned()
                    && self.run.now_unix_ms < at + 24 * HOUR_MS
                {
                    let mut other = request;
                    other.key.as_mut().unwrap().fingerprint ^= 1;
                    let refusal = Record::Refused { key: None, rejection: Rejection::IdempotencyKeyReused };
                    let decision = self.run.submit(&other);
                    assert!(!self.strict || decision == Decision::Decided(refusal), "{decision:?}");
                }
            }
            Op::CheckIn { twice: true, .. } => {
                // The other gate scans it in the same instant.
                if let Some(Command::CheckInTicket(scan)) = self.command(op) {
                    self.ask(Command::CheckInTicket(scan.clone()));
                    self.ask(Command::CheckInTicket(CheckInTicket { gate: "other".into(), ..scan }));
                }
            }
            _ => {
                if let Some(command) = self.command(op) {
                    self.ask(command);
                }
            }
        }
        self.see();
    }

    fn ask(&mut self, command: Command) {
        let request = keyed(self.run.journal.len() as u64, command);
        let decision = self.run.submit(&request);
        self.note(request, &decision);
    }

    fn note(&mut self, request: Request, decision: &Decision) {
        if matches!(decision, Decision::Decided(_)) {
            self.asked.retain(|(.., before)| before.key != request.key);
            self.asked.push((self.run.now_unix_ms, self.run.journal.len() as u64 - 1, request));
        }
    }

    fn see(&mut self) {
        for event in self.run.journal[self.read..].iter().flat_map(|(_, record)| record.events()) {
            match event {
                Event::HoldPlaced { hold, .. } => self.holds.push(*hold),
                Event::OrderPlaced { order, .. } => self.orders.push(*order),
                Event::SagaStarted { saga, .. } => self.sagas.push(*saga),
                _ => {}
            }
        }
        self.read = self.run.journal.len();
    }

    /// Mostly one that suits: a run is long, and most of what is asked of an order that has ended is only refused.
    fn an_order(&self, index: usize, suits: impl Fn(&Order) -> bool) -> Option<&Order> {
        let all: Vec<&Order> = self.orders.iter().filter_map(|order| self.run.state.order(*order)).collect();
        let good: Vec<&Order> = all.iter().copied().filter(|order| suits(order)).collect();
        let from = if good.is_empty() || index.is_multiple_of(8) { &all } else { &good };
        choose(from, index / 8).copied()
    }

    fn stuck_sagas(&self) -> Vec<SagaId> {
        let stuck = |saga: &&SagaId| self.run.state.saga(**saga).is_some_and(|saga| matches!(saga.progress, Progress::Stuck { .. }));
        self.sagas.iter().filter(stuck).copied().collect()
    }

    /// Every refund that some saga waits for.
    fn payouts(&self) -> Vec<(OrderId, i64)> {
        let pending = self.sagas.iter().filter_map(|saga| self.run.state.saga(*saga)?.pending.as_ref());
        pending
            .filter_map(
                |pending| if let Effect::Refund { order, amount_minor, .. } = pending.effect { Some((order, amount_minor)) } else { None },
            )
            .collect()
    }

    pub(crate) fn command(&self, op: &Op) -> Option<Command> {
        let state = &self.run.state;
        let sold = |order: &Order| order.state == OrderState::Confirmed && !order.stuck;
        Some(match op {
            Op::Hold { show, items, ttl_ms, buyer } => hold_for(*show, items, *ttl_ms, buyer.map(|buyer| [buyer; 16])),
            Op::Extend { hold, ttl_ms } => Command::ExtendHold(ExtendHold { hold: *choose(&self.holds, *hold)?, ttl_ms: *ttl_ms }),
            Op::Release { hold } => Command::ReleaseHold(ReleaseHold { hold: *choose(&self.holds, *hold)? }),
            Op::Order { holds: chosen, terms } => {
                // Mostly live ones: an order over an old hold is only refused.
                let free = |hold: &HoldId| state.hold(*hold).is_some_and(|hold| hold.order.is_none());
                let live: Vec<_> = self.holds.iter().copied().filter(free).collect();
                let from = if live.is_empty() { &self.holds } else { &live };
                order_by(&chosen.iter().filter_map(|index| choose(from, *index).copied()).collect::<Vec<_>>(), *terms)
            }
            Op::Report { pending, outcome } => {
                let pending_effects = state.pending_effects();
                let (saga, pending) = choose(&pending_effects, *pending)?;
                report_of(*saga, pending.step, pending.direction, outcome.clone())
            }
            Op::StrayReport { order, step, direction, outcome } => {
                let order = state.order(*choose(&self.orders, *order)?)?;
                report_of(order.saga, *step, *direction, outcome.clone())
            }
            Op::Sale { show: number, state } => Command::SetSaleState(SetSaleState { show: show(*number), state: *state }),
            Op::Block { show: number, seats } => {
                Command::BlockSeats(BlockSeats { show: show(*number), seats: seats.clone(), reason: "camera".into() })
            }
            Op::Unblock { show: number, seats } => {
                let row = state.show(show(*number))?;
                let blocked = (0..row.inventory.seats.len()).find(|seat| row.inventory.seats.get(*seat) == SeatState::Blocked);
                let seats = if seats.is_empty() { blocked.into_iter().collect() } else { seats.clone() };
                Command::UnblockSeats(UnblockSeats { show: show(*number), seats })
            }
            Op::Cancel { order, positions, by_operator, waive_fee } => {
                // Half of them while it is on its way.
                let order = if positions.is_none() && !*waive_fee {
                    self.an_order(*order, |order| !matches!(order.state, OrderState::Confirmed | OrderState::Cancelled))?
                } else {
                    self.an_order(*order, sold)?
                };
                let reason = if *by_operator { CancelReason::ByOperator } else { CancelReason::ByBuyer };
                Command::CancelOrder(CancelOrder { order: order.id, positions: positions.clone(), reason, waive_fee: *waive_fee })
            }
            Op::Refund { order, percent } => {
                let order = self.an_order(*order, |order| order.refundable_minor() > 0)?;
                let amount_minor = order.refundable_minor() * percent / 100;
                Command::RefundOrder(RefundOrder { order: order.id, amount_minor, note: "rain".into() })
            }
            Op::Pay { order, excess_minor, reference } => {
                let unpaid = |order: &Order| {
                    matches!(
                        order.payment,
                        PaymentState::Authorising | PaymentState::Voided | PaymentState::Declined | PaymentState::Refunded
                    )
                };
                let order = self.an_order(*order, unpaid)?;
                let provider = if *reference == 0 { "nobody" } else { PROVIDER };
                Command::ConfirmPayment(ConfirmPayment {
                    order: order.id,
                    provider: provider.into(),
                    taken: true,
                    amount_minor: order.total_minor + excess_minor,
                    // Few names, so that some payments are told twice.
                    reference: format!("payment {reference}"),
                })
            }
            Op::Payout { pending, excess_minor } => {
                let (order, amount_minor) = *choose(&self.payouts(), *pending)?;
                let (provider, reference) = (PROVIDER.into(), "till".into());
                Command::ConfirmPayout(ConfirmPayout { order, provider, amount_minor: amount_minor + excess_minor, reference })
            }
            Op::Resolve { order, policy } => {
                let late = |order: &Order| order.stuck && order.payment == PaymentState::PaidUnfulfilled;
                Command::ResolveLatePayment(ResolveLatePayment { order: self.an_order(*order, late)?.id, policy: *policy })
            }
            Op::Retry { saga } => {
                let stuck = self.stuck_sagas();
                let from = if stuck.is_empty() { &self.sagas } else { &stuck };
                Command::RetrySaga(RetrySaga { saga: *choose(from, *saga)? })
            }
            Op::CheckIn { order, position, show: wanted, list, offline, .. } => {
                let order = self.an_order(*order, |order| order.issued)?;
                let places = order.places();
                let number = if order.id.sequence().is_multiple_of(4) { *position } else { position % places };
                let home = order.positions().nth(number as usize).map_or(order.show, |place| place.line.show);
                let scanned_offline_at_unix_ms = offline.then_some(self.run.now_unix_ms - 1);
                let (ticket, gate) = (order.first_ticket?.later(number), "gate".to_owned());
                Command::CheckInTicket(CheckInTicket {
                    ticket,
                    show: wanted.map_or(home, show),
                    list: *list,
                    gate,
                    scanned_offline_at_unix_ms,
                })
            }
            Op::Repeat { .. } | Op::Reuse { .. } | Op::Pass { .. } | Op::Away { .. } => return None,
        })
    }
}

fn choose<T>(from: &[T], index: usize) -> Option<&T> {
    from.get(index.checked_rem(from.len())?)
}
