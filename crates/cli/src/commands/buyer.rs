//! `guichet buyer erase`
//!
//! What must never be true: details are destroyed that nobody has confirmed.

use guichet_api::{EraseBuyer, ErasedBuyer};

use super::{DONE, Outcome};
use crate::confirm;
use crate::failure::{Failure, Kind};
use crate::output::{Fields, Screen};
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct BuyerArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Destroy a buyer's name and e-mail address for good; orders and tickets stay
    Erase(Erase),
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("whose").required(true).multiple(false).args(["order", "email"])))]
struct Erase {
    /// The buyer of this order, and of every order with the same details
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Every buyer with this e-mail address, in whatever case it was written
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only say how many records would go
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

pub(crate) async fn run(args: BuyerArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    let Verb::Erase(Erase { order, email, yes, dry_run }) = args.verb;
    confirm::can_ask(yes || dry_run, "erasing")
        .map_err(|failure| failure.hint("--yes erases without asking, --dry-run says how many records would go"))?;
    let request = EraseBuyer { order, email, dry_run: false };
    if !yes {
        let counted = client.erase_buyer(&request.clone().dry_run()).await?.value;
        let found = counted.would_erase.unwrap_or(0);
        if dry_run {
            screen.data(&counted, |_| Fields::default().field("would erase", records(found)).text())?;
            return DONE;
        }
        if found > 0 && !confirmed(found)? {
            return Err(Failure::new(Kind::Refused, "nothing was erased"));
        }
    }
    let erased = client.erase_buyer(&request).await?.value;
    tell(screen, &erased)
}

fn tell(screen: Screen, erased: &ErasedBuyer) -> Outcome {
    screen.data(erased, |erased| Fields::default().field("erased", records(erased.erased)).text())?;
    screen.say(match erased.erased {
        0 => "nothing there: never kept, or erased already",
        _ => "orders and tickets stay; backups made before still have the details",
    });
    DONE
}

fn records(count: u64) -> String {
    format!("{count} record{}", if count == 1 { "" } else { "s" })
}

fn confirmed(found: u64) -> std::io::Result<bool> {
    let happens = format!(
        "this destroys {} of name and e-mail address, for good; nobody can bring them back\n\
         orders, payments and tickets stay, without a buyer; new orders with a buyer wait meanwhile",
        records(found)
    );
    confirm::ask(happens, "erase?")
}
