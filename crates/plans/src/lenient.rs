//! JSON of which any part may be wrong.
//!
//! A derived `Deserialize` stops at the first value of the wrong type and does not say where it is. The types here take
//! whatever stands there; what reads them asks for the type that it needs and notes a fault with its path. Only text that is
//! not JSON at all still stops the reading. Nothing here recurses: what is not wanted is skipped by serde_json without a
//! stack, so the depth of the file does not matter.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::faults::{Faults, Path};

/// Entries of the wrong type that one list reports. Past it the list is not what it should be, and each further entry would
/// cost a fault for two bytes of input.
const WRONG_ENTRIES_MAX: usize = 50;

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

/// A list of objects, each with its place in the file's list.
#[derive(Debug)]
pub(crate) struct List<T> {
    /// Whether a list was there.
    present: bool,
    objects: Vec<(usize, T)>,
    wrong_entries: Vec<(usize, &'static str)>,
    wrong: Option<&'static str>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { present: false, objects: Vec::new(), wrong_entries: Vec::new(), wrong: None }
    }
}

impl<T> List<T> {
    /// The objects of the list that is the field `name` of `parent`, each with its index; faults for all that is not one.
    pub(crate) fn get(&self, parent: &Path<'_>, name: &'static str, faults: &mut Faults) -> &[(usize, T)] {
        if let Some(kind) = self.wrong {
            faults.add(parent.field(name), needed("a list", kind));
        }
        for (index, kind) in &self.wrong_entries {
            faults.add(parent.entry(name, *index), needed("an object", kind));
        }
        &self.objects
    }

    /// How many objects the list holds.
    pub(crate) fn objects(&self) -> usize {
        self.objects.len()
    }

    /// [`List::get`] of a list that must be there.
    pub(crate) fn require(&self, parent: &Path<'_>, name: &'static str, faults: &mut Faults) -> &[(usize, T)] {
        if !self.present && self.wrong.is_none() {
            faults.add(parent.field(name), "missing");
        }
        self.get(parent, name, faults)
    }
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

impl<'de, T: Deserialize<'de>> Lenient<'de> for List<T> {
    fn scalar(leaf: Leaf) -> Self {
        let wrong = match leaf {
            Leaf::Nothing => None,
            other => Some(other.kind()),
        };
        Self { wrong, ..Self::default() }
    }

    fn list<A: SeqAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        let mut list = Self { present: true, ..Self::default() };
        let mut index = 0;
        while list.wrong_entries.len() < WRONG_ENTRIES_MAX {
            match entries.next_element::<Node<T>>()? {
                None => return Ok(list),
                Some(Node::Is(object)) => list.objects.push((index, object)),
                Some(Node::Nothing) => list.wrong_entries.push((index, Leaf::Nothing.kind())),
                Some(Node::Wrong(kind)) => list.wrong_entries.push((index, kind)),
            }
            index += 1;
        }
        skip_list(entries).map(|()| list)
    }

    fn object<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        skip_object(fields).map(|()| Self { wrong: Some("an object"), ..Self::default() })
    }
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

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Anything(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Node<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Anything(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Anything(PhantomData))
    }
}
