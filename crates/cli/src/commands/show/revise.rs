//! `guichet show revise`: another plan while the show is sold.

use std::path::PathBuf;

use guichet_api::PlanRevision;

use super::super::{DONE, Outcome};
use super::venue::read;
use crate::failure::{Explain, Failure, Kind};
use crate::output::Fields;
use crate::resolve;
use crate::settings::Context;

/// Most seats of one kind that are named in a table; JSON names them all.
const NAMED_MAX: usize = 12;

#[derive(Debug, clap::Args)]
pub(super) struct Revise {
    /// Its id, or a prefix of it
    show: String,
    /// The plan as it shall be, in any format; `-` reads stdin. `guichet venue export` writes the one that a venue has
    plan: PathBuf,
    /// Change nothing: list what would change, and every seat that stands against it
    #[arg(long)]
    dry_run: bool,
    /// The same key with the same plan is one revision, however often it is sent
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    idempotency_key: Option<String>,
}

pub(super) async fn run(args: Revise, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    let plan = read(&args.plan).doing(|| format!("the plan {} cannot be read", args.plan.display()))?;
    let show = resolve::show(&client, &args.show).await?;
    let mut call = client.revise_plan(&show, plan, args.dry_run);
    if let Some(key) = &args.idempotency_key {
        call = call.idempotency_key(key);
    }
    let revision = call.await?.value;
    screen.data(&revision, describe)?;
    for unsold in &revision.unsold {
        screen.say(format_args!("not sold: {unsold}"));
    }
    match revision.conflicts.len() {
        0 if revision.dry_run => screen.say(format_args!("nothing stands against it; nothing has been changed")),
        0 => {}
        conflicts => {
            let refused = Failure::new(Kind::Refused, format_args!("the plan would be refused, seats that stand against it: {conflicts}"));
            return Err(refused.hint("keep these seats under their labels, or release and cancel first what is on them"));
        }
    }
    DONE
}

fn describe(revision: &PlanRevision) -> String {
    let fields = Fields::default()
        .field("added", named(&revision.added))
        .field("withdrawn", named(&revision.withdrawn))
        .field("other category", named(&revision.moved));
    let conflicts: String = revision.conflicts.iter().map(|conflict| format!("\nconflict: {conflict}")).collect();
    format!("{}{conflicts}", fields.text())
}

/// How many, and which they are.
fn named(seats: &[String]) -> String {
    match seats.len() {
        0 => "0".to_owned(),
        many if many > NAMED_MAX => format!("{many}: {}, ...", seats[..NAMED_MAX].join(", ")),
        many => format!("{many}: {}", seats.join(", ")),
    }
}
