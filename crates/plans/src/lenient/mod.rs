//! JSON of which any part may be wrong.
//!
//! A derived `Deserialize` stops at the first value of the wrong type and does not say where it is. The types here take
//! whatever stands there; what reads them asks for the type that it needs and notes a fault with its path. Only text that is
//! not JSON at all still stops the reading. Nothing here recurses: what is not wanted is skipped by serde_json without a
//! stack, so the depth of the file does not matter.

mod leaf;
mod list;
mod node;
mod object;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use leaf::{Key, Leaf, Leaves};
pub(crate) use list::List;
pub(crate) use node::{Node, TextOr};
pub(crate) use object::{Strays, object};

/// What stands in a field of an object.
pub(crate) trait Part {
    /// Absent, or null: foreign programs write either.
    fn is_absent(&self) -> bool;
}

fn needed(wanted: &str, found: &str) -> String {
    format!("{wanted} is needed, found {found}")
}

/// What can be made of any JSON value.
trait Lenient<'de>: Sized {
    fn scalar(leaf: Leaf) -> Self;
    fn list<A: SeqAccess<'de>>(entries: A) -> Result<Self, A::Error>;
    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error>;
}

fn skip_list<'de, A: SeqAccess<'de>>(mut entries: A) -> Result<(), A::Error> {
    while entries.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_object<'de, A: MapAccess<'de>>(mut fields: A) -> Result<(), A::Error> {
    while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn anything<'de, D: Deserializer<'de>, T: Lenient<'de>>(value: D) -> Result<T, D::Error> {
    value.deserialize_any(Anything(PhantomData))
}

struct Anything<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Anything<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::scalar(Leaf::Nothing))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::scalar(Leaf::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::scalar(Leaf::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        // Nothing in a plan is that large; what reads it refuses it by its size or its fraction.
        let leaf = i64::try_from(number).map_or(Leaf::Number(number as f64), Leaf::Integer);
        Ok(T::scalar(leaf))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::scalar(Leaf::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::scalar(Leaf::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::list(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::object(fields)
    }
}
