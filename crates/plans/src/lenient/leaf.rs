//! A value without parts: a text, a number, a flag.

use serde::de::{MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Lenient, Part, anything, needed, skip_list, skip_object};
use crate::faults::{Faults, Path};

/// A value without parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Leaf {
    /// Absent, or null: foreign programs write either.
    #[default]
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A number without a fraction.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
    /// Not a leaf at all, but this.
    Wrong(&'static str),
}

impl Leaf {
    /// What stands here, for a sentence.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Flag(_) => "true or false",
            Self::Integer(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Wrong(kind) => kind,
        }
    }

    /// A text; nothing where there is none, which is a fault if it is `required`.
    pub(crate) fn text(&self, required: bool, path: Path<'_>, faults: &mut Faults) -> Option<String> {
        match self {
            Self::Text(text) => return Some(text.clone()),
            Self::Nothing if required => faults.add(path, "missing"),
            Self::Nothing => {}
            other => faults.add(path, needed("a text", other.kind())),
        }
        None
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn whole(&self, max: u32, path: Path<'_>, faults: &mut Faults) -> Option<u32> {
        let number = self.number(path, faults)?;
        if number.fract() == 0.0 && (0.0..=f64::from(max)).contains(&number) {
            // In range and whole.
            return Some(number as u32);
        }
        faults.add(path, format!("{number} is not a whole number from 0 to {max}"));
        None
    }

    /// A name that people use. Whole numbers count as names; a blank text does not.
    pub(crate) fn label(&self, path: Path<'_>, faults: &mut Faults) -> Option<String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Nothing | Self::Text(_) => {
                faults.add(path, "missing");
                None
            }
            _ => {
                faults.add(path, needed("a text", self.kind()));
                None
            }
        }
    }

    /// A text or nothing; a blank text is nothing.
    pub(crate) fn optional_label(&self, path: Path<'_>, faults: &mut Faults) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Text(text) if text.trim().is_empty() => None,
            _ => self.label(path, faults),
        }
    }

    /// What another object is referred to by: a text or a whole number, or nothing.
    pub(crate) fn key(&self, path: Path<'_>, faults: &mut Faults) -> Key {
        match self {
            Self::Nothing => Key::Nothing,
            Self::Text(text) => Key::Is(text.clone()),
            Self::Integer(number) => Key::Is(number.to_string()),
            _ => {
                faults.add(path, needed("a text or a whole number", self.kind()));
                Key::Broken
            }
        }
    }

    /// A finite number.
    pub(crate) fn number(&self, path: Path<'_>, faults: &mut Faults) -> Option<f64> {
        match self {
            // Drawing units: far below 2^53, where every whole number is exact.
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) if number.is_finite() => Some(*number),
            Self::Nothing => {
                faults.add(path, "missing");
                None
            }
            _ => {
                faults.add(path, needed("a number", self.kind()));
                None
            }
        }
    }

    /// `true`, `false` or nothing.
    pub(crate) fn flag(&self, path: Path<'_>, faults: &mut Faults) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Nothing => None,
            _ => {
                faults.add(path, needed("true or false", self.kind()));
                None
            }
        }
    }
}

/// A reference to another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// There is one.
    Is(String),
    /// There is none.
    Nothing,
    /// It cannot be one; the fault is noted.
    Broken,
}

impl<'de> Lenient<'de> for Leaf {
    fn scalar(leaf: Leaf) -> Self {
        leaf
    }

    fn list<A: SeqAccess<'de>>(entries: A) -> Result<Self, A::Error> {
        skip_list(entries).map(|()| Self::Wrong("a list"))
    }

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        skip_object(fields).map(|()| Self::Wrong("an object"))
    }
}

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        anything(value)
    }
}

impl Part for Leaf {
    fn is_absent(&self) -> bool {
        *self == Self::Nothing
    }
}

impl Serialize for Leaf {
    fn serialize<S: Serializer>(&self, value: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => value.serialize_bool(*flag),
            Self::Integer(number) => value.serialize_i64(*number),
            Self::Number(number) => value.serialize_f64(*number),
            Self::Text(text) => value.serialize_str(text),
            Self::Nothing | Self::Wrong(_) => value.serialize_unit(),
        }
    }
}

impl From<&str> for Leaf {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for Leaf {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u16> for Leaf {
    fn from(number: u16) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u32> for Leaf {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl<T: Into<Leaf>> From<Option<T>> for Leaf {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// A list of values without parts.
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    leaves: Vec<Leaf>,
    wrong: Option<&'static str>,
}

/// Entries that are kept of one list: more than an index of 16 bits reaches, so that a plan with that many is refused.
const LEAVES_MAX: usize = 1 << 17;

impl Leaves {
    /// The entries of the list that is the field at `path`.
    pub(crate) fn get(&self, path: Path<'_>, faults: &mut Faults) -> &[Leaf] {
        if let Some(kind) = self.wrong {
            faults.add(path, needed("a list", kind));
        }
        &self.leaves
    }
}

impl Part for Leaves {
    fn is_absent(&self) -> bool {
        self.leaves.is_empty() && self.wrong.is_none()
    }
}

impl<T: Into<Leaf>> FromIterator<T> for Leaves {
    fn from_iter<I: IntoIterator<Item = T>>(leaves: I) -> Self {
        Self { leaves: leaves.into_iter().map(Into::into).collect(), wrong: None }
    }
}

impl<'de> Lenient<'de> for Leaves {
    fn scalar(leaf: Leaf) -> Self {
        let wrong = if leaf == Leaf::Nothing { None } else { Some(leaf.kind()) };
        Self { leaves: Vec::new(), wrong }
    }

    fn list<A: SeqAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut leaves = Vec::new();
        while let Some(leaf) = entries.next_element()? {
            leaves.push(leaf);
            if leaves.len() == LEAVES_MAX {
                skip_list(entries)?;
                break;
            }
        }
        Ok(Self { leaves, wrong: None })
    }

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        skip_object(fields).map(|()| Self { leaves: Vec::new(), wrong: Some("an object") })
    }
}

impl<'de> Deserialize<'de> for Leaves {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        anything(value)
    }
}

impl Serialize for Leaves {
    fn serialize<S: Serializer>(&self, value: S) -> Result<S::Ok, S::Error> {
        value.collect_seq(&self.leaves)
    }
}
