//! Holds: temporary claims.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::HoldState;

/// `POST /v1/shows/{show}/holds`: everything or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// One line of a hold: a product with either seats or a quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl HoldItem {
    /// Numbered seats.
    pub fn seats<S: Into<String>>(product: impl Into<String>, seats: impl IntoIterator<Item = S>) -> Self {
        Self { product: product.into(), quantity: None, seats: Some(seats.into_iter().map(Into::into).collect()) }
    }

    /// A number of places without numbers.
    pub fn quantity(product: impl Into<String>, quantity: u32) -> Self {
        Self { product: product.into(), quantity: Some(quantity), seats: None }
    }
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendHold {
    /// How long it lives from now on, in seconds. Never shortens it.
    pub ttl_s: u64,
}
