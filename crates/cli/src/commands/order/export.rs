//! `guichet order export`: orders as CSV, one row for each place. There is no personal data in it: the API gives none.

use std::io::Write;
use std::path::PathBuf;

use guichet_api::{Order, OrderCheckIn};
use serde_json::json;

use super::super::{DONE, Outcome};
use super::filter::Filters;
use crate::failure::{Explain, Failure};
use crate::output::{Fields, Output};
use crate::progress::Progress;
use crate::settings::Context;

/// Orders asked for at once.
const PAGE: u32 = 500;
const HEADINGS: [&str; 15] = [
    "order",
    "code",
    "placed_at",
    "state",
    "payment",
    "provider",
    "show",
    "product",
    "seat",
    "price_minor",
    "currency",
    "cancelled",
    "ticket",
    "checked_in_at",
    "gate",
];

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    filters: Filters,
    /// Write to this file [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: Export, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    if args.out.is_none() && screen.output == Output::Json {
        return Err(Failure::usage("stdout has either JSON or CSV").hint("--out FILE takes the CSV"));
    }
    let mut pages = client.orders(&args.filters.resolve(&client).await?).pages(PAGE);
    // A whole file or none: half of it looks like all of it.
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(HEADINGS)?;
    let (mut orders, mut rows) = (0_usize, 0_usize);
    let progress = Progress::begin(screen, "reading the orders");
    while let Some(page) = pages.next().await? {
        for order in &page {
            orders += 1;
            rows += order.positions.len();
            write(&mut table, order)?;
        }
        progress.done(orders, "orders");
    }
    drop(progress);
    let bytes = table.into_inner().map_err(|error| Failure::from(error.into_error()))?;
    if let Some(path) = &args.out {
        std::fs::write(path, bytes).doing(|| format!("{} cannot be written", path.display()))?;
        let name = path.display().to_string();
        screen.data(&json!({"orders": orders, "rows": rows, "file": name}), |_| {
            Fields::default().field("orders", orders).field("rows", rows).field("file", &name).text()
        })?;
    } else {
        let mut out = std::io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()?;
        screen.say(format_args!("{orders} orders, {rows} rows"));
    }
    DONE
}

fn write(table: &mut csv::Writer<Vec<u8>>, order: &Order) -> Result<(), csv::Error> {
    for position in &order.positions {
        // Through several doors: the first.
        let entered: Option<&OrderCheckIn> =
            order.check_ins.iter().filter(|check_in| check_in.position == position.number).min_by_key(|check_in| check_in.scanned_at);
        table.write_record([
            order.order.as_str(),
            &order.code,
            &order.placed_at.to_string(),
            order.state.as_str(),
            order.payment.state.as_str(),
            &order.payment.provider,
            &position.show,
            &position.product,
            position.seat.as_deref().unwrap_or_default(),
            &position.price.amount_minor.to_string(),
            &position.price.currency,
            if position.cancelled { "true" } else { "false" },
            position.ticket.as_deref().unwrap_or_default(),
            &entered.map(|entered| entered.scanned_at.to_string()).unwrap_or_default(),
            entered.map(|entered| entered.gate.as_str()).unwrap_or_default(),
        ])?;
    }
    Ok(())
}
