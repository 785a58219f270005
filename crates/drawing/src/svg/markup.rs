//! Text that is XML, whatever it was made of.

use crate::colour::Rgb;

/// XML while it is written.
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Our own markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Anybody's text: markup in it is shown, not followed; what no XML may hold is replaced.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for sign in text.chars() {
            match sign {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\t' | '\n' => self.0.push(sign),
                '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(sign),
            }
        }
        self
    }

    /// A number with at most one decimal place.
    pub(super) fn number(&mut self, number: f64) -> &mut Self {
        #[allow(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let tenths = (number * 10.0).round() as i64;
        if tenths < 0 {
            self.0.push('-');
        }
        self.0.push_str(&(tenths.unsigned_abs() / 10).to_string());
        let tenth = tenths.unsigned_abs() % 10;
        if tenth != 0 {
            self.0.push('.');
            self.0.push_str(&tenth.to_string());
        }
        self
    }

    /// An attribute that is a number.
    pub(super) fn attribute(&mut self, name: &'static str, number: f64) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").number(number).raw("\"")
    }

    /// An attribute that is a colour.
    pub(super) fn colour(&mut self, name: &'static str, colour: Rgb) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"");
        self.0.push_str(&colour.hex());
        self.raw("\"")
    }
}
