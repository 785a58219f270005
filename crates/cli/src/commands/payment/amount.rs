//! Amounts as banks write them: `1.234,56`, `1,234.56`, `1234.56`.
//!
//! What must never be true: an amount is guessed. `1.234` is a thousand to one bank and one and a bit to another: it is refused.

use guichet_api::Money;

use crate::money::minor;

/// An amount, its separators understood; what it is worth depends on the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Written {
    /// Reads it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let unreadable = || format!("\"{text}\" is not an amount");
        let compact: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let (negative, number) = match compact.strip_prefix(['-', '\u{2212}']).or_else(|| compact.strip_suffix('-')) {
            Some(number) => (true, number),
            None => (false, compact.strip_prefix('+').unwrap_or(&compact)),
        };
        if !number.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '\'' | '\u{2019}')) {
            return Err(unreadable());
        }
        // What Swiss banks put between thousands is nothing else anywhere.
        let apostrophes = number.contains(['\'', '\u{2019}']);
        let number = number.replace('\u{2019}', "'");
        let (dots, commas) = (number.matches('.').count(), number.matches(',').count());
        let (whole, fraction, group) = match (dots, commas) {
            (0, 0) => (number.as_str(), "", '\''),
            (_, 0) => Self::one_separator(&number, '.', dots, apostrophes).ok_or_else(|| ambiguous(text))?,
            (0, _) => Self::one_separator(&number, ',', commas, apostrophes).ok_or_else(|| ambiguous(text))?,
            // The last one is the decimal separator, the other stands between thousands.
            _ if apostrophes => return Err(unreadable()),
            _ if number.rfind('.') > number.rfind(',') => split_last(&number, '.', ','),
            _ => split_last(&number, ',', '.'),
        };
        let whole = ungrouped(whole, group).ok_or_else(unreadable)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(unreadable());
        }
        Ok(Self { negative, whole, fraction: fraction.to_owned() })
    }

    /// Whole part, fraction and what stands between thousands, of a number with one kind of separator. `None` if it may be either.
    fn one_separator(number: &str, separator: char, count: usize, apostrophes: bool) -> Option<(&str, &str, char)> {
        if count > 1 {
            return Some((number, "", separator));
        }
        let (whole, fraction) = number.split_once(separator)?;
        let could_be_thousands = !apostrophes && fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
        (!could_be_thousands).then_some((whole, fraction, '\''))
    }

    /// In a currency.
    pub(super) fn of(&self, currency: &str) -> Option<Money> {
        let amount_minor = minor(&self.whole, &self.fraction, currency)?;
        Some(Money::new(if self.negative { -amount_minor } else { amount_minor }, currency))
    }
}

fn ambiguous(text: &str) -> String {
    format!("\"{text}\" may be a thousand or a fraction")
}

fn split_last(number: &str, decimal: char, group: char) -> (&str, &str, char) {
    let (whole, fraction) = number.rsplit_once(decimal).unwrap_or((number, ""));
    (whole, fraction, group)
}

/// The digits, if what stands between them stands between thousands.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    let mut groups = whole.split(group);
    let first = groups.next()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if first.is_empty() || !digits(first) {
        return None;
    }
    let rest: Vec<&str> = groups.collect();
    if !rest.is_empty() && first.len() > 3 || !rest.iter().all(|group| group.len() == 3 && digits(group)) {
        return None;
    }
    Some(std::iter::once(first).chain(rest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(text: &str) -> Option<i64> {
        Written::read(text).ok()?.of("EUR").map(|money| money.amount_minor)
    }

    #[test]
    fn each_way_of_writing_is_read() {
        for text in ["1.234,56", "1,234.56", "1234.56", "1234,56", "1'234.56", "+1 234,56", "1234.560"] {
            assert_eq!(euros(text), Some(123_456), "{text}");
        }
        for (text, minor) in [("45", 4_500), ("45,5", 4_550), ("1.234.567", 123_456_700), ("1,234,567.8", 123_456_780), ("0,00", 0)] {
            assert_eq!(euros(text), Some(minor), "{text}");
        }
        assert_eq!((euros("-1.234,56"), euros("45.00-")), (Some(-123_456), Some(-4_500)));
        assert_eq!(Written::read("0.125").unwrap().of("KWD").unwrap().amount_minor, 125);
        assert_eq!(Written::read("1234.00").unwrap().of("JPY").unwrap().amount_minor, 1_234);
    }

    #[test]
    fn nothing_is_guessed() {
        for text in ["1.234", "1,234", "12.345", "999,999"] {
            assert!(Written::read(text).unwrap_err().contains("may be"), "{text}");
        }
        for text in
            ["", "-", "EUR 45", "12.34.56", "1.23,456.7", "1234,567.89", "1,23,456.00", "45.123", "4 5 x", "--5", ".5", "1.234,56,78"]
        {
            assert_eq!(euros(text), None, "{text}");
        }
    }
}
