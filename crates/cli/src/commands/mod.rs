//! The commands, one file for each group of verbs, and the list of them.

mod buyer;
mod checkin;
mod completions;
mod demo;
mod doctor;
mod hold;
mod key;
mod log;
mod logging;
mod man;
mod order;
mod organiser;
mod paging;
mod payment;
mod seat;
mod serve;
mod show;
mod ticket;
mod top;
mod venue;
mod verify;

use std::process::ExitCode;

use crate::failure::Failure;
use crate::settings::Context;

/// How a command ends.
pub(crate) type Outcome = Result<ExitCode, Failure>;

/// It is done.
pub(crate) const DONE: Outcome = Ok(ExitCode::SUCCESS);

/// Makes the tree, the groups of the help and the dispatch from one list. Each module has `run(arguments, context)`.
macro_rules! commands {
    ($($task:literal { $($name:literal $variant:ident($arguments:ty) $module:ident $about:literal;)* })*) => {
        /// Everything that can be asked for.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Command {
            $($(#[doc = $about] #[command(name = $name)] $variant($arguments),)*)*
        }

        /// The commands by task, for the help.
        pub(crate) const GROUPS: &[(&str, &[&str])] = &[$(($task, &[$($name),*])),*];

        impl Command {
            /// Does it.
            pub(crate) async fn run(self, context: &Context) -> Outcome {
                match self { $($(Self::$variant(arguments) => $module::run(arguments, context).await,)*)* }
            }
        }
    };
}

commands! {
    "Start here" {
        "demo" Demo(demo::DemoArgs) demo "Sell out a real hall, with buyers over real HTTP, in a temporary directory";
        "serve" Serve(serve::ServeArgs) serve "Run the server on a data directory";
    }
    "Prepare a sale" {
        "venue" Venue(venue::VenueArgs) venue "Import and look at venues and their plans";
        "show" Show(show::ShowArgs) show "Make shows, open, pause and close their sale, report what they sold";
        "seat" Seat(seat::SeatArgs) seat "Take seats from sale and give them back";
        "organiser" Organiser(organiser::OrganiserArgs) organiser "Make and list those who sell here";
        "key" Key(key::KeyArgs) key "Make, list, rotate and revoke API keys";
    }
    "Sell" {
        "hold" Hold(hold::HoldArgs) hold "Place, look at, extend and release holds";
        "order" Order(order::OrderArgs) order "Place, list, cancel, refund and export orders";
        "payment" Payment(payment::PaymentArgs) payment "Confirm payments by hand, import a bank's statement";
        "ticket" Ticket(ticket::TicketArgs) ticket "List and show tickets, check their codes offline, change the key that signs them";
        "buyer" Buyer(buyer::BuyerArgs) buyer "Erase a buyer's name and e-mail address";
    }
    "Let them in" {
        "checkin" Checkin(checkin::CheckinArgs) checkin "Scan tickets at the door, with a server or offline";
    }
    "Check" {
        "top" Top(top::TopArgs) top "Watch a server live: trouble, rates, shows, partitions, events";
        "doctor" Doctor(doctor::DoctorArgs) doctor "Explain the settings; check directory, disk, clock, limits, TLS and server, the worst first";
        "verify" Verify(verify::VerifyArgs) verify "Recount everything from the journal with an independent checker";
        "logging" Logging(logging::LoggingArgs) logging "Show or change what a running server writes to its log";
        "log" Log(log::LogArgs) log "Read and check the journal of a directory, offline";
    }
    "Shell" {
        "completions" Completions(completions::CompletionsArgs) completions "Print completions for a shell";
        "man" Man(man::ManArgs) man "Print the manual page";
    }
}
