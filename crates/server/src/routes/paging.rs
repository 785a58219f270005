//! Lists that are in memory, page by page, in the order in which their things were made.

use std::str::FromStr;

use crate::failure::Failure;

/// Things on a page that asks for no number.
pub(super) const PAGE_DEFAULT: usize = 50;
/// Most things on a page.
pub(super) const PAGE_MAX: usize = 500;

/// The page after a cursor, and the cursor of the next one. Ids sort by time, so the cursor is the id of the last thing on the page.
pub(super) fn page<T, I: FromStr + Ord + Copy + ToString>(
    all: impl Iterator<Item = T>,
    id_of: impl Fn(&T) -> I,
    cursor: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    let malformed = |text| Failure::new("malformed_cursor", format!("\"{text}\" is not a cursor of this list."));
    let after = cursor.map(|text| text.parse::<I>().map_err(|_| malformed(text))).transpose()?;
    let mut rest = all.filter(|thing| after.is_none_or(|after| id_of(thing) > after));
    let things: Vec<T> = rest.by_ref().take(limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)).collect();
    let more = rest.next().is_some();
    let next = things.last().filter(|_| more).map(|last| id_of(last).to_string());
    Ok((things, next))
}
