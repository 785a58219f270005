//! Labels of plans, made safe to show in cells.

use unicode_width::UnicodeWidthChar;

/// Longest label that is shown, in columns.
pub(crate) const COLUMNS_MAX: usize = 48;

/// How many columns a sign takes: 1 or 2; `None` for what does not take any, or does something else to a terminal.
pub(crate) fn columns_of(sign: char) -> Option<usize> {
    sign.width().filter(|width| (1..=2).contains(width))
}

/// How many columns a shown text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().filter_map(columns_of).sum()
}

/// What can be shown of a label, up to so many columns; the end says that something is missing.
pub(crate) fn shown(label: &str, columns_max: usize) -> String {
    let (mut text, mut taken) = (String::new(), 0);
    // A label may be megabytes long; nobody looks further than this.
    for sign in label.trim().chars().take(4 * COLUMNS_MAX) {
        // White space of any kind is one blank: a line break has no width, and words must not run together.
        let sign = if sign.is_whitespace() { ' ' } else { sign };
        let Some(width) = columns_of(sign) else { continue };
        if taken + width > columns_max {
            while taken >= columns_max.max(1) {
                taken -= text.pop().and_then(columns_of).unwrap_or(taken);
            }
            if columns_max > 0 {
                text.push('…');
            }
            break;
        }
        text.push(sign);
        taken += width;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_turns_a_line_around_is_shown() {
        assert_eq!(shown("\u{1b}[31mRow\u{7}\u{202e}\u{200b}\n1\u{9b}2", 20), "[31mRow 12");
    }

    #[test]
    fn a_long_label_ends_with_a_sign_of_it() {
        assert_eq!(shown("Goal Stand", 10), "Goal Stand");
        assert_eq!(shown("Goal Stand", 6), "Goal …");
        assert_eq!(shown("席席席", 5), "席席…");
        assert_eq!((shown("ab", 1).as_str(), shown("ab", 0).as_str()), ("…", ""));
        assert_eq!(columns("席a"), 3);
    }
}
