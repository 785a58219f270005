//! What the benches share: a sale to hold from, rounds that are interleaved with their baseline, and one way to print them.
//!
//! A figure on a shared machine means little alone, so every figure stands beside a baseline of the same run, and the claim is the
//! ratio: median over the rounds, with the smallest and the largest.
#![allow(clippy::print_stdout, reason = "benches print")]

use std::time::Duration;

use guichet_core::domain::seating::{Category, Row, Seat, SeatingPlan};
use guichet_core::domain::show::SaleState;
use guichet_core::{Caller, Currency, Guichet, ProductDraft, ShowDraft, ShowId};

/// Name of the product that is limited by a quota alone.
pub const STANDING: &str = "Standing";

/// How many rounds were asked for with `--rounds N`; one when cargo only wants to know that the bench runs (`--test`).
///
/// # Errors
/// When N is not a number.
pub fn rounds(usual: usize) -> anyhow::Result<usize> {
    if std::env::args().any(|argument| argument == "--test") { Ok(1) } else { number("--rounds", usual) }
}

/// The number behind an argument, if that is there.
///
/// # Errors
/// When it is not a number.
pub fn number(argument: &str, usual: usize) -> anyhow::Result<usize> {
    let mut arguments = std::env::args().skip_while(|given| given != argument);
    match arguments.nth(1) {
        Some(number) => Ok(number.parse()?),
        None => Ok(usual),
    }
}

/// A show on sale with one product by quantity and a quota that does not run out.
///
/// # Errors
/// When the engine refuses.
pub async fn open_sale(engine: &Guichet, name: &str) -> anyhow::Result<ShowId> {
    open_sale_of(engine, name, 1).await
}

/// The same in a hall of so many seats.
///
/// # Errors
/// When the engine refuses.
pub async fn open_sale_of(engine: &Guichet, name: &str, seats: u32) -> anyhow::Result<ShowId> {
    let seat = |index: u32| Seat { label: (index + 1).to_string().into(), ..Seat::default() };
    let mut plan = SeatingPlan {
        name: name.into(),
        categories: vec![Category { name: "Stalls".into(), colour: "#000000".into() }],
        ..SeatingPlan::default()
    };
    plan.push_row(Row { label: "A".into(), ..Row::default() }, (0..seats).map(seat));
    let (venue, _) = engine.register_venue(plan, None, Caller::EMBEDDER, None).await?;
    let standing = ProductDraft { name: STANDING.into(), price_minor: 4_500, quotas: vec!["standing".into()], ..ProductDraft::default() };
    let currency = Currency::from_code("EUR").ok_or_else(|| anyhow::anyhow!("EUR is a currency"))?;
    let quotas = vec![("standing".into(), u32::MAX)];
    let draft = ShowDraft { products: vec![standing], quotas, ..ShowDraft::new(venue, name, currency) };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;
    Ok(show.id)
}

/// One row of a table, measured in several rounds.
pub struct Measured {
    name: &'static str,
    per_second: Vec<f64>,
}

impl Measured {
    /// Nothing measured so far.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, per_second: Vec::new() }
    }

    /// A round: so many in that time.
    #[allow(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
    pub fn round(&mut self, count: usize, took: Duration) {
        self.per_second.push(count as f64 / took.as_secs_f64());
    }

    /// Prints median, smallest and largest, and the ratio to a baseline, round by round.
    pub fn print(&self, baseline: Option<&Measured>) {
        let mut line = format!(
            "{:<44} {:>12.0} per s  ({:.0} to {:.0})",
            self.name,
            middle(&self.per_second),
            least(&self.per_second),
            most(&self.per_second)
        );
        if let Some(baseline) = baseline {
            let ratios: Vec<f64> = self.per_second.iter().zip(&baseline.per_second).map(|(own, base)| own / base).collect();
            line += &format!("  {:.2} of {} ({:.2} to {:.2})", middle(&ratios), baseline.name, least(&ratios), most(&ratios));
        }
        println!("{line}");
    }
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
