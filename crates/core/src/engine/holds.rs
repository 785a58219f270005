//! Holds: place, extend, release.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use guichet_domain::hold::{Claim, HoldItem, TTL_MS_DEFAULT};
use guichet_domain::{Command, Event, HoldId, ShowId, commands};

use super::best::Best;
use super::change::Change;
use super::submit::Sent;
use super::{CommandError, Fault, Guichet, Invalid, Receipt};
use crate::idempotency::{Caller, IdempotencyKey};
use crate::position::Position;
use crate::read_model::ShowView;

/// One line of a hold, by names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Name of the product.
    pub product: String,
    /// What of it.
    pub claim: ItemClaim,
}

/// What an item claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemClaim {
    /// Seats by their label paths, such as `MT1-C-8`.
    Seats(Vec<String>),
    /// A number of places.
    Quantity(u32),
    /// Seats that the house chooses.
    Best(Box<Best>),
}

impl Item {
    /// Numbered seats.
    pub fn seats<S: Into<String>>(product: impl Into<String>, seats: impl IntoIterator<Item = S>) -> Self {
        Self { product: product.into(), claim: ItemClaim::Seats(seats.into_iter().map(Into::into).collect()) }
    }

    /// Seats that the house chooses.
    pub fn best(product: impl Into<String>, best: Best) -> Self {
        Self { product: product.into(), claim: ItemClaim::Best(Box::new(best)) }
    }

    /// A number of places without numbers.
    pub fn quantity(product: impl Into<String>, quantity: u32) -> Self {
        Self { product: product.into(), claim: ItemClaim::Quantity(quantity) }
    }
}

/// The secret that whoever placed a hold gets: reading, extending, releasing or ordering the hold needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldToken(pub String);

/// A hold that is durable.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Its secret.
    pub token: HoldToken,
    /// The show.
    pub show: ShowId,
    /// What it claims, products by their numbers: the items that named what they want, then those that the house chose seats for.
    pub items: Arc<[HoldItem]>,
    /// When it ends by itself, logged time.
    pub expires_at_unix_ms: u64,
    /// Where it is written.
    pub position: Position,
    /// The key of this command.
    pub key: IdempotencyKey,
    /// Whether this answer was given before.
    pub repeated: bool,
}

type Placing<'a, T> = Pin<Box<dyn Future<Output = Result<T, CommandError>> + Send + 'a>>;

/// A hold about to be placed; await it.
#[must_use = "nothing is placed before it is awaited"]
pub struct PlaceHold<'a> {
    engine: &'a Guichet,
    show: ShowId,
    items: Vec<Item>,
    ttl: Duration,
    buyer_ref: Option<String>,
    key: Option<IdempotencyKey>,
    caller: Caller,
}

impl PlaceHold<'_> {
    /// The same key with the same items is the same hold, however often it is sent.
    pub fn key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// How long it lives, 1 s to 1 h. Default: 10 minutes.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// An opaque name of whoever asks; only a keyed hash of it is kept.
    pub fn buyer_ref(mut self, buyer_ref: impl Into<String>) -> Self {
        self.buyer_ref = Some(buyer_ref.into());
        self
    }

    /// On whose behalf; keys of different callers never meet.
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    fn prepare(self, show: &ShowView) -> Result<Sent, Invalid> {
        let (mut items, mut best) = (Vec::with_capacity(self.items.len()), Vec::new());
        for item in &self.items {
            let product = item.product.as_str();
            let claim = match &item.claim {
                ItemClaim::Best(wanted) => {
                    best.push(wanted.resolve(product, show)?);
                    continue;
                }
                ItemClaim::Quantity(quantity) => Claim::Quantity(*quantity),
                ItemClaim::Seats(seats) => Claim::Seats(seats.iter().map(|seat| seat_by_label(seat, show)).collect::<Result<_, _>>()?),
            };
            items.push(HoldItem { product: product_by_name(product, show)?, claim });
        }
        let items = items.into();
        let buyer_ref = self.buyer_ref.as_deref().map(|buyer| self.engine.keyed_hash("buyer-ref", buyer.as_bytes()));
        let ttl_ms = u64::try_from(self.ttl.as_millis()).unwrap_or(u64::MAX);
        let command = Command::PlaceHold(commands::PlaceHold { show: self.show, items, best, ttl_ms, buyer_ref });
        Ok(Sent::new(self.show.partition(), command, self.key, self.caller, self.show.bits()))
    }
}

impl<'a> IntoFuture for PlaceHold<'a> {
    type Output = Result<Hold, CommandError>;
    type IntoFuture = Placing<'a, Hold>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let engine = self.engine;
            engine.show_is_known(self.show).await?;
            let sent = engine.with_show(self.show, |show| self.prepare(show))??;
            engine.hold_placed(&engine.execute(sent).await?)
        })
    }
}

impl Guichet {
    /// Claims seats and quantities, all or nothing. Durable when it returns.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] for `seat_taken`, `sold_out`, `sale_not_open` and the like,
    /// [`CommandError::Invalid`] for names that do not exist.
    pub fn place_hold(&self, show: ShowId, items: impl IntoIterator<Item = Item>) -> PlaceHold<'_> {
        PlaceHold {
            engine: self,
            show,
            items: items.into_iter().collect(),
            ttl: Duration::from_millis(TTL_MS_DEFAULT),
            buyer_ref: None,
            key: None,
            caller: Caller::EMBEDDER,
        }
    }

    /// Places many holds of one show together: one entry into the shard, one answer for each, in order.
    ///
    /// # Errors
    /// When the show is unknown or the engine closes; each hold has its own result.
    pub async fn place_holds(&self, show: ShowId, holds: Vec<PlaceHold<'_>>) -> Result<Vec<Result<Hold, CommandError>>, CommandError> {
        self.show_is_known(show).await?;
        let mut sent = Vec::with_capacity(holds.len());
        let mut invalid = Vec::new();
        self.with_show(show, |view| {
            for (place, hold) in holds.into_iter().enumerate() {
                match hold.prepare(view) {
                    Ok(ready) => sent.push(ready),
                    Err(error) => invalid.push((place, error)),
                }
            }
        })?;
        let answers = self.execute_many(show.partition(), sent).await?;
        let mut placed: Vec<_> = answers.into_iter().map(|answer| answer.and_then(|receipt| self.hold_placed(&receipt))).collect();
        for (place, error) in invalid {
            placed.insert(place, Err(error.into()));
        }
        Ok(placed)
    }

    /// Lets a hold live for `ttl` from now on; never shortens it.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] when the hold has ended or belongs to an order.
    pub fn extend_hold(&self, hold: HoldId, ttl: Duration) -> Change<'_> {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let command = Command::ExtendHold(commands::ExtendHold { hold, ttl_ms });
        Change::new(self, hold, command)
    }

    /// Gives everything back that a hold claims.
    ///
    /// # Errors
    /// Awaiting it gives [`CommandError::Rejected`] when the hold has ended or belongs to an order.
    pub fn release_hold(&self, hold: HoldId) -> Change<'_> {
        let command = Command::ReleaseHold(commands::ReleaseHold { hold });
        Change::new(self, hold, command)
    }

    /// The secret of a hold: a keyed hash of its id, so that it is the same again for a repeated command and stored nowhere.
    #[must_use]
    pub fn hold_token(&self, hold: HoldId) -> HoldToken {
        HoldToken(BASE64URL_NOPAD.encode(&self.keyed_hash("hold-token", &hold.bits().to_be_bytes())))
    }

    /// Whether a token is the one of a hold; takes the same time either way.
    #[must_use]
    pub fn token_fits(&self, hold: HoldId, token: &str) -> bool {
        let expected = self.keyed_hash("hold-token", &hold.bits().to_be_bytes());
        let given = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap_or_default();
        // blake3 compares its hashes in constant time.
        given.len() == expected.len() && blake3::hash(&given) == blake3::hash(&expected)
    }

    pub(crate) fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.inner.token_key);
        hasher.update(purpose.as_bytes()).update(&[0]).update(bytes);
        let mut hash = [0; 16];
        hash.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        hash
    }

    fn hold_placed(&self, receipt: &Receipt) -> Result<Hold, CommandError> {
        let placed = receipt.events().iter().find_map(|event| match event {
            Event::HoldPlaced { hold, show, items, expires_at_unix_ms, .. } => Some((*hold, *show, Arc::clone(items), *expires_at_unix_ms)),
            _ => None,
        });
        let (id, show, items, expires_at_unix_ms) = placed.ok_or_else(|| Fault::Journal("a hold's record has no hold".into()))?;
        let Receipt { position, key, repeated, .. } = receipt.clone();
        Ok(Hold { id, token: self.hold_token(id), show, items, expires_at_unix_ms, position, key, repeated })
    }
}

pub(super) fn product_by_name(name: &str, show: &ShowView) -> Result<u16, Invalid> {
    let products = &show.definition.products;
    let product = products.iter().position(|product| product.name == name).and_then(|index| u16::try_from(index).ok());
    product.ok_or_else(|| {
        let known: Vec<_> = products.iter().map(|product| format!("\"{}\"", product.name)).collect();
        Invalid::UnknownProduct { product: name.to_owned(), known: known.join(", ") }
    })
}

pub(super) fn seat_by_label(label: &str, show: &ShowView) -> Result<u32, Invalid> {
    show.seat(label).ok_or_else(|| Invalid::UnknownSeat { seat: label.to_owned(), example: show.example_seat().unwrap_or_default() })
}
