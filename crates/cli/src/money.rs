//! Money for people: `45.00 EUR`.

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

/// An amount as people write it.
pub(crate) fn readable(money: &Money) -> String {
    let digits = DIGITS.iter().find(|(code, _)| *code == money.currency).map_or(2, |(_, digits)| *digits);
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
}
