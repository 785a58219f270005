//! What an audit found: counts for everybody, findings for whoever has to look. Must never be true: a finding that is not counted.

use std::collections::BTreeMap;
use std::fmt;

use guichet_domain::ShowId;

use crate::fold::{Audit, Hand, Show};

/// Most findings that are kept in words: who has read a thousand knows enough. All of them are counted.
pub const FINDINGS_KEPT_MAX: usize = 1_000;

/// The result of an audit of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Which partition.
    pub partition: u16,
    /// How many records were read.
    pub records_checked: u64,
    /// How many events were in them.
    pub events_checked: u64,
    /// What is wrong, in journal order, the first [`FINDINGS_KEPT_MAX`].
    pub findings: Vec<Finding>,
    /// How many findings there are in all.
    pub findings_total: u64,
    /// Each show at the end of what was read.
    pub shows: BTreeMap<ShowId, ShowCounts>,
    /// What became of the orders.
    pub orders: OrderCounts,
    /// What became of the holds.
    pub holds: HoldCounts,
    /// What came after the sale, or too late for one.
    pub after_sale: AfterSaleCounts,
    /// Tickets that were made known.
    pub tickets: u64,
    /// How often each refusal was given, by its stable code.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Refusals that were not true when they were given.
    pub false_refusals: u64,
    /// How often a seat was given to a second hand or a quota went above its size.
    pub oversold: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }
}

/// One show, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShowCounts {
    /// Its name.
    pub name: String,
    /// Seats in its plan.
    pub seats: u64,
    /// Seats in live holds.
    pub seats_held: u64,
    /// Seats sold.
    pub seats_booked: u64,
    /// Seats that an operator has taken from sale.
    pub seats_blocked: u64,
    /// Its quotas, in the order of its definition.
    pub quotas: Vec<QuotaSum>,
}

/// One quota, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotaSum {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// In live holds.
    pub held: u64,
    /// Sold.
    pub booked: u64,
}

/// The holds; those that are neither released, expired nor booked are live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is a number of holds that came to what its name says")]
pub struct HoldCounts {
    pub placed: u64,
    pub released: u64,
    pub expired: u64,
    pub booked: u64,
}

/// The orders; those that are neither confirmed, cancelled nor stuck are on their way. A stuck one counts as nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is a number of orders that came to what its name says")]
pub struct OrderCounts {
    pub placed: u64,
    pub confirmed: u64,
    pub cancelled: u64,
    pub stuck: u64,
}

/// What came after the sale, or too late for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AfterSaleCounts {
    /// Refunds that are done.
    pub refunds: u64,
    /// What they gave back, in minor units.
    pub refunded_minor: u64,
    /// Positions that were cancelled.
    pub positions_cancelled: u64,
    /// Passages through a door.
    pub check_ins: u64,
    /// Late payments that got places.
    pub late_reinstated: u64,
    /// Late payments that went back.
    pub late_refunded: u64,
    /// Late payments that have neither places nor gone back.
    pub paid_unfulfilled: u64,
    /// Sagas that wait for an operator.
    pub sagas_stuck: u64,
}

impl Audit {
    /// What has come out so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        for (id, Show(definition, plan, ..)) in &self.shows {
            let quotas = (0_u16..).zip(&definition.quotas).map(|(quota, _)| self.sum(*id, quota)).collect();
            let (name, seats) = (definition.name.clone(), plan.seats.len() as u64);
            report.shows.insert(*id, ShowCounts { name, seats, quotas, ..ShowCounts::default() });
        }
        for ((show, _), hand) in &self.seats {
            let Some(counts) = report.shows.get_mut(show) else { continue };
            match hand {
                Hand::Hold(_) => counts.seats_held += 1,
                Hand::Order(_) => counts.seats_booked += 1,
                Hand::Blocked => counts.seats_blocked += 1,
            }
        }
        self.count_orders(&mut report);
        report
    }

    /// The result.
    #[must_use]
    pub fn finish(self) -> Report {
        self.report()
    }
}

/// Something that should not be in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The record that it shows in.
    pub offset: u64,
    /// The rule that is broken.
    pub rule: Rule,
    /// Where and how, for people.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}: {}: {}", self.offset, self.rule, self.what)
    }
}

macro_rules! rules {
    ($($name:ident $sentence:literal,)*) => {
        /// What must hold in every journal; `Display` says how it is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = concat!("Broken: ", $sentence, ".")] $name),* }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }

        impl fmt::Display for Rule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $sentence),* })
            }
        }
    };
}

rules! {
    StampWentBack "logged time went back",
    DuplicateId "an id was given out twice",
    ForeignId "an id names another partition",
    KeyDecidedTwice "one idempotency key was decided twice within its retention",
    UnknownShow "a record names a show that is not here",
    UnknownHold "a record names a hold that was never placed",
    UnknownOrder "a record names an order that was never placed",
    UnknownSaga "a record names a saga that is not running",
    SaleWasNotOpen "a hold was placed while the sale was not open",
    SeatOutsideProduct "a seat or quantity is not what the product sells",
    SeatInTwoHands "a seat is in two hands",
    QuotaOversold "a quota is above its size",
    HoldEndedTwice "a hold was used after its end",
    HoldPastItsTime "a hold outlived its time",
    HoldShortened "a hold was made shorter",
    HoldTakenFromOrder "a hold was taken from the order that owns it",
    ExpiredEarly "a hold expired before its time",
    ExpiryOutOfOrder "holds expired in the wrong order",
    WrongAmount "an amount is not price times quantity",
    WrongTicketCount "the number of tickets is not the number of places",
    BookedWithoutAuthorisation "seats were sold before the payment was authorised",
    ReversedWithoutBooking "a booking was reversed that did not exist",
    CapturedTooSoon "money was taken before it was authorised and the seats were booked",
    CapturedTwice "money was taken twice",
    RefundedWithoutCapture "money was given back that had not been taken",
    VoidedAfterCapture "an authorisation was given back although the money had been taken",
    TicketsWithoutCapture "tickets were issued before the money was taken",
    ConfirmedWithoutTickets "an order was confirmed without tickets",
    OrderEndedTwice "an order moved after its end",
    OrderLeftOpen "a saga ended and its order did not",
    CancelledOrderKeepsSeats "a cancelled order keeps seats",
    CancelledOrderKeepsMoney "a cancelled order keeps the buyer's money",
    EffectWithoutIntent "an effect was reported that was never intended",
    EffectAbandoned "an effect was dropped while its outcome was unknown",
    StepOutOfOrder "a saga did or undid its steps in the wrong order",
    ResumedElsewhere "a saga was resumed where it was not stuck",
    OutsideItsWindow "a hold was placed outside its sale window",
    BuyerUnknown "a hold counts for nobody although its show limits what a buyer may have",
    BuyerAboveLimit "a buyer has more than the show allows",
    TableTornApart "a table that is sold as a whole was sold in part",
    SeatLeftAlone "a seat was left alone although the show forbids it",
    SeatLost "a seat that is held or sold is not in the plan any more",
    SeatRenumbered "a number stands for another seat or category than before",
    SeatWasNotBlocked "a seat was put on sale again that was not blocked",
    MixedCurrencies "an order is in more than one currency",
    FreeOrderPaid "money was asked for an order that costs nothing",
    CancelRequestIgnored "an order was confirmed although it was to be cancelled",
    CancelledInPart "an order was cancelled without its places, or its places without it",
    PositionNotSold "a position was cancelled that was not sold, or not any more",
    WrongFee "a cancellation fee is not what the show says",
    RefundedTwice "one refund was done twice",
    RefundedTooMuch "more was given back than was paid",
    RefundLost "money that is owed is not on its way",
    LatePaymentWithoutCause "late money came for an order that does not wait for any",
    LatePolicyIgnored "late money was used against its policy",
    TicketOfNobody "a ticket was checked in that nobody has",
    CancelledTicketUsed "a cancelled ticket was checked in",
    TicketNotOnList "a ticket was checked in on a list that it is not on",
    TicketUsedTwice "a ticket was checked in twice on one list",
    PartNotAsOrdered "a part is not what was ordered of it",
    PartAfterRelease "a part was placed, sold or barred against what had become of it",
    PartTwice "an order has two parts in one partition",
    PartDecidedItself "a part did what is for its home to do",
    PinnedHoldExpired "a hold expired that is pinned for an order elsewhere",
    OverdueIgnored "a part was due to ask for its home and did not, or asked when it was not due",
    OrganiserTwice "two organisers have one name",
    UnknownOrganiser "a record names an organiser that is not here",
    VenueOfAnother "a show is at a venue that is another organiser's",
    UnknownKey "a record names an API key that is not here, or not any more",
    KeyReachesTooFar "an API key's scope and its organiser contradict each other",
    KeyUseWentBack "the last use of an API key went back",
    FalseRefusal "a refusal was not true when it was given",
}
