//! `guichet serve`: the engine on a directory, the API on an address, until a signal ends it.

mod logging;
mod signals;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use guichet_core::domain::key::Scope;
use guichet_core::{ApiKeyDraft, Config, Guichet};
use guichet_server::{MetricsText, ServerConfig, Tls, TlsFiles};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use self::logging::LogFormat;
use self::signals::Signals;
use super::{DONE, Outcome};
use crate::failure::{Explain, Failure};
use crate::output::{Output, Screen};
use crate::settings::{Context, Serving};

/// How often the recorder sorts what was measured; without it memory grows with the measurements.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of durations in seconds: a commit takes tenths of milliseconds on a fast disk, tens on a slow one.
const SECONDS_BUCKETS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    serving: Serving,
    /// Serve with a certificate that nobody else has signed, for trying out; it is made in the data directory, in tls/
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_self_signed: bool,
    /// Form of the log on stderr
    #[arg(long, env = "GUICHET_LOG_FORMAT", value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    log_format: LogFormat,
    /// Partitions for shows in a new directory; an existing one keeps its own
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    show_partitions: u16,
}

pub(crate) async fn run(args: ServeArgs, context: &Context) -> Outcome {
    let log_filter = logging::start(context, args.log_format)?;
    let metrics = start_metrics()?;
    let screen = context.screen;
    // Taken first, so that a signal during a long start is not lost.
    let signals = Signals::new()?;
    let serving = args.serving.over(context);
    let (data, durability, address_limit) = (serving.data(), serving.durability(), serving.address_limit()?);
    let (allowed_origins, trusted_proxies) = (serving.allowed_origins()?, serving.trusted_proxies()?);
    let tls_files = if args.tls_self_signed { None } else { serving.tls_files()? };
    // A certificate that cannot be used is found before anything is written.
    let tls = tls_files.map(Tls::open).transpose()?;
    let listen = address(&serving.listen()).await?;
    // A taken port is found before anything is written.
    let listener = guichet_server::bind(listen).await?;
    let listen = listener.local_addr()?;
    let shutdown = CancellationToken::new();
    tokio::spawn(signals.cancel(shutdown.clone(), screen));

    let config = Config::at(&data).durability(durability).show_partitions(args.show_partitions);
    let engine = Guichet::open(config).await.doing(|| format!("no server on {}", data.display()))?;
    first_key(&engine, screen).await?;
    let tls = if args.tls_self_signed { Some(self_signed(&data, listen, screen)?) } else { tls };
    tokio::spawn(signals::read_again(signal(SignalKind::hangup())?, tls.clone()));
    let url = format!("{}://{listen}", if tls.is_some() { "https" } else { "http" });
    if tls.is_none() && !listen.ip().is_loopback() {
        tracing::warn!("{listen} can be reached from other machines, and without TLS keys and hold tokens can be read on the way");
    }
    match screen.output {
        Output::Table => screen.line(format_args!("listening on {url}"))?,
        Output::Json => screen.line(json!({"listening": url}))?,
    }
    tracing::info!(data = %data.display(), %durability, "serving on {url}");
    let metrics: MetricsText = Arc::new(move || metrics.render());
    let config = ServerConfig {
        listen,
        tls,
        durability,
        metrics: Some(metrics),
        log_filter: Some(log_filter),
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

/// For the names by which this machine is called from itself, and the address that it listens on.
fn self_signed(data: &Path, listen: SocketAddr, screen: Screen) -> Result<Tls, Failure> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !listen.ip().is_unspecified() && !listen.ip().is_loopback() {
        names.push(listen.ip().to_string());
    }
    let files = TlsFiles::self_signed(&data.join("tls"), &names)?;
    screen.say(format_args!("clients trust this server with --ca {}, or curl --cacert", files.certificate.display()));
    Ok(Tls::open(files)?)
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
