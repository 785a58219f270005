//! `guichet checkin import`: what gates without connection did, told to the server in the order in which it happened.

use std::path::PathBuf;

use guichet_api::{CheckIn, Problem};
use jiff::Timestamp;
use serde::Serialize;

use super::super::{DONE, Outcome};
use super::logbook::{Passage, Passages};
use crate::failure::{Failure, Kind};
use crate::output::Rows;
use crate::settings::Context;
use crate::{resolve, steady};

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Id of the show, or a prefix of it
    show: String,
    /// Logs of the gates, all that there are
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
}

/// What the server said.
#[derive(Debug, Default, Serialize)]
struct Report {
    ok: bool,
    scans: usize,
    /// Now booked.
    admitted: usize,
    /// Booked before.
    repeated: usize,
    /// Tickets that two let in.
    conflicts: Vec<Conflict>,
    /// Scans that no ticket should have passed with.
    refused: Vec<Refused>,
}

/// Two passages with one ticket: the first counts.
#[derive(Debug, Serialize)]
struct Conflict {
    ticket: String,
    list: String,
    first_gate: String,
    first_at: Timestamp,
    second_gate: String,
    second_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct Refused {
    ticket: String,
    gate: String,
    scanned_at: Timestamp,
    code: String,
    reason: String,
}

pub(super) async fn run(args: Import, context: &Context) -> Outcome {
    let client = context.client()?;
    let show = resolve::show(&client, &args.show).await?;
    let mut scans: Vec<Passage> = Vec::new();
    for path in &args.logs {
        let read = Passages::read(path)?;
        if let Some(other) = read.passages.iter().find(|passage| passage.show != show) {
            return Err(Failure::usage(format!("{} is a log of show {}", path.display(), other.show)));
        }
        if read.torn {
            context.screen.say(format_args!("{} ends in a line that was cut short: it let nobody in", path.display()));
        }
        scans.extend(read.passages);
    }
    // The same log twice is once.
    scans.sort_by(|a, b| (a.scanned_at, &a.nonce).cmp(&(b.scanned_at, &b.nonce)));
    scans.dedup_by(|a, b| a.nonce == b.nonce);
    let mut report = Report { scans: scans.len(), ..Report::default() };
    let mut broken = None;
    for passage in scans {
        let scan = CheckIn {
            code: passage.code.clone(),
            gate: passage.gate.clone(),
            list: Some(passage.list.clone()),
            scanned_at: Some(passage.scanned_at),
        };
        match steady::send(&passage.nonce, || client.check_in(&show, &scan)).await {
            Ok(answer) if answer.value.repeated || answer.replayed => report.repeated += 1,
            Ok(_) => report.admitted += 1,
            Err(error) => match error.problem().filter(|problem| matches!(problem.status, 404 | 409 | 422)) {
                Some(problem) => report.no(passage, problem),
                None => {
                    broken = Some(Failure::from(error).hint("import the logs again: what is booked stays as it is"));
                    break;
                }
            },
        }
    }
    report.ok = broken.is_none() && report.conflicts.is_empty() && report.refused.is_empty();
    context.screen.data(&report, Report::table)?;
    match (broken, report.ok) {
        (Some(failure), _) => Err(failure),
        (None, true) => DONE,
        (None, false) => {
            let (conflicts, refused) = (report.conflicts.len(), report.refused.len());
            Err(Failure::new(Kind::Refused, format!("{conflicts} of {} scans let a ticket in again, {refused} are refused", report.scans)))
        }
    }
}

impl Report {
    fn no(&mut self, passage: Passage, problem: &Problem) {
        let Passage { ticket, list, gate, scanned_at, .. } = passage;
        match (problem.code.as_str(), &problem.gate, problem.scanned_at) {
            // Booked so long ago that the server knows the passage and not its nonce.
            ("ticket_already_used", Some(first_gate), Some(first_at)) if *first_gate == gate && first_at == scanned_at => {
                self.repeated += 1
            }
            ("ticket_already_used", Some(first_gate), Some(first_at)) => {
                let first_gate = first_gate.clone();
                self.conflicts.push(Conflict { ticket, list, first_gate, first_at, second_gate: gate, second_at: scanned_at });
            }
            (code, ..) => {
                self.refused.push(Refused { ticket, gate, scanned_at, code: code.to_owned(), reason: problem.detail.clone() });
            }
        }
    }

    fn table(&self) -> String {
        let mut parts = vec![format!(
            "{} scans: {} admitted, {} repeated, {} conflicts, {} refused",
            self.scans,
            self.admitted,
            self.repeated,
            self.conflicts.len(),
            self.refused.len()
        )];
        if !self.conflicts.is_empty() {
            let mut rows = Rows::new(&["conflict", "list", "first gate", "at", "then gate", "at"]);
            for one in &self.conflicts {
                rows.row(&[&one.ticket, &one.list, &one.first_gate, &one.first_at, &one.second_gate, &one.second_at]);
            }
            parts.push(rows.text());
        }
        if !self.refused.is_empty() {
            let mut rows = Rows::new(&["refused", "gate", "at", "reason"]);
            for one in &self.refused {
                rows.row(&[&one.ticket, &one.gate, &one.scanned_at, &one.reason]);
            }
            parts.push(rows.text());
        }
        parts.join("\n\n")
    }
}
