//! Holds: temporary claims.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{HoldState, Money};

/// `POST /v1/shows/{show}/holds`: everything or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceHold {
    /// An opaque name of whoever asks; only a keyed hash of it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_ref: Option<String>,
    /// What is claimed.
    pub items: Vec<HoldItem>,
    /// How long it lives, in seconds. Default: 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
}

/// One line of a hold: a product with seats, or with a quantity, or with a quantity of seats that the house chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldItem {
    /// Name of the product.
    pub product: String,
    /// Places without numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Seats by their label paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<Vec<String>>,
    /// The house chooses `quantity` seats, together and as near as possible to what they look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_available: Option<BestAvailable>,
}

/// How the house chooses. `{}` will do: a group of the item's product, together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BestAvailable {
    /// Others of the same group, who sit with it: two adults, and with them a child.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<GroupPart>,
    /// Products that would do instead of the item's own: the best seats of all are taken. `"*"` stands for all with seats.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
    /// Only products that cost at least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_min: Option<Money>,
    /// Only products that cost at most this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_max: Option<Money>,
    /// Only seats of these categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Only seats of these zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// How many of the group need a wheelchair place; the others sit beside them.
    #[serde(skip_serializing_if = "is_zero")]
    pub accessible: u32,
    /// An aisle may run through the group.
    #[serde(skip_serializing_if = "is_false")]
    pub across_aisles: bool,
    /// The group may be split, into as few parts as possible.
    #[serde(skip_serializing_if = "is_false")]
    pub split: bool,
}

/// So many of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupPart {
    /// Name of the product.
    pub product: String,
    /// How many.
    pub quantity: u32,
}

// By reference: serde's `skip_serializing_if` asks for it.
fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl HoldItem {
    /// Numbered seats.
    pub fn seats<S: Into<String>>(product: impl Into<String>, seats: impl IntoIterator<Item = S>) -> Self {
        let seats = seats.into_iter().map(Into::into).collect();
        Self { product: product.into(), quantity: None, seats: Some(seats), best_available: None }
    }

    /// A number of places without numbers.
    pub fn quantity(product: impl Into<String>, quantity: u32) -> Self {
        Self { product: product.into(), quantity: Some(quantity), seats: None, best_available: None }
    }

    /// Seats that the house chooses.
    pub fn best_available(product: impl Into<String>, quantity: u32, best: BestAvailable) -> Self {
        Self { product: product.into(), quantity: Some(quantity), seats: None, best_available: Some(best) }
    }
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Its id.
    pub hold: String,
    /// Its secret: reading, extending, releasing or ordering it needs it. Only in the answer to whoever placed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Id of the show.
    pub show: String,
    /// Where it stands.
    pub state: HoldState,
    /// What it claims.
    pub items: Vec<HoldItem>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// The order that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
}

/// `POST /v1/holds/{hold}/extend`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendHold {
    /// How long it lives from now on, in seconds. Never shortens it.
    pub ttl_s: u64,
}
