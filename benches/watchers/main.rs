//! What watchers of a show's seats cost: the same holds with nobody watching and with 10,000 who watch, in one run.
//!
//! `cargo bench --bench watchers`, with `-- --watchers N`, `-- --holds N` (a second) and `-- --seconds N` (of each part). The server is
//! a process of its own, because a process may have some 20,000 open files; both share the machine's cores. Holds come at their time
//! whether the server keeps up or not, and their latency counts from then.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs, reason = "a bench prints")]

mod crowd;
mod process;
mod sale;
mod server;

use std::time::{Duration, Instant};

use guichet_benches::number;
use hdrhistogram::Histogram;

use crowd::Crowd;
use sale::Sale;
use server::Server;

/// What was seen in a part of the run.
struct Part {
    seconds: f64,
    server_cpu: Duration,
    holds: usize,
    latency: Histogram<u64>,
}

fn main() -> anyhow::Result<()> {
    if let Some(directory) = std::env::args().skip_while(|argument| argument != server::ARGUMENT).nth(1) {
        return server::run(&directory);
    }
    let tried = std::env::args().any(|argument| argument == "--test");
    let watchers = number("--watchers", if tried { 100 } else { 10_000 })?;
    let (holds, seconds) = (number("--holds", if tried { 100 } else { 500 })?, number("--seconds", if tried { 1 } else { 9 })?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(watchers, u32::try_from(holds)?, u32::try_from(seconds)?))
}

async fn run(watchers: usize, holds: u32, seconds: u32) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(".")?;
    let server = Server::start(directory.path())?;
    let mut sale = Sale::new(&server, holds).await?;
    let part = Duration::from_secs(seconds.into());
    // What a sale needs to get going is nobody's business here.
    measured(&server, &mut sale, part / 4).await?;
    let before = measured(&server, &mut sale, part).await?;

    let (rss_before, kernel_before) = (server.resident()?, process::kernel_tcp_bytes()?);
    let began = Instant::now();
    let crowd = Crowd::gather(&server, watchers, sale.replied()).await?;
    let gathered = began.elapsed();
    let first = crowd.bytes();
    let (cpu, idle) = (server.cpu()?, Instant::now());
    tokio::time::sleep(part / 3).await;
    let idle_cpu = (server.cpu()? - cpu).as_secs_f64() / idle.elapsed().as_secs_f64();
    let (rss, kernel) = (server.resident()?, process::kernel_tcp_bytes()?);

    let bytes = crowd.bytes();
    let with = measured(&server, &mut sale, part).await?;
    let bytes = (crowd.bytes() - bytes) as f64 / watchers as f64 / with.seconds;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rss_after = server.resident()?;
    let told = crowd.leave(&server).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = measured(&server, &mut sale, part).await?;

    println!("{} seats, {holds} holds of {} seats a second, {watchers} watchers", server::SEATS, sale::PARTY);
    println!("{:<34} {:>14} {:>14} {:>14}", "", "nobody", "watchers", "nobody again");
    row("server's CPU, of one core", [&before, &with, &after], |part| format!("{:.3}", part.server_cpu.as_secs_f64() / part.seconds));
    row("holds a second", [&before, &with, &after], |part| format!("{:.0}", part.holds as f64 / part.seconds));
    for (name, quantile) in [("hold, from its time on, p50", 0.5), ("hold, from its time on, p99", 0.99)] {
        row(name, [&before, &with, &after], |part| format!("{:.2} ms", milliseconds(&part.latency, quantile)));
    }
    println!("server's CPU, watchers but no holds: {idle_cpu:.3} of one core");
    println!(
        "to a watcher: {bytes:.0} B a second in {:.1} deltas a second; first {:.0} B",
        told.deltas_per_second,
        first as f64 / watchers as f64
    );
    println!("all there and told after {:.1} s", gathered.as_secs_f64());
    let each = |bytes: u64| bytes as f64 / watchers as f64;
    println!(
        "server's memory: {:.1} kB a watcher at rest, {:.1} kB under way; kernel's, both ends: {:.1} kB a watcher",
        each(rss.saturating_sub(rss_before)) / 1e3,
        each(rss_after.saturating_sub(rss_before)) / 1e3,
        each(kernel.saturating_sub(kernel_before)) / 1e3
    );
    let delay = |quantile| milliseconds(&told.delay, quantile);
    println!("from a hold's answer to its delta: p50 {:.0} ms, p99 {:.0} ms, most {:.0} ms", delay(0.5), delay(0.99), delay(1.0));
    println!("watchers that were asked ended with the seats as they are: {} of {}", told.right, told.asked);
    server.stop()
}

async fn measured(server: &Server, sale: &mut Sale, part: Duration) -> anyhow::Result<Part> {
    let (cpu, began) = (server.cpu()?, Instant::now());
    let (holds, latency) = sale.run(part).await?;
    Ok(Part { seconds: began.elapsed().as_secs_f64(), server_cpu: server.cpu()? - cpu, holds, latency })
}

fn row(name: &str, parts: [&Part; 3], value: impl Fn(&Part) -> String) {
    let [before, with, after] = parts.map(value);
    println!("{name:<34} {before:>14} {with:>14} {after:>14}");
}

fn milliseconds(latency: &Histogram<u64>, quantile: f64) -> f64 {
    latency.value_at_quantile(quantile) as f64 / 1_000.0
}
