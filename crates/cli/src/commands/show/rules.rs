//! The rules of a show on the command line and for people: fees of late cancellations, check-in lists.

use guichet_api::{CancellationFee, CheckInList, Percent, Show};
use jiff::Timestamp;

use crate::money::{Amount, readable};
use crate::when;

/// A fee as the flag has it: its currency comes from another flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FeeFlag {
    within_s: u64,
    price_percent: Percent,
    fixed: Option<Amount>,
}

impl FeeFlag {
    /// The fee in the show's currency.
    pub(super) fn of(&self, currency: &str) -> Result<CancellationFee, String> {
        let fixed = self.fixed.as_ref().map(|amount| amount.of(currency)).transpose()?;
        Ok(CancellationFee { within_s: self.within_s, price_percent: self.price_percent, fixed })
    }
}

/// `24h=50%`, `24h=50%+2.00` or `24h=2.00`.
pub(super) fn fee(text: &str) -> Result<FeeFlag, String> {
    let wrong = |what: &str| format!("{what}; a fee looks like 24h=50%, 24h=50%+2.00 or 24h=2.00");
    let (within, cost) = text.split_once('=').ok_or_else(|| wrong("there is no ="))?;
    let within_s = when::whole_seconds(when::duration(within.trim()).map_err(|error| wrong(&error))?);
    let (mut price_percent, mut fixed) = (None, None);
    for part in cost.split('+').map(str::trim) {
        match part.strip_suffix('%') {
            Some(percent) if price_percent.is_none() => price_percent = Some(percent.parse().map_err(|error| wrong(&format!("{error}")))?),
            None if fixed.is_none() => fixed = Some(part.parse().map_err(|error: String| wrong(&error))?),
            _ => return Err(wrong(&format!("\"{part}\" is one too many"))),
        }
    }
    Ok(FeeFlag { within_s, price_percent: price_percent.unwrap_or_default(), fixed })
}

/// `NAME`, for all products, or `NAME=PRODUCT,PRODUCT`.
pub(super) fn check_in_list(text: &str) -> Result<CheckInList, String> {
    let (name, products) = text.split_once('=').map_or((text, None), |(name, products)| (name, Some(products)));
    let products: Vec<String> = products.map(|list| list.split(',').map(|name| name.trim().to_owned()).collect()).unwrap_or_default();
    if name.trim().is_empty() || products.iter().any(String::is_empty) {
        return Err(format!("\"{text}\" is not a check-in list; one looks like NAME or NAME=PRODUCT,PRODUCT"));
    }
    Ok(CheckInList { name: name.trim().to_owned(), products })
}

/// What a fee keeps, for people.
pub(super) fn cost(fee: &CancellationFee) -> String {
    let percent = (fee.price_percent != Percent::default()).then(|| format!("{} % of each price", fee.price_percent));
    let fixed = fee.fixed.as_ref().filter(|fixed| fixed.amount_minor != 0).map(|fixed| format!("{} for each place", readable(fixed)));
    let kept: Vec<String> = percent.into_iter().chain(fixed).collect();
    if kept.is_empty() { "nothing".into() } else { kept.join(" and ") }
}

/// So many seconds, for people.
pub(super) fn seconds(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = units.into_iter().find(|(length, _)| seconds > 0 && seconds.is_multiple_of(*length));
    unit.map_or_else(|| format!("{seconds}s"), |(length, name)| format!("{}{name}", seconds / length))
}

/// What a show keeps of the prices of what is cancelled now.
pub(in crate::commands) fn fee_sentence(show: &Show, now: Timestamp) -> String {
    let left_ms = show.starts_at.map(|starts_at| starts_at.as_millisecond().saturating_sub(now.as_millisecond()));
    let applies =
        |fee: &&CancellationFee| left_ms.is_some_and(|left| left < i64::try_from(fee.within_s).unwrap_or(i64::MAX).saturating_mul(1_000));
    match show.cancellation_fees.iter().filter(applies).min_by_key(|fee| fee.within_s) {
        Some(fee) => format!("\"{}\" starts in less than {}: {} are kept", show.name, seconds(fee.within_s), cost(fee)),
        None => format!("\"{}\" keeps no fee now", show.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_a_part_an_amount_or_both() {
        let both = fee("24h=50%+2.00").unwrap().of("EUR").unwrap();
        assert_eq!((both.within_s, both.price_percent.basis_points()), (86_400, 5_000));
        assert_eq!((both.fixed.as_ref().unwrap().amount_minor, seconds(both.within_s).as_str()), (200, "1d"));
        assert_eq!(cost(&both), "50 % of each price and 2.00 EUR for each place");
        assert_eq!(fee("90m=33.33%").unwrap().of("EUR").unwrap().fixed, None);
        assert_eq!(fee("2d=200").unwrap().of("EUR").unwrap().fixed.unwrap().amount_minor, 200);
        assert!(fee("24h=2.00").unwrap().of("JPY").is_err());
        for text in ["24h", "soon=5%", "24h=", "24h=5%+6%", "24h=101%", "24h=1.00+2.00", "24h=5%+cheap"] {
            assert!(fee(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_check_in_list_is_for_some_products_or_for_all() {
        let list = check_in_list("main=Stalls, Standing").unwrap();
        assert_eq!((list.name.as_str(), list.products), ("main", vec!["Stalls".to_owned(), "Standing".to_owned()]));
        assert!(check_in_list("main").unwrap().products.is_empty());
        assert!(check_in_list("main=").is_err() && check_in_list("=Stalls").is_err());
    }
}
