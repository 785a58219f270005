//! The file as it is written: names of fields, in their order.

use crate::lenient::{Leaf, Leaves, List, Node, TextOr, object};

object!(Plan {
    format: Leaf,
    version: Leaf,
    name: Leaf,
    size: Node<Size>,
    focal_point: Node<Point>,
    categories: List<Category>,
    zones: List<Zone>,
    floors: Leaves,
    sections: List<Section>,
    rows: List<Row>,
    areas: List<Area>,
    shapes: List<Shape>,
});
object!(Size { width: Leaf, height: Leaf });
object!(Point { x: Leaf, y: Leaf });
object!(Category { name: Leaf, colour: Leaf });
object!(Zone { name: Leaf, focal_point: Node<Point> });
object!(Section { label: Leaf, zone: Leaf, entrance: Leaf });
object!(
    /// A line of seats, unless it says that it is a table or a booth.
    Row { label: Leaf, section: Leaf, floor: Leaf, table: Node<Table>, booth: Node<Booth>, seats: List<Seat> }
);
object!(
    /// With `whole`, all chairs are sold together.
    Table { x: Leaf, y: Leaf, whole: Leaf }
);
object!(Booth { people: Leaf });
object!(Seat {
    label: Leaf,
    x: Leaf,
    y: Leaf,
    category: Leaf,
    guid: Leaf,
    accessible: Leaf,
    companion: Leaf,
    restricted_view: Leaf,
    aisle_after: Leaf,
});
object!(Area { label: Leaf, capacity: Leaf, category: Leaf, outline: Node<Box<Shape>> });
object!(Shape {
    figure: TextOr<Box<Figure>>,
    x: Leaf,
    y: Leaf,
    rotation_deg: Leaf,
    fill: Leaf,
    border: Leaf,
    caption: Node<Box<Caption>>,
    floor: Leaf,
});
object!(
    /// Exactly one of them; words alone are `"text"` in place of an object.
    Figure { rectangle: Node<Size>, ellipse: Node<Radii>, polygon: Node<Polygon> }
);
object!(Radii { radius_x: Leaf, radius_y: Leaf });
object!(Polygon { points: List<Point> });
object!(Caption { text: Leaf, x: Leaf, y: Leaf, colour: Leaf, size: Leaf });
