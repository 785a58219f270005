//! The server, in a process of its own: this program again, with another argument.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use guichet_core::domain::key::Scope;
use guichet_core::domain::seating::{Category, Point, Row, Seat, SeatingPlan};
use guichet_core::domain::show::SaleState;
use guichet_core::{Caller, Config, Currency, Guichet, ProductDraft, ShowDraft, ShowId};
use guichet_server::ServerConfig;
use tokio_util::sync::CancellationToken;

use crate::process;

/// Makes this program the server, in the directory behind it.
pub(crate) const ARGUMENT: &str = "--serve";
pub(crate) const SEATS: u32 = 80_000;
const SEATS_PER_ROW: u32 = 40;
/// Name of the product that is every seat.
pub(crate) const PRODUCT: &str = "Seat";

/// The house that is sold.
fn house() -> SeatingPlan {
    let seat = |index: u32| Seat {
        label: (index % SEATS_PER_ROW + 1).to_string().into(),
        position: Point { x: f64::from(index % SEATS_PER_ROW), y: f64::from(index / SEATS_PER_ROW) },
        category: 0,
        ..Seat::default()
    };
    let mut plan = SeatingPlan {
        name: "Stadium".into(),
        categories: vec![Category { name: "Stand".into(), colour: "#000000".into() }],
        ..SeatingPlan::default()
    };
    for row in 0..SEATS / SEATS_PER_ROW {
        let numbers = row * SEATS_PER_ROW..(row + 1) * SEATS_PER_ROW;
        plan.push_row(Row { label: format!("R{}", row + 1), ..Row::default() }, numbers.map(seat));
    }
    plan
}

/// The label of a seat of that house.
pub(crate) fn label(seat: u32) -> String {
    format!("R{}-{}", seat / SEATS_PER_ROW + 1, seat % SEATS_PER_ROW + 1)
}

/// What the server's process does: puts the house on sale, says where, and serves until its input ends.
pub(crate) fn run(directory: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = Guichet::open(Config::at(Path::new(directory).join("data"))).await?;
        let show = open_sale(&engine).await?;
        let secret = engine.create_api_key(guichet_core::ApiKeyDraft::new("bench", Scope::Shop)).await?.secret;
        let listener = guichet_server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        println!("{} {show} {secret}", listener.local_addr()?);
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(guichet_server::serve(listener, engine.clone(), ServerConfig::default(), shutdown.clone()));
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        shutdown.cancel();
        server.await??;
        engine.close().await;
        Ok(())
    })
}

async fn open_sale(engine: &Guichet) -> anyhow::Result<ShowId> {
    let (venue, _) = engine.register_venue(house(), None, Caller::EMBEDDER, None).await?;
    let currency = Currency::from_code("EUR").context("EUR is a currency")?;
    let product = ProductDraft { name: PRODUCT.into(), price_minor: 4_500, categories: vec!["Stand".into()], ..ProductDraft::default() };
    let draft = ShowDraft { products: vec![product], ..ShowDraft::new(venue, "The big one", currency) };
    let (show, _) = engine.create_show(draft, Caller::EMBEDDER, None).await?;
    engine.set_sale_state(show.id, SaleState::Open, Caller::EMBEDDER, None).await?;
    Ok(show.id)
}

/// The server, seen from outside.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) show: String,
    pub(crate) secret: String,
}

impl Server {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.arg(ARGUMENT).arg(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("the server has no output")?).read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (Some(address), Some(show), Some(secret)) = (words.next(), words.next(), words.next()) else {
            let ended = process.wait()?;
            anyhow::bail!("the server did not start: {ended}");
        };
        Ok(Self { process, address: address.parse()?, show, secret })
    }

    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        process::cpu(self.process.id())
    }

    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        process::resident(self.process.id())
    }

    /// Ends it by ending its input.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        drop(self.process.stdin.take());
        let ended = self.process.wait()?;
        anyhow::ensure!(ended.success(), "the server ended with {ended}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // When the bench fails, the server must not live on. After `stop` there is nothing left to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
