//! `guichet show report`

use guichet_api::ShowReport;

use super::super::{DONE, Outcome};
use crate::failure::Failure;
use crate::money::readable;
use crate::output::{Output, Rows};
use crate::resolve;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// Its id, or a prefix of it
    show: String,
    /// As CSV: one row for each product, amounts in minor units
    #[arg(long)]
    csv: bool,
}

pub(super) async fn run(args: Report, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    if args.csv && screen.output == Output::Json {
        return Err(Failure::usage("stdout has either JSON or CSV").hint("leave out --csv or --output json"));
    }
    let show = resolve::show(&client, &args.show).await?;
    let report = client.show_report(&show).await?.value;
    if args.csv {
        screen.line(csv(&report)?)?
    } else {
        screen.data(&report, table)?
    }
    DONE
}

fn csv(report: &ShowReport) -> Result<String, Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["product", "price_minor", "currency", "held", "sold", "cancelled", "fees_minor", "revenue_minor"])?;
    for product in &report.products {
        let (held, sold, cancelled) = (product.held.to_string(), product.sold.to_string(), product.cancelled.to_string());
        let (price, fees, revenue) = (&product.price, product.fees.amount_minor.to_string(), product.revenue.amount_minor.to_string());
        table.write_record([
            &product.product,
            &price.amount_minor.to_string(),
            &price.currency,
            &held,
            &sold,
            &cancelled,
            &fees,
            &revenue,
        ])?;
    }
    let bytes = table.into_inner().map_err(|error| Failure::from(error.into_error()))?;
    Ok(String::from_utf8(bytes)?)
}

fn table(report: &ShowReport) -> String {
    let mut rows = Rows::new(&["product", "price#", "held#", "sold#", "cancelled#", "fees#", "revenue#"]);
    for product in &report.products {
        let (price, fees, revenue) = (readable(&product.price), readable(&product.fees), readable(&product.revenue));
        rows.row(&[&product.product, &price, &product.held, &product.sold, &product.cancelled, &fees, &revenue]);
    }
    let totals = &report.totals;
    rows.row(&[&"all", &"", &totals.held, &totals.sold, &totals.cancelled, &readable(&totals.fees), &readable(&totals.revenue)]);
    let mut seats = Rows::new(&["seats", "count#"]);
    for (state, count) in [("free", report.seats.free), ("held", report.seats.held), ("sold", report.seats.booked)] {
        seats.row(&[&state, &count]);
    }
    for blocked in &report.seats.blocked {
        seats.row(&[&format_args!("blocked: {}", blocked.reason), &blocked.seats]);
    }
    format!("{}\n\n{}", rows.text(), seats.text())
}
