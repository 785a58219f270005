//! A pretix plan as it stands in the file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::lenient::{Leaf, List, Node};

/// Fields that pretix does not know.
pub(super) type Unknown = BTreeMap<String, IgnoredAny>;

macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(super) struct $name {
            $(pub(super) $field: $kind,)*
            #[serde(flatten)]
            pub(super) unknown: Unknown,
        }
    };
}

object!(Plan { name: Leaf, zones: List<Zone>, categories: List<Category>, size: Node<Size> });
object!(Size { width: Leaf, height: Leaf });
object!(Category { name: Leaf, color: Leaf });
object!(Zone { name: Leaf, zone_id: Leaf, uuid: Leaf, position: Node<Point>, rows: List<Row>, areas: List<Area> });
object!(Row {
    row_number: Leaf,
    row_label: Leaf,
    seat_label: Leaf,
    uuid: Leaf,
    seats: List<Seat>,
    row_number_position: Leaf,
    position: Node<Point>,
});
object!(Seat {
    seat_guid: Leaf,
    seat_number: Leaf,
    uuid: Leaf,
    start_direction: Leaf,
    radius: Leaf,
    position: Node<Point>,
    category: Leaf,
});
object!(Area {
    color: Leaf,
    border_color: Leaf,
    rotation: Leaf,
    position: Node<Point>,
    uuid: Leaf,
    shape: Leaf,
    polygon: Node<Box<Polygon>>,
    rectangle: Node<Box<Size>>,
    ellipse: Node<Box<Ellipse>>,
    circle: Node<Box<Circle>>,
    text: Node<Box<Text>>,
});
object!(Polygon { points: List<Point> });
object!(Ellipse { radius: Node<Point> });
object!(Circle { radius: Leaf });
object!(Text { text: Leaf, color: Leaf, size: Leaf, position: Node<Point> });
object!(Point { x: Leaf, y: Leaf });
