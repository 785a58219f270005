//! `guichet checkin export`: a check-in list as a file that a gate without connection takes along, and the reading of it.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use guichet_api::TicketKey;
use guichet_core::{TicketId, TicketPublicKey, ticket_key_name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{DONE, Outcome};
use super::sheet;
use crate::failure::{Explain, Failure};
use crate::output::Fields;
use crate::resolve;
use crate::settings::Context;

/// What the file says of itself: another form gets another name.
const FORMAT: &str = "guichet check-in list 1";

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Id of the show, or a prefix of it
    show: String,
    /// Name of the check-in list [default: the show's first]
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// All that a gate without connection needs. There is no secret in it: with public keys nobody makes a ticket.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    format: String,
    /// Id of the show.
    pub(super) show: String,
    /// The show's name.
    pub(super) name: String,
    /// Name of the check-in list.
    pub(super) list: String,
    /// When it was made: what happened later is not in it.
    pub(super) made_at: Timestamp,
    keys: Vec<TicketKey>,
    tickets: Vec<CarriedTicket>,
}

/// A valid ticket.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CarriedTicket {
    ticket: String,
    pub(super) order_code: String,
    pub(super) product: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seat: Option<String>,
    /// When its holder had entered already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checked_in_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<String>,
}

pub(super) async fn run(args: Export, context: &Context) -> Outcome {
    let client = context.client()?;
    let id = resolve::show(&client, &args.show).await?;
    let show = client.show(&id).await?.value;
    let list = sheet::name(&client, &id, args.list).await?;
    let made_at = Timestamp::now();
    let entries = sheet::entries(&client, &id, &list).await?;
    // After the tickets: so the key of each of them is there.
    let keys = client.ticket_keys().await?.value.keys;
    let valid = entries.into_iter().filter(|entry| !entry.cancelled).map(|entry| CarriedTicket {
        ticket: entry.ticket,
        order_code: entry.order_code,
        product: entry.product,
        seat: entry.seat,
        checked_in_at: entry.checked_in_at,
        gate: entry.gate,
    });
    let carried = Carried { format: FORMAT.into(), show: id, name: show.name, list, made_at, keys, tickets: valid.collect() };
    write(&args.out, &carried).doing(|| format!("{} cannot be written", args.out.display()))?;
    let (tickets, file) = (carried.tickets.len(), args.out.display().to_string());
    let entered = carried.tickets.iter().filter(|ticket| ticket.checked_in_at.is_some()).count();
    let summary = serde_json::json!({
        "show": carried.show, "list": carried.list, "tickets": tickets, "entered": entered, "made_at": made_at, "file": file,
    });
    context.screen.data(&summary, |_| {
        let fields = Fields::default().field("show", &carried.name).field("list", &carried.list).field("tickets", tickets);
        fields.field("entered", entered).field("made at", made_at).field("file", &file).text()
    })?;
    DONE
}

/// Whole or not at all: a gate with half a list turns guests away.
fn write(path: &Path, carried: &Carried) -> Result<(), Failure> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    serde_json::to_writer_pretty(&mut file, carried)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A list that was taken along, ready for scans.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) carried: Carried,
    pub(super) keys: Vec<TicketPublicKey>,
    index: HashMap<TicketId, usize>,
}

impl Taken {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not whole: whoever is at a gate with it would turn guests away.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let text = std::fs::read_to_string(path).doing(|| format!("{name} cannot be read"))?;
        let no_list = |what: String| Failure::usage(what).doing(format!("{name} is not an exported check-in list"));
        let carried: Carried = serde_json::from_str(&text).map_err(|error| no_list(error.to_string()))?;
        if carried.format != FORMAT {
            return Err(no_list(format!("its format is \"{}\", this program reads \"{FORMAT}\"", carried.format)));
        }
        let mut keys = Vec::new();
        for listed in &carried.keys {
            let key: TicketPublicKey = listed.public_key.parse().map_err(|error| no_list(format!("key {}: {error}", listed.key_id)))?;
            if ticket_key_name(key.id()) != listed.key_id {
                return Err(no_list(format!("key {} is another key", listed.key_id)));
            }
            keys.push(key);
        }
        let mut index = HashMap::with_capacity(carried.tickets.len());
        for (number, ticket) in carried.tickets.iter().enumerate() {
            index.insert(ticket.ticket.parse().map_err(|error: guichet_core::domain::id::NotAnId| no_list(error.to_string()))?, number);
        }
        Ok(Self { carried, keys, index })
    }

    /// A ticket of the list.
    pub(super) fn ticket(&self, ticket: TicketId) -> Option<&CarriedTicket> {
        self.index.get(&ticket).and_then(|number| self.carried.tickets.get(*number))
    }
}
