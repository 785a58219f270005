//! Ids may be shortened to a prefix that only one of them has, where the server lists them.

use guichet_api::{Client, KeyFilter, OrderFilter, ShowFilter};
use guichet_core::domain::order::order_of_code;
use jiff::Timestamp;

use crate::failure::{Failure, Kind};

/// Characters of a whole id.
const ID_CHARS: usize = 36;
/// Hexadecimal digits of an id that are the time in milliseconds.
const TIME_DIGITS: usize = 12;
/// Orders that are looked at at once.
const ORDERS_A_PAGE: u32 = 500;
/// More candidates than this are counted, not listed.
const CANDIDATES_MAX: usize = 10;

/// The id of a show.
pub(crate) async fn show(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let shows = client.shows(&ShowFilter::default()).all().await?;
    choose("show", given, shows.into_iter().map(|show| (show.show, show.name)))
}

/// The id of a venue.
pub(crate) async fn venue(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let venues = client.venues().all().await?;
    choose("venue", given, venues.into_iter().map(|venue| (venue.venue, venue.name)))
}

/// The id of an API key.
pub(crate) async fn key(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let keys = client.keys(&KeyFilter::default()).all().await?;
    choose("API key", given, keys.into_iter().map(|key| (key.key, key.name)))
}

/// The id of an organiser, where one is named.
pub(crate) async fn organiser_if_any(client: &Client, given: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(given) = given.filter(|given| !is_whole(given)) else { return Ok(given.map(str::to_owned)) };
    let organisers = client.organisers().all().await?;
    choose("organiser", given, organisers.into_iter().map(|organiser| (organiser.organiser, organiser.name))).map(Some)
}

/// The name of an order as the server takes it: an id, or a short code. A prefix of an id says when the order was placed, to the
/// digits that it has, and only that time is looked through.
pub(crate) async fn order(client: &Client, given: &str) -> Result<String, Failure> {
    let given = given.trim();
    if is_whole(given) || is_code(given) {
        return Ok(given.to_owned());
    }
    let Some((placed_from, placed_before)) = placed_within(given) else { return choose("order", given, std::iter::empty()) };
    let within = OrderFilter { placed_from, placed_before, ..OrderFilter::default() };
    let mut pages = client.orders(&within).pages(ORDERS_A_PAGE);
    let (mut found, wanted) = (Vec::new(), given.to_ascii_lowercase());
    while found.len() <= CANDIDATES_MAX
        && let Some(orders) = pages.next().await?
    {
        found.extend(orders.into_iter().map(|order| (order.order, order.code)).filter(|(id, _)| id.starts_with(&wanted)));
    }
    choose("order", given, found.into_iter())
}

/// Whether a text is the short code of an order. None lives in partition 0, so a prefix of an id, which begins with a 0, is no code.
fn is_code(given: &str) -> bool {
    order_of_code(given).is_some_and(|(partition, _)| partition > 0)
}

/// From when, inclusive, until when, exclusive, the orders were placed whose ids begin like this; a second more on both sides.
fn placed_within(prefix: &str) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let digits: String = prefix.chars().filter(|letter| *letter != '-').take(TIME_DIGITS).collect();
    if digits.is_empty() || !prefix.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit()) {
        return None;
    }
    let at = |fill: char, beyond: i64| {
        let ms = i64::from_str_radix(&format!("{digits}{}", String::from(fill).repeat(TIME_DIGITS - digits.len())), 16).ok()?;
        Timestamp::from_millisecond(ms.saturating_add(beyond)).ok()
    };
    Some((Some(at('0', -1_000)?), at('f', 1_000)))
}

fn is_whole(given: &str) -> bool {
    given.len() >= ID_CHARS
}

fn choose(what: &str, given: &str, all: impl Iterator<Item = (String, String)>) -> Result<String, Failure> {
    let wanted = given.to_ascii_lowercase();
    let mut found: Vec<(String, String)> = all.filter(|(id, _)| !wanted.is_empty() && id.starts_with(&wanted)).collect();
    if found.len() > 1 {
        let more = found.len().saturating_sub(CANDIDATES_MAX);
        let failure = Failure::usage(format!("{} {what}s begin with \"{given}\"", found.len()));
        let failure = found.iter().take(CANDIDATES_MAX).fold(failure, |failure, (id, name)| failure.hint(format!("{id}  {name}")));
        return Err(if more > 0 { failure.hint(format!("and {more} more")) } else { failure });
    }
    let missing = || {
        Failure::new(Kind::NotFound, format!("no {what} begins with \"{given}\""))
            .hint(format!("`guichet {} list` shows them all", verb(what)))
    };
    found.pop().map(|(id, _)| id).ok_or_else(missing)
}

fn verb(what: &str) -> &str {
    if what == "API key" { "key" } else { what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(given: &str) -> Result<String, Failure> {
        let ids = [("019a-1", "first"), ("019a-2", "second"), ("019b-1", "third")];
        choose("show", given, ids.into_iter().map(|(id, name)| (id.to_owned(), name.to_owned())))
    }

    #[test]
    fn one_candidate_is_it_and_several_are_none() {
        assert_eq!(among("019B").unwrap(), "019b-1");
        assert!(among("019a").unwrap_err().to_string().contains("2 shows begin with"));
        assert!(among("019c").is_err());
        assert!(among("").is_err());
    }

    #[test]
    fn a_prefix_of_an_id_is_a_time() {
        let (from, before) = placed_within("019a5b0e-7c").unwrap();
        let (from, before) = (from.unwrap().as_millisecond(), before.unwrap().as_millisecond());
        assert_eq!((from, before), (0x019a_5b0e_7c00 - 1_000, 0x019a_5b0e_7cff + 1_000));
        assert!(placed_within("goal").is_none() && placed_within("").is_none() && placed_within("ffff").is_none());
        assert!(!is_code("019a5b0e") && !is_code("019A5B0") && is_code("1ABCDEFG"));
    }
}
