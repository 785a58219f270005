//! Erasing a buyer's details.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/buyers/erase`: exactly one of `order` and `email`. Printing it with `{:?}` shows no address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBuyer {
    /// The buyer of this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Every buyer with this e-mail address, in whatever case it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Only count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

impl EraseBuyer {
    /// The buyer of an order.
    #[must_use]
    pub fn of_order(order: impl Into<String>) -> Self {
        Self { order: Some(order.into()), ..Self::default() }
    }

    /// Every buyer with an e-mail address.
    #[must_use]
    pub fn of_email(email: impl Into<String>) -> Self {
        Self { email: Some(email.into()), ..Self::default() }
    }

    /// Only counts.
    #[must_use]
    pub fn dry_run(self) -> Self {
        Self { dry_run: true, ..self }
    }
}

impl fmt::Debug for EraseBuyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EraseBuyer").field("order", &self.order).field("dry_run", &self.dry_run).finish_non_exhaustive()
    }
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasedBuyer {
    /// Records that were destroyed; 0 when nothing was there.
    pub erased: u64,
    /// Records that would be destroyed; only in the answer to a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_erase: Option<u64>,
}
