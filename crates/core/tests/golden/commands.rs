//! One command for every kind and for every outcome of an effect.

use std::sync::Arc;

use guichet_domain::Command;
use guichet_domain::best::BestAvailable;
use guichet_domain::commands::{
    AdoptShow, BlockSeats, CancelOrder, CheckInTicket, ConfirmPayment, ConfirmPayout, CreateApiKey, CreateOrganiser, CreateShow,
    ExtendHold, NoteKeyUses, PaymentTerms, PlaceHold, PlaceOrder, RefundOrder, RegisterVenue, ReleaseHold, ReportEffect,
    ResolveLatePayment, RetrySaga, RevisePlan, RevokeApiKey, RotateApiKey, SetSaleState, UnblockSeats,
};
use guichet_domain::key::Scope;
use guichet_domain::order::CancelReason;
use guichet_domain::saga::{Direction, EffectOutcome, StepError};
use guichet_domain::show::{LatePayment, SaleState};

use crate::examples::{api_key, definition, hold, items, order, organiser, payment, plan, saga, show, ticket, wanted};

/// Every example with its name.
pub(crate) fn all() -> Vec<(&'static str, Command)> {
    let report = |outcome| Command::ReportEffect(ReportEffect { saga: saga(), step: 1, direction: Direction::Forward, outcome });
    let place = |ttl_ms, buyer_ref| Command::PlaceHold(PlaceHold { show: show(), items: items(), best: Vec::new(), ttl_ms, buyer_ref });
    let best =
        |wanted| Command::PlaceHold(PlaceHold { show: show(), items: [].into(), best: vec![wanted], ttl_ms: 60_000, buyer_ref: None });
    let buy = |buyer| {
        let (holds, terms) = (vec![hold(41), hold(42)], PaymentTerms::Prompt);
        Command::PlaceOrder(PlaceOrder { holds, parts: Vec::new(), payment: payment(), terms, buyer })
    };
    let mut all = vec![
        ("register_venue", Command::RegisterVenue(RegisterVenue { plan: plan(), organiser: None })),
        ("create_show", Command::CreateShow(CreateShow { draft: definition(), partition: 3, organiser: None })),
        ("create_api_key", Command::CreateApiKey(CreateApiKey { organiser: None, requests_per_s: None, ..organisers_key() })),
        ("create_api_key_of_an_organiser", Command::CreateApiKey(organisers_key())),
        ("rotate_api_key", Command::RotateApiKey(RotateApiKey { key: api_key(), secret_sha256: [0xab; 32], overlap_ms: 86_400_000 })),
        ("note_key_uses", Command::NoteKeyUses(NoteKeyUses { uses: vec![(api_key(), 1_795_000_000_123)] })),
        ("create_organiser", Command::CreateOrganiser(CreateOrganiser { name: "Circuit".into() })),
        ("register_venue_of_an_organiser", Command::RegisterVenue(RegisterVenue { plan: plan(), organiser: Some(organiser()) })),
        (
            "create_show_of_an_organiser",
            Command::CreateShow(CreateShow { draft: definition(), partition: 3, organiser: Some(organiser()) }),
        ),
        ("revoke_api_key", Command::RevokeApiKey(RevokeApiKey { key: api_key() })),
        ("adopt_show", Command::AdoptShow(AdoptShow { definition: Arc::new(definition()), plan: plan() })),
        ("set_sale_state", Command::SetSaleState(SetSaleState { show: show(), state: SaleState::Open })),
        ("place_hold", place(600_000, None)),
        ("place_hold_shorter", place(60_000, None)),
        ("place_hold_of_the_best", best(wanted())),
        ("place_hold_of_the_best_split", best(BestAvailable { split: true, ..wanted() })),
        ("place_hold_of_a_buyer", place(600_000, Some([0xbb; 16]))),
        ("extend_hold", Command::ExtendHold(ExtendHold { hold: hold(41), ttl_ms: 600_000 })),
        ("release_hold", Command::ReleaseHold(ReleaseHold { hold: hold(41) })),
        ("place_order", buy(None)),
        ("place_order_of_a_buyer", buy(Some([0xee; 16]))),
        ("report_done", report(EffectOutcome::Done { receipt: Some("auth_1".into()) })),
        ("report_done_without_receipt", report(EffectOutcome::Done { receipt: None })),
        ("report_refused", report(EffectOutcome::Refused { error: StepError::Declined("insufficient_funds".into()) })),
        ("report_unavailable", report(EffectOutcome::Unavailable { error: StepError::Unavailable("connection refused".into()) })),
        ("report_unknown", report(EffectOutcome::Unknown { error: StepError::TimedOut })),
    ];
    all.extend(after_the_sale());
    all.extend(crate::across::commands());
    all
}

fn organisers_key() -> CreateApiKey {
    CreateApiKey {
        name: "box office".into(),
        scope: Scope::Shop,
        organiser: Some(organiser()),
        requests_per_s: Some(500),
        secret_sha256: [0xcd; 32],
    }
}

fn after_the_sale() -> Vec<(&'static str, Command)> {
    let order = order();
    let cancel = |positions, reason, waive_fee| Command::CancelOrder(CancelOrder { order, positions, reason, waive_fee });
    let resolve = |policy| Command::ResolveLatePayment(ResolveLatePayment { order, policy });
    let scan = |scanned_offline_at_unix_ms| {
        let gate = "North".into();
        Command::CheckInTicket(CheckInTicket { ticket: ticket(), show: show(), list: 1, gate, scanned_offline_at_unix_ms })
    };
    let (provider, reference) = (|| String::from("transfer"), || String::from("stmt 12/3"));
    vec![
        ("cancel_order", cancel(None, CancelReason::ByBuyer, false)),
        ("cancel_order_by_an_operator", cancel(None, CancelReason::ByOperator, false)),
        ("cancel_order_without_fee", cancel(None, CancelReason::ByOperator, true)),
        ("cancel_positions", cancel(Some(vec![0, 300]), CancelReason::ByBuyer, false)),
        ("refund_order", Command::RefundOrder(RefundOrder { order, amount_minor: 9_000, note: "rain".into() })),
        ("block_seats", Command::BlockSeats(BlockSeats { show: show(), seats: vec![7, 1_200], reason: "camera".into() })),
        ("revise_plan", Command::RevisePlan(RevisePlan { show: show(), plan: plan() })),
        ("unblock_seats", Command::UnblockSeats(UnblockSeats { show: show(), seats: vec![7, 1_200] })),
        (
            "confirm_payment",
            Command::ConfirmPayment(ConfirmPayment {
                order,
                provider: provider(),
                amount_minor: 9_000,
                reference: reference(),
                taken: true,
            }),
        ),
        (
            "confirm_payout",
            Command::ConfirmPayout(ConfirmPayout { order, provider: provider(), amount_minor: 9_000, reference: reference() }),
        ),
        ("resolve_late_payment_same_seat", resolve(LatePayment::SameSeat)),
        ("resolve_late_payment_equivalent_seat", resolve(LatePayment::EquivalentSeat)),
        ("resolve_late_payment_refund", resolve(LatePayment::Refund)),
        ("retry_saga", Command::RetrySaga(RetrySaga { saga: saga() })),
        ("check_in_ticket", scan(None)),
        ("check_in_ticket_offline", scan(Some(1_795_000_000_000))),
    ]
}
