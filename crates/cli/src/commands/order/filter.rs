//! Which orders are meant: the same flags for the list and the export.

use guichet_api::{Client, OrderFilter, OrderState, PaymentState};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::{resolve, when};

#[derive(Debug, clap::Args)]
pub(super) struct Filters {
    /// Only of this show: its id, or a prefix of it
    #[arg(long)]
    show: Option<String>,
    /// Only in this state: placed, awaiting_payment, confirmed, cancelled or stuck
    #[arg(long)]
    state: Option<OrderState>,
    /// Only with this state of the payment, such as captured, refunded or paid_unfulfilled
    #[arg(long, value_name = "STATE")]
    payment: Option<PaymentState>,
    /// Only paid through this provider
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Only placed then or later: RFC 3339
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    since: Option<Timestamp>,
    /// Only placed before: RFC 3339
    #[arg(long, value_name = "WHEN", value_parser = when::moment)]
    until: Option<Timestamp>,
}

impl Filters {
    /// As the server takes them.
    pub(super) async fn resolve(self, client: &Client) -> Result<OrderFilter, Failure> {
        let show = match self.show {
            Some(show) => Some(resolve::show(client, &show).await?),
            None => None,
        };
        let (placed_from, placed_before) = (self.since, self.until);
        let (state, payment, provider) = (self.state, self.payment, self.provider);
        Ok(OrderFilter { show, state, payment, provider, placed_from, placed_before })
    }
}
