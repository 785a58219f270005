//! An object in a field of its own.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Leaf, Lenient, Part, anything, needed, skip_list};
use crate::faults::{Faults, Path};

/// An object, if it is one.
#[derive(Debug, Default)]
pub(crate) enum Node<T> {
    /// Absent or null.
    #[default]
    Nothing,
    /// It is.
    Is(T),
    /// Something else stands there.
    Wrong(&'static str),
}

impl<T> Node<T> {
    /// The object; a fault if something else is there, and if nothing is there and it is `required`.
    pub(crate) fn get(&self, required: bool, path: Path<'_>, faults: &mut Faults) -> Option<&T> {
        match self {
            Self::Is(value) => return Some(value),
            Self::Nothing if required => faults.add(path, "missing"),
            Self::Nothing => {}
            Self::Wrong(kind) => faults.add(path, needed("an object", kind)),
        }
        None
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Node<T> {
    fn scalar(leaf: Leaf) -> Self {
        match leaf {
            Leaf::Nothing => Self::Nothing,
            other => Self::Wrong(other.kind()),
        }
    }

    fn list<A: SeqAccess<'de>>(entries: A) -> Result<Self, A::Error> {
        skip_list(entries).map(|()| Self::Wrong("a list"))
    }

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Self::Is)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Node<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        anything(value)
    }
}

impl<T> Part for Node<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

impl<T> From<Option<T>> for Node<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::Is)
    }
}

impl<T: Serialize> Serialize for Node<T> {
    fn serialize<S: Serializer>(&self, value: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(object) => object.serialize(value),
            Self::Nothing | Self::Wrong(_) => value.serialize_unit(),
        }
    }
}

/// An object, or one word in its place.
#[derive(Debug)]
pub(crate) enum TextOr<T> {
    /// Not an object.
    Leaf(Leaf),
    /// It is.
    Object(T),
}

impl<T> Default for TextOr<T> {
    fn default() -> Self {
        Self::Leaf(Leaf::Nothing)
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for TextOr<T> {
    fn scalar(leaf: Leaf) -> Self {
        Self::Leaf(leaf)
    }

    fn list<A: SeqAccess<'de>>(entries: A) -> Result<Self, A::Error> {
        Leaf::list(entries).map(Self::Leaf)
    }

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Self::Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        anything(value)
    }
}

impl<T> Part for TextOr<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Leaf(Leaf::Nothing))
    }
}

impl<T: Serialize> Serialize for TextOr<T> {
    fn serialize<S: Serializer>(&self, value: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leaf(leaf) => leaf.serialize(value),
            Self::Object(object) => object.serialize(value),
        }
    }
}
