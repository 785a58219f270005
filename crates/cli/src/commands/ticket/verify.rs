//! `guichet ticket verify`: checks ticket codes offline. It opens no connection and no data directory: public keys are all it has.
//!
//! Must never be true: it ends with 0 and something was not checked, or not genuine, or not reported.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use guichet_core::{NotATicket, TicketPublicKey, read_ticket_code, ticket_key_name, verify_ticket_with};
use serde::Serialize;

use super::super::Outcome;
use super::public_keys;
use crate::failure::{Failure, Kind};
use crate::output::{Output, Screen};
use crate::settings::Context;

/// What a signature cannot know.
const LIMITS: &str = "a genuine signature does not tell whether the ticket was cancelled or used: that is the door's job";

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// The code on the ticket; `-` reads codes from stdin, one a line, and reports each as it comes
    code: String,
    /// A public key of 64 hexadecimal digits, or a file: one key a line, or what `guichet ticket keys --output json` prints;
    /// repeat it for more
    #[arg(long, value_name = "KEY", required = true)]
    public_key: Vec<String>,
}

/// What is said of a code: one line, or one JSON object on a line.
#[derive(Serialize)]
struct Verdict {
    /// Which line of stdin.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    genuine: bool,
    /// `malformed`, `unknown_key` or `forged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Only of a genuine code: nothing else that a code says is to be believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// The key that signed, or that is said to have signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
}

impl Verdict {
    fn on(line: Option<u64>, code: &str, keys: &[TicketPublicKey]) -> Self {
        match verify_ticket_with(code, keys) {
            Ok(genuine) => {
                let (ticket, key_id) = (Some(genuine.ticket.to_string()), Some(ticket_key_name(genuine.key_id)));
                Self { line, genuine: true, reason: None, ticket, key_id }
            }
            Err(refusal) => {
                let reason = match refusal {
                    NotATicket::Malformed => "malformed",
                    NotATicket::OtherKey => "unknown_key",
                    NotATicket::BadSignature => "forged",
                };
                let key_id = read_ticket_code(code).ok().map(|said| ticket_key_name(said.key_id));
                Self { line, genuine: false, reason: Some(reason), ticket: None, key_id }
            }
        }
    }

    fn sentence(&self) -> String {
        let key = self.key_id.as_deref().unwrap_or_default();
        match (self.reason, &self.ticket) {
            (Some("malformed"), _) => "NOT genuine, malformed: this is not a ticket code".into(),
            (Some("unknown_key"), _) => format!("NOT genuine, unknown key: it names the key {key}, which was not given"),
            (Some(_), _) => format!("NOT genuine, forged or damaged: the key {key} did not sign this"),
            (None, ticket) => format!("genuine: ticket {}, key {key}", ticket.as_deref().unwrap_or_default()),
        }
    }

    /// Prints it at once: behind a scanner somebody waits for it.
    fn print(&self, screen: Screen) -> Result<(), Failure> {
        let text = match (screen.output, self.line) {
            (Output::Json, _) => serde_json::to_string(self)?,
            (Output::Table, Some(line)) => format!("line {line}: {}", self.sentence()),
            (Output::Table, None) => self.sentence(),
        };
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        // As text: a reader that went away must not end this with 0, as it does where nothing depends on it.
        written.map_err(|error| Failure::new(Kind::Refused, format!("the verdict cannot be written: {error}")))
    }
}

pub(super) fn run(args: Verify, context: &Context) -> Outcome {
    let keys = public_keys::gather(&args.public_key)?;
    let (mut checked, mut refused) = (0_u64, 0_u64);
    let mut check = |line, code: &str| {
        let verdict = Verdict::on(line, code, &keys);
        checked += 1;
        refused += u64::from(!verdict.genuine);
        verdict.print(context.screen)
    };
    if args.code == "-" {
        let (mut input, mut line) = (io::stdin().lock(), Vec::new());
        for number in 1.. {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            if read.map_err(|error| Failure::new(Kind::Refused, format!("stdin cannot be read: {error}")))? == 0 {
                break;
            }
            // What is no text is no code either, and is reported like one.
            let code = String::from_utf8_lossy(&line);
            if !code.trim().is_empty() {
                check(Some(number), code.trim())?;
            }
        }
    } else {
        check(None, &args.code)?;
    }
    if checked == 0 {
        return Err(Failure::usage("there was no code on stdin"));
    }
    context.screen.say(LIMITS);
    if refused == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let what = if checked == 1 { "the code is not genuine".to_owned() } else { format!("{refused} of {checked} codes are not genuine") };
    Err(Failure::new(Kind::Refused, what))
}
