//! The log of a server: to stderr, for people or for programs, filtered as somebody wishes while it runs.

use std::io;
use std::sync::Arc;

use guichet_server::LogFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::failure::{Explain, Failure};
use crate::output::colours_on;
use crate::settings::Context;

/// Form of the log.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What a server may change about the log.
struct Reloadable(Handle<EnvFilter, Registry>);

impl LogFilter for Reloadable {
    fn get(&self) -> String {
        self.0.with_current(ToString::to_string).unwrap_or_default()
    }

    fn set(&self, filter: &str) -> Result<(), String> {
        if filter.trim().is_empty() {
            return Err("an empty filter would write errors alone; say `error` if that is meant".into());
        }
        let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
        self.0.reload(filter).map_err(|error| error.to_string())
    }
}

/// Begins the log: `GUICHET_LOG` says what of it, otherwise `-v` and `-q`.
pub(super) fn start(context: &Context, format: LogFormat) -> Result<Arc<dyn LogFilter>, Failure> {
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
    let (filter, handle) = reload::Layer::new(filter);
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(colours_on(&io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let started = tracing_subscriber::registry().with(filter).with(lines).try_init();
    started.map_err(|error| Failure::usage(format!("the log cannot be started: {error}")))?;
    Ok(Arc::new(Reloadable(handle)))
}
