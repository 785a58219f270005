//! `guichet ticket show`: one ticket and its QR code.
//!
//! The picture goes to `--out`, or else to stdout: there alone when it is a file's content, below the ticket when it is drawn on a
//! terminal.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use guichet_api::Ticket;

use super::super::{DONE, Outcome};
use crate::failure::{Explain, Failure, Kind};
use crate::output::{Fields, Output, colours_on};
use crate::qr::Qr;
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Id of the ticket, or its code
    ticket: String,
    /// Id of its order, a prefix of it, or its short code
    #[arg(long)]
    order: String,
    /// Secret of one of the order's holds; an admin key needs none
    #[arg(long, allow_hyphen_values = true)]
    token: Option<String>,
    /// Form of the QR code [default: terminal]. Without colours (NO_COLOR, a pipe) its dark parts are ink, for a light background
    #[arg(long, value_enum, value_name = "terminal|svg|png", hide_possible_values = true)]
    qr: Option<Picture>,
    /// Write the QR code to this file
    #[arg(long, value_name = "FILE", requires = "qr")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Picture {
    #[default]
    Terminal,
    Svg,
    Png,
}

impl Picture {
    fn of(self, code: &str, colours: bool) -> Result<Vec<u8>, Failure> {
        let qr = Qr::of(code)?;
        Ok(match self {
            Self::Terminal => qr.terminal(colours).into_bytes(),
            Self::Svg => format!("{}\n", qr.svg()).into_bytes(),
            Self::Png => qr.png()?,
        })
    }
}

pub(super) async fn run(args: Show, context: &Context) -> Outcome {
    let screen = context.screen;
    // What cannot be shown is said before anybody is asked for it.
    if args.out.is_none() {
        match args.qr {
            Some(Picture::Png) if io::stdout().is_terminal() => {
                return Err(Failure::usage("a PNG is nothing for a terminal").hint("--out FILE, or a pipe"));
            }
            Some(_) if screen.output == Output::Json => {
                return Err(Failure::usage("stdout has either JSON or a QR code").hint("--out FILE takes the QR code"));
            }
            _ => {}
        }
    }
    let ticket = find(&args, context).await?;
    let code = &ticket.code;
    if let Some(path) = &args.out {
        let picture = args.qr.unwrap_or_default().of(code, false)?;
        std::fs::write(path, picture).doing(|| format!("{} cannot be written", path.display()))?;
        screen.data(&ticket, fields)?;
        screen.say(format_args!("the QR code is in {}", path.display()));
    } else if screen.output == Output::Json {
        screen.data(&ticket, fields)?;
    } else if let Some(file @ (Picture::Svg | Picture::Png)) = args.qr {
        picture_out(&file.of(code, false)?)?;
    } else {
        screen.data(&ticket, fields)?;
        picture_out(b"\n")?;
        picture_out(&Picture::Terminal.of(code, colours_on(&io::stdout()))?)?;
    }
    DONE
}

fn picture_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

async fn find(args: &Show, context: &Context) -> Result<Ticket, Failure> {
    let client = context.client()?;
    let mut call = client.tickets(&resolve::order(&client, &args.order).await?);
    if let Some(token) = &args.token {
        call = call.hold_token(token);
    }
    let wanted = args.ticket.trim();
    let fits = |ticket: &Ticket| ticket.ticket.eq_ignore_ascii_case(wanted) || ticket.code.eq_ignore_ascii_case(wanted);
    call.await?.value.tickets.into_iter().find(fits).ok_or_else(|| {
        let missing = Failure::new(Kind::NotFound, format!("order {} has no ticket with this id or code", args.order));
        missing.hint(format!("`guichet ticket list {}` lists those it has", args.order))
    })
}

fn fields(ticket: &Ticket) -> String {
    let fields = Fields::default().field("ticket", &ticket.ticket).field("product", &ticket.product);
    fields.maybe("seat", ticket.seat.as_ref()).field("order", &ticket.order).field("code", &ticket.code).text()
}
