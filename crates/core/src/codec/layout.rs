//! How a type lies in the journal.
//!
//! [`layout!`](super::layout::layout) writes both directions from one list of fields, so that they cannot differ. The list is the
//! format: its order and its tags are spelled out there, never taken from the type, and a field or variant that it does not name
//! breaks the build.
//!
//! | type | bytes |
//! |---|---|
//! | `u8` | itself |
//! | `bool` | 0 or 1 |
//! | `u16`, `u32`, `u64` | LEB128 |
//! | `i64` | zig-zag, LEB128 |
//! | `f64` | its bits, little-endian |
//! | ids | their 128 bits, big-endian, as in the text form |
//! | arrays of bytes | themselves |
//! | `String` | length, UTF-8 |
//! | `Option` | 0, or 1 and the value |
//! | lists | count, elements |
//! | structs, pairs | their fields |
//! | enums | tag, then the variant's fields |

use std::sync::Arc;

use guichet_domain::{ApiKeyId, HoldId, OrderId, OrganiserId, SagaId, ShowId, TicketId, VenueId};

use super::CodecError;
use super::wire::{Reader, Writer};

/// A decoded list takes at most this many times the bytes that it was read from (`Event` in its shortest form is the worst). So a
/// hostile length costs memory in proportion to what was really sent.
const EXPANSION_MAX: usize = 96;

/// A type with a place in the journal.
pub(crate) trait Wire: Sized {
    /// The shortest form; bounds how many fit what remains.
    const BYTES_MIN: usize;

    fn put(&self, writer: &mut Writer<'_>);

    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError>;
}

/// Lays out a struct as its fields or an enum as a stable tag and the fields of the variant.
macro_rules! layout {
    (struct $name:ident { $($field:ident: $ty:ty,)* }) => {
        impl $crate::codec::layout::Wire for $name {
            const BYTES_MIN: usize = 0 $(+ <$ty as $crate::codec::layout::Wire>::BYTES_MIN)*;

            #[inline]
            fn put(&self, writer: &mut $crate::codec::wire::Writer<'_>) {
                let Self { $($field),* } = self;
                $(<$ty as $crate::codec::layout::Wire>::put($field, writer);)*
            }

            #[inline]
            fn get(reader: &mut $crate::codec::wire::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                Ok(Self { $($field: <$ty as $crate::codec::layout::Wire>::get(reader)?),* })
            }
        }
    };
    (enum $name:ident, $unknown:literal {
        $($tag:literal = $variant:ident $({ $($field:ident: $ty:ty),* })? $(($inner:ident: $inner_ty:ty))?,)*
    }) => {
        impl $crate::codec::layout::Wire for $name {
            const BYTES_MIN: usize = 1 + $crate::codec::layout::least(&[$(
                0 $($(+ <$ty as $crate::codec::layout::Wire>::BYTES_MIN)*)? $(+ <$inner_ty as $crate::codec::layout::Wire>::BYTES_MIN)?
            ),*]);

            #[inline]
            fn put(&self, writer: &mut $crate::codec::wire::Writer<'_>) {
                match self {
                    $(Self::$variant { $($($field),*)? $(0: $inner)? } => {
                        writer.u8($tag);
                        $($(<$ty as $crate::codec::layout::Wire>::put($field, writer);)*)?
                        $(<$inner_ty as $crate::codec::layout::Wire>::put($inner, writer);)?
                    })*
                }
            }

            #[inline]
            fn get(reader: &mut $crate::codec::wire::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                let at = reader.at();
                Ok(match reader.u8()? {
                    $($tag => Self::$variant {
                        $($($field: <$ty as $crate::codec::layout::Wire>::get(reader)?),*)?
                        $(0: <$inner_ty as $crate::codec::layout::Wire>::get(reader)?)?
                    },)*
                    _ => return Err($crate::codec::CodecError::Malformed { at, what: $unknown }),
                })
            }
        }
    };
}
pub(crate) use layout;

/// The least of several sizes.
pub(crate) const fn least(sizes: &[usize]) -> usize {
    let mut least = usize::MAX;
    let mut index = 0;
    while index < sizes.len() {
        if sizes[index] < least {
            least = sizes[index];
        }
        index += 1;
    }
    least
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Wire for $name {
            const BYTES_MIN: usize = 16;

            #[inline]
            fn put(&self, writer: &mut Writer<'_>) {
                writer.array(&self.bits().to_be_bytes());
            }

            #[inline]
            fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
                Ok(Self::from_bits(u128::from_be_bytes(reader.array()?)))
            }
        }
    )*};
}

ids! { VenueId ShowId HoldId OrderId TicketId SagaId ApiKeyId OrganiserId }

macro_rules! numbers {
    ($($name:ty)*) => {$(
        impl Wire for $name {
            const BYTES_MIN: usize = 1;

            #[inline]
            fn put(&self, writer: &mut Writer<'_>) {
                writer.varint(u64::from(*self));
            }

            #[inline]
            fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
                reader.narrow()
            }
        }
    )*};
}

numbers! { u16 u32 u64 }

impl Wire for u8 {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.u8(*self);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        reader.u8()
    }
}

impl Wire for bool {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.u8(u8::from(*self));
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = reader.at();
        match reader.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CodecError::Malformed { at, what: "neither true nor false" }),
        }
    }
}

impl Wire for i64 {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.signed(*self);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        reader.signed()
    }
}

impl Wire for f64 {
    const BYTES_MIN: usize = 8;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.array(&self.to_bits().to_le_bytes());
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self::from_bits(u64::from_le_bytes(reader.array()?)))
    }
}

impl<const N: usize> Wire for [u8; N] {
    const BYTES_MIN: usize = N;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.array(self);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        reader.array()
    }
}

impl Wire for String {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.bytes(self.as_bytes());
    }

    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = reader.at();
        match std::str::from_utf8(reader.bytes()?) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(CodecError::Malformed { at, what: "a text is not UTF-8" }),
        }
    }
}

impl Wire for Arc<str> {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        writer.bytes(self.as_bytes());
    }

    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        String::get(reader).map(Into::into)
    }
}

impl<T: Wire> Wire for Option<T> {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        match self {
            None => writer.u8(0),
            Some(value) => {
                writer.u8(1);
                value.put(writer);
            }
        }
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let at = reader.at();
        match reader.u8()? {
            0 => Ok(None),
            1 => Ok(Some(T::get(reader)?)),
            _ => Err(CodecError::Malformed { at, what: "neither there nor absent" }),
        }
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    const BYTES_MIN: usize = A::BYTES_MIN + B::BYTES_MIN;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        self.0.put(writer);
        self.1.put(writer);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok((A::get(reader)?, B::get(reader)?))
    }
}

/// Writes a list.
#[inline]
pub(crate) fn put_list<T: Wire>(list: &[T], writer: &mut Writer<'_>) {
    writer.count(list.len());
    for element in list {
        element.put(writer);
    }
}

/// Reads so many elements; `count` has been held against what remains.
#[inline]
fn get_elements<T: Wire>(count: usize, reader: &mut Reader<'_>) -> Result<Vec<T>, CodecError> {
    const { assert!(size_of::<T>() <= T::BYTES_MIN * EXPANSION_MAX) };
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        list.push(T::get(reader)?);
    }
    Ok(list)
}

impl<T: Wire> Wire for Vec<T> {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        put_list(self, writer);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = reader.count(T::BYTES_MIN)?;
        get_elements(count, reader)
    }
}

impl<T: Wire> Wire for Arc<[T]> {
    const BYTES_MIN: usize = 1;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        put_list(self, writer);
    }

    /// One element, the usual hold, goes straight into the shared allocation.
    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        match reader.count(T::BYTES_MIN)? {
            1 => Ok(Arc::new([T::get(reader)?])),
            count => Ok(get_elements(count, reader)?.into()),
        }
    }
}

impl<T: Wire> Wire for Box<T> {
    const BYTES_MIN: usize = T::BYTES_MIN;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        T::put(self, writer);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        T::get(reader).map(Box::new)
    }
}

impl<T: Wire> Wire for Arc<T> {
    const BYTES_MIN: usize = T::BYTES_MIN;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) {
        T::put(self, writer);
    }

    #[inline]
    fn get(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        T::get(reader).map(Arc::new)
    }
}
