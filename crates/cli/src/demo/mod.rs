//! `guichet demo`: a sell-out, for real. The whole system in a temporary directory, a real hall, buyers over real HTTP along a real
//! arrival curve, and at the end a recount of everything by the independent checker.

mod arrivals;
mod buyer;
mod crowd;
mod experience;
mod hall;
mod report;
mod seat_picker;
mod tally;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Screen;

/// Arguments of `guichet demo`.
#[derive(clap::Args, Debug)]
pub(crate) struct DemoArgs {
    /// How many buyers come
    #[arg(long, default_value_t = 9_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    buyers: u32,
    /// Chooses who wants what: the same seed brings the same buyers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A plan to sell instead of the race track (Guichet's own or seats.io's format)
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Time runs so many times faster for the arrivals and the buyers' thinking
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    speed: f64,
    /// Serve on after the report, until Ctrl-C
    #[arg(long)]
    keep: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| format!("\"{text}\" is not a number"))?;
    if speed.is_finite() && (0.01..=100.0).contains(&speed) { Ok(speed) } else { Err("a speed is between 0.01 and 100".into()) }
}

/// Runs the demo.
///
/// # Errors
/// When the system cannot be started, or the plan cannot be read.
pub(crate) async fn run(args: DemoArgs, screen: Screen) -> anyhow::Result<ExitCode> {
    let hall = hall::Hall::read(args.plan.as_deref())?;
    let world = world::World::start().await?;
    let show = Arc::new(hall.put_on_sale(&world.admin).await.context("the show cannot be put on sale")?);
    let arrivals = arrivals::times(args.buyers, args.speed, args.seed);
    let last_arrival = arrivals.last().copied().unwrap_or_default();
    screen.say(format_args!("{}: {} seats, {}", hall.name(), hall.seats(), hall.standing_line()));
    screen.say(format_args!(
        "{} buyers arrive within {:.0} s along the curve of a real sell-out; the payment provider fails once on the way",
        args.buyers,
        last_arrival.as_secs_f64()
    ));

    let progress = progress_bar(args.buyers);
    let tally = tally::Tally::follow(&world.engine);
    let began = Instant::now();
    let outage = world.outage(last_arrival);
    let crowd = crowd::Crowd { world: &world, show: &show, speed: args.speed, seed: args.seed, progress: progress.clone() };
    let experience = crowd.run(arrivals).await?;
    outage.await.context("the outage could not be ended")?;
    let sale_took = began.elapsed();

    progress.set_message("the last holds expire, the last orders settle");
    world.settle(crowd::HOLD_TTL + Duration::from_secs(20)).await?;
    progress.set_message("recounting everything from the journal");
    let verification = world.engine.verify().await?;
    progress.finish_and_clear();

    let ended = verification.reports.iter().map(|report| report.orders.confirmed + report.orders.cancelled + report.orders.stuck).sum();
    let orders = tally.stop(ended).await;
    let report = report::Report::new(&hall, args.buyers, experience, orders, &verification, sale_took)?;
    screen.data(&report.json(), |_| report.to_string())?;
    if args.keep {
        world.keep(screen).await?;
    }
    world.stop().await?;
    Ok(if report.ok() { ExitCode::SUCCESS } else { ExitCode::from(5) })
}

fn progress_bar(buyers: u32) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(u64::from(buyers)), ProgressDrawTarget::stderr_with_hz(8));
    if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:40} {pos}/{len} buyers done  {msg}") {
        bar.set_style(style);
    }
    bar
}
