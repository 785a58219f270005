//! `guichet verify`: recounts everything that is durable with an independent checker.

use std::fmt::Write as _;
use std::path::PathBuf;

use guichet_api::Verification;
use guichet_core::verify::{self, verify_directory};

use super::{DONE, Outcome};
use crate::failure::{Failure, Kind};
use crate::journal::Directory;
use crate::output::Fields;
use crate::progress::Progress;
use crate::settings::Context;

/// Findings beyond this are counted, not printed; `--output json` has them all.
const FINDINGS_SHOWN_MAX: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// Check this data directory offline; without it the running server checks its own, read model included
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(crate) async fn run(args: VerifyArgs, context: &Context) -> Outcome {
    let progress = Progress::begin(context.screen, "recounting everything from the journal");
    let (checked, more) = match &args.data {
        Some(path) => {
            let _quiet = Directory::open(path)?.quiet()?;
            let verification = verify_directory(path)?;
            for torn in &verification.torn {
                context.screen.say(format_args!("{torn}; it was never acknowledged, the next start removes it"));
            }
            (as_answer(&verification), Some(counts(&verification)))
        }
        None => (context.client()?.verify().await?.value, None),
    };
    drop(progress);
    context.screen.data(&checked, |checked| report(checked, more))?;
    if checked.ok {
        return DONE;
    }
    let wrong = checked.findings.len() + checked.differences.len();
    let hint = "keep a copy of the data directory before anything else: it is the evidence";
    Err(Failure::new(Kind::Damage, format!("the check found {wrong} thing(s) wrong")).hint(hint))
}

/// What an offline check found, in the shape of the API.
fn as_answer(verification: &verify::Verification) -> Verification {
    let findings = verification
        .reports
        .iter()
        .flat_map(|report| report.findings.iter().map(move |finding| format!("partition {}: {finding}", report.partition)));
    Verification {
        ok: verification.ok(),
        checked_events: verification.checked_events(),
        oversold: verification.oversold(),
        false_refusals: verification.false_refusals(),
        findings: findings.collect(),
        differences: verification.differences.clone(),
    }
}

/// What the offline check counted beyond the API's answer.
fn counts(verification: &verify::Verification) -> Fields {
    let sum = |of: &dyn Fn(&guichet_audit::Report) -> u64| verification.reports.iter().map(of).sum::<u64>();
    let [placed, booked, released, expired] = [
        sum(&|report| report.holds.placed),
        sum(&|report| report.holds.booked),
        sum(&|report| report.holds.released),
        sum(&|report| report.holds.expired),
    ];
    let orders = [
        sum(&|report| report.orders.placed),
        sum(&|report| report.orders.confirmed),
        sum(&|report| report.orders.cancelled),
        sum(&|report| report.orders.stuck),
    ];
    let [ordered, confirmed, cancelled, stuck] = orders;
    Fields::default()
        .field("records checked", sum(&|report| report.records_checked))
        .field("holds", format_args!("{placed} placed, {booked} booked, {released} released, {expired} expired"))
        .field("orders", format_args!("{ordered} placed, {confirmed} confirmed, {cancelled} cancelled, {stuck} stuck"))
        .field("tickets", sum(&|report| report.tickets))
        .field("refusals", sum(&|report| report.refusals.values().sum()))
}

fn report(checked: &Verification, more: Option<Fields>) -> String {
    let verdict = if checked.ok { "everything is as it should be" } else { "NOT as it should be" };
    let mut fields = Fields::default().field("verdict", verdict).field("events checked", checked.checked_events);
    if let Some(more) = more {
        fields = fields.and(more);
    }
    let fields = fields
        .field("oversold", checked.oversold)
        .field("false refusals", checked.false_refusals)
        .field("findings", checked.findings.len())
        .field("differences", checked.differences.len());
    let mut text = fields.text();
    for (title, sentences) in [("finding", &checked.findings), ("difference", &checked.differences)] {
        for sentence in sentences.iter().take(FINDINGS_SHOWN_MAX) {
            let _ = write!(text, "\n{title}: {sentence}");
        }
        if sentences.len() > FINDINGS_SHOWN_MAX {
            let _ = write!(text, "\nand {} more {title}s", sentences.len() - FINDINGS_SHOWN_MAX);
        }
    }
    text
}
