//! What forms and colours mean, below the picture.

use guichet_domain::seating::Point;

use super::INK;
use super::figures;
use super::frame::Frame;
use super::markup::Markup;
use super::names::LETTER;
use super::seats::{self, Form};
use crate::colour::Rgb;
use crate::keys::{Key, Keys};
use crate::label::{self, COLUMNS_MAX};
use crate::scene::Scene;

/// From one line to the next, by the height of its letters.
const LINE: f64 = 1.8;
/// Room of a form before its words, by the height of the letters.
const FORM: f64 = 1.2;
/// Between two entries, by the height of the letters.
const BETWEEN: f64 = 1.5;

/// What stands before the words.
enum Mark {
    Seat(Key),
    Form(Form),
    RestrictedView,
    FocalPoint,
}

struct Entry {
    at: Point,
    mark: Mark,
    words: String,
}

/// The entries, each in its place.
pub(super) struct Legend {
    entries: Vec<Entry>,
    size: f64,
}

impl Legend {
    /// Makes room for the legend below the frame.
    pub(super) fn below(frame: &mut Frame, scene: &Scene<'_>, keys: &Keys<'_>) -> Self {
        let size = frame.name;
        let (mut x, mut y) = (size, frame.height + size * LINE / 2.0);
        let place = |(mark, words): (Mark, String)| {
            let width = (FORM + label::columns(&words) as f64 * LETTER + BETWEEN) * size;
            if x > size && x + width > frame.width {
                (x, y) = (size, y + size * LINE);
            }
            let at = Point { x, y };
            x += width;
            Entry { at, mark, words }
        };
        let entries: Vec<Entry> = entries(scene, keys).into_iter().map(place).collect();
        if !entries.is_empty() {
            frame.height = y + size * LINE / 2.0 + size;
        }
        Self { entries, size }
    }

    pub(super) fn draw(&self, markup: &mut Markup) {
        let radius = self.size * 0.4;
        for Entry { at, mark, words } in &self.entries {
            let middle = Point { x: at.x + radius, y: at.y };
            match mark {
                Mark::Seat(key) => {
                    seats::group(markup, key, radius);
                    seats::open(markup, Form::Seat, middle, radius);
                    markup.raw("/></g>\n");
                }
                Mark::Form(form) => {
                    seats::open(markup, *form, middle, radius);
                    markup.colour("fill", Rgb::NEUTRAL).raw("/>\n");
                }
                Mark::RestrictedView => {
                    seats::open(markup, Form::Seat, middle, radius);
                    markup.colour("fill", Rgb::NEUTRAL).raw("/>\n");
                    seats::strokes(markup, [middle].into_iter(), radius);
                }
                Mark::FocalPoint => figures::focal_point(markup, middle, radius),
            }
            markup.raw("<text").attribute("x", at.x + FORM * self.size).attribute("y", at.y + 0.35 * self.size);
            markup.attribute("font-size", self.size).raw(" fill=\"").raw(INK).raw("\">").text(words).raw("</text>\n");
        }
    }
}

fn entries(scene: &Scene<'_>, keys: &Keys<'_>) -> Vec<(Mark, String)> {
    let words = |name: &str, figure: String| format!("{} {figure}", label::shown(name, COLUMNS_MAX));
    let used = keys.iter().filter(|key| key.seats > 0);
    let mut entries: Vec<(Mark, String)> = used.map(|key| (Mark::Seat(key.clone()), words(&key.name, key.seats.to_string()))).collect();
    let spots = &scene.spots;
    if spots.iter().any(|spot| spot.accessible && !spot.booth) {
        entries.push((Mark::Form(Form::Accessible), "accessible".to_owned()));
    }
    if spots.iter().any(|spot| spot.booth) {
        entries.push((Mark::Form(Form::Booth), "sold as one".to_owned()));
    }
    if spots.iter().any(|spot| spot.restricted_view) {
        entries.push((Mark::RestrictedView, "restricted view".to_owned()));
    }
    for area in &scene.plan.areas {
        let key = keys.of_area(area.category).cloned().unwrap_or_else(Key::of_anything);
        entries.push((Mark::Seat(key), words(&area.label, format!("up to {}", area.capacity))));
    }
    if !scene.focal_points.is_empty() {
        entries.push((Mark::FocalPoint, "focal point".to_owned()));
    }
    entries
}
