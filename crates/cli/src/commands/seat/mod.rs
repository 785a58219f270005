//! `guichet seat block|unblock`

mod range;

use guichet_api::{BlockSeats, UnblockSeats};

use super::{DONE, Outcome};
use crate::failure::Failure;
use crate::output::Fields;
use crate::settings::Context;
use crate::{resolve, steady};

#[derive(Debug, clap::Args)]
pub(crate) struct SeatArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Take free seats from sale, all or none
    Block {
        #[command(flatten)]
        which: Which,
        /// Why, for the report
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Put blocked seats on sale again, all or none
    Unblock(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Id of the show, or a prefix of it
    show: String,
    /// Seats by their label paths, such as `MT1-C-8`, or a range of a row, such as `MT1-C-8..12`
    #[arg(required = true, value_name = "SEAT", value_parser = range::expand)]
    seats: Vec<Vec<String>>,
}

pub(crate) async fn run(args: SeatArgs, context: &Context) -> Outcome {
    let (client, screen) = (context.client()?, context.screen);
    match args.verb {
        Verb::Block { which, reason } => {
            let (show, seats) = which.resolve(context).await?;
            let request = BlockSeats { seats, reason };
            let blocked = steady::send(&steady::key(), || client.block_seats(&show, &request)).await?.value;
            screen.data(&blocked, |blocked| Fields::default().field("blocked", blocked.blocked).text())?;
        }
        Verb::Unblock(which) => {
            let (show, seats) = which.resolve(context).await?;
            let request = UnblockSeats { seats };
            let unblocked = steady::send(&steady::key(), || client.unblock_seats(&show, &request)).await?.value;
            screen.data(&unblocked, |unblocked| Fields::default().field("unblocked", unblocked.unblocked).text())?;
        }
    }
    DONE
}

impl Which {
    async fn resolve(self, context: &Context) -> Result<(String, Vec<String>), Failure> {
        for range in self.seats.iter().filter(|seats| seats.len() > 1) {
            if let (Some(first), Some(last)) = (range.first(), range.last()) {
                context.screen.say(format_args!("{} seats: {first} to {last}", range.len()));
            }
        }
        let show = resolve::show(&context.client()?, &self.show).await?;
        Ok((show, self.seats.into_iter().flatten().collect()))
    }
}
