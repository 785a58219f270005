//! Moments and durations as people write them.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A duration: `90s`, `10m`, `1h 30m`, `2d`. A day has 24 hours.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is not a duration; durations look like 90s, 10m, 1h30m or 2d");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(length).map_err(|_| wrong())
}

/// A moment: RFC 3339, or "in 2h".
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Some(after) = text.strip_prefix("in ") {
        let moment = Timestamp::now().checked_add(duration(after.trim())?).map_err(|error| error.to_string())?;
        // Nobody means the milliseconds.
        return Timestamp::from_second(moment.as_second()).map_err(|error| error.to_string());
    }
    text.parse().map_err(|_| format!("\"{text}\" is not a moment; moments look like 2027-05-01T20:00:00+02:00 or \"in 2h\""))
}

/// Whole seconds, a part of one counted as one.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("1h30m", 5_400), ("1h 30m", 5_400), ("2d", 172_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "10", "soon", "-5m", "1 month"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_absolute_or_from_now_on() {
        assert_eq!(moment("2027-05-01T20:00:00+02:00").unwrap().to_string(), "2027-05-01T18:00:00Z");
        let ahead = moment("in 2h").unwrap().duration_since(Timestamp::now());
        assert!((7_190..=7_200).contains(&ahead.as_secs()), "{ahead}");
        assert!(moment("tomorrow").is_err());
    }

    #[test]
    fn a_part_of_a_second_is_one() {
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(whole_seconds(Duration::from_secs(3)), 3);
    }
}
