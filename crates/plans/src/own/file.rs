//! The file as it is written: names of fields, and what may be left out.

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<Size>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) focal_point: Option<Point>,
    pub(super) categories: Vec<Category>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) zones: Vec<Zone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) floors: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sections: Vec<Section>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) areas: Vec<Area>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) shapes: Vec<Shape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub(super) name: String,
    pub(super) colour: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zone {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) focal_point: Option<Point>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub(super) label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entrance: Option<String>,
}

/// A line of seats, unless it says that it is a table or a booth.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) section: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) floor: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<Table>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) booth: Option<Booth>,
    pub(super) seats: Vec<Seat>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) x: f64,
    pub(super) y: f64,
    /// All chairs are sold together.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) whole: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Booth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) people: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seat {
    pub(super) label: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) category: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) guid: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) accessible: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) companion: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) restricted_view: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) aisle_after: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Area {
    pub(super) label: String,
    pub(super) capacity: u32,
    pub(super) category: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outline: Option<Shape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    pub(super) figure: Figure,
    pub(super) x: f64,
    pub(super) y: f64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) rotation_deg: f64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) fill: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) border: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<Caption>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) floor: Option<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Figure {
    Rectangle { width: f64, height: f64 },
    Ellipse { radius_x: f64, radius_y: f64 },
    Polygon { points: Vec<Point> },
    Text,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Caption {
    pub(super) text: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) x: f64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) y: f64,
    pub(super) colour: String,
    pub(super) size: f64,
}

// By reference: serde's `skip_serializing_if` asks for it.
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A negative zero is written: it must come back as it was.
fn is_zero(number: &f64) -> bool {
    number.to_bits() == 0
}
