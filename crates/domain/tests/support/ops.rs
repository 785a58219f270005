//! What can be asked of a partition, at random.

use guichet_domain::commands::PaymentTerms;
use guichet_domain::hold::HoldItem;
use guichet_domain::saga::{Direction, EffectOutcome};
use guichet_domain::show::{LatePayment, SaleState};
use proptest::prelude::*;

use super::{
    BOX, BUSY_SHOWS, GUEST, HOUR_MS, STALLS, STANDING, TRANSFER_MS, declined, done, refused, seats, standing, unavailable, unknown,
};

/// One thing that is asked. Numbers choose among what is there, modulo how much there is.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Hold {
        show: u64,
        items: Vec<HoldItem>,
        ttl_ms: u64,
        buyer: Option<u8>,
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
        terms: PaymentTerms,
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
    Block {
        show: u64,
        seats: Vec<u32>,
    },
    /// Of the seats that are blocked, or others.
    Unblock {
        show: u64,
        seats: Vec<u32>,
    },
    /// Of an order on its way or sold; without positions all of it.
    Cancel {
        order: usize,
        positions: Option<Vec<u32>>,
        by_operator: bool,
        waive_fee: bool,
    },
    /// So many hundredths of what is left.
    Refund {
        order: usize,
        percent: i64,
    },
    /// Of an order that is not paid, in time or too late; the price and so much more or less.
    Pay {
        order: usize,
        excess_minor: i64,
        reference: u8,
    },
    /// What some saga is to give back, and so much more.
    Payout {
        pending: usize,
        excess_minor: i64,
    },
    Resolve {
        order: usize,
        policy: LatePayment,
    },
    /// Of a saga that is stuck.
    Retry {
        saga: usize,
    },
    /// One ticket, at two gates one after the other where `twice`.
    CheckIn {
        order: usize,
        position: u32,
        show: Option<u64>,
        list: u16,
        offline: bool,
        twice: bool,
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

pub(crate) fn op() -> BoxedStrategy<Op> {
    prop_oneof![18 => selling(), 14 => reporting(), 14 => after_the_sale(), 3 => repeating(), 6 => passing()].boxed()
}

fn selling() -> BoxedStrategy<Op> {
    let ttl = || prop_oneof![1 => Just(0_u64), 2 => Just(1_000), 8 => Just(60_000), 8 => Just(HOUR_MS), 1 => Just(HOUR_MS + 1)];
    let sale = prop_oneof![5 => Just(SaleState::Open), 1 => Just(SaleState::Paused)];
    let terms = prop_oneof![2 => Just(PaymentTerms::Prompt), 1 => Just(PaymentTerms::Transfer)];
    let holds = prop_oneof![
        1 => Just(Vec::new()),
        9 => prop::collection::vec(any::<usize>(), 1..3),
    ];
    let buyer = prop_oneof![1 => Just(None), 6 => (0_u8..3).prop_map(Some)];
    prop_oneof![
        9 => (1..=BUSY_SHOWS, ttl(), buyer).prop_flat_map(|(show, ttl_ms, buyer)| {
            items(show).prop_map(move |items| Op::Hold { show, items, ttl_ms, buyer })
        }),
        1 => (any::<usize>(), ttl()).prop_map(|(hold, ttl_ms)| Op::Extend { hold, ttl_ms }),
        1 => any::<usize>().prop_map(|hold| Op::Release { hold }),
        7 => (holds, terms).prop_map(|(holds, terms)| Op::Order { holds, terms }),
        1 => (1..=BUSY_SHOWS, sale).prop_map(|(show, state)| Op::Sale { show, state }),
        1 => (1..=BUSY_SHOWS, prop::collection::vec(0_u32..7, 0..3)).prop_map(|(show, seats)| Op::Block { show, seats }),
        1 => (1..=BUSY_SHOWS, prop::collection::vec(0_u32..7, 0..2)).prop_map(|(show, seats)| Op::Unblock { show, seats }),
    ]
    .boxed()
}

/// Mostly what the show sells.
fn items(show: u64) -> BoxedStrategy<Vec<HoldItem>> {
    let stalls = prop::collection::vec(0_u32..5, 1..3).prop_map(|some| seats(STALLS, &some));
    let boxes = prop::collection::vec(4_u32..7, 1..2).prop_map(|some| seats(BOX, &some));
    let item = if show % 2 == 1 {
        prop_oneof![
            4 => stalls,
            2 => boxes,
            3 => prop_oneof![1 => Just(0_u32), 6 => 1_u32..4].prop_map(|quantity| standing(STANDING, quantity)),
            2 => (1_u32..3).prop_map(|quantity| standing(GUEST, quantity)),
        ]
        .boxed()
    } else {
        prop_oneof![8 => (1_u32..4).prop_map(|quantity| standing(0, quantity)), 1 => stalls].boxed()
    };
    prop::collection::vec(item, 1..3).boxed()
}

fn outcome() -> impl Strategy<Value = EffectOutcome> {
    prop_oneof![12 => Just(done()), 1 => Just(declined()), 1 => Just(refused()), 1 => Just(unavailable()), 1 => Just(unknown())]
}

fn reporting() -> BoxedStrategy<Op> {
    let direction = prop_oneof![Just(Direction::Forward), Just(Direction::Backward)];
    prop_oneof![
        11 => (any::<usize>(), outcome()).prop_map(|(pending, outcome)| Op::Report { pending, outcome }),
        1 => (any::<usize>(), 0_u8..6, direction, outcome())
            .prop_map(|(order, step, direction, outcome)| Op::StrayReport { order, step, direction, outcome }),
        1 => (any::<usize>(), prop_oneof![4 => Just(0_i64), 1 => Just(1)])
            .prop_map(|(pending, excess_minor)| Op::Payout { pending, excess_minor }),
        2 => any::<usize>().prop_map(|saga| Op::Retry { saga }),
    ]
    .boxed()
}

fn after_the_sale() -> BoxedStrategy<Op> {
    let positions = prop_oneof![
        2 => Just(None),
        5 => prop::collection::vec(0_u32..3, 0..3).prop_map(Some),
    ];
    let excess = prop_oneof![12 => Just(0_i64), 1 => Just(-1), 1 => Just(10), 1 => Just(i64::MIN / 2)];
    let percent = prop_oneof![Just(0_i64), Just(1), Just(40), Just(100), Just(101)];
    let policy = prop_oneof![Just(LatePayment::SameSeat), Just(LatePayment::EquivalentSeat), Just(LatePayment::Refund)];
    let show = prop_oneof![6 => Just(None), 1 => (1..=BUSY_SHOWS).prop_map(Some)];
    prop_oneof![
        3 => (any::<usize>(), positions, any::<bool>(), any::<bool>())
            .prop_map(|(order, positions, by_operator, waive_fee)| Op::Cancel { order, positions, by_operator, waive_fee }),
        2 => (any::<usize>(), percent).prop_map(|(order, percent)| Op::Refund { order, percent }),
        6 => (any::<usize>(), excess, 0_u8..6).prop_map(|(order, excess_minor, reference)| Op::Pay { order, excess_minor, reference }),
        4 => (any::<usize>(), policy).prop_map(|(order, policy)| Op::Resolve { order, policy }),
        4 => (any::<usize>(), 0_u32..4, show, 0_u16..3, any::<bool>(), any::<bool>())
            .prop_map(|(order, position, show, list, offline, twice)| Op::CheckIn { order, position, show, list, offline, twice }),
    ]
    .boxed()
}

fn repeating() -> BoxedStrategy<Op> {
    prop_oneof![2 => any::<usize>().prop_map(|request| Op::Repeat { request }), 1 => any::<usize>().prop_map(|request| Op::Reuse { request })]
        .boxed()
}

fn passing() -> BoxedStrategy<Op> {
    let pass = prop_oneof![
        2 => Just(0_u64),
        2 => Just(40),
        2 => Just(1_000),
        2 => Just(29_000),
        2 => Just(60_000),
        3 => Just(900_000),
        1 => Just(25 * HOUR_MS),
        1 => Just(TRANSFER_MS),
    ];
    prop_oneof![
        5 => pass.prop_map(|ms| Op::Pass { ms }),
        1 => prop_oneof![Just(10_u64), Just(70_000), Just(2 * HOUR_MS)].prop_map(|ms| Op::Away { ms }),
    ]
    .boxed()
}
