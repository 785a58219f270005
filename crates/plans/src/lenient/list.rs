//! A list of objects.

use serde::de::{MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Leaf, Lenient, Node, Part, anything, needed, skip_list, skip_object};
use crate::faults::{Faults, Path};

/// Entries of the wrong type that one list reports. Past it the list is not what it should be, and each further entry would
/// cost a fault for two bytes of input.
const WRONG_ENTRIES_MAX: usize = 50;

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

    /// Whether it is there, if `required`, and each entry is an object, so that their places are those of the file's list.
    pub(crate) fn is_whole(&self, required: bool) -> bool {
        self.wrong.is_none() && self.wrong_entries.is_empty() && (self.present || !required)
    }

    /// [`List::get`] of a list that must be there.
    pub(crate) fn require(&self, parent: &Path<'_>, name: &'static str, faults: &mut Faults) -> &[(usize, T)] {
        if !self.present && self.wrong.is_none() {
            faults.add(parent.field(name), "missing");
        }
        self.get(parent, name, faults)
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        anything(value)
    }
}

impl<T> Part for List<T> {
    fn is_absent(&self) -> bool {
        !self.present && self.wrong.is_none()
    }
}

impl<T> List<T> {
    /// Leaves an empty list away.
    pub(crate) fn unless_empty(self) -> Self {
        Self { present: !self.objects.is_empty(), ..self }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(objects: I) -> Self {
        Self { present: true, objects: objects.into_iter().enumerate().collect(), ..Self::default() }
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, value: S) -> Result<S::Ok, S::Error> {
        value.collect_seq(self.objects.iter().map(|(_, object)| object))
    }
}
