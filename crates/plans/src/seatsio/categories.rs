//! Which category a seat, a section or an area has.
//!
//! A chart refers to a category by its key (`categoryKey`, a number or a text) and repeats its label (`categoryLabel`) beside
//! it. The key decides where there is one, as labels can be changed; the label is for charts that carry only that.

use std::collections::BTreeMap;

use guichet_domain::seating;

use super::chart;
use crate::faults::{Faults, Path};
use crate::lenient::{Key, Leaf, Node};

/// Stands in for a colour that is not `#rrggbb`: a colour is decoration, not a reason to refuse a chart.
const NEUTRAL_COLOUR: &str = "#808080";

/// What a reference to a category comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priced {
    /// Index of the category.
    As(u16),
    /// There is no reference.
    Nothing,
    /// There is one and it leads nowhere; the fault is noted.
    Broken,
}

/// The chart's categories, by all that they are referred to by.
#[derive(Debug, Default)]
pub(super) struct Categories {
    by_key: BTreeMap<String, u16>,
    by_label: BTreeMap<String, u16>,
    accessible: Vec<bool>,
    /// The list itself has faults: a reference that leads nowhere is then a consequence, not a fault.
    broken: bool,
}

impl Categories {
    /// Reads the list into `plan`.
    pub(super) fn read(chart: &Node<chart::Categories>, plan: &mut Vec<seating::Category>, faults: &mut Faults) -> Self {
        let mut categories = Self::default();
        let mut own = Faults::default();
        let path = Path::DOCUMENT.field("categories");
        if let Some(chart) = chart.get(true, path, &mut own) {
            for (index, category) in chart.list.require(&path, "list", &mut own) {
                let path = path.entry("list", *index);
                categories.add(category, &path, plan, &mut own);
            }
        }
        categories.broken = !own.is_empty();
        faults.append(own);
        categories
    }

    fn add(&mut self, category: &chart::Category, path: &Path<'_>, plan: &mut Vec<seating::Category>, faults: &mut Faults) {
        let Ok(index) = u16::try_from(plan.len()) else {
            faults.add(*path, "a plan takes at most 65,536 categories");
            return;
        };
        if let Key::Is(key) = category.key.key(path.field("key"), faults)
            && self.by_key.insert(key.clone(), index).is_some()
        {
            faults.add(path.field("key"), format!("duplicate of \"{key}\""));
        }
        let name = category.label.label(path.field("label"), faults);
        if let Some(name) = &name
            && self.by_label.insert(name.clone(), index).is_some()
        {
            // Products name categories: two of one name would be one price for both.
            faults.add(path.field("label"), format!("duplicate of \"{name}\""));
        }
        let accessible = category.accessible.flag(path.field("accessible"), faults).unwrap_or(false);
        self.accessible.push(accessible);
        plan.push(seating::Category { name: name.unwrap_or_default(), colour: colour(&category.color) });
    }

    /// The category that the object at `path` refers to.
    pub(super) fn find(&self, key: &Leaf, label: &Leaf, path: &Path<'_>, faults: &mut Faults) -> Priced {
        let (by, field, wanted, called) = match key.key(path.field("categoryKey"), faults) {
            Key::Is(wanted) => (&self.by_key, "categoryKey", wanted, "key"),
            Key::Broken => return Priced::Broken,
            Key::Nothing => match label.key(path.field("categoryLabel"), faults) {
                Key::Is(wanted) => (&self.by_label, "categoryLabel", wanted, "label"),
                Key::Broken => return Priced::Broken,
                Key::Nothing => return Priced::Nothing,
            },
        };
        match by.get(&wanted) {
            Some(index) => Priced::As(*index),
            None => {
                if !self.broken {
                    faults.add(path.field(field), format!("no category has the {called} \"{wanted}\""));
                }
                Priced::Broken
            }
        }
    }

    /// Whether a category is one of accessible seats.
    pub(super) fn accessible(&self, category: u16) -> bool {
        self.accessible.get(usize::from(category)).copied().unwrap_or(false)
    }
}

fn colour(color: &Leaf) -> String {
    match color {
        Leaf::Text(text) if is_colour(text) => text.clone(),
        _ => NEUTRAL_COLOUR.to_owned(),
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_hexadecimal_colour_is_one() {
        let text = |text: &str| Leaf::Text(text.to_owned());
        assert_eq!(colour(&text("#87A9CD")), "#87A9CD");
        for wrong in ["#87A", "87A9CD", "#87A9CG", "red", ""] {
            assert_eq!(colour(&text(wrong)), NEUTRAL_COLOUR);
        }
        assert_eq!(colour(&Leaf::Nothing), NEUTRAL_COLOUR);
    }
}
