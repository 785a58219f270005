//! The example charts, as they are and with faults put in.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod plans;

use std::path::Path;

use guichet_plans::{PlanErrors, ReadPlan, read_plan};
use serde_json::Value;

/// 8,897 seats in 131 rows of 4 sections, 2 zones.
pub(crate) const RACE_TRACK: &str = "race-track.json";
/// 71 seats in 13 rows of 2 sections.
pub(crate) const SECTIONS: &str = "sections.json";
/// 32 seats in 4 rows without sections, 2 areas.
pub(crate) const ROWS_AND_AREAS: &str = "rows-and-areas.json";

/// The bytes of an example.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    std::fs::read(data.join(name)).unwrap()
}

/// An example as JSON, to put faults in.
pub(crate) fn chart(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// Reads a chart from JSON.
pub(crate) fn read(chart: &Value) -> Result<ReadPlan, PlanErrors> {
    read_plan(chart.to_string().as_bytes())
}

/// Sets what a JSON pointer points at; fields are added.
pub(crate) fn set(chart: &mut Value, pointer: &str, value: impl Into<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = chart.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    match parent {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value.into(),
        parent => parent[name] = value.into(),
    }
}

/// Takes a field away.
pub(crate) fn remove(chart: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = chart.pointer_mut(parent).and_then(Value::as_object_mut);
    assert!(parent.unwrap().remove(name).is_some(), "no {pointer}");
}

/// The faults of a chart, one a line.
pub(crate) fn faults(chart: &Value) -> Vec<String> {
    read(chart).unwrap_err().faults().iter().map(ToString::to_string).collect()
}
