//! `guichet show list`

use guichet_api::{Client, SaleState, ShowFilter};

use crate::commands::paging::{Paging, more};
use crate::failure::Failure;
use crate::output::{Rows, Screen};
use crate::resolve;

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only at this venue: its id, or a prefix of it
    #[arg(long)]
    venue: Option<String>,
    /// Only of this organiser: its id, or a prefix of it
    #[arg(long)]
    organiser: Option<String>,
    /// Only those whose sale stands so
    #[arg(long, value_name = "draft|open|paused|closed")]
    sale: Option<SaleState>,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(list: List, client: &Client, screen: Screen) -> Result<(), Failure> {
    let venue = match &list.venue {
        Some(venue) => Some(resolve::venue(client, venue).await?),
        None => None,
    };
    let organiser = resolve::organiser_if_any(client, list.organiser.as_deref()).await?;
    let filter = ShowFilter { venue, organiser, sale: list.sale };
    let page = list.paging.of(client.shows(&filter)).await?.value;
    screen.data(&page, |page| {
        let mut rows = Rows::new(&["show", "name", "sale", "starts at", "products#"]);
        for show in &page.shows {
            let starts_at = show.starts_at.map(|at| at.to_string()).unwrap_or_default();
            rows.row(&[&show.show, &show.name, &show.sale, &starts_at, &show.products.len()]);
        }
        rows.text()
    })?;
    more(screen, page.next.as_ref());
    Ok(())
}
