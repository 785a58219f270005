//! Ids may be shortened to a prefix that only one of them has, where the server lists them.

use guichet_api::Client;

use crate::failure::{Failure, Kind};

/// Characters of a whole id.
const ID_CHARS: usize = 36;
/// More candidates than this are counted, not listed.
const CANDIDATES_MAX: usize = 10;

/// The id of a show.
pub(crate) async fn show(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let shows = client.shows().await?.value.shows;
    choose("show", given, shows.into_iter().map(|show| (show.show, show.name)))
}

/// The id of a venue.
pub(crate) async fn venue(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let venues = client.venues().await?.value.venues;
    choose("venue", given, venues.into_iter().map(|venue| (venue.venue, venue.name)))
}

/// The id of an API key.
pub(crate) async fn key(client: &Client, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let keys = client.keys().await?.value.keys;
    choose("API key", given, keys.into_iter().map(|key| (key.key, key.name)))
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
}
