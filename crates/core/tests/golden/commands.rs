//! One command for every kind and for every outcome of an effect.

use std::sync::Arc;

use guichet_domain::Command;
use guichet_domain::commands::{
    AdoptShow, CreateApiKey, CreateShow, ExtendHold, PlaceHold, PlaceOrder, RegisterVenue, ReleaseHold, ReportEffect, RevokeApiKey,
    SetSaleState,
};
use guichet_domain::key::Scope;
use guichet_domain::saga::{Direction, EffectOutcome, StepError};
use guichet_domain::show::SaleState;

use crate::examples::{api_key, definition, hold, items, payment, plan, saga, show};

/// Every example with its name.
pub(crate) fn all() -> Vec<(&'static str, Command)> {
    let report = |outcome| Command::ReportEffect(ReportEffect { saga: saga(), step: 1, direction: Direction::Forward, outcome });
    let place = |ttl_ms, buyer_ref| Command::PlaceHold(PlaceHold { show: show(), items: items(), ttl_ms, buyer_ref });
    let order = |buyer| Command::PlaceOrder(PlaceOrder { holds: vec![hold(41), hold(42)], payment: payment(), buyer });
    vec![
        ("register_venue", Command::RegisterVenue(RegisterVenue { plan: plan() })),
        ("create_show", Command::CreateShow(CreateShow { draft: definition(), partition: 3 })),
        (
            "create_api_key",
            Command::CreateApiKey(CreateApiKey { name: "box office".into(), scope: Scope::Shop, secret_sha256: [0xcd; 32] }),
        ),
        ("revoke_api_key", Command::RevokeApiKey(RevokeApiKey { key: api_key() })),
        ("adopt_show", Command::AdoptShow(AdoptShow { definition: Arc::new(definition()), plan: plan() })),
        ("set_sale_state", Command::SetSaleState(SetSaleState { show: show(), state: SaleState::Open })),
        ("place_hold", place(600_000, None)),
        ("place_hold_shorter", place(60_000, None)),
        ("place_hold_of_a_buyer", place(600_000, Some([0xbb; 16]))),
        ("extend_hold", Command::ExtendHold(ExtendHold { hold: hold(41), ttl_ms: 600_000 })),
        ("release_hold", Command::ReleaseHold(ReleaseHold { hold: hold(41) })),
        ("place_order", order(None)),
        ("place_order_of_a_buyer", order(Some([0xee; 16]))),
        ("report_done", report(EffectOutcome::Done { receipt: Some("auth_1".into()) })),
        ("report_done_without_receipt", report(EffectOutcome::Done { receipt: None })),
        ("report_refused", report(EffectOutcome::Refused { error: StepError::Declined("insufficient_funds".into()) })),
        ("report_unavailable", report(EffectOutcome::Unavailable { error: StepError::Unavailable("connection refused".into()) })),
        ("report_unknown", report(EffectOutcome::Unknown { error: StepError::TimedOut })),
    ]
}
