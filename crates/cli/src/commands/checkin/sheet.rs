//! `guichet checkin list`: a check-in list, whole.

use guichet_api::{CheckInEntry, CheckInSheet, Client};

use super::super::{DONE, Outcome};
use crate::failure::{Failure, Kind};
use crate::output::Rows;
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Id of the show, or a prefix of it
    show: String,
    /// Name of the check-in list [default: the show's first]
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Only who has entered
    #[arg(long, conflicts_with = "missing")]
    entered: bool,
    /// Only who has not entered and may
    #[arg(long)]
    missing: bool,
}

pub(super) async fn run(args: List, context: &Context) -> Outcome {
    let client = context.client()?;
    let show = resolve::show(&client, &args.show).await?;
    let list = name(&client, &show, args.list).await?;
    let mut entries = entries(&client, &show, &list).await?;
    let valid = entries.iter().filter(|entry| !entry.cancelled).count();
    let entered = entries.iter().filter(|entry| entry.checked_in_at.is_some()).count();
    entries.retain(|entry| match (args.entered, args.missing) {
        (true, _) => entry.checked_in_at.is_some(),
        (_, true) => entry.checked_in_at.is_none() && !entry.cancelled,
        _ => true,
    });
    context.screen.data(&CheckInSheet { entries, next: None }, |sheet| {
        let mut rows = Rows::new(&["ticket", "order", "product", "seat", "state", "gate", "at"]);
        for entry in &sheet.entries {
            let state = match (entry.cancelled, entry.checked_in_at) {
                (true, _) => "cancelled",
                (_, Some(_)) => "entered",
                (_, None) => "missing",
            };
            let (seat, gate) = (entry.seat.as_deref().unwrap_or_default(), entry.gate.as_deref().unwrap_or_default());
            let at = entry.checked_in_at.map(|at| at.to_string()).unwrap_or_default();
            rows.row(&[&entry.ticket, &entry.order_code, &entry.product, &seat, &state, &gate, &at]);
        }
        rows.text()
    })?;
    context.screen.say(format_args!("list {list}: {entered} entered, {valid} valid tickets"));
    DONE
}

/// The name of the list that is meant.
pub(super) async fn name(client: &Client, show: &str, given: Option<String>) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    let first = client.check_in_lists(show).await?.value.check_in_lists.into_iter().next();
    first.map(|list| list.name).ok_or_else(|| Failure::new(Kind::NotFound, "the show has no check-in list"))
}

/// Every ticket of a list.
pub(super) async fn entries(client: &Client, show: &str, list: &str) -> Result<Vec<CheckInEntry>, Failure> {
    Ok(client.check_in_sheet(show, list).all().await?)
}
