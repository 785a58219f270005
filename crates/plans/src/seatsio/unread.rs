//! What a chart holds under names that the reader does not know.
//!
//! The reader takes the lists that it knows and skips everything else, so a new kind of object would vanish from the venue without a word.
//! A second look, at charts in which nothing is wrong, counts the objects of every list with another name. It keeps nothing but the counts.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::chart::Nested;
use crate::faults::PlanErrors;
use crate::lenient::List;

/// The lists of an object that the reader takes, and the fields whose own lists are looked at.
struct Known {
    lists: &'static [&'static str],
    inside: &'static [(&'static str, &'static Known)],
}

static CHART: Known = Known { lists: &[], inside: &[("categories", &CHOICES), ("zones", &CHOICES), ("subChart", &SUB_CHART)] };
static CHOICES: Known = Known { lists: &["list"], inside: &[] };
static SUB_CHART: Known = Known {
    lists: &["generalAdmissionAreas", "booths", "shapes", "texts", "icons"],
    inside: &[("sections", &SECTION), ("rows", &GROUP), ("tables", &GROUP)],
};
static SECTION: Known = Known { lists: &["points"], inside: &[("subChart", &SUB_CHART)] };
static GROUP: Known = Known { lists: &["seats"], inside: &[] };

/// Names the objects of unknown kinds, each list with its path and how many there are.
pub(super) fn unread(bytes: &[u8]) -> Result<Vec<String>, PlanErrors> {
    let mut found = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let look = Look { known: &CHART, path: "", found: &mut found };
    look.deserialize(&mut json).map_err(|error| PlanErrors::one("document", error.to_string()))?;
    Ok(found)
}

/// Looks into an object, or into each object of a list. Other values are faults of the chart, which is not looked at then.
struct Look<'a> {
    known: &'static Known,
    path: &'a str,
    found: &'a mut Vec<String>,
}

impl Look<'_> {
    fn field(&self, name: &str) -> String {
        // A name from the file: whatever is not plain text in it stays off the reader's screen.
        let name = name.escape_debug();
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if self.known.lists.contains(&name.as_str()) {
                fields.next_value::<IgnoredAny>()?;
            } else if let Some((name, known)) = self.known.inside.iter().find(|(inside, _)| *inside == name) {
                let path = self.field(name);
                fields.next_value_seed(Look { known, path: &path, found: self.found })?;
            } else {
                match fields.next_value::<List<Nested>>()?.objects() {
                    0 => {}
                    1 => self.found.push(format!("{}: 1 object of a kind that is not understood", self.field(&name))),
                    count => self.found.push(format!("{}: {count} objects of a kind that is not understood", self.field(&name))),
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let path = format!("{}[{index}]", self.path);
            if entries.next_element_seed(Look { known: self.known, path: &path, found: self.found })?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
