//! What can be asked of a partition, at random.

use guichet_domain::commands::{ExtendHold, ReleaseHold, Request, SetSaleState};
use guichet_domain::hold::HoldItem;
use guichet_domain::saga::{Direction, EffectOutcome};
use guichet_domain::show::SaleState;
use guichet_domain::state::Decision;
use guichet_domain::{Command, Event, HoldId, OrderId, Record, Rejection};
use proptest::prelude::*;

use super::{BOX, HOUR_MS, Run, STALLS, STANDING, declined, done, hold_of, keyed, order_of, refused, report_of, seats, show, standing};
use super::{unavailable, unknown};

/// One thing that is asked. Numbers choose among what is there, modulo how much there is.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Hold {
        show: u64,
        items: Vec<HoldItem>,
        ttl_ms: u64,
    },
    Extend {
        hold: usize,
        ttl_ms: u64,
    },
    Release {
        hold: usize,
    },
    Order {
        holds: Vec<usize>,
    },
    /// On an effect that is pending.
    Report {
        pending: usize,
        outcome: EffectOutcome,
    },
    /// On any step of any order, due or not.
    StrayReport {
        order: usize,
        step: u8,
        direction: Direction,
        outcome: EffectOutcome,
    },
    Sale {
        show: u64,
        state: SaleState,
    },
    /// The same request again.
    Repeat {
        request: usize,
    },
    /// The key of a request with another body.
    Reuse {
        request: usize,
    },
    Pass {
        ms: u64,
    },
    Away {
        ms: u64,
    },
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let ttl = || prop_oneof![Just(0_u64), Just(1_000), Just(30_000), Just(60_000), Just(HOUR_MS), Just(HOUR_MS + 1)];
    let direction = prop_oneof![Just(Direction::Forward), Just(Direction::Backward)];
    let sale = prop_oneof![4 => Just(SaleState::Open), 1 => Just(SaleState::Paused)];
    let pass = prop_oneof![Just(0_u64), Just(40), Just(1_000), Just(29_000), Just(60_000), Just(900_000), Just(25 * HOUR_MS)];
    prop_oneof![
        8 => (1_u64..=2, items(), ttl()).prop_map(|(show, items, ttl_ms)| Op::Hold { show, items, ttl_ms }),
        2 => (any::<usize>(), ttl()).prop_map(|(hold, ttl_ms)| Op::Extend { hold, ttl_ms }),
        2 => any::<usize>().prop_map(|hold| Op::Release { hold }),
        5 => prop::collection::vec(any::<usize>(), 0..3).prop_map(|holds| Op::Order { holds }),
        9 => (any::<usize>(), outcome()).prop_map(|(pending, outcome)| Op::Report { pending, outcome }),
        1 => (any::<usize>(), 0_u8..6, direction, outcome())
            .prop_map(|(order, step, direction, outcome)| Op::StrayReport { order, step, direction, outcome }),
        1 => (1_u64..=2, sale).prop_map(|(show, state)| Op::Sale { show, state }),
        2 => any::<usize>().prop_map(|request| Op::Repeat { request }),
        1 => any::<usize>().prop_map(|request| Op::Reuse { request }),
        5 => pass.prop_map(|ms| Op::Pass { ms }),
        1 => prop_oneof![Just(10_u64), Just(70_000), Just(2 * HOUR_MS)].prop_map(|ms| Op::Away { ms }),
    ]
}

fn items() -> impl Strategy<Value = Vec<HoldItem>> {
    let item = prop_oneof![
        4 => prop::collection::vec(0_u32..5, 1..3).prop_map(|some| seats(STALLS, &some)),
        2 => prop::collection::vec(4_u32..7, 1..2).prop_map(|some| seats(BOX, &some)),
        4 => (0_u32..5).prop_map(|quantity| standing(STANDING, quantity)),
        4 => (1_u32..4).prop_map(|quantity| standing(0, quantity)),
    ];
    prop::collection::vec(item, 1..3)
}

fn outcome() -> impl Strategy<Value = EffectOutcome> {
    prop_oneof![6 => Just(done()), 1 => Just(declined()), 1 => Just(refused()), 2 => Just(unavailable()), 2 => Just(unknown())]
}

/// A run that keeps what was asked, to ask it again.
#[derive(Clone)]
pub(crate) struct Driver {
    pub(crate) run: Run,
    asked: Vec<(u64, u64, Request)>,
    /// Whether a wrong answer to a repeat stops the run at once.
    strict: bool,
}

impl Driver {
    pub(crate) fn new() -> Self {
        Self { run: Run::on_sale(), asked: Vec::new(), strict: true }
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
            _ => {
                if let Some(command) = self.command(op) {
                    let request = keyed(self.run.journal.len() as u64, command);
                    let decision = self.run.submit(&request);
                    self.note(request, &decision);
                }
            }
        }
    }

    fn note(&mut self, request: Request, decision: &Decision) {
        if matches!(decision, Decision::Decided(_)) {
            self.asked.retain(|(.., before)| before.key != request.key);
            self.asked.push((self.run.now_unix_ms, self.run.journal.len() as u64 - 1, request));
        }
    }

    pub(crate) fn command(&self, op: &Op) -> Option<Command> {
        let holds: Vec<HoldId> =
            self.run.events().filter_map(|event| if let Event::HoldPlaced { hold, .. } = event { Some(*hold) } else { None }).collect();
        let orders: Vec<OrderId> =
            self.run.events().filter_map(|event| if let Event::OrderPlaced { order, .. } = event { Some(*order) } else { None }).collect();
        Some(match op {
            Op::Hold { show, items, ttl_ms } => hold_of(*show, items, *ttl_ms),
            Op::Extend { hold, ttl_ms } => Command::ExtendHold(ExtendHold { hold: *choose(&holds, *hold)?, ttl_ms: *ttl_ms }),
            Op::Release { hold } => Command::ReleaseHold(ReleaseHold { hold: *choose(&holds, *hold)? }),
            Op::Order { holds: chosen } => {
                // Mostly live ones: a run is long, and an order over an old hold is only refused.
                let live: Vec<_> = holds.iter().copied().filter(|hold| self.run.state.hold(*hold).is_some()).collect();
                let from = if live.is_empty() { &holds } else { &live };
                order_of(&chosen.iter().filter_map(|index| choose(from, *index).copied()).collect::<Vec<_>>())
            }
            Op::Report { pending, outcome } => {
                let pending_effects = self.run.state.pending_effects();
                let (saga, pending) = choose(&pending_effects, *pending)?;
                report_of(*saga, pending.step, pending.direction, outcome.clone())
            }
            Op::StrayReport { order, step, direction, outcome } => {
                let order = self.run.state.order(*choose(&orders, *order)?)?;
                report_of(order.saga, *step, *direction, outcome.clone())
            }
            Op::Sale { show: number, state } => Command::SetSaleState(SetSaleState { show: show(*number), state: *state }),
            Op::Repeat { .. } | Op::Reuse { .. } | Op::Pass { .. } | Op::Away { .. } => return None,
        })
    }
}

fn choose<T>(from: &[T], index: usize) -> Option<&T> {
    from.get(index.checked_rem(from.len())?)
}
