//! `guichet demo`

use super::Outcome;
pub(crate) use crate::demo::DemoArgs;
use crate::settings::Context;

pub(crate) async fn run(args: DemoArgs, context: &Context) -> Outcome {
    Ok(crate::demo::run(args, context.screen).await?)
}
