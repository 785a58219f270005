//! A table keyed by an id's sequence number.
//!
//! Ids are counted, so a table of pages finds a value without hashing, and never has to be moved as a whole when it grows: a hash
//! table of two million holds stops its shard for more than a second when it doubles. Pages whose values have all gone are freed.

use std::collections::VecDeque;

/// Values of one page: large enough that pages cost little, small enough that a few survivors do not keep much memory.
const PAGE: u64 = 256;

#[derive(Clone, Debug)]
struct Page<V> {
    slots: Vec<Option<V>>,
    live: usize,
}

/// Values by number. Fast where numbers are given out in order and most values are young.
#[derive(Clone, Debug)]
pub struct Dense<V> {
    pages: VecDeque<Option<Page<V>>>,
    /// Number of the first page in `pages`.
    first: u64,
    len: usize,
}

impl<V> Default for Dense<V> {
    fn default() -> Self {
        Self { pages: VecDeque::new(), first: 0, len: 0 }
    }
}

impl<V: PartialEq> PartialEq for Dense<V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.values().eq(other.values())
    }
}

impl<V> Dense<V> {
    fn slot(&self, number: u64) -> Option<&Option<V>> {
        let page = usize::try_from((number / PAGE).checked_sub(self.first)?).ok()?;
        self.pages.get(page)?.as_ref()?.slots.get(index(number))
    }

    /// The value of a number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&V> {
        self.slot(number)?.as_ref()
    }

    /// The value of a number, to be changed.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut V> {
        let page = usize::try_from((number / PAGE).checked_sub(self.first)?).ok()?;
        self.pages.get_mut(page)?.as_mut()?.slots.get_mut(index(number))?.as_mut()
    }

    /// Sets the value of a number; gives the one before.
    pub fn insert(&mut self, number: u64, value: V) -> Option<V> {
        let wanted = number / PAGE;
        if self.pages.is_empty() {
            self.first = wanted;
        }
        while wanted < self.first {
            self.pages.push_front(None);
            self.first -= 1;
        }
        let page = usize::try_from(wanted - self.first).unwrap_or(usize::MAX);
        while self.pages.len() <= page {
            self.pages.push_back(None);
        }
        let page = self.pages[page].get_or_insert_with(|| Page { slots: (0..PAGE).map(|_| None).collect(), live: 0 });
        let before = page.slots[index(number)].replace(value);
        if before.is_none() {
            page.live += 1;
            self.len += 1;
        }
        before
    }

    /// Takes the value of a number out.
    pub fn remove(&mut self, number: u64) -> Option<V> {
        let at = usize::try_from((number / PAGE).checked_sub(self.first)?).ok()?;
        let page = self.pages.get_mut(at)?.as_mut()?;
        let value = page.slots.get_mut(index(number))?.take()?;
        page.live -= 1;
        self.len -= 1;
        if page.live == 0 {
            self.pages[at] = None;
            while matches!(self.pages.front(), Some(None)) {
                self.pages.pop_front();
                self.first += 1;
            }
        }
        Some(value)
    }

    /// All values, by ascending number.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.pages.iter().flatten().flat_map(|page| page.slots.iter().flatten())
    }

    /// All values, by ascending number, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.pages.iter_mut().flatten().flat_map(|page| page.slots.iter_mut().flatten())
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number % PAGE).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((0_u8..3, 0_u64..2_000, any::<u8>()), 0..300)) {
            let (mut dense, mut map) = (Dense::default(), BTreeMap::new());
            for (what, number, value) in steps {
                match what {
                    0 => prop_assert_eq!(dense.remove(number), map.remove(&number)),
                    1 => prop_assert_eq!(dense.get(number), map.get(&number)),
                    _ => prop_assert_eq!(dense.insert(number, value), map.insert(number, value)),
                }
                prop_assert_eq!(dense.len(), map.len());
            }
            prop_assert!(dense.values().eq(map.values()));
        }
    }

    #[test]
    fn what_has_gone_is_freed() {
        let mut dense = Dense::default();
        for number in 0..100_000 {
            dense.insert(number, number);
            if number >= 10 {
                dense.remove(number - 10);
            }
        }
        assert_eq!((dense.len(), dense.pages.len()), (10, 1));
    }
}
