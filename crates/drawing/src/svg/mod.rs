//! A plan as an SVG that stands alone: no script, no style sheet, nothing from elsewhere.
//!
//! Must never be true: something of the plan stands in the text other than escaped by [`markup`]; colours and numbers are our own.

mod figures;
mod frame;
mod legend;
mod markup;
mod names;
mod seats;

use guichet_domain::seating::SeatingPlan;

use crate::By;
use crate::keys::Keys;
use crate::label::{self, COLUMNS_MAX};
use crate::scene::Scene;
use frame::Frame;
use markup::Markup;

/// Bytes of a seat, so that the text is not moved while it grows.
const SEAT_BYTES: usize = 100;

/// Colour of words and lines that are not the plan's.
const INK: &str = "#495057";

/// Draws a plan. Seats have tooltips with their label paths, and with their states if these are shown; a legend is below.
#[must_use]
pub fn svg(plan: &SeatingPlan, by: By<'_>) -> String {
    let scene = Scene::of(plan);
    let keys = Keys::of(&scene, by);
    let mut frame = Frame::of(&scene);
    let legend = legend::Legend::below(&mut frame, &scene, &keys);
    let mut markup = Markup::with_capacity(scene.spots.len() * SEAT_BYTES);
    markup.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" font-family=\"sans-serif\"");
    markup.raw(" viewBox=\"0 0 ").number(frame.width).raw(" ").number(frame.height).raw("\">\n<title>");
    markup.text(&label::shown(&plan.name, COLUMNS_MAX)).raw("</title>\n<rect");
    markup.attribute("width", frame.width).attribute("height", frame.height).raw(" fill=\"#fff\"/>\n");
    if keys.are_states() {
        seats::fillings(&mut markup);
    }
    figures::draw(&mut markup, &scene, &keys, &frame);
    seats::draw(&mut markup, &scene, &keys, &frame);
    names::draw(&mut markup, &scene, &frame);
    legend.draw(&mut markup);
    markup.raw("</svg>\n");
    markup.finish()
}
