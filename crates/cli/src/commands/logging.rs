//! `guichet logging [FILTER]`: what a running server writes to its log.

use guichet_api::LogFilter;

use super::{DONE, Outcome};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct LoggingArgs {
    /// A level (error, warn, info, debug, trace), or levels by module such as `warn,guichet_core=debug`; without it, the one that is set
    filter: Option<String>,
}

pub(crate) async fn run(args: LoggingArgs, context: &Context) -> Outcome {
    let client = context.client()?;
    let now = match args.filter {
        Some(filter) => client.set_log_filter(&LogFilter { filter }).await?.value,
        None => client.log_filter().await?.value,
    };
    context.screen.data(&now, |now| now.filter.clone())?;
    DONE
}
