//! Percentages at the edge: a number from 0 to 100 with at most two decimals, exact on the way in and out.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Hundredths in one percent.
const HUNDREDTHS: u16 = 100;
/// A whole, in hundredths of a percent.
const WHOLE: u16 = 100 * HUNDREDTHS;

/// A part of a price, kept in hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u16);

/// A text or a number is no percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a percentage from 0 to 100 with at most two decimals")]
pub struct NotAPercent(String);

impl Percent {
    /// From hundredths of a percent; what is more than the whole is the whole.
    #[must_use]
    pub fn from_basis_points(basis_points: u16) -> Self {
        Self(basis_points.min(WHOLE))
    }

    /// In hundredths of a percent.
    #[must_use]
    pub fn basis_points(self) -> u16 {
        self.0
    }

    fn from_number(number: f64) -> Result<Self, NotAPercent> {
        let refused = || NotAPercent(number.to_string());
        if !(0.0..=100.0).contains(&number) {
            return Err(refused());
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 10,000")]
        let percent = Self((number * f64::from(HUNDREDTHS)).round() as u16);
        // A number with at most two decimals is the nearest to its hundredths, and only such a one is.
        if percent.number() == number { Ok(percent) } else { Err(refused()) }
    }

    fn number(self) -> f64 {
        f64::from(self.0) / f64::from(HUNDREDTHS)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

impl FromStr for Percent {
    type Err = NotAPercent;

    fn from_str(text: &str) -> Result<Self, NotAPercent> {
        let number = text.trim().parse().map_err(|_| NotAPercent(format!("\"{text}\"")))?;
        Self::from_number(number)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(HUNDREDTHS) {
            serializer.serialize_u16(self.0 / HUNDREDTHS)
        } else {
            serializer.serialize_f64(self.number())
        }
    }
}

impl PartialSchema for Percent {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)).maximum(Some(100));
        number.description(Some("A percentage from 0 to 100 with at most two decimals.")).into()
    }
}

impl ToSchema for Percent {}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Percent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage from 0 to 100 with at most two decimals")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Percent, E> {
                let whole = u16::try_from(number).ok().filter(|number| *number <= WHOLE / HUNDREDTHS);
                whole.map(|number| Percent(number * HUNDREDTHS)).ok_or_else(|| E::custom(NotAPercent(number.to_string())))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Percent, E> {
                u64::try_from(number).map_err(|_| E::custom(NotAPercent(number.to_string()))).and_then(|number| self.visit_u64(number))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Percent, E> {
                Percent::from_number(number).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundredth_comes_back_as_the_number_that_it_is() {
        for basis_points in 0..=WHOLE {
            let percent = Percent::from_basis_points(basis_points);
            let text = serde_json::to_string(&percent).unwrap();
            assert_eq!(serde_json::from_str::<Percent>(&text).unwrap(), percent, "{text}");
            assert_eq!((percent.to_string().parse(), text.parse()), (Ok(percent), Ok(percent)));
        }
        assert_eq!(serde_json::to_string(&Percent::from_basis_points(5_000)).unwrap(), "50");
        assert_eq!(serde_json::to_string(&Percent::from_basis_points(3_333)).unwrap(), "33.33");
        assert_eq!(serde_json::from_str::<Percent>("33.3300").unwrap(), Percent::from_basis_points(3_333));
    }

    #[test]
    fn what_is_not_exact_or_not_a_part_is_refused() {
        for text in ["33.333", "0.001", "100.01", "101", "-1", "-0.5", "1e9", "\"50\"", "null"] {
            assert!(serde_json::from_str::<Percent>(text).is_err(), "{text}");
        }
        assert!("12.345".parse::<Percent>().is_err() && "NaN".parse::<Percent>().is_err() && "half".parse::<Percent>().is_err());
    }
}
