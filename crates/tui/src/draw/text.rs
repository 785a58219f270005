//! Numbers and names as texts of a width.

use jiff::Timestamp;
use ratatui::text::Span;

/// Cells that a text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// A text of exactly so many cells; what was cut ends in `…`.
pub(super) fn fit(text: &str, cells: usize) -> String {
    let mut fitted = text.to_owned();
    if width(&fitted) > cells {
        while width(&fitted) + 1 > cells && fitted.pop().is_some() {}
        fitted.push_str(if cells > 0 { "…" } else { "" });
    }
    let missing = cells.saturating_sub(width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// A text at the right end of so many cells.
pub(super) fn right(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(width(text))))
}

/// `1,234,567`
pub(super) fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So much per second: `0`, `0.4`, `12.3`, `1,234`.
pub(super) fn pace(per_second: f64) -> String {
    match per_second.abs() {
        zero if zero < 0.05 => "0".to_owned(),
        // Below a hundred a tenth counts.
        small if small < 99.95 => format!("{per_second:.1}"),
        large => format!("{}{}", if per_second < 0.0 { "-" } else { "" }, count(large.round() as u64)),
    }
}

/// `45 s`, `12 min`, `3 h`, `2 d`: as exact as anyone would say it.
pub(super) fn duration(seconds: f64) -> String {
    let units = [("s", 1.0, 90.0), ("min", 60.0, 90.0 * 60.0), ("h", 3_600.0, 48.0 * 3_600.0)];
    match units.iter().find(|(_, _, below_s)| seconds < *below_s) {
        Some((unit, unit_s, _)) => format!("{:.0} {unit}", seconds / unit_s),
        None if seconds < 1_000.0 * 86_400.0 => format!("{:.0} d", seconds / 86_400.0),
        None => "years".to_owned(),
    }
}

/// `12:00:00`
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// A line of numbers, a cell each: as high as the highest, and anything above zero can be seen.
pub(super) fn spark(numbers: &[u64]) -> String {
    const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = numbers.iter().copied().max().unwrap_or(0).max(1);
    let height = |number: &u64| ((*number as f64 / highest as f64) * 8.0).ceil() as usize;
    numbers.iter().map(|number| HEIGHTS[height(number).min(8)]).collect()
}

/// A bar of so many cells, cut into parts of these sizes. Only the last part may take more cells than it has: a bar that looks full is.
pub(super) fn bar<const PARTS: usize>(sizes: [u32; PARTS], cells: usize) -> [usize; PARTS] {
    let total: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let (mut before, mut ended) = (0, 0);
    sizes.map(|size| {
        before += u64::from(size);
        let end = (cells as u64 * before).checked_div(total).unwrap_or(0) as usize;
        let taken = end - ended;
        ended = end;
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_width() {
        for (text, cells, expected) in
            [("abc", 5, "abc  "), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日… "), ("abc", 0, ""), ("ab", 2, "ab")]
        {
            assert_eq!((fit(text, cells).as_str(), width(&fit(text, cells))), (expected, cells), "{text} in {cells}");
        }
        assert_eq!(right("12", 4), "  12");
    }

    #[test]
    fn numbers_are_as_long_as_they_need_to_be() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(count(number as u64), text);
        }
        for (number, text) in [(0.0, "0"), (0.04, "0"), (0.4, "0.4"), (12.34, "12.3"), (99.99, "100"), (1_234.4, "1,234"), (-2.0, "-2.0")] {
            assert_eq!(pace(number), text);
        }
        for (seconds, text) in [(0.2, "0 s"), (89.0, "89 s"), (90.0, "2 min"), (5_400.0, "2 h"), (200_000.0, "2 d"), (1e12, "years")] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn a_line_shows_whatever_is_not_zero() {
        assert_eq!(spark(&[0, 1, 500, 1_000]), " ▁▄█");
        assert_eq!(spark(&[0, 0]), "  ");
        assert_eq!(spark(&[u64::MAX, 1]), "█▁");
    }

    #[test]
    fn a_bar_is_filled_and_looks_full_only_when_it_is() {
        assert_eq!(bar([5, 3, 2], 10), [5, 3, 2]);
        assert_eq!(bar([8_896, 0, 1], 20), [19, 0, 1]);
        assert_eq!(bar([8_897, 0, 0], 20), [20, 0, 0]);
        assert_eq!(bar([0, 0, 0], 20), [0, 0, 0]);
        assert_eq!(bar([u32::MAX, u32::MAX, u32::MAX], 9), [3, 3, 3]);
    }
}
