//! Colours as plans write them, and as terminals take them.

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Stands in for a colour that is none, and is that of everything besides the seats.
    pub(crate) const NEUTRAL: Self = Self(0x80, 0x86, 0x8e);

    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self(red, green, blue))
    }

    /// As `#rrggbb`.
    pub(crate) fn hex(self) -> String {
        let Self(red, green, blue) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// The nearest of the 6 x 6 x 6 colours that terminals with 256 have from 16 on.
    pub(crate) fn indexed(self) -> u8 {
        // The steps of the cube are 0, 95, 135, 175, 215, 255.
        let step = |part: u8| if part < 48 { 0 } else { part.saturating_sub(35) / 40 }.max(u8::from(part >= 48));
        let Self(red, green, blue) = self;
        16 + 36 * step(red) + 6 * step(green) + step(blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_and_comes_back() {
        assert_eq!(Rgb::parse("#87A9cd").map(Rgb::hex).as_deref(), Some("#87a9cd"));
        for wrong in ["#87A", "87A9CD", "#87A9CG", "#+7A9CD", "red", "", "#é7A9C"] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_cube_has_black_white_and_what_is_between() {
        let seen = [Rgb(0, 0, 0), Rgb(255, 255, 255), Rgb(95, 135, 175), Rgb(48, 0, 0)].map(Rgb::indexed);
        assert_eq!(seen, [16, 231, 67, 52]);
    }
}
