//! How the parts of a state lie in a snapshot, where the journal has no layout for them.

use std::sync::Arc;

use guichet_domain::across::{Across, HomeOf, PartOf, PartRequest};
use guichet_domain::after_sale::{AfterSale, CheckIn, Late, Refund};
use guichet_domain::hold::{BuyerRef, Hold, HoldItem};
use guichet_domain::inventory::QuotaCount;
use guichet_domain::order::{CancelReason, Order, OrderLine, OrderState, PaymentRequest, PaymentState};
use guichet_domain::record::KeyHash;
use guichet_domain::saga::{Direction, Effect, PendingEffect, Progress, Saga, SagaRef, StepError};
use guichet_domain::show::LatePayment;
use guichet_domain::state::Sequences;
use guichet_domain::{HoldId, OrderId, SagaId, ShowId, TicketId};

use crate::codec::{CodecError, Reader, Wire, Writer, layout};
use crate::read_model::{Ended, ProductTally, ShowRest};

layout!(
    struct Sequences {
        venue: u64,
        show: u64,
        api_key: u64,
        organiser: u64,
        hold: u64,
        order: u64,
        ticket: u64,
        saga: u64,
    }
);

layout!(
    struct QuotaCount {
        size: u32,
        held: u32,
        booked: u32,
    }
);

layout!(
    struct Hold {
        id: HoldId,
        show: ShowId,
        items: Arc<[HoldItem]>,
        expires_at_unix_ms: u64,
        order: Option<OrderId>,
        buyer_ref: Option<Box<BuyerRef>>,
        keys: Vec<KeyHash>,
    }
);

layout!(
    struct Order {
        id: OrderId,
        show: ShowId,
        holds: Vec<HoldId>,
        lines: Vec<OrderLine>,
        total_minor: i64,
        payment_request: PaymentRequest,
        state: OrderState,
        stuck: bool,
        payment: PaymentState,
        authorisation: Option<String>,
        saga: SagaId,
        first_ticket: Option<TicketId>,
        issued: bool,
        cancel_reason: Option<CancelReason>,
        after: Option<Box<AfterSale>>,
        across: Option<Box<Across>>,
    }
);

layout!(enum Across, "unknown end of an order across partitions" {
    1 = Home(home: HomeOf),
    2 = Part(part: PartOf),
});

layout!(
    struct HomeOf {
        wanted: Vec<PartRequest>,
        deadline_unix_ms: u64,
        parts: Vec<OrderId>,
        waive_fee: bool,
        refunds_taken: Vec<SagaId>,
    }
);

layout!(
    struct PartOf {
        home: OrderId,
        saga: SagaId,
        deadline_unix_ms: u64,
        due_unix_ms: u64,
    }
);

layout!(
    struct OrderLine {
        show: ShowId,
        items: Arc<[HoldItem]>,
        buyer_ref: Option<Box<BuyerRef>>,
    }
);

layout!(
    struct AfterSale {
        cancelled: Vec<u32>,
        fees_minor: i64,
        refunds: Vec<Refund>,
        cancel_requested: Option<CancelReason>,
        late: Option<Late>,
        earlier_payments: Vec<String>,
        check_ins: Vec<CheckIn>,
    }
);

layout!(
    struct Refund {
        saga: SagaId,
        amount_minor: i64,
        done: bool,
    }
);

layout!(
    struct Late {
        amount_minor: i64,
        policy: LatePayment,
    }
);

layout!(
    struct ProductTally {
        held: u64,
        booked: u64,
        cancelled: u64,
        fees_minor: i64,
    }
);

layout!(
    struct ShowRest {
        changed_at_offset: u64,
        products: Vec<ProductTally>,
        blocked: Vec<(u32, String)>,
    }
);

layout!(
    struct Saga {
        id: SagaId,
        definition: SagaRef,
        order: OrderId,
        progress: Progress,
        pending: Option<PendingEffect>,
        receipts: Vec<(u8, String)>,
        failure: Option<StepError>,
    }
);

layout!(enum Progress, "unknown progress of a saga" {
    1 = Forward { step: u8 },
    2 = Backward { below: u8 },
    3 = Completed,
    4 = Compensated,
    5 = Stuck { step: u8, direction: Direction },
});

layout!(
    struct PendingEffect {
        step: u8,
        direction: Direction,
        attempt: u32,
        effect: Effect,
        retry_at_unix_ms: Option<u64>,
    }
);

layout!(enum Ended, "unknown kind of ending" {
    1 = Hold(hold: HoldId),
    2 = Order(order: OrderId),
});

impl Wire for KeyHash {
    const BYTES_MIN: usize = 16;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        let Self(hash) = self;
        writer.array(hash);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self(reader.array()?))
    }
}
