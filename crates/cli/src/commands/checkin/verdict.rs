//! What a gate is told: one clear line for each scan, at once, and the reading of codes one by one.
//!
//! What must never be true: a scan that was not admitted looks like one, or is not reported.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use guichet_api::{Admission, Problem};
use jiff::Timestamp;
use serde::Serialize;

use super::super::Outcome;
use crate::failure::{Failure, Kind};
use crate::output::{Output, Screen, colours_on};

/// What is said of a scan: one line, or one JSON object on a line.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verdict {
    /// Which line of stdin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    pub(super) admit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seat: Option<String>,
    /// Whether this very scan was answered before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) repeated: bool,
    /// Why not, for programs: `ticket_already_used`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// Why not, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Where the ticket was used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) used_at_gate: Option<String>,
    /// When the ticket was used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) used_at: Option<Timestamp>,
}

impl Verdict {
    /// Somebody may enter.
    pub(super) fn admit(admission: Admission) -> Self {
        let Admission { ticket, order_code, product, seat, repeated, .. } = admission;
        let (ticket, order_code, product) = (Some(ticket), Some(order_code), Some(product));
        Self { admit: true, ticket, order_code, product, seat, repeated, ..Self::default() }
    }

    /// Somebody may not.
    pub(super) fn refuse(code: &str, reason: impl Into<String>) -> Self {
        Self { code: Some(code.to_owned()), reason: Some(reason.into()), ..Self::default() }
    }

    /// Somebody may not, and has been in already.
    pub(super) fn used(gate: &str, at: Timestamp) -> Self {
        let used = Self::refuse("ticket_already_used", format!("already used at gate {gate}, {at}"));
        Self { used_at_gate: Some(gate.to_owned()), used_at: Some(at), ..used }
    }

    /// What the server's refusal means to a gate; `None` where it is not about the ticket.
    pub(super) fn of_problem(problem: &Problem) -> Option<Self> {
        match (problem.code.as_str(), &problem.gate, problem.scanned_at) {
            ("ticket_already_used", Some(gate), Some(at)) => Some(Self::used(gate, at)),
            (code, ..) if code.starts_with("ticket_") || code == "not_a_ticket" => Some(Self::refuse(code, problem.detail.clone())),
            _ => None,
        }
    }

    fn sentence(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let place = [text(&self.product), text(&self.seat)].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("  ");
        match (self.admit, self.repeated) {
            (true, false) => format!("ADMIT   {place}"),
            (true, true) => format!("ADMIT   {place}  (the same scan as before)"),
            (false, _) => format!("REFUSE  {}", text(&self.reason)),
        }
    }

    /// Prints it at once: at the gate somebody waits for it.
    fn print(&self, screen: Screen) -> Result<(), Failure> {
        let text = match (screen.output, self.line) {
            (Output::Json, _) => serde_json::to_string(self)?,
            (Output::Table, line) => {
                let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
                let colour = if self.admit { "\x1b[1;30;42m" } else { "\x1b[1;37;41m" };
                let sentence = self.sentence();
                if colours_on(&io::stdout()) { format!("{line}{colour} {sentence} \x1b[0m") } else { format!("{line}{sentence}") }
            }
        };
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        // As text: a reader that went away must not end this with 0, as it does where nothing depends on it.
        written.map_err(|error| Failure::new(Kind::Refused, format!("the verdict cannot be written: {error}")))
    }
}

/// The codes to be scanned: one, or those of stdin, one a line.
pub(super) struct Codes {
    one: Option<String>,
    stdin: bool,
    line: u64,
}

impl Codes {
    pub(super) fn of(argument: &str) -> Self {
        let stdin = argument == "-";
        Self { one: (!stdin).then(|| argument.to_owned()), stdin, line: 0 }
    }

    /// The next code, and the line that it stands on.
    pub(super) fn next(&mut self) -> Result<Option<(Option<u64>, String)>, Failure> {
        if !self.stdin {
            return Ok(self.one.take().map(|code| (None, code)));
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = io::stdin().lock().read_until(b'\n', &mut line);
            if read.map_err(|error| Failure::new(Kind::Refused, format!("stdin cannot be read: {error}")))? == 0 {
                return Ok(None);
            }
            self.line += 1;
            // What is no text is no code either, and is reported like one.
            let code = String::from_utf8_lossy(&line).trim().to_owned();
            if !code.is_empty() {
                return Ok(Some((Some(self.line), code)));
            }
        }
    }
}

/// Counts verdicts as they are printed.
pub(super) struct Gate {
    screen: Screen,
    scanned: u64,
    refused: u64,
}

impl Gate {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, scanned: 0, refused: 0 }
    }

    pub(super) fn tell(&mut self, line: Option<u64>, verdict: Verdict) -> Result<(), Failure> {
        self.scanned += 1;
        self.refused += u64::from(!verdict.admit);
        Verdict { line, ..verdict }.print(self.screen)
    }

    /// How it ends.
    pub(super) fn close(self) -> Outcome {
        match (self.scanned, self.refused) {
            (0, _) => Err(Failure::usage("there was no code on stdin")),
            (_, 0) => Ok(ExitCode::SUCCESS),
            (1, _) => Err(Failure::new(Kind::Refused, "the holder may not enter")),
            (scanned, refused) => Err(Failure::new(Kind::Refused, format!("{refused} of {scanned} may not enter"))),
        }
    }
}
