//! A range of seats: `Stand 3-A-1..10` is ten label paths, from `Stand 3-A-1` to `Stand 3-A-10`.

/// Most seats of one range: a row is shorter, and a misspelt number is longer.
const SEATS_MAX: u64 = 1_000;

/// The label paths that an argument means: itself, or every one of a range.
pub(super) fn expand(text: &str) -> Result<Vec<String>, String> {
    let Some((first, last)) = text.split_once("..") else { return Ok(vec![text.to_owned()]) };
    let wrong = |what: &str| format!("\"{text}\" is no range of a row: {what}; one looks like Stand 3-A-1..10");
    let row = first.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let from = &first[row.len()..];
    if from.is_empty() {
        return Err(wrong("the label path before the dots does not end in a number"));
    }
    if last.is_empty() || !last.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(wrong("behind the dots stands no number"));
    }
    // `01..10` are 01, 02, ...; `1..10` are 1, 2, ...; of `01..9` nobody knows how the last one is written.
    let width = if from.starts_with('0') && from.len() > 1 { from.len() } else { 0 };
    if width > 0 && last.len() != width {
        return Err(wrong("the two numbers are written with different digits"));
    }
    if width == 0 && last.len() > 1 && last.starts_with('0') {
        return Err(wrong("the two numbers are written with different digits"));
    }
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong("a number is too large"));
    let (from, to) = (number(from)?, number(last)?);
    if to < from {
        return Err(wrong("it ends before it begins"));
    }
    if to - from >= SEATS_MAX {
        return Err(wrong(&format!("it has more than {SEATS_MAX} seats")));
    }
    Ok((from..=to).map(|seat| format!("{row}{seat:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_every_seat_of_it() {
        assert_eq!(expand("Stand 3-A-9..11").unwrap(), ["Stand 3-A-9", "Stand 3-A-10", "Stand 3-A-11"]);
        assert_eq!(expand("A-08..10").unwrap(), ["A-08", "A-09", "A-10"]);
        assert_eq!(expand("A-5..5").unwrap(), ["A-5"]);
        assert_eq!(expand("Stand 3-A-9").unwrap(), ["Stand 3-A-9"]);
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        for text in ["A..5", "A-1..", "A-1..B", "A-1..A-5", "A-5..1", "A-01..9", "A-1..05", "A-1..2000", "..5", "A-1..2..3"] {
            assert!(expand(text).is_err(), "{text}");
        }
    }
}
