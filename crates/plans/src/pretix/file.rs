//! A pretix plan as it stands in the file.

use crate::lenient::{Leaf, List, Node, object};

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
