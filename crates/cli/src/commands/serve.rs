//! `guichet serve`: the engine on a directory, the API on an address, until a signal ends it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use guichet_core::domain::key::Scope;
use guichet_core::{ApiKeyDraft, Config, Durability, Guichet};
use guichet_server::{MetricsText, Origin, ServerConfig};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::{DONE, Outcome};
use crate::failure::{Explain, Failure};
use crate::output::{Output, Screen, colours_on};
use crate::settings::{Context, LimitPerAddress};

/// How often the recorder sorts what was measured; without it memory grows with the measurements.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of durations in seconds: a commit takes tenths of milliseconds on a fast disk, tens on a slow one.
const SECONDS_BUCKETS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The data directory, made if it does not exist [default: ./guichet-data]
    #[arg(long, env = "GUICHET_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "GUICHET_LISTEN", value_name = "ADDR")]
    listen: Option<String>,
    /// What an acknowledgement promises: `fsync` survives a crash of the machine, `os` only one of the process [default: fsync]
    #[arg(long, env = "GUICHET_DURABILITY", value_name = "fsync|os")]
    durability: Option<Durability>,
    /// An origin whose web pages may ask with keys of scope `shop`, such as `https://shop.example`; several times for several
    #[arg(long, env = "GUICHET_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<Origin>,
    /// Requests per second of one address with keys of scope `shop` or with none that is known, and how many at once; programs on this
    /// machine are not counted [default: 50:200]
    #[arg(long, env = "GUICHET_LIMIT_PER_ADDRESS", value_name = "RATE[:BURST]|off")]
    limit_per_address: Option<LimitPerAddress>,
    /// A proxy whose X-Forwarded-For says who asks; those on this machine are believed in any case; several times for several
    #[arg(long, env = "GUICHET_TRUST_PROXY", value_name = "IP", value_delimiter = ',')]
    trust_proxy: Vec<IpAddr>,
    /// Form of the log on stderr
    #[arg(long, env = "GUICHET_LOG_FORMAT", value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    log_format: LogFormat,
    /// Partitions for shows in a new directory; an existing one keeps its own
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    show_partitions: u16,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

pub(crate) async fn run(args: ServeArgs, context: &Context) -> Outcome {
    start_log(context, args.log_format)?;
    let metrics = start_metrics()?;
    let screen = context.screen;
    // Taken first, so that a signal during a long start is not lost.
    let signals = Signals::new()?;
    let data = context.data(args.data);
    let durability = context.durability(args.durability);
    let allowed_origins = context.allowed_origins(args.allow_origin)?;
    let address_limit = context.address_limit(args.limit_per_address)?;
    let trusted_proxies = context.trusted_proxies(args.trust_proxy)?;
    let listen = address(&context.listen(args.listen)).await?;
    // A taken port is found before anything is written.
    let listener = guichet_server::bind(listen).await?;
    let listen = listener.local_addr()?;
    let shutdown = CancellationToken::new();
    tokio::spawn(signals.cancel(shutdown.clone(), screen));

    let config = Config::at(&data).durability(durability).show_partitions(args.show_partitions);
    let engine = Guichet::open(config).await.doing(|| format!("no server on {}", data.display()))?;
    first_key(&engine, screen).await?;
    if !listen.ip().is_loopback() {
        tracing::warn!("{listen} can be reached from other machines, and without TLS keys and hold tokens can be read on the way");
    }
    match screen.output {
        Output::Table => screen.line(format_args!("listening on http://{listen}"))?,
        Output::Json => screen.line(json!({"listening": format!("http://{listen}")}))?,
    }
    tracing::info!(data = %data.display(), %durability, "serving on http://{listen}");
    let metrics: MetricsText = Arc::new(move || metrics.render());
    let config = ServerConfig {
        listen,
        durability,
        metrics: Some(metrics),
        allowed_origins,
        address_limit,
        trusted_proxies,
        ..ServerConfig::default()
    };
    let served = guichet_server::serve(listener, engine.clone(), config, shutdown).await;
    engine.close().await;
    served?;
    tracing::info!("stopped; everything that was answered is durable");
    DONE
}

/// The log goes to stderr: `GUICHET_LOG` says what of it, otherwise `-v` and `-q`.
fn start_log(context: &Context, format: LogFormat) -> Result<(), Failure> {
    let level = match (context.screen.quiet, context.verbose) {
        (true, _) => "warn",
        (false, 0) => "info",
        (false, 1) => "debug",
        (false, _) => "trace",
    };
    let filter = match std::env::var("GUICHET_LOG") {
        Ok(filter) if !filter.is_empty() => {
            EnvFilter::try_new(&filter).map_err(Failure::usage).doing(|| format!("GUICHET_LOG=\"{filter}\" makes no sense"))?
        }
        // Other people's crates are asked only when something is wrong with them.
        _ => EnvFilter::new(format!(
            "warn,guichet={level},guichet_broker={level},guichet_core={level},guichet_server={level},guichet_domain={level}"
        )),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => log.with_ansi(colours_on(&io::stderr())).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).try_init(),
    };
    started.map_err(|error| Failure::usage(format!("the log cannot be started: {error}")))
}

/// Before the engine opens: what is measured without a recorder is lost.
fn start_metrics() -> Result<PrometheusHandle, Failure> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(metrics_exporter_prometheus::Matcher::Suffix("_seconds".into()), SECONDS_BUCKETS)?;
    let handle = builder.install_recorder()?;
    guichet_server::describe_metrics();
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(METRICS_UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

async fn address(text: &str) -> Result<SocketAddr, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("\"{text}\" is not an address to listen on: {why}"))
            .hint("addresses look like 127.0.0.1:8080; port 0 takes a free one")
    };
    let mut found = tokio::net::lookup_host(text).await.map_err(|error| wrong(error.to_string()))?;
    found.next().ok_or_else(|| wrong("nothing has this name".into()))
}

/// A directory without any key cannot be administered: it gets an admin key, which is printed here and nowhere else.
async fn first_key(engine: &Guichet, screen: Screen) -> Result<(), Failure> {
    if !engine.api_keys().is_empty() {
        return Ok(());
    }
    let key = engine.create_api_key(ApiKeyDraft::new("admin", Scope::Admin)).await?;
    match screen.output {
        Output::Table => screen.line(format_args!("admin key: {}", key.secret))?,
        Output::Json => {
            screen.line(json!({"key": key.id.to_string(), "name": "admin", "scope": "admin", "secret": key.secret}))?;
        }
    }
    screen.say("this key is shown once and stored nowhere: keep it, and give it as GUICHET_KEY or --key");
    Ok(())
}

/// What ends a server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first signal lets requests in flight end, the second does not.
    async fn cancel(mut self, shutdown: CancellationToken, screen: Screen) {
        self.next().await;
        screen.say("stopping: requests in flight may end; a second signal stops at once");
        shutdown.cancel();
        self.next().await;
        screen.say("stopped at once; what was answered is durable");
        std::process::exit(1);
    }
}
