//! `guichet checkin offline`: the gate without connection. Public keys, a list that was taken along and a log are all it has.
//!
//! What must never be true: it says ADMIT and the log does not have it.

use std::path::PathBuf;

use guichet_core::{NotATicket, verify_ticket_with};
use jiff::Timestamp;

use super::super::Outcome;
use super::carry::Taken;
use super::logbook::{Logbook, Passage};
use super::verdict::{Codes, Gate, Verdict};
use crate::failure::Failure;
use crate::settings::Context;
use crate::steady;

#[derive(Debug, clap::Args)]
pub(super) struct Offline {
    /// The list that `guichet checkin export` wrote
    file: PathBuf,
    /// The code on the ticket; `-` reads codes from stdin, one a line, and answers each as it comes
    code: String,
    /// Name of the gate
    #[arg(long, value_name = "NAME")]
    gate: String,
    /// Where entries are kept; several gates of one machine may share it
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
}

pub(super) fn run(args: Offline, context: &Context) -> Outcome {
    let taken = Taken::read(&args.file)?;
    let (mut codes, mut gate) = (Codes::of(&args.code), Gate::new(context.screen));
    while let Some((line, code)) = codes.next()? {
        gate.tell(line, scan(&taken, &code, &args)?)?;
    }
    context.screen.say(format_args!("the list is of {}: what happened since, it does not know", taken.carried.made_at));
    gate.close()
}

fn scan(taken: &Taken, code: &str, args: &Offline) -> Result<Verdict, Failure> {
    let genuine = match verify_ticket_with(code, &taken.keys) {
        Ok(genuine) => genuine,
        Err(why @ (NotATicket::Malformed | NotATicket::OtherKey | NotATicket::BadSignature)) => {
            return Ok(Verdict::refuse("not_a_ticket", why.to_string()));
        }
    };
    let Some(ticket) = taken.ticket(genuine.ticket) else {
        let why = "genuine, but not on this list: another show or entrance, cancelled, or sold since the list was made";
        return Ok(Verdict::refuse("ticket_not_on_list", why));
    };
    if let Some(at) = ticket.checked_in_at {
        return Ok(Verdict::used(ticket.gate.as_deref().unwrap_or_default(), at));
    }
    // Open from the look into it to the line: of two gates that share a log exactly one lets the holder in.
    let mut log = Logbook::open(&args.log)?;
    let (show, list) = (&taken.carried.show, &taken.carried.list);
    if let Some(other) = log.passages.iter().find(|passage| passage.show != *show || passage.list != *list) {
        let what = format!("{} is the log of list {} of show {}", args.log.display(), other.list, other.show);
        return Err(Failure::usage(what).hint("each list of each show has a log of its own"));
    }
    let name = genuine.ticket.to_string();
    if let Some(used) = log.passages.iter().find(|passage| passage.ticket == name) {
        return Ok(Verdict::used(&used.gate, used.scanned_at));
    }
    // Whole milliseconds: that is what the server keeps, and compares with.
    let scanned_at = Timestamp::from_millisecond(Timestamp::now().as_millisecond())?;
    log.append(Passage {
        show: show.clone(),
        list: list.clone(),
        ticket: name.clone(),
        code: code.to_owned(),
        gate: args.gate.clone(),
        scanned_at,
        nonce: steady::key(),
    })?;
    Ok(Verdict {
        admit: true,
        ticket: Some(name),
        order_code: Some(ticket.order_code.clone()),
        product: Some(ticket.product.clone()),
        seat: ticket.seat.clone(),
        ..Verdict::default()
    })
}
