//! Commands: what somebody wants. One file each; a new one is a file, a variant of [`Command`] and a line in [`Command::kind`].
//!
//! `decide` reads the state and the time and answers with events or with the first rejection in the order that its file documents.

mod adopt_show;
mod block_seats;
mod book_part;
mod cancel_order;
mod check_in_ticket;
mod confirm_part;
mod confirm_payment;
mod confirm_payout;
mod create_api_key;
mod create_organiser;
mod create_show;
mod extend_hold;
mod note_key_uses;
mod place_hold;
mod place_order;
mod place_part;
mod refund_order;
mod refund_part;
mod register_venue;
mod release_hold;
mod release_part;
mod report_effect;
mod resolve_late_payment;
mod retry_saga;
mod revise_plan;
mod revoke_api_key;
mod rotate_api_key;
mod set_sale_state;
mod unblock_seats;

pub use adopt_show::AdoptShow;
pub use block_seats::BlockSeats;
pub use book_part::BookPart;
pub use cancel_order::CancelOrder;
pub use check_in_ticket::CheckInTicket;
pub use confirm_part::ConfirmPart;
pub use confirm_payment::ConfirmPayment;
pub use confirm_payout::ConfirmPayout;
pub use create_api_key::CreateApiKey;
pub use create_organiser::CreateOrganiser;
pub use create_show::CreateShow;
pub use extend_hold::ExtendHold;
pub use note_key_uses::NoteKeyUses;
pub use place_hold::PlaceHold;
pub use place_order::{PaymentTerms, PlaceOrder};
pub use place_part::PlacePart;
pub use refund_order::RefundOrder;
pub use refund_part::RefundPart;
pub use register_venue::RegisterVenue;
pub use release_hold::ReleaseHold;
pub use release_part::ReleasePart;
pub use report_effect::ReportEffect;
pub use resolve_late_payment::ResolveLatePayment;
pub use retry_saga::RetrySaga;
pub use revise_plan::RevisePlan;
pub use revoke_api_key::RevokeApiKey;
pub use rotate_api_key::{OVERLAP_MS_MAX, RotateApiKey};
pub use set_sale_state::SetSaleState;
pub use unblock_seats::UnblockSeats;

use crate::record::KeyStamp;
use crate::{Event, Rejection, State};

/// Something that somebody wants.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is documented at its own type")]
pub enum Command {
    RegisterVenue(RegisterVenue),
    CreateShow(CreateShow),
    CreateApiKey(CreateApiKey),
    RevokeApiKey(RevokeApiKey),
    AdoptShow(AdoptShow),
    SetSaleState(SetSaleState),
    PlaceHold(PlaceHold),
    ExtendHold(ExtendHold),
    ReleaseHold(ReleaseHold),
    PlaceOrder(PlaceOrder),
    ReportEffect(ReportEffect),
    CancelOrder(CancelOrder),
    RefundOrder(RefundOrder),
    BlockSeats(BlockSeats),
    UnblockSeats(UnblockSeats),
    ConfirmPayment(ConfirmPayment),
    ConfirmPayout(ConfirmPayout),
    ResolveLatePayment(ResolveLatePayment),
    RetrySaga(RetrySaga),
    CheckInTicket(CheckInTicket),
    PlacePart(PlacePart),
    BookPart(BookPart),
    ConfirmPart(ConfirmPart),
    ReleasePart(ReleasePart),
    RefundPart(RefundPart),
    RevisePlan(RevisePlan),
    RotateApiKey(RotateApiKey),
    NoteKeyUses(NoteKeyUses),
    CreateOrganiser(CreateOrganiser),
}

/// A command with its idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The key; roles send none, their reports are recognised by saga and step.
    pub key: Option<KeyStamp>,
    /// When the key was made, if it tells (UUIDv7).
    pub key_made_at_unix_ms: Option<u64>,
    /// What is wanted.
    pub command: Command,
}

/// How long the key of a command stays known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLife {
    /// Until 24 h of logged time after the hold ended (or after the refusal).
    Hold,
    /// As long as the order or the catalogue entry, which is for ever so far.
    Kept,
}

impl Command {
    /// Number and name of the kind, part of the scope of an idempotency key, and how long such a key is remembered.
    #[must_use]
    pub fn kind(&self) -> (u8, &'static str, KeyLife) {
        match self {
            Self::RegisterVenue(_) => (1, "register_venue", KeyLife::Kept),
            Self::CreateShow(_) => (2, "create_show", KeyLife::Kept),
            Self::CreateApiKey(_) => (3, "create_api_key", KeyLife::Kept),
            Self::RevokeApiKey(_) => (4, "revoke_api_key", KeyLife::Kept),
            Self::AdoptShow(_) => (5, "adopt_show", KeyLife::Kept),
            Self::SetSaleState(_) => (6, "set_sale_state", KeyLife::Kept),
            Self::PlaceHold(_) => (7, "place_hold", KeyLife::Hold),
            Self::ExtendHold(_) => (8, "extend_hold", KeyLife::Hold),
            Self::ReleaseHold(_) => (9, "release_hold", KeyLife::Hold),
            Self::PlaceOrder(_) => (10, "place_order", KeyLife::Kept),
            Self::ReportEffect(_) => (11, "report_effect", KeyLife::Kept),
            Self::CancelOrder(_) => (12, "cancel_order", KeyLife::Kept),
            Self::RefundOrder(_) => (13, "refund_order", KeyLife::Kept),
            Self::BlockSeats(_) => (14, "block_seats", KeyLife::Kept),
            Self::UnblockSeats(_) => (15, "unblock_seats", KeyLife::Kept),
            Self::ConfirmPayment(_) => (16, "confirm_payment", KeyLife::Kept),
            Self::ConfirmPayout(_) => (17, "confirm_payout", KeyLife::Kept),
            Self::ResolveLatePayment(_) => (18, "resolve_late_payment", KeyLife::Kept),
            Self::RetrySaga(_) => (19, "retry_saga", KeyLife::Kept),
            Self::CheckInTicket(_) => (20, "check_in_ticket", KeyLife::Kept),
            Self::PlacePart(_) => (21, "place_part", KeyLife::Kept),
            Self::BookPart(_) => (22, "book_part", KeyLife::Kept),
            Self::ConfirmPart(_) => (23, "confirm_part", KeyLife::Kept),
            Self::ReleasePart(_) => (24, "release_part", KeyLife::Kept),
            Self::RefundPart(_) => (25, "refund_part", KeyLife::Kept),
            Self::RevisePlan(_) => (26, "revise_plan", KeyLife::Kept),
            Self::RotateApiKey(_) => (27, "rotate_api_key", KeyLife::Kept),
            Self::NoteKeyUses(_) => (28, "note_key_uses", KeyLife::Kept),
            Self::CreateOrganiser(_) => (29, "create_organiser", KeyLife::Kept),
        }
    }

    /// Decides it against the state; changes nothing.
    ///
    /// # Errors
    /// Why not.
    pub fn decide(&self, state: &State, now_unix_ms: u64) -> Result<Vec<Event>, Rejection> {
        match self {
            Self::RegisterVenue(command) => command.decide(state, now_unix_ms),
            Self::CreateShow(command) => command.decide(state, now_unix_ms),
            Self::CreateApiKey(command) => command.decide(state, now_unix_ms),
            Self::RevokeApiKey(command) => command.decide(state),
            Self::AdoptShow(command) => command.decide(state),
            Self::SetSaleState(command) => command.decide(state),
            Self::PlaceHold(command) => command.decide(state, now_unix_ms),
            Self::ExtendHold(command) => command.decide(state, now_unix_ms),
            Self::ReleaseHold(command) => command.decide(state),
            Self::PlaceOrder(command) => command.decide(state, now_unix_ms),
            Self::ReportEffect(command) => command.decide(state, now_unix_ms),
            Self::CancelOrder(command) => command.decide(state, now_unix_ms),
            Self::RefundOrder(command) => command.decide(state, now_unix_ms),
            Self::BlockSeats(command) => command.decide(state),
            Self::UnblockSeats(command) => command.decide(state),
            Self::ConfirmPayment(command) => command.decide(state, now_unix_ms),
            Self::ConfirmPayout(command) => command.decide(state, now_unix_ms),
            Self::ResolveLatePayment(command) => command.decide(state),
            Self::RetrySaga(command) => command.decide(state),
            Self::CheckInTicket(command) => command.decide(state, now_unix_ms),
            Self::PlacePart(command) => command.decide(state, now_unix_ms),
            Self::BookPart(command) => command.decide(state, now_unix_ms),
            Self::ConfirmPart(command) => command.decide(state),
            Self::ReleasePart(command) => command.decide(state, now_unix_ms),
            Self::RefundPart(command) => command.decide(state, now_unix_ms),
            Self::RevisePlan(command) => command.decide(state),
            Self::RotateApiKey(command) => command.decide(state, now_unix_ms),
            Self::NoteKeyUses(command) => command.decide(state),
            Self::CreateOrganiser(command) => command.decide(state, now_unix_ms),
        }
    }
}
