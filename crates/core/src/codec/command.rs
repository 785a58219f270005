//! Fingerprints of commands: the same idempotency key with another command is a mistake of the caller, and this tells.
//!
//! Fingerprints are in the journal, and a client may repeat its request to a later version of this program. So what is hashed is as
//! stable as a record: tags and order are spelled out here, and golden fingerprints hold them. Only what decides is hashed: the id in
//! the draft of a show is ignored by the command, so it is ignored here.

use guichet_domain::Command;
use guichet_domain::across::PartRequest;
use guichet_domain::commands::{
    AdoptShow, BlockSeats, BookPart, CancelOrder, CheckInTicket, ConfirmPart, ConfirmPayment, ConfirmPayout, CreateApiKey, CreateOrganiser,
    CreateShow, ExtendHold, NoteKeyUses, PlaceHold, PlaceOrder, PlacePart, RefundOrder, RefundPart, RegisterVenue, ReleaseHold,
    ReleasePart, ReportEffect, ResolveLatePayment, RetrySaga, RevisePlan, RevokeApiKey, RotateApiKey, SetSaleState, UnblockSeats,
};
use guichet_domain::saga::{EffectOutcome, StepError};
use guichet_domain::show::ShowDefinition;

use super::layout::{Wire, layout};
use super::wire::Writer;

/// The layout that is hashed. Another one would make every retry across an upgrade look like another command.
const LAYOUT: u8 = 1;
/// Room for a hold of several items: the usual command needs one allocation.
const USUAL_BYTES: usize = 128;

layout!(enum EffectOutcome, "unknown outcome of an effect" {
    1 = Done { receipt: Option<String> },
    2 = Refused { error: StepError },
    3 = Unavailable { error: StepError },
    4 = Unknown { error: StepError },
});

/// The first eight bytes of the BLAKE3 hash of the command's one form.
#[must_use]
pub fn fingerprint(command: &Command) -> u64 {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    let mut writer = Writer::new(&mut bytes);
    writer.u8(LAYOUT);
    put(command, &mut writer);
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
    u64::from_be_bytes(short)
}

macro_rules! put {
    ($writer:ident, $tag:literal, $($field:expr),*) => {{
        $writer.u8($tag);
        $($field.put($writer);)*
    }};
}

/// Every field of every command by name, so that a new one breaks the build.
fn put(command: &Command, writer: &mut Writer<'_>) {
    match command {
        Command::RegisterVenue(RegisterVenue { plan, organiser }) => put!(writer, 1, plan, organiser),
        // The partition is chosen anew for each attempt: a retry is the same command wherever it would be sold.
        Command::CreateShow(CreateShow { draft, partition: _, organiser }) => {
            put!(writer, 2, organiser);
            put_draft(draft, writer);
        }
        Command::CreateApiKey(CreateApiKey { name, scope, organiser, requests_per_s, secret_sha256 }) => {
            put!(writer, 3, name, scope, organiser, requests_per_s, secret_sha256);
        }
        Command::RevokeApiKey(RevokeApiKey { key }) => put!(writer, 4, key),
        Command::AdoptShow(AdoptShow { definition, plan }) => put!(writer, 5, definition, plan),
        Command::SetSaleState(SetSaleState { show, state }) => put!(writer, 6, show, state),
        Command::PlaceHold(PlaceHold { show, items, best, ttl_ms, buyer_ref }) => put!(writer, 7, show, items, best, ttl_ms, buyer_ref),
        Command::ExtendHold(ExtendHold { hold, ttl_ms }) => put!(writer, 8, hold, ttl_ms),
        Command::ReleaseHold(ReleaseHold { hold }) => put!(writer, 9, hold),
        // The terms follow from the provider, the prices of the parts from their holds.
        Command::PlaceOrder(PlaceOrder { holds, parts, payment, terms: _, buyer }) => {
            put!(writer, 10, holds, payment, buyer);
            for PartRequest { partition, holds, total_minor: _, currency: _ } in parts {
                put!(writer, 1, partition, holds);
            }
        }
        Command::ReportEffect(ReportEffect { saga, step, direction, outcome }) => put!(writer, 11, saga, step, direction, outcome),
        Command::CancelOrder(CancelOrder { order, positions, reason, waive_fee }) => {
            put!(writer, 12, order, positions, reason, waive_fee);
        }
        Command::RefundOrder(RefundOrder { order, amount_minor, note }) => put!(writer, 13, order, amount_minor, note),
        Command::BlockSeats(BlockSeats { show, seats, reason }) => put!(writer, 14, show, seats, reason),
        Command::UnblockSeats(UnblockSeats { show, seats }) => put!(writer, 15, show, seats),
        Command::ConfirmPayment(ConfirmPayment { order, provider, amount_minor, reference, taken }) => {
            put!(writer, 16, order, provider, amount_minor, reference, taken);
        }
        Command::ConfirmPayout(ConfirmPayout { order, provider, amount_minor, reference }) => {
            put!(writer, 17, order, provider, amount_minor, reference);
        }
        Command::ResolveLatePayment(ResolveLatePayment { order, policy }) => put!(writer, 18, order, policy),
        Command::RetrySaga(RetrySaga { saga }) => put!(writer, 19, saga),
        Command::CheckInTicket(CheckInTicket { ticket, show, list, gate, scanned_offline_at_unix_ms }) => {
            put!(writer, 20, ticket, show, list, gate, scanned_offline_at_unix_ms);
        }
        Command::PlacePart(PlacePart { home, saga, holds, total_minor, currency, deadline_unix_ms }) => {
            put!(writer, 21, home, saga, holds, total_minor, currency, deadline_unix_ms);
        }
        Command::BookPart(BookPart { part }) => put!(writer, 22, part),
        Command::ConfirmPart(ConfirmPart { part, key_id }) => put!(writer, 23, part, key_id),
        Command::ReleasePart(ReleasePart { saga, home, deadline_unix_ms, reason }) => {
            put!(writer, 24, saga, home, deadline_unix_ms, reason);
        }
        Command::RefundPart(RefundPart { order, part, by, amount_minor }) => put!(writer, 25, order, part, by, amount_minor),
        Command::RevisePlan(RevisePlan { show, plan }) => put!(writer, 26, show, plan),
        Command::RotateApiKey(RotateApiKey { key, secret_sha256, overlap_ms }) => put!(writer, 27, key, secret_sha256, overlap_ms),
        Command::NoteKeyUses(NoteKeyUses { uses }) => put!(writer, 28, uses),
        Command::CreateOrganiser(CreateOrganiser { name }) => put!(writer, 29, name),
    }
}

fn put_draft(draft: &ShowDefinition, writer: &mut Writer<'_>) {
    let ShowDefinition {
        id: _,
        venue,
        name,
        starts_at_unix_ms,
        currency,
        products,
        quotas,
        order_deadline_ms,
        transfer_deadline_ms,
        window,
        per_buyer_max,
        late_payment,
        cancellation_fees,
        check_in_lists,
        seating,
    } = draft;
    venue.put(writer);
    name.put(writer);
    starts_at_unix_ms.put(writer);
    currency.put(writer);
    products.put(writer);
    quotas.put(writer);
    order_deadline_ms.put(writer);
    transfer_deadline_ms.put(writer);
    window.put(writer);
    per_buyer_max.put(writer);
    late_payment.put(writer);
    cancellation_fees.put(writer);
    check_in_lists.put(writer);
    seating.put(writer);
}
