//! QR codes of ticket codes: on a terminal, as SVG, as PNG.
//!
//! Must never be true: a drawing that decodes to anything but the code, or that has no quiet zone: on a door at night that is a
//! guest who does not get in.

use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder, QRCode};

use crate::failure::Failure;

/// Light modules around the code, as the standard wants them.
const QUIET: usize = 4;
/// Pixels of a module's side in a PNG. One bit for a pixel makes a module a byte of each row.
const SCALE: usize = 8;
/// Black on white from the palette of 256, which themes leave alone: the same on dark and light terminals.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The QR code of a text.
pub(crate) struct Qr {
    code: Box<QRCode>,
}

impl Qr {
    /// Error correction M: a ticket is read from a screen or good paper, and a smaller code is read faster. A ticket code is upper case
    /// letters and digits, which the encoder packs densely.
    ///
    /// # Errors
    /// When the text is too long for any QR code.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let code = QRBuilder::new(text).ecl(ECL::M).build()?;
        Ok(Self { code: Box::new(code) })
    }

    /// Modules of a side, the quiet zone included.
    fn side(&self) -> usize {
        self.code.size + 2 * QUIET
    }

    /// Whether a module is dark, counted from the corner of the quiet zone; all around is light.
    fn dark(&self, x: usize, y: usize) -> bool {
        let within = QUIET..QUIET + self.code.size;
        within.contains(&x) && within.contains(&y) && self.code[y - QUIET][x - QUIET].value()
    }

    /// Two rows of modules in each line, as half blocks. Without colours the dark modules are ink.
    pub(crate) fn terminal(&self, colours: bool) -> String {
        let (before, after) = if colours { (BLACK_ON_WHITE, PLAIN) } else { ("", "") };
        let mut text = String::new();
        for y in (0..self.side()).step_by(2) {
            text.push_str(before);
            text.extend((0..self.side()).map(|x| match (self.dark(x, y), self.dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }));
            text.push_str(after);
            text.push('\n');
        }
        text
    }

    /// As SVG, without a size of its own.
    pub(crate) fn svg(&self) -> String {
        SvgBuilder::default().margin(QUIET).to_str(&self.code)
    }

    /// As PNG, one bit for a pixel.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub(crate) fn png(&self) -> Result<Vec<u8>, Failure> {
        let side = u32::try_from(self.side() * SCALE)?;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let row = |y: usize| (0..self.side()).map(move |x| if self.dark(x, y) { 0x00 } else { 0xff });
        let pixels: Vec<u8> = (0..self.side()).flat_map(|y| std::iter::repeat_with(move || row(y)).take(SCALE).flatten()).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::{TicketId, TicketSigner};

    use super::*;

    fn code() -> String {
        TicketSigner::new(&[7; 32]).code(TicketId::from_bits(0x019a_5b0e_7c00_7000_8001_0000_0000_0001))
    }

    /// What a decoder that is not of the drawer's house reads, and the code's version and level.
    fn decode(grid: &[Vec<bool>]) -> (String, usize, u16) {
        const PIXELS: usize = 3;
        let (width, height) = (grid[0].len() * PIXELS, grid.len() * PIXELS);
        let grey = |x: usize, y: usize| if grid[y / PIXELS][x / PIXELS] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        let found = image.detect_grids();
        assert_eq!(found.len(), 1);
        let (meta, text) = found[0].decode().unwrap();
        (text, meta.version.0, meta.ecc_level)
    }

    /// Half blocks back to modules; every line must have its colours if there are to be any.
    fn modules(drawn: &str, colours: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawn.lines() {
            let line = if colours { line.strip_prefix(BLACK_ON_WHITE).unwrap().strip_suffix(PLAIN).unwrap() } else { line };
            rows.push(line.chars().map(|c| matches!(c, '█' | '▀')).collect());
            rows.push(line.chars().map(|c| matches!(c, '█' | '▄')).collect());
        }
        rows
    }

    fn quiet_zone_of(grid: &[Vec<bool>]) -> usize {
        let rows = grid.iter().take_while(|row| !row.contains(&true)).count();
        let last_rows = grid.iter().rev().take_while(|row| !row.contains(&true)).count();
        let column = |x: usize| grid.iter().any(|row| row[x]);
        let columns = (0..grid[0].len()).take_while(|x| !column(*x)).count();
        let last_columns = (0..grid[0].len()).rev().take_while(|x| !column(*x)).count();
        rows.min(last_rows).min(columns).min(last_columns)
    }

    #[test]
    fn a_ticket_code_is_packed_as_letters_and_digits_with_correction_m() {
        let qr = Qr::of(&code()).unwrap();
        assert_eq!(qr.code.mode, Some(fast_qr::Mode::Alphanumeric));
        let (text, version, level) = decode(&modules(&qr.terminal(false), false));
        // As bytes it would be a version larger. The standard numbers M as 0.
        assert_eq!((text, version, level), (code(), 6, 0));
    }

    #[test]
    fn a_terminal_shows_the_code_with_and_without_colours() {
        let qr = Qr::of(&code()).unwrap();
        for colours in [true, false] {
            let grid = modules(&qr.terminal(colours), colours);
            assert_eq!(decode(&grid).0, code());
            assert_eq!(quiet_zone_of(&grid), 4);
        }
    }

    #[test]
    fn a_png_decodes_to_the_code() {
        let bytes = Qr::of(&code()).unwrap().png().unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height, frame.color_type), (392, 392, png::ColorType::Grayscale));
        let grid: Vec<Vec<bool>> = pixels.chunks(392).map(|row| row.iter().map(|pixel| *pixel == 0).collect()).collect();
        assert_eq!(decode(&grid).0, code());
        assert_eq!(quiet_zone_of(&grid), 4 * 8);
    }

    #[test]
    fn an_svg_has_a_square_for_each_dark_module() {
        let svg = Qr::of(&code()).unwrap().svg();
        assert!(svg.starts_with("<svg viewBox=\"0 0 49 49\"") && svg.ends_with("</svg>"), "{svg}");
        let mut grid = vec![vec![false; 49]; 49];
        for square in svg.split_once("<path d=\"").unwrap().1.split_once('"').unwrap().0.split('M').skip(1) {
            let (at, outline) = square.split_once('h').unwrap();
            assert_eq!(outline, "1v1h-1");
            let (x, y) = at.split_once(',').unwrap();
            grid[y.parse::<usize>().unwrap()][x.parse::<usize>().unwrap()] = true;
        }
        assert_eq!(decode(&grid).0, code());
        assert_eq!(quiet_zone_of(&grid), 4);
    }
}
