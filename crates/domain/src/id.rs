//! Ids: dense counters inside a partition, UUIDv7 at the edge, one and the same 128 bits.
//!
//! Layout (RFC 9562): 48 bits milliseconds, version, 12 bits incarnation of the directory, variant, then 62 bits that hold the
//! partition (14) and a counter of that partition (48). So an id names its partition, sorts by time, and needs no randomness; it
//! can be guessed, therefore it grants nothing: a hold is protected by its token, a ticket by its signature.

use std::fmt;
use std::str::FromStr;

/// How many partitions an id can name.
pub const PARTITIONS_MAX: u16 = 1 << 14;
const SEQUENCE_BITS: u32 = 48;
const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
const INCARNATION_MASK: u16 = 0x0fff;

/// What an id is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdParts {
    /// The partition that the thing lives in.
    pub partition: u16,
    /// Which life of the directory made it; a restore starts a new one.
    pub incarnation: u16,
    /// When it was made, logged time.
    pub created_at_unix_ms: u64,
    /// Its number inside the partition, counted from 1 for each kind.
    pub sequence: u64,
}

impl IdParts {
    fn pack(self) -> u128 {
        debug_assert!(self.partition < PARTITIONS_MAX && self.sequence <= SEQUENCE_MASK);
        let low = (0b10 << 62) | (u64::from(self.partition) << SEQUENCE_BITS) | (self.sequence & SEQUENCE_MASK);
        let high = (self.created_at_unix_ms << 16) | 0x7000 | u64::from(self.incarnation & INCARNATION_MASK);
        (u128::from(high) << 64) | u128::from(low)
    }

    #[allow(clippy::cast_possible_truncation, reason = "each part is cut out of its own bits")]
    fn unpack(bits: u128) -> Self {
        let (high, low) = ((bits >> 64) as u64, bits as u64);
        Self {
            partition: ((low >> SEQUENCE_BITS) as u16) & (PARTITIONS_MAX - 1),
            incarnation: (high as u16) & INCARNATION_MASK,
            created_at_unix_ms: high >> 16,
            sequence: low & SEQUENCE_MASK,
        }
    }
}

/// A text is not an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnId(pub String);

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not an id; ids look like 019a5b0e-7c00-7000-8001-000000000001", self.0)
    }
}

impl std::error::Error for NotAnId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Makes an id from its parts.
            #[must_use]
            pub fn new(parts: IdParts) -> Self {
                Self(parts.pack())
            }
            /// Takes an id apart.
            #[must_use]
            pub fn parts(self) -> IdParts {
                IdParts::unpack(self.0)
            }
            /// The partition that it lives in.
            #[must_use]
            pub fn partition(self) -> u16 {
                self.parts().partition
            }
            /// Its number inside the partition.
            #[must_use]
            pub fn sequence(self) -> u64 {
                self.parts().sequence
            }
            /// The id `steps` numbers later, made in the same instant.
            #[must_use]
            pub fn later(self, steps: u32) -> Self {
                let parts = self.parts();
                Self::new(IdParts { sequence: parts.sequence + u64::from(steps), ..parts })
            }
            /// All 128 bits.
            #[must_use]
            pub fn bits(self) -> u128 {
                self.0
            }
            /// From all 128 bits.
            #[must_use]
            pub fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&uuid::Uuid::from_u128(self.0).as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({}.{})", stringify!($name), self.partition(), self.sequence())
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = uuid::Uuid::try_parse(text).map_err(|_| NotAnId(text.to_owned()))?;
                if id.get_version_num() == 7 { Ok(Self(id.as_u128())) } else { Err(NotAnId(text.to_owned())) }
            }
        }
    )*};
}

ids! {
    /// Names a venue.
    VenueId
    /// Names a show.
    ShowId
    /// Names a hold.
    HoldId
    /// Names an order.
    OrderId
    /// Names a ticket.
    TicketId
    /// Names a saga.
    SagaId
    /// Names an API key (not its secret).
    ApiKeyId
    /// Names an organiser.
    OrganiserId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_the_text_form() {
        let parts = IdParts { partition: 16_383, incarnation: 0xabc, created_at_unix_ms: 1_795_000_000_123, sequence: 1 << 47 };
        let id = HoldId::new(parts);
        assert_eq!(id.to_string().parse::<HoldId>().unwrap().parts(), parts);
        assert_eq!(uuid::Uuid::from_u128(id.bits()).get_version_num(), 7);
    }

    #[test]
    fn ids_sort_by_time_then_number() {
        let id = |created_at_unix_ms, sequence| HoldId::new(IdParts { partition: 1, incarnation: 0, created_at_unix_ms, sequence });
        assert!(id(1, 9) < id(2, 1) && id(2, 1) < id(2, 2));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "x", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"] {
            assert!(text.parse::<HoldId>().is_err(), "{text}");
        }
    }
}
