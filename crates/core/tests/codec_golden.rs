//! The bytes of records and the fingerprints of commands, as released. They never change: a journal outlives the program.
//!
//! After adding an event or rejection, add an example and run once with `GUICHET_GOLDEN=write`; the difference may only have new lines.

#![allow(clippy::unwrap_used, reason = "a test: its helpers may fail it")]

#[path = "golden/across.rs"]
mod across;
#[path = "golden/commands.rs"]
mod commands;
#[path = "golden/examples.rs"]
mod examples;

use std::collections::BTreeSet;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use guichet_core::codec::{decode_record, encode_record, fingerprint};
use guichet_domain::commands::{PaymentTerms, PlaceOrder};
use guichet_domain::saga::{Effect, EffectOutcome, StepError};
use guichet_domain::{Command, Event, Record, Rejection};

fn golden(name: &str, lines: &[(&str, String)]) -> Vec<(String, String)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1").join(name);
    if std::env::var_os("GUICHET_GOLDEN").is_some_and(|value| value == "write") {
        let text: String = lines.iter().map(|(name, hex)| format!("{name} {hex}\n")).collect();
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| line.split_once(' ').unwrap_or_else(|| panic!("no name: {line}"))).map(|(a, b)| (a.into(), b.into())).collect()
}

fn encoded(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    encode_record(record, &mut out);
    out
}

#[test]
fn records_have_their_released_bytes() {
    let examples = examples::all();
    let lines: Vec<_> = examples.iter().map(|(name, record)| (*name, HEXLOWER.encode(&encoded(record)))).collect();
    let golden = golden("records.hex", &lines);
    assert_eq!(golden.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), lines.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for ((name, hex), (_, record)) in golden.iter().zip(&examples) {
        let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(decode_record(&bytes).as_ref(), Ok(record), "{name} is read differently");
        assert_eq!(HEXLOWER.encode(&encoded(record)), *hex, "{name} is written differently");
    }
}

#[test]
fn commands_have_their_released_fingerprints() {
    let commands = commands::all();
    let lines: Vec<_> = commands.iter().map(|(name, command)| (*name, format!("{:016x}", fingerprint(command)))).collect();
    let expected: Vec<_> = lines.iter().map(|(name, hex)| ((*name).to_owned(), hex.clone())).collect();
    assert_eq!(golden("fingerprints.hex", &lines), expected);
    let different: BTreeSet<_> = lines.iter().map(|(_, hex)| hex).collect();
    assert_eq!(different.len(), lines.len(), "two commands share a fingerprint");
}

#[test]
fn the_ignored_id_of_a_draft_does_not_count() {
    let Some((_, Command::CreateShow(command))) = commands::all().into_iter().find(|(name, _)| *name == "create_show") else {
        panic!("no example");
    };
    let mut other = command.clone();
    other.draft.id = guichet_domain::ShowId::from_bits(1);
    assert_eq!(fingerprint(&Command::CreateShow(command)), fingerprint(&Command::CreateShow(other)));
}

/// A provider that is reconfigured meanwhile makes no other command of a retry.
#[test]
fn the_terms_of_an_order_follow_from_its_provider_and_do_not_count() {
    let Some((_, Command::PlaceOrder(command))) = commands::all().into_iter().find(|(name, _)| *name == "place_order") else {
        panic!("no example");
    };
    let other = PlaceOrder { terms: PaymentTerms::Transfer, ..command.clone() };
    assert_ne!(command, other);
    assert_eq!(fingerprint(&Command::PlaceOrder(command)), fingerprint(&Command::PlaceOrder(other)));
}

/// The name of a variant by an exhaustive match, and the list of all: a new variant breaks the build until it is listed here, and the
/// test until it has an example.
macro_rules! variants {
    ($all:ident, $name_of:ident, $type:ident { $($variant:ident)* }) => {
        const $all: &[&str] = &[$(stringify!($variant)),*];
        fn $name_of(value: &$type) -> &'static str {
            match value {
                $($type::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

variants!(RECORDS, record_name, Record { Accepted Refused Timely });
variants!(EVENTS, event_name, Event {
    VenueRegistered ShowCreated ApiKeyCreated ApiKeyRotated ApiKeysUsed ApiKeyRevoked OrganiserCreated VenueOwned ShowOwned ShowAdopted SaleStateChanged PlanRevised SeatsBlocked SeatsUnblocked HoldPlaced
    HoldExtended HoldReleased HoldExpired ReopenGraceGranted OrderPlaced SeatsBooked BookingReversed PaymentAuthorised PaymentDeclined
    PaymentUnknown PaymentCaptured PaymentVoided PaymentRefunded TicketsIssued OrderConfirmed OrderCancelled OrderStuck CancelRequested
    PositionsCancelled RefundStarted PaymentArrivedLate LatePolicyChosen OrderReinstated TicketCheckedIn SagaStarted EffectIntended
    StepDone StepFailed RetryScheduled SagaCompleted SagaCompensated SagaStuck SagaResumed
    PartsWanted PartsReserved PartsCancelled PartRefundTaken PartPlaced PartBarred PartOverdue RefundHandedOver
});
variants!(REJECTIONS, rejection_name, Rejection {
    IdempotencyKeyReused IdempotencyKeyExpired VenueNotFound ShowNotFound InvalidShow InvalidPlan SaleNotOpen SaleStateConflict EmptyHold
    UnknownProduct WrongClaim UnknownSeat SeatNotInProduct SeatTwice TooManyPlaces TtlOutOfRange SeatTaken SoldOut
    SeatsSoldOut NotEnoughAdjacentSeats OrphanSeat TableSoldWhole HoldNotFound
    HoldExpired HoldInOrder NoHolds TooManyHolds HoldTwice MixedCurrencies AmountTooLarge OrderNotFound SagaNotFound StepNotPending
    KeyNotFound WrongPartition OutsideSaleWindow BuyerRefRequired LimitExceeded OrderAlreadyCancelled OrderNotConfirmed OrderStuck
    UnknownPosition PositionCancelled NothingSelected RefundTooLarge WrongProvider WrongAmount PaymentAlreadyKnown OrderAlreadyPaid
    NotAwaitingPayment NoPayoutPending NoLatePayment SeatNotBlocked TicketNotFound TicketCancelled TicketOfOtherShow UnknownCheckInList
    TicketNotOnList TicketAlreadyUsed SagaNotStuck PartReleased ReservedTooLate PartSold PartOfOrder PlanConflict
    InvalidApiKey InvalidOrganiser OrganiserNotFound OrganiserExists
});
variants!(EFFECTS, effect_name, Effect {
    Authorise Capture Void Refund IssueTickets ReserveParts BookParts ConfirmParts ReleaseParts CancelParts RefundPart
});
variants!(ERRORS, error_name, StepError { Declined Unavailable TimedOut DeadlinePassed HoldGone Cancelled GivenBack Failed });
variants!(COMMANDS, command_name, Command {
    RegisterVenue CreateShow CreateApiKey RevokeApiKey AdoptShow SetSaleState PlaceHold ExtendHold ReleaseHold PlaceOrder ReportEffect
    CancelOrder RefundOrder BlockSeats UnblockSeats ConfirmPayment ConfirmPayout ResolveLatePayment RetrySaga CheckInTicket
    PlacePart BookPart ConfirmPart ReleasePart RefundPart RevisePlan
    RotateApiKey NoteKeyUses CreateOrganiser
});
variants!(OUTCOMES, outcome_name, EffectOutcome { Done Refused Unavailable Unknown });

fn assert_all(all: &[&'static str], seen: impl Iterator<Item = &'static str>) {
    assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), seen.collect::<BTreeSet<_>>());
}

#[test]
fn every_variant_has_an_example() {
    let records = examples::all();
    let records: Vec<_> = records.iter().map(|(_, record)| record).collect();
    let events: Vec<_> = records.iter().flat_map(|record| record.events()).collect();
    let rejections = records.iter().filter_map(|record| match record {
        Record::Refused { rejection, .. } => Some(rejection),
        Record::Accepted { .. } | Record::Timely { .. } => None,
    });
    let effects = events.iter().filter_map(|event| match event {
        Event::EffectIntended { effect, .. } => Some(effect),
        _ => None,
    });
    let errors = events.iter().filter_map(|event| match event {
        Event::StepFailed { error, .. } | Event::RetryScheduled { error, .. } | Event::SagaStuck { error, .. } => Some(error),
        _ => None,
    });
    assert_all(RECORDS, records.iter().map(|record| record_name(record)));
    assert_all(EVENTS, events.iter().map(|event| event_name(event)));
    assert_all(REJECTIONS, rejections.map(rejection_name));
    assert_all(EFFECTS, effects.map(effect_name));
    assert_all(ERRORS, errors.map(error_name));

    let commands = commands::all();
    let outcomes = commands.iter().filter_map(|(_, command)| match command {
        Command::ReportEffect(report) => Some(&report.outcome),
        _ => None,
    });
    assert_all(COMMANDS, commands.iter().map(|(_, command)| command_name(command)));
    assert_all(OUTCOMES, outcomes.map(outcome_name));
}

#[test]
fn examples_have_names_of_their_own() {
    let names: Vec<_> = examples::all().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
