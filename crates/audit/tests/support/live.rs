//! A partition at work, whose journal is then audited: what the engine really records, not what a test thinks that it does.

use std::sync::Arc;

use guichet_audit::{Audit, Report};
use guichet_domain::commands::{
    AdoptShow, BlockSeats, CancelOrder, CheckInTicket, ConfirmPayment, PaymentTerms, PlaceHold, PlaceOrder, RefundOrder, ReportEffect,
    ResolveLatePayment, RetrySaga, SetSaleState, UnblockSeats,
};
use guichet_domain::order::CancelReason;
use guichet_domain::saga::EffectOutcome;
use guichet_domain::show::{Admits, CancellationFee, LatePayment, SaleState, ShowDefinition};
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection, SagaId, State};

use super::*;

pub(crate) const START_MS: u64 = 1_000_000;
pub(crate) const DEADLINE_MS: u64 = 60_000;

/// Seats and standing places and places that cost nothing; a limit of four for each buyer; a fee in the last hour before it starts.
pub(crate) fn live_show(number: u64, late_payment: LatePayment) -> ShowDefinition {
    ShowDefinition {
        starts_at_unix_ms: Some(START_MS + 7_200_000),
        products: vec![
            product("Stalls", 2_500, Admits::Seats { categories: vec![0] }, vec![]),
            product("Standing", 900, Admits::Quantity, vec![0]),
            product("Free", 0, Admits::Quantity, vec![0]),
        ],
        order_deadline_ms: DEADLINE_MS,
        transfer_deadline_ms: DEADLINE_MS,
        per_buyer_max: Some(4),
        late_payment,
        cancellation_fees: vec![CancellationFee { within_ms: 3_600_000, price_bp: 3_333, fixed_minor: 7 }],
        ..definition(number)
    }
}

pub(crate) struct Run {
    pub(crate) state: State,
    pub(crate) journal: Vec<(u64, Record)>,
    pub(crate) now_unix_ms: u64,
}

impl Run {
    /// Show 1 gives late money equivalent seats, show 2 the same, show 3 none.
    pub(crate) fn on_sale() -> Self {
        let mut run = Self { state: State::new(PARTITION, 0), journal: Vec::new(), now_unix_ms: START_MS };
        run.pass(0);
        for (number, late) in [(1, LatePayment::EquivalentSeat), (2, LatePayment::SameSeat), (3, LatePayment::Refund)] {
            let (definition, plan) = (Arc::new(live_show(number, late)), Arc::new(plan()));
            run.accept(Command::AdoptShow(AdoptShow { definition, plan }));
            run.accept(Command::SetSaleState(SetSaleState { show: show(number), state: SaleState::Open }));
        }
        run
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.now_unix_ms += ms;
        let record = self.state.pass_time(self.now_unix_ms);
        self.journal.extend(record.map(|record| (self.now_unix_ms, record)));
    }

    pub(crate) fn ask(&mut self, command: Command) -> Result<Vec<Event>, Rejection> {
        match self.state.submit(&command.into(), self.journal.len() as u64) {
            Decision::Decided(record) => {
                self.journal.push((self.now_unix_ms, record.clone()));
                match record {
                    Record::Refused { rejection, .. } => Err(rejection),
                    record => Ok(record.events().to_vec()),
                }
            }
            Decision::Repeated { offset } => panic!("a repeat of offset {offset}"),
        }
    }

    #[track_caller]
    pub(crate) fn accept(&mut self, command: Command) -> Vec<Event> {
        self.ask(command).unwrap()
    }

    pub(crate) fn hold_of(number: u64, items: &Arc<[HoldItem]>, buyer: u8) -> Command {
        Command::PlaceHold(PlaceHold {
            show: show(number),
            items: Arc::clone(items),
            best: Vec::new(),
            ttl_ms: 30_000,
            buyer_ref: Some([buyer; 16]),
        })
    }

    pub(crate) fn order_over(holds: Vec<HoldId>) -> Command {
        Command::PlaceOrder(PlaceOrder { holds, parts: Vec::new(), payment: payment(), terms: PaymentTerms::Prompt, buyer: None })
    }

    #[track_caller]
    pub(crate) fn hold(&mut self, number: u64, items: Arc<[HoldItem]>, buyer: u8) -> HoldId {
        match self.accept(Self::hold_of(number, &items, buyer)).first() {
            Some(Event::HoldPlaced { hold, .. }) => *hold,
            other => panic!("no hold: {other:?}"),
        }
    }

    /// Orders, and answers `effects` of what is asked for with yes.
    #[track_caller]
    pub(crate) fn order(&mut self, holds: Vec<HoldId>, effects: usize) -> OrderId {
        let order = match self.accept(Self::order_over(holds)).first() {
            Some(Event::OrderPlaced { order, .. }) => *order,
            other => panic!("no order: {other:?}"),
        };
        (0..effects).for_each(|_| self.answer(yes()));
        order
    }

    /// Answers the effect of the youngest saga.
    #[track_caller]
    pub(crate) fn answer(&mut self, outcome: EffectOutcome) {
        let (saga, pending) = self.state.pending_effects().pop().unwrap();
        self.accept(report(saga, pending.step, pending.direction, outcome));
    }

    /// Whatever waits is done, until nothing waits.
    pub(crate) fn drain(&mut self) {
        while !self.state.pending_effects().is_empty() {
            self.answer(yes());
        }
    }

    pub(crate) fn audit(&self) -> Report {
        let mut audit = Audit::new(PARTITION);
        for (offset, (stamp, record)) in (0_u64..).zip(&self.journal) {
            audit.record(offset, *stamp, record);
        }
        audit.finish()
    }
}

pub(crate) fn report(saga: SagaId, step: u8, direction: Direction, outcome: EffectOutcome) -> Command {
    Command::ReportEffect(ReportEffect { saga, step, direction, outcome })
}

pub(crate) fn yes() -> EffectOutcome {
    EffectOutcome::Done { receipt: Some("0a0b0c0d".into()) }
}

pub(crate) fn no() -> EffectOutcome {
    EffectOutcome::Refused { error: StepError::Failed("no".into()) }
}

pub(crate) fn cancel(order: OrderId, positions: Option<&[u32]>, waive_fee: bool) -> Command {
    let positions = positions.map(<[u32]>::to_vec);
    Command::CancelOrder(CancelOrder { order, positions, reason: CancelReason::ByBuyer, waive_fee })
}

pub(crate) fn give_back(order: OrderId, amount_minor: i64) -> Command {
    Command::RefundOrder(RefundOrder { order, amount_minor, note: "goodwill".into() })
}

pub(crate) fn money_comes(order: OrderId, amount_minor: i64, reference: &str) -> Command {
    Command::ConfirmPayment(ConfirmPayment { order, provider: "test".into(), amount_minor, reference: reference.into(), taken: true })
}

pub(crate) fn resolve(order: OrderId, policy: LatePayment) -> Command {
    Command::ResolveLatePayment(ResolveLatePayment { order, policy })
}

pub(crate) fn retry(saga: SagaId) -> Command {
    Command::RetrySaga(RetrySaga { saga })
}

pub(crate) fn block(number: u64, seats: &[u32]) -> Command {
    Command::BlockSeats(BlockSeats { show: show(number), seats: seats.to_vec(), reason: "camera".into() })
}

pub(crate) fn unblock(number: u64, seats: &[u32]) -> Command {
    Command::UnblockSeats(UnblockSeats { show: show(number), seats: seats.to_vec() })
}

pub(crate) fn enter(ticket: TicketId, number: u64, list: u16) -> Command {
    let gate = "north".into();
    Command::CheckInTicket(CheckInTicket { ticket, show: show(number), list, gate, scanned_offline_at_unix_ms: None })
}
