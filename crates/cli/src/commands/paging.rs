//! Which page of a list.

use guichet_api::{Call, Page};
use serde::de::DeserializeOwned;

use crate::output::Screen;

#[derive(Debug, clap::Args)]
pub(super) struct Paging {
    /// How many on a page [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// The page after this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
}

impl Paging {
    /// Asks for that page.
    pub(super) fn of<T: Page + DeserializeOwned + 'static>(&self, mut call: Call<T>) -> Call<T> {
        if let Some(limit) = self.limit {
            call = call.limit(limit);
        }
        if let Some(cursor) = &self.after {
            call = call.after(cursor);
        }
        call
    }
}

/// Says how to see more, when there is more.
pub(super) fn more(screen: Screen, next: Option<&String>) {
    if let Some(next) = next {
        screen.say(format_args!("there is more: --after {next}"));
    }
}
