//! The file as bytes: its bound, its format, its parse.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::PlanFormat;
use crate::faults::PlanErrors;
use crate::lenient::{Leaf, Node};
use crate::{own, pretix, seatsio};

/// Objects in one file. A seat is an object, and no venue has a million seats. What is kept of an object takes at most
/// [`OBJECT_BYTES_MAX`], so a hostile file of empty objects, three bytes each, costs some hundreds of megabytes and not a
/// hundred times its length. It also keeps every count far inside `u32`.
const OBJECTS_MAX: usize = 1_000_000;
const OBJECT_BYTES_MAX: usize = 768;
const _: () = assert!(OBJECTS_MAX < u32::MAX as usize);
const _: () = {
    let mut index = 0;
    while index < own::OBJECT_BYTES.len() {
        assert!(own::OBJECT_BYTES[index] <= OBJECT_BYTES_MAX);
        index += 1;
    }
    let mut index = 0;
    while index < seatsio::OBJECT_BYTES.len() {
        assert!(seatsio::OBJECT_BYTES[index] <= OBJECT_BYTES_MAX);
        index += 1;
    }
    let mut index = 0;
    while index < pretix::OBJECT_BYTES.len() {
        assert!(pretix::OBJECT_BYTES[index] <= OBJECT_BYTES_MAX);
        index += 1;
    }
};

/// The fields by which the formats are told apart. A text `format` is ours; `subChart` is in every seats.io chart; a
/// list of `zones` is in every pretix plan, and only there without either.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Marks {
    format: Leaf,
    version: Leaf,
    sub_chart: Leaf,
    zones: Leaf,
}

/// Tells the format of a file.
pub(crate) fn format(bytes: &[u8]) -> Result<PlanFormat, PlanErrors> {
    // Braces in texts are counted too: no real label has millions.
    let objects = bytes.iter().filter(|byte| **byte == b'{').count();
    if objects > OBJECTS_MAX {
        let what = format!("holds {objects} objects; a plan is read up to {OBJECTS_MAX}");
        return Err(PlanErrors::one("document", what));
    }
    let Node::Is(marks) = parse::<Node<Marks>>(bytes)? else {
        return Err(unrecognised("is not a JSON object"));
    };
    match (&marks.format, &marks.sub_chart) {
        (Leaf::Text(format), _) if format == own::FORMAT => own::check_version(&marks.version).map(|()| PlanFormat::Guichet),
        (Leaf::Nothing, Leaf::Nothing) if marks.zones == Leaf::Wrong("a list") => Ok(PlanFormat::Pretix),
        (_, Leaf::Nothing) => Err(unrecognised("is of no known format")),
        _ => Ok(PlanFormat::SeatsIo),
    }
}

fn unrecognised(what: &str) -> PlanErrors {
    let what = format!(
        "{what}; understood are Guichet plans (\"format\": \"{}\", \"version\": {}), seats.io charts (an object with \"subChart\") \
         and pretix plans (an object with a list of \"zones\")",
        own::FORMAT,
        own::VERSION,
    );
    PlanErrors::one("document", what)
}

/// Parses JSON; what is wrong with it has a line and a column.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PlanErrors> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_data() { error.to_string() } else { format!("is not JSON: {error}") };
        PlanErrors::one("document", what)
    })
}
