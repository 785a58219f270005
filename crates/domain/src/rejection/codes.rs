//! The stable code of every rejection, what it means, and what can be done about it.

use super::Rejection;

/// A stable code and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code: for programs, never changed.
    pub code: &'static str,
    /// When it comes.
    pub meaning: &'static str,
    /// What the caller can do about it.
    pub advice: &'static str,
}

macro_rules! codes {
    ($($rejection:ident: $code:literal, $meaning:literal, $advice:literal;)*) => {
        impl Rejection {
            /// Every code that a rejection may have, in the order in which rejections are declared. A code may stand here twice: two
            /// rejections that callers need not tell apart.
            pub const CODES: &[Code] = &[$(Code { code: $code, meaning: $meaning, advice: $advice }),*];

            fn known(&self) -> Code {
                match self { $(Self::$rejection { .. } => Code { code: $code, meaning: $meaning, advice: $advice },)* }
            }
        }
    };
}

codes! {
    IdempotencyKeyReused: "idempotency_key_reused", "The same key came with another request before.", "Use a new Idempotency-Key for a new request.";
    IdempotencyKeyExpired: "idempotency_key_expired", "The key is older than keys are remembered, so nobody can tell a repeat from a new request.", "Make a new key; look first whether the earlier request went through.";
    VenueNotFound: "venue_not_found", "No venue has this id.", "Check the id; ids are complete UUIDs.";
    ShowNotFound: "show_not_found", "No show has this id.", "Check the id; ids are complete UUIDs.";
    InvalidShow: "invalid_show", "The show contradicts itself or its venue: a category that the plan lacks, two products of one name, a quota that nobody knows.", "Correct what is named and send it again with a new key.";
    InvalidPlan: "invalid_plan", "The plan breaks a rule of plans. Every fault comes at once, each with its path in the file.", "Correct what is named and send it again with a new key.";
    SaleNotOpen: "sale_not_open", "The show is a draft, paused or closed; only an open show is sold.", "Wait until the sale is open; GET /v1/shows/{show} tells.";
    SaleStateConflict: "sale_state_conflict", "The sale cannot go from its state to the one that was asked for; a closed sale stays closed.", "Look at the show's sale state first.";
    OutsideSaleWindow: "outside_sale_window", "The show or the product is open, but its sale has not begun yet or is over.", "Come back when it is sold; GET /v1/shows/{show} tells when.";
    BuyerRefRequired: "buyer_ref_required", "The show limits what one buyer may have, and the hold does not say whose it is.", "Send buyer_ref: this show limits what one buyer may have.";
    LimitExceeded: "limit_exceeded", "With this hold the buyer would have more places than the show lets one buyer have.", "Ask for fewer, or let go of a hold; a new try needs a new key.";
    EmptyHold: "empty_hold", "The hold claims nothing.", "Name at least one item with a quantity or seats.";
    UnknownProduct: "unknown_product", "The show sells nothing of this name.", "GET /v1/shows/{show} lists the products.";
    WrongClaim: "wrong_claim", "A product with numbered seats is claimed by seats (or best available), one without by quantity, and not both.", "Name seats for a product with seats, a quantity for one without.";
    UnknownSeat: "unknown_seat", "The plan has no seat of this label path.", "GET /v1/shows/{show}/seats lists the seats.";
    SeatNotInProduct: "seat_not_in_product", "The seat is in a category that the product does not sell.", "Choose the product of that seat's category.";
    SeatTwice: "seat_twice", "A seat is named twice in one hold.", "Name each seat once.";
    TooManyPlaces: "too_many_places", "The hold claims more places than one hold may have.", "Split the request into several holds.";
    TtlOutOfRange: "ttl_out_of_range", "A hold lives from 1 second to 1 hour.", "Ask for 1 s to 1 h.";
    SeatTaken: "seat_taken", "At least one of the seats is held, sold or blocked. The problem names them all; nothing was held.", "Choose other seats; a new try needs a new key.";
    SoldOut: "sold_out", "Fewer places are left than were asked for. Nothing was held.", "Ask for fewer, or come back when holds have expired; a new try needs a new key.";
    SeatsSoldOut: "sold_out", "Fewer places are left than were asked for. Nothing was held.", "Ask for fewer, or come back when holds have expired; a new try needs a new key.";
    NotEnoughAdjacentSeats: "not_enough_adjacent_seats", "Seats are left, but the group finds none together. The problem says how large a group would.", "Ask for a smaller group, let it be split (\"split\": true), or ask for other seats; a new try needs a new key.";
    OrphanSeat: "orphan_seat", "The show forbids to leave a single seat alone between taken ones, and this choice would. The problem names the seats that would be left.", "Take the seat that would be left alone too, or choose seats further away from it.";
    TableSoldWhole: "table_sold_whole", "The table is sold as a whole, and the hold lacks some of its chairs. The problem names them.", "Take all chairs of the table.";
    HoldNotFound: "hold_not_found", "No hold has this id, or it is so long over that it is forgotten.", "Check the id; ids are complete UUIDs.";
    HoldExpired: "hold_expired", "The hold's time is over, or it was released; its places may belong to somebody else.", "Place a new hold.";
    HoldInOrder: "hold_in_order", "An order has taken the hold; it cannot be extended, released or ordered again.", "The order decides now; look at it.";
    NoHolds: "no_holds", "The order names no hold.", "Name at least one hold.";
    TooManyHolds: "too_many_holds", "The order names more holds than one order may have.", "Place several orders.";
    HoldTwice: "hold_twice", "The order names a hold twice.", "Name each hold once.";
    MixedCurrencies: "mixed_currencies", "The holds are of shows with prices in different currencies.", "Place one order for each currency.";
    AmountTooLarge: "amount_too_large", "The prices add up to more than can be counted.", "Place several orders.";
    OrderNotFound: "order_not_found", "No order has this id or code.", "Check the id; ids are complete UUIDs.";
    OrderAlreadyCancelled: "order_already_cancelled", "The order was cancelled before.", "Nothing to do; the order tells what became of its money.";
    OrderNotConfirmed: "order_not_confirmed", "Only a confirmed order can be changed that way, and this one is not.", "Wait until the order is confirmed, or cancel it as a whole.";
    OrderStuck: "order_stuck", "The order's saga waits for an operator's decision; until then nothing else is done to it.", "Look at its saga and let it go on first.";
    UnknownPosition: "unknown_position", "The order has no position of this number.", "GET /v1/orders/{order} numbers the positions, from 0.";
    PositionCancelled: "position_cancelled", "The position was cancelled before.", "Leave out what is cancelled already.";
    NothingSelected: "nothing_selected", "The request names nothing that it could be done to.", "Name at least one.";
    RefundTooLarge: "refund_too_large", "More was asked back than is left of the payment.", "Give back at most what is left of the payment.";
    WrongProvider: "wrong_provider", "The payment came through another provider than the order is paid through.", "Report the payment through the provider that the order names.";
    WrongAmount: "wrong_amount", "The payment is not what the order costs.", "Check the amount; a part payment must be settled with the payer.";
    PaymentAlreadyKnown: "payment_already_known", "A payment of this reference was reported before; money is counted once.", "Nothing to do: this payment has been booked.";
    OrderAlreadyPaid: "order_already_paid", "The order was paid before, with another payment.", "The order was paid with another payment; give this one back to its payer.";
    NotAwaitingPayment: "not_awaiting_payment", "The order does not wait for a payment at the moment.", "Look at the order; it is just being settled or cancelled.";
    NoPayoutPending: "no_payout_pending", "No refund of this amount waits to be paid out by hand.", "Check the amount; GET /v1/orders/{order} lists the refunds.";
    NoLatePayment: "no_late_payment", "No late payment of this order waits for a decision.", "Nothing to do: no money waits for a decision there.";
    PlanConflict: "plan_conflict", "The new plan lacks seats that are held or sold, or would sell a table as a whole of which a part is. The problem names them; nothing was changed.", "Keep these seats in the plan under their labels, or cancel or release first what is on them; a dry run lists them all.";
    SeatNotBlocked: "seat_not_blocked", "At least one of the seats is not blocked. The problem names them; nothing was changed.", "GET /v1/shows/{show}/seats tells which seats are blocked.";
    TicketNotFound: "ticket_not_found", "The code is signed by this house, but no sale belongs to it.", "The code is genuine, but no sale belongs to it; ask at the box office.";
    TicketCancelled: "ticket_cancelled", "The ticket's place was cancelled after the sale.", "Do not let the holder in; the box office can tell more.";
    TicketOfOtherShow: "ticket_of_other_show", "The ticket is genuine, and for another show.", "Send the holder to the right door.";
    UnknownCheckInList: "unknown_check_in_list", "The show has no check-in list of this name.", "GET /v1/shows/{show} names the check-in lists.";
    TicketNotOnList: "ticket_not_on_list", "The ticket's product may not pass at this check-in list.", "Send the holder to the right entrance.";
    TicketAlreadyUsed: "ticket_already_used", "Somebody has passed with this ticket. The problem tells at which gate and when.", "Do not let the holder in; somebody has entered with this ticket.";
    PartReleased: "part_released", "What an order over several partitions reserved here was released before.", "Nothing to do: the order it belongs to has ended or will end unsold.";
    ReservedTooLate: "reserved_too_late", "A reservation for an order over several partitions came after the order's deadline.", "Nothing to do: the order it belongs to has ended or will end unsold.";
    PartSold: "part_sold", "A part of an order over several partitions is sold and cannot be released.", "Cancel it as an order.";
    PartOfOrder: "part_of_order", "The order is a part of another one, which has the money.", "The payment belongs to the order that is named; do it there.";
    SagaNotStuck: "saga_not_stuck", "The saga does not wait for an operator.", "Nothing to do: the saga goes on by itself, or has ended.";
    SagaNotFound: "saga_not_found", "No saga has this id.", "Check the id.";
    StepNotPending: "step_not_pending", "The saga does not wait for this result.", "Nothing to do: the step has been reported already or is not due.";
    KeyNotFound: "key_not_found", "No API key has this id.", "Check the id.";
    InvalidApiKey: "invalid_api_key", "The key makes no sense: it has no name, a scope that needs an organiser has none, or a secret would stay good for too long.", "Correct what is named and send it again with a new key.";
    InvalidOrganiser: "invalid_organiser", "The organiser has no name, or one of more than 200 bytes.", "Correct what is named and send it again with a new key.";
    OrganiserNotFound: "organiser_not_found", "No organiser has this id.", "Check the id; GET /v1/organisers lists them.";
    OrganiserExists: "organiser_exists", "Another organiser has this name.", "Use the organiser that is named, or another name.";
    WrongPartition: "wrong_partition", "The id belongs to another partition than the one that was asked.", "Send it to the partition that the id names.";
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.known().code
    }

    /// What the caller can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.known().advice
    }
}
