//! A position: how far a reader of the journal has seen, as an opaque text `p<partition>.<offset>[,...]`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// For each partition named, the offset of the last record that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position(BTreeMap<u16, u64>);

impl Position {
    /// One partition.
    #[must_use]
    pub fn of(partition: u16, offset: u64) -> Self {
        Self(BTreeMap::from([(partition, offset)]))
    }

    /// Adds a partition, or moves it forward.
    pub fn include(&mut self, partition: u16, offset: u64) {
        let known = self.0.entry(partition).or_default();
        *known = (*known).max(offset);
    }

    /// The partitions with their offsets.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        self.0.iter().map(|(partition, offset)| (*partition, *offset))
    }

    /// The offset in one partition.
    #[must_use]
    pub fn offset(&self, partition: u16) -> Option<u64> {
        self.0.get(&partition).copied()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (partition, offset)) in self.iter().enumerate() {
            write!(f, "{}p{partition}.{offset}", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// A text is not a position.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a position; positions come from the Guichet-Position header and look like p1.4711")]
pub struct NotAPosition(String);

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let wrong = || NotAPosition(text.to_owned());
        let mut position = Self::default();
        for part in text.split(',') {
            let (partition, offset) = part.strip_prefix('p').and_then(|part| part.split_once('.')).ok_or_else(wrong)?;
            position.include(partition.parse().map_err(|_| wrong())?, offset.parse().map_err(|_| wrong())?);
        }
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["p0.0", "p1.4711", "p0.3,p2.18446744073709551615"] {
            assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        }
        for text in ["", "p1", "1.2", "p1.x", "p1.2,", "p70000.1"] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }
}
