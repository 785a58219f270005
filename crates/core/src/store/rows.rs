//! What a row is: its key, and the view that it holds in the codec's layout.
//!
//! A key is the table's byte and the id's 128 bits, so a table sorts by time of making.

use guichet_domain::{HoldId, OrderId};

use super::StoreError;
use crate::codec::{Reader, Wire, Writer};
use crate::read_model::{HoldView, OrderView};

/// Layout of the rows. Rows of another version are rebuilt, not read.
const VERSION: u8 = 3;

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Orders that have ended.
    Orders,
    /// Holds that have ended.
    Holds,
    /// Ids of orders that have ended, by their numbers: a short code holds no more.
    OrderNumbers,
}

impl Table {
    /// First byte of its keys; 0 belongs to the store itself.
    #[must_use]
    pub(crate) fn prefix(self) -> u8 {
        match self {
            Self::Orders => 1,
            Self::Holds => 2,
            Self::OrderNumbers => 3,
        }
    }

    fn key(self, bits: u128) -> Vec<u8> {
        let mut key = vec![self.prefix()];
        key.extend_from_slice(&bits.to_be_bytes());
        key
    }
}

/// Where the id of an order stands, by its number.
pub(crate) fn order_number_key(number: u64) -> Vec<u8> {
    Table::OrderNumbers.key(u128::from(number))
}

/// A view that is kept in a store.
pub(crate) trait Row: Sized {
    /// Its id.
    type Id;
    /// Where it stands.
    fn key(id: Self::Id) -> Vec<u8>;
    /// As bytes.
    fn to_bytes(&self) -> Vec<u8>;
    /// From bytes.
    ///
    /// # Errors
    /// When they are not of this version.
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError>;
}

impl Row for OrderView {
    type Id = OrderId;

    fn key(id: OrderId) -> Vec<u8> {
        Table::Orders.key(id.bits())
    }
    fn to_bytes(&self) -> Vec<u8> {
        put(self)
    }
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        get(bytes)
    }
}

impl Row for HoldView {
    type Id = HoldId;

    fn key(id: HoldId) -> Vec<u8> {
        Table::Holds.key(id.bits())
    }
    fn to_bytes(&self) -> Vec<u8> {
        put(self)
    }
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        get(bytes)
    }
}

fn put(view: &impl Wire) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    view.put(&mut Writer::new(&mut bytes));
    bytes
}

fn get<T: Wire>(bytes: &[u8]) -> Result<T, StoreError> {
    let (version, bytes) = bytes.split_first().ok_or_else(|| StoreError::Row("it is empty".into()))?;
    if *version != VERSION {
        return Err(StoreError::Row(format!("it has version {version}, this program reads {VERSION}")));
    }
    let mut reader = Reader::new(bytes);
    let view = T::get(&mut reader).map_err(|error| StoreError::Row(error.to_string()))?;
    reader.end().map_err(|error| StoreError::Row(error.to_string()))?;
    Ok(view)
}
