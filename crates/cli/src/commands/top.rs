//! `guichet top`: a live picture of a server.

use std::time::Duration;

use guichet_tui::TopOptions;

use super::{DONE, Outcome};
use crate::settings::Context;
use crate::when;

#[derive(Debug, clap::Args)]
pub(crate) struct TopArgs {
    /// Time from one question about status and shows to the next; events come at once in any case
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = when::duration)]
    refresh: Duration,
}

pub(crate) async fn run(args: TopArgs, context: &Context) -> Outcome {
    guichet_tui::run(context.client()?, TopOptions { refresh: args.refresh }).await?;
    DONE
}
