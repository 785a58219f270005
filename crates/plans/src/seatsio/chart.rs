//! A seats.io chart as it stands in the file: the fields that we use, in the file's own names.
//!
//! There is no published schema. The names were learnt from real charts of versions 17, 19 and 21. Every other field is
//! ignored: a chart carries a designer's whole state, and new versions add to it. Lists of other names are counted by `unread`.

use serde::Deserialize;

use crate::lenient::{Leaf, List, Node};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Chart {
    pub(super) name: Leaf,
    pub(super) categories: Node<Categories>,
    pub(super) zones: Node<Zones>,
    pub(super) sub_chart: Node<SubChart<Section>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Categories {
    pub(super) list: List<Category>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Category {
    /// A number in most charts, a text in some.
    pub(super) key: Leaf,
    pub(super) label: Leaf,
    pub(super) color: Leaf,
    pub(super) accessible: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Zones {
    pub(super) list: List<Zone>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Zone {
    pub(super) key: Leaf,
    pub(super) label: Leaf,
    pub(super) focal_point: Node<Point>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Point {
    pub(super) x: Leaf,
    pub(super) y: Leaf,
}

/// The whole venue, whose sections are [`Section`]s, or the inside of a section, whose sections are [`Nested`]. Two types
/// instead of one that holds itself: a file cannot make the reader recurse.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
pub(super) struct SubChart<S> {
    pub(super) rows: List<Row>,
    pub(super) general_admission_areas: List<Area>,
    pub(super) tables: List<Table>,
    pub(super) booths: List<Booth>,
    pub(super) shapes: List<Shape>,
    pub(super) texts: List<Text>,
    pub(super) icons: List<Text>,
    pub(super) sections: List<S>,
    pub(super) focal_point: Node<Point>,
    pub(super) floor_name: Leaf,
}

impl<S> Default for SubChart<S> {
    fn default() -> Self {
        Self {
            rows: List::default(),
            general_admission_areas: List::default(),
            tables: List::default(),
            booths: List::default(),
            shapes: List::default(),
            texts: List::default(),
            icons: List::default(),
            sections: List::default(),
            focal_point: Node::Nothing,
            floor_name: Leaf::Nothing,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Section {
    pub(super) label: Leaf,
    /// Key of its zone.
    pub(super) zone: Leaf,
    pub(super) entrance: Leaf,
    pub(super) published: Leaf,
    pub(super) category_key: Leaf,
    pub(super) category_label: Leaf,
    pub(super) top_left: Node<Point>,
    /// Boxed: a section without an inside then takes little, see the bound on objects in `document`.
    pub(super) sub_chart: Node<Box<SubChart<Nested>>>,
}

/// A section inside a section: no chart has one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Nested {}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) label: Leaf,
    /// Of a row outside every section: what stands before its label nevertheless.
    pub(super) section_label: Leaf,
    pub(super) seats: List<Seat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Seat {
    pub(super) label: Leaf,
    pub(super) x: Leaf,
    pub(super) y: Leaf,
    pub(super) category_key: Leaf,
    pub(super) category_label: Leaf,
    pub(super) accessible: Leaf,
    pub(super) companion_seat: Leaf,
    pub(super) restricted_view: Leaf,
    pub(super) disabled_by_social_distancing_rules: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Area {
    pub(super) label: Leaf,
    pub(super) capacity: Leaf,
    pub(super) category_key: Leaf,
    pub(super) category_label: Leaf,
    pub(super) book_as_a_whole: Leaf,
    pub(super) center: Node<Box<Point>>,
    pub(super) width: Leaf,
    pub(super) height: Leaf,
    pub(super) radius1: Leaf,
    pub(super) radius2: Leaf,
    pub(super) rotation_angle: Leaf,
    pub(super) points: List<Point>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Table {
    pub(super) label: Leaf,
    pub(super) center: Node<Box<Point>>,
    pub(super) seats: List<Seat>,
    pub(super) category_key: Leaf,
    pub(super) category_label: Leaf,
    pub(super) book_as_a_whole: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Booth {
    pub(super) label: Leaf,
    pub(super) center: Node<Box<Point>>,
    pub(super) points: List<Point>,
    pub(super) category_key: Leaf,
    pub(super) category_label: Leaf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Shape {
    pub(super) label: Leaf,
    pub(super) label_size: Leaf,
    pub(super) label_horizontal_offset: Leaf,
    pub(super) label_vertical_offset: Leaf,
    pub(super) fill_color: Leaf,
    pub(super) stroke_color: Leaf,
    pub(super) center: Node<Box<Point>>,
    pub(super) width: Leaf,
    pub(super) height: Leaf,
    pub(super) radius1: Leaf,
    pub(super) radius2: Leaf,
    pub(super) rotation_angle: Leaf,
    pub(super) points: List<Point>,
}

/// A text or an icon.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Text {
    pub(super) text: Leaf,
    pub(super) icon: Leaf,
    pub(super) center: Node<Box<Point>>,
    pub(super) rotation_angle: Leaf,
    pub(super) font_size: Leaf,
    pub(super) text_color: Leaf,
}
