//! Money for people: `45.00 EUR`; and as people give it: `4500` minor units, as prices are given, or `45.00`.

use std::str::FromStr;

use guichet_api::Money;

/// Currencies whose minor unit is not a hundredth, with the digits that it has (ISO 4217).
const DIGITS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Digits of a currency's minor unit.
pub(crate) fn digits(currency: &str) -> u32 {
    DIGITS.iter().find(|(code, _)| *code == currency).map_or(2, |(_, digits)| *digits)
}

/// Minor units, of the digits before and after the decimal point. `None` when there is more than the minor unit, or too much.
pub(crate) fn minor(whole: &str, fraction: &str, currency: &str) -> Option<i64> {
    let digits = digits(currency) as usize;
    let (fraction, beyond) = fraction.split_at_checked(digits).unwrap_or((fraction, ""));
    if !beyond.bytes().all(|digit| digit == b'0') {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

/// An amount on the command line. Which currency it is in is known later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    whole: String,
    /// The digits behind the decimal point; without a point the amount is in minor units.
    fraction: Option<String>,
    currency: Option<String>,
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not an amount; amounts look like 4500, in cents or whatever the minor unit is, or 45.00");
        let (number, currency) = match text.trim().split_once(char::is_whitespace) {
            Some((number, currency)) => (number, Some(currency.trim().to_ascii_uppercase())),
            None => (text.trim(), None),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !fraction.is_none_or(is_number) {
            return Err(wrong());
        }
        Ok(Self { whole: whole.to_owned(), fraction: fraction.map(str::to_owned), currency })
    }
}

impl Amount {
    /// The amount in a currency.
    pub(crate) fn of(&self, currency: &str) -> Result<Money, String> {
        if let Some(other) = self.currency.as_ref().filter(|other| *other != currency) {
            return Err(format!("the amount is in {other}, this is in {currency}"));
        }
        let amount_minor = match &self.fraction {
            None => self.whole.parse().ok(),
            // All digits or none: 45.5 may be meant as anything.
            Some(fraction) if fraction.len() != digits(currency) as usize => None,
            Some(fraction) => minor(&self.whole, fraction, currency),
        };
        let amount_minor = amount_minor.ok_or_else(|| format!("{currency} has {} digits behind the point", digits(currency)))?;
        Ok(Money::new(amount_minor, currency))
    }
}

/// An amount as people write it.
pub(crate) fn readable(money: &Money) -> String {
    let digits = digits(&money.currency);
    let (sign, minor) = (if money.amount_minor < 0 { "-" } else { "" }, money.amount_minor.unsigned_abs());
    let unit = 10_u64.pow(digits);
    if digits == 0 {
        return format!("{sign}{minor} {}", money.currency);
    }
    format!("{sign}{}.{:0width$} {}", minor / unit, minor % unit, money.currency, width = digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_digits() {
        let cases = [
            (4_500, "EUR", "45.00 EUR"),
            (5, "EUR", "0.05 EUR"),
            (-105, "EUR", "-1.05 EUR"),
            (4_500, "JPY", "4500 JPY"),
            (1_234, "KWD", "1.234 KWD"),
        ];
        for (minor, currency, text) in cases {
            assert_eq!(readable(&Money::new(minor, currency)), text);
        }
    }

    #[test]
    fn an_amount_is_minor_units_or_has_every_digit_of_its_currency() {
        let read =
            |text: &str, currency: &str| text.parse::<Amount>().and_then(|amount| amount.of(currency)).map(|money| money.amount_minor);
        for (text, currency, minor) in
            [("4500", "EUR", 4_500), ("45.00", "EUR", 4_500), ("45.00 eur", "EUR", 4_500), ("4500", "JPY", 4_500), ("1.234", "KWD", 1_234)]
        {
            assert_eq!(read(text, currency), Ok(minor), "{text} {currency}");
        }
        for (text, currency) in
            [("45.5", "EUR"), ("45.000", "EUR"), ("45.00", "JPY"), ("45.00 USD", "EUR"), ("-5", "EUR"), ("4,5", "EUR"), (".5", "EUR")]
        {
            assert!(read(text, currency).is_err(), "{text} {currency}");
        }
    }
}
